"""Taking back, step by step: each fact of a deed gets its earlier value, unless somebody changed it since.

What cannot be taken back is left as it is and told; the deed counts as undone all the same, so that the next undo
reaches the one before. A deed's event goes with it while nobody can have read it, and is answered by another later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from desk.clock import MINUTE, Clock, Millis
from desk.model import Agent, Deed, Delta, Draft, Left, Message, Undone
from desk.service import facts, inbox, journal, promises, replies
from desk.service.errors import Lost, NotFound
from desk.store.base import Store
from desk.text import clean

UNREAD_FOR: Millis = MINUTE
"""A deed undone so soon leaves no trace in the conversation."""
AT_ONCE = 25
"""Deeds undone in one transaction; a large group takes several."""


class Work(Protocol):
    """`undo` or `redo`."""

    def __call__(
        self, store: Store, clock: Clock, agent: Agent, *, first_answer: Millis | None = ..., at_most: int = ...
    ) -> Undone: ...


class Step(Struct, frozen=True):
    """A fact on its way: it is set to `put` if it still is `expect`."""

    delta: Delta
    expect: Any
    put: Any


def undo(
    store: Store,
    clock: Clock,
    agent: Agent,
    *,
    first_answer: Millis | None = promises.FIRST_ANSWER,
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
        work = [_Back(store, clock, agent, deed, first_answer) for deed in deeds[:at_most]]
        return _told(deeds, [each.run() for each in work], whole=len(deeds) <= at_most)


def redo(
    store: Store,
    clock: Clock,
    agent: Agent,
    *,
    first_answer: Millis | None = promises.FIRST_ANSWER,
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
            work = [_Forth(store, clock, agent, deed, first_answer) for deed in deeds[:at_most]]
            return _told(deeds, [each.run() for each in work], whole=len(deeds) <= at_most)


def undo_send(
    store: Store, clock: Clock, outbox_id: int, *, first_answer: Millis | None = promises.FIRST_ANSWER
) -> Draft:
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
            promises.refresh(store, [item.conversation_id], first_answer)
            return draft
        draft_again = _Back(store, clock, author, deed, first_answer).run().draft
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
    )


class _Back:
    """One deed being undone, inside the caller's transaction."""

    def __init__(self, store: Store, clock: Clock, agent: Agent, deed: Deed, first_answer: Millis | None) -> None:
        self.store = store
        self.agent = agent
        self.deed = deed
        self.now = clock.now()
        self.clock = clock
        self.first_answer = first_answer
        self.left: list[Left] = []
        self.draft: Draft | None = None
        self.note = ""
        self.written: list[Delta] = []
        """Notes and events that a redo writes."""

    def steps(self) -> list[Step]:
        return [Step(delta, delta.after, delta.before) for delta in self.deed.deltas]

    def close(self, done: Sequence[Step]) -> None:
        self.store.deeds.mark_undone(self.deed.id, self.now)

    def run(self) -> Undone:
        steps = self._standing(self.steps()) if not self._blocked() else []
        if any(facts.kind(step.delta.field) not in ("event", *facts.SILENT) for step in steps):
            self._apply(steps)
        else:
            steps = []
        self.close(steps)
        return Undone(
            label=self.deed.label,
            at=self.deed.at,
            conversations=self._ids("conversation"),
            customers=self._ids("customer"),
            left=tuple(self.left),
            draft=self.draft,
            note=self.note,
        )

    def _ids(self, subject: str) -> tuple[int, ...]:
        return tuple(dict.fromkeys(delta.id for delta in self.deed.deltas if delta.subject == subject))

    # --- what stands --------------------------------------------------------------------------------------

    def _standing(self, steps: Sequence[Step]) -> list[Step]:
        """The steps that nobody has overtaken; the others are told."""
        present, others = facts.Present(self.store), self.store.deeds.changed_since(self.deed)
        standing, needed = [], self._needed(steps)
        for step in steps:
            delta = step.delta
            if delta.subject == "customer" and delta.id in needed:
                continue
            who = others.get((delta.subject, delta.id, delta.field), "")
            if not who and present.value(delta) == step.expect:
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
        where = f"#{conversation_id}" if conversation_id else f"customer {delta.id}"
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

    def _blocked(self) -> bool:
        """Whether something in the way forbids all of it: the deed is left as a whole, and told."""
        placed = {delta.id for delta in self.deed.deltas if delta.field == "place"}
        for step in self.steps():
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
        going = {delta.field for delta in self.deed.deltas if delta.id == id} | {f"draft:{self.agent.id}"}
        reps = self.store.agents.all()
        drafts = any(self.store.drafts.get(rep.id, id) for rep in reps if f"draft:{rep.id}" not in going)
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

    # --- putting back -------------------------------------------------------------------------------------

    def _apply(self, steps: Sequence[Step]) -> None:
        """Messages first, for rows follow them; then customers, then the rows as they were."""
        hidden = {
            step.delta.id
            for step in steps
            if step.delta.subject == "conversation" and step.delta.field == "state" and step.put[0] == "merged"
        }
        recount: set[int] = set()
        for step in steps:
            if step.delta.subject == "outbox":
                recount.add(self._take_back(step, hidden))
        recount |= self._place([step for step in steps if step.delta.field == "place"])
        for id in recount - hidden:
            self.store.placing.recount(id)
        for step in steps:
            if step.delta.field in ("note", "event"):
                self._say(step)
        self._customers([step for step in steps if step.delta.subject == "customer"])
        rows = [step for step in steps if step.delta.subject == "conversation"]
        for step in sorted(rows, key=lambda step: facts.kind(step.delta.field) in ("state", "waiting", "due")):
            facts.set_in_conversation(self.store, step.delta.id, step.delta.field, step.put, self.now)
            if step.delta.field == "state" and step.put[0] == "merged" and step.put[2]:
                self._bring_draft(step.delta.id, step.put[2])
        self._keep_promises(rows, recount - hidden)

    def _bring_draft(self, source: int, target: int) -> None:
        """What the rep was writing in a conversation that goes away goes where its messages go."""
        field = f"draft:{self.agent.id}"
        theirs, here = (facts.draft(self.store, id, field) for id in (source, target))
        if theirs is not None:
            both = facts.one_below_the_other(here, theirs)
            facts.set_draft(self.store, self.agent.id, target, both, self.now)
            facts.set_draft(self.store, self.agent.id, source, None, self.now)

    def _keep_promises(self, rows: Sequence[Step], recounted: set[int]) -> None:
        put_back = {step.delta.id for step in rows if step.delta.field == "due"}
        changed = {step.delta.id for step in rows if step.delta.field in ("state", "waiting")} | recounted
        promises.refresh(self.store, changed - put_back, self.first_answer)

    def _take_back(self, step: Step, hidden: set[int]) -> int:
        item = self.store.outbox.get(step.delta.id)
        assert item is not None
        begun = item.conversation_id in hidden
        before = inbox.get(self.store, item.conversation_id)
        self.draft = replies.take_back(self.store, item, self.now, draft_of=0 if begun else item.conversation_id)
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


