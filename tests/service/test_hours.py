"""Business hours, against what anybody would write who has all the time in the world: looking at every minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.clock import DAY, HOUR, MINUTE, Millis
from desk.hours import DAYS, Hours, Period, closed_days, hours, periods
from tests.service.world import often

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana")
CHANGES = [  # around these, clocks are changed somewhere
    "2026-03-08", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-25", "2026-11-01", "2026-06-15",
]  # fmt: skip


def ms(text: str, zone: str = "UTC") -> Millis:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def slowly_open(week: Hours, at: Millis) -> bool:
    """What the clock on the wall says, and whether that is in a period of the day on the wall's calendar."""
    wall = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone(ZoneInfo(week.zone))
    if wall.strftime("%Y-%m-%d") in week.closed or wall.strftime("%m-%d") in week.closed:
        return False
    minute = wall.hour * 60 + wall.minute
    return any(period.begin <= minute < period.end for period in week.week[wall.weekday()])


def slowly(week: Hours, at: Millis, wanted: bool, within: Millis) -> Millis | None:
    """The first instant from `at` on, minute by minute."""
    if slowly_open(week, at) == wanted:
        return at
    minutes = range(at // MINUTE * MINUTE + MINUTE, at + within, MINUTE)
    return next((each for each in minutes if slowly_open(week, each) == wanted), None)


@st.composite
def days(draw: st.DrawFn) -> tuple[Period, ...]:
    edges = draw(st.lists(st.integers(0, 96).map(lambda quarter: quarter * 15), max_size=6, unique=True))
    edges = sorted(edges)[: len(edges) // 2 * 2]
    return tuple(Period(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True))


@st.composite
def weeks(draw: st.DrawFn) -> Hours:
    return Hours(
        zone=draw(st.sampled_from(ZONES)),
        week=tuple(draw(days()) for _ in range(7)),
        closed=frozenset(draw(st.sets(st.sampled_from([*CHANGES, "03-29", "10-26"]), max_size=2))),
    )


instants = st.builds(lambda day, ahead: ms(day) + ahead, st.sampled_from(CHANGES), st.integers(-12 * HOUR, 48 * HOUR))


@often(120)
@given(weeks(), instants)
def test_opening_and_closing_are_what_the_wall_clock_says(week: Hours, at: Millis) -> None:
    assert week.open_at(at) == slowly_open(week, at)
    for wanted, find in ((True, week.opening), (False, week.closing)):
        slow = slowly(week, at, wanted, 3 * DAY)
        quick = find(at)
        assert quick == slow if slow is not None else quick is None or quick >= at + 3 * DAY - MINUTE


@often(60)
@given(weeks(), instants, st.sampled_from([15, 20, 30, 60, 90]))
def test_slots_are_open_throughout_and_do_not_overlap(week: Hours, at: Millis, minutes: int) -> None:
    length = minutes * MINUTE
    slots = list(week.slots(at, at + 2 * DAY, length))
    for slot in slots:
        assert at <= slot.start < at + 2 * DAY
        assert slot.end - slot.start == length
        assert all(slowly_open(week, each) for each in range(slot.start, slot.end, 5 * MINUTE))
    assert all(one.end <= other.start for one, other in pairwise(slots))


def test_a_lunch_break_is_kept_and_a_holiday_is_closed() -> None:
    week = hours("Europe/Berlin", {"monday": "9:00-12:30, 13:30-18:00", "tuesday": "9:00-18:00"}, ["2026-11-24"])
    slots = [
        datetime.fromtimestamp(each.start / 1000, ZoneInfo("Europe/Berlin")).strftime("%a %H:%M")
        for each in week.slots(ms("2026-11-22"), ms("2026-12-01"), HOUR)
    ]
    assert slots == [f"Mon {hour}" for hour in ("09:00", "10:00", "11:00", "13:30", "14:30", "15:30", "16:30")] * 2
    assert week.opening(ms("2026-11-23T12:45", "Europe/Berlin")) == ms("2026-11-23T13:30", "Europe/Berlin")
    assert week.opening(ms("2026-11-23T18:00", "Europe/Berlin")) == ms("2026-11-30T09:00", "Europe/Berlin")


def test_a_day_on_which_clocks_change_has_the_hours_that_the_clock_shows() -> None:
    week = hours("Europe/Berlin", {"sunday": "1:30-4:00"})
    spring = ms("2026-03-29", "Europe/Berlin")
    assert week.closing(spring + 2 * HOUR) == spring + 3 * HOUR
    autumn = ms("2026-10-25", "Europe/Berlin")
    assert week.closing(autumn + 2 * HOUR) == autumn + 5 * HOUR


def test_a_time_that_is_skipped_is_offered_once() -> None:
    week = hours("Europe/Berlin", {"sunday": "1:00-5:00"})
    spring = ms("2026-03-29", "Europe/Berlin")
    assert [each.start - spring for each in week.slots(spring, spring + DAY, 30 * MINUTE)] == [
        HOUR + n * 30 * MINUTE for n in range(6)
    ]


def test_who_is_never_there_never_opens() -> None:
    assert hours("UTC", {}).opening(0) is None
    assert Hours().closing(0) is None
    assert list(hours("UTC", {}).slots(0, 10 * DAY, HOUR)) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("9-5", "is no period"),
        ("9:00-25:00", "0:00 to 24:00"),
        ("9:70-10:00", "0:00 to 24:00"),
        ("18:00-9:00", "two days"),
        ("9:00-12:00, 11:00-13:00", "overlap"),
        ("9:00-12:00,", "is no period"),
    ],
)
def test_periods_that_make_no_sense_are_told(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        periods(text)


def test_zones_and_days_that_do_not_exist_are_told() -> None:
    with pytest.raises(ValueError, match="no time zone 'Europe/Bärlin'"):
        hours("Europe/Bärlin", {})
    for day in ("12-32", "2026-02-29", "tomorrow", "2026-1-1"):
        with pytest.raises(ValueError, match="is no day"):
            closed_days([day])
    assert closed_days(["02-29"]) == {"02-29"}
    assert len(DAYS) == 7
