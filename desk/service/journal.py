"""The journal: each deed of a rep with what it changed, written in the deed's own transaction.

A deed is a list of facts, each with its value before and after. So taking back is the same for every deed: a fact
that still has the value the deed gave it gets the earlier one, and whatever somebody changed since stays
(`desk.service.undo`). What the facts are called and how they are read and set stands in `desk.service.facts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from desk.clock import DAY, MINUTE, Clock, Millis
from desk.model import Agent, Callback, Conversation, Customer, Deed, Delta, Message
from desk.service import facts
from desk.store.base import Place, Store

UNDO_FOR: Millis = 30 * MINUTE
"""How long a deed can be taken back."""
KEEP_FOR: Millis = 7 * DAY

Subject = Literal["conversation", "message", "customer", "outbox", "queue"]


class Group:
    """Deeds that are taken back together."""

    def __init__(self, label: str, id: int = 0) -> None:
        self.label = label
        self.id = id
        """That of its first deed; 0 before there is one."""


class Act(NamedTuple):
    """What a rep did."""

    agent: Agent
    kind: str
    label: str
    deltas: Sequence[Delta]

    @property
    def changed(self) -> tuple[Delta, ...]:
        return tuple(delta for delta in self.deltas if delta.before != delta.after)


_group: ContextVar[Group | None] = ContextVar("group", default=None)


@contextmanager
def together(group: Group) -> Iterator[Group]:
    """What is recorded within belongs to one group, however many transactions it takes.

    Inside another group that one goes on: the macro is part of the act on many.
    """
    whole = _group.get() or group
    token, id = _group.set(whole), whole.id
    try:
        yield whole
    except BaseException:
        whole.id = id  # its first deed was not committed, then
        raise
    finally:
        _group.reset(token)


def record(
    store: Store, clock: Clock, agent: Agent, kind: str, label: str, deltas: Sequence[Delta], *, again: bool = False
) -> int | None:
    """Keep a deed, inside the caller's transaction. One that changed nothing is none. Returns its id.

    `again`: it redoes what was undone, so that what else was undone can be redone too.
    """
    ids = record_all(store, clock, [Act(agent, kind, label, deltas)], again=again)
    return ids[0] if ids else None


def record_all(store: Store, clock: Clock, acts: Iterable[Act], *, again: bool = False) -> list[int]:
    """`record`, of many at once: what each statement costs is paid once. The ids of those that changed something."""
    now, group = clock.now(), _group.get()
    deeds = [_deed(act, changed, now) for act in acts if (changed := act.changed)]
    if not deeds:
        return []
    if group is None:
        ids = store.deeds.add_all(deeds, again=again)
    else:
        ids = [_add_to(group, store, deed, again=again) for deed in deeds]
    store.deeds.forget_before(now - KEEP_FOR)
    return ids


def _deed(act: Act, changed: tuple[Delta, ...], now: Millis) -> Deed:
    agent = act.agent
    return Deed(
        agent_id=agent.id, agent_name=agent.name, at=now, kind=act.kind, label=act.label, deltas=changed, group_id=0
    )


def _add_to(group: Group, store: Store, deed: Deed, *, again: bool) -> int:
    id = store.deeds.add(replace(deed, group_id=group.id, group_label=group.label), again=again)
    group.id = group.id or id
    return id


# --- what changed -----------------------------------------------------------------------------------------


def conversation(before: Conversation, after: Conversation) -> list[Delta]:
    """What differs between two states of a conversation."""
    return differing("conversation", after.id, facts.of_conversation(before), facts.of_conversation(after))


def customer(before: Customer, after: Customer) -> list[Delta]:
    """What differs between two states of a customer."""
    return differing("customer", after.id, facts.of_customer(before), facts.of_customer(after))


def callback(before: Callback, after: Callback) -> list[Delta]:
    """What became of a callback, as a fact of the conversation it stands in."""
    field = f"callback:{after.id}"
    fact = {field: facts.of_callback(after)}
    return differing("conversation", after.conversation_id, {field: facts.of_callback(before)}, fact)


def begun(created: Conversation, came_from: int | None = None) -> list[Delta]:
    """A conversation was made: without the deed it would be part of where it came from, or of nothing."""
    return [
        Delta(
            subject="conversation",
            id=created.id,
            field="state",
            before=["merged", None, came_from],
            after=facts.of_conversation(created)["state"],
        )
    ]


def met(customer: Customer) -> list[Delta]:
    """A customer was made: without the deed there would be none, and nobody with the address."""
    after = facts.of_customer(customer)
    identities = {field: value for field, value in after.items() if field.startswith("identity:")}
    made = Delta(subject="customer", id=customer.id, field="merged", before=customer.id, after=None)
    return [made, *differing("customer", customer.id, {}, identities)]


def joined(conversation_id: int, addresses: Iterable[str]) -> list[Delta]:
    """People take part from now on."""
    return [
        Delta(subject="conversation", id=conversation_id, field=f"participant:{address}", after=True)
        for address in sorted(addresses)
    ]


def said(message: Message) -> Delta:
    """A note or an event was written."""
    field = "note" if message.direction == "note" else "event"
    kind = [message.kind] if message.kind != "message" else []
    return Delta(subject="message", id=message.id, field=field, after=[message.conversation_id, message.body, *kind])


def event(store: Store, message_id: int) -> list[Delta]:
    """`said`, by id."""
    message = store.messages.get(message_id)
    return [said(message)] if message else []


def places(before: Mapping[int, Place], after: Mapping[int, Place]) -> list[Delta]:
    """Messages went from one conversation into another."""
    return [
        Delta(subject="message", id=id, field="place", before=list(was), after=list(after[id]))
        for id, was in before.items()
        if id in after and after[id] != was
    ]


def sent(outbox_id: int, message_id: int) -> Delta:
    """A message was queued."""
    return Delta(subject="outbox", id=outbox_id, field="send", after=message_id)


def differing(subject: Subject, id: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Delta]:
    """A delta for each fact that differs; one that is missing is None."""
    return [
        Delta(subject=subject, id=id, field=field, before=before.get(field), after=after.get(field))
        for field in dict.fromkeys([*before, *after])
        if before.get(field) != after.get(field)
    ]
