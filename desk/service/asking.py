"""How callbacks begin: customers ask for them, reps note them, and what comes in becomes one by a rule."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from desk import telephone
from desk.clock import Clock, Millis, iso
from desk.model import OPEN_CALLBACKS, Address, Agent, Callback, Conversation, Delta, Identity, Message, Visitor
from desk.service import chats, inbox, journal, promises
from desk.service.callbacks import Rules, choose, get, record, require_future, soon
from desk.service.errors import Invalid, Lost, NotFound
from desk.store.base import Store
from desk.telephone import Number
from desk.text import line

REASON_AT_MOST = 500
SUBJECT_AT_MOST = 80


class Wish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to call, why, and when."""

    number: str
    """As they write it."""
    country: str = ""
    """Of a number that does not begin with `+` (ISO 3166-1 alpha-2); empty: that of the settings."""
    reason: str = ""
    at: Millis | None = None
    """None: as soon as possible."""
    until: Millis | None = None
    """The end of the slot that begins at `at`."""
    name: str = ""
    """Of a customer whom nobody knows by that number."""


def ask(
    store: Store,
    clock: Clock,
    wish: Wish,
    *,
    rules: Rules,
    visitor: Visitor | None = None,
    agent: Agent | None = None,
    conversation_id: int | None = None,
    message_id: int | None = None,
    queue_id: int | None = None,
) -> Callback:
    """Promise a call. A `visitor` asks for themself, in the chat that is under way if there is one; an `agent` notes
    it, in `conversation_id`, or for the customer who is known by the number.

    `message_id`: a message of that conversation that the callback is made of, once. Raises Invalid for a number that
    cannot be called (`desk.telephone.BadNumber` has the codes) or a time that cannot be, `Lost('slot-taken')`,
    `Lost('asked')` (detail: `callback`) if the visitor has asked before, the message has become one, or a rep notes a
    call that is noted in that conversation already.
    """
    now = clock.now()
    given = checked(wish, rules, strict=agent is None)
    if wish.at is not None:
        require_future(wish.at, now)
    with store.write():
        visitor = _still_known(store, visitor)
        stranger = store.customers.find("phone", given.e164) is None
        promised, until = _promise(store, wish, visitor, now, rules)
        found = conversation_id or _chat_of(store, visitor)
        id = found or _begin(store, given, wish, visitor, queue_id, now)
        was = inbox.standing(store, id)
        if agent is not None:
            _refuse_twice(store, given, was)
        if agent is None and message_id is None:
            message_id = _request(store, was, given, wish, visitor, now, first=not found)
        made = store.callbacks.add(
            Callback(
                conversation_id=id,
                account=was.account,
                number=given.e164,
                country=given.country,
                reason=_reason(wish),
                language=visitor.language if visitor else "",
                promised_at=promised,
                until=until,
                due_at=promised,
                asked_at=now,
                visitor_id=visitor.id if visitor else None,
                message_id=message_id,
                agent_id=agent.id if agent else None,
            )
        )
        if made is None:
            raise _asked_before(store, given, visitor, message_id)
        event = inbox.event(store, id, f"callback to {given.shown} promised for {iso(promised)}", now, agent)
        promises.refresh(store, [id], arrival=True)
        callback, begun = get(store, made), [] if found else _begun(store, id, stranger=stranger)
        record(store, clock, agent, "ask-callback", replace(callback, state="cancelled"), was, event, begun)
    return callback


def to_call(store: Store, clock: Clock, wish: Wish, *, rules: Rules, agent: Agent) -> Callback:
    """Whom a rep who calls a number calls: who waits for a call there, what is due first first; else it is noted.

    Raises Invalid as `ask` does.
    """
    given = checked(wish, rules, strict=False)
    with store.write():
        waiting = store.callbacks.page(("waiting", "unclear"), number=given.e164, limit=1)
        return waiting[0] if waiting else ask(store, clock, wish, rules=rules, agent=agent)


def _still_known(store: Store, visitor: Visitor | None) -> Visitor | None:
    """The visitor as they are now. Raises NotFound if they were forgotten."""
    now = store.visitors.get(visitor.id) if visitor is not None else None
    if visitor is not None and now is None:
        raise NotFound("visitor", visitor.id)
    return now


