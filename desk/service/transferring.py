"""Handing a conversation over, on any channel: to a rep, or to whoever takes it from a queue, with a note why.

It is one deed. The note is internal like any other and stands in the thread; the rep it goes to is told as if a note
had named them.
"""

from __future__ import annotations

from desk.clock import Clock
from desk.model import Agent, Conversation
from desk.service import inbox, journal, permitting
from desk.service.errors import Invalid
from desk.store.base import Store
from desk.text import clean, line


def transfer(
    store: Store,
    clock: Clock,
    agent: Agent,
    id: int,
    *,
    to: Agent | None = None,
    queue: str | None = None,
    note: str = "",
) -> Conversation:
    """Give it to a rep, or into a queue where it is nobody's. Raises `Invalid`, `Forbidden`."""
    if (to is None) == (not queue):
        raise Invalid("no-recipient", "name a rep or a queue to hand it over to")
    text = clean(note).strip()
    if len(text) > inbox.NOTE_AT_MOST:
        raise Invalid("too-long", f"a note holds at most {inbox.NOTE_AT_MOST} characters")
    with store.write():
        before, at = inbox.standing(store, id), clock.now()
        if to is None or to.id != before.assignee_id:
            permitting.require_taking(agent, before)
        if to is not None:
            store.conversations.assign(id, to.id, at)
            words = f"transferred to {to.name}"
        else:
            name = queue_named(store, queue or "")
            store.conversations.set_queue(id, store.queues.ensure(name), at)
            store.conversations.assign(id, None, at)
            words = f"transferred to the queue {name}"
        after = inbox.get(store, id)
        same = (before.assignee_id, before.queue_id) == (after.assignee_id, after.queue_id)
        if same and not text:
            return after
        said = [inbox.event(store, id, words, at, agent)] if not same else []
        if text:
            said.append(inbox.noted(store, clock, agent, after, text))
        if to is not None and to.id != agent.id:
            store.reads.mention(to.id, id, said[-1])
        told = [delta for each in said for delta in journal.event(store, each)]
        label = f"#{id} {words}" if not same else f"note in #{id}"
        journal.record(store, clock, agent, "transfer", label, [*journal.conversation(before, after), *told])
    return inbox.get(store, id)


def queue_named(store: Store, name: str) -> str:
    """The queue of that name, as it is written. Raises `Invalid` if there is none: none is made by a slip."""
    wanted = line(name).casefold()
    found = next((each.name for each in store.queues.all() if each.name.casefold() == wanted), None)
    if found is None:
        known = ", ".join(each.name for each in store.queues.all()) or "none"
        raise Invalid("no-such-queue", f"there is no queue {line(name)}; there is {known}")
    return found
