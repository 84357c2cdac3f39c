"""What deeds change, as facts: each a field of a subject with a value that JSON can hold.

| subject | field | value |
|---|---|---|
| conversation | `state` | state, snoozed until, merged into |
| | `assignee` `priority` `queue` `waiting` `due` | the column; an id, an instant or a word |
| | `customer` | id, name, address; the name goes with the customer, who may be called otherwise since |
| | `tag:NAME` `participant:ADDRESS` | true, or null |
| | `draft:REP` `draft:REP:SLOT` | the rep's draft there, or null |
| | `callback:ID` | state, due, promised, until; the last attempt, or null |
| message | `place` | conversation, rule, rule's detail |
| | `note` `event` | conversation and text, or null |
| customer | `name` `notes` `zone` `language` `address` `first_seen` `merged` | the column |
| | `tag:NAME` `attribute:NAME` `identity:KIND:VALUE` | true, the text, the name that goes with it; or null |
| outbox | `send` | the message's id while it can be taken back |
| queue | `open` `works:REP` | what was said over `desk.toml`: true, false, or null |
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from desk.clock import Millis
from desk.model import (
    OPEN_CALLBACKS,
    CallAttempt,
    Callback,
    Conversation,
    Customer,
    Delta,
    Draft,
    Identity,
    IdentityKind,
    NewReply,
    State,
)
from desk.store.base import Place, Store

SILENT = frozenset({"waiting", "due", "participant", "event", "draft", "address", "first_seen"})
"""Facts that follow from others, or that nobody looks at: what becomes of them needs no words."""

NOUNS = {
    "assignee": "the rep",
    "state": "the state",
    "priority": "the priority",
    "queue": "the queue",
    "customer": "the customer",
    "tag": "the tag",
    "place": "a message",
    "note": "the note",
    "name": "the name",
    "notes": "the notes",
    "zone": "the time zone",
    "language": "the language",
    "merged": "the merge",
    "attribute": "the attribute",
    "identity": "the address",
    "send": "the answer",
    "callback": "the callback",
    "open": "the opening",
    "works": "the people",
}


def kind(field: str) -> str:
    """`tag` of `tag:late`."""
    return field.partition(":")[0]


def of_conversation(conversation: Conversation) -> dict[str, Any]:
    """The facts that stand in a conversation's row."""
    return {
        "state": [conversation.state, conversation.snoozed_until, conversation.merged_into],
        "waiting": conversation.waiting_since,
        "due": conversation.due_at,
        "assignee": conversation.assignee_id,
        "priority": conversation.priority,
        "queue": conversation.queue_id,
        "customer": [conversation.customer_id, conversation.customer_name, conversation.customer_address],
        **{f"tag:{name}": True for name in conversation.tags},
    }


def of_callback(callback: Callback) -> list[Any]:
    """What a rep changes of a callback."""
    last = replace(callback.attempts[-1], id=0, agent_name="") if callback.attempts else None
    return [callback.state, callback.due_at, callback.promised_at, callback.until, msgspec.to_builtins(last)]


def of_customer(customer: Customer) -> dict[str, Any]:
    """The facts that stand in a customer's row and among the identities."""
    return {
        "name": customer.name,
        "notes": customer.notes,
        "zone": customer.zone,
        "language": customer.language,
        "address": customer.address,
        "first_seen": customer.first_seen_at,
        "merged": customer.merged_into,
        **{f"tag:{name}": True for name in customer.tags},
        **{f"attribute:{name}": text for name, text in customer.attributes.items()},
        **{f"identity:{each.kind}:{each.value}": each.name for each in customer.identities},
    }


# --- reading ----------------------------------------------------------------------------------------------


