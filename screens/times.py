"""Instants in people's words. Local time of the machine the terminal runs on."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from desk.clock import DAY, HOUR, MINUTE, SECOND, Millis

_WEEK = 7 * DAY
_INSTANT = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def span(length: Millis) -> str:
    """A length of time in at most four characters: `now`, `5m`, `3h`, `12d`, `40w`."""
    length = max(length, 0)
    for limit, unit, name in ((HOUR, MINUTE, "m"), (2 * DAY, HOUR, "h"), (8 * _WEEK, DAY, "d")):
        if length < limit:
            count = length // unit
            return f"{count}{name}" if count else ("now" if unit == MINUTE else f"1{name}")
    weeks = length // _WEEK
    return f"{weeks}w" if weeks < 104 else f"{weeks // 52}y"


def brief(length: Millis) -> str:
    """The same, with seconds up to two minutes: a chat is answered in some."""
    return f"{length // SECOND}s" if length < 2 * MINUTE else span(length)


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


def in_local_time(text: str, now: Millis) -> str:
    """A text in which instants stand as Desk writes them down (RFC 3339, in UTC), with each as people write it."""

    def told(found: re.Match[str]) -> str:
        try:
            return stamp(round(datetime.fromisoformat(found[0]).timestamp() * 1000), now)
        except ValueError:
            return found[0]

    return _INSTANT.sub(told, text)


def seconds_left(until: Millis, now: Millis) -> int:
    """Whole seconds until then, rounded up; 0 once it is past."""
    return max(0, -((now - until) // SECOND))


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `11th`."""
    last = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{last}"


def _local(at: Millis) -> datetime:
    try:
        return datetime.fromtimestamp(at / 1000)
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0)
