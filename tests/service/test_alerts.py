"""Alerts begin once a number has been too high for long enough, and end only when it is well below."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.alerts import Alarm, AlertRule, number_of
from desk.clock import MINUTE
from desk.model import Waiting
from tests.service.world import often


def test_up_and_down_by_a_little_tells_nothing_new() -> None:
    alarm = Alarm(AlertRule(name="rush", number="waiting", above=10, below=7, lasting=2 * MINUTE))
    told = [
        alarm.look(number, at * MINUTE) for at, number in enumerate((9, 10, 11, 12, 9, 10, 8, 7, 6, 11, 9, 11, 11, 11))
    ]
    assert [at for at, turn in enumerate(told) if turn] == [3, 8, 13]
    assert alarm.since == 13 * MINUTE


def test_what_is_looked_at() -> None:
    now = 60 * MINUTE
    waiting = Waiting(waiting={"chat": 2, "email": 5}, longest=15 * MINUTE, risk_15=3, broken_today=4)

    def look(number: str, **more: object) -> float:
        return number_of(AlertRule(name="x", number=number, above=1, **more), waiting, now)  # type: ignore[arg-type]

    assert (look("waiting"), look("waiting", channel="chat"), look("longest")) == (7, 2, 45)
    assert (look("risk-15"), look("broken-today"), look("broken")) == (3, 4, 0)


@given(st.lists(st.integers(0, 20), max_size=60), st.integers(0, 5))
@often(100)
def test_it_is_told_between_the_two_numbers_only_as_it_was(numbers: list[int], minutes: int) -> None:
    alarm = Alarm(AlertRule(name="x", number="open", above=10, lasting=minutes * MINUTE))
    high = 0
    for at, number in enumerate(numbers):
        before = alarm.since is not None
        turned = alarm.look(number, at * MINUTE)
        high = high + 1 if number >= 10 else 0
        told = alarm.since is not None
        assert turned == (before != told)
        assert told == (number >= 8 if before else high > minutes)
