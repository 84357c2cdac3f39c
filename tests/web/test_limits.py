"""How much may be asked: by one visitor, from one address, and by all of them together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from connectors.webchat.app import ADDRESS
from connectors.webchat.limits import KNOWN_AT_MOST, Limit, Limits, Rate
from tests.servers.desk import DeskServer
from tests.web.visitors import SITE, Browser, address_of, browser

PROXIED = SITE.replace("port = 0", 'port = 0\nproxies = ["127.0.0.1"]', 1)


class Clock:
    """Seconds, as a test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> Limits:
    return Limits(clock, visitor=Rate(3, 1), address=Rate(5, 1), everybody=Rate(8, 1))


def test_a_visitor_who_asks_too_much_holds_up_nobody_else(limits: Limits, clock: Clock) -> None:
    assert [limits.wait("192.0.2.1", "ada") == 0 for _ in range(4)] == [True, True, True, False]
    assert limits.wait("192.0.2.1", "ben") == 0
    clock.now += limits.wait("192.0.2.1", "ada")
    assert limits.wait("192.0.2.1", "ada") == 0, "after as long as was said"


def test_an_address_has_a_limit_for_however_many_visitors(limits: Limits) -> None:
    answers = [limits.wait("192.0.2.1", f"visitor {i}") == 0 for i in range(6)]
    assert answers == [True] * 5 + [False]
    assert limits.wait("192.0.2.2", "visitor 0") == 0


def test_all_together_have_a_limit_from_however_many_addresses(limits: Limits, clock: Clock) -> None:
    answers = [limits.wait(f"192.0.2.{i}", f"visitor {i}") == 0 for i in range(9)]
    assert answers == [True] * 8 + [False]
    clock.now += 1
    assert limits.wait("192.0.2.100") == 0


def test_of_however_many_names_only_so_many_are_remembered(clock: Clock) -> None:
    limit = Limit(Rate(1, 1), clock)
    for i in range(KNOWN_AT_MOST + 10):
        limit.wait(str(i))
    assert len(limit._left) == KNOWN_AT_MOST


async def flood(tab: Browser, number: int = int(ADDRESS.burst * 1.5)) -> list[int]:
    """By nobody in particular, and all at once: in time more is allowed again."""
    answers = await asyncio.gather(*(tab.ask("find", {}) for _ in range(number)))
    return [answer.status_code for answer in answers]


async def test_who_floods_from_one_address_holds_up_no_other(new_desk: Callable[..., DeskServer]) -> None:
    url = await address_of(new_desk(PROXIED).start())
    async with browser(url, address="192.0.2.1") as one, browser(url, address="192.0.2.2") as other:
        answers = await flood(one)
        assert answers.count(200) >= ADDRESS.burst
        assert 429 in answers
        assert await flood(other, 1) == [200]


async def test_what_somebody_says_of_their_own_address_counts_for_nothing(new_desk: Callable[..., DeskServer]) -> None:
    url = await address_of(new_desk(SITE).start())
    async with browser(url, address="192.0.2.1") as one, browser(url, address="192.0.2.2") as other:
        half = int(ADDRESS.burst * 0.75)
        assert 429 in [*await flood(one, half), *await flood(other, half)]
