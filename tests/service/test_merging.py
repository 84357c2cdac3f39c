"""Two that turn out to be one, and two again."""

from __future__ import annotations

import time

import pytest
from msgspec.structs import replace

from desk.clock import HOUR
from desk.model import CustomerEdit, Identity, NewReply
from desk.service import customers, drafts, inbox, merging, undo
from desk.service.errors import Invalid, Lost
from desk.service.tokens import Tokens, message_id
from desk.store.base import Selection
from tests.service.world import World, mail


def test_a_conversation_goes_into_another_and_comes_back(world: World) -> None:
    one = world.one(mail(id="a@x", subject="kettle"))
    two = world.one(mail("bob@example.com", id="b@x", subject="the same kettle", body="leaks"))
    into, source = one.conversation_id, two.conversation_id
    inbox.note(world.store, world.clock, world.ben, source, "seen it")
    inbox.tag(world.store, world.clock, world.ben, source, ["leak"])
    inbox.set_priority(world.store, world.clock, world.ben, source, "high")
    inbox.claim(world.store, world.clock, world.ben, source)
    inbox.set_state(world.store, world.clock, world.ben, into, "resolved")
    drafts.save(world.store, world.clock, world.ben, source, NewReply(body="Dear Bob"))
    drafts.save(world.store, world.clock, world.ben, into, NewReply(body="Dear Alice"))
    rows = [world.conversation(id) for id in (into, source)]
    participants = world.store.conversations.participants(into)

    merged = merging.merge(world.store, world.clock, world.ada, into, [source])
    assert (merged.id, merged.messages, merged.state, merged.priority, merged.tags) == (
        into,
        2,
        "open",
        "high",
        ("leak",),
    )
    assert (merged.assignee_name, merged.waiting_since) == ("Ben", two.at)
    assert (world.conversation(source).state, world.conversation(source).merged_into) == ("merged", into)
    assert world.message(two.id).conversation_id == into
    assert world.message(two.id).rule == "moved"
    assert "bob@example.com" in world.store.conversations.participants(into)
    counts = world.store.conversations.counts()
    assert (counts["all"], counts["open"], counts["resolved"]) == (1, 1, 0)
    assert [hit.conversation.id for hit in world.store.search.find("leaks").hits] == [into]
    assert world.store.views.position(Selection(view="all"), source) is None
    [draft] = world.store.drafts.of_agent(world.ben.id)
    assert (draft.conversation_id, draft.content.body) == (into, "Dear Alice\n\nDear Bob")
    with pytest.raises(Lost) as gone:
        inbox.claim(world.store, world.clock, world.ada, source)
    assert (gone.value.code, gone.value.detail) == ("merged", {"into": str(into)})

    assert undo.undo(world.store, world.clock, world.ada).left == ()
    for row in rows:
        assert replace(world.conversation(row.id), rev=row.rev) == row
    assert world.message(two.id) == two
    assert world.store.conversations.participants(into) == participants
    assert {each.conversation_id: each.content.body for each in world.store.drafts.of_agent(world.ben.id)} == {
        source: "Dear Bob",
        into: "Dear Alice",
    }
    undo.redo(world.store, world.clock, world.ada)
    assert world.conversation(source).merged_into == into
    assert world.conversation(into).messages == 2


def test_drafts_of_all_slots_go_along_and_come_back(world: World) -> None:
    into, source = (world.one(mail(subject=str(n), salt=str(n))).conversation_id for n in range(2))
    forward = NewReply(body="see below", forwards=7, slot="forward 7")
    for id, content in (
        (source, NewReply(body="Dear Bob")),
        (source, NewReply(body="ask Carol", slot="note")),
        (source, forward),
        (into, NewReply(body="ask Dora", slot="note")),
    ):
        drafts.save(world.store, world.clock, world.ben, id, content)

    def written() -> dict[tuple[int, str], NewReply]:
        return {(each.conversation_id, each.slot): each.content for each in world.store.drafts.of_agent(world.ben.id)}

    before = written()
    merging.merge(world.store, world.clock, world.ada, into, [source])
    merged = {
        (into, ""): NewReply(body="Dear Bob"),
        (into, "note"): NewReply(body="ask Dora\n\nask Carol", slot="note"),
        (into, "forward 7"): forward,
    }
    assert written() == merged
    undo.undo(world.store, world.clock, world.ada)
    assert written() == before
    undo.redo(world.store, world.clock, world.ada)
    assert written() == merged


