"""Who is to be there when: shifts by the week, and turns from an iCalendar file.

Pure but for reading the bytes of a file: `desk.toml` has the shifts, `desk.server.rostering` reads both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from desk.clock import DAY, Millis
from desk.hours import Hours, Slot
from desk.promises.calendar import WorkingClock


class Shift(Struct, frozen=True, kw_only=True):
    """`[shifts.NAME]`: a week of some reps."""

    name: str
    hours: Hours
    reps: tuple[str, ...]
    """Logins."""
    queues: tuple[str, ...] = ()
    """Only in these; none: wherever they work."""
    calendar: str = ""
    """Of `[calendars]`, on whose days off nobody comes; empty: none."""


class Turn(Struct, frozen=True):
    """A stretch of time in which a rep is to be there."""

    login: str
    start: Millis
    end: Millis
    queues: tuple[str, ...] = ()
    """Only in these, in small letters; none: wherever they work."""


def turns_of(
    shifts: Iterable[Shift], clocks: Mapping[str, WorkingClock], since: Millis, until: Millis
) -> Iterator[Turn]:
    """Of each rep of each shift, within two instants. What is shut by the shift's calendar is left out."""
    for shift in shifts:
        queues = tuple(queue.casefold() for queue in shift.queues)
        for slot in _slots(shift.hours, since, until):
            if shift.calendar in clocks and not clocks[shift.calendar].between(slot.start, slot.end):
                continue
            for login in shift.reps:
                yield Turn(login, slot.start, slot.end, queues)


def _slots(hours: Hours, since: Millis, until: Millis) -> Iterator[Slot]:
    """When somebody is there, as far as that lies between two instants."""
    day, last = date.fromtimestamp((since - DAY) / 1000), date.fromtimestamp((until + DAY) / 1000)
    while day <= last:
        for slot in hours.stretches(day):
            start, end = max(slot.start, since), min(slot.end, until)
            if start < end:
                yield Slot(start, end)
        day += timedelta(days=1)


def turns_in(
    data: bytes, zone: str, who: Callable[[str], str | None], since: Millis, until: Millis
) -> tuple[list[Turn], list[str]]:
    """What an iCalendar file says between two instants, and whom it names that nobody knows.

    An event is of those who attend it, or, where nobody does, of those its summary names: logins or names of reps,
    with commas between them. `who` tells the login. Raises ValueError with what is wrong, in words.
    """
    from desk.promises.holidays import occurrences

    years = range(date.fromtimestamp(since / 1000).year, date.fromtimestamp(until / 1000).year + 1)
    turns: list[Turn] = []
    unknown: dict[str, None] = {}
    for each in occurrences(data, zone, years):
        start, end = max(each.slot.start, since), min(each.slot.end, until)
        for name in each.names if start < end else ():
            login = who(name)
            if login is None:
                unknown[name] = None
            else:
                turns.append(Turn(login, start, end))
    return turns, list(unknown)


def present(turns: Sequence[Turn], since: Millis, until: Millis) -> dict[str, Millis]:
    """How long each rep is to be there between two instants; turns that overlap count once."""
    stretches: dict[str, list[tuple[Millis, Millis]]] = {}
    for turn in turns:
        start, end = max(turn.start, since), min(turn.end, until)
        if start < end:
            stretches.setdefault(turn.login, []).append((start, end))
    return {login: _length(sorted(each)) for login, each in stretches.items()}


def _length(stretches: Sequence[tuple[Millis, Millis]]) -> Millis:
    total, reached = 0, stretches[0][0]
    for start, end in stretches:
        total += max(end - max(start, reached), 0)
        reached = max(reached, end)
    return total
