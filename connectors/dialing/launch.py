"""Calling by a program of the rep's machine: a command, or whatever the desktop has for `tel:` and `sip:` links.

Such a program tells nothing of the call. So it stays `dialling` until the rep says that it is over.
In `desk.toml`:

    [dialers.phone]
    dialer = "launch"
    command = ["linphonec", "--call", "{uri}"]
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Literal

from msgspec import Struct

from connectors.base import Account, Permanent, SecretSource, SendError, Temporary, Uncertain
from connectors.dialing import numbers, settings
from connectors.dialing.base import Attempt, Progress
from connectors.dialing.live import Dialing, LiveCall, line
from connectors.options import settled
from desk.model import Check

_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "fish", "csh", "tcsh", "cmd.exe", "powershell", "pwsh"})
_CHECK_SECONDS = 5.0
_OPENER_SAYS = {3: "a program it needs is missing", 4: "the program it chose failed"}
"""Exit codes of xdg-open(1)."""


class LaunchSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be told of launching."""

    command: tuple[str, ...] = ()
    """The program and its arguments, with `{number}` or `{uri}` in them. Default: the desktop's own for such links."""
    link: Literal["tel", "sip"] = "tel"
    """What `{uri}` is."""
    host: str = ""
    """Of a `sip` link: the provider's name, as in `sip:+491701234567@sip.example.com`."""
    start_seconds: float = 3.0
    """A program that ends within this time with an error has failed; one that still runs was started."""

    @property
    def by_desktop(self) -> bool:
        return not self.command


def parse(account: Account) -> tuple[LaunchSettings | None, list[str]]:
    """The account's settings and what is wrong with them, as `option: what, and what to do`."""
    return settings.read(account, LaunchSettings, _meaning)


def _meaning(given: LaunchSettings) -> Iterator[str]:
    if given.command:
        if not any("{number}" in part or "{uri}" in part for part in given.command[1:]):
            yield 'command: the number is nowhere in it; write it like ["linphonec", "--call", "{uri}"]'
        if not given.command[0] or "{" in given.command[0]:
            yield "command: begin with the program's name"
        if PurePath(given.command[0]).name in _SHELLS and "-c" in given.command:
            yield "command: numbers are not handed to a shell; name the program itself, or a script of yours"
    if given.link == "sip" and not numbers.is_sip_template(f"sip:{{number}}@{given.host}"):
        yield 'host: a sip link needs one; write host = "sip.example.com"'
    yield from settings.seconds("start_seconds", given.start_seconds, 0.1, 60)


def opener() -> str:
    """The program that opens links as the desktop does."""
    return "open" if sys.platform == "darwin" else "xdg-open"


class LaunchDialer(Dialing):
    """Starts a program for each call, never through a shell, and hears nothing of it any more."""

    tells = False

    def __init__(self, account: Account) -> None:
        """Raises ConnectorError if the settings are not valid."""
        super().__init__(account)
        self._settings = settled(parse(account))

    def argv(self, number: str) -> list[str]:
        """What is started for a number."""
        given = self._settings
        uri = numbers.tel_uri(number) if given.link == "tel" else numbers.sip_uri(number, given.host)
        command = given.command or (opener(), "{uri}")
        return [part.replace("{number}", number).replace("{uri}", uri) for part in command]

    async def place(self, call: LiveCall) -> None:
        argv = self.argv(call.attempt.number)
        process = await asyncio.to_thread(_start, argv)
        code = await asyncio.to_thread(_ended, process, self._settings.start_seconds)
        if code:
            raise self._failed(argv[0], code)
        call.tell("dialling", f"handed to {argv[0]}; say what became of it")

    def _failed(self, program: str, code: int) -> SendError:
        """A command of the rep's may have dialled before it failed; what only opens links has not."""
        if self._settings.by_desktop:
            why = _OPENER_SAYS.get(code, "no word why") if program == "xdg-open" else "no word why"
            return Permanent(
                f"the desktop did not open the {self._settings.link}: link ({program}: {why}); "
                "install a softphone that takes such links, or set command"
            )
        return Uncertain(f"{program} ended with exit code {code}; look whether it dialled")

    async def hang_up(self, call: LiveCall) -> None:
        """The rep says that it is over; hanging up the phone itself is theirs."""
        call.wanted = None
        call.end("unknown", "over, as the rep says")

    async def became_of(self, attempt: Attempt) -> Progress | None:
        return None

    async def check(self) -> Sequence[Check]:
        """Whether the program is there, and the desktop has one for such links. Never raises."""
        program = self.argv("+10000000")[0]
        found = shutil.which(program)
        if found is None:
            hint = f"install {'xdg-utils, or set' if self._settings.by_desktop else 'it, or correct'} command"
            return [Check(what="program", status="failed", message=f"there is no program {program}", hint=hint)]
        checks = [Check(what="program", status="ok", message=f"calls are handed to {found}")]
        if self._settings.by_desktop and sys.platform != "darwin":
            checks.append(await _handler(self._settings.link))
        return checks


def _start(argv: list[str]) -> subprocess.Popen[bytes]:
    """Start it with nothing of ours in its hands: it may outlive Desk, with the rep speaking."""
    try:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
        raise Permanent(f"{argv[0]} cannot be started: {error.strerror}; correct command, or install it") from error
    except OSError as error:
        raise Temporary(f"{argv[0]} could not be started: {error.strerror or error}") from error


def _ended(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Its exit code; None if it still runs after that time. Then a thread of its own waits for it."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, name="softphone", daemon=True).start()
        return None


async def _handler(link: str) -> Check:
    """What the desktop has for such links (xdg-mime(1))."""
    what = f"{link}: links"
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        hint = "start Desk in a desktop session, or set command"
        return Check(what=what, status="warning", message="no desktop session is known here", hint=hint)
    name = await asyncio.to_thread(_asked, "xdg-mime", "query", "default", f"x-scheme-handler/{link}")
    if not name:
        hint = "install a softphone that takes them, or set command"
        return Check(what=what, status="failed", message=f"no program of the desktop takes {link}: links", hint=hint)
    return Check(what=what, status="ok", message=f"the desktop opens them with {name}")


def _asked(*argv: str) -> str:
    """What a program prints; nothing if it is not there or does not end."""
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_CHECK_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return line(done.stdout.decode("utf-8", "replace"))


class LaunchFactory:
    """What the entry point names."""

    name = "launch"
    needs_secret = False
    at_the_rep = True

    def validate(self, account: Account) -> list[str]:
        """What is wrong with the settings, as `option: what, and what to do`; empty if nothing."""
        return parse(account)[1]

    def open(self, account: Account, secret: SecretSource) -> LaunchDialer:
        """Raises `ConnectorError` if the settings are not valid."""
        return LaunchDialer(account)


factory = LaunchFactory()
