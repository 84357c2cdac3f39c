"""Periods as people write them, and values to take away in which no cell is a formula."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from desk.clock import DAY, HOUR, SECOND
from desk.model import Figures, Report, ReportRow
from desk.reporting import as_csv, harmless, period

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()) * SECOND


NOW = at("2026-10-28 15:30")
"""A Wednesday, after a Sunday of 25 hours."""


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("today", "2026-10-28 00:00", "2026-10-28 15:30"),
        ("Yesterday", "2026-10-27 00:00", "2026-10-28 00:00"),
        ("this week", "2026-10-26 00:00", "2026-10-28 15:30"),
        ("last-week", "2026-10-19 00:00", "2026-10-26 00:00"),
        ("last month", "2026-09-01 00:00", "2026-10-01 00:00"),
        ("month", "2026-10-01 00:00", "2026-10-28 15:30"),
        ("2026-10", "2026-10-01 00:00", "2026-10-28 15:30"),
        ("2026-2", "2026-02-01 00:00", "2026-03-01 00:00"),
        ("2025", "2025-01-01 00:00", "2026-01-01 00:00"),
        ("2026-10-25", "2026-10-25 00:00", "2026-10-26 00:00"),
        ("2026-10-01..2026-10-15", "2026-10-01 00:00", "2026-10-16 00:00"),
        ("2026-08..2026-09", "2026-08-01 00:00", "2026-10-01 00:00"),
        ("monday..", "2026-10-26 00:00", "2026-10-28 15:30"),
    ],
)
def test_a_time_in_words(text: str, begins: str, ends: str) -> None:
    assert period(text, NOW, BERLIN) == (at(begins), at(ends))


def test_so_long_until_now_and_what_is_no_time() -> None:
    assert period("30d", NOW, BERLIN) == (NOW - 30 * DAY, NOW)
    since, until = period("2026-10-25", NOW, BERLIN)
    assert until - since == 25 * HOUR
    for wrong in ("someday", "2026-13", "2026-02-30", "2026-10-15..2026-10-01", "..", "", "last-year"):
        with pytest.raises(ValueError, match="write a time"):
            period(wrong, NOW, BERLIN)


def test_no_cell_is_a_formula_whatever_people_are_called() -> None:
    names = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "\ufeff=1", "a\n=1", 'x","=1', "Returns"]
    rows = tuple(
        ReportRow(name=name, figures=Figures(arrived=1, speed=90 * SECOND, service_level=0.5)) for name in names
    )
    told = list(csv.DictReader(io.StringIO(as_csv(Report(since=0, until=1, by="queue", rows=rows)))))
    assert [row["queue"].removeprefix("'") for row in told] == [*names, "all"]
    assert all(not row["queue"].lstrip(" \ufeff").startswith(tuple("=+-@\t\r\n")) for row in told)
    assert (told[0]["arrived"], told[0]["speed_seconds"], told[0]["service_level"]) == ("1", "90.0", "0.5")
    assert harmless("Returns = all") == "Returns = all"
