"""When mail goes whose time has come: at a time of day, while somebody is there. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from desk.clock import MINUTE, Millis
from desk.promises import WorkingClock

_DAYS_AT_MOST = 400


def goes_at(due: Millis, *, minute: int | None, zone: tzinfo, working: WorkingClock | None = None) -> Millis:
    """The first instant from `due` on at which the clock on the wall shows `minute` of the day and, by `working`,
    somebody is there; None for either: whenever. If there is none within a year, that is as good as never."""
    if minute is None:
        return due if working is None else working.after(due, 1) - 1
    at = _shows(due, minute, zone)
    for _ in range(_DAYS_AT_MOST):
        if working is None or working.open_at(at):
            break
        at = _shows(at + MINUTE, minute, zone)
    return at


def _shows(at: Millis, minute: int, zone: tzinfo) -> Millis:
    """The first instant from one on at which the clock on the wall shows that; a time that a change of clocks skips is
    shown when they have been changed."""
    day = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).date()
    for ahead in range(3):
        then = datetime.combine(day + timedelta(days=ahead), datetime.min.time(), zone)
        shown = round(then.replace(hour=minute // 60, minute=minute % 60).timestamp() * 1000)
        if shown >= at:
            return shown
    raise AssertionError("a day later is later")
