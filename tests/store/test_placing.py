"""The contract of placing: messages and rows go where they are told, and whatever is found by them follows."""

from __future__ import annotations

from datetime import UTC

import pytest

from desk.model import Address, Attachment
from desk.query import parse
from desk.store.base import Selection, StoreError
from tests.store.world import World

BEN = Address(email="ben@example.org", name="Ben")


def found(world: World, text: str) -> list[int]:
    query = parse(text, now=world.now, zone=UTC)
    return [row.id for row in world.store.views.page(Selection(view="all", query=query)).items]


def test_messages_go_together_with_all_that_is_found_by_them(world: World) -> None:
    source, target = world.conversation("one"), world.conversation("two")
    first = world.message(source, "the umbrella", at=world.now + 1)
    second = world.message(source, "a parasol", at=world.now + 2, sender=BEN, to=(Address(email="help@shop.example"),))
    places = world.store.placing.places([first, second, 99])
    assert places == world.store.placing.places_in(source)
    assert {place[0] for place in places.values()} == {source}
    with world.store.write():
        world.store.placing.place({second: (target, "moved", "by hand"), 99: (target, "moved", "")})
        for id in (source, target):
            world.store.placing.recount(id)
    assert world.store.placing.places_in(target) == {second: (target, "moved", "by hand")}
    assert (world.row(source).messages, world.row(target).messages) == (1, 1)
    assert (world.row(target).snippet, world.row(target).last_at) == ("a parasol", world.now + 2)
    assert (world.store.conversations.addressed(source), world.store.conversations.addressed(target)) == (
        set(),
        {"help@shop.example"},
    )
    assert (found(world, "parasol"), found(world, "from:ben")) == ([target], [target])
    with world.store.write():
        world.store.placing.place(places)
    assert world.store.placing.places([first, second]) == places
    assert found(world, "from:ben") == [source]


def test_mails_and_senders_are_those_of_people(world: World) -> None:
    id = world.conversation()
    world.message(id)
    world.message(id, sender=BEN, third_party=True)
    world.message(id, direction="out", sender=Address(email="support@shop.example"))
    world.message(id, direction="note", sender=None)
    world.message(id, direction="event", sender=None)
    assert world.store.placing.mails(id) == 3
    assert world.store.placing.senders(id) == {"ada@example.org"}


def test_only_notes_and_events_are_erased(world: World) -> None:
    id = world.conversation()
    mail = world.message(id, "the umbrella")
    file = Attachment(name="plan.pdf", media_type="application/pdf", size=1, sha256="0" * 64)
    note = world.message(id, "ask about the parasol", direction="note", sender=None, attachments=(file,))
    event = world.message(id, "claimed", direction="event", sender=None)
    rev = world.row(id).rev
    with world.store.write():
        assert not world.store.placing.erase(mail)
        assert world.store.placing.erase(note)
        assert world.store.placing.erase(event)
        assert not world.store.placing.erase(note)
    assert [message.id for message in world.store.messages.of_conversation(id)] == [mail]
    assert (found(world, "parasol"), found(world, "plan"), found(world, "umbrella")) == ([], [], [id])
    assert world.row(id).rev > rev
    assert world.store.check() == []


def test_rows_are_set_whatever_they_were(world: World) -> None:
    id, other = world.conversation(), world.customer("Ben", "ben@example.org")
    with world.store.write():
        world.store.placing.set_state(id, "snoozed", world.now + 5, None)
        world.store.placing.set_waiting(id, 7)
        world.store.placing.set_customer(id, other, "Ben", "ben@example.org")
    row = world.row(id)
    assert (row.state, row.snoozed_until, row.waiting_since) == ("snoozed", world.now + 5, 7)
    assert (row.customer_id, row.customer_name, row.customer_address) == (other, "Ben", "ben@example.org")
    assert found(world, "ben") == [id]
    assert world.store.conversations.counts()["snoozed"] == 1


def test_merges_are_followed_to_their_end(world: World) -> None:
    one, two, three = (world.conversation(f"#{n}") for n in range(3))
    assert world.store.placing.target(one) == one
    with world.store.write():
        world.store.placing.set_state(one, "merged", None, two)
        world.store.placing.set_state(two, "merged", None, three)
    assert [world.store.placing.target(id) for id in (one, two, three, 99)] == [three, three, three, 99]
    assert found(world, "ada") == [three]
    assert world.store.conversations.counts()["all"] == 1


def test_participants_leave(world: World) -> None:
    id = world.conversation()
    with world.store.write():
        world.store.conversations.add_participants(id, ["Ada@example.org", "ben@example.org"])
        world.store.placing.remove_participants(id, ["BEN@example.org", "nobody@example.org"])
    assert world.store.conversations.participants(id) == {"ada@example.org"}


def test_placing_needs_a_transaction(world: World) -> None:
    id = world.conversation()
    with pytest.raises(StoreError, match="transaction"):
        world.store.placing.set_waiting(id, 7)
    with pytest.raises(StoreError, match="transaction"):
        world.store.placing.recount(id)
