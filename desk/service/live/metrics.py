"""Every figure, defined once: how it is counted from what happened. docs/metrics.md says the same in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from desk.clock import MINUTE, Millis
from desk.model import Channel, Figures, Happening, LiveAgent

QUARTER: Millis = 15 * MINUTE
K = TypeVar("K", bound=Hashable)


class Tally:
    """Counts that add up: of a quarter of an hour, and, summed, of any time."""

    __slots__ = ("counts", "speeds")

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.speeds: Counter[Millis] = Counter()
        """How often somebody waited so long for a first answer."""

    def add(self, each: Happening) -> None:
        """Count one more."""
        match each.kind:
            case "arrived":
                self._count("arrived", first=each.first)
                self._count("waiting")
            case "answered":
                self._answered(each, 1)
            case "resumed":
                self._count("waiting")
                if each.value is not None:
                    self._answered(each, -1)
            case "abandoned" | "returned":
                times = 1 if each.kind == "abandoned" else -1
                self._count("abandoned", times)
                if each.late is not None and each.late > 0:
                    self._count("broken", times)
            case "resolved":
                self._count("resolved")
                if each.value is not None and each.value <= 1:
                    self._count("at_first_contact")
            case "rated":
                self._count("rated")
                self._count("rating", each.value or 0)
            case "called":
                self._count("called")
                if each.first and each.late is not None:
                    self._count("calls_kept" if each.late <= 0 else "calls_missed")
            case "helped":
                self._count("helped", each.value or 0)
            case "closed" | "reopened" | "asked":
                self._count(each.kind)
        if each.kind in ("answered", "closed") and each.value is not None:
            self._count("waiting", -1)

    def _answered(self, each: Happening, times: int) -> None:
        self._count("answered", times, first=each.first)
        if each.late is not None:
            self._count("kept" if each.late <= 0 else "broken", times)
        if each.first and each.value is not None:
            self.speeds[each.value] += times
        if each.first and each.channel == "chat":
            self._count("chats_answered", times)

    def _count(self, name: str, times: int = 1, *, first: bool = False) -> None:
        self.counts[name] += times
        if first:
            self.counts[f"{name}_first"] += times

    def __iadd__(self, other: Tally) -> Tally:
        self.counts.update(other.counts)
        self.speeds.update(other.speeds)
        return self

    def figures(self) -> Figures:
        """What these counts say."""
        of = self.counts
        return Figures(
            arrived=of["arrived"],
            arrived_first=of["arrived_first"],
            answered=of["answered"],
            answered_first=of["answered_first"],
            closed=of["closed"],
            kept=of["kept"],
            broken=of["broken"],
            service_level=share(of["kept"], of["kept"] + of["broken"]),
            speed=average(self.speeds),
            speed_90=percentile(self.speeds, 90),
            abandoned=of["abandoned"],
            abandonment=share(of["abandoned"], of["abandoned"] + of["chats_answered"]),
            resolved=of["resolved"],
            at_first_contact=share(of["at_first_contact"], of["resolved"]),
            reopened=of["reopened"],
            called=of["called"],
            calls_kept=of["calls_kept"],
            calls_missed=of["calls_missed"],
            rated=of["rated"],
            rating=share(of["rating"], of["rated"]),
            asked=of["asked"],
            self_service=share(of["helped"], of["asked"]),
        )


ANSWERED_BY: Mapping[str, Callable[[Happening], bool]] = {
    "arrived": lambda each: each.kind == "arrived",
    "answered": lambda each: each.kind == "answered",
    "kept": lambda each: each.kind == "answered" and each.late is not None and each.late <= 0,
    "broken-today": lambda each: each.kind in ("answered", "abandoned") and each.late is not None and each.late > 0,
    "promised": lambda each: _of_promise(each),
    "first-answers": lambda each: each.kind == "answered" and each.first and each.value is not None,
    "first-contact": lambda each: each.kind == "resolved" and each.value is not None and each.value <= 1,
    "abandoned": lambda each: each.kind == "abandoned",
    "resolved": lambda each: each.kind == "resolved",
    "reopened": lambda each: each.kind == "reopened",
    "rated": lambda each: each.kind == "rated",
    "calls-kept": lambda each: each.kind == "called" and each.first and each.late is not None and each.late <= 0,
    "calls-missed": lambda each: each.kind == "called" and each.first and each.late is not None and each.late > 0,
}
"""Which happenings a number was counted from."""


def _of_promise(each: Happening) -> bool:
    return each.late is not None and (each.kind == "answered" or (each.kind == "abandoned" and each.late > 0))


def answers_to(what: str, each: Happening) -> bool:
    """Whether something that happened is behind a number."""
    return ANSWERED_BY[what](each)


def occupancy(agents: Iterable[LiveAgent]) -> float | None:
    """Of those who are available or busy: the share with a conversation before them."""
    there = [each for each in agents if each.state in ("available", "busy")]
    return share(sum(each.on is not None for each in there), len(there))


def share(part: int, whole: int) -> float | None:
    """None of nothing."""
    return part / whole if whole > 0 else None


def average(values: Counter[Millis]) -> Millis | None:
    """Of how often each value occurred; None if none did."""
    number = values.total()
    return round(sum(value * times for value, times in values.items()) / number) if number > 0 else None


def percentile(values: Counter[Millis], percent: int) -> Millis | None:
    """The smallest value that so many of a hundred do not exceed (nearest rank); None if there is none."""
    rank = -(-values.total() * percent // 100)
    for value in sorted(values):
        rank -= values[value]
        if rank <= 0 and values[value] > 0:
            return value
    return None


class Of(NamedTuple):
    """What is counted apart."""

    quarter: Millis
    """When it begins."""
    queue_id: int | None = None
    channel: Channel | None = None
    agent_id: int | None = None


class Book:
    """Tallies by quarter of an hour, queue, channel and rep."""

    def __init__(self, happenings: Iterable[Happening] = ()) -> None:
        self.tallies: dict[Of, Tally] = {}
        for each in happenings:
            self.add(each)

    def add(self, each: Happening) -> None:
        """Count it where it belongs."""
        of = Of(each.at - each.at % QUARTER, each.queue_id, each.channel, each.agent_id)
        tally = self.tallies.get(of)
        if tally is None:
            tally = self.tallies[of] = Tally()
        tally.add(each)

    def by(self, key: Callable[[Of], K | None]) -> dict[K, Tally]:
        """The tallies that have one, summed by a key."""
        found: dict[K, Tally] = {}
        for of, tally in self.tallies.items():
            name = key(of)
            if name is not None:
                found.setdefault(name, Tally()).__iadd__(tally)
        return found

    def total(self) -> Tally:
        """All of them in one."""
        return self.by(lambda of: True).get(True) or Tally()

    def forget(self, before: Millis) -> None:
        """Forget the quarters that began before an instant."""
        self.tallies = {of: tally for of, tally in self.tallies.items() if of.quarter >= before}
