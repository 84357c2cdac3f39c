"""Reports as people ask for them and take them away: periods in words, columns, comma-separated values."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo

from desk.clock import MINUTE, SECOND, Millis
from desk.model import Figures, Report, ReportRow
from desk.query.dates import instant

PERIOD_HINT = (
    "write a time as today, yesterday, week, last-week, month, last-month, 2026-11, 2026-11-01, 2026, "
    "30d for so long until now, or FROM..TO, which TO is in"
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet may take for the beginning of a formula (OWASP, CSV injection)."""
_TIMES = ("speed", "speed_90")
_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"\d{4}-\d{1,2}")
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")

Period = tuple[Millis, Millis]
"""From an instant on, and before another."""


def period(text: str, now: Millis, zone: tzinfo | None = None) -> Period:
    """The time a text means, by the clock of the zone (None: this machine's). Raises ValueError with what to write."""
    word = text.strip().casefold()
    first, dots, last = word.partition("..")
    if dots:
        begins = _named(first, now, zone)
        ends = _named(last, now, zone) if last else (now, now)
        if begins is None or ends is None or ends[1] <= begins[0]:
            raise ValueError(f"{text!r} is no time; {PERIOD_HINT}")
        return begins[0], ends[1]
    found = _named(word, now, zone)
    if found is None:
        raise ValueError(f"{text!r} is no time; {PERIOD_HINT}")
    return found


def _named(word: str, now: Millis, zone: tzinfo | None) -> Period | None:
    today = datetime.fromtimestamp(now / SECOND, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    named: dict[str, tuple[datetime, datetime]] = {
        "today": (today, today + timedelta(days=1)),
        "yesterday": (today - timedelta(days=1), today),
        "week": (monday, monday + timedelta(days=7)),
        "last-week": (monday - timedelta(days=7), monday),
        "month": (first, _next_month(first)),
        "last-month": ((first - timedelta(days=1)).replace(day=1), first),
    }
    stretch = named.get(word.replace(" ", "-").removeprefix("this-")) or _written(word)
    if stretch is not None:
        begins, ends = (round(each.replace(tzinfo=zone).timestamp()) * SECOND for each in stretch)
        return (begins, min(ends, now) if begins < now else ends)
    at = instant(word, now, zone)
    return None if at is None or at >= now else (at, now)


def _written(word: str) -> tuple[datetime, datetime] | None:
    try:
        if _YEAR.fullmatch(word):
            return datetime(int(word), 1, 1), datetime(int(word) + 1, 1, 1)
        if _MONTH.fullmatch(word):
            begins = datetime(*map(int, word.split("-")), 1)  # type: ignore[arg-type, call-arg]
            return begins, _next_month(begins)
        if _DAY.fullmatch(word):
            begins = datetime(*map(int, word.split("-")))  # type: ignore[arg-type]
            return begins, begins + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return None


def _next_month(first: datetime) -> datetime:
    return (first + timedelta(days=31)).replace(day=1)


# --- as a table -------------------------------------------------------------------------------------------


def percent(part: float | None) -> str:
    """A share; empty if there was nothing to divide by."""
    return "" if part is None else f"{part:.1%}"


def length(length: Millis | None) -> str:
    """A length of time: seconds up to two minutes, then minutes, from two hours on hours."""
    if length is None:
        return ""
    if length < 2 * MINUTE:
        return f"{length // SECOND} s"
    return f"{length / MINUTE:.1f} min" if length < 120 * MINUTE else f"{length / (60 * MINUTE):.1f} h"


FIGURES: Mapping[str, Callable[[Figures], str]] = {
    "arrived": lambda each: str(each.arrived),
    "answered": lambda each: str(each.answered),
    "in time": lambda each: percent(each.service_level),
    "broken": lambda each: str(each.broken),
    "speed": lambda each: length(each.speed),
    "9 of 10": lambda each: length(each.speed_90),
    "left": lambda each: percent(each.abandonment),
    "resolved": lambda each: str(each.resolved),
    "at once": lambda each: percent(each.at_first_contact),
    "reopened": lambda each: str(each.reopened),
    "calls kept": lambda each: str(each.calls_kept),
    "missed": lambda each: str(each.calls_missed),
    "rating": lambda each: "" if each.rating is None else f"{each.rating:.2f}",
    "by itself": lambda each: percent(each.self_service),
}
"""The columns of the table; docs/metrics.md says what each is."""


def heading(report: Report, zone: tzinfo | None = None) -> str:
    """Of what it is."""
    begins, ends = (datetime.fromtimestamp(at / SECOND, zone) for at in (report.since, report.until))
    of = [f"queue {report.queue}" if report.queue else "", report.channel, f"rep {report.rep}" if report.rep else ""]
    told = f"{begins:%a %Y-%m-%d %H:%M} to {ends:%a %Y-%m-%d %H:%M}, by {report.by}"
    return ", ".join([told, *(each for each in of if each)])


# --- to take away -----------------------------------------------------------------------------------------


def as_csv(report: Report) -> str:
    """Numbers as they are; times in seconds, shares from 0 to 1. No cell is a formula."""
    fields = Figures.__struct_fields__
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([report.by, *(f"{name}_seconds" if name in _TIMES else name for name in fields)])
    for row in (*report.rows, ReportRow(name="all", figures=report.total)):
        writer.writerow([harmless(row.name), *(_value(row.figures, name) for name in fields)])
    return out.getvalue()


def _value(figures: Figures, name: str) -> object:
    value = getattr(figures, name)
    return value / SECOND if name in _TIMES and value is not None else value


def harmless(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula, blanks before it or not."""
    return f"'{text}" if text.lstrip(" \ufeff").startswith(_FORMULA) else text
