"""What is written besides plain answers: forwards, answers for later, drafts side by side."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desk.clock import DAY, HOUR, Millis
from desk.model import Address, NewReply, OutboxItem
from desk.service import drafts, inbox, outbox, undo
from desk.service.errors import Invalid
from tests.service.world import ACCOUNT, World, mail

CARRIER = Address(email="desk@carrier.example", name="The Carrier")


def forward(world: World, conversation_id: int, message_id: int, *, now: bool = True) -> OutboxItem:
    new = NewReply(body="See below.", subject="Fwd: My order", to=(CARRIER,), forwards=message_id, slot="forward")
    return outbox.reply(world.store, world.clock, world.ada, conversation_id, new, account=ACCOUNT, now=now)


def later(world: World, conversation_id: int, at: Millis, body: str = "Tomorrow, then.") -> OutboxItem:
    new = NewReply(body=body, send_at=at)
    return outbox.reply(world.store, world.clock, world.ada, conversation_id, new, account=ACCOUNT)


def test_a_forward_answers_nobody(world: World) -> None:
    asked = world.one(mail())
    before = world.conversation(asked.conversation_id)
    item = forward(world, before.id, asked.id)
    after = world.conversation(before.id)
    assert (after.state, after.waiting_since, after.due_at) == ("open", before.waiting_since, before.due_at)
    assert after.assignee_id is None
    sent = world.message(item.message_id)
    assert (sent.to, sent.subject, sent.in_reply_to) == ((CARRIER,), "Fwd: My order", "")


def test_what_the_carrier_answers_comes_back_to_the_conversation(world: World) -> None:
    asked = world.one(mail())
    sent = world.message(forward(world, asked.conversation_id, asked.id).message_id)
    world.send_all()
    told = world.one(mail(CARRIER.email, subject="Re: Fwd: My order", answers=sent.rfc_message_id))
    assert (told.conversation_id, told.third_party) == (asked.conversation_id, False)


def test_a_forward_needs_somebody_to_go_to(world: World) -> None:
    asked = world.one(mail())
    with pytest.raises(Invalid, match="nobody to send it to"):
        outbox.reply(
            world.store, world.clock, world.ada, asked.conversation_id,
            NewReply(body="See below.", forwards=asked.id), account=ACCOUNT,
        )  # fmt: skip


def test_an_answer_for_later_waits_for_its_time(world: World) -> None:
    asked = world.one(mail())
    at = world.clock.now() + DAY
    item = later(world, asked.conversation_id, at)
    assert item.hold_until == at
    world.clock.advance(DAY - 1_000)
    assert outbox.take_due(world.store, world.clock) == []
    world.clock.advance(2_000)
    assert [work.item.id for work in outbox.take_due(world.store, world.clock)] == [item.id]


def test_it_is_called_off_if_the_customer_writes_before(world: World) -> None:
    asked = world.one(mail(name="Alice"))
    item = later(world, asked.conversation_id, world.clock.now() + DAY)
    world.one(mail(name="Alice", body="Never mind, it came!", answers=world.message(item.message_id).rfc_message_id))
    world.clock.advance(DAY)
    assert outbox.take_due(world.store, world.clock) == []
    draft = world.store.drafts.get(world.ada.id, asked.conversation_id)
    assert draft is not None
    assert (draft.content.body, draft.content.send_at) == ("Tomorrow, then.", None)
    assert "not sent: Alice wrote before its time; it is a draft of Ada" in world.events(asked.conversation_id)
    assert world.conversation(asked.conversation_id).state == "open"


def test_it_can_be_taken_back_before_its_time(world: World) -> None:
    asked = world.one(mail())
    item = later(world, asked.conversation_id, world.clock.now() + DAY)
    world.clock.advance(HOUR)
    draft = outbox.undo(world.store, world.clock, item.id)
    assert (draft.conversation_id, draft.content.body) == (asked.conversation_id, "Tomorrow, then.")
    assert world.conversation(asked.conversation_id).state == "open"


@pytest.mark.parametrize("ahead", [-1, 0, 367 * DAY])
def test_a_time_that_cannot_be(world: World, ahead: Millis) -> None:
    asked = world.one(mail())
    with pytest.raises(Invalid, match="within the next year"):
        later(world, asked.conversation_id, world.clock.now() + ahead)


def test_drafts_lie_side_by_side(world: World) -> None:
    id = world.one(mail()).conversation_id
    for place, slot in ((id, ""), (id, "note"), (id, "forward"), (0, "a"), (0, "b")):
        drafts.save(world.store, world.clock, world.ada, place, NewReply(body=f"{place}{slot}", slot=slot))
    assert len(world.store.drafts.of_agent(world.ada.id)) == 5
    inbox.note(world.store, world.clock, world.ada, id, "noted")
    assert world.store.drafts.get(world.ada.id, id, "note") is None
    drafts.delete(world.store, world.ada, 0, "a")
    left = {(draft.conversation_id, draft.slot) for draft in world.store.drafts.of_agent(world.ada.id)}
    assert left == {(id, ""), (id, "forward"), (0, "b")}
    with pytest.raises(Invalid, match="slot"):
        drafts.save(world.store, world.clock, world.ada, id, NewReply(slot="x" * 65))


def test_beginning_a_conversation_taken_back_leaves_a_draft_and_nothing_else(world: World) -> None:
    drafts.save(world.store, world.clock, world.ada, 0, NewReply(body="Another one", slot="b"))
    new = NewReply(body="Hello", subject="Your parcel", to=(CARRIER,), slot="a", account="support")
    item = outbox.compose(world.store, world.clock, world.ada, new, account=ACCOUNT)
    assert world.conversation(item.conversation_id).state == "waiting"
    undone = undo.undo(world.store, world.clock, world.ada)
    assert undone.draft is not None
    assert (undone.draft.conversation_id, undone.draft.slot, undone.draft.content) == (0, "a", new)
    assert world.store.conversations.counts()["all"] == 0
    assert len(world.store.drafts.of_agent(world.ada.id)) == 2


def test_answering_and_hiding_is_one_deed(world: World) -> None:
    asked = world.one(mail())
    before = world.conversation(asked.conversation_id)
    until = world.clock.now() + DAY
    new = NewReply(body="In a day.", snooze_until=until)
    item = outbox.reply(world.store, world.clock, world.ada, before.id, new, account=ACCOUNT)
    after = world.conversation(before.id)
    assert (after.state, after.snoozed_until) == ("snoozed", until)
    undone = undo.undo(world.store, world.clock, world.ada)
    assert undone.draft is not None
    assert (undone.draft.content.body, undone.draft.content.snooze_until) == ("In a day.", None)
    again = world.conversation(before.id)
    assert (again.state, again.snoozed_until, again.assignee_id) == ("open", None, None)
    assert world.store.outbox.get(item.id).state == "cancelled"  # type: ignore[union-attr]
    with pytest.raises(Invalid, match="in the future"):
        outbox.reply(world.store, world.clock, world.ada, before.id, replace(new, snooze_until=1), account=ACCOUNT)
