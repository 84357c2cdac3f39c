"""Visitors whom the shop vouches for, and visitors who are forgotten, as every store has them."""

from __future__ import annotations

import hashlib

from desk.clock import DAY
from desk.model import Chat, Invitation, TrailStep
from desk.store.base import Store
from tests.store.world import World


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def visitor(store: Store, world: World, name: str, vouched: str = "") -> int:
    with store.write():
        return store.visitors.create("site", digest(name), world.now, vouched=vouched)


def chat(store: Store, world: World, visitor_id: int) -> int:
    id = world.conversation()
    with store.write():
        store.chats.begin(Chat(conversation_id=id, visitor_id=visitor_id, account="site", began_at=world.now))
    return id


def test_whom_the_shop_calls_so_is_found_on_that_site_only(store: Store, world: World) -> None:
    id = visitor(store, world, "a", "客户-7")
    visitor(store, world, "b")
    found = store.visitors.vouched("site", "客户-7")
    assert found is not None
    assert (found.id, found.vouched) == (id, "客户-7")
    assert store.visitors.vouched("other", "客户-7") is None
    assert store.visitors.vouched("site", "") is None


def test_a_session_is_good_until_it_ends(store: Store, world: World) -> None:
    id, at = visitor(store, world, "a", "7"), world.now
    with store.write():
        store.visitors.open_session(id, digest("one"), at + 10)
        store.visitors.open_session(id, digest("one"), at + 5)
        store.visitors.open_session(id, digest("two"), at + 5)
    for name, when, good in (("one", at + 9, True), ("one", at + 10, False), ("two", at + 5, False)):
        assert (store.visitors.of_session("site", digest(name), when) is not None) is good
    assert store.visitors.of_session("other", digest("one"), at) is None
    with store.write():
        assert store.visitors.forget_sessions(at + 6, 10) == 1
        assert store.visitors.close_session(digest("one"))
        assert not store.visitors.close_session(digest("one"))


def test_a_chat_is_handed_over_with_its_lines_in_order(store: Store, world: World) -> None:
    before, now = visitor(store, world, "a"), visitor(store, world, "b", "7")
    old, under_way, theirs = (chat(store, world, each) for each in (before, before, now))
    with store.write():
        for owner, where, text in ((before, old, "1"), (now, theirs, "2"), (before, under_way, "3")):
            store.chats.add_line(owner, world.message(where, text), f"id {text}")
        store.chats.add_line(before, world.message(under_way, "4", direction="out"))
        store.chats.mark(under_way, read=3)
        store.chats.hand_over(under_way, now, under_way)
    assert [(each.seq, each.message.body) for each in store.chats.lines(now)] == [(1, "2"), (2, "3"), (3, "4")]
    assert [each.message.body for each in store.chats.lines(before)] == ["1"]
    found = store.chats.within(under_way)
    assert found is not None
    assert (found.visitor_id, found.delivered, found.read) == (now, 0, 0)
    assert store.chats.line_of(now, "id 3") is not None


def test_who_never_wrote_is_dropped_with_all_that_is_known_of_them(store: Store, world: World) -> None:
    talked, silent, refused = (visitor(store, world, name) for name in "abc")
    chat(store, world, talked)
    with store.write():
        for id in (talked, silent, refused):
            step = TrailStep(visitor_id=id, visit=world.now, at=world.now, url="https://shop.example/")
            store.trails.step(step, "k", at_most=9)
        made = store.invitations.offer(
            Invitation(visitor_id=refused, account="site", rule="r", text="Hello", at=world.now),
            visit=0,
            refused_since=0,
        )
        assert made is not None
        store.invitations.advance(made, refused, ("offered",), "refused", world.now)
        assert not store.visitors.drop(talked)
        assert store.visitors.prune(world.now, 0, 10) == 0, "seen just now"
        assert store.visitors.prune(world.now + 1, world.now, 10) == 1
        assert [store.visitors.get(id) is not None for id in (talked, silent, refused)] == [True, False, True]
        assert store.trails.of(silent) == []
        assert store.visitors.prune(world.now + DAY, world.now + 1, 10) == 1
    [counts] = store.invitations.counts()
    assert counts.refused == 1, "it counts, whoever it was"
    assert store.check() == []
