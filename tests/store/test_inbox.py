"""The contract of conversations: views, their order, claims and edits."""

from __future__ import annotations

import random
import threading
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.model import Conversation, State, StateView, View
from desk.store.base import Selection, Store, StoreError
from desk.text import fold_subject
from tests.store.world import World

VIEWS: tuple[View, ...] = get_args(StateView)


def test_a_new_conversation_is_the_row_of_the_list(world: World) -> None:
    store, customer = world.store, world.customer()
    with store.write():
        queue = store.queues.ensure("Billing")
    id = world.conversation("Re: Invoice", customer=customer, at=5_000, queue_id=queue)
    row = world.row(id)
    assert row == Conversation(
        id=id,
        subject="Re: Invoice",
        account="support",
        customer_id=customer,
        customer_name="Ada Byron",
        customer_address="ada@example.org",
        queue_id=queue,
        queue_name="Billing",
        created_at=5_000,
        last_at=5_000,
        rev=row.rev,
    )


def test_a_conversation_needs_a_customer(store: Store) -> None:
    with pytest.raises(StoreError, match="customer 7"), store.write():
        store.conversations.create(subject="x", channel="email", account="a", customer_id=7, at=1)


def test_unknown_conversations_are_none_or_left_out(world: World) -> None:
    one, two = world.conversation("One"), world.conversation("Two")
    assert world.store.conversations.get(999) is None
    assert [row.id for row in world.store.conversations.many([two, 999, one])] == [two, one]
    assert world.store.conversations.many([]) == []
    assert world.store.views.position(Selection(view="open"), 999) is None


def in_view(row: Conversation, view: View, agent: int) -> bool:
    if view == "all":
        return row.state != "merged"
    if view == "mine":
        return row.state == "open" and row.assignee_id == agent
    if view == "unassigned":
        return row.state == "open" and row.assignee_id is None
    return row.state == view


def shuffle(world: World, seed: int, size: int) -> list[int]:
    """Conversations in every state, some with promises, some with equal places. Returns the agents."""
    chance = random.Random(seed)
    store = world.store
    customer = world.customer()
    with store.write():
        agents = [store.agents.ensure(login).id for login in ("ann", "ben")]
    ids = [world.conversation(f"#{n}", customer=customer, at=1_000 + chance.randrange(20)) for n in range(size)]
    with store.write():
        for id in ids:
            if chance.random() < 0.4:
                store.conversations.set_due(id, 5_000 + chance.randrange(10))
            if chance.random() < 0.5:
                store.conversations.claim(id, chance.choice(agents), 1)
            state: State = chance.choice(get_args(State))
            store.conversations.set_state(id, state, 2_000, snoozed_until=9_000 if state == "snoozed" else None)
    return agents


@pytest.mark.parametrize("seed", range(3))
def test_counts_are_those_of_all_rows(world: World, seed: int) -> None:
    agent, _ = shuffle(world, seed, 60)
    everything = world.store.conversations.many(list(range(1, 61)))
    counts = world.store.conversations.counts(agent_id=agent)
    assert counts == {view: sum(in_view(row, view, agent) for row in everything) for view in VIEWS}


def test_nobody_has_mine(world: World) -> None:
    shuffle(world, 1, 20)
    assert world.store.views.page(Selection(view="mine")).items == []
    assert world.store.conversations.counts()["mine"] == 0


def test_a_page_at_nonsense_offsets_is_empty_or_the_first(world: World) -> None:
    world.conversation()
    assert world.store.views.page(Selection(view="open"), offset=10).items == []
    assert len(world.store.views.page(Selection(view="open"), offset=-5, limit=10).items) == 1
    assert world.store.views.page(Selection(view="open"), limit=0).items == []


