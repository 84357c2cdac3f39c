"""Alerts: a number of the live queue that is too high for a while, and is told until it is clearly lower again.

Pure: `desk.server.live` looks at the numbers, `desk.toml` has the rules.
"""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

from desk.clock import MINUTE, Millis
from desk.model import Channel, Waiting

Watched = Literal["waiting", "longest", "unassigned", "open", "risk-5", "risk-15", "risk-60", "broken", "broken-today"]
WATCHED: tuple[Watched, ...] = get_args(Watched)


class AlertRule(Struct, frozen=True, kw_only=True):
    """`[alerts.NAME]`: when a number is too high."""

    name: str
    number: Watched
    """`longest` is in minutes."""
    above: float
    """From this on it is too high."""
    below: float | None = None
    """Below this it is well again; None: four fifths of `above`."""
    lasting: Millis = 0
    """How long it has to be too high before that is told."""
    queue: str = ""
    """Of one queue; empty: of all together."""
    channel: Channel | None = None
    """For `waiting`: only those."""

    @property
    def well_below(self) -> float:
        return 0.8 * self.above if self.below is None else self.below


def number_of(rule: AlertRule, waiting: Waiting, now: Millis) -> float:
    """What a rule looks at."""
    if rule.number == "waiting":
        of = waiting.waiting
        return of.get(rule.channel, 0) if rule.channel else sum(of.values())
    if rule.number == "longest":
        return 0.0 if waiting.longest is None else (now - waiting.longest) / MINUTE
    return float(getattr(waiting, rule.number.replace("-", "_")))


class Alarm:
    """How one rule stands. It begins when the number has been too high for long enough, and ends when it is well
    below: in between, a number that goes up and down by a little tells nothing new."""

    def __init__(self, rule: AlertRule, since: Millis | None = None) -> None:
        self.rule = rule
        self.since = since
        """When it began to be told."""
        self.number = 0.0
        self._high_since: Millis | None = None

    def look(self, number: float, now: Millis) -> bool:
        """Whether it began or ended by this."""
        self.number = number
        before = self.since
        if self.since is not None:
            self.since = self.since if number >= self.rule.well_below else None
            self._high_since = None
        elif number < self.rule.above:
            self._high_since = None
        else:
            self._high_since = now if self._high_since is None else self._high_since
            self.since = now if now - self._high_since >= self.rule.lasting else None
        return (before is None) != (self.since is None)
