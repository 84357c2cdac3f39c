"""Working time: how much of what passes counts for a promise.

A promise of eight hours by a calendar that is open from nine to five ends a working day later. Everything is exact to
the millisecond across changes of clocks: what counts is real time that passes while somebody is there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain

from msgspec import Struct

from desk.clock import Millis
from desk.hours import Hours, Slot

ANCHOR = 2020
"""The year from whose beginning working time is counted; what was before is negative."""
FOREVER: Millis = 1 << 62
_FORESEEN = 10
"""Years in which an end is looked for."""


class Calendar(Struct, frozen=True, kw_only=True):
    """When promises run."""

    hours: Hours = Hours()
    shut: tuple[Slot, ...] = ()
    """Besides: stretches in which nobody is there, in order and apart from each other."""


ALWAYS = Calendar()
"""All time counts."""


class WorkingClock:
    """Counts the working time of one calendar. What it learns of a year it keeps: ask it often."""

    def __init__(self, calendar: Calendar) -> None:
        self._hours = calendar.hours
        self._shut = calendar.shut
        always = ALWAYS.hours
        self._always = (self._hours.week, self._hours.closed, self._shut) == (always.week, always.closed, ())
        self._years: dict[int, _Year] = {}
        self._before: dict[int, Millis] = {ANCHOR: 0}

    def elapsed(self, at: Millis) -> Millis:
        """Working time up to an instant, from one that is always the same; it never goes back."""
        if self._always:
            return at
        year = self._hours.year_of(at)
        return self._total_before(year) + self._year(year).elapsed(at)

    def between(self, since: Millis, until: Millis) -> Millis:
        """How much of the time from one instant to a later one counts."""
        return self.elapsed(until) - self.elapsed(since)

    def after(self, at: Millis, working: Millis) -> Millis:
        """The first instant at which so much working time has passed since one; at once if it is nothing.

        If that is not within ten years, for there is too little of it, their end.
        """
        if working <= 0:
            return at
        if self._always:
            return at + working
        first, wanted = self._hours.year_of(at), self.elapsed(at) + working
        for year in range(first, first + _FORESEEN):
            within = wanted - self._total_before(year)
            if within <= self._year(year).total:
                return self._year(year).instant(within)
        return Hours(zone=self._hours.zone).year(first + _FORESEEN)[0].start

    def stretches(self, since: Millis) -> Iterator[Slot]:
        """When the clock runs, as long as it does without a break: all that ends after an instant, for ten years."""
        if self._always:
            yield Slot(0, FOREVER)
            return
        first = self._hours.year_of(since)
        years = (self._year(year).slots() for year in range(first, first + _FORESEEN))
        pending: Slot | None = None
        for slot in chain.from_iterable(years):
            if pending is not None and slot.start > pending.end:
                yield pending
            adjoins = pending is not None and slot.start <= pending.end
            pending = Slot(pending.start, slot.end) if pending is not None and adjoins else slot
            if pending.end <= since:
                pending = None
        if pending is not None:
            yield pending

    def open_at(self, at: Millis) -> bool:
        """Whether the clock runs."""
        return self._hours.open_at(at) and not any(each.start <= at < each.end for each in self._shut)

    def _year(self, year: int) -> _Year:
        if year not in self._years:
            self._years[year] = _Year(_without(self._hours.year(year), self._shut))
        return self._years[year]

    def _total_before(self, year: int) -> Millis:
        """Working time from the anchor to the beginning of a year."""
        if year not in self._before:
            if year > ANCHOR:
                self._before[year] = self._total_before(year - 1) + self._year(year - 1).total
            else:
                self._before[year] = self._total_before(year + 1) - self._year(year).total
        return self._before[year]


class _Year:
    """The stretches of one year, added up."""

    def __init__(self, slots: Iterable[Slot]) -> None:
        self._starts: list[Millis] = []
        self._ends: list[Millis] = []
        self._before: list[Millis] = []
        """Working time before each stretch."""
        self.total: Millis = 0
        for slot in slots:
            self._starts.append(slot.start)
            self._ends.append(slot.end)
            self._before.append(self.total)
            self.total += slot.end - slot.start

    def slots(self) -> Iterator[Slot]:
        return map(Slot, self._starts, self._ends)

    def elapsed(self, at: Millis) -> Millis:
        index = bisect_right(self._starts, at) - 1
        return 0 if index < 0 else self._before[index] + min(at, self._ends[index]) - self._starts[index]

    def instant(self, working: Millis) -> Millis:
        """When so much, more than nothing, has passed."""
        index = bisect_left(self._before, working) - 1
        return self._starts[index] + working - self._before[index]


def _without(slots: Iterable[Slot], shut: tuple[Slot, ...]) -> Iterator[Slot]:
    """What is left of the slots; both are in order."""
    for slot in slots:
        start = slot.start
        for gone in shut[bisect_right(shut, start, key=lambda each: each.end) :]:
            if gone.start >= slot.end:
                break
            if start < gone.start:
                yield Slot(start, gone.start)
            start = gone.end
        if start < slot.end:
            yield Slot(start, slot.end)