def test_claims_have_one_winner_of_eight_threads(world: World) -> None:
    store, customer = world.store, world.customer()
    ids = [world.conversation(f"#{n}", customer=customer) for n in range(800)]
    with store.write():
        agents = [store.agents.ensure(f"agent{n}").id for n in range(8)]
    won: dict[int, list[int]] = {agent: [] for agent in agents}
    failures: list[BaseException] = []
    start = threading.Barrier(8)

    def claim_all(agent: int) -> None:
        try:
            start.wait()
            for id in ids:
                with store.write():
                    if store.conversations.claim(id, agent, 1):
                        won[agent].append(id)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=claim_all, args=(agent,)) for agent in agents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(id for claimed in won.values() for id in claimed) == ids
    for agent, claimed in won.items():
        assert all(world.row(id).assignee_id == agent for id in claimed)


def test_claiming_twice_is_still_mine_and_changes_nothing(world: World) -> None:
    store, id = world.store, world.conversation()
    with store.write():
        ann, ben = store.agents.ensure("ann", "Ann"), store.agents.ensure("ben")
        assert store.conversations.claim(id, ann.id, 1)
    row, seq = world.row(id), store.changes.last()
    assert (row.assignee_id, row.assignee_name) == (ann.id, "Ann")
    with store.write():
        assert store.conversations.claim(id, ann.id, 2)
        assert not store.conversations.claim(id, ben.id, 2)
        assert not store.conversations.claim(999, ben.id, 2)
    assert world.row(id) == row
    assert store.changes.last() == seq


def test_of_many_that_are_claimed_at_once_only_those_are_won_that_are_nobodys(world: World) -> None:
    store, ids = world.store, [world.conversation() for _ in range(3)]
    with store.write():
        ann, ben = store.agents.ensure("ann", "Ann"), store.agents.ensure("ben", "Ben")
        store.conversations.claim(ids[1], ann.id, 1)
    with store.write():
        assert store.conversations.claim_all({ids[0]: ann.id, ids[1]: ben.id, ids[2]: ben.id, 999: ben.id}) == {
            ids[0],
            ids[2],
        }
    assert [world.row(id).assignee_name for id in ids] == ["Ann", "Ann", "Ben"]


def test_assigning_and_unassigning(world: World) -> None:
    store, id = world.store, world.conversation()
    with store.write():
        ann = store.agents.ensure("ann", "Ann")
        assert store.conversations.assign(id, ann.id, 1)
    assert world.row(id).assignee_name == "Ann"
    with store.write():
        assert store.conversations.assign(id, None, 1)
        assert not store.conversations.assign(999, None, 1)
    assert (world.row(id).assignee_id, world.row(id).assignee_name) == (None, None)


def test_a_state_set_against_an_old_rev_is_refused(world: World) -> None:
    store, id = world.store, world.conversation()
    rev = world.row(id).rev
    with store.write():
        assert store.conversations.set_state(id, "resolved", 1, rev=rev)
        assert not store.conversations.set_state(id, "spam", 1, rev=rev)
        assert not store.conversations.set_state(999, "spam", 1)
    assert (world.row(id).state, world.row(id).rev) == ("resolved", rev + 1)


def test_snoozed_conversations_wake_by_their_time(world: World) -> None:
    store = world.store
    ids = [world.conversation(f"#{n}") for n in range(3)]
    with store.write():
        for id, until in zip(ids, (300, 100, 200), strict=True):
            store.conversations.set_state(id, "snoozed", 1, snoozed_until=until)
    assert store.conversations.snoozed_before(99) == []
    assert store.conversations.snoozed_before(200) == [ids[1], ids[2]]
    assert store.conversations.snoozed_before(900, limit=1) == [ids[1]]
    with store.write():
        store.conversations.set_state(ids[1], "open", 1)
    assert world.row(ids[1]).snoozed_until is None
    assert store.conversations.snoozed_before(900) == [ids[2], ids[0]]
    with pytest.raises(StoreError), store.write():
        store.conversations.set_state(ids[1], "snoozed", 1)


