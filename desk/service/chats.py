"""Chats: what visitors of a site say, and what they have of our answers.

A visitor is whoever shows the secret that their browser was given; a name or an address they type says nothing about
who they are, so it joins them to nobody. What is said to a visitor has its place in a line of its own (`Line`), and
only that is ever shown to them: a conversation may hold more, by merging, and notes.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from desk.clock import Clock, Millis
from desk.model import (
    Address,
    Agent,
    Attachment,
    Chat,
    Conversation,
    Glance,
    Identity,
    LedgerEntry,
    Message,
    NewReply,
    OutboxItem,
    Visitor,
)
from desk.service import inbox, mailing, promises
from desk.service.errors import Invalid, NotFound
from desk.service.mailing import SenderAccount
from desk.store.base import Store
from desk.text import clean, line

TEXT_AT_MOST = 8_000
"""Characters of one message."""
TYPED_AT_MOST = 500
"""Characters at the end of what is being typed that reps see."""
NAME_AT_MOST = 120
EMAIL_AT_MOST = 254
"""RFC 5321, section 4.5.3.1.3."""
COMMENT_AT_MOST = 2_000
CLIENT_ID_AT_MOST = 64
SUBJECT_AT_MOST = 80
TOLD_AT_MOST = 200
"""Characters of an answer to what is asked before a chat, and of what it is called."""
_TOKEN_BYTES = 32


class Arrival(Struct, frozen=True, kw_only=True):
    """A browser that was not here before, and the secret by which it is known from now on."""

    visitor: Visitor
    token: str


class Said(Struct, frozen=True, kw_only=True):
    """Where a message of a visitor went."""

    message_id: int
    conversation_id: int
    again: bool = False
    """It was here already: the browser had not heard that it arrived."""


# --- visitors ---------------------------------------------------------------------------------------------


def arrive(store: Store, clock: Clock, account: str, *, language: str = "") -> Arrival:
    """Give a browser a secret of 256 random bits."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with store.write():
        id = store.visitors.create(account, _digest(token), clock.now(), language=line(language)[:35])
    visitor = store.visitors.get(id)
    assert visitor is not None
    return Arrival(visitor=visitor, token=token)


def known(store: Store, account: str, token: str) -> Visitor | None:
    """Whose secret that is; None if it is nobody's on this site."""
    return store.visitors.find(account, _digest(token)) if token else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def introduce(
    store: Store, clock: Clock, visitor: Visitor, *, name: str = "", email: str = "", told: Mapping[str, str] = {}
) -> Visitor:
    """Note what a visitor says of themself; what is empty stays as it was. Raises Invalid.

    `told`: what else they were asked, by what it is called.
    """
    name, email = line(name), line(email)
    if len(name) > NAME_AT_MOST:
        raise Invalid("too-long", f"a name has at most {NAME_AT_MOST} characters", {"field": "name"})
    if email and (len(email) > EMAIL_AT_MOST or email.count("@") != 1 or not all(email.split("@"))):
        raise Invalid("bad-address", "that is no e-mail address; write it like you@example.com", {"field": "email"})
    more = {line(each)[:TOLD_AT_MOST]: line(value)[:TOLD_AT_MOST] for each, value in told.items() if line(value)}
    with store.write():
        before = _again(store, visitor)
        known = {**before.told, **more} if more else None
        store.visitors.update(visitor.id, name=name or None, email=email or None, told=known)
        now = _again(store, visitor)
        if now.customer_id is not None:
            _tell_customer(store, now.customer_id, now)
    return now


def _again(store: Store, visitor: Visitor) -> Visitor:
    found = store.visitors.get(visitor.id)
    if found is None:
        raise NotFound("visitor", visitor.id)
    return found


def _tell_customer(store: Store, id: int, visitor: Visitor) -> None:
    """What they say stands with their customer, marked as no more than that."""
    customer = store.customers.get(id)
    if customer is None:
        return
    said = {f"{each}, as they say": value for each, value in visitor.told.items()}
    if visitor.email:
        said["e-mail, as they say"] = visitor.email
    name = visitor.name if visitor.name and not customer.name.strip() else None
    if name or said.items() - customer.attributes.items():
        store.customers.update(id, rev=customer.rev, name=name, attributes={**customer.attributes, **said})


# --- what visitors say ------------------------------------------------------------------------------------


