"""Offers: one of each conversation at a time, begun and ended once, whoever tries."""

from __future__ import annotations

import threading

from desk.clock import MINUTE, SECOND, ManualClock
from desk.model import Offer
from desk.store.base import Store
from tests.store.world import World


class Floor:
    """A queue with two reps."""

    def __init__(self, world: World) -> None:
        self.world, self.store = world, world.store
        with self.store.write():
            self.ada, self.ben = (self.store.agents.ensure(login).id for login in ("ada", "ben"))
            self.sales = self.store.queues.ensure("Sales")

    def conversation(self) -> int:
        id = self.world.conversation(queue_id=self.sales)
        self.world.message(id)
        return id

    def offer(self, id: int, to: int, at: int = 0) -> bool:
        now = self.world.clock.now() + at
        with self.store.write():
            return self.store.offers.begin(
                Offer(conversation_id=id, agent_id=to, queue_id=self.sales, offered_at=now, until=now + 30 * SECOND)
            )

    def end(self, state: str, at: int = 0) -> None:
        with self.store.write():
            [one] = self.store.offers.open()
            assert self.store.offers.end(one.id, state, self.world.clock.now() + at)  # type: ignore[arg-type]


def test_what_is_nobodys_is_offered_to_one(world: World) -> None:
    floor = Floor(world)
    id = floor.conversation()
    assert floor.offer(id, floor.ada)
    assert not floor.offer(id, floor.ben), "it is Ada's to take"
    [offer] = floor.store.offers.to(floor.ada)
    assert (offer.conversation_id, offer.until - offer.offered_at, offer.state) == (id, 30 * SECOND, "open")
    floor.end("declined")
    with floor.store.write():
        assert not floor.store.offers.end(offer.id, "accepted", world.clock.now()), "once"
    assert floor.offer(id, floor.ben)
    floor.end("withdrawn")
    with floor.store.write():
        floor.store.conversations.claim(id, floor.ada, world.clock.now())
    assert not floor.offer(id, floor.ben), "it is somebody's"
    assert [each.kind for each in floor.store.changes.since(0)].count("offer") == 4, "each beginning and end"


def test_of_threads_that_offer_at_once_one_does(world: World) -> None:
    floor = Floor(world)
    ids = [floor.conversation() for _ in range(20)]
    won: list[int] = []
    start = threading.Barrier(4)

    def offer(to: int) -> None:
        start.wait()
        won.extend(id for id in ids if floor.offer(id, to))

    threads = [threading.Thread(target=offer, args=(to,)) for to in (floor.ada, floor.ben) * 2]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert sorted(won) == ids


def test_what_is_remembered_of_offers(world: World, clock: ManualClock) -> None:
    floor, now = Floor(world), clock.now()
    ids = [floor.conversation() for _ in range(4)]
    offers = floor.store.offers
    for minute, (id, state) in enumerate(zip(ids, ("accepted", "expired", "expired", "declined"), strict=True)):
        assert floor.offer(id, floor.ada, minute * MINUTE)
        floor.end(state, minute * MINUTE + SECOND)
        assert offers.missed(floor.ada, 0) == (0, 1, 2, 0)[minute]
    assert offers.missed(floor.ada, now + 10 * MINUTE) == 0
    assert offers.passed_on(now + 2 * MINUTE) == {(ids[2], floor.ada), (ids[3], floor.ada)}
    assert offers.last_in(floor.sales) == floor.ada
    assert offers.idle_since([floor.ada, floor.ben]) == {floor.ada: now + 3 * MINUTE}
    [accepted] = offers.undone()
    with floor.store.write():
        offers.done([accepted.id], now + 9 * MINUTE)
        assert offers.idle_since([floor.ada]) == {floor.ada: now + 9 * MINUTE}
        assert offers.undone() == []
        assert offers.forget_before(now + MINUTE, 10) == 1


def test_what_is_theirs_and_what_went_back(world: World, clock: ManualClock) -> None:
    floor, offers = Floor(world), world.store.offers
    one, other = floor.conversation(), floor.conversation()
    with floor.store.write():
        for id in (one, other):
            floor.store.conversations.claim(id, floor.ada, clock.now())
        floor.store.conversations.set_queue(other, None, clock.now())
    assert (offers.unanswered(floor.ada, "email", 9), offers.unanswered(floor.ada, "chat", 9)) == (2, 0)
    assert offers.unanswered(floor.ada, "email", 1) == 1
    assert offers.theirs(floor.ada, [floor.sales]) == [one]
    for _ in range(2):
        back = Offer(conversation_id=one, agent_id=floor.ada, queue_id=floor.sales, offered_at=1, until=1, ended_at=5)
        with floor.store.write():
            offers.give_back(back)
    assert [(each.conversation_id, each.state, each.ended_at) for each in offers.returned(floor.ada)] == [
        (one, "returned", 5)
    ]
    with floor.store.write():
        assert offers.seen(floor.ada, clock.now())
        assert not offers.seen(floor.ada, clock.now())
    assert offers.returned(floor.ada) == []


def test_what_is_free_in_one_queue(store: Store, world: World) -> None:
    floor = Floor(world)
    inside, taken = floor.conversation(), floor.conversation()
    world.message(world.conversation())
    with store.write():
        store.conversations.claim(taken, floor.ada, world.clock.now())
    assert [each.id for each in store.views.free(floor.sales)] == [inside]
    assert len(list(store.views.free())) == 2
