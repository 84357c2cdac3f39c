"""Desk line by line, for screen readers, braille and terminals that cannot place a cursor.

Nothing is drawn, moved or painted again: what was said stays where it was said, and what is new comes below. A line is
a command of `desk`; a number alone shows that conversation. The one that was shown last is meant when a command names
none.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from collections.abc import Callable
from pathlib import Path

import click

from desk.cli.commands import COMMANDS
from desk.cli.commands import run as run_command
from desk.cli.failures import Exit
from desk.model import ViewInfo

ABOUT_ONE = frozenset(
    {"show", "reply", "note", "claim", "assign", "resolve", "reopen", "snooze", "spam", "read", "tag"}
)
"""Commands that name a conversation first."""
WRITTEN = frozenset({"reply", "note"})
"""Commands that are given a text."""
NOT_HERE = frozenset({"serve", "connect"})
GREETING = "Desk, line by line. list, a conversation's number, reply, resolve, help, quit."
Say = Callable[[str], None]
Ask = Callable[[str], str]


class Linear:
    """One session. `ask` reads a line after a prompt and raises EOFError at the end; `say` writes one."""

    def __init__(self, workspace: Path, agent: str, *, ask: Ask = input, say: Say = click.echo) -> None:
        self._who = ["--workspace", str(workspace), "--agent", agent]
        self._workspace = workspace
        self._agent = agent
        self._ask = ask
        self._say = say
        self._here = ""
        """The number of the conversation shown last."""
        self._told = ""

    def run(self) -> int:
        """Read and do lines until there are no more, or one says quit. Returns the exit code."""
        self._say(GREETING)
        while True:
            self._tell_news()
            try:
                line = self._ask(f"desk {self._here}> " if self._here else "desk> ")
            except EOFError:
                return Exit.OK
            except KeyboardInterrupt:
                self._say("")
                continue
            if line.strip() in ("q", "quit", "exit"):
                return Exit.OK
            if line.strip():
                self._do(line)

    def _do(self, line: str) -> None:
        try:
            words = shlex.split(line.lstrip(" :"))
        except ValueError as error:
            self._say(f"the quotes do not match: {error}")
            return
        if not words:
            return
        if words[0].isdigit():
            words = ["show", *words]
        if words[0] in ("help", "?"):
            self._help()
        elif words[0] not in COMMANDS or words[0] in NOT_HERE:
            self._say(f"there is no {words[0]} here; help lists what there is")
        else:
            self._command(words)

    def _command(self, words: list[str]) -> None:
        name, *rest = words
        if name in ABOUT_ONE:
            if rest and rest[0].isdigit():
                self._here = rest[0]
            elif self._here:
                rest = [self._here, *rest]
        if name in WRITTEN and not {"--body", "--file", "--answer"} & {word.split("=")[0] for word in rest}:
            text = self._text()
            if not text:
                self._say("nothing was written")
                return
            rest += ["--body", text]
        with contextlib.suppress(KeyboardInterrupt):
            run_command([*self._who, name, *rest])

    def _text(self) -> str:
        self._say("Write it; a line with only a dot ends it, two dots give it up.")
        lines: list[str] = []
        while True:
            try:
                line = self._ask("")
            except (EOFError, KeyboardInterrupt):
                return ""
            if line == "..":
                return ""
            if line == ".":
                return "\n".join(lines).strip()
            lines.append(line)

    def _help(self) -> None:
        for name, (_, summary) in COMMANDS.items():
            if name not in NOT_HERE:
                self._say(f"{name}: {summary}")
        self._say("NAME --help tells more of one. A number shows that conversation. quit leaves.")

    def _tell_news(self) -> None:
        """What is unread, when it is something else than was told before."""
        from desk.client import Client, ClientError
        from desk.workspace import Workspace

        async def views() -> list[ViewInfo]:
            async with Client(Workspace(self._workspace).socket, self._agent) as client:
                return await client.views()

        try:
            found = {view.name: view for view in asyncio.run(views())}
        except ClientError:
            return
        told = [f"{found['open'].count} open"] if "open" in found else []
        told += [f"{found[name].unread} unread in {name}" for name in ("mine", "mentions") if found[name].unread]
        if (said := ", ".join(told)) != self._told:
            self._told = said
            self._say(said)


def open_linear(workspace: Path, agent: str) -> int:
    """Start the server if none runs, and read lines until the rep leaves."""
    from desk.launch import LaunchError, ensure_server
    from desk.workspace import Workspace

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - lines can be edited and brought back
    try:
        ensure_server(Workspace(workspace))
    except LaunchError as error:
        import sys

        sys.stderr.write(f"desk: {error}\n")
        return Exit.UNREACHABLE
    return Linear(workspace, agent).run()
