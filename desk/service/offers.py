"""Offers: a conversation is kept for one rep until they take it, say no, or do neither for too long.

Until it is accepted it is nobody's: whoever claims it by hand is quicker, and the offer is withdrawn. Who accepts
claims it as ever, so that two never have the same. What becomes of an offer that nobody ends is found out by `settle`,
from how things stand: nothing of it is known only in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec.structs import replace

from desk.clock import SECOND, Clock, Millis
from desk.model import Agent, Conversation, Offer, OfferedNow, OffersNow, OfferState
from desk.rules.planning import Plan
from desk.service import inbox, planned
from desk.service.capacity import LIVELY
from desk.service.errors import Lost
from desk.store.base import Store

WHO = "push"
"""By what name the decisions are known in a conversation."""
Reading = Mapping[tuple[int, int], Millis]
"""Since when reps have conversations before them, by both."""


def of(store: Store, agent: Agent) -> OffersNow:
    """What Desk has for a rep."""
    return OffersNow(
        open=_with_conversations(store, store.offers.to(agent.id)),
        returned=_with_conversations(store, store.offers.returned(agent.id)),
    )


def accept(store: Store, clock: Clock, agent: Agent, conversation_id: int) -> Conversation:
    """Take what is offered; again is fine. Raises `NotFound`, `Taken`, `Lost('no-offer')`."""
    with store.write():
        offer = _offer(store, agent, conversation_id)
        if offer is not None:
            return take_up(store, clock, agent, offer)
    conversation = inbox.get(store, conversation_id)
    if conversation.assignee_id != agent.id:
        raise _gone(conversation_id)
    return conversation


def take_up(store: Store, clock: Clock, agent: Agent, offer: Offer) -> Conversation:
    """Make theirs what is offered to them, inside the caller's transaction. Raises `Taken`."""
    conversation = inbox.claim(store, clock, agent, offer.conversation_id)
    store.offers.end(offer.id, "accepted", clock.now())
    return conversation


def decline(store: Store, clock: Clock, agent: Agent, conversation_id: int) -> None:
    """Leave to others what is offered. Raises `NotFound`, `Lost('no-offer')`."""
    with store.write():
        offer = _offer(store, agent, conversation_id)
        if offer is None or not store.offers.end(offer.id, "declined", clock.now()):
            inbox.get(store, conversation_id)
            raise _gone(conversation_id)
        inbox.event(store, conversation_id, f"offered to {agent.name}, who left it to others", clock.now(), agent)


def see_returned(store: Store, clock: Clock, agent: Agent) -> None:
    """The rep has seen what went back while they were not there."""
    if store.offers.returned(agent.id):
        with store.write():
            store.offers.seen(agent.id, clock.now())


def withdraw(store: Store, clock: Clock, agent: Agent) -> None:
    """A rep takes nothing new, inside the caller's transaction: nothing is offered to them any more."""
    for offer in store.offers.to(agent.id):
        store.offers.end(offer.id, "withdrawn", clock.now())


def give_back(store: Store, clock: Clock, agent: Agent, ids: Sequence[int], because: str) -> None:
    """What is a rep's is nobody's again, inside the caller's transaction.

    Where somebody took that back when it happened before, it stays.
    """
    now = clock.now()
    free = [id for id in ids if not planned.forbidden(store, WHO, id)]
    for conversation in store.conversations.many(free):
        nobodys = replace(conversation, assignee_id=None, assignee_name=None)
        planned.carry_out(store, clock, Plan(before=conversation, after=nobodys), who=WHO, because=because)
        store.offers.give_back(
            Offer(
                conversation_id=conversation.id,
                agent_id=agent.id,
                queue_id=conversation.queue_id or 0,
                offered_at=now,
                until=now,
                ended_at=now,
            )
        )


# --- what becomes of them ---------------------------------------------------------------------------------


