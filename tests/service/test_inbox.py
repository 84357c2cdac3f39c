"""What reps do with conversations."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from desk.clock import HOUR
from desk.model import Agent, NewReply
from desk.service import drafts, inbox
from desk.service.errors import Invalid, Lost, NotFound, Taken
from tests.service.world import World, mail


def test_the_first_claim_wins_and_the_second_is_told(world: World) -> None:
    id = world.one(mail()).conversation_id
    assert inbox.claim(world.store, world.clock, world.ada, id).assignee_name == "Ada"
    assert inbox.claim(world.store, world.clock, world.ada, id).assignee_name == "Ada"
    with pytest.raises(Taken) as taken:
        inbox.claim(world.store, world.clock, world.ben, id)
    assert (taken.value.agent, taken.value.code, taken.value.detail) == ("Ada", "taken", {"agent": "Ada"})
    assert world.events(id) == ["claimed by Ada"]
    with pytest.raises(NotFound):
        inbox.claim(world.store, world.clock, world.ada, 4_711)


def test_assigning_and_giving_back(world: World) -> None:
    id = world.one(mail()).conversation_id
    assert inbox.assign(world.store, world.clock, world.ada, id, world.ben).assignee_name == "Ben"
    assert inbox.assign(world.store, world.clock, world.ada, id, world.ben).assignee_name == "Ben"
    assert inbox.assign(world.store, world.clock, world.ada, id, None).assignee_name is None
    assert world.events(id) == ["assigned to Ben", "given back"]


def test_resolving_ends_the_promise_and_the_customer_reopens(world: World) -> None:
    first = world.one(mail())
    id = first.conversation_id
    resolved = inbox.set_state(world.store, world.clock, world.ada, id, "resolved")
    assert (resolved.state, resolved.due_at) == ("resolved", None)
    again = world.one(mail(body="one more thing"))
    conversation = world.conversation(id)
    assert (conversation.state, conversation.due_at) == ("open", again.at + 8 * HOUR)


def test_a_stale_change_of_state_loses(world: World) -> None:
    id = world.one(mail()).conversation_id
    seen = world.conversation(id).rev
    inbox.set_state(world.store, world.clock, world.ada, id, "spam", rev=seen)
    with pytest.raises(Lost) as stale:
        inbox.set_state(world.store, world.clock, world.ben, id, "resolved", rev=seen)
    assert stale.value.code == "stale"
    assert world.conversation(id).state == "spam"
    assert world.events(id) == ["marked as spam"]


def test_a_snooze_ends_by_itself(world: World) -> None:
    id = world.one(mail()).conversation_id
    until = world.clock.now() + HOUR
    snoozed = inbox.set_state(world.store, world.clock, world.ada, id, "snoozed", until=until)
    assert (snoozed.state, snoozed.snoozed_until) == ("snoozed", until)
    assert inbox.wake_due(world.store, world.clock) == []
    world.clock.advance(HOUR)
    assert inbox.wake_due(world.store, world.clock) == [id]
    woken = world.conversation(id)
    assert (woken.state, woken.snoozed_until) == ("open", None)
    assert woken.due_at is not None
    assert inbox.wake_due(world.store, world.clock) == []
    assert world.events(id)[-1] == "back from snooze"


@pytest.mark.parametrize("until", [None, 0])
def test_a_snooze_needs_an_end(world: World, until: int | None) -> None:
    id = world.one(mail()).conversation_id
    with pytest.raises(Invalid):
        inbox.set_state(world.store, world.clock, world.ada, id, "snoozed", until=until)


def test_tags_priority_and_queue(world: World) -> None:
    id = world.one(mail()).conversation_id
    assert inbox.tag(world.store, world.clock, world.ada, id, ["Refund", "vip"]).tags == ("Refund", "vip")
    assert inbox.tag(world.store, world.clock, world.ada, id, ["refund"], ["VIP"]).tags == ("Refund",)
    assert inbox.set_priority(world.store, world.clock, world.ada, id, "urgent").priority == "urgent"
    assert inbox.set_queue(world.store, world.clock, world.ada, id, "Billing").queue_name == "Billing"
    assert inbox.set_queue(world.store, world.clock, world.ada, id, None).queue_name is None
    for bad in ("", " ", "x" * 65):
        with pytest.raises(Invalid):
            inbox.tag(world.store, world.clock, world.ada, id, [bad])


def test_a_note_is_for_reps_only(world: World) -> None:
    id = world.one(mail()).conversation_id
    note = inbox.note(world.store, world.clock, world.ada, id, "call back\x1b[2J\r\n")
    assert (note.direction, note.agent_name, note.body) == ("note", "Ada", "call back\u241b[2J")
    assert world.conversation(id).state == "open"
    with pytest.raises(Invalid):
        inbox.note(world.store, world.clock, world.ada, id, " \n")


def test_a_message_can_be_split_out(world: World) -> None:
    first = world.one(mail(id="a@x"))
    second = world.one(mail(id="b@x", answers="a@x", subject="Another matter", body="by the way"))
    inbox.note(world.store, world.clock, world.ada, first.conversation_id, "two matters")
    new = inbox.split(world.store, world.clock, world.ada, second.id)
    assert (new.subject, new.customer_address, new.state) == ("Another matter", "alice@example.com", "open")
    assert new.due_at == second.at + 8 * HOUR
    moved = world.message(second.id)
    assert (moved.conversation_id, moved.rule) == (new.id, "moved")
    assert str(first.conversation_id) in moved.rule_detail
    assert world.conversation(first.conversation_id).messages == 1
    assert world.events(new.id) == [f"split out of conversation {first.conversation_id}"]
    later = world.one(mail(id="c@x", answers="b@x", subject="Re: Another matter", body="well?"))
    assert later.conversation_id == new.id, "what answers it later follows it"


def test_a_third_partys_message_becomes_their_conversation(world: World) -> None:
    first = world.one(mail(id="a@x", cc=["carol@example.com"]))
    carol = world.one(mail("carol@example.com", answers="a@x", name="Carol"))
    assert world.conversation(first.conversation_id).third_party
    new = inbox.split(world.store, world.clock, world.ada, carol.id)
    assert (new.customer_name, new.customer_address) == ("Carol", "carol@example.com")
    assert not world.conversation(first.conversation_id).third_party


def test_what_cannot_be_split(world: World) -> None:
    first = world.one(mail())
    with pytest.raises(Invalid):
        inbox.split(world.store, world.clock, world.ada, first.id)
    ours = world.answered(first.conversation_id)
    with pytest.raises(Invalid):
        inbox.split(world.store, world.clock, world.ada, ours.id)
    with pytest.raises(NotFound):
        inbox.split(world.store, world.clock, world.ada, 4_711)


def test_messages_can_be_moved_together(world: World) -> None:
    one = world.one(mail(subject="one", id="a@x"))
    two = world.one(mail("alice@private.example", subject="two", id="b@x"))
    target = inbox.move(world.store, world.clock, world.ada, [two.id], one.conversation_id)
    assert target.messages == 2
    assert world.conversation(two.conversation_id).messages == 0
    later = world.one(mail("alice@private.example", subject="three", answers="b@x"))
    assert (later.conversation_id, later.third_party) == (one.conversation_id, False)


def test_drafts_belong_to_conversations_that_exist(world: World) -> None:
    id = world.one(mail()).conversation_id
    drafts.save(world.store, world.clock, world.ada, id, NewReply(body="Hel"))
    assert drafts.save(world.store, world.clock, world.ada, id, NewReply(body="Hello")).content.body == "Hello"
    drafts.delete(world.store, world.ada, id)
    drafts.delete(world.store, world.ada, id)
    with pytest.raises(NotFound):
        drafts.save(world.store, world.clock, world.ada, 4_711, NewReply())
    with pytest.raises(Invalid):
        drafts.save(world.store, world.clock, world.ada, 0, NewReply(body="x" * 5_000_001))


def test_of_many_who_claim_at_once_one_wins(world: World) -> None:
    ids = [message.conversation_id for message in world.receive(*(mail(f"c{n}@x.example") for n in range(40)))]
    with world.store.write():
        reps = [world.store.agents.ensure(f"rep{number}") for number in range(6)]

    def claim_all(rep: Agent) -> int:
        won = 0
        for id in ids:
            try:
                won += inbox.claim(world.store, world.clock, rep, id).assignee_id == rep.id
            except Taken:
                continue
        return won

    with ThreadPoolExecutor(len(reps)) as threads:
        assert sum(threads.map(claim_all, reps)) == len(ids)
    assert all(len(world.events(id)) == 1 for id in ids)
