"""What is next: what a rep may and can do, the most urgent first, each for one rep only."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from desk.clock import HOUR, MINUTE
from desk.model import Agent, Capacity, Conversation, NewReply
from desk.service import asking, calls, capacity, inbox, outbox, promises, taking, undo
from desk.service.callbacks import Rules
from desk.service.capacity import Load
from desk.service.taking import Taker, Team
from tests.service.world import ACCOUNT, World, mail


@pytest.fixture(autouse=True)
def promised(world: World) -> None:
    promises.keep(world.store, world.clock, {"email": 8 * HOUR, "chat": MINUTE})


def nothing() -> Load:
    return Load(chats=Counter(), mails=Counter(), calls=Counter())


def team(*available: Agent, load: Load | None = None, **capacities: Capacity) -> Team:
    return Team(load=load or nothing(), capacities={each.id: Capacity() for each in available})


def next_of(world: World, agent: Agent, *, team: Team | None = None, **more: object) -> Conversation | None:
    taker = Taker(agent=agent, **more)  # type: ignore[arg-type]
    there = team or Team(load=nothing(), capacities={agent.id: taker.capacity})
    return taking.take(world.store, world.clock, [taker], there)[0]


def mails(world: World, number: int) -> list[int]:
    """Conversations, the oldest first."""
    ids = []
    for n in range(number):
        ids.append(world.one(mail(f"c{n}@example.com", subject=f"matter {n}", salt=str(n))).conversation_id)
        world.clock.advance(MINUTE)
    return [id or 0 for id in ids]


def test_the_most_urgent_is_next_and_is_theirs(world: World) -> None:
    first, second = mails(world, 2)
    found = next_of(world, world.ada)
    assert found is not None
    assert (found.id, found.assignee_id) == (first, world.ada.id)
    found = next_of(world, world.ben)
    assert found is not None
    assert found.id == second
    assert next_of(world, world.ben, skip={second}) is None


def test_their_own_that_waits_is_next_until_it_is_passed_over(world: World) -> None:
    first, second = mails(world, 2)
    inbox.claim(world.store, world.clock, world.ada, first)
    for skip, expected in ((set(), first), ({first}, second)):
        found = next_of(world, world.ada, skip=skip)
        assert found is not None
        assert found.id == expected


def test_an_answered_one_is_not_next(world: World) -> None:
    [only] = mails(world, 1)
    inbox.claim(world.store, world.clock, world.ada, only)
    outbox.reply(world.store, world.clock, world.ada, only, NewReply(body="Done."), account=ACCOUNT)
    assert next_of(world, world.ada) is None


def test_queues_say_who_may(world: World) -> None:
    first, second = mails(world, 2)
    inbox.set_queue(world.store, world.clock, world.ada, first, "Returns")
    returns = world.store.queues.ensure("Returns")
    found = next_of(world, world.ben)
    assert found is not None
    assert found.id == second
    found = next_of(world, world.ada, queues={returns})
    assert found is not None
    assert found.id == first


def test_who_is_full_gets_nothing_that_has_no_room(world: World) -> None:
    mails(world, 1)
    full = Load(chats=Counter({world.ada.id: 3}), mails=Counter(), calls=Counter())
    assert next_of(world, world.ada, team=team(world.ada, load=full)) is None
    assert next_of(world, world.ben, team=team(world.ben, load=full)) is not None


def test_what_a_free_rep_answered_last_is_left_to_them_for_a_while(world: World) -> None:
    result = world.one(mail(id="<q@x>"))
    id = result.conversation_id or 0
    outbox.reply(world.store, world.clock, world.ada, id, NewReply(body="Which one?"), account=ACCOUNT)
    world.clock.advance(HOUR)
    inbox.assign(world.store, world.clock, world.ada, id, None)
    [sent] = [each for each in world.all_messages() if each.direction == "out"]
    world.one(mail(answers=sent.rfc_message_id, body="The red one.", salt="2"))
    both = team(world.ada, world.ben)
    assert next_of(world, world.ben, team=both) is None
    assert next_of(world, world.ben, team=team(world.ben)) is not None, "while nobody else is there"
    inbox.assign(world.store, world.clock, world.ben, id, None)
    world.clock.advance(5 * HOUR)
    found = next_of(world, world.ben, team=team(world.ada, world.ben))
    assert found is not None, "less than half of the promise is left"


def test_looking_takes_nothing(world: World) -> None:
    [only] = mails(world, 1)
    found = taking.look(world.store, world.clock, Taker(agent=world.ada), team(world.ada))
    assert found is not None
    assert (found.id, found.assignee_id) == (only, None)
    assert inbox.get(world.store, only).assignee_id is None


def test_many_who_take_at_once_never_get_the_same(world: World) -> None:
    ids = mails(world, 60)
    with world.store.write():
        reps = [world.store.agents.ensure(f"rep{n}") for n in range(12)]
    there = {each.id: Capacity() for each in reps}
    got: list[int] = []
    start = threading.Barrier(len(reps))

    def work(rep: Agent) -> None:
        start.wait()
        while True:
            load = capacity.load(world.store, world.clock, [])
            taker = Taker(agent=rep, skip=set(got))
            [found] = taking.take(world.store, world.clock, [taker], Team(load=load, capacities=there))
            if found is None:
                return
            assert found.assignee_id == rep.id
            if found.id not in got:
                got.append(found.id)

    threads = [threading.Thread(target=work, args=(rep,)) for rep in reps]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert sorted(got) == sorted(ids)
    claims = [each for each in world.all_messages() if each.body.startswith("claimed by")]
    assert len(claims) == len(ids), "each was claimed once"


def test_who_take_together_get_each_their_own_which_each_can_take_back(world: World) -> None:
    own, _, _, last = ids = mails(world, 4)
    inbox.claim(world.store, world.clock, world.ben, own)
    with world.store.write():
        cleo, dora = world.store.agents.ensure("cleo"), world.store.agents.ensure("dora")
    reps = [world.ada, world.ben, cleo, dora]
    found = taking.take(world.store, world.clock, [Taker(agent=each) for each in reps], team(*reps))
    assert [each.id for each in found if each] == [ids[1], own, ids[2], last]
    assert [each.assignee_id for each in found if each] == [each.id for each in reps]
    assert [each and inbox.get(world.store, each.id) for each in found] == found, "as the store has them"
    undo.undo(world.store, world.clock, cleo)
    assert [inbox.get(world.store, id).assignee_id for id in ids] == [world.ben.id, world.ada.id, None, dora.id]
    undo.undo(world.store, world.clock, world.ben)
    assert inbox.get(world.store, own).assignee_id is None, "what he did was to claim it, before"


def test_what_others_work_on_is_not_looked_at(world: World) -> None:
    *many, mine = mails(world, 60)
    for id in many:
        inbox.set_queue(world.store, world.clock, world.ada, id, "repairs")
    found = next_of(world, world.ben)
    assert found is not None
    assert found.id == mine


def test_a_call_takes_the_room_of_who_makes_it_not_of_who_noted_it(world: World) -> None:
    wish = asking.Wish(number="+493012345678")
    noted = asking.ask(world.store, world.clock, wish, rules=Rules(), agent=world.ben)
    calls.take(world.store, world.clock, world.ada, noted.id)
    assert capacity.load(world.store, world.clock, ()).calls == {world.ada.id: 1}


def test_a_call_that_is_their_own_is_next_at_its_time_and_not_before(world: World) -> None:
    wish = asking.Wish(number="+493012345678", at=world.clock.now() + HOUR)
    noted = asking.ask(world.store, world.clock, wish, rules=Rules(), agent=world.ada)
    inbox.claim(world.store, world.clock, world.ada, noted.conversation_id)
    assert next_of(world, world.ada) is None
    world.clock.advance(HOUR - calls.lead(world.store))
    found = next_of(world, world.ada)
    assert found is not None
    assert found.id == noted.conversation_id
    assert next_of(world, world.ben) is None
    calls.take(world.store, world.clock, world.ada, noted.id)
    assert next_of(world, world.ada) is None, "they are making it"
