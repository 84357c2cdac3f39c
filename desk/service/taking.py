"""Taking what is next: the most urgent conversation that a rep may and can do.

May: it is their own and waits for an answer, or it is nobody's and in no queue but one in which they work. Can: they
have room for one more of its channel. A callback is nobody's work before its time. What another rep answered last is
left to them as long as they are free and half of the promise is left. And for each call that nobody has room for, the
rep who is likely to have room first is given nothing more until it fits (`desk.reserve`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from msgspec import Struct

from desk.clock import Clock, Millis
from desk.model import Agent, Channel, Conversation, Offer
from desk.model.staffing import Capacity
from desk.reserve import Hand, kept_free
from desk.service import calls, inbox, offers
from desk.service.capacity import Load, fits, taken
from desk.store.base import Store, Urgent
from desk.urgency import WHOLE

STICKY = WHOLE // 2
"""While no smaller share of its promise is left, a conversation waits for the rep who answered it last."""
AT_ONCE = 50
"""Conversations that are looked at together."""
_CHANNELS: Sequence[Channel] = ("email", "chat", "callback")


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

    It is as true as what is read of it: all of it in one transaction.
    """

    def __init__(self, store: Store, more: Iterator[Urgent] | None = None) -> None:
        """`more`: where not everything is meant."""
        self._store = store
        self._more = store.views.free() if more is None else more
        self.offers = {each.conversation_id: each for each in store.offers.open()}
        """Kept for a rep each, by conversation."""
        self._found: list[tuple[Urgent, Conversation]] = []

    def __iter__(self) -> Iterator[tuple[Urgent, Conversation]]:
        place = 0
        while place < len(self._found) or self._find():
            yield self._found[place]
            place += 1

    def _find(self) -> bool:
        some = [*islice(self._more, AT_ONCE)]
        rows = self._store.conversations.many([each.id for each in some])
        self._found += zip(some, rows, strict=True)
        return bool(some)

    def take(self, urgent: Urgent) -> None:
        """It is somebody's now."""
        self._found = [each for each in self._found if each[0].id != urgent.id]


def take(store: Store, clock: Clock, takers: Sequence[Taker], team: Team) -> list[Conversation | None]:
    """What is next for each of these reps, made theirs, all in one transaction; None where there is nothing."""
    with store.write():
        waiting = Waiting(store)
        return [_take(store, clock, _Choice(store, clock.now(), taker, team, waiting)) for taker in takers]


def look(store: Store, clock: Clock, taker: Taker, team: Team) -> Conversation | None:
    """What a rep would take now."""
    choice = _Choice(store, clock.now(), taker, team, Waiting(store))
    if (offer := choice.offered()) is not None:
        return store.conversations.get(offer.conversation_id)
    found = choice.first()
    return None if found is None else found[1]


def too_early(store: Store, now: Millis, conversation: Conversation) -> bool:
    """Whether it is a callback whose time has not come."""
    if conversation.channel != "callback":
        return False
    at = store.callbacks.due_in([conversation.id]).get(conversation.id)
    return at is not None and now < at - calls.EARLY


def _take(store: Store, clock: Clock, choice: _Choice) -> Conversation | None:
    agent = choice.taker.agent
    if (offer := choice.offered()) is not None:
        del choice.waiting.offers[offer.conversation_id]
        return offers.take_up(store, clock, agent, offer)
    found = choice.first()
    if found is None:
        return None
    urgent, conversation = found
    if conversation.assignee_id != agent.id:
        choice.waiting.take(urgent)
        choice.team.took(conversation, agent.id)
        conversation = inbox.claim(store, clock, agent, urgent.id)
    return conversation


class _Choice:
    """One look for what is next."""

    def __init__(self, store: Store, now: Millis, taker: Taker, team: Team, waiting: Waiting) -> None:
        self.store, self.now, self.taker, self.team, self.waiting = store, now, taker, team, waiting
        self.calls_passed = 0
        """Calls that are more urgent, for which the rep has no room."""

    def offered(self) -> Offer | None:
        """What is kept for the rep: of several, what is kept least long."""
        if not self.waiting.offers:
            return None
        mine = [each for each in self.waiting.offers.values() if each.agent_id == self.taker.agent.id]
        rows = self.store.conversations.many([each.conversation_id for each in mine])
        free = {row.id for row in rows if row.state == "open" and row.assignee_id is None} - {*self.taker.skip}
        return next((each for each in mine if each.conversation_id in free), None)

    def first(self) -> tuple[Urgent, Conversation] | None:
        """The more urgent of what is the rep's own and what is nobody's."""
        own, free = self._own(), self._free()
        if own is None or free is None:
            return own or free
        return min(own, free, key=lambda found: found[0])

    def _own(self) -> tuple[Urgent, Conversation] | None:
        skip = frozenset(self.taker.skip)
        for urgent in self.store.views.own(self.taker.agent.id, len(skip) + AT_ONCE):
            conversation = self.store.conversations.get(urgent.id) if urgent.id not in skip else None
            if conversation is not None and not too_early(self.store, self.now, conversation):
                return urgent, conversation
        return None

    def _free(self) -> tuple[Urgent, Conversation] | None:
        taker, load = self.taker, self.team.load
        with_room = {each for each in _CHANNELS if fits(taker.capacity, load, taker.agent.id, each)}
        skip, queues = frozenset(taker.skip), frozenset((None, *taker.queues))
        for urgent, conversation in self.waiting:
            channel = conversation.channel
            if urgent.id in skip or conversation.queue_id not in queues or urgent.id in self.waiting.offers:
                continue
            if too_early(self.store, self.now, conversation):
                continue
            if channel == "callback" and channel not in with_room:
                self.calls_passed += 1
            elif channel in with_room and not self._left_to_another(conversation, urgent):
                return None if self._kept_free(conversation) else (urgent, conversation)
        return None

    def _left_to_another(self, conversation: Conversation, urgent: Urgent) -> bool:
        if urgent.share < STICKY:
            return False
        last = self.store.conversations.last_rep(conversation.id)
        return last not in (None, self.taker.agent.id) and self.team.free(last or 0, conversation.channel)

    def _kept_free(self, conversation: Conversation) -> bool:
        if not self.calls_passed or conversation.channel == "callback":
            return False
        return kept_free(self.taker.agent.id, self.team.hands(), self.calls_passed)
