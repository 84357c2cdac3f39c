"""What is promised and what became of it, told to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, takewhile

from msgspec.structs import replace

from desk.clock import Clock, Millis
from desk.hours import Hours
from desk.model import CalendarInfo, Holiday, PolicyInfo, PromiseBoard, PromiseKind, PromiseTally
from desk.promises import FOREVER, Plan, Policy, WorkingClock
from desk.service import promises
from desk.store.base import Store
from desk.zones import zone_named

HOLIDAYS = 3
"""That are told of each calendar."""
_FORESEEN = 2 * 366
"""Days in which they are looked for."""
_DAY = timedelta(days=1)


def board(store: Store, clock: Clock, since: Millis) -> PromiseBoard:
    """The policies, and how many promises run, and were kept, broken or void since an instant."""
    return PromiseBoard(since=since, policies=policies(store), tallies=tallies(store, since, clock.now() + 1))


def policies(store: Store) -> tuple[PolicyInfo, ...]:
    """What is promised to whom, in the order in which it counts."""
    return tuple(_infos(promises.of(store)))


def calendars(store: Store, clock: Clock, names: Mapping[str, Mapping[str, str]]) -> tuple[CalendarInfo, ...]:
    """How each calendar stands now; `names`: what its days off are called, by calendar and day."""
    plan, now = promises.of(store), clock.now()
    return tuple(
        _told(name, each.hours, plan.clock(name), names.get(name, {}), now) for name, each in plan.calendars.items()
    )


def tallies(store: Store, since: Millis, until: Millis) -> tuple[PromiseTally, ...]:
    """How many promises were kept, broken or void in a time, and how many are open now, by policy and kind."""
    counted: dict[tuple[str, PromiseKind], dict[str, int]] = {}
    for policy, kind, state, number in store.promises.tally(since, until):
        counted.setdefault((policy, kind), {})[state] = number
    return tuple(PromiseTally(policy=policy, kind=kind, **of) for (policy, kind), of in counted.items())


def _infos(plan: Plan) -> Iterator[PolicyInfo]:
    yield from map(_info, plan.policies)
    for channel, within in plan.plain.items():
        yield PolicyInfo(name="", when=(f"channel {channel}",), first=within, next=within)


def _info(policy: Policy) -> PolicyInfo:
    conditions = ("channel", "queue", "priority", "tag", "customer")
    return PolicyInfo(
        name=policy.name,
        when=tuple(f"{each} {' or '.join(values)}" for each in conditions if (values := getattr(policy, each))),
        first=policy.first,
        next=policy.next,
        resolution=policy.resolution,
        calendar=policy.calendar,
        pause=policy.pause,
    )


def _told(name: str, hours: Hours, working: WorkingClock, names: Mapping[str, str], now: Millis) -> CalendarInfo:
    zone = zone_named(hours.zone) or UTC
    today = datetime.fromtimestamp(now / 1000, zone).date()
    here = next(working.stretches(now), None)
    open = here is not None and here.start <= now
    until = None if here is None else here.end if open else here.start
    return CalendarInfo(
        name=name,
        zone=hours.zone,
        today=tuple(_today(working, today, zone)),
        open=open,
        until=None if until == FOREVER else until,
        holidays=tuple(islice(_holidays(hours, names, today), HOLIDAYS)),
    )


def _today(working: WorkingClock, today: date, zone: tzinfo) -> Iterator[str]:
    since, until = (_midnight(day, zone) for day in (today, today + _DAY))
    for each in takewhile(lambda each: each.start < until, working.stretches(since)):
        start, end = max(each.start, since), min(each.end, until)
        yield f"{_clock(start, zone)}-{'24:00' if end == until else _clock(end, zone)}"


def _midnight(day: date, zone: tzinfo) -> Millis:
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def _clock(at: Millis, zone: tzinfo) -> str:
    local = datetime.fromtimestamp(at / 1000, zone)
    return f"{local.hour}:{local:%M}"


def _holidays(hours: Hours, names: Mapping[str, str], today: date) -> Iterator[Holiday]:
    """Those that are closed, from today on; days in a row that are called the same are one."""
    pending: Holiday | None = None
    for day in (today + n * _DAY for n in range(_FORESEEN)):
        if hours.closed.isdisjoint((f"{day}", f"{day:%m-%d}")):
            continue
        name = names.get(f"{day}", "")
        if pending is not None and pending.name == name and pending.last == f"{day - _DAY}":
            pending = replace(pending, last=f"{day}")
            continue
        if pending is not None:
            yield pending
        pending = Holiday(first=f"{day}", last=f"{day}", name=name)
    if pending is not None:
        yield pending
