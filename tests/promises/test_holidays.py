"""Days off from iCalendar files, as they are published."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from desk.clock import HOUR
from desk.hours import DAYS, hours
from desk.promises import Calendar, WorkingClock
from desk.promises.holidays import days_off
from tests.promises.test_calendar import ms, wall

YEARS = range(2025, 2028)


def ics(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events))
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def closed(*events: str) -> list[str]:
    return sorted(days_off(ics(*events), "Europe/Berlin", YEARS).closed)


def test_whole_days_once_and_several() -> None:
    assert closed("DTSTART;VALUE=DATE:20261225\nSUMMARY:Christmas") == ["2026-12-25"]
    assert closed("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227") == ["2026-12-25", "2026-12-26"]
    assert closed("DTSTART;VALUE=DATE:20261225\nDURATION:P2D") == ["2026-12-25", "2026-12-26"]


def test_what_recurs_every_year_began_long_ago() -> None:
    assert closed("DTSTART;VALUE=DATE:19700501\nRRULE:FREQ=YEARLY") == ["2025-05-01", "2026-05-01", "2027-05-01"]


def test_a_movable_feast_with_an_end_and_an_exception() -> None:
    thanksgiving = "DTSTART;VALUE=DATE:20201126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;UNTIL=20261231T235959Z"
    assert closed(thanksgiving) == ["2025-11-27", "2026-11-26"]
    assert closed(f"{thanksgiving}\nEXDATE;VALUE=DATE:20251127\nRDATE;VALUE=DATE:20270101") == [
        "2026-11-26",
        "2027-01-01",
    ]


def test_one_of_many_that_was_moved_or_cancelled() -> None:
    every = "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20250601\nRRULE:FREQ=YEARLY\nEND:VEVENT\n"
    moved = "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20260601\nDTSTART;VALUE=DATE:20260602\nEND:VEVENT\n"
    gone = "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20270601\nDTSTART;VALUE=DATE:20270601\nSTATUS:CANCELLED\n"
    text = f"BEGIN:VCALENDAR\n{every}{moved}{gone}END:VEVENT\nEND:VCALENDAR\n"
    assert sorted(days_off(text.encode(), "Europe/Berlin", YEARS).closed) == ["2025-06-01", "2026-06-02"]


def test_times_in_a_zone_without_one_and_in_utc() -> None:
    found = days_off(
        ics(
            "DTSTART;TZID=America/New_York:20260615T080000\nDTEND;TZID=America/New_York:20260615T090000",
            "DTSTART:20260616T140000\nDURATION:PT2H",
            "DTSTART:20260617T120000Z\nDTEND:20260617T130000Z",
            "DTSTART:20260617T123000Z\nDTEND:20260617T140000Z",
        ),
        "Europe/Berlin",
        YEARS,
    )
    assert [(wall(slot.start), wall(slot.end)) for slot in found.shut] == [
        ("2026-06-15 14:00", "2026-06-15 15:00"),
        ("2026-06-16 14:00", "2026-06-16 16:00"),
        ("2026-06-17 14:00", "2026-06-17 16:00"),
    ]


def test_a_meeting_every_week_stays_at_its_hour_when_clocks_change() -> None:
    weekly = "DTSTART;TZID=Europe/Berlin:20261019T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2"
    found = days_off(ics(weekly), "Europe/Berlin", YEARS).shut
    assert [wall(slot.start) for slot in found] == ["2026-10-19 10:00", "2026-10-26 10:00"]
    assert found[1].start - found[0].start == 7 * 24 * HOUR + HOUR


def test_a_promise_does_not_run_on_days_off() -> None:
    off = days_off(ics("DTSTART;VALUE=DATE:20261225", "DTSTART:20261228T090000\nDURATION:PT2H"), "Europe/Berlin", YEARS)
    week = hours("Europe/Berlin", dict.fromkeys(DAYS[:5], "9:00-17:00"))
    office = Calendar(hours=hours("Europe/Berlin", dict.fromkeys(DAYS[:5], "9:00-17:00"), sorted(off.closed)))
    clock = WorkingClock(Calendar(hours=office.hours, shut=off.shut))
    assert week.of(datetime(2026, 12, 25, tzinfo=ZoneInfo("Europe/Berlin")).date())
    assert wall(clock.after(ms("2026-12-24 16:00"), 2 * HOUR)) == "2026-12-28 12:00"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x00\xff nothing of the kind", "is no calendar"),
        (ics("DTSTART:20260101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"), "repeats too often"),
        (ics("SUMMARY:without a day"), "is no calendar"),
        (b"x" * 5_000_001, "bytes"),
    ],
)
def test_what_cannot_be_read_is_said(data: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        days_off(data, "Europe/Berlin", YEARS)


def test_nothing_is_shut_for_no_time() -> None:
    assert days_off(ics("DTSTART:20260616T140000"), "Europe/Berlin", YEARS).shut == ()
