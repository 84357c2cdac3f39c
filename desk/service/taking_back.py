"""One deed taken back, or done again: its facts put where they were, in the order in which they depend on others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from desk.clock import MINUTE, Clock, Millis
from desk.model import Agent, Deed, Delta, Draft, Left, OutboxItem, Undone
from desk.service import facts, inbox, journal, promises, replies
from desk.service.standing import Ground, Step
from desk.store.base import Store
from desk.text import clean

_TOLD = ("state", "waiting", "due", "callback", "priority", "queue", "tag", "customer")
"""What promises depend on."""
UNREAD_FOR: Millis = MINUTE
"""A deed undone so soon leaves no trace in the conversation."""


class Back:
    """One deed being undone, inside the caller's transaction."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        agent: Agent,
        deed: Deed,
        *,
        as_draft: bool = True,
    ) -> None:
        """`as_draft`: an answer is a draft again; what nobody typed, such as a macro's, is not."""
        self.as_draft = as_draft
        self.store = store
        self.agent = agent
        self.deed = deed
        self.now = clock.now()
        self.clock = clock
        self.ground = Ground(store, agent, deed)
        self.draft: Draft | None = None
        self.note = ""
        self.written: list[Delta] = []
        """Notes and events that a redo writes."""

    def steps(self) -> list[Step]:
        return [Step(delta, delta.after, delta.before) for delta in self.deed.deltas]

    def blocked(self) -> bool:
        return self.ground.blocked(self.steps())

    def standing(self, steps: Sequence[Step]) -> list[Step]:
        return self.ground.standing(steps)

    def close(self, done: Sequence[Step]) -> None:
        self.store.deeds.mark_undone(self.deed.id, self.now)

    def run(self) -> Undone:
        steps = self.standing(self.steps()) if not self.blocked() else []
        if not any(map(_is_seen, (step.delta for step in steps))) and any(map(_is_seen, self.deed.deltas)):
            steps = []  # nothing is left of it but what followed from the rest
        self._apply(steps)
        self.close(steps)
        return Undone(
            label=self.deed.label,
            at=self.deed.at,
            conversations=self._conversations(),
            customers=self._ids("customer"),
            left=tuple(self.ground.left),
            draft=self.draft,
            note=self.note,
            nothing=not steps and bool(self.ground.left),
        )

    def _ids(self, subject: str) -> tuple[int, ...]:
        return tuple(dict.fromkeys(delta.id for delta in self.deed.deltas if delta.subject == subject))

    def _conversations(self) -> tuple[int, ...]:
        """Those it changed, and those its messages were and are in."""
        moved = [delta for delta in self.deed.deltas if delta.field == "place"]
        places = [int(place[0]) for delta in moved for place in (delta.before, delta.after) if place]
        return tuple(dict.fromkeys((*self._ids("conversation"), *places)))

    # --- putting back -------------------------------------------------------------------------------------

    def _apply(self, steps: Sequence[Step]) -> None:
        """Messages first, for rows follow them; then customers, then the rows as they were."""
        hidden = {
            step.delta.id
            for step in steps
            if step.delta.subject == "conversation" and step.delta.field == "state" and step.put[0] == "merged"
        }
        recount: set[int] = set()
        waited = self._waiting(steps)
        for step in steps:
            if step.delta.subject == "outbox":
                recount.add(self._take_back(step, hidden))
        recount |= self._place([step for step in steps if step.delta.field == "place"])
        for id in recount - hidden:
            self.store.placing.recount(id)
            if id in waited:
                self.store.placing.set_waiting(id, waited[id])
        for step in steps:
            if step.delta.field in ("note", "event"):
                self._say(step)
        self._customers([step for step in steps if step.delta.subject == "customer"])
        for step in steps:
            if step.delta.subject == "queue":
                facts.set_in_queue(self.store, step.delta.id, step.delta.field, step.put, self.agent.id, self.now)
        rows = [step for step in steps if step.delta.subject == "conversation"]
        for step in sorted(rows, key=lambda step: facts.kind(step.delta.field) in ("state", "waiting", "due")):
            facts.set_in_conversation(self.store, step.delta.id, step.delta.field, step.put, self.now)
            if step.delta.field == "state" and step.put[0] == "merged" and step.put[2]:
                facts.bring_drafts(self.store, self.agent.id, step.delta.id, step.put[2], self.now)
        self._keep_promises(rows, recount - hidden)

    def _waiting(self, steps: Sequence[Step]) -> dict[int, Millis | None]:
        """Since when the customer waits, where that is none of the deed's business: it stays what it is."""
        own = {delta.id for delta in self.deed.deltas if delta.field == "waiting"}
        sent = [item for step in steps if (item := self._item(step)) is not None]
        places = [int(value[0]) for step in steps if step.delta.field == "place" for value in (step.expect, step.put)]
        touched = {*(item.conversation_id for item in sent), *places} - own
        return {row.id: row.waiting_since for row in self.store.conversations.many(list(touched))}

    def _item(self, step: Step) -> OutboxItem | None:
        return self.store.outbox.get(step.delta.id) if step.delta.subject == "outbox" else None

    def _keep_promises(self, rows: Sequence[Step], recounted: set[int]) -> None:
        changed = {step.delta.id for step in rows if facts.kind(step.delta.field) in _TOLD} | recounted
        promises.refresh(self.store, sorted(changed), exchanged=True, taken_back=True)
        for id in self._ids("customer"):
            promises.of_customer(self.store, id)

    def _take_back(self, step: Step, hidden: set[int]) -> int:
        item = self._item(step)
        assert item is not None
        begun = item.conversation_id in hidden
        before = inbox.get(self.store, item.conversation_id)
        if self.as_draft:
            self.draft = replies.take_back(self.store, item, self.now, draft_of=0 if begun else item.conversation_id)
        else:
            replies.withdraw(self.store, item, self.now)
        self.store.placing.set_state(before.id, before.state, before.snoozed_until, before.merged_into)
        return item.conversation_id

    def _place(self, steps: Sequence[Step]) -> set[int]:
        """Returns the conversations that were touched."""
        self.store.placing.place({step.delta.id: facts.as_place(step.put) for step in steps})
        return {int(value[0]) for step in steps for value in (step.expect, step.put)}

    def _say(self, step: Step) -> None:
        message = self.store.messages.get(step.delta.id)
        if message is None:
            return
        if step.delta.field == "note":
            self.note = message.body
            self.store.placing.erase(message.id)
        elif self.now - message.at < UNREAD_FOR:
            self.store.placing.erase(message.id)
        else:
            said = f"undone: {clean(message.body)}"
            inbox.event(self.store, message.conversation_id, said, self.now, self.agent)

    def _customers(self, steps: Sequence[Step]) -> None:
        """Addresses are given up before they are taken, for each has one owner; rows go last."""
        of_identities = [step for step in steps if facts.kind(step.delta.field) == "identity"]
        for step in sorted(of_identities, key=lambda step: step.put is not None):
            facts.set_in_customer(self.store, step.delta.id, {step.delta.field: step.put})
        rest: dict[int, dict[str, Any]] = {}
        for step in steps:
            if facts.kind(step.delta.field) != "identity":
                rest.setdefault(step.delta.id, {})[step.delta.field] = step.put
        for id, changed in rest.items():
            facts.set_in_customer(self.store, id, changed)


