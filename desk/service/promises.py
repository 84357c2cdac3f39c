"""Promises: until when a customer should have heard from us.

A conversation's `due_at` is the instant its earliest unanswered customer message waits for. It runs while we owe the
next step and ends when we answer or close the matter. Who was promised a call waits for that: until somebody called
them, whatever was written meanwhile. What is promised lies in the store, so that everything that
changes a conversation keeps the same promises in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from desk.clock import HOUR, MINUTE, Clock, Millis
from desk.model import Conversation
from desk.store.base import Store

Promises = Mapping[str, Millis]
"""How long a customer waits at most for an answer, by channel; a channel that is missing promises nothing."""

USUAL: Promises = {"email": 8 * HOUR, "chat": MINUTE}
"""What is promised until `keep` says otherwise."""
CALL: Millis = HOUR
"""What is left until a promised call is told as a share of this: it is wanted then, and not before."""
_NAME = "promises"

_RUNNING = frozenset({"open", "snoozed"})
_CALLING = frozenset({"open", "waiting", "snoozed"})


def keep(store: Store, clock: Clock, promises: Promises) -> None:
    """Promise this from now on; what was promised for messages that are here stays until something happens to them."""
    if of(store) != promises:
        with store.write():
            store.meta.set(_NAME, msgspec.json.encode(promises).decode())


def of(store: Store) -> Promises:
    """What is promised now."""
    kept = store.meta.get(_NAME)
    return USUAL if kept is None else msgspec.json.decode(kept, type=dict[str, Millis])


def due_at(conversation: Conversation, promises: Promises, call: Millis | None = None) -> Millis | None:
    """When the first running promise ends; None if none runs. `call`: when somebody is to be called."""
    answer = _answer_at(conversation, promises)
    if call is None or conversation.state not in _CALLING:
        return answer
    return call if answer is None or conversation.channel == "callback" else min(call, answer)


def _answer_at(conversation: Conversation, promises: Promises) -> Millis | None:
    promised = promises.get(conversation.channel)
    if promised is None or conversation.waiting_since is None or conversation.state not in _RUNNING:
        return None
    return conversation.waiting_since + promised


def refresh(store: Store, conversation_ids: Iterable[int], *, begin: bool = True) -> None:
    """Bring `due_at` of these conversations up to date, inside the caller's transaction.

    Without `begin` no promise begins where none ran: what old mail asked for, nobody waits for any more.
    """
    promises, ids = of(store), list(conversation_ids)
    calls = store.callbacks.due_in(ids)
    for conversation in store.conversations.many(ids):
        due = due_at(conversation, promises, calls.get(conversation.id))
        if due != conversation.due_at and (begin or conversation.due_at is not None):
            promised = CALL if due == calls.get(conversation.id) else promises.get(conversation.channel)
            store.conversations.set_due(conversation.id, due, promised=promised)
