"""Whether a deed can still be taken back: what somebody has changed since, and what is in the way of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from desk.model import Agent, Deed, Delta, Left
from desk.service import facts, permitting
from desk.store.base import Store


class Step(Struct, frozen=True):
    """A fact on its way: it is set to `put` if it still is `expect`."""

    delta: Delta
    expect: Any
    put: Any


class Ground:
    """What one deed stands on, inside the caller's transaction. What is left as it is, is told in `left`."""

    def __init__(self, store: Store, agent: Agent, deed: Deed) -> None:
        self.store = store
        self.agent = agent
        self.deed = deed
        self.left: list[Left] = []

    def standing(self, steps: Sequence[Step]) -> list[Step]:
        """The steps that nobody has overtaken; the others are told."""
        present = facts.Present(self.store, [step.delta for step in steps])
        others = self.store.deeds.changed_since(self.deed)
        standing, needed = [], self._needed(steps)
        for step in steps:
            delta = step.delta
            if delta.subject == "customer" and delta.id in needed:
                continue
            if delta.field == "place" and present.value(delta) is None:
                continue
            if delta.subject == "queue" and not permitting.allowed(self.agent, "direct"):
                said = f"queues are no longer yours to open, close and fill; {self._named(delta)} stays as it is"
                self.left.append(Left(what="queue", said=said))
                continue
            who = others.get((delta.subject, delta.id, delta.field), "")
            if not who and facts.same(delta.field, present.value(delta), step.expect):
                standing.append(step)
            else:
                self._leave(delta, who)
        return standing

    def _needed(self, steps: Sequence[Step]) -> set[int]:
        """Customers whom the deed met, and who have come back by themselves since."""
        going = {step.delta.id for step in steps if step.delta.field == "state" and step.put[0] == "merged"}
        met = {step.delta.id for step in steps if step.delta.field == "merged" and step.put == step.delta.id}
        return {id for id in met if any(row.id not in going for row in self.store.conversations.of_customer(id))}

    def _leave(self, delta: Delta, who: str) -> None:
        kind = facts.kind(delta.field)
        if kind in facts.SILENT:
            return
        what = delta.field.partition(":")[2] if kind in ("tag", "attribute") else kind
        noun = f"{facts.NOUNS[kind]} {what}" if what != kind else facts.NOUNS[kind]
        conversation_id = self._conversation_of(delta)
        where = f"#{conversation_id}" if conversation_id else self._named(delta)
        if kind == "send":
            said = f"the answer in {where} has left; it cannot be taken back"
        elif who:
            said = f"{who} has changed {noun} of {where} since; it stays"
        elif kind == "state" and self._customer_wrote(delta.id):
            said = f"the customer has written in {where} since; the state stays"
        else:
            said = f"{noun} of {where} has changed since; it stays"
        customer_id = delta.id if delta.subject == "customer" else None
        self.left.append(Left(conversation_id=conversation_id, customer_id=customer_id, what=what, who=who, said=said))

    def _named(self, delta: Delta) -> str:
        """What is no conversation, as people call it."""
        if delta.subject != "queue":
            return f"customer {delta.id}"
        return next((f"the queue {each.name}" for each in self.store.queues.all() if each.id == delta.id), "a queue")

    def _conversation_of(self, delta: Delta) -> int | None:
        if delta.subject == "conversation":
            return delta.id
        if delta.subject == "message":
            value = delta.after or delta.before
            return int(value[0]) if value else None
        if delta.subject == "outbox":
            item = self.store.outbox.get(delta.id)
            return item.conversation_id if item else None
        return None

    def _customer_wrote(self, conversation_id: int) -> bool:
        row = self.store.conversations.get(conversation_id)
        return row is not None and row.last_direction == "in" and row.last_at >= self.deed.at

    # --- what cannot be done in part ----------------------------------------------------------------------

    def blocked(self, steps: Sequence[Step]) -> bool:
        """Whether something in the way forbids all of it: the deed is left as a whole, and told."""
        placed = {delta.id for delta in self.deed.deltas if delta.field == "place"}
        for step in steps:
            delta = step.delta
            if delta.subject == "outbox" and facts.Present(self.store).value(delta) != step.expect:
                self._leave(delta, "")
                return True
            if (
                delta.field == "merged"
                and step.expect not in (None, delta.id)
                and self._joined_on(delta.id, step.expect)
            ):
                return True
            if delta.field != "state":
                continue
            if step.put[0] == "merged" and self._lives_on(delta.id, placed):
                return True
            if step.expect[0] == "merged" and self._gone_on(delta.id, step.expect[2]):
                return True
        return False

    def _lives_on(self, id: int, placed: set[int]) -> bool:
        """Whether a conversation that would go away has become something of its own."""
        who = self.store.deeds.touched_since(self.deed, "conversation", id)
        sent = sum(delta.subject == "outbox" for delta in self.deed.deltas)
        here = {message for message in self.store.placing.places_in(id) if message in placed}
        going = {delta.field for delta in self.deed.deltas if delta.id == id}
        others = (rep.id for rep in self.store.agents.all() if rep.id != self.agent.id)
        drafts = any(facts.drafts(self.store, rep, id).keys() - going for rep in others)
        if who is None and not drafts and self.store.placing.mails(id) <= len(here) + sent:
            return False
        said = f"{who} has worked on #{id} since; it stays" if who else f"#{id} has other mail by now; it stays"
        self.left.append(Left(conversation_id=id, what="state", who=who or "", said=said))
        return True

    def _gone_on(self, id: int, target: int | None) -> bool:
        """Whether a merged conversation's target went on into another."""
        row = self.store.conversations.get(target) if target else None
        if row is None or row.state != "merged":
            return False
        said = f"#{target} was itself merged into #{row.merged_into} since; undo that first"
        self.left.append(Left(conversation_id=id, what="merge", said=said))
        return True

    def _joined_on(self, id: int, target: int) -> bool:
        """Whether a merged customer's target turned out to be yet another."""
        row = self.store.customers.get(target)
        if row is None or row.merged_into is None:
            return False
        said = f"{row.name or row.address or target} was itself merged since; undo that first"
        self.left.append(Left(customer_id=id, what="merge", said=said))
        return True
