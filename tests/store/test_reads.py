"""The contract of reading: unread and mentions per rep."""

from __future__ import annotations

from desk.clock import DAY
from desk.store.base import Store
from tests.store.world import World


def flags(store: Store, agent: int, id: int) -> tuple[bool, bool]:
    row = store.conversations.get(id)
    assert row is not None
    [row] = store.reads.marked([row], agent)
    return row.unread, row.mentioned


def agents(store: Store) -> tuple[int, int]:
    with store.write():
        return store.agents.ensure("ann").id, store.agents.ensure("ben").id


def read(store: Store, agent: int, id: int, upto: int | None = None) -> bool:
    with store.write():
        return store.reads.read(agent, id, upto)


def test_a_customers_message_is_unread_to_all_until_each_has_read_it(world: World) -> None:
    store = world.store
    ann, ben = agents(store)
    id = world.conversation()
    assert flags(store, ann, id) == (False, False)
    world.message(id)
    assert flags(store, ann, id) == flags(store, ben, id) == (True, False)
    assert read(store, ann, id)
    assert not read(store, ann, id), "once is enough"
    assert (flags(store, ann, id)[0], flags(store, ben, id)[0]) == (False, True)
    world.message(id, at=world.now + 1)
    assert flags(store, ann, id)[0]


def test_where_a_rep_had_got_to_stays_known(world: World) -> None:
    store = world.store
    ann, ben = agents(store)
    id = world.conversation()
    first = world.message(id)
    assert store.reads.seen(ann, id) is None
    read(store, ann, id)
    assert store.reads.seen(ann, id) == first
    second = world.message(id, at=world.now + 1)
    assert flags(store, ann, id)[0]
    assert store.reads.seen(ann, id) == first
    assert store.reads.seen(ben, id) is None
    read(store, ann, id)
    assert store.reads.seen(ann, id) == second


def test_what_came_late_is_unread_too(world: World) -> None:
    ann, _ = agents(world.store)
    id = world.conversation()
    world.message(id)
    read(world.store, ann, id)
    world.message(id, at=world.now - 60_000)
    assert flags(world.store, ann, id)[0]


def test_what_was_there_before_the_rep_is_not_new_to_them(world: World) -> None:
    id = world.conversation(at=world.now - DAY)
    world.message(id, at=world.now - DAY)
    ann, _ = agents(world.store)
    assert not flags(world.store, ann, id)[0]


def test_answers_notes_and_automatic_mail_are_not_unread(world: World) -> None:
    ann, _ = agents(world.store)
    id = world.conversation()
    world.message(id)
    read(world.store, ann, id)
    world.message(id, direction="out", at=world.now + 1)
    world.message(id, direction="note", at=world.now + 2)
    world.message(id, kind="auto", at=world.now + 3)
    assert not flags(world.store, ann, id)[0]


def test_reading_what_was_on_the_screen_leaves_what_came_since_unread(world: World) -> None:
    ann, _ = agents(world.store)
    id = world.conversation()
    first = world.message(id)
    world.message(id, at=world.now + 1)
    assert not read(world.store, ann, id, first)
    assert flags(world.store, ann, id)[0]


def test_unread_by_hand_is_unread_again_and_the_others_are_left_alone(world: World) -> None:
    store = world.store
    ann, ben = agents(store)
    id = world.conversation()
    with store.write():
        assert store.reads.unread(ann, id)
        assert not store.reads.unread(ann, id)
        assert not store.reads.unread(ann, 999)
    assert (flags(store, ann, id)[0], flags(store, ben, id)[0]) == (True, False)
    assert read(store, ann, id)
    assert not flags(store, ann, id)[0]


def test_mentions_are_seen_by_reading(world: World) -> None:
    store = world.store
    ann, ben = agents(store)
    id = world.conversation()
    note = world.message(id, direction="note")
    seq = store.changes.last()
    with store.write():
        store.reads.mention(ben, id, note)
        store.reads.mention(ben, id, note)
    assert (flags(store, ann, id), flags(store, ben, id)) == ((False, False), (False, True))
    assert world.changed(seq) == {("mention", ben)}
    assert store.reads.counts(ben) == (0, 1)
    assert read(store, ben, id, note)
    assert flags(store, ben, id) == (False, False)
    assert store.reads.counts(ben) == (0, 0)
    assert store.views.counts(ben)["mentions"] == 1, "it is still where they were named"


def test_counts_are_of_my_open_ones(world: World) -> None:
    store = world.store
    ann, _ = agents(store)
    mine, other = world.conversation(), world.conversation()
    for id in (mine, other):
        world.message(id)
    with store.write():
        store.conversations.claim(mine, ann, world.now)
    assert store.reads.counts(ann) == (1, 0)
    read(store, ann, mine)
    assert store.reads.counts(ann) == (0, 0)


def test_a_message_that_is_withdrawn_takes_its_mention_along(world: World) -> None:
    store = world.store
    _, ben = agents(store)
    id = world.conversation()
    note = world.message(id, direction="note")
    with store.write():
        store.reads.mention(ben, id, note)
    with store.write():
        store.messages.withdraw(note, world.now)
    assert not flags(store, ben, id)[1]
