"""Taking what is next: the most urgent conversation that a rep may and can do.

May: it is their own and waits for an answer, or it is nobody's and in no queue but one in which they work. Can: they
have room for one more of its channel. A callback is nobody's work before its time. What another rep answered last is
left to them as long as they are free and half of the promise is left. And for each call that nobody has room for, the
rep who is likely to have room first is given nothing more until it fits (`desk.reserve`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from desk.clock import Clock, Millis
from desk.model import Agent, Channel, Conversation
from desk.model.staffing import Capacity
from desk.reserve import Hand, kept_free
from desk.service import calls, inbox
from desk.service.capacity import Load, fits, taken
from desk.store.base import Store, Urgent
from desk.urgency import WHOLE

STICKY = WHOLE // 2
"""While no smaller share of its promise is left, a conversation waits for the rep who answered it last."""
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


def take(store: Store, clock: Clock, takers: Sequence[Taker], team: Team) -> list[Conversation | None]:
    """What is next for each of these reps, made theirs, all in one transaction; None where there is nothing."""
    with store.write():
        return [_take(store, clock, taker, team) for taker in takers]


def look(store: Store, clock: Clock, taker: Taker, team: Team) -> Conversation | None:
    """What a rep would take now."""
    return _Choice(store, clock.now(), taker, team).first()


def _take(store: Store, clock: Clock, taker: Taker, team: Team) -> Conversation | None:
    found = look(store, clock, taker, team)
    if found is None or found.assignee_id == taker.agent.id:
        return found
    team.took(found, taker.agent.id)
    return inbox.claim(store, clock, taker.agent, found.id)


class _Choice:
    """One look for what is next."""

    def __init__(self, store: Store, now: Millis, taker: Taker, team: Team) -> None:
        self.store, self.now, self.taker, self.team = store, now, taker, team
        self.calls_passed = 0
        """Calls that are more urgent, for which the rep has no room."""

    def first(self) -> Conversation | None:
        taker, load = self.taker, self.team.load
        with_room = {each for each in _CHANNELS if fits(taker.capacity, load, taker.agent.id, each)}
        skip = frozenset(taker.skip)
        for urgent in self.store.views.urgent(taker.agent.id, taker.queues, with_room | {"callback"}):
            conversation = self.store.conversations.get(urgent.id) if urgent.id not in skip else None
            if conversation is None or self._too_early(conversation):
                continue
            if conversation.assignee_id == taker.agent.id:
                return conversation
            if conversation.channel not in with_room:
                self.calls_passed += 1
            elif not self._left_to_another(conversation, urgent):
                return None if self._kept_free(conversation) else conversation
        return None

    def _too_early(self, conversation: Conversation) -> bool:
        if conversation.channel != "callback":
            return False
        at = self.store.callbacks.due_in([conversation.id]).get(conversation.id)
        return at is not None and self.now < at - calls.EARLY

    def _left_to_another(self, conversation: Conversation, urgent: Urgent) -> bool:
        if urgent.place[-1] < STICKY:
            return False
        last = self.store.conversations.last_rep(conversation.id)
        return last not in (None, self.taker.agent.id) and self.team.free(last or 0, conversation.channel)

    def _kept_free(self, conversation: Conversation) -> bool:
        if not self.calls_passed or conversation.channel == "callback":
            return False
        return kept_free(self.taker.agent.id, self.team.hands(), self.calls_passed)
