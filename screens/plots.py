"""The plots of the live queue: today beside what is usual on this weekday, and the week as a map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple

from desk import plotting
from desk.clock import DAY, HOUR, MINUTE, SECOND, Millis
from desk.model import Plots, Quarter, UsualQuarter
from desk.plotting import Column, Scale
from screens.figures import FiguresScreen, queue_name
from screens.render import fit
from screens.times import brief
from screens.widgets.lines import BLANK, Line, text_of

BESIDE = 150
"""Columns from which on plots stand beside each other."""
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_LENGTHS: tuple[Millis, ...] = (
    *(seconds * SECOND for seconds in (10, 30)),
    *(minutes * MINUTE for minutes in (1, 2, 4, 6, 10, 20, 30)),
    *(hours * HOUR for hours in (1, 2, 4, 6, 12)),
    *(days * DAY for days in (1, 2, 4, 7, 14, 28)),
)


class _Plot(NamedTuple):
    title: str
    today: Callable[[Quarter], float | None]
    usual: Callable[[UsualQuarter], float | None]
    together: Callable[[Sequence[float]], float]
    """What two quarters come to, where there is room for half hours only."""
    length: bool = False
    """Whether values are lengths of time."""


def _last(values: Sequence[float]) -> float:
    return values[-1]


_PLOTS = (
    _Plot("arrivals", lambda q: q.arrived, lambda u: u.arrived, sum),
    _Plot("waiting", lambda q: q.waiting, lambda u: u.waiting, _last),
    _Plot("answers", lambda q: q.answered, lambda u: u.answered, sum),
    _Plot("wait for a first answer, on average", lambda q: q.speed, lambda u: u.speed, max, length=True),
    _Plot("wait for a first answer, nine of ten at most", lambda q: q.speed_90, lambda u: None, max, length=True),
)


class PlotsScreen(FiguresScreen[Plots]):
    """One queue, or all together."""

    title_text = "plots — today beside what is usual on this weekday"
    every_seconds = 5.0

    async def fetch(self) -> Plots:
        return await self.desk.client.plots(self.queue)

    def lines_for(self, width: int, height: int) -> list[Line]:
        return [] if self.told is None else lines_of(self.told, width, height)


def lines_of(told: Plots, width: int, height: int) -> list[Line]:
    """All of it. Hours are those of this machine."""
    room = (width - 2) // 2 if width >= BESIDE else width - 1
    rows = max(min((height - 4) // 2 - 4, 10), 4)
    charts = [_chart(told, plot, room, rows) for plot in _PLOTS]
    maps = _maps(told, room)
    return [*_head(told), *_placed([*charts, *maps], room if width >= BESIDE else None)]


def _head(told: Plots) -> list[Line]:
    then = datetime.fromtimestamp(told.at / SECOND).astimezone()
    days = _WEEKDAYS[then.weekday()]
    usual = f"░ usual: the mean of {told.days} {days}" if told.days > 1 else f"░ {days[:-1]} a week ago"
    legend = f"█ today  ▓ more than usual  {usual}" if told.days else f"█ today; no {days[:-1]} before it is known"
    words = f" {queue_name(told.queue_id, told.name)}"
    when = f"  {then:%a} {then.day} {then:%b %H:%M %Z}"
    return [Line(((words, "name"), (when, "dim"))), Line(((f" {legend}  ▲ now", "dim"),)), BLANK]


def _chart(told: Plots, plot: _Plot, room: int, rows: int) -> list[Line]:
    found, minutes = _columns(told, plot, room - plotting.LABEL)
    most = max((max(each.value or 0.0, each.usual) for each in found), default=0.0)
    top = plotting.round_length(most, _LENGTHS) if plot.length else plotting.round_top(most)
    said: Callable[[float], str] = _length if plot.length else _number
    unit = "by quarters of an hour" if minutes == 15 else "by half hours"
    now = datetime.fromtimestamp(told.at / SECOND)
    scale = Scale(f"{plot.title}, {unit}", said, rows, top)
    lines = plotting.chart(scale, found, room, now=now.hour * 60 + now.minute)
    return [*(Line(spans) for spans in lines), BLANK]


def _columns(told: Plots, plot: _Plot, room: int) -> tuple[list[Column], int]:
    """The stretch of the day in which anything is or is usual, in quarters, or in half hours where room is scarce."""
    today = {_minute(each.at): plot.today(each) or 0.0 for each in told.quarters}
    usual = {each.minute: plot.usual(each) or 0.0 for each in told.usual}
    stretch = _stretch(told)
    step = 15 if len(stretch) <= room else 30
    columns = []
    for begins in range(stretch.start * 15, stretch.stop * 15, step):
        minutes = range(begins, begins + step, 15)
        so = [today[minute] for minute in minutes if minute in today]
        usually = plot.together([usual.get(minute, 0.0) for minute in minutes])
        columns.append(Column(begins, plot.together(so) if so else None, usually))
    return columns, step


def _stretch(told: Plots) -> range:
    """Quarters of the day, whole hours: all from the first in which anything came or was answered to the last."""
    busy = [_minute(each.at) for each in told.quarters if each.arrived or each.answered]
    busy += [each.minute for each in told.usual if each.arrived or each.answered]
    busy.append(_minute(told.at))
    return range(min(busy) // 60 * 4, (max(busy) // 60 + 1) * 4)


def _maps(told: Plots, room: int) -> list[list[Line]]:
    now = datetime.fromtimestamp(told.at / SECOND)
    here = (now.weekday(), now.hour)
    arrived = {(each.weekday, each.hour): each.arrived for each in told.week}
    speed = {(each.weekday, each.hour): float(each.speed or 0) for each in told.week}
    maps = (
        plotting.week("arrivals in an hour of the week, on average", arrived, _number, room, here=here),
        plotting.week("wait for a first answer, by hour of the week", speed, _length, room, here=here),
    )
    return [[*(Line(spans) for spans in lines), BLANK] for lines in maps]


def _placed(blocks: Sequence[list[Line]], room: int | None) -> Iterable[Line]:
    """One below the other, or in two columns of that room."""
    if room is None:
        return [line for block in blocks for line in block]
    lines: list[Line] = []
    nothing: list[Line] = []
    for left, right in zip_longest(blocks[::2], blocks[1::2], fillvalue=nothing):
        for one, other in zip_longest(left, right, fillvalue=BLANK):
            gap = fit("", max(room + 1 - len(text_of(one)), 1))
            lines.append(Line((*one.spans, (gap, "text"), *other.spans)))
    return lines


def _minute(at: Millis) -> int:
    then = datetime.fromtimestamp(at / SECOND)
    return then.hour * 60 + then.minute - then.minute % 15


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _length(value: float) -> str:
    return brief(round(value)) if value else "0"
