"""Connecting a mailbox: what it takes on one page, tried before anything is written down."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll

from desk.accounts.mail import MailAccount
from desk.keymap import Context
from desk.model import Check
from screens.base import DeskScreen
from screens.desk import Desk
from screens.render import fit, one_line, wrap
from screens.widgets.bars import StatusLine, TopBar
from screens.widgets.entry import Entry
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line, LineView

FIELDS = (
    ("address", "address", "support@example.com"),
    ("password", "password", "goes into this machine's keyring, never into a file"),
    ("display_name", "sender's name", "whom customers see, such as: Larkspur Cycles"),
    ("imap", "IMAP server", "where mail comes from; guessed from the address"),
    ("smtp", "SMTP server", "where answers go out; guessed from the address"),
    ("user", "login", "if it is not the address"),
    ("ca_file", "CA file", "if the servers' certificates need one: a PEM file"),
)
_GROUPS = ("imap", "user")
"""Fields that begin a group."""
_SERVERS = ("imap", "smtp")
_WORDS = {
    "host": "the {} server's name",
    "port": "the {} port",
    "security": "the {} security (it stands behind the port: HOST:PORT starttls, or tls)",
    "user": "login",
    "ca_file": "the CA file",
}
"""What the settings are called here."""
_READABLE = 100
"""The most cells a line of findings has."""
GLYPHS = {"ok": ("✓", "good"), "warning": ("!", "warn"), "failed": ("✗", "bad")}


class _Label(Bar):
    def __init__(self, inks: Callable[[], Inks], text: str) -> None:
        super().__init__(inks, classes="form-label")
        self._text = text

    def bar_lines(self, width: int) -> Sequence[Line]:
        return [Line(((fit(self._text, width - 2, right=True) + "  ", "dim"),))]


class ConnectScreen(DeskScreen[None]):
    """A form; below it what worked and what did not, in plain words."""

    default_context: Context = "form"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, id="connect")
        self.entries = {
            name: Entry(
                placeholder=hint,
                password=name == "password",
                select_on_focus=True,
                id=f"field-{name.replace('_', '-')}",
            )
            for name, _, hint in FIELDS
        }
        self.checks = LineView(self.inks, id="checks")
        self.checks.can_focus = False
        self._found: Sequence[Check] = ()
        self._trying = False
        self._guessed_for = ""
        self._guessed: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        yield TopBar(self.desk, self.inks, "connect a mailbox")
        with VerticalScroll(id="form", can_focus=False):
            for name, label, _ in FIELDS:
                with Horizontal(classes="field -first" if name in _GROUPS else "field"):
                    yield _Label(self.inks, label)
                    yield self.entries[name]
        with Vertical(id="checks-box"):
            yield self.checks
        yield StatusLine(self.desk, self.inks)
        yield self.key_line()

    def on_mount(self) -> None:
        self.entries["address"].focus()
        self.desk.say("nothing is stored before everything works")

    def _move(self, by: int) -> None:
        names = [name for name, _, _ in FIELDS]
        at = next((i for i, name in enumerate(names) if self.entries[name] is self.focused), 0)
        if names[at] == "address" and by:
            self.start(self._guess(), group="guess", alone=True)
        self.entries[names[(at + by) % len(names)]].focus()

    def do_next_field(self) -> None:
        self._move(1)

    def do_previous_field(self) -> None:
        self._move(-1)

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        if event.input is self.entries[FIELDS[-1][0]]:
            self.perform("submit")
        else:
            self._move(1)

    def do_cancel(self) -> None:
        self.desk.hush()
        self.dismiss()

    # --- trying -------------------------------------------------------------------------------------------

    def _account(self) -> MailAccount:
        given: dict[str, Any] = {name: self.entries[name].value.strip() for name, _, _ in FIELDS if name != "password"}
        return MailAccount(**given)

    async def _guess(self) -> None:
        """Fill in the servers, unless somebody typed others than were guessed for an earlier address."""
        account = self._account()
        if "@" not in account.address or account.address == self._guessed_for:
            return
        self._guessed_for = account.address
        for name in _SERVERS:
            if getattr(account, name) == self._guessed.get(name):
                setattr(account, name, "")
        await asyncio.to_thread(account.complete)
        for name in _SERVERS:
            if self.entries[name].value.strip() in ("", self._guessed.get(name)):
                self._guessed[name] = getattr(account, name)
                self.entries[name].put(self._guessed[name])

    async def do_submit(self) -> None:
        account = self._account()
        if account.address.count("@") != 1:
            self.desk.say("which mailbox? give its address, such as support@example.com", "bad")
            self.entries["address"].focus()
            return
        if self._trying:
            return
        self._trying = True
        self.desk.say(f"trying {account.address}…")
        try:
            await self._guess()
            self._show(await self._try(self._account()))
        except ValueError as error:
            self.desk.say(str(error), "bad")
        finally:
            self._trying = False

    async def _try(self, account: MailAccount) -> list[Check]:
        """What was found; connected if nothing failed. Raises ValueError for what cannot be a server."""
        taken = {each.name: each.address for each in await self.desk.client.accounts()}
        await asyncio.to_thread(account.complete, taken)
        password = self.entries["password"].value
        return await self.desk.client.connect_account(account.name, "email", account.table(), password or None)

    def _show(self, checks: Sequence[Check]) -> None:
        """Leave if all is well. What went wrong, or has to be known, stays to be read."""
        self._found = checks
        self._list()
        address = self._account().address
        if failed := [check for check in checks if check.status == "failed"]:
            self.entries[_at_fault(failed[0])].focus()
            self.desk.say("not connected, nothing was stored: change what is wrong and try again", "bad")
            return
        self.desk.feed.everything()
        if any(check.status == "warning" for check in checks):
            self.desk.say(f"{address} is connected; read what stands above, esc goes on")
        else:
            self.desk.say(f"{address} is connected; its mail is on its way in", "good")
            self.dismiss()

    def on_resize(self) -> None:
        self._list()

    def _list(self) -> None:
        width = min(max(self.checks.size.width - 4, 20), _READABLE)
        told = dict.fromkeys(
            (check.status, _here(f"{check.what}: {check.message}"), _here(check.hint))
            for check in sorted(self._found, key=lambda check: check.status == "ok")
        )
        self.checks.show([line for finding in told for line in _finding(*finding, width)], top=0)


def _finding(status: str, message: str, hint: str, width: int) -> Iterator[Line]:
    glyph, ink = GLYPHS[status]
    for number, part in enumerate(wrap(message, width)):
        yield Line((("   " if number else f" {glyph} ", ink), (part, "text")))
    if hint and status != "ok":
        yield from (Line((("   ", "text"), (part, "dim"))) for part in wrap(hint, width))


_OPTION = re.compile(r"\b(imap|smtp)\.(host|port|security|user|ca_file)\b")


def _at_fault(check: Check) -> str:
    """The field where a failed check is probably put right."""
    if option := _OPTION.match(check.message) or _OPTION.search(check.hint):
        return option[2] if option[2] in ("user", "ca_file") else option[1]
    if check.what.endswith("login"):
        return "password"
    return next((name for name in _SERVERS if check.what.startswith(name)), "address")


def _here(text: str) -> str:
    """A finding in the words of this form, not of desk.toml."""
    said = _OPTION.sub(lambda option: _WORDS[option[2]].format(option[1].upper()), text)
    return one_line(said.replace("correct it in desk.toml", "correct it above"))
