"""Plots as lines of text: columns beside what is usual, and maps of a week. What they say does not need colours.

Own code, for the library made for it here (textual-plotext) holds on to a plotext that is no longer kept up, whose
columns know whole lines only; its successor is compiled for one kind of machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import NamedTuple

EIGHTHS = " ▁▂▃▄▅▆▇█"
SHADES = " ░▒▓█"
MORE = "▓"
USUAL = "░"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LABEL = 7
"""What the numbers at the left take, with the axis."""
_HOUR = 60
_STEPS = (2, 4, 6, 8, 10)

Span = tuple[str, str]
"""A text, and the name of its ink."""
Spans = tuple[Span, ...]
Told = Callable[[float], str]


class Column(NamedTuple):
    """What stands over one stretch of the axis."""

    minute: int
    """Of the day, at which it begins."""
    value: float | None
    """None: nobody knows yet."""
    usual: float = 0.0


class Scale(NamedTuple):
    """How a chart is drawn."""

    title: str
    told: Told = lambda value: f"{value:g}"
    rows: int = 5
    top: float = 1.0
    """The value at the upper edge."""


def round_top(most: float) -> float:
    """The least of 1, 2, 4, 6, 8, 10, 20, 40 and so on that is no less."""
    if most <= 1:
        return 1.0
    size = 1
    while most > _STEPS[-1] * size:
        size *= 10
    return float(next(step * size for step in _STEPS if step * size >= most))


def round_length(most: float, lengths: Sequence[float]) -> float:
    """The least of some lengths that is no less; beyond them whole multiples of the last."""
    last = lengths[-1]
    return next((each for each in lengths if each >= most), -(-most // last) * last)


def chart(scale: Scale, columns: Sequence[Column], room: int, *, now: int | None = None) -> list[Spans]:
    """A title, as many lines as the scale has, and an axis of hours; `now`: a minute of the day to be marked.

    Solid is what was so up to what is usual, `▓` what was more than that, `░` what is usual and was not, or not yet.
    """
    wide = max((room - LABEL) // max(len(columns), 1), 1)
    stacks = [_stack(each, scale) for each in columns]
    lines: list[Spans] = [((f" {scale.title}", "strong"),)]
    for row in range(scale.rows - 1, -1, -1):
        label = f"{scale.told(scale.top):>{LABEL - 2}} ┤" if row == scale.rows - 1 else " " * (LABEL - 1) + "│"
        lines.append(((label, "dim"), *_joined([(cell * wide, ink) for cell, ink in (each[row] for each in stacks)])))
    lines += _axis(columns, wide, scale.told(0), now)
    return lines


def _stack(column: Column, scale: Scale) -> list[Span]:
    """The cells of a column, the lowest first."""
    value = column.value or 0.0
    eighths = round(value / scale.top * scale.rows * 8)
    eighths = max(eighths, 1) if value > 0 else 0
    usual = round(column.usual / scale.top * scale.rows)
    cells: list[Span] = []
    for row in range(scale.rows):
        filled = min(max(eighths - 8 * row, 0), 8)
        if filled == 8 and row >= usual > 0:
            cells.append((MORE, "warn"))
        elif filled:
            cells.append((EIGHTHS[filled], "accent"))
        else:
            cells.append((USUAL, "dim") if row < usual else (" ", "text"))
    return cells


def _axis(columns: Sequence[Column], wide: int, zero: str, now: int | None) -> list[Spans]:
    """A line with a mark at each hour that is named, and the hours below it."""
    length = len(columns) * wide
    every = next((hours for hours in (1, 2, 3, 4, 6, 12) if _apart(columns, wide) * hours >= 4), 24)
    line, hours = ["─"] * length, [" "] * (length + 2)
    for place, column in enumerate(columns):
        at = place * wide
        if column.minute % (every * _HOUR) == 0:
            line[at] = "┴"
            hours[at : at + 2] = f"{column.minute // _HOUR:02}"
    if now is not None and columns:
        line[_at(columns, now) * wide] = "▲"
    return [
        ((f"{zero:>{LABEL - 2}} └" + "".join(line), "dim"),),
        ((" " * LABEL + "".join(hours).rstrip(), "dim"),),
    ]


def _at(columns: Sequence[Column], now: int) -> int:
    """The column that a minute is in."""
    return max((place for place, each in enumerate(columns) if each.minute <= now), default=0)


def _apart(columns: Sequence[Column], wide: int) -> float:
    """Cells from one hour to the next."""
    step = columns[1].minute - columns[0].minute if len(columns) > 1 else _HOUR
    return wide * _HOUR / max(step, 1)


def _joined(cells: Sequence[Span]) -> list[Span]:
    """Neighbours of one ink as one."""
    return [("".join(text for text, _ in group), ink) for ink, group in groupby(cells, key=lambda cell: cell[1])]


# --- a week -----------------------------------------------------------------------------------------------


def shade(value: float, most: float) -> str:
    """How dark a value is: blank is nothing, solid the most there is."""
    return SHADES[-int(-value * (len(SHADES) - 1) // most)] if most and value > 0 else SHADES[0]


def week(
    title: str, values: dict[tuple[int, int], float], told: Told, room: int, *, here: tuple[int, int] | None = None
) -> list[Spans]:
    """Weekdays from above, hours from the left, each as dark as its value; with the number, where there is room.

    `here`: the weekday and hour that is now.
    """
    most = max(values.values(), default=0.0)
    wide = min(max((room - 5) // 24, 3), 7)
    numbers = wide >= 6
    lines: list[Spans] = [
        ((f" {title}", "strong"), (f"  {SHADES[-1]} {told(most)}" if most else "  nothing yet", "dim"))
    ]
    lines.append((("     " + "".join(f"{hour:02}".ljust(wide) for hour in range(24)).rstrip(), "dim"),))
    for day, name in enumerate(DAYS):
        cells: list[Span] = [(f" {name} ", "name" if here and here[0] == day else "dim")]
        for hour in range(24):
            value = values.get((day, hour), 0.0)
            number = told(value) if numbers and value > 0 else ""
            mark = "◂" if here == (day, hour) else ""
            cells.append(((shade(value, most) * 2 + mark + number)[:wide].ljust(wide), "warn" if mark else "accent"))
        lines.append(tuple(_joined(cells)))
    return lines
