"""Whether reps are there: available, busy, away; offline once their last terminal has been gone for a while."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from desk.clock import Clock, Millis
from desk.model import Agent, Availability, AvailabilitySpan
from desk.service import offers, permitting
from desk.service.errors import Invalid
from desk.store.base import Store
from desk.text import line

REASON_AT_MOST = 80
_GONE: Collection[Availability] = ("away", "offline")


def say(
    store: Store,
    clock: Clock,
    agent: Agent,
    state: Availability,
    reason: str = "",
    *,
    of: Agent | None = None,
    returning: Collection[int] = (),
) -> AvailabilitySpan:
    """A rep, or a supervisor for them, says whether they are there. Raises `Invalid`, `Forbidden`.

    `returning`: the queues to which the unanswered work of who is away goes back.
    """
    if state == "offline":
        raise Invalid("bad-availability", "who has a terminal is not offline; say away, with a reason if you like")
    if of is not None and of.id != agent.id:
        permitting.require(agent, "direct")
    return _be(store, clock, of or agent, state, line(reason)[:REASON_AT_MOST], clock.now(), returning)


def send_away(
    store: Store, clock: Clock, agent: Agent, reason: str, *, returning: Collection[int] = ()
) -> AvailabilitySpan:
    """Desk finds that a rep is not at the desk."""
    return _be(store, clock, agent, "away", reason, clock.now(), returning)


def came(store: Store, clock: Clock, agent: Agent) -> AvailabilitySpan:
    """A terminal of theirs is there: they are what they said last, and available if they never said anything."""
    now = store.availabilities.now().get(agent.id)
    if now is not None and now.state != "offline":
        return now
    chosen = store.availabilities.chosen(agent.id)
    if chosen is None:
        return _be(store, clock, agent, "available", "", clock.now())
    return _be(store, clock, agent, chosen.state, chosen.reason, clock.now())


def left(store: Store, clock: Clock, agent: Agent, at: Millis, returning: Collection[int] = ()) -> AvailabilitySpan:
    """Their last terminal went at that instant, and none came since."""
    return _be(store, clock, agent, "offline", "", at, returning)


def times(spans: Iterable[AvailabilitySpan], since: Millis, until: Millis) -> dict[int, dict[Availability, Millis]]:
    """How long each rep was in each state between two instants."""
    spent: dict[int, dict[Availability, Millis]] = {}
    for span in spans:
        lasted = min(until, until if span.ended_at is None else span.ended_at) - max(since, span.began_at)
        if lasted > 0:
            of_rep = spent.setdefault(span.agent_id, {})
            of_rep[span.state] = of_rep.get(span.state, 0) + lasted
    return spent


def state_of(now: Mapping[int, AvailabilitySpan], agent_id: int) -> Availability:
    """What a rep is; offline of whom nothing was ever heard."""
    return now[agent_id].state if agent_id in now else "offline"


def _be(
    store: Store,
    clock: Clock,
    agent: Agent,
    state: Availability,
    reason: str,
    at: Millis,
    returning: Collection[int] = (),
) -> AvailabilitySpan:
    with store.write():
        now = store.availabilities.now().get(agent.id)
        if now is None or (now.state, now.reason) != (state, reason):
            store.availabilities.begin(AvailabilitySpan(agent_id=agent.id, state=state, reason=reason, began_at=at))
        if state != "available":
            offers.withdraw(store, clock, agent)
        if state in _GONE and (now is None or now.state not in _GONE):
            offers.give_back(store, clock, agent, store.offers.theirs(agent.id, returning), f"{agent.name} is {state}")
        return store.availabilities.now()[agent.id]
