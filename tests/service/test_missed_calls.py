"""Mail that tells of missed calls: each a callback, once, with whoever called."""

from __future__ import annotations

import pytest

from desk.clock import DAY, MINUTE
from desk.mail.parsed import Parsed
from desk.missed import Rule
from desk.model import Callback, Identity, Message
from desk.service import callbacks, calls
from desk.service.callbacks import Rules
from desk.service.ingest import IngestOptions
from desk.service.missed_calls import MissedCalls
from tests.service.world import OURS, World, mail

PBX = "voicemail@pbx.example"
RULES = MissedCalls(
    rules=(Rule(name="pbx", sender="VOICEMAIL@pbx.*", subject="*missed call*", within=20 * MINUTE),),
    calling=Rules(country="DE"),
)
OPTIONS = IngestOptions(own=frozenset({OURS}), missed=RULES)


def told(
    body: str = "You missed a call from 030 123456 at 10:04.", subject: str = "Missed call", **more: object
) -> object:
    return mail(PBX, subject=subject, body=body, **more)  # type: ignore[arg-type]


def received(world: World, given: Parsed) -> Message:
    return world.one(given, options=OPTIONS)


def made(world: World) -> list[Callback]:
    return world.store.callbacks.page(("waiting", "done", "cancelled"))


def test_a_missed_call_becomes_a_callback_with_who_called(world: World) -> None:
    message = received(world, told())
    [callback] = made(world)
    assert (callback.number, callback.reason, callback.message_id) == ("+4930123456", "Missed call", message.id)
    assert callback.due_at == world.clock.now() + 20 * MINUTE
    row = world.conversation(message.conversation_id)
    assert (row.customer_name, row.due_at, row.channel) == ("+49 30 123456", callback.due_at, "email")
    customer = world.store.customers.get(row.customer_id)
    assert customer is not None
    assert customer.identities == (Identity(kind="phone", value="+4930123456"),)
    assert "[missed.pbx]" in message.rule_detail


def test_each_call_is_a_matter_of_its_own_and_each_mail_is_one_callback(world: World) -> None:
    first = received(world, told(salt="1"))
    second = received(world, told("Call from +49 30 7654321", salt="2", answers=""))
    again = received(world, told(salt="3"))
    assert len({each.conversation_id for each in (first, second, again)}) == 3
    rows = [world.conversation(each.conversation_id) for each in (first, second, again)]
    assert rows[0].customer_id == rows[2].customer_id != rows[1].customer_id
    assert world.take(told(salt="1"), options=OPTIONS).duplicate == 1
    assert len(made(world)) == 3


def test_who_is_known_by_the_number_is_the_customer(world: World) -> None:
    with world.store.write():
        known = world.store.customers.create("Ada Byron", [Identity(kind="phone", value="+4930123456")], 1)
    message = received(world, told("From: \x1b[31m+49 (0)30 123456"))
    assert world.conversation(message.conversation_id).customer_id == known


@pytest.mark.parametrize(
    ("sender", "subject", "body"),
    [
        ("somebody@example.com", "Missed call", "030 123456"),
        (PBX, "Weekly report", "030 123456"),
        (PBX, "Missed call", "Unknown caller"),
        (PBX, "Missed call", "Call from 0900 1234567"),
    ],
)
def test_other_mail_stays_mail(world: World, sender: str, subject: str, body: str) -> None:
    received(world, mail(sender, subject=subject, body=body))
    assert made(world) == []


def test_a_country_that_is_not_called_stays_mail(world: World) -> None:
    options = IngestOptions(
        own=frozenset({OURS}),
        missed=MissedCalls(rules=RULES.rules, calling=Rules(country="DE", countries=frozenset({"FR"}))),
    )
    world.one(told(), options=options)
    assert made(world) == []


def test_of_old_mail_nobody_is_called(world: World) -> None:
    received_at = world.clock.now() - 3 * DAY
    world.take(told(), options=OPTIONS, at=received_at)
    archive = IngestOptions(own=frozenset({OURS}), missed=RULES, promised=False)
    world.take(told(salt="2"), options=archive)
    assert made(world) == []


def test_once_they_were_reached_nothing_is_due_any_more(world: World) -> None:
    message = received(world, told())
    [callback] = made(world)
    calls.outcome(world.store, world.clock, world.ada, callback.id, "reached", rules=RULES.calling)
    assert callbacks.get(world.store, callback.id).state == "done"
    assert world.conversation(message.conversation_id).due_at is None
