"""Dates as people write them in a query, looking back: an instant in the rep's time zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from desk.clock import DAY, HOUR, MINUTE, Millis

_AGO = re.compile(r"(\d{1,5})\s*(min|h|d|w|m|y)")
_LENGTHS: dict[str, Millis] = {"min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY, "m": 30 * DAY, "y": 365 * DAY}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ](\d{1,2}):(\d{2}))?")

DATE_HINT = "write a date as 2026-11-01, 2026-11, today, yesterday, monday, or 12h, 3d, 2w for so long ago"


def instant(text: str, now: Millis, zone: tzinfo | None) -> Millis | None:
    """The instant `text` means: the beginning of a day, of a month, or so long ago. None if it is no date.

    `zone` None is the machine's own. A weekday is the last one, today included.
    """
    word = text.strip().casefold()
    today = datetime.fromtimestamp(now / 1000, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if word in ("today", "yesterday"):
        return _millis(today - timedelta(days=word == "yesterday"), zone)
    for number, name in enumerate(_WEEKDAYS):
        if word in (name, name[:3]):
            return _millis(today - timedelta(days=(today.weekday() - number) % 7), zone)
    if match := _AGO.fullmatch(word):
        return max(now - int(match[1]) * _LENGTHS[match[2]], 0)
    return _written(word, zone)


def _written(word: str, zone: tzinfo | None) -> Millis | None:
    month, date = _MONTH.fullmatch(word), _DATE.fullmatch(word)
    try:
        if month:
            return _millis(datetime(int(month[1]), int(month[2]), 1), zone)
        if date:
            year, mon, day, hour, minute = (int(part or 0) for part in date.groups())
            return _millis(datetime(year, mon, day, hour, minute), zone)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _millis(moment: datetime, zone: tzinfo | None) -> Millis:
    return int(moment.replace(tzinfo=zone).timestamp() * 1000)
