"""Two that turn out to be one: conversations about the same matter, customers who are the same person.

What was merged stays as a row that nothing shows; whatever still refers to it, such as a token in a customer's mail,
is led on to where it went. Both are deeds like any other, and undone like them.
"""

from __future__ import annotations

from collections.abc import Sequence

from desk.clock import Clock, Millis
from desk.model import Agent, Conversation, Customer, Delta, Identity, Priority, State
from desk.service import customers, facts, inbox, journal, promises
from desk.service.errors import Invalid, Lost
from desk.store.base import Place, Store
from desk.text import fold_address

_LIVELY: tuple[State, ...] = ("spam", "resolved", "waiting", "snoozed", "open")
"""The later one wins; spam only among its own."""
_PRESSING: tuple[Priority, ...] = ("low", "normal", "high", "urgent")


def merge(
    store: Store,
    clock: Clock,
    agent: Agent,
    into: int,
    sources: Sequence[int],
) -> Conversation:
    """Put all that is in `sources` into one conversation: messages, notes, tags, participants and drafts.

    It is as pressing as the most pressing of them. If `into` was itself merged, where it went is meant.
    Raises `Invalid('same')` for a conversation and itself, also by way of others, `Lost('merged')` for a source that
    has gone elsewhere.
    """
    with store.write():
        target = store.placing.target(into)
        ids = list(dict.fromkeys(sources))
        if not ids:
            raise Invalid("nothing-named", "name what is to be merged")
        if target in ids or into in ids:
            raise Invalid("same", f"#{target} cannot be merged into itself")
        label = f"merge of {len(ids)} conversations into #{target}" if len(ids) > 1 else ""
        with journal.together(journal.Group(label)):
            for id in ids:
                _Merge(store, clock, agent, inbox.standing(store, target), inbox.standing(store, id)).run()
        return inbox.get(store, target)


class _Merge:
    """One conversation going into another, inside the caller's transaction."""

    def __init__(self, store: Store, clock: Clock, agent: Agent, target: Conversation, source: Conversation) -> None:
        self.store = store
        self.clock = clock
        self.agent = agent
        self.target = target
        self.source = source
        self.now = clock.now()
        self.deltas: list[Delta] = []

    def run(self) -> None:
        """Messages first: the target's row is counted anew from them."""
        self._messages()
        self._participants()
        self._drafts()
        self._row()
        target, source = self.target.id, self.source.id
        words = f"conversation {source} was merged into this one by {self.agent.name}: {self.source.subject}"
        said = inbox.event(self.store, target, words, self.now, self.agent)
        changed = [
            *journal.conversation(self.target, inbox.get(self.store, target)),
            *journal.conversation(self.source, inbox.get(self.store, source)),
            *journal.event(self.store, said),
        ]
        label = f"merge of #{source} into #{target}"
        journal.record(self.store, self.clock, self.agent, "merge", label, [*self.deltas, *changed])

    def _messages(self) -> None:
        target, source = self.target.id, self.source.id
        was = self.store.placing.places_in(source)
        self.store.placing.place({id: self._place(place) for id, place in was.items()})
        self.store.placing.recount(target)
        self.deltas += journal.places(was, self.store.placing.places(list(was)))

    def _place(self, was: Place) -> Place:
        there = f"; there: {was[2]}" if was[2] else ""
        return self.target.id, "moved", f"merged from conversation {self.source.id} by {self.agent.name}{there}"

    def _participants(self) -> None:
        conversations = self.store.conversations
        new = conversations.participants(self.source.id) - conversations.participants(self.target.id)
        conversations.add_participants(self.target.id, new)
        self.deltas += journal.joined(self.target.id, new)

    def _drafts(self) -> None:
        """What a rep was writing goes along, below what they were writing in the target."""
        for rep in self.store.agents.all():
            self.deltas += facts.bring_drafts(self.store, rep.id, self.source.id, self.target.id, self.now)

    def _row(self) -> None:
        target, source, store = self.target, self.source, self.store
        store.placing.set_state(source.id, "merged", None, target.id)
        state = max(target.state, source.state, key=_LIVELY.index) if target.state != "spam" else "spam"
        snoozed = source.snoozed_until if target.state != "snoozed" else target.snoozed_until
        store.placing.set_state(target.id, state, snoozed if state == "snoozed" else None, None)
        running = state not in ("resolved", "spam")
        store.placing.set_waiting(target.id, _earlier(target.waiting_since, source.waiting_since) if running else None)
        if source.assignee_id is not None:
            store.conversations.claim(target.id, source.assignee_id, self.now)
        if _PRESSING.index(source.priority) > _PRESSING.index(target.priority):
            store.conversations.set_priority(target.id, source.priority, self.now)
        for name in source.tags:
            store.conversations.tag(target.id, store.tags.ensure(name), self.now)
        promises.refresh(store, [target.id, source.id], exchanged=True)