def _is_seen(delta: Delta) -> bool:
    return facts.kind(delta.field) not in facts.SILENT


class Forth(Back):
    """One undone deed being done again; what it does is a deed of its own."""

    def steps(self) -> list[Step]:
        return [Step(delta, delta.before, delta.after) for delta in self.deed.deltas]

    def blocked(self) -> bool:
        if any(delta.subject == "outbox" for delta in self.deed.deltas):
            said = "an answer is not sent again by itself: open the draft and send it"
            self.ground.left.append(Left(what="answer", said=said))
            return True
        return super().blocked()

    def standing(self, steps: Sequence[Step]) -> list[Step]:
        texts = [step for step in steps if step.delta.field in ("note", "event")]
        return [*super().standing([step for step in steps if step not in texts]), *texts]

    def _say(self, step: Step) -> None:
        conversation_id, text, *kind = step.put
        if step.delta.field == "event":
            id = inbox.event(self.store, conversation_id, text, self.now, self.agent)
        else:
            row = inbox.get(self.store, conversation_id)
            id = inbox.noted(self.store, self.clock, self.agent, row, text, kind[0] if kind else "message")
        delta = replace(step.delta, id=id, before=None, after=step.put)
        self.written.append(delta)

    def close(self, done: Sequence[Step]) -> None:
        self.store.deeds.mark_redone(self.deed.id)
        again = [step.delta for step in done if step.delta.field not in ("note", "event")]
        deed = self.deed
        journal.record(self.store, self.clock, self.agent, deed.kind, deed.label, [*again, *self.written], again=True)
