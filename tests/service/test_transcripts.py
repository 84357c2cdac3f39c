"""A chat by mail: only what was said in it, to the address given, a few times, and nothing in it does harm."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desk.clock import DAY
from desk.model import OutboxItem, Visitor
from desk.service import chats, inbox, transcripts
from desk.service.errors import Invalid
from tests.service.test_chats import answer, arrive, say
from tests.service.world import ACCOUNT, World

MAILBOX = replace(ACCOUNT, goes_on=True)
WORDING = transcripts.Wording(subject="Your chat", beginning="You asked for it.", you="You", zone="Europe/Berlin")


def ask(world: World, visitor: Visitor, wording: transcripts.Wording = WORDING) -> OutboxItem:
    return transcripts.ask(world.store, world.clock, visitor, MAILBOX, wording)


def talked(world: World, email: str = "ada@x.example") -> tuple[Visitor, int]:
    visitor = chats.introduce(world.store, world.clock, arrive(world), email=email)
    id = say(world, visitor, "Hello\n.\nBcc: eve@evil.example \x1b[31m<b>").conversation_id
    inbox.note(world.store, world.clock, world.ada, id, "She is difficult")
    answer(world, id, "Hi")
    return visitor, id


def test_what_was_said_goes_to_the_address_and_to_nobody_else(world: World) -> None:
    ada, id = talked(world)
    before = world.conversation(id)
    message = world.message(ask(world, ada).message_id)
    assert [each.email for each in message.to] == ["ada@x.example"]
    assert (message.kind, message.subject, message.cc, message.bcc) == ("auto", "Your chat", (), ())
    told = [line for line in message.body.split("\n") if line]
    assert told[0] == "You asked for it."
    assert told[1].startswith("You, ")
    assert told[2:5] == ["Hello", ".", "Bcc: eve@evil.example ␛[31m<b>"]
    assert told[5].startswith("Ada, ")
    assert told[6:] == ["Hi"], "no note, no event"
    now = world.conversation(id)
    assert (now.state, now.waiting_since, now.due_at) == (before.state, before.waiting_since, before.due_at)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "", "../../etc/passwd", "x" * 999, "Not/There"])
def test_any_zone_will_do(world: World, zone: str) -> None:
    ada, _ = talked(world)
    assert world.message(ask(world, ada, replace(WORDING, zone=zone)).message_id).body


def test_once_for_what_was_said_and_a_few_times_a_day(world: World) -> None:
    ada, _ = talked(world)
    ask(world, ada)
    with pytest.raises(Invalid, match="already"):
        ask(world, ada)
    for text in ("a", "b"):
        say(world, ada, text)
        ask(world, ada)
    say(world, ada, "c")
    with pytest.raises(Invalid, match="tomorrow"):
        ask(world, ada)
    eve, _ = talked(world, "ADA@x.example")
    with pytest.raises(Invalid, match="tomorrow"):
        ask(world, eve)
    world.clock.advance(DAY)
    assert ask(world, ada).state == "held"


def test_nothing_goes_out_that_nobody_of_ours_has_a_part_in(world: World) -> None:
    eve = chats.introduce(world.store, world.clock, arrive(world), email="victim@x.example")
    with pytest.raises(Invalid):
        ask(world, eve)
    say(world, eve, "Buy now: https://evil.example")
    with pytest.raises(Invalid):
        ask(world, eve)
    bob, _ = talked(world, "")
    with pytest.raises(Invalid) as caught:
        ask(world, bob)
    assert caught.value.code == "bad-address"
    with pytest.raises(Invalid):
        transcripts.ask(world.store, world.clock, talked(world)[0], ACCOUNT, WORDING)
