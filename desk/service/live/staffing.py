"""How many people the next hours take: what is likely to come, and whom it takes to answer it in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from math import ceil, sqrt
from types import MappingProxyType

from msgspec import Struct

from desk.clock import DAY, HOUR, MINUTE, SECOND, Millis
from desk.model import Channel, Happening, Need
from desk.service.live.erlang import Load, people_for
from desk.store.base import Store

WEEKS = 8
"""How far back arrivals are looked at."""
NINE_OF_TEN = 1.6449
"""The normal distribution's quantile: nine of ten hours lie within so many standard deviations."""


class Handling(Struct, frozen=True, kw_only=True):
    """What it takes to answer in a channel, and what is aimed for."""

    lasts: Millis
    """How long a rep is busy with one."""
    within: Millis
    """How soon the first answer is to come."""
    at_once: float = 1
    """How many a rep does at the same time."""
    patience: Millis | None = None
    """How long customers wait on average before they leave; None: they do not."""


HANDLING: Mapping[Channel, Handling] = MappingProxyType(
    {
        "chat": Handling(lasts=8 * MINUTE, within=MINUTE, at_once=3, patience=5 * MINUTE),
        "email": Handling(lasts=6 * MINUTE, within=8 * HOUR),
        "callback": Handling(lasts=6 * MINUTE, within=10 * MINUTE),
    }
)
"""What is assumed where nobody says otherwise."""


class Aim(Struct, frozen=True, kw_only=True):
    """What is aimed for."""

    level: float = 0.8
    """The share that is to be answered in time."""
    occupancy: float = 0.85
    """How much of their time people are to be busy at most."""
    handling: Mapping[Channel, Handling] = HANDLING


USUAL = Aim()


class Expected(Struct, frozen=True):
    """How many are likely to come in an hour; nine of ten such hours lie between `low` and `high`."""

    likely: float
    low: float
    high: float


def expected(counts: Sequence[int]) -> Expected:
    """From how many came in the same hour of the weeks before: their mean, and how far the next may lie from it.

    Arrivals spread at least as far as chance (Poisson), and farther where the weeks themselves did; few weeks know the
    mean less well.
    """
    if not counts:
        return Expected(0.0, 0.0, 0.0)
    number = len(counts)
    mean = sum(counts) / number
    spread = sum((each - mean) ** 2 for each in counts) / (number - 1) if number > 1 else mean
    reach = NINE_OF_TEN * sqrt(max(spread, mean) * (1 + 1 / number))
    return Expected(mean, max(mean - reach, 0.0), mean + reach)


def needs(
    store: Store, now: Millis, hours: int, aim: Aim = USUAL, zone: tzinfo | None = None, weeks: int = WEEKS
) -> list[Need]:
    """For each of the next hours, queue and channel in which anything is likely to come: how much, and for whom.

    The first is the hour that is now. The same hour of the same weekday is looked at, on the clock of the zone, in as
    many weeks as the log reaches back.
    """
    arrivals = _Arrivals(store, now - (weeks * 7 + 1) * DAY, now, zone)
    begins = datetime.fromtimestamp(now / SECOND, zone).replace(minute=0, second=0, microsecond=0)
    found: list[Need] = []
    for hour in range(hours):
        at = begins + timedelta(hours=hour)
        for queue_id, channel in arrivals.places:
            likely = expected(arrivals.before(at, queue_id, channel, weeks))
            if likely.high > 0:
                found.append(_need(round(at.timestamp()) * SECOND, queue_id, channel, likely, aim))
    return found


def _need(at: Millis, queue_id: int, channel: Channel, likely: Expected, aim: Aim) -> Need:
    handling = aim.handling.get(channel) or HANDLING[channel]
    middle, most = (_people(rate, handling, aim) for rate in (likely.likely, likely.high))
    return Need(
        at=at,
        queue_id=queue_id,
        channel=channel,
        likely=likely.likely,
        low=likely.low,
        high=likely.high,
        people=middle,
        people_high=most,
    )


def _people(rate: float, handling: Handling, aim: Aim) -> int:
    """Places at which somebody is helped, of which each rep has `at_once`."""
    patience = handling.patience
    load = Load(rate=rate / HOUR, handling=handling.lasts, patience=patience)
    places = people_for(load, handling.within, level=aim.level, occupancy=aim.occupancy).people
    return ceil(places / handling.at_once)


class _Arrivals:
    """How many waits began, by hour on the zone's clock, queue and channel."""

    def __init__(self, store: Store, since: Millis, until: Millis, zone: tzinfo | None) -> None:
        self._zone = zone
        self._counts: Counter[tuple[str, int, Channel]] = Counter()
        self.places: list[tuple[int, Channel]] = []
        self._first: datetime | None = None
        for each in store.happenings.between(since, until):
            if each.kind == "arrived" and each.channel is not None:
                self._count(each, each.channel)
        self.places = sorted({(queue_id, channel) for _, queue_id, channel in self._counts})

    def _count(self, each: Happening, channel: Channel) -> None:
        then = datetime.fromtimestamp(each.at / SECOND, self._zone)
        self._first = self._first or then
        self._counts[_hour(then), each.queue_id or 0, channel] += 1

    def before(self, at: datetime, queue_id: int, channel: Channel, weeks: int) -> list[int]:
        """Of the same hour in each of the weeks before that the log knows."""
        times = (at - timedelta(weeks=week) for week in range(1, weeks + 1))
        first = self._first
        return [self._counts[_hour(then), queue_id, channel] for then in times if first is not None and then >= first]


def _hour(then: datetime) -> str:
    return f"{then:%Y-%m-%d %H}"
