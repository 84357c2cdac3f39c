"""Taking back, step by step: each fact of a deed gets its earlier value, unless somebody changed it since.

An answer is a draft again, unless a macro or an act on many wrote it. What cannot be taken back is left as it is and
told; the deed counts as undone all the same, so that the next undo reaches the one before. A deed's event goes with it
while nobody can have read it, and is answered by another later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from desk.clock import Clock
from desk.model import Agent, Deed, Draft, Undone
from desk.service import journal, promises, replies
from desk.service.errors import Lost, NotFound
from desk.service.taking_back import Back, Forth
from desk.store.base import Store

AT_ONCE = 25
"""Deeds undone in one transaction; a large group takes several."""


class Work(Protocol):
    """`undo` or `redo`."""

    def __call__(self, store: Store, clock: Clock, agent: Agent, *, at_most: int = ...) -> Undone: ...


def undo(
    store: Store,
    clock: Clock,
    agent: Agent,
    *,
    at_most: int = AT_ONCE,
) -> Undone:
    """Take back the rep's newest deed, or the newest `at_most` of a group: `whole` tells whether more remain.

    Raises `Lost('nothing-to-undo')`.
    """
    since = clock.now() - journal.UNDO_FOR
    with store.write():
        group = store.deeds.newest(agent.id, since)
        if group is None:
            raise Lost("nothing-to-undo", "there is nothing to undo: you did nothing in the last 30 minutes")
        deeds = store.deeds.of_group(group, agent.id, at_most + 1)
        typed = not deeds[0].group_label
        work = [Back(store, clock, agent, deed, as_draft=typed) for deed in deeds[:at_most]]
        return _told(deeds, [each.run() for each in work], whole=len(deeds) <= at_most)


def redo(
    store: Store,
    clock: Clock,
    agent: Agent,
    *,
    at_most: int = AT_ONCE,
) -> Undone:
    """Do again what was undone last. Raises `Lost('nothing-to-redo')`; an answer has to be sent anew, by hand."""
    since = clock.now() - journal.UNDO_FOR
    with store.write():
        group = store.deeds.undone(agent.id, since)
        if group is None:
            raise Lost("nothing-to-redo", "there is nothing to redo")
        deeds = store.deeds.undone_of_group(group, agent.id, at_most + 1)
        label = deeds[0].group_label
        with journal.together(journal.Group(label, group)):
            work = [Forth(store, clock, agent, deed) for deed in deeds[:at_most]]
            return _told(deeds, [each.run() for each in work], whole=len(deeds) <= at_most)


def undo_send(store: Store, clock: Clock, outbox_id: int) -> Draft:
    """Take back what has not left: it is its author's draft again, before anything written since.

    The message leaves the conversation, which is as it was before, and the promise to the customer runs again.
    Raises `Lost('too-late')`.
    """
    with store.write():
        item = store.outbox.get(outbox_id)
        if item is None:
            raise NotFound("outbox item", outbox_id)
        deed = store.deeds.with_fact("outbox", outbox_id, "send")
        author = store.agents.get(deed.agent_id) if deed else None
        if deed is None or author is None or item.state != "held":
            draft = replies.take_back(store, item, clock.now())
            promises.refresh(store, [item.conversation_id])
            return draft
        draft_again = Back(store, clock, author, deed).run().draft
        if draft_again is None:
            raise Lost("too-late", "it cannot be taken back: somebody has gone on from it", {"state": item.state})
        return draft_again


def _told(deeds: Sequence[Deed], parts: Sequence[Undone], *, whole: bool) -> Undone:
    first = deeds[0]
    alone = len(deeds) == 1 and not first.group_label
    return Undone(
        label=first.label if alone else first.group_label or first.label,
        at=first.at,
        deeds=len(parts),
        conversations=tuple(dict.fromkeys(id for part in parts for id in part.conversations)),
        customers=tuple(dict.fromkeys(id for part in parts for id in part.customers)),
        left=tuple(left for part in parts for left in part.left),
        draft=next((part.draft for part in parts if part.draft), None),
        note=next((part.note for part in parts if part.note), ""),
        whole=whole,
        nothing=all(part.nothing for part in parts),
    )
