"""How often answers are used: counted a rep, added up, and following an answer that moves."""

from __future__ import annotations

from desk.store.base import Store
from tests.store.world import World


def test_uses_are_counted_for_each_rep(store: Store, world: World) -> None:
    with store.write():
        ada, ben = store.agents.ensure("ada").id, store.agents.ensure("ben").id
        store.answer_uses.add("late", ada, world.now)
        store.answer_uses.add("late", ada, world.now + 5)
        store.answer_uses.add("late", ben, world.now + 9)
        store.answer_uses.add("@ada/late", ada, world.now)
    assert store.answer_uses.counts() == {"late": 3, "@ada/late": 1}
    assert [(use.agent_id, use.count, use.last_at) for use in store.answer_uses.of("late")] == [
        (ada, 2, world.now + 5),
        (ben, 1, world.now + 9),
    ]
    assert store.answer_uses.of("never") == []


def test_uses_move_along_and_add_up(store: Store, world: World) -> None:
    with store.write():
        ada, ben = store.agents.ensure("ada").id, store.agents.ensure("ben").id
        for key, agent, at in (("old", ada, 2), ("old", ben, 3), ("new", ada, 1)):
            store.answer_uses.add(key, agent, at)
        store.answer_uses.move("old", "new")
        store.answer_uses.move("new", "new")
        store.answer_uses.move("never", "nowhere")
    assert store.answer_uses.counts() == {"new": 3}
    assert {(use.agent_id, use.count, use.last_at) for use in store.answer_uses.of("new")} == {(ada, 2, 2), (ben, 1, 3)}


def test_a_rolled_back_use_is_none(store: Store) -> None:
    try:
        with store.write():
            store.answer_uses.add("late", 1, 1)
            raise RuntimeError
    except RuntimeError:
        pass
    assert store.answer_uses.counts() == {}
