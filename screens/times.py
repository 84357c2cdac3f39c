"""Instants in people's words, and people's words as instants. Local time of the machine the terminal runs on."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from desk.clock import DAY, HOUR, MINUTE, SECOND, Millis

_WEEK = 7 * DAY
MORNING = 9
"""The hour a day without an hour means."""

_UNITS = {"m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY, "w": _WEEK}
_SPAN = re.compile(r"(\d{1,4})\s*(m|min|h|d|w)")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def span(length: Millis) -> str:
    """A length of time in at most four characters: `now`, `5m`, `3h`, `12d`, `40w`."""
    length = max(length, 0)
    for limit, unit, name in ((HOUR, MINUTE, "m"), (2 * DAY, HOUR, "h"), (8 * _WEEK, DAY, "d")):
        if length < limit:
            count = length // unit
            return f"{count}{name}" if count else ("now" if unit == MINUTE else f"1{name}")
    weeks = length // _WEEK
    return f"{weeks}w" if weeks < 104 else f"{weeks // 52}y"


def stamp(at: Millis, now: Millis) -> str:
    """An instant as people write it, as short as it is clear: `14:05`, `Mon 14:05`, `3 Feb 14:05`, `3 Feb 2021`."""
    then, today = _local(at), _local(now)
    if then.date() == today.date():
        return f"{then:%H:%M}"
    if timedelta(0) < abs(today - then) < timedelta(days=6):
        return f"{then:%a %H:%M}"
    if then.year == today.year:
        return f"{then.day} {then:%b %H:%M}"
    return f"{then.day} {then:%b %Y}"


def full_stamp(at: Millis) -> str:
    """An instant with all there is to say: `Mon 3 Feb 2025 14:05`."""
    then = _local(at)
    return f"{then:%a} {then.day} {then:%b %Y %H:%M}"


def seconds_left(until: Millis, now: Millis) -> int:
    """Whole seconds until then, rounded up; 0 once it is past."""
    return max(0, -((now - until) // SECOND))


def parse_when(text: str, now: Millis) -> Millis | None:
    """The future instant somebody means by `1h`, `tomorrow`, `mon 14:00`, `9:30`, `2026-02-03 9:00`; None if none."""
    words = text.strip().lower().split()
    if not words:
        return None
    if match := _SPAN.fullmatch(text.strip().lower()):
        return now + int(match[1]) * _UNITS[match[2]] if int(match[1]) else None
    today = _local(now)
    day = _day(words[0], today)
    clock = words[1:] if day is not None else words
    hour = _hour(clock[0]) if len(clock) == 1 else ((MORNING, 0) if not clock else None)
    if hour is None:
        return None
    then = (day or today).replace(hour=hour[0], minute=hour[1], second=0, microsecond=0)
    if day is None and then <= today:
        then += timedelta(days=1)
    at = int(then.timestamp() * 1000)
    return at if at > now else None


def _day(word: str, today: datetime) -> datetime | None:
    if word in ("today", "tonight"):
        return today
    if word in ("tomorrow", "tom"):
        return today + timedelta(days=1)
    if word[:3] in _DAYS and ("monday tuesday wednesday thursday friday saturday sunday".find(word) >= 0):
        ahead = (_DAYS.index(word[:3]) - today.weekday()) % 7 or 7
        return today + timedelta(days=ahead)
    if match := _DATE.fullmatch(word):
        try:
            return today.replace(year=int(match[1]), month=int(match[2]), day=int(match[3]))
        except ValueError:
            return None
    return None


def _hour(word: str) -> tuple[int, int] | None:
    match = _CLOCK.fullmatch(word)
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        return None
    return int(match[1]), int(match[2] or 0)


def _local(at: Millis) -> datetime:
    try:
        return datetime.fromtimestamp(at / 1000)
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0)
