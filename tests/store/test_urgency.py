"""The contract of the order of urgency: lists of open work, as sorting every row says it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from desk import urgency
from desk.clock import DAY, HOUR, MINUTE, ManualClock, Millis
from desk.query import Field, Query
from desk.store.base import Selection, Store
from desk.store.sqlite import ordering
from tests.store.world import World

PACES: tuple[tuple[str, Millis], ...] = (
    ("", MINUTE), ("", 8 * HOUR), ("", HOUR), ("office", 4 * HOUR), ("office", 7), ("", 3 * DAY + 1),
)  # fmt: skip
VALUED = ("vip", "trade")


def working(calendar: str, at: Millis) -> Millis:
    """A calendar in which every second hour counts."""
    hours, rest = divmod(at, 2 * HOUR)
    return at if calendar != "office" else hours * HOUR + min(rest, HOUR)


class Desk:
    """Open conversations of all paces, and what the definition needs to know of them."""

    def __init__(self, world: World, clock: ManualClock, seed: int, size: int) -> None:
        self.store: Store = world.store
        self.clock, self.chance = clock, random.Random(seed)
        self.store.views.keep_time(working)
        self.due: dict[int, tuple[str, Millis, Millis] | None] = {}
        with self.store.write():
            self.me = self.store.agents.ensure("mei").id
            self.queues = [self.store.queues.ensure(name) for name in ("Orders", "Returns")]
            self.store.conversations.value_tags(VALUED)
            self.tags = [self.store.tags.ensure(name) for name in (*VALUED, "old")]
        customer = world.customer()
        with self.store.write():
            for _ in range(size):
                id = self.store.conversations.create(
                    subject="x",
                    channel=self.chance.choice(("email", "chat")),
                    account="a",
                    customer_id=customer,
                    at=clock.now() - self.chance.randrange(DAY),
                    queue_id=self.chance.choice((None, *self.queues)),
                )
                self.change(id)

    def change(self, id: int) -> None:
        """Everything the order stands on."""
        store, chance, now = self.store.conversations, self.chance, self.clock.now()
        calendar, promised = chance.choice(PACES)
        left = round(promised * chance.choice((chance.uniform(-3, 2), chance.randrange(-4, 5) / 4)))
        due = None if chance.random() < 0.2 else (calendar, promised, working(calendar, now) + left)
        self.due[id] = due
        if due is None:
            store.set_due(id, None)
        else:
            store.set_due(id, due[2], calendar=calendar, promised=promised, due_work=due[2])
        store.set_priority(id, chance.choice(urgency.PRIORITIES), now)  # type: ignore[arg-type]
        store.assign(id, chance.choice((None, self.me)), now)
        for tag in self.tags:
            (store.tag if chance.random() < 0.2 else store.untag)(id, tag, now)

    def key(self, id: int) -> tuple[Any, ...]:
        row, due = self.store.conversations.get(id), self.due[id]
        assert row is not None
        if due is None:
            return 1, -row.last_at, id
        calendar, promised, due_work = due
        share = urgency.share(due_work - working(calendar, self.clock.now()), promised)
        tag = max((urgency.TAGS_OF_VALUE - VALUED.index(name) for name in row.tags if name in VALUED), default=0)
        return 0, *urgency.rank(share, urgency.worth(row.priority, tag))

    def holds(self, id: int, view: str) -> bool:
        row = self.store.conversations.get(id)
        assert row is not None
        kind, _, name = view.partition(":")
        return {
            "open": True,
            "mine": row.assignee_id == self.me,
            "unassigned": row.assignee_id is None,
            "queue": row.queue_name == name,
            "channel": row.channel == name,
        }[kind]


@pytest.mark.parametrize("seed", range(4))
def test_lists_of_open_work_are_sorted_by_urgency(
    world: World, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(ordering, "_SKIPPED_AT_ONCE", 5)
    desk = Desk(world, clock, seed, 100)
    for hours in (0, 1, 5):
        clock.advance(hours * HOUR + 1)
        with desk.store.write():
            for id in desk.chance.sample(sorted(desk.due), 10):
                desk.change(id)
        for view in ("open", "mine", "unassigned", "queue:Orders", "channel:email", "channel:chat"):
            check(desk, Selection(view=view, agent_id=desk.me), view)
        urgent = Selection(view="open", agent_id=desk.me, query=Field("priority", "urgent"))
        check(desk, urgent, "open", "urgent")
        recent: Query = Field("after", "1d", clock.now() - DAY)
        check(desk, Selection(view="unassigned", agent_id=desk.me, query=recent), "unassigned", after=clock.now() - DAY)


def check(desk: Desk, selection: Selection, view: str, priority: str = "", after: Millis = 0) -> None:
    """Every window, every position, and the whole."""
    views, rows = desk.store.views, desk.store.conversations.many(sorted(desk.due))
    among = [
        row.id
        for row in rows
        if desk.holds(row.id, view) and priority in ("", row.priority) and row.last_at >= after
    ]  # fmt: skip
    keys = {id: desk.key(id) for id in among}
    found = views.ids(selection)
    assert sorted(found) == among
    assert [keys[id] for id in found] == sorted(keys.values())
    for offset in range(0, len(found) + 8, 17):
        page = views.page(selection, offset=offset, limit=9)
        assert [row.id for row in page.items] == found[offset : offset + 9]
        assert page.total == len(found)
    for place in range(0, len(found), 3):
        assert views.position(selection, found[place]) == place


def test_tags_of_value_count_from_the_moment_they_are_named(world: World, clock: ManualClock) -> None:
    store, ids = world.store, [world.conversation(f"#{n}") for n in range(3)]
    with store.write():
        vip = store.tags.ensure("VIP")
        for id in ids:
            store.conversations.set_due(id, clock.now() + HOUR, promised=HOUR)
        store.conversations.tag(ids[2], vip, clock.now())
    assert store.views.ids(Selection(view="open")) == ids
    with store.write():
        assert store.conversations.value_tags(["vip"])
        assert not store.conversations.value_tags(["vip"])
    assert store.views.ids(Selection(view="open")) == [ids[2], *ids[:2]]
    with store.write():
        store.conversations.set_priority(ids[1], "high", clock.now())
    assert store.views.ids(Selection(view="open")) == [ids[1], ids[2], ids[0]]
    with store.write():
        store.conversations.set_priority(ids[1], "normal", clock.now())
        store.conversations.value_tags([])
    assert store.views.ids(Selection(view="open")) == ids
