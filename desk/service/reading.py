"""What each rep has read, and whom notes name."""

from __future__ import annotations

import re

from desk.clock import Clock
from desk.mail import headers
from desk.model import Agent, Conversation, HeaderField
from desk.service.errors import NotFound
from desk.store.base import Store
from desk.text import clean, line

_NAMED = re.compile(r"(?<![\w@.])@([\w.+-]+)")


def mark_read(store: Store, clock: Clock, agent: Agent, id: int, message_id: int | None = None) -> Conversation:
    """The rep has seen the conversation up to that message, or all of it; what came since stays unread."""
    if (row := _get(store, agent, id)).unread or row.mentioned:
        with store.write():
            store.reads.read(agent.id, id, message_id)
    return _get(store, agent, id)


def mark_unread(store: Store, clock: Clock, agent: Agent, id: int) -> Conversation:
    """The rep wants to come back to it. What is resolved or spam stays read."""
    _get(store, agent, id)
    with store.write():
        store.reads.unread(agent.id, id)
    return _get(store, agent, id)


def seen(store: Store, agent: Agent, id: int) -> int | None:
    """The newest message that was there when the rep read the conversation last; None if that is not known."""
    _get(store, agent, id)
    return store.reads.seen(agent.id, id)


def header_fields(raw: bytes) -> list[HeaderField]:
    """The header of a mail as it may be shown. What says the same raw and decoded, but for folds, is not said twice."""
    return [
        HeaderField(name=line(name), value=line(value), raw=clean(written) if written.split() != value.split() else "")
        for name, value, written in headers.fields(raw)
    ]


def name_in_note(store: Store, agent: Agent, conversation_id: int, message_id: int, body: str) -> list[Agent]:
    """Tell the reps that a note names with `@login`, inside the caller's transaction. Nobody is told of themselves."""
    words = {word.casefold().rstrip(".-+") for word in _NAMED.findall(body)}
    if not words:
        return []
    named = [each for each in store.agents.all() if each.login.casefold() in words and each.id != agent.id]
    for each in named:
        store.reads.mention(each.id, conversation_id, message_id)
    return named


def _get(store: Store, agent: Agent, id: int) -> Conversation:
    found = store.conversations.get(id)
    if found is None:
        raise NotFound("conversation", id)
    return store.reads.marked([found], agent.id)[0]
