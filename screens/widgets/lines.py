"""Lines of text with inks: the fixed line of a bar, and the view that scrolls through many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from re import Pattern
from typing import NamedTuple, Self

from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from screens.render import strip
from screens.widgets.ink import Inks

WHEEL_LINES = 3


class Line(NamedTuple):
    """One line before it is painted: texts that have passed `screens.render`, each with the name of its ink."""

    spans: tuple[tuple[str, str], ...] = ()
    on: str = ""
    """The ink whose background the whole line has."""

    def paint(self, width: int, inks: Inks) -> Strip:
        return strip([(text, inks(ink, self.on)) for text, ink in self.spans], width, inks("text", self.on))


BLANK = Line()


def text_of(line: Line) -> str:
    """What stands in a line."""
    return "".join(text for text, _ in line.spans)


def marked(line: Line, wanted: Pattern[str], ink: str) -> Line:
    """The line with all that is wanted in an ink of its own. What lies across spans is not marked."""
    spans: list[tuple[str, str]] = []
    for text, own in line.spans:
        at = 0
        for match in wanted.finditer(text):
            spans += [(text[at : match.start()], own), (match[0], ink)]
            at = match.end()
        spans.append((text[at:], own))
    return Line(tuple(span for span in spans if span[0]), line.on) if len(spans) > len(line.spans) else line


def destination(action: str, count: int | None, *, at: int, total: int, height: int) -> int | None:
    """Where a movement of the keymap leads from line `at` of `total`, of which `height` are seen; None if it is none.

    To an end with a count is to that line. It may lie beyond what there is.
    """
    if count is not None and action in ("top", "bottom"):
        return count - 1
    page = max(height - 1, 1)
    half = page // 2 + 1
    steps = {
        "down": 1,
        "up": -1,
        "page-down": page,
        "page-up": -page,
        "half-down": half,
        "half-up": -half,
        "top": -total,
        "bottom": total,
    }
    return at + steps[action] * (count or 1) if action in steps else None


class WholeLines:
    """Marks widgets whose lines are opaque from edge to edge, so that they can be written as they are."""


class Painted(WholeLines, Widget):
    """A widget that paints whole lines itself and keeps them until they change.

    Textual asks every widget of the screen for all its lines whenever any of them changes, so what did not change
    has to be at hand. Whatever changes a line calls `refresh`.
    """

    def __init__(self, inks: Callable[[], Inks], *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self.inks = inks
        self._kept: tuple[Region, list[Strip]] | None = None

    def line(self, y: int) -> Strip:
        """The line `y` cells below the widget's upper edge, as `finished` returns it."""
        raise NotImplementedError

    def finished(self, line: Strip) -> Strip:
        """A painted line as the terminal can show it: in its colours, or in none."""
        for filter in self.app.get_line_filters():
            line = line.apply_filter(filter, self.background_colors[1])
        return line

    def forget(self) -> None:
        """The colours changed: nothing that was painted is of use."""

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._kept is not None and self._kept[0] == crop:
            return self._kept[1]
        lines = [self.line(y) for y in range(crop.y, crop.bottom)]
        if crop.column_span != (0, self.size.width):
            lines = [line.crop(*crop.column_span) for line in lines]
        self._kept = (crop, lines)
        return lines

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        self._kept = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._kept = None
        self.forget()


class Bar(Painted):
    """A few fixed lines; `bar_lines` tells what stands in them for a width."""

    def __init__(self, inks: Callable[[], Inks], *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(inks, id=id, classes=classes)
        self._shown: tuple[int, Sequence[Line]] = (-1, ())

    def bar_lines(self, width: int) -> Sequence[Line]:
        raise NotImplementedError

    def update(self) -> None:
        """Paint again if anything changed."""
        width = self.size.width
        if not width or self._shown != (width, self.bar_lines(width)):
            self._shown = (-1, ())
            self.refresh()

    def line(self, y: int) -> Strip:
        width = self.size.width
        if self._shown[0] != width:
            self._shown = (width, self.bar_lines(width))
        lines = self._shown[1]
        return self.finished((lines[y] if y < len(lines) else BLANK).paint(width, self.inks()))


class LineView(Painted, can_focus=True):
    """Any number of lines, of which a window is shown."""

    def __init__(self, inks: Callable[[], Inks], *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(inks, id=id, classes=classes)
        self.top = 0
        self._lines: Sequence[Line] = ()
        self.found: int | None = None
        """The line that was found, which is shown as one with the cursor."""
        self._strips: dict[Line, Strip] = {}
        self._width = self._height = 0
        self._fitting = False

    @property
    def count(self) -> int:
        return len(self._lines)

    @property
    def at_end(self) -> bool:
        return self.top >= self.count - self.size.height

    def show(self, lines: Sequence[Line], *, top: int | None = None) -> None:
        """Other lines; the window starts at `top`, or where it was."""
        self._lines = lines
        if len(self._strips) > 4096:
            self._strips.clear()
        self.top = self._clamped(self.top if top is None else top)
        self.refresh()

    def layout_lines(self, width: int) -> None:
        """The width changed: make the lines anew, if they depend on it."""

    def unlaid(self, lines: Sequence[Line]) -> None:
        """There is no width to make lines for: they are made when there is one again, be it the same as before."""
        self._width = 0
        self.show(lines)

    def go(self, top: int) -> None:
        """Put the window's upper edge on a line."""
        top = self._clamped(top)
        if top != self.top:
            self.top = top
            self.refresh()
            self.scrolled()

    def scrolled(self) -> None:
        """The window moved."""

    def act(self, action: str, count: int | None = None) -> bool:
        """Carry out a movement of the keymap; False if it is none."""
        top = destination(action, count, at=self.top, total=self.count, height=self.size.height)
        if top is None:
            return False
        self.go(top)
        return True

    def line(self, y: int) -> Strip:
        index = self.top + y
        line = self._lines[index] if 0 <= index < len(self._lines) else BLANK
        if index == self.found:
            return self.finished(Line(line.spans, on="cursor").paint(self.size.width, self.inks()))
        painted = self._strips.get(line)
        if painted is None:
            painted = self._strips[line] = self.finished(line.paint(self.size.width, self.inks()))
        return painted

    def _clamped(self, top: int) -> int:
        return max(0, min(top, self.count - self.size.height))

    def render_lines(self, crop: Region) -> list[Strip]:
        """What a new size asks for is done before it is painted, not after Textual tells of it: one paint, not two."""
        self._fit(self.size)
        return super().render_lines(crop)

    def on_resize(self, event: events.Resize) -> None:
        if self._fit(event.size):
            self.refresh()

    def _fit(self, size: Size) -> bool:
        """Make the lines for a size; False if they are."""
        if self._fitting or (size.width, size.height) == (self._width, self._height):
            return False
        ended = self.top > 0 and self.top >= self.count - self._height
        self._fitting = True
        try:
            self._height = size.height
            if size.width != self._width:
                self._width = size.width
                self._strips.clear()
                self.layout_lines(size.width)
            self.top = self._clamped(self.count if ended else self.top)
        finally:
            self._fitting = False
        self._kept = None
        return True

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        if self._fitting:
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def forget(self) -> None:
        self._strips.clear()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.go(self.top + WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.go(self.top - WHEEL_LINES)
