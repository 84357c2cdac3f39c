"""Invitations: who is asked whether they would like to chat, once, and never for long after a no."""

from __future__ import annotations

from desk.clock import MINUTE, Clock, Millis
from desk.model import Agent, Invitation, InvitationState, Visitor
from desk.service import chats
from desk.service.errors import Invalid, Lost, NotFound
from desk.service.trails import REFUSED_FOR
from desk.store.base import Store
from desk.text import line

OPEN_FOR: Millis = 2 * MINUTE
"""For how long a yes is reckoned with; it may come later, too."""
TEXT_AT_MOST = 300


def offer(
    store: Store,
    clock: Clock,
    visitor: Visitor,
    text: str,
    *,
    visit: Millis,
    rule: str = "",
    agent: Agent | None = None,
) -> Invitation:
    """Ask a visitor, in the visit that began at `visit`: by a rule, or by hand.

    Raises `Invalid` for what cannot be asked, `NotFound`, `Lost('chatting')` if they are in a chat,
    `Lost('invited')` if they were asked in this visit, `Lost('declined')` if they said no within the last 30 days.
    """
    asked = line(text)
    if not asked or len(asked) > TEXT_AT_MOST:
        raise Invalid("bad-text", f"an invitation has 1 to {TEXT_AT_MOST} characters", {"field": "text"})
    now = clock.now()
    with store.write():
        if store.visitors.get(visitor.id) is None:
            raise NotFound("visitor", visitor.id)
        chat = store.chats.newest_of(visitor.id)
        if chat is not None and chat.state != "ended":
            raise Lost("chatting", "they are in a chat already", {"conversation": str(chat.conversation_id)})
        invitation = Invitation(
            visitor_id=visitor.id,
            account=visitor.account,
            rule=rule,
            agent_id=agent.id if agent else None,
            text=asked,
            at=now,
        )
        id = store.invitations.offer(invitation, visit=visit, refused_since=now - REFUSED_FOR)
        if id is None:
            last = store.invitations.newest_of(visitor.id)
            if last is not None and last.at >= visit:
                raise Lost("invited", "they were asked in this visit already")
            raise Lost("declined", "they said no within the last 30 days")
        made = store.invitations.get(id)
        assert made is not None
        return made


def decide(
    store: Store, clock: Clock, visitor: Visitor, id: int, answer: str, *, queue_id: int | None = None
) -> Invitation:
    """What a visitor's browser says of an invitation: `shown`, `accepted` or `refused`.

    A yes begins their chat, with the invitation as our first words; said twice it counts once. Raises `NotFound` if it
    is none of theirs, `Lost('decided')` if they said the opposite before.
    """
    with store.write():
        invitation = store.invitations.get(id)
        if invitation is None or invitation.visitor_id != visitor.id:
            raise NotFound("invitation", id)
        now = clock.now()
        if answer == "shown":
            store.invitations.advance(id, visitor.id, ("offered",), "shown", now)
        elif answer == "refused":
            done = store.invitations.advance(id, visitor.id, ("offered", "shown"), "refused", now)
            _settle(invitation, "refused", done=done)
        elif store.invitations.advance(id, visitor.id, ("offered", "shown"), "accepted", now):
            chat = chats.begin_with(
                store, clock, visitor, invitation.text, agent=_agent(store, invitation), queue_id=queue_id
            )
            store.invitations.advance(
                id, visitor.id, ("accepted",), "accepted", now, conversation_id=chat.conversation_id
            )  # fmt: skip
        else:
            _settle(invitation, "accepted", done=False)
        told = store.invitations.get(id)
        assert told is not None
        return told


def _settle(invitation: Invitation, answer: InvitationState, *, done: bool) -> None:
    if not done and invitation.state != answer:
        raise Lost("decided", "they said the opposite before")


def _agent(store: Store, invitation: Invitation) -> Agent | None:
    return next((each for each in store.agents.all() if each.id == invitation.agent_id), None)
