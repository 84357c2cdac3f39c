"""Handing over: to whom, what the note is, who is told, and the way back."""

from __future__ import annotations

import pytest

from desk.model import Agent
from desk.service import inbox, undo
from desk.service.errors import Invalid, NotFound
from desk.service.steps import run
from desk.service.transferring import transfer
from desk.steps import Transfer
from tests.service.world import World, mail


def named(world: World, agent: Agent, id: int) -> bool:
    return world.store.reads.marked([world.conversation(id)], agent.id)[0].mentioned


def said(world: World, id: int) -> list[tuple[str, str]]:
    return [(each.direction, each.body) for each in world.store.messages.of_conversation(id)][1:]


def test_a_rep_gets_it_with_a_note_and_is_told(world: World) -> None:
    id = world.one(mail()).conversation_id
    given = transfer(world.store, world.clock, world.ada, id, to=world.ben, note="She wants\n\x1b[31mher money")
    assert (given.assignee_id, given.state) == (world.ben.id, "open")
    assert said(world, id) == [("event", "transferred to Ben"), ("note", "She wants\n␛[31mher money")]
    assert named(world, world.ben, id)
    assert not named(world, world.ada, id)


def test_who_gets_it_without_a_note_is_told_too(world: World) -> None:
    id = world.one(mail()).conversation_id
    transfer(world.store, world.clock, world.ada, id, to=world.ben)
    world.receive(mail(subject="something else", salt="2"))
    assert named(world, world.ben, id)


def test_in_a_queue_it_is_nobodys(world: World) -> None:
    id = world.one(mail()).conversation_id
    inbox.claim(world.store, world.clock, world.ada, id)
    with world.store.write():
        world.store.queues.ensure("Returns")
    given = transfer(world.store, world.clock, world.ada, id, queue="returns", note="@ben knows more")
    assert (given.assignee_id, given.queue_name) == (None, "Returns")
    assert named(world, world.ben, id)


def test_one_undo_takes_all_of_it_back(world: World) -> None:
    id = world.one(mail()).conversation_id
    inbox.claim(world.store, world.clock, world.ada, id)
    before = world.conversation(id)
    with world.store.write():
        world.store.queues.ensure("Returns")
    for where in ({"to": world.ben}, {"queue": "Returns"}):
        transfer(world.store, world.clock, world.ada, id, note="why", **where)  # type: ignore[arg-type]
        undone = undo.undo(world.store, world.clock, world.ada)
        now = world.conversation(id)
        assert (now.assignee_id, now.queue_id) == (before.assignee_id, before.queue_id)
        assert said(world, id) == [("event", "claimed by Ada")]
        assert undone.note == "why"
        assert not named(world, world.ben, id)


def test_it_goes_to_somebody(world: World) -> None:
    id = world.one(mail()).conversation_id
    for wrong in ({}, {"to": world.ben, "queue": "Returns"}, {"queue": "Retruns"}):
        with pytest.raises(Invalid):
            transfer(world.store, world.clock, world.ada, id, **wrong)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        run(world.store, world.clock, world.ada, id, Transfer(rep="zed"))
    with pytest.raises(Invalid):
        run(world.store, world.clock, world.ada, id, Transfer(rep="nobody"))
    assert said(world, id) == []


def test_what_changes_nothing_is_no_deed(world: World) -> None:
    id = world.one(mail()).conversation_id
    inbox.assign(world.store, world.clock, world.ada, id, world.ben)
    transfer(world.store, world.clock, world.ada, id, to=world.ben)
    assert said(world, id) == [("event", "assigned to Ben")]
