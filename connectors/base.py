"""The protocol between Desk and the outside world.

A connector turns a channel into batches of events with a cursor, and sends what it is given. It knows
nothing of the store: delivery is at least once, and what was stored is told to it by `stored`. Third parties
register theirs as an entry point in the group `desk.connectors`, naming a `Factory`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from desk.clock import Millis
from desk.model import Check, Message, Unsubscribe


class Inbound(Struct, frozen=True, kw_only=True):
    """One thing that came in, as bytes of Internet mail."""

    external_id: str
    """Unique in the account and stable over reconnects, such as `INBOX/1700000000/42`."""
    raw: bytes
    received_at: Millis | None = None


class Batch(Struct, frozen=True, kw_only=True):
    """Events and the cursor that stands behind them; stored together or not at all."""

    key: str
    """Which of the account's cursors: a folder's name."""
    cursor: str
    events: tuple[Inbound, ...] = ()
    proven: bool = False
    """It lay where only the account's owner can put messages (the Sent folder), so one that says it is ours is."""


class File(Struct, frozen=True, kw_only=True):
    name: str
    media_type: str
    data: bytes


class Outgoing(Struct, frozen=True, kw_only=True):
    """A message to send. Its Message-ID was fixed when its outbox row was made."""

    message: Message
    files: tuple[File, ...] = ()
    quoted: Message | None = None
    """The message to quote below the answer, when the rep asked for it."""
    unsubscribe: Unsubscribe | None = None
    """Of mail that Desk sends by itself, and not as an answer: where its recipient refuses more of it."""


class Wire(Struct, frozen=True, kw_only=True):
    """What will go over the wire: stored before it is sent, and sent unchanged however often."""

    raw: bytes
    sender: str
    recipients: tuple[str, ...]
    rfc_message_id: str


class Receipt(Struct, frozen=True, kw_only=True):
    """The channel said yes. `refused` names recipients it said no to, with its words."""

    response: str = ""
    refused: Mapping[str, str] = {}


class SendError(Exception):
    """Sending failed; the message says why in plain words."""


class Temporary(SendError):
    """Certainly not sent; worth another try later."""


class Permanent(SendError):
    """Certainly not sent, and another try would not help."""


class Uncertain(SendError):
    """The connection broke after the content was handed over: it may or may not have been accepted."""


class ConnectorError(Exception):
    """Receiving failed. `hint` says what to do; `final` that retrying will not help (a wrong password)."""

    def __init__(self, message: str, *, hint: str = "", final: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.final = final


class Account(Struct, frozen=True, kw_only=True):
    """What every connector is told of its account; `options` are the connector's own settings."""

    name: str
    address: str = ""
    display_name: str = ""
    signature: str = ""
    folder: str = ""
    """The workspace: what relative paths in the options are relative to."""
    options: Mapping[str, Any] = {}


SecretSource = Callable[[], str | None]
"""Answers with the account's secret, or None if there is none (yet). May take seconds: call it in a thread."""


class Connector(Protocol):
    """One account's connection. Made anew when its settings change."""

    account: Account

    def receive(self, cursors: Mapping[str, str]) -> AsyncIterator[Batch]:
        """Yield batches for ever, from the given cursors on, catching up after any break by itself.

        Raises `ConnectorError`; the hub starts it again, with back-off unless `final`. The next batch
        of the same key is asked for only after `stored`.
        """
        ...

    async def stored(self, batch: Batch) -> None:
        """The batch is durable: mark seen or move, if the account is set up so."""
        ...

    def prepare(self, outgoing: Outgoing) -> Wire:
        """The bytes to send. Pure; raises `Permanent` for what can never be sent."""
        ...

    async def send(self, wire: Wire) -> Receipt:
        """Hand over. Raises `Temporary`, `Permanent` or `Uncertain`."""
        ...

    async def was_sent(self, rfc_message_id: str) -> bool | None:
        """Whether the channel knows that message as sent; None where it cannot tell."""
        ...

    async def file_copy(self, wire: Wire) -> None:
        """Put a copy with the sent ones, unless it is there. Raises `SendError`."""
        ...

    async def check(self) -> Sequence[Check]:
        """Try everything and say in plain words what works and what does not. Never raises."""
        ...

    async def close(self) -> None: ...


class Factory(Protocol):
    """Makes connectors of one kind; what an entry point in `desk.connectors` names."""

    name: str
    files_copies: bool
    """Whether sent messages need `file_copy`."""
    needs_secret: bool
    """Whether accounts of this kind log in with a secret."""

    def validate(self, account: Account) -> list[str]:
        """What is wrong with the settings, as `option: what, and what to do`; empty if nothing."""
        ...

    def open(self, account: Account, secret: SecretSource) -> Connector: ...


__all__ = [
    "Account",
    "Batch",
    "Connector",
    "ConnectorError",
    "Factory",
    "File",
    "Inbound",
    "Outgoing",
    "Permanent",
    "Receipt",
    "SecretSource",
    "SendError",
    "Temporary",
    "Uncertain",
    "Wire",
]
