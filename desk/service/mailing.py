"""Mail's own part of an answer: whom it is to, what it answers, its subject and its Message-ID."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from desk.clock import Millis
from desk.model import Address, Conversation, Message, NewReply, OutboxItem
from desk.service import tokens
from desk.service.addresses import header_text
from desk.service.errors import Invalid
from desk.store.base import Store
from desk.text import clean, fold_address, fold_subject, line

SUBJECT_AT_MOST = 900
NO_MAILBOX = "no mailbox is connected to send from; connect one with `desk connect email`"
_NO_DOMAIN = "desk.invalid"
"""Of the ids of what is said where there is no mailbox: no mail carries them (RFC 2606, section 2)."""
_REFERENCES_AT_MOST = 20
_LOOK_BACK = 100


class SenderAccount(Struct, frozen=True, kw_only=True):
    """Who an answer comes from."""

    name: str
    """The account's, in `desk.toml`."""
    address: str
    display_name: str = ""
    domain: str = ""
    """Of our Message-IDs; the address's own if empty."""
    plus_token: bool = False
    """Answers go to `address+desk.TOKEN`: for mail systems that deliver sub-addresses (RFC 5233)."""
    goes_on: bool = False
    """It writes on where visitors of a site have left their chats."""


def customer_address(
    conversation: Conversation, mails: Sequence[Message], account: SenderAccount
) -> tuple[Address, ...]:
    """The customer; or, where a form on our own site wrote in our name, whom it asked us to answer."""
    if fold_address(conversation.customer_address) == fold_address(account.address):
        for mail in mails:
            if mail.direction == "in" and mail.reply_to:
                return mail.reply_to
    if "@" not in conversation.customer_address:
        return ()
    return (Address(email=conversation.customer_address, name=conversation.customer_name),)


def subject_of_answer(subject: str) -> str:
    """`Re: ` before a subject, unless a mark of an answer stands there already, in any language."""
    given = line(subject)
    marked = not given.startswith("[") and fold_subject(given) != given.casefold()
    return given if marked else f"Re: {given}".strip()


def subject(new: NewReply, conversation: Conversation, *, answers: bool) -> str:
    """What stands in the subject: what the rep wrote, or the conversation's. Raises `Invalid`."""
    if new.subject.strip():
        subject = header_text(new.subject, "subject")
    else:
        subject = subject_of_answer(conversation.subject) if answers else line(conversation.subject)
    if len(subject) > SUBJECT_AT_MOST:
        raise Invalid("too-long", f"a subject has at most {SUBJECT_AT_MOST} characters", {"field": "subject"})
    return clean(subject)


def enqueue(
    store: Store,
    message: Message,
    account: SenderAccount,
    *,
    hold_until: Millis,
    content: NewReply | None = None,
    quoted_id: int | None = None,
) -> OutboxItem:
    """Give a message its Message-ID, store it and its outbox row, inside the caller's transaction."""
    token = tokens.Tokens.of(store).make(message.conversation_id)
    rfc_id = tokens.message_id(token, account.domain or account.address.rpartition("@")[2] or _NO_DOMAIN)
    message = replace(message, rfc_message_id=rfc_id, reply_to=_reply_to(account, token))
    message_id = store.messages.add(message)
    item = OutboxItem(
        message_id=message_id,
        conversation_id=message.conversation_id,
        account=account.name,
        rfc_message_id=rfc_id,
        content=content,
        quoted_id=quoted_id,
        hold_until=hold_until,
        next_attempt_at=hold_until,
        created_at=message.at,
        updated_at=message.at,
    )
    id = store.outbox.add(item)
    return replace(item, id=id)


def _reply_to(account: SenderAccount, token: str) -> tuple[Address, ...]:
    """The reply address with the token, where the account wants it and it fits (RFC 5321 section 4.5.3.1.1)."""
    plus = tokens.plus_address(account.address, token)
    if not account.plus_token or len(plus.rpartition("@")[0]) > 64:
        return ()
    return (Address(email=plus, name=account.display_name),)


def as_written(message: Message, content: NewReply | None) -> Message:
    """The message with the very words of the rep, for the wire.

    What is shown has passed `desk.text.clean`, which makes a zero-width joiner a glyph; a customer who reads Persian
    or Hindi needs the joiner. Control characters stay out of both.
    """
    if content is None:
        return message
    subject = header_text(content.subject, "subject") or message.subject
    return replace(message, subject=subject, body=_NEVER_SENT.sub("", _NEWLINE.sub("\n", content.body)))


_NEWLINE = re.compile("\r\n?|[\u2028\u2029]")
_NEVER_SENT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def recent(store: Store, conversation_id: int) -> list[Message]:
    """The newest mails in and out, newest first."""
    recent = store.messages.of_conversation(conversation_id, limit=_LOOK_BACK)
    return [message for message in reversed(recent) if message.direction in ("in", "out")]


def answered(mails: Sequence[Message], to: Sequence[Address]) -> Message | None:
    """What an answer to these people answers: their newest message, or else the newest there is."""
    asked = {fold_address(recipient.email) for recipient in to}
    came = [mail for mail in mails if mail.direction == "in" and mail.kind in ("message", "calendar")]
    theirs = (mail for mail in came if mail.sender and fold_address(mail.sender.email) in asked)
    known = (mail for mail in came if not mail.third_party)
    return next(theirs, None) or next(known, None) or next(iter(came or mails), None)


def references(answered: Message | None) -> tuple[str, ...]:
    """RFC 5322 section 3.6.4: the parent's references, or its In-Reply-To, then the parent; the root always stays."""
    if answered is None:
        return ()
    chain = answered.references or ((answered.in_reply_to,) if answered.in_reply_to else ())
    whole = list(dict.fromkeys(id for id in (*chain, answered.rfc_message_id) if id))
    if len(whole) > _REFERENCES_AT_MOST:
        whole = [whole[0], *whole[-(_REFERENCES_AT_MOST - 1) :]]
    return tuple(whole)