def say(
    store: Store,
    clock: Clock,
    visitor: Visitor,
    client_id: str,
    text: str,
    *,
    attachments: Sequence[Attachment] = (),
    queue_id: int | None = None,
) -> Said:
    """Take in what a visitor wrote, once for each `client_id`; it begins a chat if none is under way.

    Raises Invalid for what is empty or too long.
    """
    require_id(client_id)
    if len(text) > TEXT_AT_MOST:
        raise Invalid("too-long", f"a message has at most {TEXT_AT_MOST} characters", {"field": "text"})
    body = clean(text).strip()
    if not body and not attachments:
        raise Invalid("empty", "an empty message says nothing; write something", {"field": "text"})
    with store.write():
        before = store.chats.line_of(visitor.id, client_id)
        if before is not None:
            message = store.messages.get(before)
            return Said(message_id=before, conversation_id=message.conversation_id if message else 0, again=True)
        visitor, now = _again(store, visitor), clock.now()
        chat = under_way(store, visitor)
        if chat is None:
            chat = _begin(store, visitor, body or attachments[0].name, queue_id, now)
        elif chat.state == "waiting" and body:
            _name_after(store, chat, body, now)
        id = store.placing.target(chat.conversation_id)
        store.chats.turn(id, "email", "chat")
        message_id = store.messages.add(
            Message(
                conversation_id=id,
                channel="chat",
                account=visitor.account,
                direction="in",
                sender=Address(email="", name=visitor.name or "visitor"),
                body=body,
                attachments=tuple(attachments),
                rule="token",
                rule_detail="the browser that wrote it shows the secret of this visitor",
                at=now,
            )
        )
        store.chats.add_line(visitor.id, message_id, client_id)
        store.visitors.seen(visitor.id, now)
        store.ledger.add(
            LedgerEntry(
                at=now,
                account=visitor.account,
                external_id=f"visitor/{visitor.id}/{client_id}",
                outcome="stored",
                message_id=message_id,
                conversation_id=id,
                rule="token",
                subject=_subject(body or attachments[0].name),
                sender=visitor.name,
                size=len(text) + sum(each.size for each in attachments),
            )
        )
        promises.refresh(store, [id], arrival=True)
        return Said(message_id=message_id, conversation_id=id)


def require_id(client_id: str) -> None:
    """Raises Invalid for what cannot be the id that a browser gives a message."""
    if not 0 < len(client_id) <= CLIENT_ID_AT_MOST:
        raise Invalid("bad-id", f"a message needs an id of 1 to {CLIENT_ID_AT_MOST} characters", {"field": "id"})


def under_way(store: Store, visitor: Visitor) -> Chat | None:
    """The chat that the visitor's next words belong to; None if they begin one."""
    chat = store.chats.newest_of(visitor.id)
    return chat if chat is not None and chat.state != "ended" else None


def customer_of(store: Store, visitor: Visitor, now: Millis) -> int:
    """Whose conversations theirs are: a customer of their own, made if there is none, inside the caller's
    transaction."""
    if visitor.customer_id is not None:
        return visitor.customer_id
    identity = Identity(kind="visitor", value=f"{visitor.account}/{visitor.id}", name=visitor.name)
    customer_id = store.customers.create(visitor.name or f"Visitor {visitor.id}", [identity], now)
    store.visitors.update(visitor.id, customer_id=customer_id)
    _tell_customer(store, customer_id, visitor)
    return customer_id


def _begin(store: Store, visitor: Visitor, text: str, queue_id: int | None, now: Millis) -> Chat:
    customer_id = customer_of(store, visitor, now)
    id = store.conversations.create(
        subject=_subject(text),
        channel="chat",
        account=visitor.account,
        customer_id=customer_id,
        at=now,
        queue_id=queue_id,
    )
    chat = Chat(conversation_id=id, visitor_id=visitor.id, account=visitor.account, began_at=now)
    store.chats.begin(chat)
    if visitor.told:
        said = " · ".join(f"{each}: {value}" for each, value in visitor.told.items())
        inbox.event(store, id, f"asked before the chat, they said {said}", now)
    return chat


def _name_after(store: Store, chat: Chat, body: str, now: Millis) -> None:
    """A conversation that began with an invitation is about what the visitor answers to it."""
    row = store.conversations.get(store.placing.target(chat.conversation_id))
    if row is not None and row.messages == 1 and row.last_direction == "out":
        store.conversations.set_subject(row.id, _subject(body), now)


def _subject(text: str) -> str:
    first = line(text.split("\n", 1)[0])
    return first if len(first) <= SUBJECT_AT_MOST else f"{first[: SUBJECT_AT_MOST - 1]}…"


def everybody(visitor_id: int) -> bool:
    return True


def glance(store: Store, visitor: Visitor, here: Callable[[int], bool] = everybody) -> tuple[int, Glance]:
    """The conversation of the visitor's newest chat, 0 if there is none, and how it stands as far as is stored.

    Who has none yet is told how many they would stand behind. `here`: whether a visitor is there; those who left
    stand before nobody.
    """
    chat = store.chats.newest_of(visitor.id)
    if chat is None:
        return 0, Glance(ahead=place(store, visitor.account, here)[1])
    id = store.placing.target(chat.conversation_id)
    rep, seen = store.chats.attention(visitor.id, id)
    return id, Glance(
        state=chat.state,
        ahead=max(place(store, chat.account, here, chat)[0] - 1, 0) if chat.state == "waiting" else 0,
        rep=rep,
        delivered=chat.delivered,
        read=chat.read,
        seen=seen,
        rating=chat.rating,
    )


def typed(text: str) -> str:
    """What a visitor has typed so far, as far as reps see it; it is not kept."""
    return clean(text[-TYPED_AT_MOST:])


