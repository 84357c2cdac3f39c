"""Business hours: when somebody is there, by the clock on the wall of one place.

A week of periods and days that are closed. All of it is meant in local time, so that whoever opens at nine opens at
nine in summer and in winter; a period that a change of clocks skips or repeats is skipped or repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from desk.clock import DAY, MINUTE, Millis
from desk.zones import local_zone, zone_named

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
USUAL_WEEK = dict.fromkeys(DAYS[:5], "9:00-17:00")
"""Where nobody says otherwise."""
_FORESEEN = 366
"""Days in which the next opening is looked for."""
_PERIOD = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_CLOSED = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})")
_WHOLE = 24 * 60
_EPOCH = date(1970, 1, 1).toordinal()


class Period(Struct, frozen=True, order=True):
    """From one minute of the day to another, which is not in it; 1,440 is midnight at the end."""

    begin: int
    end: int


class Slot(Struct, frozen=True):
    """A stretch of time."""

    start: Millis
    end: Millis


class Hours(Struct, frozen=True, kw_only=True):
    """When somebody is there."""

    zone: str = "UTC"
    """Where that is meant, such as `Europe/Berlin` (IANA)."""
    week: tuple[tuple[Period, ...], ...] = ((Period(0, _WHOLE),),) * 7
    """Seven days from Monday, each with its periods in order."""
    closed: frozenset[str] = frozenset()
    """Days on which nobody is there: `2026-12-24`, or each year `12-25`."""

    def open_at(self, at: Millis) -> bool:
        """Whether somebody is there."""
        local = _local(at, _zone(self.zone))
        minute = local.hour * 60 + local.minute
        return any(period.begin <= minute < period.end for period in self.of(local.date()))

    def opening(self, at: Millis) -> Millis | None:
        """The first instant from one on at which somebody is there; None if that is not within a year."""
        if self.open_at(at):
            return at
        return next((each for each in self._edges(at) if each >= at and self.open_at(each)), None)

    def closing(self, at: Millis) -> Millis | None:
        """The first instant from one on at which nobody is there; None if somebody is there for a year."""
        if not self.open_at(at):
            return at
        return next((each for each in self._edges(at) if each >= at and not self.open_at(each)), None)

    def slots(self, since: Millis, until: Millis, length: Millis) -> Iterator[Slot]:
        """Stretches of that length, one after another from the beginning of each period, that begin within and
        throughout which somebody is there."""
        zone, free = _zone(self.zone), since
        minutes = max(1, -(-length // MINUTE))
        for day in _days(since - DAY, until, zone):
            usual = not _changes(day, self.zone)
            for period in self.of(day):
                for minute in range(period.begin, period.end, minutes):
                    start = _instant(day, minute, zone)
                    if not free <= start < until:
                        continue
                    within = usual and minute + minutes <= period.end
                    if within or self._throughout(start, start + length):
                        free = start + length  # a time that a change of clocks skips is that of another
                        yield Slot(start, start + length)

    def _throughout(self, start: Millis, end: Millis) -> bool:
        if not self.open_at(start):
            return False
        closes = self.closing(start)
        return closes is None or closes >= end

    def of(self, day: date) -> tuple[Period, ...]:
        """The periods of a day; none if it is closed."""
        if {f"{day:%Y-%m-%d}", f"{day:%m-%d}"} & self.closed:
            return ()
        return self.week[day.weekday()]

    def stretches(self, day: date) -> Iterator[Slot]:
        """When somebody is there on a day, in order, exactly as `open_at` says; parts may adjoin."""
        zone = _zone(self.zone)
        midnight = _midnight(day)
        edges = (_instant(day, 0, zone), *_changes(day, self.zone), _instant(day, _WHOLE, zone))
        for since, until in pairwise(edges):
            offset = _offset(since, zone)
            for period in self.of(day):
                start = max(since, midnight + period.begin * MINUTE - offset)
                end = min(until, midnight + period.end * MINUTE - offset)
                if start < end:
                    yield Slot(start, end)

    def year(self, year: int) -> tuple[Slot, ...]:
        """All of these of a year."""
        first = date(year, 1, 1).toordinal()
        days = map(date.fromordinal, range(first, date(year + 1, 1, 1).toordinal()))
        return tuple(slot for day in days for slot in self.stretches(day))

    def year_of(self, at: Millis) -> int:
        """In which year an instant is, there."""
        return _local(at, _zone(self.zone)).year

    def _edges(self, at: Millis) -> Iterator[Millis]:
        """Every instant, in order, at which it may begin or end that somebody is there."""
        zone = _zone(self.zone)
        for day in _days(at - DAY, at + _FORESEEN * DAY, zone):
            edges = {0, *(minute for period in self.of(day) for minute in (period.begin, period.end))}
            instants = {_instant(day, minute, zone, fold) for minute in edges for fold in (0, 1)}
            yield from sorted(instants | set(_changes(day, self.zone)))


@lru_cache(maxsize=16)
def _zone(name: str) -> tzinfo:
    return zone_named(name) or UTC


def _local(at: Millis, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)


def _offset(at: Millis, zone: tzinfo) -> Millis:
    """How far the clock on the wall is ahead of UTC."""
    ahead = _local(at, zone).utcoffset()
    return 0 if ahead is None else round(ahead.total_seconds() * 1000)


def _midnight(day: date) -> Millis:
    """Of that day, in UTC."""
    return (day.toordinal() - _EPOCH) * DAY


def _instant(day: date, minute: int, zone: tzinfo, fold: int = 0) -> Millis:
    days, minute = divmod(minute, _WHOLE)
    local = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60, fold=fold), zone)
    return round(local.timestamp() * 1000)


def _days(since: Millis, until: Millis, zone: tzinfo) -> Iterator[date]:
    day, last = _local(since, zone).date(), _local(until, zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


@lru_cache(maxsize=2_000)
def _changes(day: date, zone_name: str) -> tuple[Millis, ...]:
    """The instant of a day at which the clocks are changed, if they are."""
    zone = _zone(zone_name)
    low, high = _instant(day, 0, zone), _instant(day, _WHOLE, zone)
    offset = _local(low, zone).utcoffset()
    if _local(high, zone).utcoffset() == offset:
        return ()
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _local(middle, zone).utcoffset() == offset else (low, middle)
    return (high,)


# --- as people write it -------------------------------------------------------------------------------------


def periods(text: str) -> tuple[Period, ...]:
    """`9:00-12:30, 13:30-18:00`; empty, or `closed`, for none. Raises ValueError with what to write instead."""
    if text.strip().lower() in ("", "closed"):
        return ()
    found = sorted(_period(part.strip()) for part in text.split(","))
    for earlier, later in pairwise(found):
        if later.begin < earlier.end:
            raise ValueError(f"{_written(earlier)} and {_written(later)} overlap")
    return tuple(found)


def _period(text: str) -> Period:
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} is no period; write it like "9:00-12:30, 13:30-18:00"')
    hour, minute, to_hour, to_minute = map(int, match.groups())
    period = Period(hour * 60 + minute, to_hour * 60 + to_minute)
    if max(minute, to_minute) > 59 or period.end > _WHOLE:
        raise ValueError(f"{text!r}: a day goes from 0:00 to 24:00")
    if period.begin >= period.end:
        raise ValueError(f"{text!r} ends before it begins; what goes past midnight stands on two days")
    return period


def _written(period: Period) -> str:
    return f"{period.begin // 60}:{period.begin % 60:02}-{period.end // 60}:{period.end % 60:02}"


def closed_days(days: Sequence[str]) -> frozenset[str]:
    """`["2026-12-24", "12-25"]`. Raises ValueError with what to write instead."""
    for day in days:
        match = _CLOSED.fullmatch(day)
        try:
            date(int(match[1] or 2024), int(match[2]), int(match[3])) if match else date(0, 0, 0)
        except ValueError:
            raise ValueError(f'{day!r} is no day; write "2026-12-24", or "12-25" for every year') from None
    return frozenset(days)


def hours(zone: str, week: Mapping[str, str], closed: Sequence[str] = ()) -> Hours:
    """Hours of days by name; those that are not named are closed. Raises ValueError."""
    if zone_named(zone) is None:
        raise ValueError(f"there is no time zone {zone!r}; write one like Europe/Berlin")
    return Hours(zone=zone, week=tuple(periods(week.get(day, "")) for day in DAYS), closed=closed_days(closed))


def usual() -> Hours:
    """The usual week, by this machine's clock."""
    return hours(local_zone() or "UTC", USUAL_WEEK)