class Present:
    """The facts as they are now, each subject read once."""

    def __init__(self, store: Store, deltas: Iterable[Delta] = ()) -> None:
        """`deltas`: what will be asked for; the places of many messages are read together."""
        self._store = store
        self._places = store.placing.places([delta.id for delta in deltas if delta.field == "place"])
        self._rows: dict[tuple[str, int], dict[str, Any]] = {}
        self._participants: dict[int, set[str]] = {}

    def value(self, delta: Delta) -> Any:
        """What the fact is now; None for whatever is not there."""
        match delta.subject, kind(delta.field):
            case "conversation", "participant":
                return self._takes_part(delta.id, delta.field.partition(":")[2])
            case "conversation", "draft":
                return draft(self._store, delta.id, delta.field)
            case "conversation", "callback":
                callback = self._store.callbacks.get(int(delta.field.partition(":")[2]))
                return None if callback is None else of_callback(callback)
            case "conversation" | "customer", _:
                return self._row(delta.subject, delta.id).get(delta.field)
            case "message", "place":
                place = self._places.get(delta.id) or self._store.placing.places([delta.id]).get(delta.id)
                return None if place is None else list(place)
            case "message", _:
                return self._text(delta)
            case "queue", _:
                return queue_word(self._store, delta.id, delta.field)
            case _:
                item = self._store.outbox.get(delta.id)
                return item.message_id if item and item.state == "held" else None

    def _row(self, subject: str, id: int) -> dict[str, Any]:
        if (subject, id) not in self._rows:
            row: dict[str, Any] = {}
            if subject == "conversation" and (conversation := self._store.conversations.get(id)):
                row = of_conversation(conversation)
            if subject == "customer" and (customer := self._store.customers.get(id)):
                row = of_customer(customer)
            self._rows[subject, id] = row
        return self._rows[subject, id]

    def _takes_part(self, id: int, address: str) -> bool | None:
        if id not in self._participants:
            self._participants[id] = self._store.conversations.participants(id)
        return True if address in self._participants[id] else None

    def _text(self, delta: Delta) -> Any:
        """A note or an event is the same wherever a merge has taken it."""
        message = self._store.messages.get(delta.id)
        known = delta.after or delta.before
        return known if message and known and message.body == known[1] else None


def queue_word(store: Store, queue_id: int, field: str) -> bool | None:
    """What was said of a queue, or of a rep in it, over `desk.toml`."""
    about = _rep_of(field)
    words = store.queue_words.all()
    return next((each.value for each in words if each.queue_id == queue_id and each.agent_id == about), None)


def _rep_of(field: str) -> int | None:
    """The rep of `works:REP`; None for `open`."""
    rep = field.partition(":")[2]
    return int(rep) if rep else None


def draft(store: Store, conversation_id: int, field: str) -> Any:
    """The draft of the rep, and in the slot, that the field names."""
    agent_id, slot = _whose(field)
    found = store.drafts.get(agent_id, conversation_id, slot)
    return None if found is None else plain(found.content)


def drafts(store: Store, agent_id: int, conversation_id: int) -> dict[str, Any]:
    """All that a rep is writing in a conversation, by the fact's field."""
    return {
        f"draft:{agent_id}:{each.slot}" if each.slot else f"draft:{agent_id}": plain(each.content)
        for each in store.drafts.of_agent(agent_id)
        if each.conversation_id == conversation_id
    }


def _whose(field: str) -> tuple[int, str]:
    """Rep and slot of `draft:REP:SLOT`."""
    agent_id, _, slot = field.partition(":")[2].partition(":")
    return int(agent_id), slot


def plain(content: NewReply) -> Any:
    """As JSON would give it back."""
    return msgspec.json.decode(msgspec.json.encode(content))


def same(field: str, one: Any, other: Any) -> bool:
    """Whether two values of a fact mean the same."""
    if kind(field) == "customer" and one is not None and other is not None:
        return bool(one[0] == other[0] and one[2] == other[2])
    return bool(one == other)


# --- setting ----------------------------------------------------------------------------------------------


def set_in_conversation(store: Store, id: int, field: str, value: Any, at: Millis) -> None:
    """Give a fact of a conversation a value, inside the caller's transaction."""
    conversations, placing = store.conversations, store.placing
    name = field.partition(":")[2]
    match kind(field):
        case "state":
            placing.set_state(id, cast("State", value[0]), value[1], value[2])
        case "waiting":
            placing.set_waiting(id, value)
        case "due":
            conversations.set_due(id, value)
        case "assignee":
            conversations.assign(id, value, at)
        case "priority":
            conversations.set_priority(id, value, at)
        case "queue":
            conversations.set_queue(id, value, at)
        case "customer":
            customer = store.customers.get(value[0])
            placing.set_customer(id, value[0], customer.name if customer else value[1], value[2])
        case "tag":
            (conversations.tag if value else conversations.untag)(id, store.tags.ensure(name), at)
        case "participant" if value:
            conversations.add_participants(id, [name])
        case "participant" if name not in placing.senders(id):
            placing.remove_participants(id, [name])
        case "draft":
            _set_draft(store, id, field, value, at)
        case "callback":
            _set_callback(store, int(name), value)


