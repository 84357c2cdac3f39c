"""Invitations: who is asked whether they would like to chat, once, and never for long after a no."""

from __future__ import annotations

from desk.clock import DAY, Clock, Millis
from desk.model import Agent, Invitation, Visitor
from desk.service.errors import Invalid, Lost, NotFound
from desk.store.base import Store
from desk.text import line

REFUSED_FOR: Millis = 30 * DAY
"""For how long nobody is asked again who said no."""
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
