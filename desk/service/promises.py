"""Promises: until when a customer should have heard from us.

A conversation's `due_at` is the instant its earliest unanswered customer message waits for. It runs while we owe the
next step and ends when we answer or close the matter.
"""

from __future__ import annotations

from collections.abc import Iterable

from desk.clock import HOUR, Millis
from desk.model import Conversation
from desk.store.base import Store

FIRST_ANSWER: Millis = 8 * HOUR
"""The promise of an e-mail account that names none."""

_RUNNING = frozenset({"open", "snoozed"})


def due_at(conversation: Conversation, first_answer: Millis | None) -> Millis | None:
    """When the running promise ends; None if none runs, or the account promises nothing (`first_answer` None)."""
    if first_answer is None or conversation.waiting_since is None or conversation.state not in _RUNNING:
        return None
    return conversation.waiting_since + first_answer


def refresh(store: Store, conversation_ids: Iterable[int], first_answer: Millis | None = FIRST_ANSWER) -> None:
    """Bring `due_at` of these conversations up to date, inside the caller's transaction."""
    for conversation in store.conversations.many(list(conversation_ids)):
        due = due_at(conversation, first_answer)
        if due != conversation.due_at:
            store.conversations.set_due(conversation.id, due)
