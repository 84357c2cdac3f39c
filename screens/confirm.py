"""Do it, or not: what is about to happen is shown whole before anybody says yes."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size

from desk.keymap import Context
from screens.base import Overlay
from screens.desk import Desk
from screens.sheet import Lines, SheetLines, SheetTitle
from screens.widgets.bars import KeyLine

AROUND = 4
"""Lines beside what is shown: the title, the keys, the frame."""


class _ConfirmLines(SheetLines):
    context: Context = "confirm"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.make(width))


class Confirm(Overlay[bool]):
    """Ends with True only if the rep said so by the key for it; neither enter nor a click does."""

    default_context: Context = "confirm"

    def __init__(self, desk: Desk, title: str, make: Lines) -> None:
        super().__init__(desk)
        self._title = title
        self._make = make

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, self._title)
            yield _ConfirmLines(self.inks, self._make)
            yield KeyLine(self.desk, self.inks, lambda: self.context, lambda action: action != "quit", self.word)

    def on_mount(self) -> None:
        """What was typed before this could be read answers nothing."""
        self.set_focus(self.query_one(_ConfirmLines))
        self.take_keys(drop=True)

    def on_resize(self) -> None:
        lines = self.query_one(_ConfirmLines)
        lines.styles.max_height = max(self.size.height * 9 // 10 - AROUND, 1)

    def do_yes(self) -> None:
        self.dismiss(True)

    def do_no(self) -> None:
        self.dismiss(False)

    def do_quit(self) -> None:
        self.dismiss(False)
