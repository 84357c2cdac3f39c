"""Days off, from iCalendar files (RFC 5545), as calendars of public holidays are published."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct

from desk.clock import Millis
from desk.hours import Slot
from desk.text import line
from desk.zones import zone_named

BYTES_AT_MOST = 5_000_000
_RARELY = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;|$)", re.IGNORECASE)
_UNTIL = re.compile(r"(UNTIL=\d{8})T\d{6}Z?", re.IGNORECASE)
_DAY = timedelta(days=1)


class DaysOff(Struct, frozen=True, kw_only=True):
    """When nobody is there."""

    closed: frozenset[str] = frozenset()
    """Whole days, such as `2026-12-25`."""
    shut: tuple[Slot, ...] = ()
    """Stretches of time, in order and apart from each other."""
    names: Mapping[str, str] = {}
    """What the whole days are called."""


def days_off(data: bytes, zone: str, years: range) -> DaysOff:
    """What a file says of these years; what recurs is repeated. Whole days are meant in the zone, and so are times
    that name none. Cancelled events do not count.

    Raises ValueError with what is wrong, in words.
    """
    names: dict[str, str] = {}
    shut: list[Slot] = []
    for event in occurrences(data, zone, years):
        if event.whole:
            for each in range(max(event.length.days, 1)):
                names.setdefault(f"{event.begin + each * _DAY:%Y-%m-%d}", line(", ".join(event.names)))
        elif event.length > timedelta():
            shut.append(event.slot)
    return DaysOff(closed=frozenset(names), shut=tuple(_joined(shut)), names=names)


class Occurrence(NamedTuple):
    """An event, each time it takes place."""

    begin: datetime
    length: timedelta
    whole: bool
    """Whether it is of whole days: `begin` is then midnight, without a zone."""
    names: tuple[str, ...]
    """Who attends it, or what its summary lists."""
    zone: tzinfo

    @property
    def slot(self) -> Slot:
        if not self.whole:
            start = _millis(self.begin)
            return Slot(start, start + round(self.length.total_seconds() * 1000))
        days = max(self.length, _DAY)
        return Slot(*(_millis(each.replace(tzinfo=self.zone)) for each in (self.begin, self.begin + days)))


@lru_cache(maxsize=4)
def occurrences(data: bytes, zone: str, years: range) -> tuple[Occurrence, ...]:
    """All events of these years, as `days_off` reads them, in no order. Raises ValueError with what is wrong."""
    import icalendar

    if len(data) > BYTES_AT_MOST:
        raise ValueError(f"has {len(data):,} bytes; calendars have {BYTES_AT_MOST:,} at most")
    try:
        calendars = icalendar.Calendar.from_ical(data, multiple=True)
        events: list[Any] = [event for each in calendars for event in each.walk("VEVENT")]
        reader = _Reader(zone, years)
        for event in events:
            reader.moved.update(_moved(event))
        return tuple(each for event in events for each in reader.read(event))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise ValueError(f"is no calendar that can be read: {error}") from error


class _Reader:
    """The events of one file."""

    def __init__(self, zone: str, years: range) -> None:
        self.zone = zone_named(zone) or UTC
        self.first = date(years.start, 1, 1)
        self.last = date(years.stop - 1, 12, 31)
        self.moved: set[tuple[str, date]] = set()
        """Repetitions that another event stands for: whose, and when they would have been."""

    def read(self, event: Any) -> Iterator[Occurrence]:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            return
        start = event["DTSTART"].dt
        whole = not isinstance(start, datetime)
        begin = datetime.combine(start, time()) if whole else self._local(start)
        length = self._length(event, start, whole=whole)
        for each in self._repeated(event, begin, length, whole=whole):
            yield Occurrence(each, length, whole, _names(event), self.zone)

    def _local(self, moment: datetime) -> datetime:
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=self.zone)

    def _length(self, event: Any, start: Any, *, whole: bool) -> timedelta:
        if "DTEND" in event:
            end = event["DTEND"].dt
            return end - start if whole else self._local(end) - self._local(start)
        if "DURATION" in event:
            return event["DURATION"].dt  # type: ignore[no-any-return]
        return _DAY if whole else timedelta()

    def _repeated(self, event: Any, begin: datetime, length: timedelta, *, whole: bool) -> Iterator[datetime]:
        since, until = datetime.combine(self.first, time()) - length, datetime.combine(self.last, time()) + _DAY
        if not whole:
            since, until = since.replace(tzinfo=self.zone), until.replace(tzinfo=self.zone)
        apart = {self._key(each, whole=whole) for each in _dates(event, "EXDATE")}
        uid, own = str(event.get("UID", "")), event.get("RECURRENCE-ID") is not None
        every = [begin, *(self._moment(each, whole=whole) for each in _dates(event, "RDATE"))]
        for rule in _rules(event):
            every += self._by_rule(rule, begin, since, until, whole=whole)
        for each in sorted(set(every)):
            moved = not own and (uid, _day(each)) in self.moved
            if since <= each <= until and self._key(each, whole=whole) not in apart and not moved:
                yield each

    def _by_rule(self, rule: str, begin: datetime, since: datetime, until: datetime, *, whole: bool) -> list[datetime]:
        from dateutil.rrule import rrulestr

        if not _RARELY.search(rule):
            raise ValueError(f"{rule[:60]} repeats too often; once a day at most")
        text = _UNTIL.sub(r"\1", rule) if whole else rule
        return list(rrulestr(text, dtstart=begin).between(since, until, inc=True))

    def _moment(self, given: Any, *, whole: bool) -> datetime:
        if whole or not isinstance(given, datetime):
            return datetime.combine(given, time())
        return self._local(given)

    def _key(self, given: Any, *, whole: bool) -> object:
        return _day(given) if whole else self._moment(given, whole=False).timestamp()


def _names(event: Any) -> tuple[str, ...]:
    attending = [str(each).removeprefix("mailto:").removeprefix("MAILTO:") for each in _several(event, "ATTENDEE")]
    listed = [part.strip() for part in str(event.get("SUMMARY", "")).split(",")]
    return tuple(dict.fromkeys(name for name in attending or listed if name))


def _moved(event: Any) -> set[tuple[str, date]]:
    other = event.get("RECURRENCE-ID")
    return set() if other is None else {(str(event.get("UID", "")), _day(other.dt))}


def _day(given: Any) -> date:
    return given.date() if isinstance(given, datetime) else given


def _several(event: Any, name: str) -> list[Any]:
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]


def _dates(event: Any, name: str) -> list[Any]:
    return [each.dt for group in _several(event, name) for each in group.dts]


def _rules(event: Any) -> list[str]:
    return [each.to_ical().decode() for each in _several(event, "RRULE")]


def _millis(moment: datetime) -> Millis:
    return round(moment.timestamp() * 1000)


def _joined(slots: list[Slot]) -> Iterator[Slot]:
    """In order, those that touch as one."""
    last: Slot | None = None
    for slot in sorted(slots, key=lambda each: each.start):
        if last is not None and slot.start <= last.end:
            last = Slot(last.start, max(last.end, slot.end))
            continue
        if last is not None:
            yield last
        last = slot
    if last is not None:
        yield last