def place(
    store: Store, account: str, here: Callable[[int], bool] = everybody, chat: Chat | None = None
) -> tuple[int, int]:
    """Which of those on a site a chat is who wait for their first answer and are there, from 1, and how many these are;
    0 if it does not wait itself."""
    own = None if chat is None else chat.conversation_id
    waiting = [id for id, visitor_id in store.chats.waiting(account) if id == own or here(visitor_id)]
    return (waiting.index(own) + 1 if own in waiting else 0), len(waiting)


def end(store: Store, clock: Clock, visitor: Visitor) -> Chat | None:
    """The visitor says goodbye; what they say next begins another chat. None if there is none under way."""
    with store.write():
        chat = under_way(store, visitor)
        if chat is None or not store.chats.advance(chat.conversation_id, ("waiting", "active"), "ended", clock.now()):
            return None
        id = store.placing.target(chat.conversation_id)
        inbox.event(store, id, "the visitor ended the chat", clock.now())
    return store.chats.newest_of(visitor.id)


def leave(store: Store, clock: Clock, visitor_id: int, at: Millis) -> bool:
    """They are gone since then; whether that was before the first answer, and not known."""
    with store.write():
        chat = store.chats.newest_of(visitor_id)
        return chat is not None and store.chats.leave(chat.conversation_id, max(at, chat.began_at))


def come_back(store: Store, clock: Clock, visitor_id: int) -> bool:
    """They are there again; whether they were known to have left before the first answer, which is still due."""
    with store.write():
        chat = store.chats.newest_of(visitor_id)
        return chat is not None and store.chats.come_back(chat.conversation_id)


def rate(store: Store, clock: Clock, visitor: Visitor, rating: int, comment: str = "") -> Chat:
    """What the visitor thinks of the chat: 1 to 5, and why. Raises Invalid, NotFound if there was none."""
    if not 1 <= rating <= 5:
        raise Invalid("bad-rating", "a rating is a number from 1 to 5", {"field": "rating"})
    with store.write():
        chat = store.chats.newest_of(visitor.id)
        if chat is None:
            raise NotFound("chat of visitor", visitor.id)
        said = clean(comment[:COMMENT_AT_MOST]).strip()
        if (chat.rating, chat.comment) != (rating, said):
            store.chats.rate(chat.conversation_id, rating, said)
            id = store.placing.target(chat.conversation_id)
            inbox.event(store, id, f"rated {rating} of 5{f': {line(said)}' if said else ''}", clock.now())
    rated = store.chats.newest_of(visitor.id)
    assert rated is not None
    return rated


def mark(store: Store, clock: Clock, visitor: Visitor, *, delivered: int = 0, read: int = 0) -> None:
    """Up to which of their lines the visitor's browser has, and shows, what we said."""
    chat = store.chats.newest_of(visitor.id)
    if chat is None or (max(delivered, read) <= chat.delivered and read <= chat.read):
        return
    with store.write():
        if not store.chats.mark(chat.conversation_id, delivered=delivered, read=read):
            return
        for each in store.chats.lines(visitor.id, after=min(chat.delivered, chat.read), limit=1_000):
            item = each.message.outbox_id
            if item is not None and each.seq <= read:
                store.outbox.advance(item, ("sent", "delivered"), "read", clock.now())
            elif item is not None and each.seq <= delivered:
                store.outbox.advance(item, ("sent",), "delivered", clock.now())


# --- what we say ------------------------------------------------------------------------------------------


def begin_with(
    store: Store, clock: Clock, visitor: Visitor, text: str, *, agent: Agent | None = None, queue_id: int | None = None
) -> Chat:
    """Begin a visitor's chat with words of ours, inside the caller's transaction: an invitation they said yes to.

    `agent`: who invited by hand, whose chat it is from now on.
    """
    visitor, now = _again(store, visitor), clock.now()
    chat = _begin(store, visitor, text, queue_id, now)
    message_id = store.messages.add(
        Message(
            conversation_id=chat.conversation_id,
            channel="chat",
            account=visitor.account,
            direction="out",
            kind="message" if agent else "auto",
            agent_id=agent.id if agent else None,
            agent_name=agent.name if agent else None,
            body=text,
            at=now,
        )
    )
    store.chats.add_line(visitor.id, message_id)
    inbox.event(store, chat.conversation_id, "the visitor said yes to an invitation", now)
    if agent:
        store.conversations.claim(chat.conversation_id, agent.id, now)
    return chat


def followed(store: Store, conversation: Conversation) -> Chat | None:
    """The chat by which somebody on the site follows a conversation; None if nobody does any more."""
    if conversation.channel != "chat":
        return None
    chat = store.chats.within(conversation.id)
    return chat if chat is not None and chat.state != "ended" else None


def answer(store: Store, chat: Chat, message: Message, account: SenderAccount, new: NewReply) -> OutboxItem:
    """Put what a rep wrote where the visitor reads it, inside the caller's transaction: it cannot be taken back."""
    item = mailing.enqueue(store, message, account, hold_until=message.at, content=new)
    store.outbox.advance(item.id, ("held",), "sent", message.at)
    store.chats.add_line(chat.visitor_id, item.message_id)
    store.chats.advance(chat.conversation_id, ("waiting",), "active", message.at)
    sent = store.outbox.get(item.id)
    assert sent is not None
    return sent
