"""What reps do with conversations: claim, assign, resolve, snooze, tag, note, split, move.

Each is a conditional statement of the store; whoever comes second is told who was first. What others should know of
stands in the conversation as an event, in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desk.clock import Clock, Millis, iso
from desk.model import Agent, Conversation, Identity, Message, Priority, State
from desk.service import promises
from desk.service.errors import Invalid, Lost, NotFound, Taken
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


def event(store: Store, conversation_id: int, text: str, at: Millis, agent: Agent | None = None) -> int:
    """Write a line of Desk's own into a conversation, inside the caller's transaction."""
    conversation = get(store, conversation_id)
    return store.messages.add(
        Message(
            conversation_id=conversation_id,
            channel=conversation.channel,
            account=conversation.account,
            direction="event",
            agent_id=agent.id if agent else None,
            agent_name=agent.name if agent else None,
            body=line(text),
            at=at,
        )
    )


def claim(store: Store, clock: Clock, agent: Agent, id: int) -> Conversation:
    """Make a conversation the agent's; again is fine. Raises `Taken` with the name of whoever was first."""
    with store.write():
        before = get(store, id)
        if not store.conversations.claim(id, agent.id, clock.now()):
            raise Taken(get(store, id).assignee_name or "somebody")
        if before.assignee_id != agent.id:
            event(store, id, f"claimed by {agent.name}", clock.now(), agent)
    return get(store, id)


def assign(store: Store, clock: Clock, agent: Agent, id: int, to: Agent | None) -> Conversation:
    """Give a conversation to a rep, or to nobody."""
    with store.write():
        before = get(store, id)
        if before.assignee_id != (to.id if to else None):
            store.conversations.assign(id, to.id if to else None, clock.now())
            event(store, id, f"assigned to {to.name}" if to else "given back", clock.now(), agent)
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
    first_answer: Millis | None = promises.FIRST_ANSWER,
) -> Conversation:
    """Resolve, reopen, snooze `until` an instant, mark as spam. Raises `Lost('stale')` if it moved on from `rev`."""
    now = clock.now()
    if state == "snoozed" and (until is None or until <= now):
        raise Invalid("bad-snooze", "a snooze ends at an instant in the future; say until when")
    with store.write():
        before = get(store, id)
        snoozed_until = until if state == "snoozed" else None
        if not store.conversations.set_state(id, state, now, snoozed_until=snoozed_until, rev=rev):
            raise Lost(
                "stale",
                f"it has changed since: it is {before.state} now; look again",
                {"state": before.state, "rev": str(before.rev)},
            )
        if before.state != state or state == "snoozed":
            said = f"snoozed until {iso(until)}" if state == "snoozed" and until else _SAID[state]
            event(store, id, said, now, agent)
        promises.refresh(store, [id], first_answer)
    return get(store, id)


def wake_due(store: Store, clock: Clock, *, first_answer: Millis | None = promises.FIRST_ANSWER) -> list[int]:
    """Open the snoozed conversations whose time has come; returns their ids."""
    now = clock.now()
    if not store.conversations.snoozed_before(now, 1):
        return []
    with store.write():
        woken = store.conversations.snoozed_before(now)
        for id in woken:
            store.conversations.set_state(id, "open", now)
            event(store, id, "back from snooze", now)
        promises.refresh(store, woken, first_answer)
    return woken


def set_priority(store: Store, clock: Clock, agent: Agent, id: int, priority: Priority) -> Conversation:
    with store.write():
        before = get(store, id)
        if before.priority != priority:
            store.conversations.set_priority(id, priority, clock.now())
            event(store, id, f"priority {priority}", clock.now(), agent)
    return get(store, id)


def set_queue(store: Store, clock: Clock, agent: Agent, id: int, name: str | None) -> Conversation:
    """Put a conversation into the queue of that name, made if there is none; None takes it out of any."""
    with store.write():
        get(store, id)
        store.conversations.set_queue(id, store.queues.ensure(_name(name, "queue")) if name else None, clock.now())
        event(store, id, f"moved to the queue {line(name)}" if name else "taken out of its queue", clock.now(), agent)
    return get(store, id)