class _Forth(_Back):
    """One undone deed being done again; what it does is a deed of its own."""

    def steps(self) -> list[Step]:
        return [Step(delta, delta.before, delta.after) for delta in self.deed.deltas]

    def _blocked(self) -> bool:
        if any(delta.subject == "outbox" for delta in self.deed.deltas):
            said = "an answer is not sent again by itself: open the draft and send it"
            self.left.append(Left(what="answer", said=said))
            return True
        return super()._blocked()

    def _standing(self, steps: Sequence[Step]) -> list[Step]:
        texts = [step for step in steps if step.delta.field in ("note", "event")]
        return [*super()._standing([step for step in steps if step not in texts]), *texts]

    def _say(self, step: Step) -> None:
        conversation_id, text = step.put
        if step.delta.field == "event":
            id = inbox.event(self.store, conversation_id, text, self.now, self.agent)
        else:
            id = self._note(conversation_id, text)
        delta = replace(step.delta, id=id, before=None, after=[conversation_id, text])
        self.written.append(delta)

    def _note(self, conversation_id: int, text: str) -> int:
        row = inbox.get(self.store, conversation_id)
        return self.store.messages.add(
            Message(
                conversation_id=conversation_id,
                channel=row.channel,
                account=row.account,
                direction="note",
                agent_id=self.agent.id,
                agent_name=self.agent.name,
                body=text,
                at=self.now,
            )
        )

    def close(self, done: Sequence[Step]) -> None:
        self.store.deeds.mark_redone(self.deed.id)
        again = [step.delta for step in done if step.delta.field not in ("note", "event")]
        deed = self.deed
        journal.record(self.store, self.clock, self.agent, deed.kind, deed.label, [*again, *self.written], again=True)
