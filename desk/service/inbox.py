"""What reps do with conversations: claim, assign, resolve, snooze, tag, note, split, move.

Each is a conditional statement of the store; whoever comes second is told who was first. What others should know of
stands in the conversation as an event, in words; what it changed stands in the journal, so that it can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from desk.clock import Clock, Millis, iso
from desk.model import Agent, Conversation, Delta, Identity, Message, MessageKind, Priority, State
from desk.service import journal, permitting, promises, reading
from desk.service.errors import Invalid, Lost, NotFound, Taken
from desk.service.journal import Act
from desk.service.settling import settle
from desk.store.base import Store
from desk.text import clean, fold_address, line

NOTE_AT_MOST = 1_000_000
TAG_AT_MOST = 64

_SAID: dict[State, str] = {
    "open": "reopened",
    "waiting": "marked as waiting for the customer",
    "snoozed": "snoozed",
    "resolved": "resolved",
    "spam": "marked as spam",
    "merged": "merged",
}


def get(store: Store, id: int) -> Conversation:
    """Raises `NotFound`."""
    conversation = store.conversations.get(id)
    if conversation is None:
        raise NotFound("conversation", id)
    return conversation


def standing(store: Store, id: int) -> Conversation:
    """A conversation to do something with. Raises `NotFound`, `Lost('merged')` if it went into another."""
    conversation = get(store, id)
    if conversation.state == "merged":
        into = store.placing.target(id)
        raise Lost("merged", f"#{id} is part of #{into} now; go there", {"into": str(into)})
    return conversation


def event(store: Store, conversation_id: int, text: str, at: Millis, agent: Agent | None = None) -> int:
    """Write a line of Desk's own into a conversation, inside the caller's transaction."""
    return _say(store, get(store, conversation_id), text, at, agent).id


def _say(store: Store, conversation: Conversation, text: str, at: Millis, agent: Agent | None) -> Message:
    message = Message(
        conversation_id=conversation.id,
        channel=conversation.channel,
        account=conversation.account,
        direction="event",
        agent_id=agent.id if agent else None,
        agent_name=agent.name if agent else None,
        body=line(text),
        at=at,
    )
    return replace(message, id=store.messages.add(message))


def claim(store: Store, clock: Clock, agent: Agent, id: int) -> Conversation:
    """Make a conversation the agent's; again is fine. Raises `Taken` with the name of whoever was first."""
    with store.write():
        conversation = standing(store, id)
        if conversation.assignee_id != agent.id:
            [conversation] = claim_all(store, clock, [(agent, conversation)])
    return conversation


def claim_all(store: Store, clock: Clock, claims: Sequence[tuple[Agent, Conversation]]) -> list[Conversation]:
    """Make each of these conversations a rep's, inside the caller's transaction: no two are the same one, and what a
    statement costs is paid once for all. Raises `Taken` with the name of whoever was first at any."""
    if not claims:
        return []
    now, ids = clock.now(), [before.id for _, before in claims]
    won = store.conversations.claim_all({before.id: agent.id for agent, before in claims})
    if lost := next((id for id in ids if id not in won), None):
        raise Taken(get(store, lost).assignee_name or "somebody")
    store.messages.expect([now], ids)
    said = [_say(store, before, f"claimed by {agent.name}", now, agent) for agent, before in claims]
    after = store.conversations.many(ids)
    journal.record_all(
        store,
        clock,
        [
            Act(agent, "claim", f"claim of #{was.id}", [*journal.conversation(was, now_is), journal.said(message)])
            for (agent, was), now_is, message in zip(claims, after, said, strict=True)
        ],
    )
    return after


def assign(store: Store, clock: Clock, agent: Agent, id: int, to: Agent | None) -> Conversation:
    """Give a conversation to a rep, or to nobody. Raises `Forbidden` for a colleague's."""
    with store.write():
        before = standing(store, id)
        if before.assignee_id != (to.id if to else None):
            permitting.require_taking(agent, before)
            store.conversations.assign(id, to.id if to else None, clock.now())
            words = f"assigned to {to.name}" if to else "given back"
            said = event(store, id, words, clock.now(), agent)
            _record(store, clock, agent, "assign", f"#{id} {words}", before, said)
    return get(store, id)


