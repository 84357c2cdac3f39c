"""How long it takes: measured, never promised better than was seen, and unknown where nothing was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.clock import DAY, HOUR, MINUTE, SECOND
from desk.model import Wait
from desk.service.waiting import LONGER, TOLD, expected, in_minutes

NOW = 1_000 * DAY


def waited(*spans: tuple[int, int], agent: int = 1) -> list[Wait]:
    """Answered after so many minutes: `(minutes ago it began, minutes it took)`."""
    return [
        Wait(began_at=NOW - ago * MINUTE, answered_at=NOW - (ago - took) * MINUTE, agent_id=agent)
        for ago, took in spans
    ]


def expect(waits: list[Wait], *, ahead: int = 0, reps: int = 1) -> float | None:
    found = expected(waits, ahead=ahead, reps=reps, now=NOW)
    return None if found is None else found / MINUTE


def test_one_after_the_other_or_all_at_once_is_the_same_pace() -> None:
    assert expect(waited((60, 2), (50, 2), (40, 2))) == 2
    assert expect(waited((60, 2), (60, 4), (60, 6))) == 2
    assert expect(waited((60, 2), (60, 4), (60, 6)), ahead=3) == 8


def test_what_was_not_measured_is_unknown() -> None:
    assert expect([]) is None
    assert expect(waited((60, 2), (50, 2))) is None
    assert expect(waited((600, 2), (500, 2), (400, 2))) is None, "too long ago"
    assert expect(waited((60, 2), (50, 2), (40, 2)), reps=0) is None, "nobody is there"


def test_who_still_waits_or_gave_up_makes_it_slower() -> None:
    waits = waited((60, 2), (50, 2), (40, 2))
    assert expect([*waits, Wait(began_at=NOW - 9 * MINUTE)]) == 5
    assert expect([*waits, Wait(began_at=NOW - 30 * MINUTE, left_at=NOW - 24 * MINUTE)]) == 4
    assert expect([*waits, Wait(began_at=NOW - 3 * DAY)]) == 2 * 60 / 3, "no more than what is looked at"


def test_fewer_reps_take_longer_and_more_promise_nothing() -> None:
    waits = [*waited((60, 2), (50, 2)), *waited((40, 2), agent=2)]
    assert [expect(waits, reps=reps) for reps in (1, 2, 3)] == [4, 2, 2]


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=20), st.integers(0, 9), st.integers(0, 4))
def test_whoever_stands_further_back_never_hears_of_less(spans: list[tuple[int, int]], ahead: int, reps: int) -> None:
    waits = waited(*((max(spans_), min(spans_)) for spans_ in spans))
    one, other = (expected(waits, ahead=each, reps=reps, now=NOW) for each in (ahead, ahead + 1))
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert 0 <= one <= other


def test_minutes_are_told_roughly_and_never_too_few() -> None:
    told = [in_minutes(each) for each in (None, 0, 59 * SECOND, 61 * SECOND, 6 * MINUTE, 11 * MINUTE, HOUR, HOUR + 1)]
    assert told == [None, 1, 1, 2, 7, 15, 60, LONGER]
    assert all((in_minutes(each) or 0) * MINUTE >= each for each in range(0, HOUR, 7 * SECOND))
    assert TOLD[-1] < LONGER
