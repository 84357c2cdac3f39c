"""A list of any length that costs what is on the screen, and nothing that is not.

It keeps its own first line instead of scrolling a virtual size: moving through 100,000 rows lays nothing out
again, and a line that was painted before is not painted twice. Rows come from a `Source`, which may say "not here
yet"; a placeholder stands in until it is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import chain
from typing import Generic, Protocol, TypeVar

from textual import events
from textual.cache import LRUCache
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from desk.keymap import Context
from screens.render import strip
from screens.widgets.ink import Inks
from screens.widgets.lines import WHEEL_LINES, Painted, destination

Row = TypeVar("Row")
RowIn = TypeVar("RowIn", contravariant=True)
RowOut = TypeVar("RowOut", covariant=True)


class Source(Protocol[RowOut]):
    """Where the rows are."""

    @property
    def total(self) -> int: ...

    def row(self, index: int) -> RowOut | None:
        """The row, or None if it is not here yet."""
        ...

    def near(self, first: int, last: int, ahead: int) -> None:
        """Rows `first` to `last` are on the screen, and the cursor moves in the direction of `ahead` (-1, 0, 1)."""
        ...


class Painter(Protocol[RowIn]):
    """Paints one row: exactly `width` cells, on the ink `on` ('' for rows without the cursor)."""

    def __call__(self, row: RowIn, width: int, inks: Inks, on: str) -> Strip: ...


class ListSource(Generic[Row]):
    """Rows that are all here."""

    def __init__(self, rows: list[Row] | None = None) -> None:
        self.rows = rows or []

    @property
    def total(self) -> int:
        return len(self.rows)

    def row(self, index: int) -> Row | None:
        return self.rows[index] if 0 <= index < len(self.rows) else None

    def near(self, first: int, last: int, ahead: int) -> None:
        pass


class RowList(Painted, Generic[Row], can_focus=True):
    """A list with a cursor, one line a row."""

    @dataclass
    class Chosen(Message):
        """A row was clicked while the cursor was on it."""

        rows: RowList[object]
        index: int

        @property
        def control(self) -> RowList[object]:
            return self.rows

    def __init__(
        self,
        source: Source[Row],
        painter: Painter[Row],
        inks: Callable[[], Inks],
        *,
        context: Context = "list",
        empty: str = "",
        moved: Callable[[], None] = lambda: None,
        look: Callable[[Row], Hashable] = lambda row: None,
        stops: Callable[[Row], bool] = lambda row: True,
        id: str | None = None,
    ) -> None:
        """`moved` is called when the cursor stands on another row, or on another version of the same.

        `look` says what the painter goes by beside the row itself; `stops` on which rows the cursor may stand: it
        passes headings.
        """
        super().__init__(inks, id=id)
        self.source = source
        self.painter = painter
        self.context: Context = context
        self.empty = empty
        """What is said when there is no row."""
        self.moved = moved
        self.look = look
        self.stops = stops
        self.cursor = 0
        self.top = 0
        self._strips: LRUCache[tuple[Row, Hashable, int, str], Strip] = LRUCache(1024)
        self._painted: list[tuple[Row | None, Hashable]] = []
        self._ahead = 0
        self._said = ""
        """What was said instead of rows when it was painted last."""

    # --- what it shows ------------------------------------------------------------------------------------

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.source.row(self.cursor) if self.source.total else None

    def line(self, y: int) -> Strip:
        index = self.top + y
        if index >= self.source.total:
            return self._beyond(y)
        row, look = self._seen(index)
        if y < len(self._painted):
            self._painted[y] = (row, look)
        if y == self.size.height // 3:
            self._said = ""
        on = "" if index != self.cursor else ("cursor" if self.has_focus else "cursor-away")
        width = self.size.width
        if row is None:
            inks = self.inks()
            return self.finished(strip([("  ·", inks("dim", on))], width, inks("text", on)))
        key = (row, look, width, on)
        painted = self._strips.get(key)
        if painted is None:
            painted = self._strips[key] = self.finished(self.painter(row, width, self.inks(), on))
        return painted

    def _seen(self, index: int) -> tuple[Row | None, Hashable]:
        row = self.source.row(index)
        return row, None if row is None else self.look(row)

    @property
    def _saying(self) -> str:
        """What is to be said because there is no row."""
        return "" if self.source.total else self.empty

    def _beyond(self, y: int) -> Strip:
        width, height = self.size
        inks = self.inks()
        if y == height // 3:
            self._said = self._saying
            return self.finished(strip([(self._said.center(width), inks("dim"))], width, inks("text")))
        return self.finished(strip((), width, inks("text")))

    # --- moving -------------------------------------------------------------------------------------------

    def act(self, action: str, count: int | None = None) -> bool:
        """Carry out a movement of the keymap; False if it is none."""
        index = destination(action, count, at=self.cursor, total=self.source.total, height=self.size.height)
        if index is None:
            return False
        self.move_to(index)
        return True

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, scrolling as little as needed."""
        wanted = min(max(index, 0), max(self.source.total - 1, 0))
        before, self.cursor = self.cursor, self._stop(wanted)
        top = self._top_for(wanted)
        if self.cursor == before and top == self.top:
            return
        self._ahead = 1 if wanted > before else -1
        if top != self.top:
            self.top = top
            self.refresh()
        else:
            self._refresh_line(before)
            self._refresh_line(self.cursor)
        self._tell_near()
        if self.cursor != before:
            self.moved()

    def _stop(self, wanted: int) -> int:
        """The row on which the cursor comes to stand: on the way from where it is, or else before it got there."""
        onward = range(wanted, self.source.total) if wanted > self.cursor else range(wanted, -1, -1)
        back = range(wanted, self.cursor, -1) if wanted > self.cursor else range(wanted, self.cursor)
        for index in chain(onward, back):
            row = self.source.row(index)
            if row is None or self.stops(row):
                return index
        return self.cursor

    def _top_for(self, wanted: int) -> int:
        """The first row that is shown, so that the cursor is seen, and the heading it was sent to if there is room."""
        height, top = self.size.height, self._framing(self.top)
        if wanted < top:
            return max(wanted, self.cursor - height + 1)
        return min(max(top, wanted - height + 1), self.cursor) if height else top

    def settle(self, cursor: int, top: int | None = None) -> None:
        """The source changed: the cursor's row is now at `cursor`. Only lines that differ are painted again."""
        moved = cursor != self.cursor
        last = max(self.source.total - 1, 0)
        self.cursor = min(max(cursor, 0), last)
        wanted = self._framing(self.top if top is None else top)
        if wanted != self.top or moved or len(self._painted) != self.size.height:
            self.top = wanted
            self.refresh()
        else:
            self.refresh_changed()
        self._tell_near()
        self.moved()

    def _framing(self, top: int) -> int:
        """What is nearest to `top`, has the cursor in sight, and leaves no room below while rows stand above.

        Behind another page the list has no height: what frames the cursor is settled when it is seen again.
        """
        height = self.size.height
        if not height:
            return max(top, 0)
        return max(min(max(top, self.cursor - height + 1), self.cursor, self.source.total - height), 0)

    def refresh_changed(self) -> None:
        """Paint again the visible lines whose row is not the one that was painted."""
        if self._said != self._saying:
            self.refresh()
            return
        for y, painted in enumerate(self._painted):
            if self._seen(self.top + y) != painted:
                self.refresh_line(y)

    def repaint(self) -> None:
        """Forget what was painted: the time moved on, or the colours did."""
        self._strips.clear()
        self.refresh()

    def refresh_line(self, y: int) -> None:
        """Paint one line of the screen again."""
        self.refresh(Region(0, y, self.size.width, 1))

    def _refresh_line(self, index: int) -> None:
        if 0 <= index - self.top < self.size.height:
            self.refresh_line(index - self.top)

    def _tell_near(self) -> None:
        self.source.near(self.top, self.top + self.size.height - 1, self._ahead)

    # --- events -------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Keys go to the screen from here: on their way there they would pass every container in between."""
        take = getattr(self.screen, "take_key", None)
        if take is not None:
            take(event)

    def on_resize(self, event: events.Resize) -> None:
        self._painted = [(None, None)] * event.size.height
        self.top = self._framing(self.top)
        self.refresh()
        self._tell_near()

    def on_focus(self) -> None:
        self._refresh_line(self.cursor)

    def on_blur(self) -> None:
        self._refresh_line(self.cursor)

    def forget(self) -> None:
        self._strips.clear()

    def on_click(self, event: events.Click) -> None:
        index = self.top + event.y
        if index < self.source.total:
            if index == self.cursor:
                self.post_message(self.Chosen(self, index))  # type: ignore[arg-type]
            self.move_to(index)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move_to(self.cursor + WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move_to(self.cursor - WHEEL_LINES)
