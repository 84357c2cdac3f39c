"""What is promised, as the settings say and as files of days off do."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from desk.clock import DAY, Clock
from desk.promises import Calendar, Plan
from desk.settings import CalendarSettings, Settings

_BACK = 2
_AHEAD = 5
"""Years of which days off are known."""


def plan_of(settings: Settings, clock: Clock) -> tuple[Plan, list[str]]:
    """What is promised, and what cannot be read of it, in words: the rest of a calendar counts without its file."""
    calendars, findings = {}, []
    for name, given in settings.calendars.items():
        try:
            calendars[name] = _calendar(given, 1970 + clock.now() // (365 * DAY + DAY // 4))
        except (OSError, ValueError) as error:
            calendars[name] = Calendar(hours=given.hours)
            findings.append(f"[calendars.{name}] counts without days off: {given.holidays} {said(error)}")
    return Plan(policies=tuple(settings.policies.values()), plain=settings.promises, calendars=calendars), findings


def _calendar(given: CalendarSettings, year: int) -> Calendar:
    if not given.holidays:
        return Calendar(hours=given.hours)
    from desk.promises.holidays import days_off

    off = days_off(Path(given.holidays).read_bytes(), given.hours.zone, range(year - _BACK, year + _AHEAD))
    return Calendar(hours=replace(given.hours, closed=given.hours.closed | off.closed), shut=off.shut)


def said(error: Exception) -> str:
    """Why a file is of no use, after its name."""
    return f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
