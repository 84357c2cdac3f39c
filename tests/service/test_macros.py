"""Macros: what is previewed is what happens, wholly or not at all, and it is taken back in one step."""

from __future__ import annotations

import pytest

from desk.clock import Clock
from desk.model import Agent, Conversation, NewReply
from desk.service import drafts, inbox, macros, undo
from desk.service.errors import Lost, NotFound, Taken
from desk.service.journal import Group
from desk.service.steps import Means
from desk.steps import Reply, Step, parse
from desk.store.base import Store
from tests.service.world import ACCOUNT, World, mail


def _write(_: Store, __: Clock, ___: Agent, conversation: Conversation, step: Reply) -> NewReply:
    if step.shortcut == "never":
        raise NotFound("answer", "::never")
    gap = " ⟦customer.order⟧" if step.shortcut == "gap" else ""
    return NewReply(body=f"Hello {conversation.customer_name}, {step.text}{gap}", answers=(step.shortcut,))


MEANS = Means(sender=lambda _: ACCOUNT, write=_write)


def steps(*said: str) -> list[Step]:
    return [parse(each) for each in said]


def run(world: World, id: int, *said: str, seen: int | None = None) -> None:
    group = Group("macro test")
    macros.run(world.store, world.clock, world.ada, id, steps(*said), MEANS, group, seen_message_id=seen)


def test_a_preview_says_what_happens_and_changes_nothing(world: World) -> None:
    id = world.one(mail(name="Alice")).conversation_id
    before, last = world.conversation(id), world.store.changes.last()
    said = steps("tag +refund -old", "priority high", "queue Returns", "reply ::refund", "note done", "resolve")
    foreseen = macros.preview(world.store, world.clock, world.ada, id, said, MEANS)
    assert [each.effect for each in foreseen.steps] == [
        "tags +refund",
        "priority normal → high",
        "queue none → Returns",
        "a reply from support@shop.example to alice@example.com",
        "a note",
        "state waiting → resolved",
    ]
    assert foreseen.steps[3].body == "Hello Alice, "
    assert foreseen.ready
    assert (world.conversation(id), world.store.changes.last()) == (before, last)
    assert foreseen.seen_message_id == world.store.messages.of_conversation(id)[-1].id


def test_problems_are_foreseen(world: World) -> None:
    id = world.one(mail()).conversation_id
    inbox.claim(world.store, world.clock, world.ben, id)
    said = steps("claim", "assign zoe", "reply ::never", "reply ::gap", "snooze 2020-01-01", "tag -old")
    foreseen = macros.preview(world.store, world.clock, world.ada, id, said, MEANS)
    assert [bool(each.problem) for each in foreseen.steps] == [True, True, True, False, True, False]
    assert foreseen.steps[0].problem == "Ben has it already"
    assert [gap.name for gap in foreseen.steps[3].gaps] == ["customer.order"]
    assert foreseen.steps[5].effect == "tags stay"
    assert not foreseen.ready
    with pytest.raises(NotFound):
        macros.preview(world.store, world.clock, world.ada, 4_711, said, MEANS)


def test_all_of_it_or_nothing(world: World) -> None:
    id = world.one(mail()).conversation_id
    inbox.claim(world.store, world.clock, world.ben, id)
    before = world.conversation(id)
    with pytest.raises(Taken):
        run(world, id, "tag +refund", "reply ::refund", "claim")
    assert world.conversation(id) == before
    assert world.store.outbox.in_states(("held",)) == []
    run(world, id, "tag +refund", "reply ::refund", "resolve")
    after = world.conversation(id)
    assert (after.state, after.tags) == ("resolved", ("refund",))
    (item,) = world.store.outbox.in_states(("held",))
    assert item.content is not None
    assert item.content.answers == ("refund",)


def test_a_reply_is_not_sent_past_a_newer_message(world: World) -> None:
    first = world.one(mail(id="1@a"))
    seen = macros.preview(
        world.store, world.clock, world.ada, first.conversation_id, steps("reply x"), MEANS
    ).seen_message_id
    world.one(mail(id="2@a", answers="1@a", body="Wait!"))
    with pytest.raises(Lost) as moved:
        run(world, first.conversation_id, "tag +refund", "reply x", seen=seen)
    assert moved.value.code == "moved-on"
    assert world.conversation(first.conversation_id).tags == ()


def test_what_the_rep_was_writing_is_not_touched(world: World) -> None:
    id = world.one(mail()).conversation_id
    drafts.save(world.store, world.clock, world.ada, id, NewReply(body="Dear Alice, half of"))

    def written() -> list[str]:
        return [each.content.body for each in world.store.drafts.of_agent(world.ada.id)]

    run(world, id, "reply ::late", "tag +late")
    assert written() == ["Dear Alice, half of"]
    undone = undo.undo(world.store, world.clock, world.ada)
    assert (undone.draft, written()) == (None, ["Dear Alice, half of"])
    assert world.store.outbox.in_states(("held",)) == []
    run(world, id, "reply ::late")
    [item] = world.store.outbox.in_states(("held",))
    draft = undo.undo_send(world.store, world.clock, item.id)
    assert draft.content.body.endswith("Dear Alice, half of"), "who takes back one answer wants to mend it"


def test_it_is_taken_back_in_one_step(world: World) -> None:
    ids = [world.one(mail(sender)).conversation_id for sender in ("a@example.org", "b@example.org")]
    before = [world.conversation(id) for id in ids]
    group = Group("macro test")
    for id in ids:
        macros.run(world.store, world.clock, world.ada, id, steps("tag +refund", "resolve"), MEANS, group)
    undo.undo(world.store, world.clock, world.ada)
    after = [world.conversation(id) for id in ids]
    assert [(each.state, each.tags) for each in after] == [(each.state, each.tags) for each in before]
