"""A screen to read something long on, and to find words in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from desk.keymap import Context
from screens.base import DeskScreen, Overlay
from screens.desk import Desk
from screens.sheet import SheetTitle
from screens.widgets.bars import StatusLine
from screens.widgets.ink import Inks
from screens.widgets.lines import Line, LineView

Lines = Callable[[int], Sequence[Line]]


class PagerView(LineView):
    """The lines, in which words can be found."""

    context: Context = "pager"

    def __init__(self, inks: Callable[[], Inks], make: Lines) -> None:
        super().__init__(inks, id="sheet-lines")
        self._make = make

    def layout_lines(self, width: int) -> None:
        self.found = None
        self.show(self._make(width))

    def find(self, text: str, by: int) -> bool:
        """Go to the next line (`by` 1) or the one before (-1) that has the text, beyond the ends too."""
        start = self.found if self.found is not None else self.top - (by > 0)
        for step in range(1, self.count + 1):
            index = (start + by * step) % self.count
            if text in "".join(part for part, _ in self._lines[index].spans).casefold():
                self.found = index
                if not self.top <= index < self.top + self.size.height:
                    self.go(index - self.size.height // 3)
                self.refresh()
                return True
        return False


class Pager(Overlay[str | None]):
    """Lines to read. Ends with None, or with the name of an action that is to be carried out instead."""

    default_context: Context = "pager"

    def __init__(
        self, desk: Desk, title: str, make: Lines, *, whole: bool = True, leads_to: Sequence[str] = ()
    ) -> None:
        """`whole`: on all of the screen. `leads_to`: the actions it may end with."""
        super().__init__(desk)
        self._title = title
        self._leads_to = leads_to
        self._wanted = ""
        self.view = PagerView(self.inks, make)
        self.set_class(whole, "-whole")

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, self._title)
            yield self.view
            yield StatusLine(self.desk, self.inks)
            yield self.key_line()

    def on_mount(self) -> None:
        self.set_focus(self.view)
        self.take_keys()

    def can(self, action: str) -> bool:
        if action in ("split", "move", "save-source"):
            return action in self._leads_to
        if action in ("find-next", "find-previous"):
            return bool(self._wanted)
        return super().can(action)

    async def do_find_text(self, argument: str | None = None) -> None:
        wanted = argument or await self.ask("find", self._wanted)
        if wanted and wanted.strip():
            self._wanted = wanted.strip().casefold()
            self._find(1)

    def do_find_next(self) -> None:
        self._find(1)

    def do_find_previous(self) -> None:
        self._find(-1)

    def _find(self, by: int) -> None:
        if not self.view.find(self._wanted, by):
            self.desk.say(f"{self._wanted} does not stand here", "bad")
        self.update_bars()

    def do_split(self) -> None:
        self._lead_to("split")

    def do_move(self) -> None:
        self._lead_to("move")

    def do_save_source(self) -> None:
        self._lead_to("save-source")

    def _lead_to(self, action: str) -> None:
        behind = self.app.screen_stack[-2]
        if self.desk.keymap.action(action).typed and isinstance(behind, DeskScreen):
            behind.hold_keys()
        self.dismiss(action)

    def do_back(self) -> None:
        if not self.desk.hush():
            self.dismiss(None)

    def do_quit(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)
