"""What is promised, from settings and files."""

from __future__ import annotations

from pathlib import Path

from desk.clock import HOUR, ManualClock
from desk.server.promising import plan_of
from desk.settings import parse
from tests.promises.test_calendar import ms, wall

TEXT = """
[promises]
chat = "2m"
[policies.usual]
channel = ["email"]
first = "2h"
calendar = "office"
[calendars.office]
zone = "Europe/Berlin"
holidays = "days.ics"
"""
DAYS = """BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;VALUE=DATE:19901225
RRULE:FREQ=YEARLY
SUMMARY:Christmas Day
END:VEVENT
END:VCALENDAR
"""


def test_days_off_are_read_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "days.ics").write_text(DAYS)
    plan, unread, names = plan_of(parse(TEXT, tmp_path / "desk.toml"), ManualClock(ms("2026-06-15")))
    assert unread == []
    assert names["office"]["2026-12-25"] == "Christmas Day"
    assert wall(plan.clock("office").after(ms("2026-12-24 16:00"), 2 * HOUR)) == "2026-12-28 10:00"
    assert plan.plain["chat"] == 2 * 60_000
    assert [policy.name for policy in plan.policies] == ["usual"]


def test_a_calendar_counts_without_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "days.ics").write_text("nothing")
    plan, [unread], names = plan_of(parse(TEXT, tmp_path / "desk.toml"), ManualClock(ms("2026-06-15")))
    assert names == {}
    assert unread.startswith("[calendars.office] counts without days off: ")
    assert wall(plan.clock("office").after(ms("2026-12-24 16:00"), 2 * HOUR)) == "2026-12-25 10:00"
