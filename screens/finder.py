"""Finding one of several: a line to type into, and below it a list of what it finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from desk.keymap import Context
from screens.base import Overlay
from screens.desk import Desk
from screens.widgets.entry import Entry
from screens.widgets.rowlist import ListSource, Painter, RowList

Row = TypeVar("Row")
Result = TypeVar("Result")


class Scrolled(Protocol):
    """What moves by the movements of the keymap."""

    def act(self, action: str, count: int | None = None) -> bool: ...


class Choosing:
    """The actions that move through `choices` while the cursor stays in the line that is typed into."""

    choices: Scrolled

    def do_next_choice(self) -> None:
        self.choices.act("down")

    def do_previous_choice(self) -> None:
        self.choices.act("up")

    def do_next_choices(self) -> None:
        self.choices.act("page-down")

    def do_previous_choices(self) -> None:
        self.choices.act("page-up")


class Finder(Choosing, Overlay[Result | None], Generic[Row, Result]):
    """Ends with what the chosen row stands for, or None. Enter where nothing is found does nothing."""

    default_context: Context = "finder"

    def __init__(
        self,
        desk: Desk,
        paint: Painter[Row],
        *,
        hint: str,
        empty: str = "",
        rows: list[Row] | None = None,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        """`hint` stands in the empty line, `empty` in the empty list; `moved` is told of another row at the cursor."""
        super().__init__(desk)
        self.source: ListSource[Row] = ListSource(rows)
        self.list: RowList[Row] = RowList(self.source, paint, self.inks, context="finder", empty=empty, moved=moved)
        self.list.can_focus = False
        self.choices = self.list
        self.entry = Entry(placeholder=hint)

    def on_mount(self) -> None:
        self.set_focus(self.entry)
        self.take_keys()

    # --- what a finder is for -----------------------------------------------------------------------------

    def typed(self, text: str) -> None:
        """Find what is meant by that."""
        raise NotImplementedError

    def result(self, row: Row) -> Result:
        """What the screen ends with when that row is chosen."""
        raise NotImplementedError

    # --- how it goes --------------------------------------------------------------------------------------

    def show(self, rows: list[Row]) -> None:
        """These are found; the first is the best."""
        self.source.rows = rows
        self.list.cursor = self.list.top = 0
        self.list.repaint()

    def choose(self) -> None:
        """Take the row the cursor is on, if there is any."""
        if self.list.current is not None:
            self.end(self.result(self.list.current))

    def end(self, result: Result | None) -> None:
        """Close, with what was chosen or None."""
        self.dismiss(result)

    def on_input_changed(self, event: Entry.Changed) -> None:
        event.stop()
        self.typed(event.value.strip())

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        self.submitted(event.value.strip())

    def submitted(self, text: str) -> None:
        """Enter was pressed."""
        self.choose()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.choose()

    def do_cancel(self) -> None:
        self.end(None)
