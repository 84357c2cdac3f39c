"""People's words for an instant to come: `3d`, `tomorrow 9:00`, `mon`, `14:30`; in a zone, or that of this machine.

And lengths of time as `desk.toml` has them.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from desk.clock import DAY, HOUR, MINUTE, SECOND, Millis

MORNING = 9
"""The hour a day without an hour means."""
EXAMPLES = "90min, 2h, 3d, tomorrow, monday 14:00, 14:30 or 2026-03-01T09:00"

_LENGTHS = (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", 1))
_UNITS = {"m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_SPAN = re.compile(r"([1-9]\d{0,3})\s*(min|m|h|d|w)")
_CLOCK = re.compile(r"([01]?\d|2[0-3])(?::([0-5]\d))?")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NEAR = {"today": 0, "tonight": 0, "tomorrow": 1, "tom": 1}


def parse_when(text: str, now: Millis, zone: tzinfo | None = None) -> Millis | None:
    """The future instant somebody means by `1h`, `tomorrow`, `mon 14:00`, `9:30`, `2026-02-03 9:00`; None if none."""
    at = _instant(text, now, zone)
    return at if at is not None and at > now else None


def parse_until(text: str, now: Millis, zone: tzinfo | None = None) -> Millis:
    """`parse_when`, raising ValueError that tells what is not understood from what is past."""
    at = _instant(text, now, zone)
    if at is None:
        raise ValueError(f"{text!r} is no time; write {EXAMPLES}")
    if at <= now:
        raise ValueError(f"{text!r} is in the past")
    return at


def understood(text: str) -> bool:
    """Whether these are words for an instant, past or future."""
    return _instant(text, 365 * DAY, None) is not None


def length(spent: Millis) -> str:
    """As `desk.toml` has it: `1h30m`."""
    parts = []
    for name, unit in _LENGTHS:
        number, spent = divmod(spent, unit)
        if number:
            parts.append(f"{number}{name}")
    return "".join(parts) or "0s"


def _instant(text: str, now: Millis, zone: tzinfo | None) -> Millis | None:
    word = " ".join(text.casefold().split())
    if match := _SPAN.fullmatch(word):
        return now + int(match[1]) * _UNITS[match[2]]
    day, _, clock = word.partition(" ")
    today = datetime.fromtimestamp(now / 1000, zone).replace(tzinfo=None)
    try:
        found = _day(day, today)
        hour = _hour(clock) if found and clock else (MORNING, 0) if found else _hour(word)
        if hour is None:
            return _iso(text.strip(), zone)
        then = (found or today).replace(hour=hour[0], minute=hour[1], second=0, microsecond=0)
        if found is None and then <= today:
            then += timedelta(days=1)
        return _millis(then, zone)
    except (OverflowError, ValueError, OSError):
        return None


def _day(word: str, today: datetime) -> datetime | None:
    if word in _NEAR:
        return today + timedelta(days=_NEAR[word])
    if len(word) >= 3 and (name := next((name for name in _WEEKDAYS if name.startswith(word)), None)):
        return today + timedelta(days=(_WEEKDAYS.index(name) - today.weekday()) % 7 or 7)
    if match := _DATE.fullmatch(word):
        return today.replace(year=int(match[1]), month=int(match[2]), day=int(match[3]))
    return None


def _hour(word: str) -> tuple[int, int] | None:
    match = _CLOCK.fullmatch(word)
    return (int(match[1]), int(match[2] or 0)) if match else None


def _iso(text: str, zone: tzinfo | None) -> Millis | None:
    """ISO 8601, such as `2026-03-01T09:00` or with an offset from UTC."""
    if not _DATE.match(text):
        return None
    return _millis(datetime.fromisoformat(text), zone)


def _millis(moment: datetime, zone: tzinfo | None) -> Millis:
    return int(moment.replace(tzinfo=moment.tzinfo or zone).timestamp() * 1000)