def set_state(
    store: Store,
    clock: Clock,
    agent: Agent,
    id: int,
    state: State,
    *,
    until: Millis | None = None,
    rev: int | None = None,
) -> Conversation:
    """Resolve, reopen, snooze `until` an instant, mark as spam. Raises `Lost('stale')` if it moved on from `rev`."""
    now = clock.now()
    if state == "snoozed" and (until is None or until <= now):
        raise Invalid("bad-snooze", "a snooze ends at an instant in the future; say until when")
    if state == "merged":
        raise Invalid("bad-state", "a conversation is merged into another, which has to be named; use merge")
    with store.write():
        before = standing(store, id)
        snoozed_until = until if state == "snoozed" else None
        if not store.conversations.set_state(id, state, now, snoozed_until=snoozed_until, rev=rev):
            raise Lost(
                "stale",
                f"it has changed since: it is {before.state} now; look again",
                {"state": before.state, "rev": str(before.rev)},
            )
        said = None
        if before.state != state or state == "snoozed":
            words = f"snoozed until {iso(until)}" if state == "snoozed" and until else _SAID[state]
            said = event(store, id, words, now, agent)
        settled = settle(store, id)
        promises.refresh(store, [id], agent=agent)
        _record(store, clock, agent, "state", f"#{id} {_SAID[state]}", before, said, settled)
    return get(store, id)


def wake_due(store: Store, clock: Clock) -> list[int]:
    """Open the snoozed conversations whose time has come; returns their ids."""
    now = clock.now()
    if not store.conversations.snoozed_before(now, 1):
        return []
    with store.write():
        woken = store.conversations.snoozed_before(now)
        for id in woken:
            store.conversations.set_state(id, "open", now)
            event(store, id, "back from snooze", now)
        promises.refresh(store, woken)
    return woken


def set_priority(store: Store, clock: Clock, agent: Agent, id: int, priority: Priority) -> Conversation:
    with store.write():
        before = standing(store, id)
        if before.priority != priority:
            store.conversations.set_priority(id, priority, clock.now())
            promises.refresh(store, [id])
            said = event(store, id, f"priority {priority}", clock.now(), agent)
            _record(store, clock, agent, "priority", f"priority {priority} of #{id}", before, said)
    return get(store, id)


def set_queue(store: Store, clock: Clock, agent: Agent, id: int, name: str | None) -> Conversation:
    """Put a conversation into the queue of that name, made if there is none; None takes it out of any."""
    with store.write():
        before = standing(store, id)
        queue_id = store.queues.ensure(_name(name, "queue")) if name else None
        if before.queue_id != queue_id:
            store.conversations.set_queue(id, queue_id, clock.now())
            promises.refresh(store, [id])
            words = f"moved to the queue {line(name)}" if name else "taken out of its queue"
            said = event(store, id, words, clock.now(), agent)
            _record(store, clock, agent, "queue", f"#{id} {words}", before, said)
    return get(store, id)


