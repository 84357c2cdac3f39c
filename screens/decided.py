"""What Desk did to a conversation by itself, and why; what is chosen there is taken back."""

from __future__ import annotations

from textual.strip import Strip

from desk.clock import Millis
from desk.fuzzy import ranked
from desk.model import Decision
from screens.desk import Desk
from screens.picker import Picker
from screens.render import one_line, shorten, strip, wrap
from screens.times import stamp
from screens.widgets.ink import Inks
from screens.widgets.lines import Line


def decisions(desk: Desk, made: list[Decision]) -> Picker[Decision]:
    """The newest first; what still stands can be chosen."""

    async def find(text: str) -> list[Decision]:
        return list(ranked(text, made, lambda each: (each.name, each.words), at_most=len(made)))

    def paint(row: Decision, width: int, inks: Inks, on: str) -> Strip:
        return strip(
            [(text, inks(ink, on)) for text, ink in _row(row, desk.clock.now(), width)], width, inks("text", on)
        )

    def told(row: Decision, width: int) -> list[Line]:
        lines = [Line(((f" {part}", "text"),)) for part in wrap(one_line(row.words), width - 2)]
        does = "it was taken back" if row.undone_at else "taken back, and not done here again"
        return [*lines[:4], Line(((shorten(f" {does}", width), "dim"),))]

    return Picker(desk, "What Desk did here by itself", find, paint, told, empty="nothing", confirmed=True)


def _row(row: Decision, now: Millis, width: int) -> list[tuple[str, str]]:
    head = f" {stamp(row.at, now)} {one_line(row.name)} "
    ink = "dim" if row.undone_at else "text"
    return [(shorten(head, width), "dim" if row.undone_at else "strong"), (one_line(row.words), ink)]
