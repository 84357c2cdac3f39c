"""Visitors of sites and what they have of what is said."""

from __future__ import annotations

import hashlib

from desk.model import Chat
from desk.store.base import Store
from tests.store.world import World

SECRET = hashlib.sha256(b"secret").hexdigest()


def visitor(store: Store, world: World, token: str = SECRET) -> int:
    with store.write():
        return store.visitors.create("site", token, world.now, language="de")


def chat(store: Store, world: World, visitor_id: int, *, began_at: int | None = None) -> int:
    id = world.conversation()
    with store.write():
        store.chats.begin(
            Chat(conversation_id=id, visitor_id=visitor_id, account="site", began_at=began_at or world.now)
        )
    return id


def test_a_visitor_is_found_by_their_secret_and_on_their_site_only(store: Store, world: World) -> None:
    id = visitor(store, world)
    found = store.visitors.find("site", SECRET)
    assert found is not None
    assert (found.id, found.language, found.first_seen_at) == (id, "de", world.now)
    assert store.visitors.find("another", SECRET) is None
    assert store.visitors.find("site", hashlib.sha256(b"other").hexdigest()) is None


def test_what_a_visitor_says_of_themself_is_set_bit_by_bit(store: Store, world: World) -> None:
    id = visitor(store, world)
    with store.write():
        assert store.visitors.update(id, name="Ada")
        assert store.visitors.update(id, email="ada@example.org")
        assert store.visitors.update(id, told={"topic": "Größe"})
        assert not store.visitors.update(id + 1, name="x")
        store.visitors.seen(id, world.now + 5)
        store.visitors.seen(id, world.now)
    found = store.visitors.get(id)
    assert found is not None
    assert (found.name, found.email, found.last_seen_at) == ("Ada", "ada@example.org", world.now + 5)
    assert found.told == {"topic": "Größe"}


def test_a_chat_goes_forward_only(store: Store, world: World) -> None:
    id = chat(store, world, visitor(store, world))
    with store.write():
        assert store.chats.advance(id, ("waiting",), "active", world.now + 1)
        assert not store.chats.advance(id, ("waiting",), "active", world.now + 2)
        assert store.chats.advance(id, ("waiting", "active"), "ended", world.now + 3)
    found = store.chats.within(id)
    assert found is not None
    assert (found.state, found.answered_at, found.ended_at) == ("ended", world.now + 1, world.now + 3)


def test_marks_only_rise_and_what_is_read_was_delivered(store: Store, world: World) -> None:
    id = chat(store, world, visitor(store, world))
    with store.write():
        assert store.chats.mark(id, delivered=3)
        assert not store.chats.mark(id, delivered=2)
        assert store.chats.mark(id, read=2)
        assert store.chats.mark(id, read=5)
    found = store.chats.within(id)
    assert found is not None
    assert (found.delivered, found.read) == (5, 5)


def test_lines_are_numbered_for_each_visitor_without_gaps(store: Store, world: World) -> None:
    ada, ben = visitor(store, world), visitor(store, world, hashlib.sha256(b"2").hexdigest())
    conversation = world.conversation()
    messages = [world.message(conversation, body) for body in ("one", "two", "three")]
    with store.write():
        assert [store.chats.add_line(ada, messages[0], "a"), store.chats.add_line(ben, messages[1], "a")] == [1, 1]
        assert store.chats.add_line(ada, messages[2]) == 2
    assert [(each.seq, each.client_id, each.message.body) for each in store.chats.lines(ada)] == [
        (1, "a", "one"),
        (2, "", "three"),
    ]
    assert [each.message.body for each in store.chats.lines(ada, after=1)] == ["three"]
    assert store.chats.line_of(ben, "a") == messages[1]
    assert store.chats.line_of(ben, "") is None


def test_a_message_that_was_taken_away_is_no_line(store: Store, world: World) -> None:
    ada = visitor(store, world)
    conversation = world.conversation()
    first, second = world.message(conversation, "one"), world.message(conversation, "two")
    with store.write():
        store.chats.add_line(ada, first)
        store.chats.add_line(ada, second)
        store.messages.withdraw(first, world.now)
    assert [each.seq for each in store.chats.lines(ada)] == [2]


def test_a_chat_is_found_where_its_conversation_went(store: Store, world: World) -> None:
    id = chat(store, world, visitor(store, world))
    middle, target = world.conversation("another"), world.conversation("a third")
    with store.write():
        store.placing.set_state(id, "merged", None, middle)
        store.placing.set_state(middle, "merged", None, target)
    found = store.chats.within(target)
    assert found is not None
    assert found.conversation_id == id


def test_who_waits_longer_stands_before(store: Store, world: World) -> None:
    visitors = [visitor(store, world, hashlib.sha256(bytes([n])).hexdigest()) for n in range(3)]
    first, second, third = (chat(store, world, each, began_at=world.now + n) for n, each in enumerate(visitors))
    assert [id for id, _ in store.chats.waiting("site")] == [first, second, third]
    with store.write():
        store.chats.advance(first, ("waiting",), "active", world.now)
    assert [id for id, _ in store.chats.waiting("site")] == [second, third]
    assert store.chats.waiting("elsewhere") == []


def test_what_changes_of_a_chat_is_told(store: Store, world: World) -> None:
    id = chat(store, world, visitor(store, world))
    before = store.changes.last()
    with store.write():
        store.chats.mark(id, delivered=1)
        store.chats.mark(id, delivered=1)
        store.chats.rate(id, 5, "kind")
    assert [(each.kind, each.id) for each in store.changes.since(before)] == [("chat", id)]