def test_resolving_ends_the_waiting(world: World) -> None:
    id = world.conversation()
    world.message(id, at=world.now)
    assert world.row(id).waiting_since == world.now
    with world.store.write():
        world.store.conversations.set_state(id, "resolved", world.now + 1)
    assert world.row(id).waiting_since is None


def test_priority_queue_and_due(world: World) -> None:
    store, id = world.store, world.conversation()
    with store.write():
        queue = store.queues.ensure("Returns")
        assert store.conversations.set_priority(id, "urgent", 1)
        assert store.conversations.set_queue(id, queue, 1)
        store.conversations.set_due(id, 77)
    row = world.row(id)
    assert (row.priority, row.queue_id, row.queue_name, row.due_at) == ("urgent", queue, "Returns", 77)
    seq = store.changes.last()
    with store.write():
        store.conversations.set_due(id, 77)
    assert store.changes.last() == seq
    with store.write():
        assert store.conversations.set_queue(id, None, 1)
        store.conversations.set_due(id, None)
        assert not store.conversations.set_priority(999, "low", 1)
    row = world.row(id)
    assert (row.queue_id, row.queue_name, row.due_at) == (None, None, None)


def test_tags_are_names_in_the_row(world: World) -> None:
    store, id = world.store, world.conversation()
    with store.write():
        vip, bug = store.tags.ensure("VIP"), store.tags.ensure("bug")
        assert store.conversations.tag(id, vip, 1)
        assert store.conversations.tag(id, bug, 1)
        assert not store.conversations.tag(id, bug, 1)
        assert not store.conversations.tag(999, bug, 1)
    assert world.row(id).tags == ("bug", "VIP")
    with store.write():
        assert store.conversations.untag(id, bug, 1)
        assert not store.conversations.untag(id, bug, 1)
    assert world.row(id).tags == ("VIP",)


def test_of_a_customer_newest_first(world: World) -> None:
    ids = [world.conversation(f"#{n}", at=at) for n, at in enumerate((30, 10, 20))]
    world.conversation("other", customer=world.customer("Bob", "bob@example.org"))
    customer = world.customer()
    assert [row.id for row in world.store.conversations.of_customer(customer)] == [ids[0], ids[2], ids[1]]
    assert [row.id for row in world.store.conversations.of_customer(customer, limit=1)] == [ids[0]]


def test_participants_are_folded_and_kept_once(world: World) -> None:
    store, id = world.store, world.conversation()
    with store.write():
        store.conversations.add_participants(id, ["Ada@Example.org", "ada@example.org ", "bob@example.org"])
        store.conversations.add_participants(id, ["BOB@example.org"])
    assert store.conversations.participants(id) == {"ada@example.org", "bob@example.org"}
    assert store.conversations.participants(999) == set()


def test_conversations_of_a_subject(world: World) -> None:
    store = world.store
    old = world.conversation("Kettle", at=100)
    new = world.conversation("AW: Kettle", at=200)
    world.conversation("Kettle", at=200, account="sales")
    world.conversation("Toaster", at=200)
    folded = fold_subject("Re: kettle")
    of_old, of_new = (folded, old, 100, 100), (folded, new, 200, 200)
    assert set(store.conversations.of_subjects("support", [folded, "nobody's"], 0)) == {of_old, of_new}
    assert store.conversations.of_subjects("support", [folded], 150) == [of_new]
    assert store.conversations.of_subjects("support", [folded], 0, limit=1) == [of_new]
    assert store.conversations.of_subjects("support", [], 0) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tags=st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1), max_size=4))
def test_any_tag_comes_back_as_it_was(world: World, tags: list[str]) -> None:
    store, id = world.store, world.conversation()
    kept = {tag.strip().casefold() for tag in tags if tag.strip()}
    with store.write():
        for tag in tags:
            if tag.strip():
                store.conversations.tag(id, store.tags.ensure(tag), 1)
    assert {tag.casefold() for tag in world.row(id).tags} == kept
