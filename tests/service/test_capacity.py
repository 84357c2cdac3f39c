"""Room: reps who are there, less what occupies them, all channels together."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from desk.clock import MINUTE
from desk.model import Capacity, NewReply
from desk.service import capacity, chats, outbox
from desk.service.capacity import Load, room
from tests.service.world import ACCOUNT, World, often

TWO = Capacity(at_once=2)
reps = st.frozensets(st.integers(1, 3))
counts = st.dictionaries(st.integers(1, 3), st.integers(0, 4)).map(Counter)


def load(**more: Counter[int]) -> Load:
    nothing: Counter[int] = Counter()
    return Load(**{"chats": nothing, "mails": nothing, "calls": nothing, **more})  # type: ignore[arg-type]


def test_room() -> None:
    assert not room(TWO, (), load())
    assert room(TWO, (1,), load())
    assert room(TWO, (1,), load(chats=Counter({1: 1})))
    assert not room(TWO, (1,), load(chats=Counter({1: 2})))
    assert not room(TWO, (1,), load(chats=Counter({1: 1}), mails=Counter({1: 1})))
    assert not room(TWO, (1,), load(calls=Counter({1: 1}))), "a call takes three"
    assert room(TWO, (1, 2), load(calls=Counter({1: 1})))
    assert not room(TWO, (1,), load(chats=Counter({None: 2}))), "they wait for anybody"
    assert not room(TWO, (1,), load(), asked=2)


@given(attending=reps, chats=counts, mails=counts, calls=counts, asked=st.integers(0, 3), more=st.integers(1, 3))
@often(200)
def test_more_to_do_never_makes_room_and_another_rep_never_takes_it(
    attending: frozenset[int], chats: Counter[int], mails: Counter[int], calls: Counter[int], asked: int, more: int
) -> None:
    now = load(chats=chats, mails=mails, calls=calls)
    if not room(TWO, attending, now, asked=asked):
        busier = load(chats=chats + Counter({more: 1}), mails=mails, calls=calls)
        assert not room(TWO, attending, busier, asked=asked)
        assert not room(TWO, attending, now, asked=asked + 1)
        assert not room(TWO, attending - {more}, now, asked=asked)


def test_what_occupies(world: World) -> None:
    ada = chats.arrive(world.store, world.clock, "site").visitor
    said = chats.say(world.store, world.clock, ada, "1", "Hello")
    assert capacity.load(world.store, world.clock, []).chats == Counter({None: 1})
    outbox.reply(world.store, world.clock, world.ada, said.conversation_id, NewReply(body="Hi"), account=ACCOUNT)
    writing = [(world.ada.id, said.conversation_id), (world.ada.id, 4_711)]
    found = capacity.load(world.store, world.clock, writing)
    assert (found.chats, found.mails) == (Counter({world.ada.id: 1}), Counter({world.ada.id: 1}))
    world.clock.advance(capacity.LIVELY + MINUTE)
    assert not capacity.load(world.store, world.clock, []).chats, "nobody says anything any more"
