"""What is usual is what a slow count of the weeks before says."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.clock import DAY, HOUR, MINUTE, SECOND
from desk.model import Happening
from desk.service.live.metrics import QUARTER
from desk.service.live.past import Past

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = datetime(2026, 11, 2, tzinfo=BERLIN)
"""A Monday; a week before, clocks were put back, so that one of the days looked at has 25 hours."""
SINCE = round(TODAY.timestamp()) * SECOND


def at(days: int, minute: int) -> int:
    return round((TODAY - timedelta(days=days) + timedelta(minutes=minute)).timestamp()) * SECOND


happenings = st.builds(
    lambda days, minute, kind, queue, value, first: Happening(
        at=at(days, minute), kind=kind, queue_id=queue, value=value, first=first, channel="email"
    ),
    st.sampled_from((1, 6, 7, 8, 14, 21, 55, 56, 57, 80)),
    st.integers(0, 24 * 60 - 1),
    st.sampled_from(("arrived", "arrived", "answered", "closed", "resumed", "resolved")),
    st.sampled_from((None, 1, 2)),
    st.one_of(st.none(), st.integers(0, 3 * HOUR)),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(happenings, max_size=30), st.sampled_from((None, 0, 1)), st.integers(0, 20))
def test_what_is_usual_is_the_mean_of_such_days(told: list[Happening], queue: int | None, waiting: int) -> None:
    past = Past(SINCE, BERLIN, told)
    seen = [each for each in told if at(56, 0) <= each.at < SINCE]
    mine = [each for each in seen if queue in (None, each.queue_id or 0)]
    first = min((each.at for each in seen), default=SINCE)
    days = [days for days in range(7, 57, 7) if at(days, 24 * 60) > first]
    usual = past.usual(queue, waiting)
    assert len(past.days) == len(days)
    assert len(usual) == (96 if days else 0)
    for each in usual[::7]:
        local = [(datetime.fromtimestamp(one.at / SECOND, BERLIN), one) for one in mine]
        here = [
            one
            for then, one in local
            if then.weekday() == 0 and each.minute <= then.hour * 60 + then.minute < each.minute + 15
        ]
        assert each.arrived == sum(one.kind == "arrived" for one in here) / len(days)
        ends = [at(day, each.minute) + QUARTER for day in days]
        stood = [max(waiting - sum(_step(one) for one in mine if one.at >= end), 0) for end in ends]
        assert abs(each.waiting - fmean(stood)) < 1e-9


def _step(each: Happening) -> int:
    """By how much one more or less waits."""
    if each.kind in ("arrived", "resumed"):
        return 1
    return -1 if each.kind in ("answered", "closed") and each.value is not None else 0


@settings(max_examples=40, deadline=None)
@given(st.lists(happenings, max_size=30))
def test_an_hour_of_the_week_is_the_mean_of_such_hours(told: list[Happening]) -> None:
    week = Past(SINCE, BERLIN, told).week(None)
    seen = [(datetime.fromtimestamp(each.at / SECOND, BERLIN), each) for each in told if at(56, 0) <= each.at < SINCE]
    first = min((then.date() for then, _ in seen), default=TODAY.date())
    days = [first + timedelta(days=number) for number in range((TODAY.date() - first).days)]
    assert len(week) == 24 * len({day.weekday() for day in days})
    for each in week:
        number = sum(day.weekday() == each.weekday for day in days)
        here = [one for then, one in seen if (then.weekday(), then.hour) == (each.weekday, each.hour)]
        speeds = [one.value for one in here if one.kind == "answered" and one.first and one.value is not None]
        assert each.arrived == sum(one.kind == "arrived" for one in here) / number
        if not any(one.kind == "resumed" for one in here):
            assert each.speed == (round(fmean(speeds)) if speeds else None)


def test_a_day_without_a_past_has_nothing_usual() -> None:
    past = Past(
        SINCE, BERLIN, [Happening(at=SINCE + MINUTE, kind="arrived"), Happening(at=SINCE - 90 * DAY, kind="arrived")]
    )
    assert (past.usual(None, 3), past.week(None), past.days) == ((), (), [])
