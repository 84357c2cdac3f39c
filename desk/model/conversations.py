"""Conversations and what was said in them."""

from __future__ import annotations

from typing import Literal

from desk.clock import Millis
from desk.model.words import Channel, Direction, MessageKind, Model, OutboxState, Priority, Rule, State


class Queue(Model, frozen=True, kw_only=True):
    id: int = 0
    name: str


class Tag(Model, frozen=True, kw_only=True):
    id: int = 0
    name: str


class Address(Model, frozen=True, kw_only=True):
    """A mailbox of RFC 5322 section 3.4: display name and addr-spec."""

    email: str
    name: str = ""


class Conversation(Model, frozen=True, kw_only=True):
    """One matter with one customer; also the row of the inbox list, so a page needs no further query."""

    id: int = 0
    subject: str
    channel: Channel = "email"
    account: str = ""
    state: State = "open"
    priority: Priority = "normal"
    customer_id: int
    customer_name: str = ""
    customer_address: str = ""
    assignee_id: int | None = None
    assignee_name: str | None = None
    queue_id: int | None = None
    queue_name: str | None = None
    tags: tuple[str, ...] = ()
    snippet: str = ""
    """The first words of the newest message, one line."""
    messages: int = 0
    has_attachments: bool = False
    third_party: bool = False
    """Somebody who was not a participant wrote into it."""
    created_at: Millis = 0
    last_at: Millis = 0
    """When the newest message came or went."""
    last_direction: Direction = "in"
    waiting_since: Millis | None = None
    """The earliest customer message that nobody has answered yet."""
    due_at: Millis | None = None
    """The earliest promise still running; the inbox is sorted by it."""
    snoozed_until: Millis | None = None
    rev: int = 1
    """Grows by one with every change; conditional updates name the one they saw."""
    unread: bool = False
    """The customer wrote something that the rep who asks has not seen yet."""
    mentioned: bool = False
    """A colleague named the rep who asks in a note that they have not seen yet."""
    merged_into: int | None = None
    """For `state == "merged"`: where its messages are now. None if there were none to keep."""


class Fold(Model, frozen=True, kw_only=True):
    """Lines `start` to `end` (end not included) of a body that are shown folded."""

    kind: Literal["quote", "signature"]
    start: int
    end: int


class Attachment(Model, frozen=True, kw_only=True):
    """A file of a message; its bytes lie in the store's blobs under `sha256`."""

    id: int = 0
    message_id: int = 0
    name: str
    media_type: str
    size: int
    sha256: str
    inline: bool = False
    content_id: str = ""


class Recipient(Model, frozen=True, kw_only=True):
    """What a delivery report says of one recipient (RFC 3464)."""

    address: str
    action: str = ""
    status: str = ""
    diagnostic: str = ""


_INSTANT_SHIFT = 10


def first_id_at(at: Millis) -> int:
    """The lowest message id of an instant: ids are ordered by time, 1,024 to the millisecond.

    They stay below 2^53, so that JSON readers which know only doubles keep them whole (RFC 8259, section 6).
    """
    return at << _INSTANT_SHIFT


def instant_of(message_id: int) -> Millis:
    """When the message with that id came or went."""
    return message_id >> _INSTANT_SHIFT


class Message(Model, frozen=True, kw_only=True):
    """One message, note or event of a conversation."""

    id: int = 0
    """Grows with `at`: a message of an earlier instant has a lower id, however late it was imported."""
    conversation_id: int
    channel: Channel = "email"
    account: str = ""
    direction: Direction
    kind: MessageKind = "message"
    agent_id: int | None = None
    agent_name: str | None = None
    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    body: str = ""
    folds: tuple[Fold, ...] = ()
    links: tuple[str, ...] = ()
    """Targets of the `[n]` marks in the body, numbered from 1."""
    attachments: tuple[Attachment, ...] = ()
    rfc_message_id: str = ""
    """Without angle brackets."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    rule: Rule = "new"
    rule_detail: str = ""
    """In words: what exactly the rule matched."""
    third_party: bool = False
    recipients: tuple[Recipient, ...] = ()
    """For `kind == "bounce"`."""
    at: Millis = 0
    outbox_id: int | None = None
    outbox_state: OutboxState | None = None
    size: int = 0


class HeaderField(Model, frozen=True, kw_only=True):
    """A header field of a mail (RFC 5322, section 2.2)."""

    name: str
    value: str
    """Unfolded, its encoded words decoded (RFC 2047)."""
    raw: str = ""
    """As it stands in the message, if that is something else; lines that go on begin with white space."""
