"""What somebody sees who opens Desk on a workspace with nothing in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip

from desk.keymap import Context
from screens.base import DeskScreen
from screens.desk import Desk
from screens.feed import Dirty
from screens.render import fit, shorten, strip
from screens.widgets.bars import StatusLine, TopBar, key_glyph
from screens.widgets.ink import Inks
from screens.widgets.lines import BLANK, Bar, Line
from screens.widgets.rowlist import ListSource, RowList


class Choice(NamedTuple):
    action: str
    title: str
    about: str


CHOICES = (
    Choice("connect", "Connect a mailbox", "mail stays there; answers go out through it"),
    Choice("import", "Import an archive", "mbox, Maildir, .eml files and folders of them"),
    Choice("sample", "Load the sample shop", "a bicycle shop with customers and troubles"),
)


class _Greeting(Bar):
    def __init__(self, desk: Desk, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="greeting")
        self.desk = desk

    def bar_lines(self, width: int) -> Sequence[Line]:
        where = self.desk.status.workspace if self.desk.status else ""
        return [
            Line((("  Welcome to Desk", "strong"),)),
            Line((("  tmux for customer support: close this terminal and mail keeps arriving", "dim"),)),
            BLANK,
            Line((("  This workspace is empty: ", "text"), (shorten(where, width - 28), "dim"))),
            Line((("  How do you want to begin?", "text"),)),
        ]


class WelcomeScreen(DeskScreen[None]):
    """Three ways to begin."""

    default_context: Context = "welcome"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, id="welcome")
        self.rows: RowList[Choice] = RowList(ListSource(list(CHOICES)), self._paint, self.inks, context="welcome")
        self.greeting = _Greeting(desk, self.inks)
        self._loading = False
        """The sample shop is not whole yet, and what there is to say of it not said."""

    def compose(self) -> ComposeResult:
        yield TopBar(self.desk, self.inks, "an empty workspace")
        with Vertical(id="welcome-box"):
            yield self.greeting
            yield self.rows
        yield StatusLine(self.desk, self.inks)
        yield self.key_line()

    def on_mount(self) -> None:
        self.rows.focus()
        self.set_interval(1.0, self.update_bars)

    def _paint(self, row: Choice, width: int, inks: Inks, on: str) -> Strip:
        key = key_glyph(self.desk.keymap.keys(row.action)[0])
        spans = (
            (" ▌" if on else "  ", "accent"),
            (f" {key} ", "key" if not on else "accent"),
            (f" {fit(row.title, 24)}", "strong"),
            (fit(row.about, max(width - 30, 0)), "dim"),
        )
        return strip([(text, inks(ink, on)) for text, ink in spans], width, inks("text", on))

    def do_open(self) -> None:
        row = self.rows.current
        if row is not None:
            self.perform(row.action)

    async def do_sample(self) -> None:
        from screens.importing import follow

        client, self._loading = self.desk.client, True
        self.desk.say("loading the sample shop …")
        try:
            await follow(self.desk, await client.load_sample(), "the sample shop")
            if page := await client.site():
                self.desk.say(f"chat with yourself from {page} in a browser", "good")
        finally:
            self._loading = False
        self._leave_if_begun()

    def on_row_list_chosen(self) -> None:
        self.do_open()

    async def absorb(self, dirty: Dirty) -> None:
        self.desk.status = await self.desk.client.status()
        self.greeting.update()
        self._leave_if_begun()

    def on_screen_resume(self) -> None:
        self._leave_if_begun()

    def _leave_if_begun(self) -> None:
        """Not with another screen on top: dismissing would close that one, and `is_current` is true beneath it too."""
        status = self.desk.status
        begun = status is not None and bool(status.conversations or status.accounts)
        if begun and not self._loading and self.app.screen is self:
            self.dismiss()