def settle(store: Store, clock: Clock, there: Collection[int], reading: Reading) -> list[Offer]:
    """End the offers that are over, inside the caller's transaction. Returns those that were let go by.

    `there`: the reps who are available, with a terminal; who is not has missed nothing. Who was at work elsewhere has
    left it to others.
    """
    now, offers = clock.now(), store.offers.open()
    rows = {each.id: each for each in store.conversations.many([offer.conversation_id for offer in offers])}
    missed = []
    for offer in offers:
        state = _becomes(store, offer, rows.get(offer.conversation_id), now, there, reading)
        if state is None:
            continue
        if state == "accepted" and (agent := store.agents.get(offer.agent_id)) is not None:
            inbox.claim(store, clock, agent, offer.conversation_id)
        store.offers.end(offer.id, state, now)
        if state == "expired":
            missed.append(offer)
        if state in ("expired", "declined"):
            _tell(store, offer, state, now)
    return missed


def _becomes(
    store: Store, offer: Offer, row: Conversation | None, now: Millis, there: Collection[int], reading: Reading
) -> OfferState | None:
    """What an offer is by now; None: as it was."""
    if row is None or row.state == "merged" or row.assignee_id not in (None, offer.agent_id):
        return "withdrawn"
    if row.assignee_id == offer.agent_id:
        return "accepted"
    if row.state == "waiting" and store.conversations.last_rep(row.id) == offer.agent_id:
        return "accepted"
    if row.state != "open" or row.queue_id != offer.queue_id:
        return "withdrawn"
    if reading.get((offer.agent_id, row.id), 0) >= offer.offered_at:
        return "accepted"
    if now >= offer.until:
        if offer.agent_id not in there:
            return "withdrawn"
        return "declined" if _at_work(store, offer.agent_id, offer.offered_at) else "expired"
    return None


def _at_work(store: Store, agent_id: int, since: Millis) -> bool:
    """Whether a rep has written or done anything after an instant, be it that they left another offer to others."""
    typed = any(draft.updated_at > since for draft in store.drafts.of_agent(agent_id)[:1])
    return typed or store.deeds.newest(agent_id, since + 1) is not None or store.offers.declined(agent_id, since)


def _tell(store: Store, offer: Offer, state: OfferState, now: Millis) -> None:
    agent = store.agents.get(offer.agent_id)
    seconds = round((offer.until - offer.offered_at) / SECOND)
    name = agent.name if agent is not None else "a rep"
    why = f"did not take it in {seconds} s" if state == "expired" else "was at work elsewhere"
    inbox.event(store, offer.conversation_id, f"offered to {name}, who {why}", now)


def over(store: Store, clock: Clock) -> list[int]:
    """Offers with whose conversations their reps are done, and of which that is not known yet."""
    undone = store.offers.undone()
    if not undone:
        return []
    rows = {each.id: each for each in store.conversations.many([offer.conversation_id for offer in undone])}
    talking = {id for id, _ in store.chats.occupying(clock.now() - LIVELY)}
    return [offer.id for offer in undone if not _occupies(rows.get(offer.conversation_id), offer, talking)]


def _occupies(row: Conversation | None, offer: Offer, talking: Collection[int]) -> bool:
    if row is None or row.assignee_id != offer.agent_id:
        return False
    return row.id in talking or (row.state == "open" and row.waiting_since is not None)


# --- small things -----------------------------------------------------------------------------------------


def _offer(store: Store, agent: Agent, conversation_id: int) -> Offer | None:
    return next((each for each in store.offers.to(agent.id) if each.conversation_id == conversation_id), None)


def _gone(conversation_id: int) -> Lost:
    return Lost("no-offer", f"#{conversation_id} is not offered to you any more; take what is next")


def _with_conversations(store: Store, offers: Iterable[Offer]) -> tuple[OfferedNow, ...]:
    found = list(offers)
    rows = {each.id: each for each in store.conversations.many([offer.conversation_id for offer in found])}
    return tuple(
        OfferedNow(offer=offer, conversation=rows[offer.conversation_id])
        for offer in found
        if offer.conversation_id in rows
    )