def tag(
    store: Store, clock: Clock, agent: Agent, id: int, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> Conversation:
    """Put tags on and take tags off; both are safe to repeat."""
    with store.write():
        before = standing(store, id)
        for name in add:
            store.conversations.tag(id, store.tags.ensure(_name(name, "tag")), clock.now())
        for name in remove:
            store.conversations.untag(id, store.tags.ensure(_name(name, "tag")), clock.now())
        promises.refresh(store, [id])
        _record(store, clock, agent, "tag", f"tags of #{id}", before)
    return get(store, id)


def note(store: Store, clock: Clock, agent: Agent, id: int, body: str) -> Message:
    """Write what only reps see."""
    text = worded(body)
    with store.write():
        conversation = standing(store, id)
        message_id = noted(store, clock, agent, conversation, text)
        store.drafts.delete(agent.id, id, "note")
        _record(store, clock, agent, "note", f"note in #{id}", conversation, message_id)
    written = store.messages.get(message_id)
    assert written is not None
    return written


def worded(body: str) -> str:
    """The text of a note. Raises `Invalid` for none, or too much."""
    text = clean(body).strip("\n")
    if not text.strip():
        raise Invalid("empty", "an empty note says nothing; write something")
    if len(text) > NOTE_AT_MOST:
        raise Invalid("too-long", f"a note holds at most {NOTE_AT_MOST} characters")
    return text


def noted(
    store: Store, clock: Clock, agent: Agent, conversation: Conversation, text: str, kind: MessageKind = "message"
) -> int:
    """Write a note and tell whom it names, inside the caller's transaction; returns its id."""
    message_id = store.messages.add(
        Message(
            conversation_id=conversation.id,
            channel=conversation.channel,
            account=conversation.account,
            direction="note",
            kind=kind,
            agent_id=agent.id,
            agent_name=agent.name,
            body=text,
            at=clock.now(),
        )
    )
    reading.name_in_note(store, agent, conversation.id, message_id, text)
    return message_id


def _record(
    store: Store,
    clock: Clock,
    agent: Agent,
    kind: str,
    label: str,
    before: Conversation,
    said: int | None = None,
    more: Sequence[Delta] = (),
) -> None:
    """A deed that changed one conversation; `said`: the note or event that tells of it, `more`: other facts."""
    words = journal.event(store, said) if said is not None else []
    changed = journal.conversation(before, get(store, before.id))
    if changed or kind == "note":
        journal.record(store, clock, agent, kind, label, [*changed, *words, *more])


# --- one matter or two ------------------------------------------------------------------------------------


def split(
    store: Store,
    clock: Clock,
    agent: Agent,
    message_id: int,
) -> Conversation:
    """Take a customer's message out of its conversation into a new one; what answers it later follows it there."""
    now = clock.now()
    with store.write():
        message = _movable(store, message_id)
        old = get(store, message.conversation_id)
        if old.messages < 2 or _only_mail(store, message):
            raise Invalid(
                "only-message", "it is the only message of its conversation; there is nothing to split it from"
            )
        customer_id, met = _customer_of(store, message, old, now)
        new = store.conversations.create(
            subject=message.subject or old.subject,
            channel=message.channel,
            account=message.account,
            customer_id=customer_id,
            at=message.at,
            queue_id=old.queue_id,
        )
        if message.sender:
            store.conversations.add_participants(new, [fold_address(message.sender.email)])
        detail = f"split out of conversation {old.id} by {agent.name}"
        was = store.placing.places([message_id])
        store.messages.move([message_id], new, rule="moved", detail=detail, at=now)
        out = event(store, old.id, f"a message of {_who(message)} was split out into conversation {new}", now, agent)
        into = event(store, new, f"split out of conversation {old.id}", now, agent)
        promises.refresh(store, [old.id, new], exchanged=True)
        deltas = [
            *journal.places(was, store.placing.places([message_id])),
            *journal.begun(get(store, new), old.id),
            *met,
            *journal.conversation(old, get(store, old.id)),
            *journal.event(store, out),
            *journal.event(store, into),
        ]
        journal.record(store, clock, agent, "split", f"#{new} split out of #{old.id}", deltas)
    return get(store, new)


def move(
    store: Store,
    clock: Clock,
    agent: Agent,
    message_ids: Sequence[int],
    conversation_id: int,
) -> Conversation:
    """Put customers' messages into a conversation that exists. Their senders take part there from now on."""
    now = clock.now()
    with store.write():
        target = standing(store, conversation_id)
        messages = [_movable(store, id) for id in message_ids]
        sources = {message.conversation_id for message in messages} - {conversation_id}
        before = {id: get(store, id) for id in (conversation_id, *sources)}
        was, takes_part = store.placing.places(message_ids), store.conversations.participants(conversation_id)
        said: list[int] = []
        for source in sorted(sources):
            ids = [message.id for message in messages if message.conversation_id == source]
            detail = f"moved from conversation {source} by {agent.name}"
            store.messages.move(ids, conversation_id, rule="moved", detail=detail, at=now)
            to, came = f"moved to conversation {conversation_id}", f"moved here from conversation {source}"
            said.append(event(store, source, f"{_messages(ids)} {to}", now, agent))
            said.append(event(store, conversation_id, f"{_messages(ids)} {came}", now, agent))
        senders = [fold_address(message.sender.email) for message in messages if message.sender]
        store.conversations.add_participants(conversation_id, senders)
        promises.refresh(store, [conversation_id, *sources], exchanged=True)
        deltas = [
            *journal.places(was, store.placing.places(message_ids)),
            *journal.joined(conversation_id, set(senders) - takes_part),
            *(delta for row in before.values() for delta in journal.conversation(row, get(store, row.id))),
            *(delta for id in said for delta in journal.event(store, id)),
        ]
        label = f"{_messages(message_ids)} moved to #{target.id}"
        journal.record(store, clock, agent, "move", label, deltas)
    return get(store, conversation_id)


def _movable(store: Store, id: int) -> Message:
    message = store.messages.get(id)
    if message is None:
        raise NotFound("message", id)
    if message.direction != "in":
        raise Invalid("not-movable", "only what came in can be moved; what we wrote stays where it was written")
    return message


def _only_mail(store: Store, message: Message) -> bool:
    others = store.messages.of_conversation(message.conversation_id, limit=200)
    return not any(other.id != message.id and other.direction in ("in", "out") for other in others)


def _customer_of(store: Store, message: Message, old: Conversation, now: Millis) -> tuple[int, list[Delta]]:
    """Whose conversation a message taken out becomes: its sender's. And what it changed if they are new."""
    if message.sender is None:
        return old.customer_id, []
    found = store.customers.find("email", message.sender.email)
    if found is not None:
        return found, []
    identity = Identity(kind="email", value=fold_address(message.sender.email), name=message.sender.name)
    id = store.customers.create(message.sender.name, [identity], now)
    made = store.customers.get(id)
    return id, journal.met(made) if made else []


def _who(message: Message) -> str:
    return message.sender.email if message.sender else "nobody"


def _messages(ids: Sequence[int]) -> str:
    return "a message" if len(ids) == 1 else f"{len(ids)} messages"


def _name(name: str, what: str) -> str:
    given = line(name)
    if not given or len(given) > TAG_AT_MOST:
        raise Invalid(
            "bad-name", f"a {what} has a name of 1 to {TAG_AT_MOST} characters", {"name": given[:TAG_AT_MOST]}
        )
    return given
