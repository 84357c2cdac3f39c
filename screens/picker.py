"""Picking one of several: typing asks for others, and what choosing one would do stands below the list."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from textual.app import App, ComposeResult
from textual.containers import Vertical

from screens.base import DeskScreen
from screens.desk import Desk
from screens.finder import Finder
from screens.sheet import SheetTitle
from screens.widgets.ink import Inks
from screens.widgets.lines import BLANK, Bar, Line
from screens.widgets.rowlist import Painter

Row = TypeVar("Row")
Result = TypeVar("Result")

TYPING_SECONDS = 0.12
"""How long typing has to rest before it is asked for."""
PREVIEW_LINES = 7
AROUND = 5
"""Lines of a picker beside its rows and the preview: the title, what is typed, the keys, the frame."""
ROWS_AT_LEAST = 3


async def result_of(app: App[Any], screen: DeskScreen[Result]) -> Result | None:
    """Put a screen over the others and wait for what it ends with; keys pressed from now on are its own."""
    ended: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()
    front = app.screen
    assert isinstance(front, DeskScreen)
    front.push_over(screen, lambda result: None if ended.done() else ended.set_result(result))
    return await ended


class _Preview(Bar):
    """What choosing would do."""

    def __init__(self, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="picker-preview")
        self.make: Callable[[int], Sequence[Line]] = lambda width: [BLANK]

    def bar_lines(self, width: int) -> Sequence[Line]:
        return [Line((("─" * width, "rule"),)), *self.make(width)][:PREVIEW_LINES]


class Picker(Finder[Row, Row], Generic[Row]):
    """Ends with the row that was chosen, or None."""

    def __init__(
        self,
        desk: Desk,
        title: str,
        find: Callable[[str], Awaitable[list[Row]]],
        paint: Painter[Row],
        preview: Callable[[Row, int], Sequence[Line]],
        *,
        empty: str,
        hint: str = "type to search in all of them",
        named: bool = False,
        confirmed: bool = False,
    ) -> None:
        """`find` answers for what is typed, and for nothing typed. `empty` is what is said if that is nothing.

        `named`: what is typed names a row, so that enter takes the best at once. Otherwise nothing is taken that has
        not been seen, unless it is the only one. `confirmed`: what would be done is shown then, and asked about.
        """
        super().__init__(desk, paint, hint=hint, moved=self._moved)
        self._title = title
        self._find = find
        self._preview = preview
        self._empty = empty
        self._named = named
        self._rows = self._lines = 0
        """The most rows and lines of a preview there were."""
        self._confirmed = confirmed
        self._shown = ""
        """What was typed for the rows that are shown."""
        self.preview = _Preview(self.inks)
        self.preview.display = False
        self.entry.ends_with_enter()

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, self._title)
            yield self.entry
            yield self.list
            yield self.preview
            yield self.key_line()

    def on_mount(self) -> None:
        self.typed("")

    async def _load(self, text: str) -> None:
        if text:
            await asyncio.sleep(TYPING_SECONDS)
        await self._look(text)

    async def _look(self, text: str) -> None:
        found = await self._find(text)
        self._shown = text
        self.list.empty = self._empty
        self._grow(len(found))
        self.show(found)
        self._moved()

    def _grow(self, rows: int) -> None:
        """Be high enough for so many rows, as far as the screen is; it does not shrink while one types."""
        self._rows = max(self._rows, rows)
        room = self.size.height * 9 // 10 - AROUND - self._lines
        self.list.styles.height = max(min(self._rows, room), ROWS_AT_LEAST)

    def on_resize(self) -> None:
        self._grow(0)

    def _moved(self) -> None:
        row = self.list.current
        self.preview.make = (lambda width: self._preview(row, width)) if row is not None else (lambda width: [BLANK])
        lines = len(self._preview(row, self.list.size.width)) if row is not None else 0
        if lines and lines >= self._lines:
            self._lines = min(lines + 1, PREVIEW_LINES)
            self.preview.styles.height = self._lines
            self.preview.display = True
            self._grow(0)
        self.preview.update()

    def typed(self, text: str) -> None:
        self.start(self._load(text), group="find", alone=True)

    def submitted(self, text: str) -> None:
        if text == self._shown:
            self.choose()
            self.release_keys()
        else:
            self.open_for_typing(self._taken(text), group="find", alone=True)

    async def _taken(self, text: str) -> None:
        """Enter came sooner than what is found for what is typed; keys that came after it are for what comes then."""
        await self._look(text)
        if self._named or len(self.source.rows) == 1:
            self.choose()
        self.release_keys()

    def end(self, result: Row | None) -> None:
        behind = self.app.screen_stack[-2]
        super().end(result)
        if isinstance(behind, DeskScreen):
            if self._confirmed and result is not None:
                behind.hold_keys()
            self.leave_keys(behind)

    def result(self, row: Row) -> Row:
        return row