def _begun(store: Store, conversation_id: int, *, stranger: bool) -> list[Delta]:
    """The conversation was made, and its customer too if nobody knew them."""
    conversation = inbox.get(store, conversation_id)
    customer = store.customers.get(conversation.customer_id) if stranger else None
    return [*journal.begun(conversation), *(journal.met(customer) if customer is not None else [])]


def _promise(
    store: Store, wish: Wish, visitor: Visitor | None, now: Millis, rules: Rules
) -> tuple[Millis, Millis | None]:
    """When, and until when; what a visitor chooses has to be there to be chosen."""
    if wish.at is None:
        return soon(store, now, rules), None
    return wish.at, choose(store, now, wish.at, rules).end if visitor is not None else wish.until


def checked(wish: Wish, rules: Rules, *, strict: bool = True) -> Number:
    """The number as it is dialled. `strict`: customers may not have us call just any. Raises Invalid."""
    try:
        given = telephone.read(wish.number, wish.country or rules.country, strict=strict)
    except telephone.BadNumber as error:
        raise Invalid(error.code, str(error), {"field": "number"}) from error
    if strict and rules.countries and given.country not in rules.countries:
        raise Invalid("number-country", "we do not call numbers of that country", {"field": "number"})
    return given


def _refuse_twice(store: Store, given: Number, conversation: Conversation) -> None:
    """Of two reps who note the same call at the same time, one does. Raises Lost('asked')."""
    for each in store.callbacks.page(OPEN_CALLBACKS, number=given.e164):
        if each.conversation_id == conversation.id:
            said = "a call to that number is promised here already; promise another time if it is another one"
            raise Lost("asked", said, {"callback": str(each.id)})


def _asked_before(store: Store, given: Number, visitor: Visitor | None, message_id: int | None) -> Lost:
    before = store.callbacks.open_of(visitor.id, given.e164) if visitor else None
    if before is None and message_id is not None:
        before = store.callbacks.of_message(message_id)
    return Lost("asked", "a call to that number is promised already", {"callback": str(before.id if before else 0)})


def _chat_of(store: Store, visitor: Visitor | None) -> int | None:
    chat = chats.under_way(store, visitor) if visitor is not None else None
    return None if chat is None else store.placing.target(chat.conversation_id)


def _begin(store: Store, given: Number, wish: Wish, visitor: Visitor | None, queue_id: int | None, now: Millis) -> int:
    return store.conversations.create(
        subject=_subject(given, wish),
        channel="callback",
        account=visitor.account if visitor else "",
        customer_id=_customer(store, given, wish, visitor, now),
        at=now,
        queue_id=queue_id,
    )


def _customer(store: Store, given: Number, wish: Wish, visitor: Visitor | None, now: Millis) -> int:
    """Whose callback it is. A number that a visitor types makes them nobody's customer."""
    if visitor is not None:
        return chats.customer_of(store, visitor, now)
    known = store.customers.find("phone", given.e164)
    if known is not None:
        return known
    name = line(wish.name)[: chats.NAME_AT_MOST]
    return store.customers.create(
        name or telephone.international(given.e164), [Identity(kind="phone", value=given.e164, name=name)], now
    )


def _request(
    store: Store,
    conversation: Conversation,
    given: Number,
    wish: Wish,
    visitor: Visitor | None,
    now: Millis,
    *,
    first: bool,
) -> int:
    """The customer's words. Where they talked with us before, they ask for a call now and not for an answer."""
    id = store.messages.add(
        Message(
            conversation_id=conversation.id,
            channel="callback",
            account=conversation.account,
            direction="in",
            sender=Address(email="", name=(visitor.name if visitor else line(wish.name)) or "visitor"),
            body=_reason(wish) or _subject(given, wish),
            rule="new" if first else "token",
            rule_detail="asked for on the site",
            at=now,
        )
    )
    if not first:
        store.placing.set_waiting(conversation.id, conversation.waiting_since)
    return id


def _reason(wish: Wish) -> str:
    return line(wish.reason)[:REASON_AT_MOST]


def _subject(given: Number, wish: Wish) -> str:
    words = _reason(wish) or f"Call back {telephone.international(given.e164)}"
    return words if len(words) <= SUBJECT_AT_MOST else f"{words[: SUBJECT_AT_MOST - 1]}…"