def tag(
    store: Store, clock: Clock, agent: Agent, id: int, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> Conversation:
    """Put tags on and take tags off; both are safe to repeat."""
    with store.write():
        get(store, id)
        for name in add:
            store.conversations.tag(id, store.tags.ensure(_name(name, "tag")), clock.now())
        for name in remove:
            store.conversations.untag(id, store.tags.ensure(_name(name, "tag")), clock.now())
    return get(store, id)


def note(store: Store, clock: Clock, agent: Agent, id: int, body: str) -> Message:
    """Write what only reps see."""
    text = clean(body).strip("\n")
    if not text.strip():
        raise Invalid("empty", "an empty note says nothing; write something")
    if len(text) > NOTE_AT_MOST:
        raise Invalid("too-long", f"a note holds at most {NOTE_AT_MOST} characters")
    with store.write():
        conversation = get(store, id)
        message_id = store.messages.add(
            Message(
                conversation_id=id,
                channel=conversation.channel,
                account=conversation.account,
                direction="note",
                agent_id=agent.id,
                agent_name=agent.name,
                body=text,
                at=clock.now(),
            )
        )
    written = store.messages.get(message_id)
    assert written is not None
    return written


# --- one matter or two ------------------------------------------------------------------------------------


def split(
    store: Store,
    clock: Clock,
    agent: Agent,
    message_id: int,
    *,
    first_answer: Millis | None = promises.FIRST_ANSWER,
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
        new = store.conversations.create(
            subject=message.subject or old.subject,
            channel=message.channel,
            account=message.account,
            customer_id=_customer_of(store, message, old, now),
            at=message.at,
            queue_id=old.queue_id,
        )
        if message.sender:
            store.conversations.add_participants(new, [fold_address(message.sender.email)])
        detail = f"split out of conversation {old.id} by {agent.name}"
        store.messages.move([message_id], new, rule="moved", detail=detail, at=now)
        event(store, old.id, f"a message of {_who(message)} was split out into conversation {new}", now, agent)
        event(store, new, f"split out of conversation {old.id}", now, agent)
        promises.refresh(store, [old.id, new], first_answer)
    return get(store, new)


def move(
    store: Store,
    clock: Clock,
    agent: Agent,
    message_ids: Sequence[int],
    conversation_id: int,
    *,
    first_answer: Millis | None = promises.FIRST_ANSWER,
) -> Conversation:
    """Put customers' messages into a conversation that exists. Their senders take part there from now on."""
    now = clock.now()
    with store.write():
        get(store, conversation_id)
        messages = [_movable(store, id) for id in message_ids]
        sources = {message.conversation_id for message in messages} - {conversation_id}
        for source in sorted(sources):
            ids = [message.id for message in messages if message.conversation_id == source]
            detail = f"moved from conversation {source} by {agent.name}"
            store.messages.move(ids, conversation_id, rule="moved", detail=detail, at=now)
            event(store, source, f"{_messages(ids)} moved to conversation {conversation_id}", now, agent)
            event(store, conversation_id, f"{_messages(ids)} moved here from conversation {source}", now, agent)
        senders = [fold_address(message.sender.email) for message in messages if message.sender]
        store.conversations.add_participants(conversation_id, senders)
        promises.refresh(store, [conversation_id, *sources], first_answer)
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


def _customer_of(store: Store, message: Message, old: Conversation, now: Millis) -> int:
    """Whose conversation a message taken out becomes: its sender's."""
    if message.sender is None:
        return old.customer_id
    found = store.customers.find("email", message.sender.email)
    if found is not None:
        return found
    identity = Identity(kind="email", value=fold_address(message.sender.email), name=message.sender.name)
    return store.customers.create(message.sender.name, [identity], now)


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
