"""What supervisors do in a colleague's conversation: who may, who is told, and the way back."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desk.service import inbox, reading, supervising, undo
from desk.service.errors import Forbidden, Invalid
from tests.service.world import World, mail


@pytest.fixture
def theirs(world: World) -> int:
    """A conversation of Ben's."""
    id = world.one(mail()).conversation_id
    inbox.claim(world.store, world.clock, world.ben, id)
    return id


def test_a_whisper_is_told_to_whose_it_is_until_they_look(world: World, theirs: int) -> None:
    said = supervising.whisper(world.store, world.clock, world.ada, theirs, "Offer\x1b[31m a refund")
    assert (said.direction, said.kind, said.body) == ("note", "whisper", "Offer␛[31m a refund")
    assert [each.id for each in supervising.heard(world.store, world.ben)] == [said.id]
    assert supervising.heard(world.store, world.ada) == []
    reading.mark_read(world.store, world.clock, world.ben, theirs)
    assert supervising.heard(world.store, world.ben) == []


def test_a_whisper_needs_somebody_to_hear_it(world: World, theirs: int) -> None:
    nobodys = world.one(mail(subject="another", salt="2")).conversation_id
    for id, who in ((nobodys, world.ada), (theirs, world.ben)):
        with pytest.raises(Invalid) as refused:
            supervising.whisper(world.store, world.clock, who, id, "psst")
        assert refused.value.code == "nobody-to-hear"
    with pytest.raises(Invalid):
        supervising.whisper(world.store, world.clock, world.ada, theirs, " \n")


def test_a_whisper_taken_back_and_done_again_is_a_whisper(world: World, theirs: int) -> None:
    supervising.whisper(world.store, world.clock, world.ada, theirs, "Offer a refund")
    undo.undo(world.store, world.clock, world.ada)
    assert supervising.heard(world.store, world.ben) == []
    undo.redo(world.store, world.clock, world.ada)
    [last] = [each for each in world.store.messages.of_conversation(theirs) if each.direction == "note"]
    assert (last.kind, last.body) == ("whisper", "Offer a refund")


def test_taking_over_is_one_deed_that_both_learn_of(world: World, theirs: int) -> None:
    for _ in range(2):
        taken = supervising.take_over(world.store, world.clock, world.ada, theirs)
        assert taken.assignee_id == world.ada.id
    events = [each.body for each in world.store.messages.of_conversation(theirs) if each.direction == "event"]
    assert events[1:] == ["taken over by Ada from Ben"]
    assert world.store.reads.marked([taken], world.ben.id)[0].mentioned
    undo.undo(world.store, world.clock, world.ada)
    assert world.conversation(theirs).assignee_id == world.ben.id


def test_reps_may_not(world: World, theirs: int) -> None:
    rep = replace(world.ada, role="rep")
    with pytest.raises(Forbidden):
        supervising.take_over(world.store, world.clock, rep, theirs)
    with pytest.raises(Forbidden):
        supervising.whisper(world.store, world.clock, rep, theirs, "psst")
