"""What is promised, as the settings say and as files of days off do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from desk.clock import DAY, Clock
from desk.promises import Calendar, Plan
from desk.settings import CalendarSettings, Settings

if TYPE_CHECKING:
    from desk.promises.holidays import DaysOff

_BACK = 2
_AHEAD = 5
"""Years of which days off are known."""


class Promised(NamedTuple):
    """What is promised, with what was said of it beside."""

    plan: Plan
    unread: list[str]
    """What cannot be read of it, in words: the rest of a calendar counts without its file."""
    names: Mapping[str, Mapping[str, str]]
    """What days off are called, by calendar and day."""


def plan_of(settings: Settings, clock: Clock) -> Promised:
    """What is promised, with the days off that files tell of."""
    calendars, findings, names = {}, [], {}
    for name, given in settings.calendars.items():
        try:
            off = _days_off(given, 1970 + clock.now() // (365 * DAY + DAY // 4))
            calendars[name], names[name] = _without(given, off), off.names
        except (OSError, ValueError) as error:
            calendars[name] = Calendar(hours=given.hours)
            findings.append(f"[calendars.{name}] counts without days off: {given.holidays} {said(error)}")
    plan = Plan(policies=tuple(settings.policies.values()), plain=settings.promises, calendars=calendars)
    return Promised(plan, findings, names)


def _days_off(given: CalendarSettings, year: int) -> DaysOff:
    from desk.promises.holidays import DaysOff, days_off

    if not given.holidays:
        return DaysOff()
    return days_off(Path(given.holidays).read_bytes(), given.hours.zone, range(year - _BACK, year + _AHEAD))


def _without(given: CalendarSettings, off: DaysOff) -> Calendar:
    return Calendar(hours=replace(given.hours, closed=given.hours.closed | off.closed), shut=off.shut)


def said(error: Exception) -> str:
    """Why a file is of no use, after its name."""
    return f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