def set_in_queue(store: Store, id: int, field: str, value: bool | None, by_id: int, at: Millis) -> None:
    """Say something of a queue anew, inside the caller's transaction."""
    store.queue_words.say(id, _rep_of(field), value, by_id=by_id, at=at)


def _set_callback(store: Store, id: int, value: Any) -> None:
    state, due_at, promised_at, until, attempt = value
    callback = store.callbacks.get(id)
    if callback is None:
        return
    now = (callback.state, *OPEN_CALLBACKS)
    if not store.callbacks.change(id, now, state, due_at=due_at, promised_at=promised_at, until=until):
        return
    made = [each.reference for each in callback.attempts]
    last = msgspec.convert(attempt, CallAttempt | None)
    if made and (last is None or last.reference in made[:-1]):
        store.callbacks.withdraw(made[-1])
    if last is not None:
        store.callbacks.put_attempt(id, last)


def _set_draft(store: Store, conversation_id: int, field: str, value: Any, at: Millis) -> None:
    agent_id, slot = _whose(field)
    if value is None:
        store.drafts.delete(agent_id, conversation_id, slot)
        return
    content = replace(msgspec.convert(value, NewReply), slot=slot)
    store.drafts.save(Draft(agent_id=agent_id, conversation_id=conversation_id, content=content, updated_at=at))


def bring_drafts(store: Store, agent_id: int, source: int, target: int, at: Millis) -> list[Delta]:
    """Put what a rep is writing in one conversation below what they are writing in another; what that changed."""
    changed: list[Delta] = []
    for field, theirs in drafts(store, agent_id, source).items():
        here = draft(store, target, field)
        both = one_below_the_other(here, theirs)
        _set_draft(store, target, field, both, at)
        _set_draft(store, source, field, None, at)
        changed.append(Delta(subject="conversation", id=target, field=field, before=here, after=both))
        changed.append(Delta(subject="conversation", id=source, field=field, before=theirs))
    return changed


def one_below_the_other(upper: Any, lower: Any) -> Any:
    """Two drafts as one; either may be None."""
    if upper is None or lower is None:
        return lower if upper is None else upper
    first, second = msgspec.convert(upper, NewReply), msgspec.convert(lower, NewReply)
    body = "\n\n".join(filter(None, (first.body.strip("\n"), second.body.strip("\n"))))
    attachments = tuple(dict.fromkeys((*first.attachments, *second.attachments)))
    return plain(replace(first, body=body, attachments=attachments))


def set_in_customer(store: Store, id: int, facts: dict[str, Any]) -> None:
    """Give facts of a customer values, inside the caller's transaction; addresses another customer has stay there."""
    customer = store.customers.get(id)
    if customer is None:
        return
    for field, value in facts.items():
        if kind(field) == "identity":
            _, name, address = field.split(":", 2)
            identity = Identity(kind=cast("IdentityKind", name), value=address, name=value or "")
            if value is None:
                store.customers.remove_identity(id, identity)
            else:
                store.customers.add_identity(id, identity)
    columns = {field: value for field, value in facts.items() if ":" not in field}
    if "first_seen" in columns:
        columns["first_seen_at"] = columns.pop("first_seen")
    if "merged" in columns:
        store.customers.set_merged(id, columns.pop("merged"))
    if any(kind(field) == "tag" for field in facts):
        columns["tags"] = with_changes(customer.tags, facts)
    if any(kind(field) == "attribute" for field in facts):
        changed = {field.partition(":")[2]: text for field, text in facts.items() if kind(field) == "attribute"}
        merged = {**customer.attributes, **changed}
        columns["attributes"] = {name: text for name, text in merged.items() if text is not None}
    now = store.customers.get(id)
    if columns and now is not None:
        store.customers.update(id, rev=now.rev, **columns)


def with_changes(tags: tuple[str, ...], facts: dict[str, Any]) -> tuple[str, ...]:
    """Tags with those put on and taken off that the facts say."""
    changed = {field.partition(":")[2]: on for field, on in facts.items() if kind(field) == "tag"}
    kept = [name for name in tags if changed.get(name, True)]
    added = [name for name, on in changed.items() if on and name not in kept]
    return tuple(sorted([*kept, *added], key=str.casefold))


def as_place(value: Any) -> Place:
    """The value of `place` as the store wants it."""
    return int(value[0]), str(value[1]), str(value[2])
