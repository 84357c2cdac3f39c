"""What the plots of the live queue show: today by quarters of an hour, beside what is usual."""

from __future__ import annotations

from desk.clock import Millis
from desk.model.live import Quarter
from desk.model.words import Model


class UsualQuarter(Model, frozen=True, kw_only=True):
    """A quarter of an hour of a day, on the clock of who asks, as it is on average on this weekday."""

    minute: int
    """Of the day, at which it begins."""
    arrived: float
    answered: float
    waiting: float
    """How many waited at its end."""
    speed: Millis | None = None
    """The average speed of answer of all who were answered in it."""


class WeekHour(Model, frozen=True, kw_only=True):
    """An hour of the week, on the clock of who asks, as it is on average."""

    weekday: int
    """0: Monday."""
    hour: int
    arrived: float
    answered: float
    speed: Millis | None = None


class Plots(Model, frozen=True, kw_only=True):
    """One queue, or all together, as it is plotted."""

    at: Millis
    since: Millis
    """When today began, for who asks."""
    queue_id: int | None = None
    """0: what is in no queue. None: all together."""
    name: str = ""
    days: int = 0
    """Of how many days of this weekday `usual` is the mean; 0: the log does not reach back to any."""
    quarters: tuple[Quarter, ...] = ()
    """Those of today, oldest first."""
    usual: tuple[UsualQuarter, ...] = ()
    """Those of a whole day, in order."""
    week: tuple[WeekHour, ...] = ()
    """The hours of the week that were looked at, from Monday on."""
