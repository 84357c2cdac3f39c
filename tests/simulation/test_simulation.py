"""Weeks that never were: the same for the same seed, nothing lost, and small ones worked out by hand."""

from __future__ import annotations

import statistics

import pytest

from desk.clock import HOUR, MINUTE, SECOND
from desk.model import Channel
from desk.simulation import POLICIES, Shop, Task, arrivals, work
from desk.simulation.figures import interval

SHOP = Shop(reps=3, days=1, load=0.9)


def task(id: int, channel: Channel, at: int, work: int, *, promised: int, patience: int | None = None) -> Task:
    return Task(
        id=id, channel=channel, at=at, free_at=at, due_at=at + promised, promised=promised, work=work, patience=patience
    )


def test_a_seed_is_a_week() -> None:
    one, again, other = ([(each.at, each.work) for each in arrivals(SHOP, seed)] for seed in (7, 7, 8))
    assert one == again
    assert one != other


def test_a_week_asks_for_the_attention_that_was_said() -> None:
    shop = Shop(reps=10, load=0.9)
    asked = [sum(each.work * shop.kinds[each.channel].attention for each in arrivals(shop, seed)) for seed in range(20)]
    there = shop.reps * shop.days * shop.day
    assert sum(asked) / len(asked) / there == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("policy", POLICIES)
def test_nothing_is_lost_nor_done_twice(policy: str) -> None:
    week = arrivals(SHOP, 3)
    figures = work(SHOP, week, POLICIES[policy]())
    assert figures == work(SHOP, week, POLICIES[policy]()), "the same week comes out alike"
    assert sum(figures.came.values()) == len(week)
    assert all(each.begun_at is None for each in week), "who runs a week leaves it as it was"
    given_up = round(figures.abandoned * figures.came["chat"])
    done = sum(figures.came.values()) - figures.undone - given_up
    assert 0 < done <= len(week)
    assert figures.undone == 0, "three hours are enough for what is left"
    assert 0 < figures.occupancy <= 1.4


def test_a_tiny_day() -> None:
    """One rep. A mail of ten minutes is begun at once; the chat that comes a minute later is taken beside it, so that
    both go slower: 1.4 of one person's attention is asked for."""
    shop = Shop(reps=1, days=1)
    week = [
        task(1, "email", 0, 10 * MINUTE, promised=HOUR),
        task(2, "chat", MINUTE, 5 * MINUTE, promised=MINUTE),
    ]
    figures = work(shop, week, POLICIES["channels"]())
    assert figures.kept == {"chat": 1.0, "callback": 1.0, "email": 1.0}
    assert (figures.wait["chat"], figures.wait["email"]) == (0, 0)
    # Both at 1/1.4 until the chat is done after 7 minutes; five of the mail's nine are done then. One minute alone
    # before, four after: 12 minutes, of which 7 take all attention and 5 too.
    assert figures.occupancy * shop.day == pytest.approx(12 * MINUTE, rel=0.001)


def test_who_gives_up_is_not_answered() -> None:
    shop = Shop(reps=1, days=1)
    week = [
        task(1, "callback", 0, 10 * MINUTE, promised=MINUTE),
        task(2, "chat", SECOND, MINUTE, promised=MINUTE, patience=2 * MINUTE),
    ]
    figures = work(shop, week, POLICIES["longest-waiting"]())
    assert (figures.abandoned, figures.kept["chat"], figures.kept["callback"]) == (1.0, 0.0, 1.0)


def test_a_rep_is_kept_free_for_a_call() -> None:
    """A chat follows upon another for ever; the call takes all of a rep, and is only made if they are kept free."""
    shop = Shop(reps=1, days=1)
    chats = [task(id, "chat", id * 4 * MINUTE, 5 * MINUTE, promised=8 * HOUR) for id in range(1, 40)]
    week = [*chats, task(99, "callback", 6 * MINUTE, MINUTE, promised=20 * MINUTE)]
    week.sort(key=lambda each: each.at)
    assert work(shop, week, POLICIES["urgency-alone"]()).kept["callback"] == 0.0
    assert work(shop, week, POLICIES["urgency"]()).kept["callback"] == 1.0


def test_intervals_are_students() -> None:
    ten = [float(value) for value in range(1, 11)]
    assert interval(ten).mean == 5.5
    assert interval(ten).off == pytest.approx(2.262 * statistics.stdev(ten) / 10**0.5, rel=1e-3)
    assert interval([5.0]).off == 0.0