def test_later_mail_is_led_on(world: World) -> None:
    one, two, three = (world.one(mail(f"{who}@example.com", id=f"{who}@x", subject=who)) for who in "abc")
    ours = world.answered(two.conversation_id)
    merging.merge(world.store, world.clock, world.ada, one.conversation_id, [two.conversation_id])
    merging.merge(world.store, world.clock, world.ada, three.conversation_id, [one.conversation_id])
    by_reference = world.one(mail("b@example.com", answers="b@x", salt="1"))
    by_token = world.one(mail("b@example.com", answers=ours.rfc_message_id, salt="2"))
    assert {by_reference.conversation_id, by_token.conversation_id} == {three.conversation_id}
    assert world.store.placing.target(two.conversation_id) == three.conversation_id
    before = [world.message(two.id).conversation_id, world.message(one.id).conversation_id]
    assert before == [three.conversation_id] * 2
    undo.undo(world.store, world.clock, world.ada)
    assert world.message(two.id).conversation_id == one.conversation_id
    undo.undo(world.store, world.clock, world.ada)
    assert world.message(two.id).conversation_id == two.conversation_id
    assert world.message(by_token.id).conversation_id == three.conversation_id, "what came since stays where it came"


def test_a_token_whose_message_is_unknown_is_led_on(world: World) -> None:
    one, two = (world.one(mail(f"{who}@example.com", subject=who)) for who in "ab")
    merging.merge(world.store, world.clock, world.ada, one.conversation_id, [two.conversation_id])
    token = message_id(Tokens.of(world.store).make(two.conversation_id), "shop.example")
    came = world.one(mail("b@example.com", answers=token, salt="t"))
    assert (came.conversation_id, came.rule, came.third_party) == (one.conversation_id, "token", False)
    inbox.claim(world.store, world.clock, world.ada, one.conversation_id)


def test_what_cannot_be_merged(world: World) -> None:
    one, two, three = (world.one(mail(subject=str(n), salt=str(n))).conversation_id for n in range(3))
    for into, sources in ((one, [one]), (one, []), (one, [two, one])):
        with pytest.raises(Invalid):
            merging.merge(world.store, world.clock, world.ada, into, sources)
    merging.merge(world.store, world.clock, world.ada, two, [one])
    with pytest.raises(Invalid):
        merging.merge(world.store, world.clock, world.ada, one, [two])
    with pytest.raises(Lost):
        merging.merge(world.store, world.clock, world.ada, three, [one])
    assert merging.merge(world.store, world.clock, world.ada, one, [three]).id == two, "the target's target is meant"


def test_several_at_once_are_one_undo(world: World) -> None:
    ids = [world.one(mail(subject=str(n), salt=str(n))).conversation_id for n in range(4)]
    merging.merge(world.store, world.clock, world.ada, ids[0], ids[1:])
    assert world.conversation(ids[0]).messages == 4
    undone = undo.undo(world.store, world.clock, world.ada)
    assert (undone.label, undone.deeds) == (f"merge of 3 conversations into #{ids[0]}", 3)
    assert world.store.conversations.counts()["all"] == 4


def test_a_target_that_went_on_keeps_what_it_has(world: World) -> None:
    one, two, three = (world.one(mail(subject=str(n), salt=str(n))).conversation_id for n in range(3))
    merging.merge(world.store, world.clock, world.ada, two, [one])
    merging.merge(world.store, world.clock, world.ben, three, [two])
    [left] = undo.undo(world.store, world.clock, world.ada).left
    assert left.said == f"#{two} was itself merged into #{three} since; undo that first"
    assert world.conversation(three).messages == 3


