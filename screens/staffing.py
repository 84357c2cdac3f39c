"""How many people the next hours take, queue by queue, beside who is to be there and who is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from desk.clock import HOUR, SECOND
from desk.model import StaffHour, Staffing
from screens.figures import FiguresScreen, queue_name
from screens.render import fit, one_line, shorten
from screens.widgets.lines import BLANK, Line

HOURS = 24
_COLUMNS = (("likely", 8), ("from–to", 9), ("needed", 8), ("at most", 9), ("to be there", 13), ("spare", 7))
_MEANING = (
    "needed: to answer 80 % in time, busy 85 % at most; Erlang C, in chats A.",
    "likely: the mean of this hour in the last weeks; nine of ten such hours lie",
    "in from–to, and take that many at most. Who works in several queues is told",
    "in each of them, and so is their time.",
)


class StaffingScreen(FiguresScreen[Staffing]):
    """All queues, or one."""

    title_text = "people — whom the next hours take, beside who is to be there"
    every_seconds = 30.0

    async def fetch(self) -> Staffing:
        return await self.desk.client.staffing(HOURS)

    def lines_for(self, width: int, height: int) -> Sequence[Line]:
        return [] if self.told is None else list(lines_of(self.told, self.queue, width))


def lines_of(told: Staffing, queue: int | None, width: int) -> Iterator[Line]:
    """All queues, or one. Hours are those of this machine."""
    ids = list(dict.fromkeys(each.queue_id for each in told.hours))
    for note in told.notes:
        yield Line(((f" ! {shorten(one_line(note), width - 4)}", "warn"),))
    shown = [id for id in ids if queue in (None, id)]
    if not shown:
        yield Line(((" Nothing came at these hours of the last weeks: nothing can be told.", "dim"),))
    for id in shown:
        rows = [each for each in told.hours if each.queue_id == id]
        yield _head(rows[0], told, width)
        yield Line(((" hour   ", "dim"), *((fit(title, size, right=True), "dim") for title, size in _COLUMNS)))
        yield from _days(rows, told.at, width)
        yield BLANK
    yield from (Line(((f" {words}", "dim"),)) for words in _MEANING)


def _head(row: StaffHour, told: Staffing, width: int) -> Line:
    name = queue_name(row.queue_id, row.queue)
    number = told.available.get(row.queue_id, 0)
    return Line(((f" {shorten(name, width - 24)}", "name"), (f"  {number} available now", "good" if number else "dim")))


def _days(rows: Sequence[StaffHour], now: int, width: int) -> Iterator[Line]:
    def day(row: StaffHour) -> str:
        return f"{datetime.fromtimestamp(row.at / SECOND):%a %-d %b}"

    for place, (name, hours) in enumerate(groupby(rows, key=day)):
        if place:
            yield Line(((f" {name}", "dim"),))
        for row in hours:
            yield _hour(row, now, width)


def _hour(row: StaffHour, now: int, width: int) -> Line:
    then = datetime.fromtimestamp(row.at / SECOND)
    here = row.at <= now < row.at + HOUR
    rostered = "–" if row.rostered is None else f"{row.rostered:g}"
    spare = row.spare
    ink = "dim" if spare is None or not row.people else "bad" if spare < 0 else "good"
    worst = row.rostered is not None and row.people <= row.rostered < row.people_high
    words = "–" if spare is None else f"{spare:+g}" if spare else "0"
    numbers = (
        (f"{row.likely:.1f}", "text" if row.likely else "dim"),
        (f"{row.low:.0f}–{row.high:.0f}", "dim"),
        (f"{row.people}" if row.people else "·", "strong"),
        (f"{row.people_high}" if row.people_high else "·", "dim"),
        (rostered, "text"),
        (words, "warn" if worst and spare is not None else ink),
    )
    cells = [(fit(text, size, right=True), ink) for (text, ink), (_, size) in zip(numbers, _COLUMNS, strict=True)]
    used = 8 + sum(size for _, size in _COLUMNS)
    who = "  " + shorten(one_line(", ".join(row.reps)), width - used - 3) if width > used + 8 else ""
    return Line(((f"{'▸' if here else ' '}{then:%H}:00  ", "accent" if here else "text"), *cells, (who, "dim")))
