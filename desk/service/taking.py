"""Taking what is next: the most urgent conversation that a rep may and can do.

May: it is their own and waits for an answer or their call, or it is nobody's and in no queue but one in which they
work. Can: they have room for one more of its channel. A callback is no work before its time. What another rep answered
last is left to them as long as they are free and half of the promise is left. And for each call that nobody has room
for, the rep who is likely to have room first is given nothing more until it fits (`desk.reserve`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from desk.clock import Clock, Millis
from desk.model import Agent, Channel, Conversation, Offer
from desk.model.staffing import Capacity
from desk.reserve import Hand, kept_free
from desk.service import calls, inbox
from desk.service.capacity import Load, fits, taken, with_room
from desk.store.base import Store, Urgent
from desk.urgency import WHOLE

STICKY = WHOLE // 2
"""While no smaller share of its promise is left, a conversation waits for the rep who answered it last."""
FIRST, AT_ONCE = 8, 50
"""Conversations that are looked at together: at first, and at most."""


class Taker(Struct, frozen=True, kw_only=True):
    """A rep who takes work."""

    agent: Agent
    capacity: Capacity = Capacity()
    queues: Collection[int] = ()
    """Open ones in which they work."""
    skip: Collection[int] = ()
    """Conversations that they were given, and passed over."""


class Team(Struct, frozen=True, kw_only=True):
    """Who is there to take work, and what they do already; it is kept up to date as they are given more."""

    load: Load
    capacities: Mapping[int, Capacity]
    """Of the reps who are available, by id."""

    def free(self, agent_id: int, channel: Channel) -> bool:
        """Whether a rep is there, and has room for one more of a channel."""
        capacity = self.capacities.get(agent_id)
        return capacity is not None and fits(capacity, self.load, agent_id, channel)

    def hands(self) -> list[Hand]:
        """Who has something to do, and is in no call."""
        busy = ((id, taken(capacity, self.load, id)) for id, capacity in self.capacities.items())
        return [Hand(id, much, 0) for id, much in busy if much and not self.load.calls[id]]

    def took(self, conversation: Conversation, agent_id: int) -> None:
        """What occupies them from now on; a call does once it is made."""
        if conversation.channel == "chat":
            self.load.chats[agent_id] += 1


class Waiting:
    """What is nobody's, in the order of urgency: each is found once, however many reps ask, and gone once it is taken.

    It is as true as what is read of it: all of it in one transaction. What has to be asked about a conversation is
    asked once, too.
    """

    def __init__(self, store: Store, more: Iterator[Urgent] | None = None) -> None:
        """`more`: where not everything is meant."""
        self._store = store
        self._more = store.views.free() if more is None else more
        self.offers = {each.conversation_id: each for each in store.offers.open()}
        """Kept for a rep each, by conversation."""
        self._found: list[tuple[Urgent, Conversation]] = []
        self._early: dict[int, bool] = {}
        self._last_reps: dict[int, int | None] = {}

    def __iter__(self) -> Iterator[tuple[Urgent, Conversation]]:
        place = 0
        while place < len(self._found) or self._find():
            yield self._found[place]
            place += 1

    def _find(self) -> bool:
        some = [*islice(self._more, min(max(len(self._found), FIRST), AT_ONCE))]
        rows = self._store.conversations.many([each.id for each in some])
        self._found += zip(some, rows, strict=True)
        return bool(some)

    def take(self, urgent: Urgent) -> None:
        """It is somebody's now."""
        self._found = [each for each in self._found if each[0].id != urgent.id]

    def too_early(self, now: Millis, conversation: Conversation) -> bool:
        """See `too_early`."""
        id = conversation.id
        if id not in self._early:
            self._early[id] = too_early(self._store, now, conversation)
        return self._early[id]

    def last_rep(self, id: int) -> int | None:
        """Who of us wrote in it last."""
        if id not in self._last_reps:
            self._last_reps[id] = self._store.conversations.last_rep(id)
        return self._last_reps[id]


class Own:
    """What is the reps' own and waits for an answer, read at once for all of them."""

    def __init__(self, store: Store, takers: Sequence[Taker]) -> None:
        self._store = store
        most = max((len(taker.skip) for taker in takers), default=0)
        self._urgent = store.views.own([taker.agent.id for taker in takers], most + AT_ONCE)
        first = [found[0].id for taker in takers if (found := self._not_passed_over(taker))]
        self._rows = {row.id: row for row in store.conversations.many(first)}

    def of(self, taker: Taker) -> Iterator[tuple[Urgent, Conversation]]:
        """The most urgent first, without what they passed over."""
        for urgent in self._not_passed_over(taker):
            row = self._rows.get(urgent.id) or self._store.conversations.get(urgent.id)
            if row is not None:
                yield urgent, row

    def _not_passed_over(self, taker: Taker) -> list[Urgent]:
        skip = frozenset(taker.skip)
        return [each for each in self._urgent.get(taker.agent.id, ()) if each.id not in skip]


