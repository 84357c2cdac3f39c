"""A pair of Maildirs as a connector."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

from connectors.base import Account, Batch, ConnectorError, Outgoing, Receipt, Wire
from connectors.maildir import check, outgoing
from connectors.maildir.folder import explain
from connectors.maildir.incoming import Incoming
from connectors.maildir.settings import parse
from connectors.mailing import compose
from connectors.options import settled
from desk.model import Check

_PATIENCE = 5.0
"""Seconds that a folder may be away, once it was there, before the hub is told."""


class MaildirConnector:
    """Receives from one Maildir and writes answers into another.

    `on_state`, if set, is called in the event loop with `"connected"` or `"retrying"` and the reason.
    """

    def __init__(self, account: Account) -> None:
        """Raises ConnectorError if the settings are not valid."""
        self._settings = settled(parse(account))
        self.account = account
        self.on_state: Callable[[str, str], None] | None = None
        self._incoming_folder = Path(self._settings.incoming)
        self._outgoing_folder = Path(self._settings.outgoing)
        self._incoming: Incoming | None = None
        self._closed = asyncio.Event()

    # --- in -----------------------------------------------------------------------------------------------

    async def receive(self, cursors: Mapping[str, str]) -> AsyncIterator[Batch]:
        """Yield batches until closed; see `connectors.base.Connector.receive`. Call it once at a time."""
        self._closed.clear()
        incoming = self._incoming = Incoming(self._incoming_folder, cursors.get("incoming"))
        there_at: float | None = None
        troubled = True
        while not self._closed.is_set():
            try:
                batch = await asyncio.to_thread(incoming.next)
            except OSError as error:
                what, hint = explain(error, self._incoming_folder)
                if there_at is None or time.monotonic() - there_at > _PATIENCE:
                    raise ConnectorError(what, hint=hint) from error
                troubled = True
                self._tell("retrying", what)
                batch = None
            else:
                there_at = time.monotonic()
                if troubled:
                    troubled = False
                    self._tell("connected", "")
            if batch is not None:
                yield batch
            else:
                await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._settings.poll_seconds):
                await self._closed.wait()
        except TimeoutError:
            return

    def _tell(self, state: str, reason: str) -> None:
        if self.on_state is not None:
            self.on_state(state, reason)

    async def stored(self, batch: Batch) -> None:
        """Mark the batch seen, if the account is set up so."""
        if self._settings.after_store == "seen" and self._incoming is not None:
            await asyncio.to_thread(self._incoming.mark_seen, [event.external_id for event in batch.events])

    # --- out ----------------------------------------------------------------------------------------------

    def prepare(self, outgoing: Outgoing) -> Wire:
        """The bytes to send: the same bytes for the same message. Raises `Permanent`."""
        return compose.prepare(outgoing, self.account, plus_token=self._settings.plus_token)

    async def send(self, wire: Wire) -> Receipt:
        """Write it into the outgoing Maildir, once. Raises `Temporary` or `Uncertain`."""
        written = await asyncio.to_thread(outgoing.write, self._outgoing_folder, wire)
        return Receipt(response=f"{'written to' if written else 'lay already in'} {self._outgoing_folder}")

    async def was_sent(self, rfc_message_id: str) -> bool | None:
        """Whether the outgoing Maildir holds it; None if it cannot be asked, or others take messages away from it."""
        try:
            there = await asyncio.to_thread(outgoing.holds, self._outgoing_folder, rfc_message_id)
        except OSError:
            return None
        return there or (None if self._settings.collected else False)

    async def file_copy(self, wire: Wire) -> None:
        """Nothing: what was sent lies in the outgoing Maildir."""

    # --- the rest -----------------------------------------------------------------------------------------

    async def check(self) -> Sequence[Check]:
        """Try to read the one and to write to the other. Never raises."""
        return await asyncio.to_thread(check.check, self._settings)

    async def close(self) -> None:
        """End; a `receive` still waiting ends at once."""
        self._closed.set()
