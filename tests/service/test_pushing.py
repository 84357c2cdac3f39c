"""Queues that hand out by themselves: who is offered what, what becomes of it, and what goes back."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desk.clock import HOUR, MINUTE, SECOND
from desk.model import Agent, Capacity, Draft, NewReply, QueueRules
from desk.model.staffing import Push
from desk.pushing import Candidate, choose
from desk.service import availability, capacity, inbox, offers, outbox, planned, promises, pushing, taking
from desk.service.errors import Lost, Taken
from desk.service.pushing import MISSES, REST, Scene, Turn
from desk.service.taking import Taker, Team
from tests.service.test_callbacks import asked, ended, noted
from tests.service.test_callbacks import taken as called
from tests.service.world import ACCOUNT, World, mail, new_world, often

PATIENCE = 30 * SECOND


class Shop:
    """A queue that pushes, and reps who come and go."""

    def __init__(self, world: World, push: Push = "round-robin", **rules: Any) -> None:
        self.world, self.store, self.clock = world, world.store, world.clock
        promises.keep(self.store, self.clock, {"email": 8 * HOUR, "chat": MINUTE})
        with self.store.write():
            self.queue = self.store.queues.ensure("Sales")
        self.rules = QueueRules(name="Sales", push=push, accept_seconds=PATIENCE / SECOND, **rules)
        self.reps: dict[int, Agent] = {}
        self.capacities: dict[int, Capacity] = {}
        self.number = 0

    def comes(self, *reps: Agent, **room: float) -> None:
        for rep in reps:
            self.reps[rep.id] = rep
            self.capacities[rep.id] = Capacity(**room)
            availability.say(self.store, self.clock, rep, "available")

    def goes(self, rep: Agent, state: str = "away") -> None:
        availability.say(self.store, self.clock, rep, state, returning=[self.queue])  # type: ignore[arg-type]
        del self.reps[rep.id]

    def mail(self, **more: Any) -> int:
        self.number += 1
        given = {"subject": f"matter {self.number}", "salt": str(self.number), **more}
        id = self.world.one(mail(f"c{self.number}@example.com", **given)).conversation_id or 0
        inbox.set_queue(self.store, self.clock, self.world.ada, id, "Sales")
        return id

    def takers(self) -> list[Taker]:
        return [Taker(agent=rep, capacity=self.capacities[id], queues={self.queue}) for id, rep in self.reps.items()]

    def turn(self, **more: Any) -> Turn:
        scene = Scene(queues={self.queue: self.rules}, takers=self.takers(), **more)
        turn = pushing.turn(self.store, self.clock, scene)
        for rep, _ in turn.away:
            self.reps.pop(rep.id, None)
        return turn

    def offered(self) -> dict[int, int]:
        """Conversations that are offered, and to whom."""
        return {each.conversation_id: each.agent_id for each in self.store.offers.open()}

    def assignee(self, id: int) -> int | None:
        return self.world.conversation(id).assignee_id


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


# --- who gets it ------------------------------------------------------------------------------------------

CANDIDATES = st.lists(
    st.builds(Candidate, st.integers(1, 50), st.floats(0, 1), st.integers(0, 9)),
    min_size=1,
    max_size=8,
    unique_by=lambda each: each.agent_id,
)


@often(100)
@given(CANDIDATES, st.sampled_from(["round-robin", "least-busy", "longest-idle"]), st.none() | st.integers(1, 50))
def test_the_same_reps_come_to_the_same_one(found: list[Candidate], way: Push, last: int | None) -> None:
    chosen = choose(way, found, last)
    assert chosen in {each.agent_id for each in found}
    assert chosen == choose(way, list(reversed(found)), last)
    [one] = [each for each in found if each.agent_id == chosen]
    if way == "least-busy":
        assert one.taken == min(each.taken for each in found)
    if way == "longest-idle":
        rivals = [each for each in found if not each.taken] or found
        assert one in rivals
        assert one.idle_since == min(each.idle_since for each in rivals)


@often(50)
@given(CANDIDATES, st.integers(1, 4))
def test_in_turn_everybody_gets_as_much(found: list[Candidate], rounds: int) -> None:
    got, last = [], None
    for _ in range(rounds * len(found)):
        last = choose("round-robin", found, last)
        got.append(last)
    assert {got.count(each.agent_id) for each in found} == {rounds}


def test_in_turn_then_nobody_has_room(shop: Shop, world: World) -> None:
    shop.comes(world.ada, world.ben, at_once=2)
    ids = [shop.mail() for _ in range(6)]
    turn = shop.turn()
    assert [(each.conversation_id, each.agent_id) for each in turn.offered] == [
        (id, rep.id) for id, rep in zip(ids, (world.ada, world.ben) * 2, strict=False)
    ]
    assert [shop.assignee(id) for id in ids] == [None] * 6, "offered is not given"
    assert shop.turn().offered == []
    offers.accept(shop.store, shop.clock, world.ada, ids[0])
    assert shop.turn().offered == [], "it is theirs, and not answered"
    world.answer(ids[0])
    assert [(each.conversation_id, each.agent_id) for each in shop.turn().offered] == [(ids[4], world.ada.id)]


def test_least_busy_and_longest_idle(world: World) -> None:
    shop = Shop(world, "least-busy")
    shop.comes(world.ada, world.ben, at_once=4)
    for _ in range(2):
        inbox.claim(shop.store, shop.clock, world.ada, shop.mail())
    first, second, third = (shop.mail() for _ in range(3))
    shop.turn(writing=[(world.ada.id, 99)])
    assert [shop.offered()[id] for id in (first, second)] == [world.ben.id, world.ben.id]
    assert shop.offered()[third] == world.ada.id, "both have half of their room left, and Ben got something just now"
    with new_world() as other:
        shop = Shop(other, "longest-idle")
        shop.comes(other.ben)
        shop.clock.advance(MINUTE)
        shop.comes(other.ada)
        first, second = shop.mail(), shop.mail()
        shop.turn()
        assert shop.offered() == {first: other.ben.id, second: other.ada.id}
        for rep, id in ((other.ben, first), (other.ada, second)):
            offers.accept(shop.store, shop.clock, rep, id)
        outbox.reply(shop.store, shop.clock, other.ada, second, NewReply(body="Yes."), account=ACCOUNT)
        shop.turn()
        shop.clock.advance(MINUTE)
        outbox.reply(shop.store, shop.clock, other.ben, first, NewReply(body="No."), account=ACCOUNT)
        shop.turn()
        third = shop.mail()
        shop.turn()
        assert shop.offered() == {third: other.ada.id}, "Ben was offered his earlier, and was done later"


def test_the_most_urgent_goes_first(shop: Shop, world: World) -> None:
    shop.comes(world.ada, at_once=1)
    _, urgent = shop.mail(), shop.mail()
    inbox.set_priority(shop.store, shop.clock, world.ada, urgent, "urgent")
    expected = next(shop.store.views.free(shop.queue)).id
    [offer] = shop.turn().offered
    assert offer.conversation_id == expected


def test_nothing_outside_the_queue_and_nothing_to_who_does_not_work_there(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    world.one(mail("other@example.com", salt="other"))
    assert shop.turn().offered == []
    inside = shop.mail()
    shop.queue, queue = shop.queue + 1, shop.queue
    outsiders = shop.takers()
    shop.queue = queue
    scene = Scene(queues={queue: shop.rules}, takers=outsiders)
    assert pushing.turn(shop.store, shop.clock, scene).offered == []
    shop.turn()
    assert shop.offered() == {inside: world.ada.id}


def test_who_answered_last_gets_it_when_they_are_free(shop: Shop, world: World) -> None:
    shop.comes(world.ada, world.ben)
    id = shop.mail(id="<q@x>")
    outbox.reply(shop.store, shop.clock, world.ben, id, NewReply(body="Which one?"), account=ACCOUNT)
    [sent] = [each for each in world.all_messages() if each.direction == "out"]
    inbox.assign(shop.store, shop.clock, world.ada, id, None)
    world.one(mail(f"c{shop.number}@example.com", answers=sent.rfc_message_id, body="The red one.", salt="again"))
    shop.turn()
    assert shop.offered() == {id: world.ben.id}, "it would have been Ada's turn"


def test_mail_that_is_theirs_takes_no_room_from_chats(shop: Shop, world: World) -> None:
    shop.comes(world.ada, at_once=1)
    own = shop.mail()
    inbox.claim(shop.store, shop.clock, world.ada, own)
    id = shop.mail()
    assert shop.turn().offered == []
    with shop.store.write():
        shop.store.chats.begin(_chat(world, id))
        shop.store._db.writer.execute("UPDATE conversations SET channel = 'chat' WHERE id = ?", (id,))
    shop.turn()
    assert shop.offered() == {id: world.ada.id}
    assert capacity.load(shop.store, shop.clock, []).chats[None] == 0, "it waits for Ada, not for anybody"


def test_calls_in_their_time_and_somebody_is_kept_free_for_them(shop: Shop, world: World) -> None:
    shop.comes(world.ada, at_once=3)
    callback = asked(world)
    inbox.set_queue(shop.store, shop.clock, world.ben, callback.conversation_id, "Sales")
    assert shop.turn().offered == [], "it is promised for later"
    shop.clock.advance(6 * MINUTE)
    shop.turn()
    assert shop.offered() == {callback.conversation_id: world.ada.id}
    offers.decline(shop.store, shop.clock, world.ada, callback.conversation_id)
    shop.clock.advance(REST)
    shop.mail()
    shop.turn(writing=[(world.ada.id, 99)])
    assert shop.offered() == {}, "no room for a call yet, and a mail would take what there is"
    shop.turn()
    assert shop.offered() == {callback.conversation_id: world.ada.id}


def test_who_has_a_call_to_make_is_offered_nothing_until_it_is_late(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    mine, another = asked(world), asked(world, number="+493087654321")
    inbox.claim(shop.store, shop.clock, world.ada, mine.conversation_id)
    before = shop.mail()
    shop.turn()
    assert shop.offered() == {before: world.ada.id}, "it is not yet time to call"
    offers.accept(shop.store, shop.clock, world.ada, before)
    shop.clock.advance(6 * MINUTE)
    inbox.set_queue(shop.store, shop.clock, world.ben, another.conversation_id, "Sales")
    while_due = shop.mail()
    shop.turn()
    assert shop.offered() == {}
    shop.clock.advance(HOUR)
    shop.turn()
    assert shop.offered() == {while_due: world.ada.id}, "nothing waits for a call that is late, but another call does"


def _chat(world: World, id: int) -> Any:
    from desk.model import Chat

    with world.store.write():
        visitor = world.store.visitors.create("site", "0" * 64, world.clock.now())
    return Chat(conversation_id=id, visitor_id=visitor, account="site", began_at=world.clock.now())


# --- what becomes of it -----------------------------------------------------------------------------------


def test_who_does_not_accept_in_time_loses_it_to_another(shop: Shop, world: World) -> None:
    shop.comes(world.ada, world.ben)
    id = shop.mail()
    turn = shop.turn()
    assert turn.until == shop.clock.now() + PATIENCE
    shop.clock.advance(PATIENCE - 1)
    assert shop.turn().offered == []
    shop.clock.advance(1)
    shop.turn()
    assert shop.offered() == {id: world.ben.id}
    assert world.events(id)[-1] == "offered to Ada, who did not take it in 30 s"
    shop.clock.advance(PATIENCE)
    shop.turn()
    assert shop.offered() == {}, "both had it a moment ago"
    shop.clock.advance(REST)
    shop.turn()
    assert list(shop.offered()) == [id]


def test_who_lets_too_much_go_by_is_away(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    ids = [shop.mail() for _ in range(MISSES + 1)]
    shop.capacities[world.ada.id] = Capacity(at_once=1)
    for n in range(MISSES):
        assert shop.turn().away == [], n
        shop.clock.advance(PATIENCE)
    [(rep, span)] = shop.turn().away
    assert (rep, span.state, span.reason) == (world.ada, "away", f"did not take {MISSES} offers in a row")
    assert shop.offered() == {}
    shop.comes(world.ada, at_once=1)
    shop.turn()
    assert list(shop.offered()) == ids[MISSES:], "a new beginning"
    shop.clock.advance(PATIENCE)
    assert shop.turn().away == []


def test_who_is_at_work_elsewhere_is_not_away(shop: Shop, world: World) -> None:
    shop.comes(world.ada, at_once=2)
    own = shop.mail()
    inbox.claim(shop.store, shop.clock, world.ada, own)
    ids = [shop.mail() for _ in range(MISSES + 1)]
    for n in range(MISSES + 1):
        shop.turn()
        assert list(shop.offered()) == [ids[n]]
        shop.clock.advance(PATIENCE // 2)
        if n % 2:
            inbox.note(shop.store, shop.clock, world.ada, own, "It will take a while.")
        else:
            draft = Draft(agent_id=world.ada.id, conversation_id=own, content=NewReply(body="Dear"))
            with shop.store.write():
                shop.store.drafts.save(replace(draft, updated_at=shop.clock.now()))
        shop.clock.advance(PATIENCE // 2)
        assert shop.turn().away == []
        assert world.events(ids[n])[-1] == "offered to Ada, who was at work elsewhere"
    assert shop.assignee(own) == world.ada.id


def test_who_declines_is_not_asked_again_at_once(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    id = shop.mail()
    shop.turn()
    with pytest.raises(Lost, match="not offered to you"):
        offers.decline(shop.store, shop.clock, world.ben, id)
    offers.decline(shop.store, shop.clock, world.ada, id)
    assert shop.turn().offered == []
    assert "left it to others" in world.events(id)[-1]
    with pytest.raises(Lost, match="not offered to you"):
        offers.accept(shop.store, shop.clock, world.ada, id)
    shop.clock.advance(REST)
    assert len(shop.turn().offered) == 1


def test_who_gives_it_back_is_not_offered_it_at_once(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    id = shop.mail()
    shop.turn()
    offers.accept(shop.store, shop.clock, world.ada, id)
    shop.clock.advance(HOUR)
    inbox.assign(shop.store, shop.clock, world.ada, id, None)
    shop.turn()
    assert shop.offered() == {}
    shop.comes(world.ben)
    shop.turn()
    assert shop.offered() == {id: world.ben.id}


def test_opening_answering_and_space_accept(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    opened, answered, next_one = (shop.mail() for _ in range(3))
    shop.turn()
    before = {(world.ada.id, opened): shop.clock.now() - 1}
    shop.turn(reading=before)
    assert shop.assignee(opened) is None, "they had it before them already"
    shop.turn(reading={(world.ada.id, opened): shop.clock.now()})
    outbox.reply(shop.store, shop.clock, world.ada, answered, NewReply(body="Yes."), account=ACCOUNT)
    there = Team(load=capacity.load(shop.store, shop.clock, []), capacities={})
    looked = taking.look(shop.store, shop.clock, shop.takers()[0], there)
    [taken] = taking.take(shop.store, shop.clock, shop.takers(), there)
    assert looked is not None
    assert taken is not None
    assert looked.id == taken.id == next_one
    shop.turn()
    assert [shop.assignee(id) for id in (opened, answered, next_one)] == [world.ada.id] * 3
    assert shop.offered() == {}
    assert offers.accept(shop.store, shop.clock, world.ada, next_one).id == next_one, "again is fine"


def test_who_takes_at_the_same_time_does_not_get_what_is_kept_for_another(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    id = shop.mail()
    shop.turn()
    there = Team(load=capacity.load(shop.store, shop.clock, []), capacities={})
    ben = Taker(agent=world.ben, queues={shop.queue})
    found = taking.take(shop.store, shop.clock, [*shop.takers(), ben, *shop.takers()], there)
    assert [each and each.id for each in found] == [id, None, None]
    assert shop.assignee(id) == world.ada.id


def test_a_colleague_may_be_quicker_by_hand_but_not_by_space(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    id = shop.mail()
    shop.turn()
    there = Team(load=capacity.load(shop.store, shop.clock, []), capacities={})
    ben = Taker(agent=world.ben, queues={shop.queue})
    assert taking.take(shop.store, shop.clock, [ben], there) == [None]
    inbox.claim(shop.store, shop.clock, world.ben, id)
    with pytest.raises(Taken):
        offers.accept(shop.store, shop.clock, world.ada, id)
    shop.turn()
    assert (shop.offered(), shop.assignee(id)) == ({}, world.ben.id)


def test_who_leaves_one_of_several_offers_to_others_is_there_and_leaves_the_rest_too(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    first, *_ = (shop.mail() for _ in range(MISSES + 1))
    shop.turn()
    shop.clock.advance(1)
    offers.decline(shop.store, shop.clock, world.ada, first)
    shop.clock.advance(PATIENCE)
    assert shop.turn().away == []
    assert shop.store.offers.missed(world.ada.id, 0) == 0


def test_who_is_busy_or_lost_their_terminal_has_missed_nothing(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    shop.mail()
    shop.turn()
    shop.goes(world.ada, "busy")
    assert shop.offered() == {}, "withdrawn at once"
    shop.comes(world.ada)
    shop.clock.advance(REST)
    shop.turn()
    del shop.reps[world.ada.id]
    shop.clock.advance(PATIENCE)
    shop.turn()
    assert (shop.offered(), shop.store.offers.missed(world.ada.id, 0)) == ({}, 0)


# --- what goes back ---------------------------------------------------------------------------------------


def test_unanswered_work_goes_back_and_they_see_what(shop: Shop, world: World) -> None:
    shop.comes(world.ada, world.ben, at_once=9)
    unanswered, answered, offered = (shop.mail() for _ in range(3))
    elsewhere = world.one(mail("else@example.com", salt="else")).conversation_id or 0
    for id in (unanswered, answered, elsewhere):
        inbox.claim(shop.store, shop.clock, world.ada, id)
    world.answer(answered)
    shop.rules = QueueRules(name="Sales", push="longest-idle")
    shop.turn()
    shop.goes(world.ada)
    assert [shop.assignee(id) for id in (unanswered, answered, elsewhere)] == [None, world.ada.id, world.ada.id]
    assert world.events(unanswered)[-1] == "push: assignee Ada → nobody; because Ada is away"
    assert world.ada.id not in shop.offered().values()
    shop.turn()
    assert set(shop.offered().values()) <= {world.ben.id}
    now = offers.of(shop.store, world.ada)
    assert [each.conversation.id for each in now.returned] == [unanswered]
    assert offers.of(shop.store, world.ben).returned == ()
    offers.see_returned(shop.store, shop.clock, world.ada)
    assert offers.of(shop.store, world.ada).returned == ()
    assert offered in shop.offered()


def test_calls_that_were_not_made_go_back_too(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    waiting, reached = noted(world), asked(world)
    for each in (waiting, reached):
        inbox.set_queue(shop.store, shop.clock, world.ben, each.conversation_id, "Sales")
        inbox.claim(shop.store, shop.clock, world.ada, each.conversation_id)
    called(world, reached)
    ended(world, reached, "reached")
    shop.goes(world.ada)
    assert [shop.assignee(each.conversation_id) for each in (waiting, reached)] == [None, world.ada.id]


def test_going_back_is_taken_back_and_then_not_done_again(shop: Shop, world: World) -> None:
    shop.comes(world.ada)
    id = shop.mail()
    inbox.claim(shop.store, shop.clock, world.ada, id)
    shop.goes(world.ada)
    [decision] = planned.decisions(shop.store, id)
    assert decision.name == "push"
    planned.take_back(shop.store, shop.clock, world.ben, id)
    assert shop.assignee(id) == world.ada.id
    shop.comes(world.ada)
    shop.goes(world.ada)
    assert shop.assignee(id) == world.ada.id


def test_what_a_customer_writes_to_who_is_away_goes_to_another(shop: Shop, world: World) -> None:
    shop.comes(world.ada, world.ben)
    id, other = shop.mail(id="<q@x>"), shop.mail()
    outbox.reply(shop.store, shop.clock, world.ada, id, NewReply(body="Which one?"), account=ACCOUNT)
    for each in (id, other):
        inbox.claim(shop.store, shop.clock, world.ada, each)
    world.answer(other)
    shop.clock.advance(MINUTE)
    shop.goes(world.ada, "away")
    shop.turn()
    assert shop.assignee(id) == world.ada.id, "it waits for the customer"
    [sent, _] = [each for each in world.all_messages() if each.direction == "out"]
    world.one(mail("c1@example.com", answers=sent.rfc_message_id, body="The red one.", salt="again"))
    shop.turn()
    assert shop.offered() == {id: world.ben.id}
    assert [each.conversation.id for each in offers.of(shop.store, world.ada).returned] == [id]
    assert shop.assignee(other) == world.ada.id


# --- always -----------------------------------------------------------------------------------------------

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["mail", "accept", "decline", "answer", "wait", "away", "come", "claim", "busy"]),
        st.integers(0, 2),
    ),
    max_size=30,
)


@often(40)
@given(DEEDS, st.sampled_from(["round-robin", "least-busy", "longest-idle"]), st.integers(1, 3))
def test_never_over_capacity_and_never_to_who_is_away(deeds: list[tuple[str, int]], way: Push, room: int) -> None:
    with new_world() as world:
        shop = Shop(world, way)
        with world.store.write():
            reps = [world.ada, world.ben, world.store.agents.ensure("cleo", "Cleo")]
        shop.comes(*reps, at_once=room)
        for deed, number in deeds:
            _do(shop, reps[number], deed, room)
            shop.turn()
            for rep in reps:
                held = shop.store.offers.unanswered(rep.id, "email", 99)
                mine = [id for id, to in shop.offered().items() if to == rep.id]
                assert not mine or held + len(mine) <= room
                assert not mine or rep.id in shop.reps


def _do(shop: Shop, rep: Agent, deed: str, room: int) -> None:
    world, mine = shop.world, [id for id, to in shop.offered().items() if to == rep.id]
    if deed == "mail":
        shop.mail()
    elif deed == "wait":
        shop.clock.advance(PATIENCE)
    elif deed in ("away", "busy") and rep.id in shop.reps:
        shop.goes(rep, deed)
    elif deed == "come":
        shop.comes(rep, at_once=room)
    elif deed in ("accept", "decline"):
        for id in mine[:1]:
            (offers.accept if deed == "accept" else offers.decline)(shop.store, shop.clock, rep, id)
    elif deed == "claim" and rep.id in shop.reps:
        held = shop.store.offers.unanswered(rep.id, "email", 99)
        _claim_free(shop, rep, room - held - len(mine))
    elif deed == "answer":
        for id in _own(shop, rep)[:1]:
            outbox.reply(world.store, world.clock, rep, id, NewReply(body="Yes."), account=ACCOUNT)


def _claim_free(shop: Shop, rep: Agent, at_most: int) -> None:
    free = [each.id for each in shop.store.views.free(shop.queue) if shop.offered().get(each.id) != rep.id]
    for id in free[: max(at_most, 0)]:
        inbox.claim(shop.store, shop.clock, rep, id)


def _own(shop: Shop, rep: Agent) -> Collection[int] | list[int]:
    return list(shop.store.offers.theirs(rep.id, [shop.queue]))


def test_of_claims_offers_and_timeouts_at_once_each_has_one_owner(world: World) -> None:
    shop = Shop(world, "round-robin")
    with world.store.write():
        reps = [world.store.agents.ensure(f"rep{n}") for n in range(6)]
    shop.comes(*reps, at_once=3)
    ids = [shop.mail() for _ in range(40)]
    rules = QueueRules(name="Sales", push="round-robin", accept_seconds=0.001)
    scene = Scene(queues={shop.queue: rules}, takers=shop.takers())
    start, wins, faults = threading.Barrier(len(reps) + 2), dict[int, list[int]](), list[BaseException]()
    done = threading.Event()

    def push() -> None:
        start.wait()
        while not done.is_set():
            pushing.turn(shop.store, shop.clock, scene)

    def work(rep: Agent) -> None:
        mine = wins.setdefault(rep.id, [])
        start.wait()
        for id in _shuffled(ids, rep.id):
            for attempt in (offers.accept, inbox.claim):
                try:
                    won = attempt(shop.store, shop.clock, rep, id)
                except (Lost, Taken):
                    continue
                assert won.assignee_id == rep.id
                mine.append(id)
                break

    def guarded(work: Any, *args: Any) -> None:
        try:
            work(*args)
        except BaseException as error:
            faults.append(error)

    pushers = [threading.Thread(target=guarded, args=(push,)) for _ in range(2)]
    workers = [threading.Thread(target=guarded, args=(work, rep)) for rep in reps]
    for each in (*pushers, *workers):
        each.start()
    for each in workers:
        each.join(60)
    done.set()
    for each in pushers:
        each.join(60)
    assert faults == []
    got = [id for mine in wins.values() for id in mine]
    assert sorted(got) == sorted(ids), "each exactly once"
    claims = [each for each in world.all_messages() if each.body.startswith("claimed by")]
    assert len(claims) == len(ids)
    shop.turn()
    assert shop.offered() == {}


def _shuffled(ids: Iterable[int], seed: int) -> list[int]:
    return sorted(ids, key=lambda id: (id * 7919 + seed * 104729) % 101)
