"""Instants as people read them, in the machine's time zone."""

from __future__ import annotations

from datetime import datetime

from desk.clock import DAY, HOUR, MINUTE, SECOND, Millis

_UNITS = (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", SECOND))


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
