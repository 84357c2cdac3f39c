"""Do it, or not: what is about to happen is shown whole before anybody says yes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size

from desk.keymap import Context
from screens.base import Overlay
from screens.desk import Desk
from screens.sheet import SheetTitle
from screens.widgets.ink import Inks
from screens.widgets.lines import Line, LineView

Lines = Callable[[int], Sequence[Line]]


class _ConfirmView(LineView):
    context: Context = "confirm"

    def __init__(self, inks: Callable[[], Inks], make: Lines) -> None:
        super().__init__(inks, id="sheet-lines")
        self._make = make

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._make(width))

    def layout_lines(self, width: int) -> None:
        self.show(self._make(width))


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
            yield _ConfirmView(self.inks, self._make)
            yield self.key_line()

    def on_mount(self) -> None:
        self.query_one(_ConfirmView).focus()

    def do_yes(self) -> None:
        self.dismiss(True)

    def do_no(self) -> None:
        self.dismiss(False)

    def do_quit(self) -> None:
        self.dismiss(False)
