"""The contract of the journal: what stands, what was taken back, and who changed the same facts since."""

from __future__ import annotations

from typing import Any

import pytest

from desk.model import Deed, Delta
from desk.store.base import Store, StoreError

ANN, BEN = 1, 2
NAMES = {ANN: "Ann", BEN: "Ben"}


def fact(id: int, field: str, before: Any = None, after: Any = True) -> Delta:
    return Delta(subject="conversation", id=id, field=field, before=before, after=after)


def add(store: Store, agent: int, *deltas: Delta, at: int = 1_000, group: int = 0, again: bool = False) -> Deed:
    deed = Deed(group_id=group, agent_id=agent, agent_name=NAMES[agent], at=at, kind="tag", label="t", deltas=deltas)
    with store.write():
        id = store.deeds.add(deed, again=again)
    return Deed(**{**_fields(deed), "id": id, "group_id": group or id})


def _fields(deed: Deed) -> dict[str, Any]:
    return {name: getattr(deed, name) for name in deed.__struct_fields__}


def undo(store: Store, deed: Deed, at: int = 2_000) -> bool:
    with store.write():
        return store.deeds.mark_undone(deed.id, at)


def test_a_deed_comes_back_as_it_was(store: Store) -> None:
    deed = add(store, ANN, fact(7, "tag:late"), fact(7, "state", ["open", None, None], ["spam", None, None]))
    assert store.deeds.newest(ANN, 0) == deed.group_id
    assert store.deeds.of_group(deed.group_id, ANN) == [deed]
    assert store.deeds.of_group(deed.group_id, BEN) == []
    assert store.deeds.newest(BEN, 0) is None
    assert store.deeds.newest(ANN, 1_001) is None, "too old"
    with pytest.raises(StoreError):
        store.deeds.add(deed)


def test_many_deeds_at_once_are_each_a_group_of_their_own(store: Store) -> None:
    first = add(store, ANN, fact(7, "tag:late"))
    undo(store, first)
    deeds = [
        Deed(agent_id=agent, agent_name=NAMES[agent], at=1_000, kind="claim", label="c", deltas=(fact(n, "claim"),))
        for n, agent in enumerate((BEN, ANN) * 40)
    ]
    with store.write():
        ids = store.deeds.add_all(deeds)
    assert len({first.id, *ids}) == 81
    assert (store.deeds.newest(BEN, 0), store.deeds.newest(ANN, 0)) == (ids[-2], ids[-1])
    assert store.deeds.undone(ANN, 0) is None, "she has done something new"
    [told] = store.deeds.of_group(ids[3], ANN)
    assert told.deltas == deeds[3].deltas


def test_a_group_is_read_newest_first_and_redone_oldest_first(store: Store) -> None:
    first = add(store, ANN, fact(1, "tag:a"))
    second = add(store, ANN, fact(2, "tag:a"), group=first.id)
    third = add(store, ANN, fact(3, "tag:a"), group=first.id)
    assert store.deeds.of_group(first.id, ANN) == [third, second, first]
    assert store.deeds.of_group(first.id, ANN, 2) == [third, second]
    for deed in (third, second):
        assert undo(store, deed)
    assert not undo(store, second), "it was undone before"
    assert store.deeds.of_group(first.id, ANN) == [first]
    assert store.deeds.newest(ANN, 0) == first.id
    assert [deed.id for deed in store.deeds.undone_of_group(first.id, ANN)] == [second.id, third.id]
    assert [deed.undone_at for deed in store.deeds.undone_of_group(first.id, ANN, 1)] == [2_000]


def test_what_was_undone_last_is_redone_first_until_something_new_is_done(store: Store) -> None:
    first, second = add(store, ANN, fact(1, "tag:a")), add(store, ANN, fact(1, "tag:b"))
    undo(store, second)
    undo(store, first, 3_000)
    assert store.deeds.undone(ANN, 0) == first.group_id
    assert store.deeds.undone(ANN, 3_001) is None, "too old"
    assert store.deeds.undone(BEN, 0) is None
    with store.write():
        assert store.deeds.mark_redone(first.id)
        assert not store.deeds.mark_redone(first.id)
    add(store, ANN, fact(1, "tag:a"), again=True)
    assert store.deeds.undone(ANN, 0) == second.group_id
    add(store, ANN, fact(1, "tag:c"))
    assert store.deeds.undone(ANN, 0) is None
    with store.write():
        standing = store.deeds.newest(ANN, 0)
        assert standing is not None
        assert not store.deeds.mark_redone(standing)


def test_others_are_told_apart_by_the_facts_they_changed(store: Store) -> None:
    mine = add(store, ANN, fact(7, "tag:late"), fact(7, "priority", "low", "high"))
    assert store.deeds.changed_since(mine) == {}
    add(store, ANN, fact(7, "tag:late", True, None))
    assert store.deeds.changed_since(mine) == {}, "one's own later deeds do not count"
    theirs = add(store, BEN, fact(7, "priority", "high", "urgent"), fact(8, "tag:late"))
    assert store.deeds.changed_since(mine) == {("conversation", 7, "priority"): "Ben"}
    assert store.deeds.touched_since(mine, "conversation", 7) == "Ben"
    assert store.deeds.touched_since(mine, "conversation", 9) is None
    assert store.deeds.touched_since(mine, "customer", 7) is None
    undo(store, theirs)
    assert store.deeds.changed_since(mine) == {}
    assert store.deeds.touched_since(mine, "conversation", 7) is None


def test_the_last_deed_with_a_fact_counts_only_while_it_stands(store: Store) -> None:
    add(store, ANN, fact(7, "tag:late"))
    last = add(store, BEN, fact(7, "tag:late", True, None))
    assert store.deeds.with_fact("conversation", 7, "tag:late") == last
    assert store.deeds.with_fact("conversation", 7, "tag:other") is None
    undo(store, last)
    assert store.deeds.with_fact("conversation", 7, "tag:late") is None


def test_old_deeds_are_forgotten_a_few_at_a_time(store: Store) -> None:
    deeds = [add(store, ANN, fact(n, "tag:a"), at=1_000 + n) for n in range(5)]
    with store.write():
        assert store.deeds.forget_before(1_003, 2) == 2
        assert store.deeds.forget_before(1_003, 2) == 1
        assert store.deeds.forget_before(1_003, 2) == 0
    assert store.deeds.with_fact("conversation", 0, "tag:a") is None
    assert store.deeds.with_fact("conversation", 3, "tag:a") == deeds[3]