def test_snoozed_and_open_is_open(world: World) -> None:
    one, two = (world.one(mail(subject=str(n), salt=str(n))).conversation_id for n in range(2))
    inbox.set_state(world.store, world.clock, world.ada, one, "snoozed", until=world.clock.now() + HOUR)
    assert merging.merge(world.store, world.clock, world.ada, one, [two]).state == "open"
    undo.undo(world.store, world.clock, world.ada)
    assert world.conversation(one).snoozed_until is not None
    assert merging.merge(world.store, world.clock, world.ada, two, [one]).state == "open"


# --- customers --------------------------------------------------------------------------------------------


def test_customers_become_one_and_two_again(world: World) -> None:
    one, two = world.one(mail(name="Alice")), world.one(mail("al@work.example", name="Alice B.", subject="b"))
    a, b = (world.conversation(each.conversation_id).customer_id for each in (one, two))
    phone = Identity(kind="phone", value="+4930123")
    edit = customers.edit
    edit(world.store, world.clock, world.ben, a, CustomerEdit(notes="tea", attributes={"size": "M"}, add_tags=("vip",)))
    more = {"size": "L", "plan": "gold"}
    edit(world.store, world.clock, world.ben, b, CustomerEdit(notes="milk", attributes=more, add=(phone,)))
    before = [customers.get(world.store, id) for id in (a, b)]
    rows = [world.conversation(each.conversation_id) for each in (one, two)]

    merged = merging.merge_customers(world.store, world.clock, world.ada, a, [b])
    assert [each.value for each in merged.identities] == ["al@work.example", "alice@example.com", "+4930123"]
    assert (merged.name, merged.notes, merged.attributes) == ("Alice", "tea\n\nmilk", {"size": "M", "plan": "gold"})
    assert world.store.customers.find("email", "al@work.example") == a
    assert customers.get(world.store, b).merged_into == a
    assert [each.id for each in world.store.customers.search("alice")] == [a]
    assert [each.id for each in world.store.customers.search("work.example")] == [a]
    assert {row.id for row in world.store.conversations.of_customer(a)} == {row.id for row in rows}
    assert {row.customer_name for row in world.store.conversations.of_customer(a)} == {"Alice"}
    with pytest.raises(Lost):
        merging.merge_customers(world.store, world.clock, world.ada, a, [b])
    with pytest.raises(Lost):
        edit(world.store, world.clock, world.ada, b, CustomerEdit(name="x"))
    with pytest.raises(Invalid):
        merging.merge_customers(world.store, world.clock, world.ada, a, [a])

    assert undo.undo(world.store, world.clock, world.ada).left == ()
    for customer in before:
        assert replace(customers.get(world.store, customer.id), rev=customer.rev) == customer
    for row in rows:
        assert replace(world.conversation(row.id), rev=row.rev) == row
    assert {each.id for each in world.store.customers.search("alice")} == {a, b}


def test_a_customer_whose_target_was_merged_on_stays(world: World) -> None:
    ids = [
        world.conversation(world.one(mail(f"{who}@x.example", subject=who)).conversation_id).customer_id
        for who in "abc"
    ]
    merging.merge_customers(world.store, world.clock, world.ada, ids[1], [ids[0]])
    merging.merge_customers(world.store, world.clock, world.ben, ids[2], [ids[1]])
    [left] = undo.undo(world.store, world.clock, world.ada).left
    assert "merged since" in left.said
    assert world.store.customers.find("email", "a@x.example") == ids[2]


def test_a_long_thread_is_merged_and_taken_back_in_a_moment(world: World) -> None:
    """All of it is one transaction, for which the next write waits: 5,000 messages take it some 0.15 s."""
    target = world.one(mail(id="a@x")).conversation_id
    source = world.one(mail("bob@example.com", id="b@x", subject="kettle")).conversation_id
    world.take(*(mail("bob@example.com", answers="b@x", id=f"{n}@x", salt=str(n)) for n in range(1_999)))
    before = [world.conversation(id) for id in (target, source)]
    begun = time.thread_time()
    merging.merge(world.store, world.clock, world.ada, target, [source])
    assert world.conversation(target).messages == 2_001
    undo.undo(world.store, world.clock, world.ada)
    assert time.thread_time() - begun < 1.0
    assert [replace(world.conversation(row.id), rev=row.rev) for row in before] == before
