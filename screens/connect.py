"""Connecting a mailbox: what it takes on one page, tried before anything is written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
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
    ("password", "password", ""),
    ("display_name", "sender's name", "whom customers see, such as: Larkspur Cycles"),
    ("imap", "mail comes from", "guessed from the address; HOST or HOST:PORT"),
    ("smtp", "mail goes to", "guessed from the address; HOST or HOST:PORT"),
    ("user", "login", "the address, unless it is another"),
    ("ca_file", "authority", "a PEM file, if the server's certificate needs one"),
)
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
            name: Entry(placeholder=hint, password=name == "password", id=f"field-{name.replace('_', '-')}")
            for name, _, hint in FIELDS
        }
        self.checks = LineView(self.inks, id="checks")
        self.checks.can_focus = False
        self._trying = False
        self._guessed_for = ""

    def compose(self) -> ComposeResult:
        yield TopBar(self.desk, self.inks, "connect a mailbox")
        with VerticalScroll(id="form", can_focus=False):
            for name, label, _ in FIELDS:
                with Horizontal(classes="field"):
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
        account = self._account()
        if "@" not in account.address or account.address == self._guessed_for:
            return
        self._guessed_for = account.address
        await asyncio.to_thread(account.complete)
        for name in ("imap", "smtp"):
            if not self.entries[name].value:
                self.entries[name].put(getattr(account, name))

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
            await asyncio.to_thread(account.complete)
            password = self.entries["password"].value
            checks = await self.desk.client.connect_account(account.name, "email", account.table(), password or None)
        except ValueError as error:
            self.desk.say(str(error), "bad")
            return
        finally:
            self._trying = False
        self._show(checks)
        if any(check.status == "failed" for check in checks):
            self.desk.say("not connected, nothing was stored: change what is wrong and try again", "bad")
        else:
            self.desk.say(f"{account.address} is connected; its mail is on its way in", "good")
            self.desk.feed.everything()
            self.dismiss()

    def _show(self, checks: list[Check]) -> None:
        width = max(self.checks.size.width - 4, 20)
        lines: list[Line] = []
        for check in checks:
            glyph, ink = GLYPHS[check.status]
            first = True
            for part in wrap(one_line(f"{check.what}: {check.message}"), width):
                lines.append(Line(((f" {glyph} " if first else "   ", ink), (part, "text"))))
                first = False
            if check.hint and check.status != "ok":
                lines += [Line((("   ", "text"), (part, "dim"))) for part in wrap(one_line(check.hint), width)]
        self.checks.show(lines, top=0)
