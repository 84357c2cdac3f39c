"""Instants as people write and read them, in the machine's time zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from desk.clock import DAY, HOUR, MINUTE, SECOND, Millis

_UNITS = (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", SECOND))
_DURATION = re.compile(r"(\d+)\s*(min|m|h|d|w)")
_LENGTHS = {"m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MORNING = 9


def local(at: Millis) -> str:
    """`at` as date and time of day in the machine's zone, such as `2026-03-01 09:30`."""
    return datetime.fromtimestamp(at / 1000).strftime("%Y-%m-%d %H:%M")


def span(length: Millis) -> str:
    """A length of time in its largest whole unit, such as `3 h`."""
    for name, unit in _UNITS:
        if length >= unit:
            return f"{length // unit} {name}"
    return "now"


def relative(at: Millis, now: Millis) -> str:
    """How far `at` lies from `now`: `3 h ago`, `in 2 d`, `now`."""
    length = span(abs(now - at))
    if length == "now":
        return length
    return f"{length} ago" if at < now else f"in {length}"


def parse_until(text: str, now: Millis) -> Millis:
    """The instant a person means: `90min`, `2h`, `3d`, `1w`, `tomorrow`, `monday`, `14:30` or an ISO 8601 date or time.

    Days without a time of day mean nine in the morning. Raises ValueError for what is not understood or is past.
    """
    word = text.strip().casefold()
    at = _duration(word, now) or _day(word, now) or _clock(word, now) or _iso(text.strip())
    if at is None:
        raise ValueError(f"{text!r} is no time; write 90min, 2h, 3d, tomorrow, monday, 14:30 or 2026-03-01T09:00")
    if at <= now:
        raise ValueError(f"{text!r} is in the past")
    return at


def _duration(word: str, now: Millis) -> Millis | None:
    match = _DURATION.fullmatch(word)
    return now + int(match[1]) * _LENGTHS[match[2]] if match else None


def _millis(moment: datetime) -> Millis:
    return int(moment.timestamp() * 1000)


def _day(word: str, now: Millis) -> Millis | None:
    today = datetime.fromtimestamp(now / 1000).replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    if word == "tomorrow":
        return _millis(today + timedelta(days=1))
    if word in _WEEKDAYS:
        ahead = (_WEEKDAYS.index(word) - today.weekday()) % 7 or 7
        return _millis(today + timedelta(days=ahead))
    return None


def _clock(word: str, now: Millis) -> Millis | None:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", word)
    if not match:
        return None
    present = datetime.fromtimestamp(now / 1000)
    moment = present.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    return _millis(moment if moment > present else moment + timedelta(days=1))


def _iso(text: str) -> Millis | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _millis(moment.replace(hour=_MORNING) if len(text) <= len("2026-03-01") else moment)
