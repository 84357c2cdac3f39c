"""What is being written: saved as typed, one per rep, conversation (0: a conversation not begun yet) and slot."""

from __future__ import annotations

from desk.clock import Clock
from desk.model import Agent, Draft, NewReply
from desk.service import inbox
from desk.service.errors import Invalid
from desk.service.replies import BODY_AT_MOST
from desk.store.base import Store
from desk.text import line

SLOT_AT_MOST = 64


def save(store: Store, clock: Clock, agent: Agent, conversation_id: int, content: NewReply) -> Draft:
    """Keep what the rep typed, exactly; the last one saved stays."""
    if len(content.body) > BODY_AT_MOST:
        raise Invalid("too-long", f"a draft has at most {BODY_AT_MOST} characters", {"field": "body"})
    if len(content.slot) > SLOT_AT_MOST or line(content.slot) != content.slot:
        raise Invalid("bad-slot", f"a draft's slot is a word of at most {SLOT_AT_MOST} characters", {"field": "slot"})
    with store.write():
        if conversation_id:
            inbox.get(store, conversation_id)
        draft = Draft(agent_id=agent.id, conversation_id=conversation_id, content=content, updated_at=clock.now())
        return store.drafts.save(draft)


def delete(store: Store, agent: Agent, conversation_id: int, slot: str = "") -> None:
    """Throw a draft away; without one nothing happens."""
    with store.write():
        store.drafts.delete(agent.id, conversation_id, slot)
