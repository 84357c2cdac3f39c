"""What the parser makes of one mail: plain data that crosses a process boundary."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from desk.clock import Millis
from desk.model import Address, Fold, MessageKind, Recipient

AutoKind = Literal["", "auto-replied", "auto-generated", "bulk", "list"]


class Part(Struct, frozen=True, kw_only=True, array_like=True):
    """An attachment or inline image, decoded."""

    name: str
    media_type: str
    data: bytes
    inline: bool = False
    content_id: str = ""


class Report(Struct, frozen=True, kw_only=True, array_like=True):
    """A delivery report (RFC 3464), or a bounce in the words of an older mail system."""

    original_message_id: str = ""
    recipients: tuple[Recipient, ...] = ()


class Calendar(Struct, frozen=True, kw_only=True, array_like=True):
    """A calendar part (RFC 5545, RFC 6047)."""

    method: str = ""
    summary: str = ""
    start: str = ""


class Parsed(Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """One mail, understood. All text has passed `desk.text.clean`."""

    sha256: str
    """Of the raw bytes, hex; the identity of the content."""
    size: int
    raw_packed: bytes
    """The raw bytes as the store keeps them; `desk.mail.packing` unpacks."""
    kind: MessageKind = "message"
    auto: AutoKind = ""
    """Why RFC 3834 forbids an automatic answer, '' where it does not."""
    message_id: str = ""
    """Without angle brackets, as are the next two."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    date: Millis | None = None
    """The Date header: the sender's claim."""
    received_at: Millis | None = None
    """The instant of the `From ` line it begins with (RFC 4155), if it has one."""
    body: str = ""
    folds: tuple[Fold, ...] = ()
    links: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    report: Report | None = None
    calendar: Calendar | None = None
    defects: tuple[str, ...] = ()
    """What was odd but could be read, in words."""

    @property
    def told_at(self) -> Millis | None:
        """When it came or was written, as far as the mail itself says so."""
        return self.received_at if self.received_at is not None else self.date


class Refused(Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """One mail that broke a limit or the parser; its bytes are kept and it can be replayed."""

    sha256: str
    size: int
    raw_packed: bytes
    reason: str


class Mailbox(Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """What was looked at is a file of several mails; `desk.mail.archive.mails` finds them."""

    about: int
    """How many they may be."""


class NoMail(Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """What was looked at is no mail, or cannot be read."""

    reason: str


Outcome = Parsed | Refused | Mailbox | NoMail


class Slice(Struct, frozen=True, kw_only=True, array_like=True):
    """Bytes that a parser process reads itself: `length` bytes of `path` from `offset` (-1: to the end)."""

    path: str
    offset: int = 0
    length: int = -1
    is_mail: bool = True
    """False for a file that is yet to be looked at: then `Mailbox` and `NoMail` are answers too."""


class Source(Struct, frozen=True, kw_only=True, array_like=True):
    """One mail on its way to the parser."""

    external_id: str
    raw: bytes = b""
    slice: Slice | None = None
    received_at: Millis | None = None
    """When the mail server or archive says it arrived; trusted more than the Date header."""


class Limits(Struct, frozen=True, kw_only=True):
    """What one mail may cost. Bytes, counts and seconds."""

    size: int = 50 * 1024 * 1024
    parts: int = 1_000
    depth: int = 50
    header_bytes: int = 256 * 1024
    header_line: int = 64 * 1024
    seconds: float = 2.0
    attachments: int = 500
