"""Pages of what `desk.toml` says, each thing a few lines with what came of it; a cursor goes from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip

from desk.keymap import Context
from screens.base import DeskScreen
from screens.desk import Desk
from screens.feed import Dirty
from screens.render import shorten, wrap
from screens.widgets.bars import StatusLine, TopBar
from screens.widgets.ink import Inks
from screens.widgets.lines import Line, LineView

LINES_AT_MOST = 4
"""Into which a text is wrapped."""
MORE = 2
"""Cells that the second of them is indented beyond the first."""

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


class Block(Struct, Generic[Key], frozen=True):
    """Lines that belong together; `key` names what the cursor is on there, None: they are only read."""

    lines: Sequence[Line]
    key: Key | None = None


class _Place(NamedTuple, Generic[Key]):
    """Where a block with a key stands: from one line to another that is not in it."""

    first: int
    end: int
    key: Key


class BoardView(LineView, Generic[Key]):
    """The blocks, one below the other."""

    context: Context = "board"

    @dataclass
    class Chosen(Message):
        """What the cursor was on was clicked."""

    def __init__(
        self, inks: Callable[[], Inks], make: Callable[[int], Sequence[Block[Key]]], moved: Callable[[], None]
    ) -> None:
        super().__init__(inks, id="board")
        self._make = make
        self._moved = moved
        self._places: list[_Place[Key]] = []
        self._at = 0

    @property
    def current(self) -> Key | None:
        """What the cursor is on."""
        return self._places[self._at].key if self._places else None

    def again(self) -> None:
        """What is told changed; the cursor stays on what it was on."""
        if self.size.width:
            self.layout_lines(self.size.width)

    def layout_lines(self, width: int) -> None:
        here = self.current
        lines: list[Line] = []
        self._places = []
        for block in self._make(width):
            if block.key is not None:
                self._places.append(_Place(len(lines), len(lines) + len(block.lines), block.key))
            lines += block.lines
        keys = [each.key for each in self._places]
        self._at = keys.index(here) if here in keys else min(self._at, max(len(keys) - 1, 0))
        self.found = self._places[self._at].first if self._places else None
        self.show(lines)

    def line(self, y: int) -> Strip:
        index = self.top + y
        if index != self.found:
            return super().line(y)
        (_, ink), *rest = self._lines[index].spans
        text = self._lines[index].spans[0][0].removeprefix(" ")
        line = Line((("▌", "accent"), (text, ink), *rest), on="cursor")
        return self.finished(line.paint(self.size.width, self.inks()))

    # --- moving -------------------------------------------------------------------------------------------

    def act(self, action: str, count: int | None = None) -> bool:
        """From block to block; beyond the first and the last one, and by pages, the lines move."""
        step = {"down": 1, "up": -1}.get(action)
        if step is None or not 0 <= self._at + step < len(self._places):
            if not super().act(action, count):
                return False
            if step is None and action in ("top", "bottom") and count is None:
                self._choose(0 if action == "top" else len(self._places) - 1)
            elif step is None:
                self._come_along()
            return True
        self._go_to(min(max(self._at + step * (count or 1), 0), len(self._places) - 1))
        return True

    def _come_along(self) -> None:
        """The lines moved: the cursor is on the first block that is seen."""
        seen = (n for n, each in enumerate(self._places) if self.top <= each.first < self.top + self.size.height)
        self._choose(next(seen, self._at))

    def _go_to(self, at: int) -> None:
        self._choose(at)
        place, height = self._places[at], self.size.height
        if place.first < self.top or at == 0:
            self.go(0 if at == 0 else place.first)
        elif place.end > self.top + height:
            self.go(min(place.first, place.end - height))

    def _choose(self, at: int) -> None:
        if self._places:
            self._at = max(at, 0)
            self.found = self._places[self._at].first
            self.refresh()
            self._moved()

    def on_click(self, event: events.Click) -> None:
        index = self.top + event.y
        at = next((n for n, each in enumerate(self._places) if each.first <= index < each.end), None)
        if at is not None and at == self._at:
            self.post_message(self.Chosen())
        elif at is not None:
            self._choose(at)


class BoardScreen(DeskScreen[Found | None], Generic[Key, Found]):
    """One page. Ends with what the inbox is to show, or None."""

    default_context: Context = "board"
    title_text = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.view: BoardView[Key] = BoardView(self.inks, self.blocks, self.update_bars)

    def compose(self) -> ComposeResult:
        yield TopBar(self.desk, self.inks, self.title_text)
        yield self.view
        yield StatusLine(self.desk, self.inks)
        yield self.key_line()

    def on_mount(self) -> None:
        self.view.focus()
        self.start(self._begin())

    async def _begin(self) -> None:
        """Keys that were pressed ahead are for what is shown, or for nobody."""
        try:
            await self._load()
        finally:
            self.take_keys(drop=self.view.current is None)

    async def fetch(self) -> None:
        """Ask the server. Raises ClientError."""
        raise NotImplementedError

    def blocks(self, width: int) -> Sequence[Block[Key]]:
        """What is shown of what it said."""
        raise NotImplementedError

    async def lead(self, key: Key) -> Found | None:
        """What opening leads to; None: nothing, and that was said. Raises ClientError."""
        raise NotImplementedError

    async def _load(self) -> None:
        await self.fetch()
        self.view.again()
        self.update_bars()

    async def absorb(self, dirty: Dirty) -> None:
        if dirty.touches("setting"):
            await self._load()

    def can(self, action: str) -> bool:
        if action == "open":
            return self.view.current is not None
        return action != "try-out" and super().can(action)

    def do_open(self) -> None:
        key = self.view.current
        if key is not None:
            self.open_for_typing(self._open(key))

    def on_board_view_chosen(self, event: BoardView.Chosen) -> None:
        event.stop()
        self.perform("open")

    async def _open(self, key: Key) -> None:
        found = await self.lead(key)
        if found is None:
            return
        behind = self.app.screen_stack[-2]
        if isinstance(behind, DeskScreen):
            behind.hold_keys()
            self.leave_keys(behind)
        self.dismiss(found)

    def do_back(self) -> None:
        if not self.desk.hush():
            self.dismiss(None)

    def do_quit(self) -> None:
        self.dismiss(None)


def told(text: str, width: int, ink: str = "text") -> Line:
    """One line of a page, indented as the text is."""
    words = text.lstrip(" ")
    before = " " * (1 + len(text) - len(words))
    return Line(((before + shorten(words, max(width - len(before) - 1, 1)), ink),))


def wrapped(text: str, width: int, ink: str = "text") -> Iterator[Line]:
    """The same in as many lines as it takes, a few at most; those behind the first are indented more."""
    words = text.lstrip(" ")
    indent = " " * (len(text) - len(words))
    first, *others = wrap(words, max(width - len(indent) - MORE - 2, 1)) or [""]
    yield told(indent + first, width, ink)
    if len(others) >= LINES_AT_MOST:
        others[LINES_AT_MOST - 2 :] = [" ".join(others[LINES_AT_MOST - 2 :])]
    yield from (told(indent + " " * MORE + each, width, ink) for each in others)
