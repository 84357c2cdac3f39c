"""Where visitors were, and how they were invited: kept once, in order, bounded, and counted."""

from __future__ import annotations

import hashlib

from desk.clock import DAY, MINUTE
from desk.model import Chat, Invitation, TrailStep
from desk.store.base import Standing, Store
from tests.store.world import World


def visitor(store: Store, world: World, token: str = "secret") -> int:
    with store.write():
        return store.visitors.create("site", hashlib.sha256(token.encode()).hexdigest(), world.now)


def step(store: Store, world: World, visitor_id: int, key: str, *, at_most: int = 100, **more: object) -> int:
    given = {"visit": world.now, "at": world.now, "url": f"https://shop.example/{key}", **more}
    with store.write():
        return store.trails.step(TrailStep(visitor_id=visitor_id, **given), key, at_most=at_most)  # type: ignore[arg-type]


def invite(store: Store, world: World, visitor_id: int, *, at: int = 0, visit: int = 0, rule: str = "r") -> int | None:
    invitation = Invitation(visitor_id=visitor_id, account="site", rule=rule, text="Hello", at=world.now + at)
    with store.write():
        return store.invitations.offer(invitation, visit=world.now + visit, refused_since=world.now + at - 30 * DAY)


def test_a_page_is_kept_once_and_what_is_new_of_it_is_taken_in(store: Store, world: World) -> None:
    id = visitor(store, world)
    first = step(store, world, id, "a", title="Heron", lasted=5, cart=10.0, currency="EUR")
    assert step(store, world, id, "a", lasted=9, cart=20.0) == first
    assert step(store, world, id, "a", title="", lasted=3) == first
    [kept] = store.trails.of(id)
    assert (kept.id, kept.title, kept.lasted, kept.cart, kept.currency) == (first, "Heron", 9, 20.0, "EUR")
    assert kept.url == "https://shop.example/a"


def test_a_trail_is_read_backwards_and_in_pages(store: Store, world: World) -> None:
    id, other = visitor(store, world), visitor(store, world, "other")
    ids = [step(store, world, id, key) for key in "abcde"]
    step(store, world, other, "x")
    newest = store.trails.of(id, 2)
    assert [each.id for each in newest] == [ids[4], ids[3]]
    assert [each.id for each in store.trails.of(id, 9, before=newest[-1].id)] == ids[2::-1]


def test_of_one_visitor_no_more_is_kept_than_is_said(store: Store, world: World) -> None:
    id = visitor(store, world)
    for number in range(12):
        step(store, world, id, str(number), at_most=5)
    assert [each.url[-2:] for each in store.trails.of(id)] == ["11", "10", "/9", "/8", "/7"]


def test_how_somebody_stands(store: Store, world: World) -> None:
    id = visitor(store, world)
    assert store.trails.standing(id) == Standing()
    step(store, world, id, "a", referrer="https://old.example/")
    later = world.now + DAY
    step(store, world, id, "b", visit=later, at=later, referrer="https://search.example/")
    step(store, world, id, "c", visit=later, at=later + MINUTE, lasted=5_000)
    step(store, world, id, "d", visit=later, at=later + 2, kind="search", title="brakes")
    assert store.trails.standing(id) == Standing(
        visit=later, last_at=later + MINUTE + 5_000, pages=2, visits=2, referrer="https://search.example/"
    )


def test_what_is_old_is_dropped_a_little_at_a_time(store: Store, world: World) -> None:
    id = visitor(store, world)
    for number in range(5):
        step(store, world, id, str(number), at=world.now + number)
    with store.write():
        assert [store.trails.forget_before(world.now + 4, 3) for _ in range(3)] == [3, 1, 0]
    assert [each.at for each in store.trails.of(id)] == [world.now + 4]


def test_one_invitation_a_visit_and_none_for_long_after_a_no(store: Store, world: World) -> None:
    id = visitor(store, world)
    first = invite(store, world, id)
    assert first is not None
    assert invite(store, world, id, at=1) is None
    assert invite(store, world, id, at=DAY, visit=DAY) is not None, "another visit"
    newest = store.invitations.newest_of(id)
    assert newest is not None
    with store.write():
        assert store.invitations.advance(newest.id, id, ("offered",), "refused", world.now + DAY)
    assert invite(store, world, id, at=31 * DAY - 1, visit=31 * DAY - 1) is None
    assert invite(store, world, id, at=31 * DAY + 1, visit=31 * DAY) is not None


def test_an_invitation_goes_forward_only_and_is_its_visitors(store: Store, world: World) -> None:
    id, other = visitor(store, world), visitor(store, world, "other")
    made = invite(store, world, id)
    assert made is not None
    with store.write():
        assert not store.invitations.advance(made, other, ("offered",), "shown", world.now)
        assert store.invitations.advance(made, id, ("offered",), "shown", world.now)
        assert store.invitations.undecided(world.now) == 1
        assert store.invitations.advance(made, id, ("offered", "shown"), "accepted", world.now + 5, conversation_id=7)
        assert not store.invitations.advance(made, id, ("offered", "shown"), "refused", world.now + 6)
    found = store.invitations.get(made)
    assert found is not None
    assert (found.state, found.decided_at, found.conversation_id) == ("accepted", world.now + 5, 7)
    assert store.invitations.undecided(world.now) == 0


def test_each_rule_counts_what_became_of_it(store: Store, world: World) -> None:
    for number, (rule, state) in enumerate([("a", "refused"), ("a", "shown"), ("a", "offered"), ("", "accepted")]):
        id = visitor(store, world, str(number))
        made = invite(store, world, id, rule=rule)
        assert made is not None
        conversation = world.conversation() if state == "accepted" else None
        with store.write():
            if conversation is not None:
                store.chats.begin(Chat(conversation_id=conversation, visitor_id=id, account="site"))
                store.chats.rate(conversation, 4, "")
            if state != "offered":
                store.invitations.advance(
                    made, id, ("offered",), state, world.now, conversation_id=conversation  # type: ignore[arg-type]
                )  # fmt: skip
        if conversation is not None:
            world.message(conversation)
    by_rule, by_hand = store.invitations.counts()
    assert (by_rule.rule, by_rule.shown, by_rule.refused, by_rule.accepted) == ("a", 2, 1, 0)
    assert (by_hand.rule, by_hand.accepted, by_hand.talked, by_hand.rated, by_hand.rating) == ("", 1, 1, 1, 4.0)
    assert (by_rule.rating, by_rule.talked) == (None, 0)
    assert store.invitations.counts(world.now + 1) == []
