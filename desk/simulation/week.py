"""What comes in: a week of chats, mails and callbacks, the same for every policy that works it off.

Time is working time in milliseconds: the night is left out, and day follows upon day. Chats and mails arrive as a
Poisson process whose rate rises before noon and in the middle of the afternoon (thinned from its highest rate: Lewis
and Shedler 1979). Work is lognormal, as handling times of contact centres are (Brown et al. 2005, section 4.3), and
how long somebody waits in a chat before they give up is exponential, as Erlang A has it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random

from msgspec import Struct, field

from desk.clock import HOUR, MINUTE, SECOND, Millis
from desk.model import Channel

Curve = tuple[float, ...]
"""How much comes in during each part of a day, all of the same length; only how they compare counts."""
CHANNELS: tuple[Channel, ...] = ("chat", "callback", "email")


class Kind(Struct, frozen=True, kw_only=True):
    """What one channel is like."""

    part: float
    """Of all that comes in."""
    work: Millis
    """How long it takes a rep who does nothing else, on average."""
    spread: float
    """The standard deviation of the logarithm of that."""
    attention: float
    """The part of a rep it takes meanwhile; in a chat one waits for the customer most of the time."""


KINDS: dict[Channel, Kind] = {
    "chat": Kind(part=0.40, work=8 * MINUTE, spread=0.6, attention=0.4),
    "email": Kind(part=0.42, work=6 * MINUTE, spread=0.8, attention=1.0),
    "callback": Kind(part=0.18, work=7 * MINUTE, spread=0.6, attention=1.0),
}


class Shop(Struct, frozen=True, kw_only=True):
    """What is simulated."""

    reps: int = 10
    load: float = 0.9
    """Attention that is asked for over attention that is there."""
    days: int = 5
    hours: float = 9
    kinds: dict[Channel, Kind] = field(default_factory=lambda: dict(KINDS))
    curves: dict[Channel, Curve] = field(default_factory=dict)
    """The shape of the day of a channel, where it is not the usual one."""
    patience: Millis = 5 * MINUTE
    """How long visitors wait in a chat before they give up, on average."""
    chat: Millis = 60 * SECOND
    """The promise of a chat."""
    email: Millis = 4 * HOUR
    vip: Millis = HOUR
    """The promise of the mail of some."""
    vips: float = 0.15
    callback: Millis = 20 * MINUTE
    """How soon is *as soon as possible*; and how long before the time that was promised a call may be made."""
    soon: float = 0.6
    """The part of those who want to be called as soon as possible; the others choose a time on the same day."""

    @property
    def day(self) -> Millis:
        return round(self.hours * HOUR)


class Task(Struct, kw_only=True, eq=False):
    """One thing to do, and what became of it."""

    id: int
    channel: Channel
    at: Millis
    """When it came in."""
    free_at: Millis
    """From when on it may be done."""
    due_at: Millis
    promised: Millis
    work: float
    """What is left of it, in milliseconds of undivided attention."""
    patience: Millis | None = None
    begun_at: Millis | None = None
    ended_at: Millis | None = None
    gone_at: Millis | None = None
    """When they gave up."""

    @property
    def kept(self) -> bool:
        """Whether the promise was kept: of a mail by its answer, else by the first word."""
        told = self.ended_at if self.channel == "email" else self.begun_at
        return told is not None and told <= self.due_at


def arrivals(shop: Shop, seed: int) -> list[Task]:
    """A week, in the order of its arrivals."""
    random = Random(seed)
    asked = sum(kind.part * kind.work * kind.attention for kind in shop.kinds.values())
    rate = shop.load * shop.reps / asked
    found: list[tuple[Millis, Channel]] = []
    for day in range(shop.days):
        for channel, kind in shop.kinds.items():
            found += [
                (day * shop.day + at, channel) for at in _day(shop, random, rate * kind.part, shop.curves.get(channel))
            ]
    found.sort()
    return [_task(shop, random, id, at, channel) for id, (at, channel) in enumerate(found, 1)]


def _day(shop: Shop, random: Random, rate: float, curve: Curve | None) -> Iterator[Millis]:
    shape, highest, mean = (_shape, _HIGHEST, _MEAN) if curve is None else _of(curve)
    at = 0.0
    while (at := at + random.expovariate(rate * highest / mean)) < shop.day:
        if random.random() * highest < shape(at / shop.day):
            yield round(at)


def _of(curve: Curve) -> tuple[Callable[[float], float], float, float]:
    """How much comes in at each part of a day, at most, and on average."""
    return lambda part: curve[int(part * len(curve))], max(curve), sum(curve) / len(curve)


def _shape(part: float) -> float:
    """How much comes in when such a part of a day is over; the highest is below `_HIGHEST`."""
    return 0.6 + 0.55 * math.exp(-(((part - 0.22) / 0.13) ** 2)) + 0.45 * math.exp(-(((part - 0.67) / 0.13) ** 2))


_HIGHEST = 1.2
_MEAN = sum(_shape(step / 1_000) for step in range(1_000)) / 1_000


def _task(shop: Shop, random: Random, id: int, at: Millis, channel: Channel) -> Task:
    kind = shop.kinds[channel]
    work = random.lognormvariate(math.log(kind.work) - kind.spread**2 / 2, kind.spread)
    free_at, patience = at, None
    if channel == "chat":
        promised, due_at = shop.chat, at + shop.chat
        patience = round(random.expovariate(1 / shop.patience))
    elif channel == "email":
        promised = shop.vip if random.random() < shop.vips else shop.email
        due_at = at + promised
    else:
        promised, due_at = shop.callback, at + shop.callback
        if random.random() >= shop.soon:
            last = max((at // shop.day + 1) * shop.day, due_at + MINUTE)
            due_at = random.randint(due_at, last)
        free_at = max(at, due_at - shop.callback)
    return Task(
        id=id,
        channel=channel,
        at=at,
        free_at=free_at,
        due_at=due_at,
        promised=promised,
        work=max(work, SECOND),
        patience=patience,
    )