def _earlier(one: Millis | None, other: Millis | None) -> Millis | None:
    return min((at for at in (one, other) if at is not None), default=None)


# --- customers --------------------------------------------------------------------------------------------


def merge_customers(store: Store, clock: Clock, agent: Agent, into: int, sources: Sequence[int]) -> Customer:
    """Make one person of several: identities, conversations, notes, tags and attributes go to `into`.

    Where both have an attribute, `into`'s stays. Raises `Invalid('same')`, `Lost('merged')`.
    """
    with store.write():
        ids = list(dict.fromkeys(sources))
        if not ids:
            raise Invalid("nothing-named", "name who is to be merged")
        if into in ids:
            raise Invalid("same", "a customer cannot be merged into themself")
        label = f"merge of {len(ids)} customers" if len(ids) > 1 else ""
        with journal.together(journal.Group(label)):
            for id in ids:
                _merge_customer(store, clock, agent, _standing(store, into), _standing(store, id))
        return customers.get(store, into)


def _standing(store: Store, id: int) -> Customer:
    customer = customers.get(store, id)
    if customer.merged_into is not None:
        detail = {"into": str(customer.merged_into)}
        raise Lost("merged", f"{customer.name or f'customer {id}'} is part of another customer now", detail)
    return customer


def _merge_customer(store: Store, clock: Clock, agent: Agent, target: Customer, source: Customer) -> None:
    now, moved = clock.now(), store.conversations.ids_of_customer(source.id)
    before = {row.id: row for row in store.conversations.many(moved)}
    for identity in source.identities:
        store.customers.remove_identity(source.id, identity)
        store.customers.add_identity(target.id, Identity(kind=identity.kind, value=identity.value, name=identity.name))
    store.customers.set_merged(source.id, target.id)
    here = customers.get(store, target.id)
    store.customers.update(
        target.id,
        rev=here.rev,
        name=target.name or source.name or None,
        notes="\n\n".join(filter(None, (target.notes, source.notes))),
        tags=tuple(sorted({*target.tags, *source.tags}, key=str.casefold)),
        attributes={**source.attributes, **target.attributes},
        zone=target.zone or source.zone,
        language=target.language or source.language,
        first_seen_at=min(target.first_seen_at, source.first_seen_at),
    )
    merged = customers.get(store, target.id)
    said: list[int] = []
    for id in moved:
        store.placing.set_customer(id, merged.id, merged.name, before[id].customer_address)
    promises.of_customer(store, merged.id)
    words = (
        f"{source.name or source.address} is the same customer as {merged.name or merged.address}, says {agent.name}"
    )
    for row in before.values():
        if row.state in ("open", "waiting", "snoozed"):
            said.append(inbox.event(store, row.id, words, now, agent))
    deltas = [
        *journal.customer(source, customers.get(store, source.id)),
        *journal.customer(target, merged),
        *(delta for row in before.values() for delta in journal.conversation(row, inbox.get(store, row.id))),
        *(delta for id in said for delta in journal.event(store, id)),
    ]
    journal.record(
        store, clock, agent, "merge-customers", f"merge of {source.name or fold_address(source.address)}", deltas
    )
