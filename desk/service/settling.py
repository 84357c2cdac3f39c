"""Nobody is called any more about a matter that is closed."""

from __future__ import annotations

from desk.model import CallbackState, Delta
from desk.service import journal
from desk.store.base import Store

_CLOSED = ("resolved", "spam")


def settle(store: Store, conversation_id: int) -> list[Delta]:
    """End the callbacks of a conversation if it is closed now, inside the caller's transaction; what that changed.

    A call that is under way goes on: its outcome is the last.
    """
    conversation = store.conversations.get(conversation_id)
    if conversation is None or conversation.state not in _CLOSED:
        return []
    changed: list[Delta] = []
    for callback in store.callbacks.of_conversation(conversation_id):
        ends: CallbackState = "cancelled" if callback.state == "waiting" else "done"
        if store.callbacks.change(callback.id, ("waiting", "unclear"), ends):
            after = store.callbacks.get(callback.id)
            changed += journal.callback(callback, after) if after else []
    return changed
