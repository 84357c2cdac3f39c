"""Working time, against counting minute by minute; and days that people know by heart."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.clock import DAY, HOUR, MINUTE, SECOND, Millis
from desk.hours import DAYS, Hours, Period, Slot, hours
from desk.promises import ALWAYS, Calendar, WorkingClock
from tests.service.world import often

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Africa/Cairo")
CHANGES = (  # around these, clocks are changed somewhere, or a year begins
    "2026-03-08", "2026-03-29", "2026-04-05", "2026-04-24", "2026-10-04", "2026-10-25", "2026-11-01", "2026-12-31",
    "2019-12-31",
)  # fmt: skip
OFFICE = dict.fromkeys(DAYS[:5], "9:00-12:30, 13:30-17:00")


def ms(text: str, zone: str = "Europe/Berlin") -> Millis:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def wall(at: Millis, zone: str = "Europe/Berlin") -> str:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def slowly_open(calendar: Calendar, at: Millis) -> bool:
    return calendar.hours.open_at(at) and not any(slot.start <= at < slot.end for slot in calendar.shut)


def slowly_between(calendar: Calendar, since: Millis, until: Millis) -> Millis:
    return MINUTE * sum(slowly_open(calendar, at) for at in range(since, until, MINUTE))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    week = []
    for _ in range(7):
        edges = sorted(draw(st.lists(st.integers(0, 96), max_size=6, unique=True)))
        edges = edges[: len(edges) // 2 * 2]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        week.append(tuple(Period(15 * begin, 15 * end) for begin, end in pairs))
    zone = draw(st.sampled_from(ZONES))
    day = draw(st.sampled_from(CHANGES))
    shut: list[Slot] = []
    at = ms(day, zone)
    for gap, length in draw(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 600)), max_size=3)):
        shut.append(Slot(at + gap * MINUTE, at + (gap + length) * MINUTE))
        at = shut[-1].end
    closed = frozenset({day}) if draw(st.integers(0, 4)) == 0 else frozenset[str]()
    return Calendar(hours=Hours(zone=zone, week=tuple(week), closed=closed), shut=tuple(shut))


@often(20)
@given(calendars(), st.sampled_from(CHANGES), st.integers(-2 * 24 * 60, 2 * 24 * 60))
def test_it_is_open_in_its_stretches_and_at_no_other_time(calendar: Calendar, day: str, minutes: int) -> None:
    since = ms(day) + minutes * MINUTE
    clock = WorkingClock(calendar)
    slots = list(takewhile(lambda each: each.start < since + 2 * DAY, clock.stretches(since)))
    assert all(one.end < other.start for one, other in pairwise(slots))
    assert all(each.end > since for each in slots)
    for at in range(since, since + 2 * DAY, MINUTE):
        assert any(each.start <= at < each.end for each in slots) == slowly_open(calendar, at)


@often(30)
@given(calendars(), st.sampled_from(CHANGES), st.integers(-1500, 1500), st.integers(0, 3000))
def test_counts_as_who_looks_every_minute(calendar: Calendar, day: str, start: int, length: int) -> None:
    clock = WorkingClock(calendar)
    since = ms(day, calendar.hours.zone) + start * MINUTE
    until = since + length * MINUTE
    assert clock.between(since, until) == slowly_between(calendar, since, until)


@often(30)
@given(calendars(), st.sampled_from(CHANGES), st.integers(-1500, 1500), st.integers(1, 40 * 60))
def test_ends_at_the_first_instant_at_which_so_much_has_passed(
    calendar: Calendar, day: str, start: int, working: int
) -> None:
    clock = WorkingClock(calendar)
    since = ms(day, calendar.hours.zone) + start * MINUTE
    end = clock.after(since, working * MINUTE)
    if any(calendar.hours.week):
        assert clock.between(since, end) == working * MINUTE
        assert clock.between(since, end - 1) == working * MINUTE - 1
        assert clock.open_at(end - 1)


@often(100)
@given(calendars(), st.sampled_from(CHANGES), st.lists(st.integers(-3 * DAY, 3 * DAY), min_size=2, max_size=20))
def test_never_goes_back(calendar: Calendar, day: str, offsets: list[int]) -> None:
    clock = WorkingClock(calendar)
    told = [clock.elapsed(ms(day) + offset) for offset in sorted(offsets)]
    assert told == sorted(told)


@pytest.mark.parametrize(
    ("begun", "working", "due"),
    [
        ("2026-06-15 10:00", HOUR, "2026-06-15 11:00"),
        ("2026-06-15 12:00", HOUR, "2026-06-15 14:00"),  # lunch
        ("2026-06-15 12:45", HOUR, "2026-06-15 14:30"),  # asked at lunch
        ("2026-06-15 16:30", HOUR, "2026-06-16 09:30"),  # over night
        ("2026-06-19 16:30", HOUR, "2026-06-22 09:30"),  # a weekend
        ("2026-06-15 09:00", 7 * HOUR, "2026-06-15 17:00"),  # the whole day
        ("2026-06-14 23:59", 7 * HOUR, "2026-06-15 17:00"),
        ("2026-03-27 16:00", 2 * HOUR, "2026-03-30 10:00"),  # clocks forward on Sunday
        ("2026-10-23 16:00", 2 * HOUR, "2026-10-26 10:00"),  # clocks back on Sunday
        ("2026-12-24 16:00", 2 * HOUR, "2026-12-28 10:00"),  # Christmas on Friday, a weekend
        ("2025-12-31 16:00", 2 * HOUR, "2026-01-02 10:00"),  # a year ends
    ],
)
def test_an_office_with_lunch_in_berlin(begun: str, working: Millis, due: str) -> None:
    clock = WorkingClock(Calendar(hours=hours("Europe/Berlin", OFFICE, ["12-25", "01-01"])))
    assert wall(clock.after(ms(begun), working)) == due


@pytest.mark.parametrize(
    ("begun", "working", "due"),
    [
        ("2026-03-28 23:00", 4 * HOUR, "2026-03-29 04:00"),  # 02:00 to 03:00 is skipped
        ("2026-10-24 23:00", 4 * HOUR, "2026-10-25 02:00"),  # 02:00 to 03:00 comes twice
        ("2026-10-24 23:00", 5 * HOUR, "2026-10-25 03:00"),
        ("2026-06-15 23:30", HOUR, "2026-06-16 00:30"),
    ],
)
def test_a_night_shift_across_midnight_and_changed_clocks(begun: str, working: Millis, due: str) -> None:
    nights = hours("Europe/Berlin", dict.fromkeys(DAYS, "0:00-6:00, 22:00-24:00"))
    assert wall(WorkingClock(Calendar(hours=nights)).after(ms(begun), working)) == due


def test_all_time_counts_where_nothing_else_is_said() -> None:
    clock = WorkingClock(ALWAYS)
    assert clock.elapsed(123) == 123
    assert clock.after(ms("2026-10-24 12:00"), DAY) == ms("2026-10-24 12:00") + DAY


def test_what_shuts_takes_time_out_of_the_middle_of_a_period() -> None:
    outing = Slot(ms("2026-06-15 10:00"), ms("2026-06-15 11:30"))
    clock = WorkingClock(Calendar(hours=hours("Europe/Berlin", OFFICE), shut=(outing,)))
    assert wall(clock.after(ms("2026-06-15 09:30"), HOUR)) == "2026-06-15 12:00"
    assert clock.between(ms("2026-06-15 09:00"), ms("2026-06-15 17:00")) == 5 * HOUR + 30 * MINUTE


def test_seconds_are_not_lost() -> None:
    clock = WorkingClock(Calendar(hours=hours("Europe/Berlin", OFFICE)))
    begun = ms("2026-06-15 16:59") + 59 * SECOND + 999
    assert clock.after(begun, 2) == ms("2026-06-16 09:00") + 1


def test_who_never_works_promises_the_end_of_ten_years() -> None:
    clock = WorkingClock(Calendar(hours=hours("Europe/Berlin", {})))
    assert wall(clock.after(ms("2026-06-15 12:00"), HOUR)) == "2036-01-01 00:00"
