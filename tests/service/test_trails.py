"""Trails: what is kept of addresses, for how long, and whom nobody remembers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.clock import DAY, HOUR, MINUTE
from desk.model import Sighting, TrailStep, Visitor
from desk.service import chats, inviting, trails
from desk.service.errors import Invalid, Lost
from tests.service.world import World, often


def arrive(world: World) -> Visitor:
    return chats.arrive(world.store, world.clock, "site", language="en").visitor


def look(world: World, visitor: Visitor, key: str = "a") -> None:
    now = world.clock.now()
    step = TrailStep(visitor_id=visitor.id, visit=now, at=now, url="https://shop.example/")
    trails.keep(world.store, world.clock, step, key)


def forget(world: World, *, kept: int = 30 * DAY, visitors: int = 30 * DAY) -> int:
    return trails.forget_old(world.store, world.clock, trails=kept, visitors=visitors)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("https://shop.example", "https://shop.example/"),
        ("HTTPS://Shop.Example:8443/A%20b?c#d", "https://shop.example:8443/A%20b"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("//shop.example/x", ""),
        ("/x", ""),
        ("ftp://shop.example/x", ""),
        ("https://shop.example:99999/", ""),
        ("https://user:secret@shop.example/", "https://shop.example/"),
        ("https://shop.example/Räder", "https://shop.example/R%C3%A4der"),
    ],
)
def test_addresses(told: str, kept: str) -> None:
    assert trails.address(told) == kept


@given(url=st.text() | st.text().map("https://shop.example/".__add__), title=st.text(), number=st.floats())
@often(300)
def test_whatever_browsers_say_is_harmless_and_short(url: str, title: str, number: float) -> None:
    said = trails.cleaned(Sighting(key=title, url=url, title=title, referrer=url, cart=number, currency=title))
    for text in (said.key, said.url, said.title, said.referrer, said.currency):
        assert len(text) <= trails.URL_AT_MOST
        assert "\n" not in text
        assert "\x1b" not in text
    assert said.url == "" or said.url.startswith(("http://", "https://"))
    assert "?" not in said.url
    assert "#" not in said.url
    assert said.cart is None or 0 <= said.cart <= trails.CART_AT_MOST


def test_trails_and_visitors_are_forgotten_in_time(world: World) -> None:
    ada, ben = arrive(world), arrive(world)
    look(world, ada)
    look(world, ben)
    chats.say(world.store, world.clock, ben, "1", "Hello")
    world.clock.advance(10 * DAY)
    assert forget(world) == 0
    world.clock.advance(21 * DAY)
    assert forget(world) == 2
    assert world.store.visitors.get(ada.id) is None, "never wrote"
    assert world.store.visitors.get(ben.id) is not None, "wrote"
    assert world.store.trails.of(ben.id) == []


def test_who_never_wrote_takes_their_trail_along(world: World) -> None:
    ada = arrive(world)
    look(world, ada)
    world.clock.advance(HOUR)
    forget(world, visitors=0)
    assert world.store.visitors.get(ada.id) is None
    assert world.store.trails.of(ada.id) == []
    look(world, ada, "b")
    assert world.store.trails.of(ada.id) == [], "nobody comes back by that"


def test_a_no_is_remembered_for_thirty_days_and_counted_for_longer(world: World) -> None:
    ada = arrive(world)
    made = inviting.offer(world.store, world.clock, ada, "Hello?", visit=world.clock.now(), rule="r")
    inviting.decide(world.store, world.clock, ada, made.id, "refused")
    world.clock.advance(29 * DAY)
    forget(world, visitors=0)
    with pytest.raises(Lost, match="30 days"):
        inviting.offer(world.store, world.clock, ada, "Hello?", visit=world.clock.now())
    world.clock.advance(2 * DAY)
    forget(world, visitors=0)
    assert world.store.visitors.get(ada.id) is None
    [counts] = world.store.invitations.counts()
    assert (counts.rule, counts.refused) == ("r", 1)


def test_an_invitation_is_short_and_said_once(world: World) -> None:
    ada = arrive(world)
    now = world.clock.now()
    for text in ("", "x" * 301):
        with pytest.raises(Invalid):
            inviting.offer(world.store, world.clock, ada, text, visit=now)
    made = inviting.offer(world.store, world.clock, ada, "Hello\x1b[2J?", visit=now)
    assert "\x1b" not in made.text
    world.clock.advance(MINUTE)
    with pytest.raises(Lost) as caught:
        inviting.offer(world.store, world.clock, ada, "Hello?", visit=now)
    assert caught.value.code == "invited"
