"""The column of views at the left of a wide screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from textual import events

from desk.model import View, ViewInfo
from screens.desk import Desk
from screens.render import cells, fit
from screens.widgets.ink import Inks
from screens.widgets.lines import BLANK, Bar, Line

HEADINGS = {"channel": "channels", "queue": "queues", "saved": "saved"}


def _ruled(line: Line, width: int) -> Line:
    """The line with a rule at its end."""
    room = width - 1 - sum(cells(text) for text, _ in line.spans)
    return Line((*line.spans, (" " * room, "text"), ("│", "rule")), on=line.on)


class ViewsColumn(Bar):
    """All views with how much they hold; a click shows one."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks], chosen: Callable[[View], None]) -> None:
        super().__init__(inks, id="views")
        self.desk = desk
        self.view: View | None = None
        self._chosen = chosen
        self._lines: list[tuple[Line, View | None]] = []

    def bar_lines(self, width: int) -> Sequence[Line]:
        lines = list(self._listed(width - 1))
        height = self.size.height
        here = next((n for n, (_, view) in enumerate(lines) if view == self.view), 0)
        first = max(0, min(here - height // 2, len(lines) - height))
        self._lines = lines[first : first + height]
        self._lines += [(BLANK, None)] * (height - len(self._lines))
        return [_ruled(line, width) for line, _ in self._lines]

    def _listed(self, width: int) -> Iterator[tuple[Line, View | None]]:
        kind = "built-in"
        for view in self.desk.views:
            if view.kind == "channel" and not view.count and view.name != self.view:
                continue
            if view.kind != kind:
                kind = view.kind
                yield BLANK, None
                yield Line(((f" {HEADINGS[kind]}", "dim"),)), None
            yield self._line(view, width), view.name

    def _line(self, view: ViewInfo, width: int) -> Line:
        here = view.name == self.view
        count = "!" if view.problem else f"{view.count:,}" + ("" if view.exact else "+")
        new = f" •{view.unread:,}" if view.unread else ""
        ink = "strong" if here else "text" if view.count else "dim"
        room = width - 3 - cells(count) - cells(new)
        alarm = view.name in ("failed", "quarantined") and view.count
        return Line(
            (
                ("▌" if here else " ", "accent"),
                (fit(view.title, room), ink),
                (new, "accent"),
                (f" {count}", "bad" if view.problem or alarm else ink),
                (" ", "text"),
            ),
            on="cursor-away" if here else "",
        )

    def on_resize(self, event: events.Resize) -> None:
        self._shown = (-1, ())
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        view = self._lines[event.y][1] if 0 <= event.y < len(self._lines) else None
        if view is not None:
            self._chosen(view)
