"""Callbacks: of each one attempt at most is under way, whoever tries."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from desk.model import CallAttempt, Callback, Outcome
from desk.store.base import Store
from tests.store.world import World

NUMBER = "+4930123456"


@pytest.fixture
def rep(store: Store) -> int:
    with store.write():
        return store.agents.ensure("ada", "Ada").id


def asked(store: Store, world: World, *, in_: int = 0, **more: object) -> int:
    callback = Callback(
        conversation_id=more.pop("conversation_id", 0) or world.conversation(),  # type: ignore[arg-type]
        number=NUMBER,
        country="DE",
        reason="the kettle",
        promised_at=world.now + in_,
        due_at=world.now + in_,
        asked_at=world.now,
    )
    with store.write():
        id = store.callbacks.add(replace(callback, **more))
    assert id is not None
    return id


def found(store: Store, id: int) -> Callback:
    callback = store.callbacks.get(id)
    assert callback is not None
    return callback


def attempt(rep: int, reference: str = "callback-1-1", at: int = 5) -> CallAttempt:
    return CallAttempt(reference=reference, number=NUMBER, agent_id=rep, dialer="phone", begun_at=at)


def begun(store: Store, id: int, rep: int, reference: str) -> bool:
    with store.write():
        return store.callbacks.begin(id, attempt(rep, reference), ("waiting",))


def finished(store: Store, reference: str, outcome: Outcome, at: int = 9) -> bool:
    with store.write():
        return store.callbacks.finish(reference, outcome, at, words="said")


def test_a_callback_is_kept_as_it_was_asked(store: Store, world: World) -> None:
    id = asked(store, world, in_=60_000, until=world.now + 90_000, language="de", account="site")
    callback = found(store, id)
    assert (callback.number, callback.country, callback.reason, callback.state) == (
        NUMBER,
        "DE",
        "the kettle",
        "waiting",
    )
    assert callback.shown == "+49 30 123456"
    assert (callback.promised_at, callback.until, callback.rev) == (world.now + 60_000, world.now + 90_000, 1)
    assert (callback.attempts, callback.open, callback.outcome, callback.under_way) == ((), True, None, None)


def test_one_attempt_at_a_time_begins(store: Store, world: World, rep: int) -> None:
    id = asked(store, world)
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: begun(store, id, rep, f"callback-{id}-{n}"), range(24)))
    assert sum(won) == 1
    callback = found(store, id)
    assert callback.state == "calling"
    assert callback.under_way is not None
    assert (callback.under_way.agent_name, callback.under_way.dialer) == ("Ada", "phone")


def test_an_attempt_ends_once_unless_nobody_knew_how(store: Store, world: World, rep: int) -> None:
    id = asked(store, world)
    assert begun(store, id, rep, "one")
    assert finished(store, "one", "unknown")
    assert not finished(store, "one", "unknown")
    assert finished(store, "one", "busy", 11)
    assert not finished(store, "one", "reached")
    assert not finished(store, "another", "reached")
    last = store.callbacks.attempt("one")
    assert last is not None
    assert (last.outcome, last.ended_at, last.words) == ("busy", 11, "said")


def test_an_outcome_said_by_mistake_is_taken_back(store: Store, world: World, rep: int) -> None:
    id = asked(store, world)
    assert begun(store, id, rep, "one")
    before = found(store, id).attempts[0]
    assert finished(store, "one", "busy")
    with store.write():
        store.callbacks.put_attempt(id, before)
    assert found(store, id).under_way == before


def test_an_attempt_noted_by_mistake_is_withdrawn_and_put_back(store: Store, world: World, rep: int) -> None:
    id = asked(store, world)
    assert begun(store, id, rep, "one")
    assert finished(store, "one", "busy")
    last = store.changes.last()
    ended = found(store, id).attempts[0]
    with store.write():
        assert store.callbacks.withdraw("one")
        assert not store.callbacks.withdraw("one")
    assert found(store, id).attempts == ()
    assert store.changes.last() > last
    with store.write():
        store.callbacks.put_attempt(id, ended)
    assert [replace(each, id=0) for each in found(store, id).attempts] == [replace(ended, id=0)]


def test_changes_are_conditional(store: Store, world: World) -> None:
    id = asked(store, world, until=world.now + 1)
    callbacks = store.callbacks
    with store.write():
        assert callbacks.change(id, ("waiting",), "waiting", due_at=7)
        assert (found(store, id).due_at, found(store, id).until) == (7, world.now + 1)
        assert callbacks.change(id, ("waiting",), "waiting", due_at=8, promised_at=8, rev=2)
        assert (found(store, id).promised_at, found(store, id).until) == (8, None)
        assert not callbacks.change(id, ("waiting",), "cancelled", rev=2)
        assert callbacks.change(id, ("waiting", "unclear"), "cancelled")
        assert not callbacks.change(id, ("waiting", "unclear"), "cancelled")
    assert not found(store, id).open


def test_a_visitor_has_one_open_callback_for_a_number(store: Store, world: World) -> None:
    first = asked(store, world, visitor_id=3)
    with store.write():
        again = replace(found(store, first), id=0)
        assert store.callbacks.add(again) is None
        assert store.callbacks.add(replace(again, number="+33123456789")) is not None
        assert store.callbacks.add(replace(again, visitor_id=4)) is not None
        assert store.callbacks.change(first, ("waiting",), "cancelled")
        second = store.callbacks.add(again)
        assert second is not None
        assert not store.callbacks.change(first, ("cancelled",), "waiting")
    assert store.callbacks.open_of(3, NUMBER) == found(store, second)
    assert store.callbacks.open_of(5, NUMBER) is None


def test_a_message_becomes_one_callback(store: Store, world: World) -> None:
    id = asked(store, world, message_id=77)
    with store.write():
        assert store.callbacks.add(replace(found(store, id), id=0)) is None
    kept = store.callbacks.of_message(77)
    assert kept is not None
    assert kept.id == id


def test_what_is_due_first_stands_first(store: Store, world: World, rep: int) -> None:
    late, soon, other = asked(store, world, in_=9_000), asked(store, world, in_=1_000), asked(store, world, in_=9_000)
    assert [each.id for each in store.callbacks.page(("waiting",))] == [soon, late, other]
    assert [each.id for each in store.callbacks.page(("waiting",), offset=1, limit=1)] == [late]
    assert [store.callbacks.ahead(world.now + 9_000, each) for each in (late, other, None)] == [1, 2, 3]
    assert begun(store, soon, rep, "one")
    assert store.callbacks.ahead(world.now + 9_000, late) == 0
    assert [each.id for each in store.callbacks.page(("calling",))] == [soon]


def test_slots_are_counted_while_somebody_has_them(store: Store, world: World) -> None:
    slot = {"promised_at": 1_000, "until": 2_000}
    first, _ = asked(store, world, **slot), asked(store, world, **slot)
    asked(store, world, promised_at=1_000)
    assert store.callbacks.chosen(0, 5_000) == {1_000: 2}
    with store.write():
        store.callbacks.change(first, ("waiting",), "cancelled")
    assert store.callbacks.chosen(0, 5_000) == {1_000: 1}
    assert store.callbacks.chosen(1_001, 5_000) == {}


def test_a_callback_goes_where_its_conversation_goes(store: Store, world: World) -> None:
    source, middle, target = (world.conversation(subject) for subject in ("one", "two", "three"))
    id = asked(store, world, conversation_id=source, in_=5)
    assert store.callbacks.due_in([source, target]) == {source: world.now + 5}
    with store.write():
        store.placing.set_state(source, "merged", None, middle)
        store.placing.set_state(middle, "merged", None, target)
    assert found(store, id).conversation_id == target
    assert [each.id for each in store.callbacks.of_conversation(target)] == [id]
    assert store.callbacks.due_in([target]) == {target: world.now + 5}
    with store.write():
        store.callbacks.change(id, ("waiting",), "done")
    assert store.callbacks.due_in([target]) == {}


def test_what_changes_of_a_callback_is_told_where_it_is(store: Store, world: World, rep: int) -> None:
    source, target = world.conversation("one"), world.conversation("two")
    id = asked(store, world, conversation_id=source)
    with store.write():
        store.placing.set_state(source, "merged", None, target)
    before = store.changes.last()
    assert begun(store, id, rep, "one")
    assert finished(store, "one", "reached")
    assert not finished(store, "one", "reached")
    changes = [(each.kind, each.id, each.conversation_id) for each in store.changes.since(before)]
    assert changes == [("callback", id, target)] * 2


def test_how_long_calls_take_is_known_of_those_that_reached_somebody(store: Store, world: World, rep: int) -> None:
    for n, (outcome, ended) in enumerate((("reached", 105), ("busy", 7), ("reached", 25))):
        assert begun(store, asked(store, world), rep, f"r{n}")
        assert finished(store, f"r{n}", outcome, ended)  # type: ignore[arg-type]
    assert store.callbacks.lasted() == [20, 100]
    assert store.callbacks.lasted(1) == [20]