class Found(NamedTuple):
    """What is next for a rep."""

    conversation: Conversation
    offer: Offer | None = None
    """By which it was kept for them."""


def take(store: Store, clock: Clock, takers: Sequence[Taker], team: Team) -> list[Conversation | None]:
    """What is next for each of these reps, made theirs, all in one transaction; None where there is nothing.

    A rep who is among them twice is given two.
    """
    with store.write():
        found = _choose(store, clock, takers, team)
        claims = [
            (taker.agent, each.conversation)
            for taker, each in zip(takers, found, strict=True)
            if each is not None and each.conversation.assignee_id is None
        ]
        claimed = {row.id: row for row in inbox.claim_all(store, clock, claims)}
        for each in found:
            if each is not None and each.offer is not None:
                store.offers.end(each.offer.id, "accepted", clock.now())
    return [None if each is None else claimed.get(each.conversation.id, each.conversation) for each in found]


def look(store: Store, clock: Clock, taker: Taker, team: Team) -> Conversation | None:
    """What a rep would take now."""
    [found] = _choose(store, clock, [taker], team)
    return None if found is None else found.conversation


def too_early(store: Store, now: Millis, conversation: Conversation) -> bool:
    """Whether it is a callback whose time has not come."""
    if conversation.channel != "callback":
        return False
    at = store.callbacks.due_in([conversation.id]).get(conversation.id)
    return at is not None and now < at - calls.lead(store)


def _choose(store: Store, clock: Clock, takers: Sequence[Taker], team: Team) -> list[Found | None]:
    """What each of them gets, in turn; nothing of it is written yet."""
    queues = {id for taker in takers for id in taker.queues}
    waiting, own, now = Waiting(store, store.views.free_for(queues)), Own(store, takers), clock.now()
    return [_Choice(store, now, taker, team, waiting, own).made() for taker in takers]


class _Choice:
    """One look for what is next."""

    def __init__(self, store: Store, now: Millis, taker: Taker, team: Team, waiting: Waiting, own: Own) -> None:
        self.store, self.now, self.taker, self.team = store, now, taker, team
        self.waiting, self.own = waiting, own
        self.calls_passed = 0
        """Calls that are more urgent, for which the rep has no room."""

    def made(self) -> Found | None:
        """What the rep gets, which nobody after them does."""
        if (offered := self._offered()) is not None:
            return offered
        own, free = self._own(), self._free()
        if free is None or (own is not None and own[0] <= free[0]):
            return None if own is None else Found(own[1])
        urgent, conversation = free
        self.waiting.take(urgent)
        self.team.took(conversation, self.taker.agent.id)
        return Found(conversation)

    def _offered(self) -> Found | None:
        """What is kept for the rep: of several, what is kept least long."""
        offers = self.waiting.offers
        mine = [each for each in offers.values() if each.agent_id == self.taker.agent.id and each.state == "open"]
        if not mine:
            return None
        rows = {row.id: row for row in self.store.conversations.many([each.conversation_id for each in mine])}
        for offer in mine:
            row = rows.get(offer.conversation_id)
            if row is None or row.id in self.taker.skip or row.state != "open" or row.assignee_id is not None:
                continue
            offers[row.id] = replace(offer, state="accepted")
            return Found(row, offer)
        return None

    def _own(self) -> tuple[Urgent, Conversation] | None:
        own = self.own.of(self.taker)
        return next((each for each in own if not self.waiting.too_early(self.now, each[1])), None)

    def _free(self) -> tuple[Urgent, Conversation] | None:
        taker = self.taker
        room = with_room(taker.capacity, self.team.load, taker.agent.id)
        if not room:
            return None
        skip, queues = frozenset(taker.skip), frozenset((None, *taker.queues))
        for urgent, conversation in self.waiting:
            channel = conversation.channel
            if urgent.id in skip or conversation.queue_id not in queues or urgent.id in self.waiting.offers:
                continue
            if self.waiting.too_early(self.now, conversation):
                continue
            if channel == "callback" and channel not in room:
                self.calls_passed += 1
            elif channel in room and not self._left_to_another(conversation, urgent):
                return None if self._kept_free(conversation) else (urgent, conversation)
        return None

    def _left_to_another(self, conversation: Conversation, urgent: Urgent) -> bool:
        if urgent.share < STICKY:
            return False
        last = self.waiting.last_rep(conversation.id)
        return last not in (None, self.taker.agent.id) and self.team.free(last or 0, conversation.channel)

    def _kept_free(self, conversation: Conversation) -> bool:
        if not self.calls_passed or conversation.channel == "callback":
            return False
        return kept_free(self.taker.agent.id, self.team.hands(), self.calls_passed)
