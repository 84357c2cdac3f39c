"""Automations act when their time has come, once, and again only after the customer wrote."""

from __future__ import annotations

from typing import Any

import pytest

from desk.clock import DAY, HOUR, MINUTE
from desk.rules.words import Automation
from desk.service import automations, inbox, planned, rules
from desk.service.errors import ServiceError
from desk.service.ingest import IngestOptions
from desk.store.base import StoreError
from tests.service.world import OURS, World, mail

OLD = IngestOptions(own=frozenset({OURS}), own_proven=True, promised=False)


def automation(name: str, on: str, after: int, when: str, *do: str, **more: Any) -> Automation:
    return Automation(name=name, on=on, after=after, when=when, do=do, **more)  # type: ignore[arg-type]


ESCALATE = automation("escalate", "waiting", 4 * HOUR, "state:open", "priority urgent", "note @ada please look")
CLOSE = automation("close", "last", 7 * DAY, "state:waiting", "resolve", "tag +silent")


def sweep(world: World, *given: Automation, after: int = 0) -> int:
    world.clock.advance(after)
    automations.keep(world.store, world.clock, given)
    return automations.sweep(world.store, world.clock, given)


def test_who_waits_too_long_is_escalated_once(world: World) -> None:
    assert sweep(world, ESCALATE) == 0
    id = world.one(mail(id="a@x")).conversation_id
    assert sweep(world, ESCALATE, after=4 * HOUR - MINUTE) == 0
    assert sweep(world, ESCALATE, after=MINUTE) == 1
    row = world.conversation(id)
    assert (row.priority, row.state) == ("urgent", "open")
    assert world.events(id) == [
        "automation escalate: priority normal → urgent, a note; because 4h after waiting, state:open"
    ]
    assert world.store.reads.counts(world.ada.id)[1] == 1
    assert sweep(world, ESCALATE, after=DAY) == 0
    assert automations.listed(world.store, world.clock, [ESCALATE])[0].acted == 1


def test_it_acts_again_after_the_customer_wrote(world: World) -> None:
    sweep(world, ESCALATE)
    id = world.one(mail(id="a@x")).conversation_id
    assert sweep(world, ESCALATE, after=5 * HOUR) == 1
    world.answered(id)
    inbox.set_priority(world.store, world.clock, world.ada, id, "normal")
    world.one(mail(id="b@x", answers="a@x", body="And?"))
    assert sweep(world, ESCALATE, after=HOUR) == 0
    assert sweep(world, ESCALATE, after=3 * HOUR) == 1
    assert world.conversation(id).priority == "urgent"


def test_silence_ends_a_conversation_and_a_word_opens_it(world: World) -> None:
    sweep(world, CLOSE)
    id = world.one(mail(id="a@x")).conversation_id
    world.answered(id)
    other = world.one(mail("bob@example.com")).conversation_id
    assert sweep(world, CLOSE, after=7 * DAY) == 1
    assert (world.conversation(id).state, world.conversation(id).tags) == ("resolved", ("silent",))
    assert world.conversation(other).state == "open"
    world.one(mail(id="b@x", answers="a@x", body="I was away"))
    assert world.conversation(id).state == "open"
    assert sweep(world, CLOSE, after=8 * DAY) == 0


def test_what_came_due_before_there_was_such_an_automation_stays(world: World) -> None:
    early = world.one(mail(id="a@x")).conversation_id
    world.clock.advance(5 * HOUR)
    late = world.one(mail("bob@example.com", id="b@x")).conversation_id
    assert sweep(world, ESCALATE) == 0
    assert sweep(world, ESCALATE, after=5 * HOUR) == 1
    assert [world.conversation(id).priority for id in (early, late)] == ["normal", "urgent"]
    changed = automation("escalate", "waiting", HOUR, "", "tag +waits")
    assert sweep(world, changed, after=DAY) == 0


