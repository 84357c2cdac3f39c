"""What is usual: the weeks before a day, by quarters of its weekday and by hours of the week."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import accumulate

from desk.clock import SECOND, Millis
from desk.model import Happening, UsualQuarter, WeekHour
from desk.service.live.metrics import QUARTER, Tally, average

WEEKS = 8
"""How far back is looked."""
_PLOTTED = ("arrived", "answered", "closed", "resumed")
"""What any of it is counted from."""
_Queue = int | None
"""0: what was in none. None: all together."""


class Past:
    """The days before the one that began at `since`, as many weeks as the log reaches back."""

    def __init__(self, since: Millis, zone: tzinfo | None, happenings: Iterable[Happening] = ()) -> None:
        self.since = since
        self._zone = zone
        self._today = self._local(since).date()
        self.begins = self._midnight(self._today - timedelta(weeks=WEEKS))
        self._first: date | None = None
        self._quarters: dict[tuple[_Queue, int], Tally] = {}
        self._hours: dict[tuple[_Queue, int, int], Tally] = {}
        self._steps: dict[_Queue, Counter[Millis]] = {}
        """By how much the number of those who wait changed in a quarter of an hour."""
        for each in happenings:
            self.add(each)

    def add(self, each: Happening) -> None:
        """Count it, if it happened in these weeks."""
        if not self.begins <= each.at < self.since:
            return
        begins = each.at - each.at % QUARTER
        then = self._local(begins)
        self._first = min(self._first or then.date(), then.date())
        if each.kind not in _PLOTTED:
            return
        one = Tally()
        one.add(each)
        for queue in (None, each.queue_id or 0):
            self._hours.setdefault((queue, then.weekday(), then.hour), Tally()).add(each)
            self._steps.setdefault(queue, Counter())[begins] += one.counts["waiting"]
            if then.weekday() == self._today.weekday():
                self._quarters.setdefault((queue, _minute(then)), Tally()).add(each)

    @property
    def days(self) -> list[date]:
        """Those of today's weekday that the log knows."""
        return [day for day in self._known() if day.weekday() == self._today.weekday()]

    def usual(self, queue: _Queue, waiting: int) -> tuple[UsualQuarter, ...]:
        """A whole day. `waiting`: how many waited when today began; from there it is told backwards."""
        days = self.days
        if not days:
            return ()
        waited = self._waited(queue, waiting, days)
        return tuple(
            UsualQuarter(
                minute=minute,
                arrived=(of := self._quarters.get((queue, minute), Tally())).counts["arrived"] / len(days),
                answered=of.counts["answered"] / len(days),
                waiting=waited[minute] / len(days),
                speed=average(of.speeds),
            )
            for minute in range(0, 24 * 60, 15)
        )

    def week(self, queue: _Queue) -> tuple[WeekHour, ...]:
        """Each hour of the week of which the log knows any."""
        known = Counter(day.weekday() for day in self._known())
        return tuple(
            WeekHour(
                weekday=weekday,
                hour=hour,
                arrived=(of := self._hours.get((queue, weekday, hour), Tally())).counts["arrived"] / known[weekday],
                answered=of.counts["answered"] / known[weekday],
                speed=average(of.speeds),
            )
            for weekday in sorted(known)
            for hour in range(24)
        )

    def _waited(self, queue: _Queue, waiting: int, days: Iterable[date]) -> Counter[int]:
        """How many waited at the end of each quarter, added up over days."""
        steps = self._steps.get(queue, Counter[Millis]())
        instants = sorted(steps)
        sums = list(accumulate((steps[at] for at in instants), initial=0))
        waited: Counter[int] = Counter()
        for day in days:
            for minute in range(0, 24 * 60, 15):
                begins = self._instant(datetime.combine(day, time(minute // 60, minute % 60)))
                later = sums[-1] - sums[bisect_right(instants, begins)]
                waited[minute] += max(waiting - later, 0)
        return waited

    def _known(self) -> Iterator[date]:
        day = self._first
        while day is not None and day < self._today:
            yield day
            day += timedelta(days=1)

    def _local(self, at: Millis) -> datetime:
        return datetime.fromtimestamp(at / SECOND, self._zone)

    def _midnight(self, day: date) -> Millis:
        return self._instant(datetime.combine(day, time()))

    def _instant(self, then: datetime) -> Millis:
        return round(then.replace(tzinfo=self._zone).timestamp()) * SECOND


def _minute(then: datetime) -> int:
    """Of the day, at which its quarter of an hour begins."""
    return then.hour * 60 + then.minute - then.minute % 15
