"""A chat that goes on by mail when its visitor has left, and is a chat again when they come back.

An answer goes where the customer wrote last: `Conversation.channel`. Who wrote in the chat is answered on the site; if
they are not there and asked to be written to, by mail, and they find that on the site, too, once it has left. Who
answered that by mail is answered by mail.

That an address was typed proves nothing. So what comes from there, and what we answer to it, is never shown on the
site: it would tell whoever typed a stranger's address what the stranger wrote to us. The other way round, only what
a rep writes goes to the address, never by itself what was typed on the site (`desk.service.transcripts` says when).
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from desk.clock import Millis
from desk.mail.parsed import Parsed
from desk.model import Address, Chat, ChatNow, Conversation, NewReply, OutboxItem, Visitor
from desk.service import chats
from desk.service.addresses import address as checked
from desk.service.errors import Invalid
from desk.store.base import Store

WRITTEN = frozenset({"message", "calendar"})
"""Mail that somebody wrote; what machines answer turns no conversation."""

Here = Callable[[int], bool]
"""Whether a visitor is there to read what is said to them."""


def mailed(store: Store, conversation_id: int, mail: Parsed) -> None:
    """Who takes part in a conversation wrote a mail: that is where they are answered from now on."""
    if mail.sender is not None and mail.kind in WRITTEN:
        store.chats.turn(conversation_id, "chat", "email", mail.sender.email)


def address(store: Store, conversation: Conversation, here: Here) -> Address | None:
    """Where the visitor of a chat reads an answer as mail; None if they read it on the site, or nowhere."""
    chat = store.chats.within(conversation.id) if conversation.channel == "chat" else None
    visitor = store.visitors.get(chat.visitor_id) if chat is not None else None
    if chat is None or visitor is None or (chat.state != "ended" and here(visitor.id)):
        return None
    return _address(visitor)


def _address(visitor: Visitor) -> Address | None:
    try:
        return checked(Address(email=visitor.email, name=visitor.name), "To") if visitor.email else None
    except Invalid:
        return None


def as_mail(new: NewReply, to: Address) -> NewReply:
    """What a rep wrote, on its way to a visitor who left."""
    return replace(new, to=(to,), on_site=True)


def left(store: Store, item: OutboxItem, at: Millis) -> None:
    """A mail to a visitor is out: they find it on the site, too. Inside the caller's transaction."""
    if item.content is None or not item.content.on_site:
        return
    chat = store.chats.within(item.conversation_id)
    if chat is not None:
        store.chats.add_line(chat.visitor_id, item.message_id)
        store.chats.advance(chat.conversation_id, ("waiting",), "active", at)


def now(store: Store, conversation_id: int, here: Here) -> tuple[Chat, ChatNow] | None:
    """The chat of a conversation and how it stands, as far as is stored; None if it never was one."""
    chat, row = store.chats.within(conversation_id), store.conversations.get(conversation_id)
    if chat is None or row is None:
        return None
    visitor = store.visitors.get(chat.visitor_id)
    place, waiting = chats.place(store, chat.account, here, chat)
    found = ChatNow(
        state=chat.state,
        here=here(chat.visitor_id),
        email=visitor.email if visitor is not None else "",
        mails=row.channel == "email" or address(store, row, here) is not None,
        place=place,
        waiting=waiting,
    )
    return chat, found
