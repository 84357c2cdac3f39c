"""A chat as mail, for the visitor who asks for it.

What stands in it was written by somebody whom nobody knows, to an address that they may have made up. So it is sent
only of a chat in which a rep has answered, once for what was said so far, to the same address and for the same
visitor a few times a day, and it is marked as sent by no person (RFC 3834).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from desk.clock import Clock, Millis
from desk.model import Chat, Line, OutboxItem, Visitor
from desk.service import courtesy, inbox
from desk.service.errors import Invalid
from desk.service.mailing import SenderAccount
from desk.store.base import Store
from desk.text import line
from desk.zones import zone_named

LINES_AT_MOST = 2_000
_SENT = "transcripts"
ZONE_AT_MOST = 64
"""Characters of a zone's name."""


class Wording(Struct, frozen=True, kw_only=True):
    """What is said around a chat, in the visitor's language."""

    subject: str
    beginning: str
    you: str
    """What visitors are called who gave no name."""
    zone: str = ""
    """The visitor's time zone, as their browser says (IANA); UTC if that is none."""


def ask(store: Store, clock: Clock, visitor: Visitor, account: SenderAccount, wording: Wording) -> OutboxItem:
    """Queue the visitor's newest chat as mail to the address they gave. Raises Invalid, which tells why not."""
    if not account.address or not account.goes_on:
        raise Invalid("no-mail", "this site sends no mail")
    with store.write():
        now, chat = clock.now(), store.chats.newest_of(visitor.id)
        visitor = store.visitors.get(visitor.id) or visitor
        if not visitor.email:
            raise Invalid("bad-address", "say where to send it", {"field": "email"})
        if chat is None or chat.answered_at is None:
            raise Invalid("no-chat", "there is no chat yet that somebody has answered")
        said = _lines(store, chat)
        _once(store, visitor, said[-1].seq if said else 0, now)
        id = store.placing.target(chat.conversation_id)
        item = courtesy.send(
            store,
            visitor,
            account,
            id,
            subject=wording.subject,
            body=_body(visitor, said, wording, account),
            why="the visitor asked for what was said in the chat",
            now=now,
            unfolded=1,
        )
        inbox.event(store, id, f"the visitor asked for the chat by mail, to {visitor.email}", now)
    return item


def _lines(store: Store, chat: Chat) -> list[Line]:
    """What was said in a chat, by either side, as its visitor has it."""
    found: list[Line] = []
    while len(found) < LINES_AT_MOST and (more := store.chats.lines(chat.visitor_id, found[-1].seq if found else 0)):
        found += more
    return [each for each in found if each.message.at >= chat.began_at]


def _once(store: Store, visitor: Visitor, last: int, now: Millis) -> None:
    """Raises Invalid if that much was sent before, or too much on this day."""
    match courtesy.counted(store, _SENT, visitor, last, now):
        case "again":
            raise Invalid("sent-before", "this was sent already; look into your mail")
        case "often":
            raise Invalid("too-often", "this was sent several times today; ask again tomorrow")


def _body(visitor: Visitor, said: Sequence[Line], wording: Wording, account: SenderAccount) -> str:
    zone = zone_named(wording.zone[:ZONE_AT_MOST]) or UTC
    utc = " UTC" if zone is UTC else ""
    told = [line(wording.beginning)]
    for each in said:
        message = each.message
        who = line(visitor.name or wording.you) if message.direction == "in" else line(message.agent_name or "")
        at = datetime.fromtimestamp(message.at / 1000, zone)
        told += ["", f"{who or account.display_name}, {at:%Y-%m-%d %H:%M}{utc}:", message.body]
        told += [f"[{line(file.name)}]" for file in message.attachments]
    return "\n".join(told)
