"""People at work: one span of availability at a time, and what is said of queues over desk.toml."""

from __future__ import annotations

from desk.clock import MINUTE, ManualClock
from desk.model import Availability, AvailabilitySpan
from desk.store.base import Store


def be(store: Store, agent_id: int, state: Availability, at: int, reason: str = "") -> None:
    with store.write():
        store.availabilities.begin(AvailabilitySpan(agent_id=agent_id, state=state, reason=reason, began_at=at))


def test_one_span_ends_where_the_next_begins(store: Store, clock: ManualClock) -> None:
    with store.write():
        ada, ben = store.agents.ensure("ada"), store.agents.ensure("ben")
    now = clock.now()
    be(store, ada.id, "available", now)
    be(store, ben.id, "available", now)
    be(store, ada.id, "away", now + 5 * MINUTE, "lunch")
    be(store, ada.id, "offline", now + MINUTE)
    spans = store.availabilities.within(now, now + 60 * MINUTE)
    known = [(each.state, each.began_at - now, each.ended_at) for each in spans if each.agent_id == ada.id]
    assert known == [
        ("available", 0, now + 5 * MINUTE),
        ("away", 5 * MINUTE, now + 5 * MINUTE),
        ("offline", 5 * MINUTE, None),
    ]
    assert {id: span.state for id, span in store.availabilities.now().items()} == {
        ada.id: "offline",
        ben.id: "available",
    }
    chosen = store.availabilities.chosen(ada.id)
    assert chosen is not None
    assert (chosen.state, chosen.reason) == ("away", "lunch")
    assert [each.kind for each in store.changes.since(0)].count("availability") == 4


def test_what_ended_is_forgotten(store: Store, clock: ManualClock) -> None:
    with store.write():
        ada = store.agents.ensure("ada")
    for minute, state in enumerate(("available", "busy", "away", "available")):
        be(store, ada.id, state, clock.now() + minute * MINUTE)  # type: ignore[arg-type]
    with store.write():
        assert store.availabilities.forget_before(clock.now() + 3 * MINUTE, 10) == 2
    assert [each.state for each in store.availabilities.within(0, clock.now() * 2)] == ["away", "available"]


def test_what_is_said_of_queues(store: Store, clock: ManualClock) -> None:
    with store.write():
        ada, ben = store.agents.ensure("ada", "Ada"), store.agents.ensure("ben")
        sales = store.queues.ensure("Sales")
        store.queue_words.say(sales, ben.id, True, by_id=ada.id, at=1)
        store.queue_words.say(sales, None, False, by_id=ada.id, at=2)
    with store.write():
        store.queue_words.say(sales, ben.id, False, by_id=ada.id, at=3)
    assert [(each.queue_id, each.agent_id, each.value, each.by_name, each.at) for each in store.queue_words.all()] == [
        (sales, None, False, "Ada", 2),
        (sales, ben.id, False, "Ada", 3),
    ]
    seq = store.changes.last()
    with store.write():
        store.queue_words.say(sales, None, None, by_id=ada.id, at=4)
        store.queue_words.say(sales, ben.id, None, by_id=ada.id, at=4)
    assert not store.queue_words.all()
    assert [(each.kind, each.id) for each in store.changes.since(seq)] == [("queue", sales)]
