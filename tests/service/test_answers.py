"""Canned answers in replies: none leaves with a gap in it, and what was sent is counted."""

from __future__ import annotations

import pytest

from desk.model import Address, NewReply
from desk.service import outbox
from desk.service.errors import Invalid
from tests.service.world import ACCOUNT, World, mail


def send(world: World, id: int, new: NewReply, *, sent: bool = True) -> int:
    item = outbox.reply(world.store, world.clock, world.ada, id, new, account=ACCOUNT, now=True)
    outbox.take_due(world.store, world.clock)
    if sent:
        outbox.record_sent(world.store, world.clock, item.id)
    return item.id


def test_a_gap_stops_a_reply(world: World) -> None:
    id = world.one(mail()).conversation_id
    new = NewReply(body="Your order ⟦customer.order⟧ leaves on ⟦date+3d⟧.", answers=("late",))
    with pytest.raises(Invalid) as refused:
        send(world, id, new)
    assert refused.value.code == "unsettled"
    assert refused.value.detail == {"names": "customer.order, date+3d", "start": "11", "end": "27"}
    with pytest.raises(Invalid):
        outbox.compose(
            world.store,
            world.clock,
            world.ada,
            NewReply(body="⟦date⟧", subject="Hello", to=(Address(email="eve@example.org"),)),
            account=ACCOUNT,
        )
    assert world.store.outbox.in_states(("held",)) == []


def test_a_customers_own_braces_stop_nothing(world: World) -> None:
    id = world.one(mail()).conversation_id
    send(world, id, NewReply(body="As you wrote:\n> ⟦order⟧ {customer.name}\n\nThat is {customer.name}."))


def test_answers_count_once_they_are_sent(world: World) -> None:
    id = world.one(mail()).conversation_id
    item = send(world, id, NewReply(body="Hello", answers=("late", "@ada/bye", "late")))
    outbox.record_sent(world.store, world.clock, item)
    assert world.store.answer_uses.counts() == {"late": 1, "@ada/bye": 1}
    (use,) = world.store.answer_uses.of("late")
    assert (use.agent_id, use.last_at) == (world.ada.id, world.clock.now())


def test_what_was_taken_back_or_failed_was_not_used(world: World) -> None:
    id = world.one(mail()).conversation_id
    new = NewReply(body="Hello", answers=("late",))
    held = outbox.reply(world.store, world.clock, world.ada, id, new, account=ACCOUNT)
    outbox.undo(world.store, world.clock, held.id)
    failed = send(world, id, new, sent=False)
    outbox.record_permanent(world.store, world.clock, failed, "no such mailbox")
    assert world.store.answer_uses.counts() == {}
