"""What came of a week, and what many weeks have in common."""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Sequence

from msgspec import Struct

from desk.clock import SECOND
from desk.model import Channel
from desk.simulation.week import CHANNELS, Shop, Task


class Figures(Struct, frozen=True, kw_only=True):
    """One week."""

    came: dict[Channel, int]
    kept: dict[Channel, float]
    """The part of the promises that were kept."""
    broken: dict[Channel, int]
    wait: dict[Channel, float]
    """Until somebody began, in seconds: the median, of those that were begun."""
    wait_90: dict[Channel, float]
    """The same, that 90 of 100 did not wait longer than."""
    abandoned: float
    """The part of chats whose visitor gave up."""
    undone: int
    """What nobody had done at the end."""
    occupancy: float
    """Attention given over attention there was."""

    @property
    def broken_later(self) -> int:
        """Promises of mails and calls that were broken."""
        return self.broken["email"] + self.broken["callback"]


class Interval(Struct, frozen=True, kw_only=True):
    """A mean, and how far off it may be (95 %, Student's t)."""

    mean: float
    off: float


class Summary(Struct, frozen=True, kw_only=True):
    """Many weeks."""

    weeks: int
    kept: dict[Channel, Interval]
    broken: dict[Channel, Interval]
    broken_later: Interval
    wait: dict[Channel, Interval]
    wait_90: dict[Channel, Interval]
    abandoned: Interval
    occupancy: Interval


def counted(shop: Shop, tasks: Sequence[Task], worked: float, kept: Collection[int] | None = None) -> Figures:
    """What came of a week, in which so many milliseconds of attention were given.

    `kept`: the tasks whose promise was kept, where somebody else knows it.
    """
    if kept is None:
        kept = {task.id for task in tasks if task.kept}
    of = {channel: [task for task in tasks if task.channel == channel] for channel in CHANNELS}
    chats = of["chat"]
    waits = {
        channel: sorted((task.begun_at - task.free_at) / SECOND for task in some if task.begun_at is not None)
        for channel, some in of.items()
    }
    return Figures(
        came={channel: len(some) for channel, some in of.items()},
        kept={
            channel: sum(task.id in kept for task in some) / len(some) if some else 1.0 for channel, some in of.items()
        },
        broken={channel: sum(task.id not in kept for task in some) for channel, some in of.items()},
        wait={channel: statistics.median(some) if some else 0.0 for channel, some in waits.items()},
        wait_90={channel: some[math.ceil(0.9 * len(some)) - 1] if some else 0.0 for channel, some in waits.items()},
        abandoned=sum(task.gone_at is not None for task in chats) / max(len(chats), 1),
        undone=sum(task.ended_at is None and task.gone_at is None for task in tasks),
        occupancy=worked / (shop.reps * shop.days * shop.day),
    )


def summed(weeks: Sequence[Figures]) -> Summary:
    """Raises ValueError for no weeks."""

    def each(name: str) -> dict[Channel, Interval]:
        return {channel: interval([getattr(week, name)[channel] for week in weeks]) for channel in CHANNELS}

    return Summary(
        weeks=len(weeks),
        kept=each("kept"),
        broken=each("broken"),
        broken_later=interval([week.broken_later for week in weeks]),
        wait=each("wait"),
        wait_90=each("wait_90"),
        abandoned=interval([week.abandoned for week in weeks]),
        occupancy=interval([week.occupancy for week in weeks]),
    )


def interval(values: Sequence[float]) -> Interval:
    """Raises ValueError for no values."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return Interval(mean=mean, off=0.0)
    return Interval(mean=mean, off=_student(len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values)))


def _student(freedom: int) -> float:
    """Student's t for 95 %, both sides: Abramowitz and Stegun, 26.7.5; within 1 % from three degrees of freedom on."""
    z = statistics.NormalDist().inv_cdf(0.975)
    return (
        z
        + (z**3 + z) / 4 / freedom
        + (5 * z**5 + 16 * z**3 + 3 * z) / 96 / freedom**2
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384 / freedom**3
    )
