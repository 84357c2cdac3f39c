"""Undo: what one rep does, and takes back, leaves everything as it was; what others did stays."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desk.clock import HOUR, MINUTE
from desk.model import Address, Agent, CustomerEdit, NewReply, Undone
from desk.service import (
    customers,
    drafts,
    inbox,
    journal,
    merging,
    outbox,
    undo,
)
from desk.service.errors import Lost
from desk.store.sqlite import open_store
from tests.service.world import ACCOUNT, World, mail


def take_back(world: World, agent: Agent | None = None) -> Undone:
    return undo.undo(world.store, world.clock, agent or world.ada)


def test_each_deed_is_taken_back_by_itself(world: World) -> None:
    id = world.one(mail()).conversation_id
    start = world.conversation(id)
    inbox.claim(world.store, world.clock, world.ada, id)
    inbox.tag(world.store, world.clock, world.ada, id, ["late", "vip"])
    inbox.set_state(world.store, world.clock, world.ada, id, "resolved")
    undone = take_back(world)
    assert (undone.label, undone.conversations, undone.left, undone.whole) == (f"#{id} resolved", (id,), (), True)
    now = world.conversation(id)
    assert (now.state, now.tags, now.assignee_name, now.due_at) == ("open", ("late", "vip"), "Ada", start.due_at)
    assert take_back(world).label == f"tags of #{id}"
    assert take_back(world).label == f"claim of #{id}"
    assert replace(world.conversation(id), rev=start.rev) == start
    assert world.events(id) == [], "nobody can have read them"
    with pytest.raises(Lost) as nothing:
        take_back(world)
    assert nothing.value.code == "nothing-to-undo"


def test_what_others_may_have_read_is_answered(world: World) -> None:
    id = world.one(mail()).conversation_id
    inbox.set_state(world.store, world.clock, world.ada, id, "spam")
    world.clock.advance(2 * MINUTE)
    take_back(world)
    assert world.events(id) == ["marked as spam", "undone: marked as spam"]


def test_undo_lasts_half_an_hour_and_a_restart(world: World) -> None:
    id = world.one(mail()).conversation_id
    inbox.set_priority(world.store, world.clock, world.ada, id, "high")
    world.clock.advance(29 * MINUTE)
    world.store.close()
    world.store = open_store(world.folder / "desk.db", blobs=world.folder / "attachments", clock=world.clock)
    assert take_back(world).label == f"priority high of #{id}"
    inbox.set_priority(world.store, world.clock, world.ada, id, "low")
    world.clock.advance(31 * MINUTE)
    with pytest.raises(Lost):
        take_back(world)


def test_somebody_elses_later_change_stays_and_is_told(world: World) -> None:
    id = world.one(mail()).conversation_id
    inbox.set_priority(world.store, world.clock, world.ada, id, "high")
    inbox.set_priority(world.store, world.clock, world.ben, id, "low")
    inbox.set_priority(world.store, world.clock, world.ben, id, "high")
    [left] = take_back(world).left
    assert (left.conversation_id, left.what, left.who) == (id, "priority", "Ben")
    assert left.said == f"Ben has changed the priority of #{id} since; it stays"
    assert world.conversation(id).priority == "high", "though it is what Ada had set"
    take_back(world, world.ben)
    take_back(world, world.ben)
    assert world.conversation(id).priority == "high"


def test_the_customer_who_wrote_meanwhile_reopened_it(world: World) -> None:
    id = world.one(mail(id="a@x")).conversation_id
    inbox.set_state(world.store, world.clock, world.ada, id, "resolved")
    world.one(mail(body="and?", answers="a@x"))
    [left] = take_back(world).left
    assert left.said == f"the customer has written in #{id} since; the state stays"
    assert world.conversation(id).state == "open"


def test_an_answer_is_a_draft_again_and_all_is_as_before(world: World) -> None:
    first = world.one(mail())
    inbox.set_state(
        world.store, world.clock, world.ada, first.conversation_id, "snoozed", until=world.clock.now() + HOUR
    )
    before = world.conversation(first.conversation_id)
    new = NewReply(body="Gone.", resolve=True)
    outbox.reply(world.store, world.clock, world.ada, first.conversation_id, new, account=ACCOUNT)
    undone = take_back(world)
    assert undone.draft is not None
    assert (undone.draft.content.body, undone.label) == ("Gone.", f"answer in #{first.conversation_id}")
    assert replace(world.conversation(first.conversation_id), rev=before.rev) == before


def test_an_answer_to_what_was_resolved_leaves_nobody_waiting(world: World) -> None:
    first = world.one(mail(id="a@x"))
    world.one(mail(answers="a@x", body="hello?"))
    id = first.conversation_id
    before = world.conversation(id)
    inbox.set_state(world.store, world.clock, world.ada, id, "resolved")
    inbox.split(world.store, world.clock, world.ada, first.id)
    outbox.reply(world.store, world.clock, world.ada, id, NewReply(body="Gone."), account=ACCOUNT)
    take_back(world)
    assert world.conversation(id).waiting_since is None
    take_back(world)
    take_back(world)
    assert replace(world.conversation(id), rev=before.rev) == before


def test_an_answer_that_left_stays(world: World) -> None:
    id = world.one(mail()).conversation_id
    inbox.tag(world.store, world.clock, world.ada, id, ["late"])
    world.answered(id)
    undone = take_back(world)
    assert undone.draft is None
    assert undone.nothing
    assert undone.left[0].said == f"the answer in #{id} has left; it cannot be taken back"
    assert world.conversation(id).state == "waiting"
    further = take_back(world)
    assert (further.label, further.nothing) == (f"tags of #{id}", False), "the next undo reaches further"


def test_a_beginning_taken_back_leaves_nothing_but_a_draft(world: World) -> None:
    new = NewReply(body="Hello", subject="Hi", to=(Address(email="new@example.org"),))
    item = outbox.compose(world.store, world.clock, world.ada, new, account=ACCOUNT)
    undone = take_back(world)
    assert undone.draft is not None
    assert (undone.draft.conversation_id, undone.draft.content) == (0, new)
    assert world.store.conversations.counts()["all"] == 0
    assert world.conversation(item.conversation_id).state == "merged"
    assert world.store.customers.find("email", "new@example.org") is None
    assert world.store.customers.search("new@example") == []
    with pytest.raises(Lost):
        inbox.claim(world.store, world.clock, world.ben, item.conversation_id)


def test_a_split_taken_back_goes_where_it_came_from(world: World) -> None:
    first = world.one(mail(id="a@x", cc=["carol@example.com"]))
    carol = world.one(mail("carol@example.com", answers="a@x", name="Carol"))
    before = world.conversation(first.conversation_id)
    new = inbox.split(world.store, world.clock, world.ada, carol.id)
    take_back(world)
    assert world.message(carol.id) == carol
    assert replace(world.conversation(first.conversation_id), rev=before.rev) == before
    assert (world.conversation(new.id).state, world.conversation(new.id).merged_into) == ("merged", before.id)
    assert world.store.customers.find("email", "carol@example.com") is None
    undo.redo(world.store, world.clock, world.ada)
    assert world.message(carol.id).conversation_id == new.id
    assert world.conversation(new.id).state == "open"
    assert world.store.customers.find("email", "carol@example.com") == new.customer_id


def test_a_split_that_lives_on_stays(world: World) -> None:
    first = world.one(mail(id="a@x"))
    second = world.one(mail(id="b@x", answers="a@x", body="also"))
    new = inbox.split(world.store, world.clock, world.ada, second.id)
    inbox.claim(world.store, world.clock, world.ben, new.id)
    [left] = take_back(world).left
    assert left.said == f"Ben has worked on #{new.id} since; it stays"
    assert world.conversation(new.id).assignee_name == "Ben"
    assert world.message(second.id).conversation_id == new.id
    assert first.conversation_id != new.id


def test_who_joined_by_a_move_that_moved_nothing_leaves_again(world: World) -> None:
    id = world.one(mail(id="a@x", cc=["carol@example.com"])).conversation_id
    carol = world.one(mail("carol@example.com", answers="a@x"))
    before = world.store.conversations.participants(id)
    inbox.move(world.store, world.clock, world.ada, [carol.id], id)
    assert world.store.conversations.participants(id) == before | {"carol@example.com"}
    assert take_back(world).left == ()
    assert world.store.conversations.participants(id) == before


def test_a_split_with_another_reps_note_draft_stays(world: World) -> None:
    world.one(mail(id="a@x"))
    second = world.one(mail(id="b@x", answers="a@x", body="also"))
    new = inbox.split(world.store, world.clock, world.ada, second.id)
    drafts.save(world.store, world.clock, world.ben, new.id, NewReply(body="I know them", slot="note"))
    assert take_back(world).left
    assert world.message(second.id).conversation_id == new.id


def test_own_drafts_go_back_with_a_split(world: World) -> None:
    first = world.one(mail(id="a@x"))
    second = world.one(mail(id="b@x", answers="a@x", body="also"))
    new = inbox.split(world.store, world.clock, world.ada, second.id)
    drafts.save(world.store, world.clock, world.ada, new.id, NewReply(body="I know them", slot="note"))
    assert take_back(world).left == ()
    [draft] = world.store.drafts.of_agent(world.ada.id)
    assert (draft.conversation_id, draft.slot) == (first.conversation_id, "note")


def test_a_note_comes_back_as_words(world: World) -> None:
    id = world.one(mail()).conversation_id
    note = inbox.note(world.store, world.clock, world.ada, id, "call her")
    assert take_back(world).note == "call her"
    assert world.store.messages.get(note.id) is None
    assert world.store.search.find("call").hits == ()
    undo.redo(world.store, world.clock, world.ada)
    assert [hit.conversation.id for hit in world.store.search.find("call").hits] == [id]
    assert take_back(world).note == "call her"


def test_redo_goes_forward_until_something_new_is_done(world: World) -> None:
    id = world.one(mail()).conversation_id
    for priority in ("low", "high", "urgent"):
        inbox.set_priority(world.store, world.clock, world.ada, id, priority)  # type: ignore[arg-type]
    take_back(world)
    take_back(world)
    assert world.conversation(id).priority == "low"
    assert undo.redo(world.store, world.clock, world.ada).label == f"priority high of #{id}"
    assert world.conversation(id).priority == "high"
    take_back(world)
    undo.redo(world.store, world.clock, world.ada)
    undo.redo(world.store, world.clock, world.ada)
    assert world.conversation(id).priority == "urgent"
    take_back(world)
    inbox.tag(world.store, world.clock, world.ada, id, ["new"])
    with pytest.raises(Lost) as nothing:
        undo.redo(world.store, world.clock, world.ada)
    assert nothing.value.code == "nothing-to-redo"


def test_a_group_is_taken_back_together_in_portions(world: World) -> None:
    ids = [world.one(mail(subject=f"matter {n}", salt=str(n))).conversation_id for n in range(7)]
    with journal.together(journal.Group("tag +sale · 7 conversations")):
        for id in ids:
            inbox.tag(world.store, world.clock, world.ada, id, ["sale"])
    undone = undo.undo(world.store, world.clock, world.ada, at_most=5)
    assert (undone.label, undone.deeds, undone.whole) == ("tag +sale · 7 conversations", 5, False)
    undone = undo.undo(world.store, world.clock, world.ada, at_most=5)
    assert (undone.deeds, undone.whole) == (2, True)
    assert all(world.conversation(id).tags == () for id in ids)
    undo.redo(world.store, world.clock, world.ada)
    assert all(world.conversation(id).tags == ("sale",) for id in ids)
    assert take_back(world).deeds == 7


def test_a_merge_of_customers_is_taken_back_though_the_name_changed(world: World) -> None:
    one = world.conversation(world.one(mail(name="Alice")).conversation_id)
    two = world.conversation(world.one(mail("bob@example.com", name="Bob")).conversation_id)
    customers.edit(world.store, world.clock, world.ada, one.customer_id, CustomerEdit(name="Alicia"))
    merging.merge_customers(world.store, world.clock, world.ben, one.customer_id, [two.customer_id])
    assert world.conversation(two.id).customer_name == "Alicia"
    take_back(world)
    assert world.conversation(two.id).customer_name == "Alice"
    assert take_back(world, world.ben).left == ()
    assert [world.conversation(each.id).customer_name for each in (one, two)] == ["Alice", "Bob"]


def test_one_rep_takes_back_only_their_own(world: World) -> None:
    id = world.one(mail()).conversation_id
    inbox.tag(world.store, world.clock, world.ada, id, ["hers"])
    inbox.tag(world.store, world.clock, world.ben, id, ["his"])
    take_back(world)
    assert world.conversation(id).tags == ("his",)
    with pytest.raises(Lost):
        take_back(world)
