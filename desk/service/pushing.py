"""Handing out by itself what waits in queues that ask for it: the most urgent first, each to one rep who is there, may
do it and has room.

Nothing is given, only offered (`desk.service.offers`), and everything that a choice depends on is read in the
transaction that makes it: who is available, what occupies them, what is offered already. So whatever else happens at
the same instant, a rep is never offered more than they have room for, and never anything while they are away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice
from math import ceil

from msgspec import Struct

from desk.clock import MINUTE, SECOND, Clock, Millis
from desk.model import Agent, AvailabilitySpan, Channel, Conversation, Offer, QueueRules
from desk.model.staffing import Push
from desk.pushing import Candidate, choose
from desk.reserve import kept_free
from desk.service import availability, calls, capacity, offers
from desk.service.capacity import fits, taken, weight, with_room
from desk.service.taking import Taker, Team, Waiting, too_early
from desk.store.base import Store, Urgent

REST: Millis = 2 * MINUTE
"""How long a rep is not offered what they had an offer of."""
MISSES = 2
"""Offers in a row that a rep may let go by; then they are away."""
LOOK_AGAIN: Millis = 30 * SECOND
"""How long what only time changes, such as a chat that falls silent, may go unnoticed while something waits."""
LOOKED_AT, OFFERED_AT_ONCE = 200, 50
"""Conversations that a turn looks at, and offers, at most: others wait for the writer. The next turn follows soon."""


class Scene(Struct, frozen=True, kw_only=True):
    """What the store does not know."""

    queues: Mapping[int, QueueRules]
    """Those that are open and push, by id."""
    takers: Sequence[Taker] = ()
    """The reps who are available, with a terminal."""
    writing: Sequence[tuple[int, int]] = ()
    """Reps, and the conversations in which they are writing an answer."""
    reading: offers.Reading = {}
    """Since when reps have conversations before them, by rep and conversation."""


class Turn(Struct, frozen=True, kw_only=True):
    """What came of looking once."""

    offered: Sequence[Offer] = ()
    until: Millis | None = None
    """When to look again, whatever happens; None: when something happens."""
    away: Sequence[tuple[Agent, AvailabilitySpan]] = ()
    """Who let too much go by, and is away for it."""


def idle(store: Store, clock: Clock, scene: Scene) -> bool:
    """Whether there is nothing to do: nothing is offered, and nothing waits in these queues for who is there."""
    waits = bool(scene.takers) and any(next(store.views.free(queue), None) is not None for queue in scene.queues)
    busy = waits or store.offers.open() or store.offers.left_behind(scene.queues) or offers.over(store, clock)
    return not busy


def turn(store: Store, clock: Clock, scene: Scene) -> Turn:
    """See what became of the offers, and offer what waits; all in one transaction."""
    with store.write():
        there = {each.agent.id: each for each in scene.takers}
        missed = offers.settle(store, clock, there, scene.reading)
        store.offers.done(offers.over(store, clock), clock.now())
        away = [
            (there[id].agent, _send_away(store, clock, there[id].agent, scene))
            for id in dict.fromkeys(offer.agent_id for offer in missed)
            if _missed_too_many(store, id)
        ]
        _fetch(store, clock, scene)
        handing = _Handing(store, clock, scene)
        offered = handing.run()
        ends = [each.until for each in store.offers.open()]
        if handing.something_waits:
            ends.append(clock.now() + (0 if len(offered) >= OFFERED_AT_ONCE else LOOK_AGAIN))
    return Turn(offered=offered, until=min(ends, default=None), away=away)


def _fetch(store: Store, clock: Clock, scene: Scene) -> None:
    """To what customers write while the rep whose it is is not there, somebody else may answer."""
    for agent_id, ids in store.offers.left_behind(scene.queues).items():
        agent, span = store.agents.get(agent_id), store.availabilities.now()[agent_id]
        if agent is not None:
            offers.give_back(store, clock, agent, ids, f"{agent.name} is {span.state}")


def _missed_too_many(store: Store, agent_id: int) -> bool:
    span = store.availabilities.now().get(agent_id)
    return span is not None and store.offers.missed(agent_id, span.began_at) >= MISSES


def _send_away(store: Store, clock: Clock, agent: Agent, scene: Scene) -> AvailabilitySpan:
    reason = f"did not take {MISSES} offers in a row"
    return availability.send_away(store, clock, agent, reason, returning=scene.queues)


class _Handing:
    """One look at what waits."""

    def __init__(self, store: Store, clock: Clock, scene: Scene) -> None:
        self._store, self._clock, self._queues = store, clock, scene.queues
        spans = store.availabilities.now()
        self._takers = [each for each in scene.takers if availability.state_of(spans, each.agent.id) == "available"]
        self._came = {id: span.began_at for id, span in spans.items()}
        capacities = {each.agent.id: each.capacity for each in self._takers}
        self._team = Team(load=capacity.load(store, clock, scene.writing), capacities=capacities)
        self._calls = store.offers.calls([*capacities], clock.now() + calls.lead(store))
        for id, due in self._calls.items():
            self._team.load.calls[id] += sum(at >= clock.now() for at in due)
        self._last = {queue: store.offers.last_in(queue) for queue in scene.queues}
        self._idle = store.offers.idle_since(list(capacities))
        self._rested = store.offers.passed_on(clock.now() - REST)
        self._offered = {each.conversation_id for each in store.offers.open()}
        self._held: dict[tuple[int, Channel], int] = {}
        self._calls_passed: dict[int, int] = dict.fromkeys(capacities, 0)
        """Calls that are more urgent, and for which a rep has no room."""
        self.something_waits = False

    def run(self) -> list[Offer]:
        made: list[Offer] = []
        if not self._anybody():
            self.something_waits = bool(self._queues)
            return made
        for _, conversation in islice(self._waiting(), LOOKED_AT):
            if conversation.id in self._offered:
                continue
            self.something_waits = True
            if len(made) >= OFFERED_AT_ONCE or not self._anybody():
                break
            offer = None if too_early(self._store, self._clock.now(), conversation) else self._offer(conversation)
            if offer is not None and self._store.offers.begin(offer):
                made.append(offer)
                self._note(offer, conversation.channel)
        return made

    def _waiting(self) -> Iterator[tuple[Urgent, Conversation]]:
        """What is nobody's in the queues that push, the most urgent first."""
        return iter(Waiting(self._store, merge(*map(self._store.views.free, self._queues))))

    def _offer(self, conversation: Conversation) -> Offer | None:
        """To whom it goes; None while that is nobody."""
        queue_id = conversation.queue_id or 0
        able = [taker for taker in self._takers if queue_id in taker.queues and self._fits(taker, conversation)]
        if not able:
            return None
        last = self._store.conversations.last_rep(conversation.id)
        rules, ids = self._queues[queue_id], {each.agent.id for each in able}
        chosen = last if last in ids else self._choose(rules.push, able, conversation)
        now = self._clock.now()
        return Offer(
            conversation_id=conversation.id,
            agent_id=chosen or 0,
            queue_id=queue_id,
            offered_at=now,
            until=now + round(rules.accept_seconds * SECOND),
        )

    def _fits(self, taker: Taker, conversation: Conversation) -> bool:
        id, channel = taker.agent.id, conversation.channel
        if not self._has_room(taker, channel):
            self._calls_passed[id] += channel == "callback"
            return False
        if (conversation.id, id) in self._rested:
            return False
        passed = self._calls_passed[id]
        return channel == "callback" or not passed or not kept_free(id, self._team.hands(), passed)

    def _choose(self, way: Push, able: Sequence[Taker], conversation: Conversation) -> int:
        candidates = [self._candidate(taker, conversation.channel) for taker in able]
        return choose(way, candidates, self._last[conversation.queue_id or 0])

    def _candidate(self, taker: Taker, channel: Channel) -> Candidate:
        """What occupies them beside what is offered: of mail and calls, also what waits with them."""
        id, mine = taker.agent.id, taker.capacity
        occupied = taken(mine, self._team.load, id)
        if channel != "chat":
            occupied += weight(mine, channel) * self._waiting_for(taker, channel)
        return Candidate(id, occupied / max(mine.at_once, 1e-9), max(self._idle.get(id, 0), self._came.get(id, 0)))

    def _note(self, offer: Offer, channel: Channel) -> None:
        """It occupies them from now on."""
        self._team.load.offers[offer.agent_id, channel] += 1
        self._last[offer.queue_id] = offer.agent_id
        self._idle[offer.agent_id] = offer.offered_at

    # --- room ---------------------------------------------------------------------------------------------

    def _anybody(self) -> bool:
        """Whether anybody has room for anything."""
        return any(with_room(taker.capacity, self._team.load, taker.agent.id) for taker in self._takers)

    def _has_room(self, taker: Taker, channel: Channel) -> bool:
        """Beside what occupies them, and a call of their own does as if they made it, from when they may make it until
        it is late. Mails and late calls that are theirs take their room from more of the same, but not from chats: a
        chat need not wait for a pile of mail."""
        mine, id, load = taker.capacity, taker.agent.id, self._team.load
        if channel == "chat" or not fits(mine, load, id, channel):
            return fits(mine, load, id, channel)
        each = weight(mine, channel)
        return taken(mine, load, id) + each * (self._waiting_for(taker, channel) + 1) <= mine.at_once

    def _waiting_for(self, taker: Taker, channel: Channel) -> int:
        """How many of a channel are theirs, unanswered, and do not occupy them; counted as far as needed."""
        key = taker.agent.id, channel
        if key not in self._held:
            load, mine = self._team.load, taker.capacity
            if channel == "callback":
                self._held[key] = sum(at < self._clock.now() for at in self._calls.get(key[0], ()))
                return self._held[key]
            doing = load.mails[key[0]]
            enough = doing + ceil(mine.at_once / max(weight(mine, channel), 1e-3)) + 1
            self._held[key] = max(self._store.offers.unanswered(*key, enough) - doing, 0)
        return self._held[key]