def test_what_came_due_while_nothing_ran_is_done_unless_it_is_long_ago(world: World) -> None:
    sweep(world, ESCALATE)
    stale = world.one(mail(id="a@x")).conversation_id
    world.clock.advance(7 * DAY)
    fresh = world.one(mail("bob@example.com", id="b@x")).conversation_id
    lay = world.one(mail("eve@example.com", id="c@x"), at=world.clock.now() - DAY).conversation_id
    assert sweep(world, ESCALATE, after=5 * HOUR) == 2
    assert [world.conversation(id).priority for id in (stale, fresh, lay)] == ["normal", "urgent", "urgent"]


def test_what_happens_is_followed_too_and_none_sets_off_another_for_ever(world: World) -> None:
    follow = automation("follow", "resolved", DAY, "queue:none", "tag +ask", "reopen")
    close = automation("close", "reopened", 0, "tag:ask", "resolve")
    sweep(world, follow, close)
    id = world.one(mail(id="a@x")).conversation_id
    inbox.set_state(world.store, world.clock, world.ada, id, "resolved")
    assert sweep(world, follow, close, after=DAY - MINUTE) == 0
    assert sweep(world, follow, close, after=2 * MINUTE) == 2
    assert world.conversation(id).state == "resolved"
    assert [sweep(world, follow, close, after=DAY) for _ in range(3)] == [0, 0, 0]


def test_what_is_taken_back_is_not_done_again(world: World) -> None:
    sweep(world, ESCALATE)
    id = world.one(mail(id="a@x")).conversation_id
    sweep(world, ESCALATE, after=5 * HOUR)
    planned.take_back(world.store, world.clock, world.ada, id, "automation escalate")
    assert world.conversation(id).priority == "normal"
    world.answered(id)
    world.one(mail(id="b@x", answers="a@x"))
    assert sweep(world, ESCALATE, after=5 * HOUR) == 0


def test_one_that_fails_leaves_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    queue, tag = automation("q", "created", 0, "", "queue A"), automation("t", "created", 0, "", "tag +a")
    off = automation("off", "created", 0, "", "tag +off", enabled=False)
    sweep(world, queue, tag, off)
    id = world.one(mail()).conversation_id
    monkeypatch.setattr(world.store.queues, "ensure", _fails)
    assert sweep(world, queue, tag, off, after=MINUTE) == 1
    assert world.conversation(id).tags == ("a",)


def _fails(name: str) -> int:
    raise StoreError("no queue today")


def test_they_are_tried_without_changing_anything(world: World) -> None:
    for number in range(3):
        world.one(mail(f"c{number}@example.com", subject=f"Order {number}"))
    done = world.one(mail("done@example.com", subject="Hello"), options=OLD).conversation_id
    inbox.set_state(world.store, world.clock, world.ada, done, "resolved")
    world.clock.advance(DAY)
    before = world.store.changes.last()
    off = automation("tag", "last", HOUR, "subject:order", "tag +old", enabled=False)
    escalate, tag = automations.tried(world.store, world.clock, [ESCALATE, off], world.clock.now() - 7 * DAY)
    assert (escalate.asked, escalate.fits, escalate.changes) == (3, 3, 3)
    assert (tag.asked, tag.fits, tag.changes) == (4, 3, 3)
    assert tag.examples[0].words == "tags +old"
    assert tag.examples[0].because == "1h after last, subject:order"
    assert world.store.changes.last() == before
    with pytest.raises(ServiceError):
        planned.take_back(world.store, world.clock, world.ada, done)


def test_rules_and_automations_are_told_apart(world: World) -> None:
    rules.keep(world.store, world.clock, [rules.Rule(name="escalate", do=("tag +new",))])
    sweep(world, ESCALATE)
    id = world.one(mail()).conversation_id
    sweep(world, ESCALATE, after=5 * HOUR)
    assert [each.name for each in planned.decisions(world.store, id)] == ["automation escalate", "rule escalate"]
    planned.take_back(world.store, world.clock, world.ada, id, "rule escalate")
    assert (world.conversation(id).tags, world.conversation(id).priority) == ((), "urgent")


def test_many_are_done_in_portions(world: World) -> None:
    sweep(world, ESCALATE)
    world.take(*(mail(f"c{number}@example.com", salt=f"{number}") for number in range(30)))
    assert [sweep(world, ESCALATE, after=each) for each in (4 * HOUR, 0, 0)] == [25, 5, 0]
