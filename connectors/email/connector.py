"""An e-mail account as a connector: folders in, SMTP out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from connectors.base import Account, Batch, ConnectorError, Outgoing, Receipt, SecretSource, Wire
from connectors.email import check, sent, smtp
from connectors.email.settings import parse
from connectors.email.watch import Chore, Memory, Watch, place_of
from connectors.mailing import compose
from connectors.options import settled
from desk.model import Check

_GRACE_SECONDS = 0.5
"""How long a folder's thread may take to mark what is stored before its connection is cut."""

_Item = tuple[Watch, Batch | ConnectorError]


class EmailConnector:
    """Receives from IMAP folders, each watched by a thread of its own, and sends over SMTP.

    `on_state`, if set, is called in the event loop with `"connected"` or `"retrying"` and the reason.
    """

    def __init__(self, account: Account, secret: SecretSource) -> None:
        """Raises ConnectorError if the settings are not valid."""
        self._settings = settled(parse(account))
        self.account = account
        self.on_state: Callable[[str, str], None] | None = None
        self._secret = secret
        self._memories = {folder: Memory() for folder in self._settings.imap.folders}
        self._watches: list[Watch] = []
        self._troubled: dict[str, str] = {}

    # --- in -----------------------------------------------------------------------------------------------

    async def receive(self, cursors: Mapping[str, str]) -> AsyncIterator[Batch]:
        """Yield batches for ever; see `connectors.base.Connector.receive`. Call it once at a time."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[_Item] = asyncio.Queue()

        def deliver(watch: Watch, item: Batch | ConnectorError) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody wants it any more
                loop.call_soon_threadsafe(queue.put_nowait, (watch, item))

        def state(folder: str, now: str, reason: str) -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._note_state, folder, now, reason)

        self._watches = watches = [
            Watch(
                folder,
                cursors.get(folder),
                self._settings,
                self._secret,
                memory,
                deliver=deliver,
                on_state=state,
            )
            for folder, memory in self._memories.items()
        ]
        try:
            for watch in watches:
                watch.start()
            while True:
                watch, item = await queue.get()
                if isinstance(item, ConnectorError):
                    raise item
                yield item
                watch.taken()
        finally:
            await _end(watches)

    async def stored(self, batch: Batch) -> None:
        """Have the batch marked seen or moved, soon, if the account is set up so. Does not wait for the server."""
        memory = self._memories.get(batch.key)
        if memory is None or self._settings.after_store == "keep" or not batch.events:
            return
        places = [place_of(event) for event in batch.events]
        memory.chores.append(Chore(uidvalidity=places[0][0], uids=tuple(uid for _, uid in places)))
        for watch in self._watches:
            if watch.folder == batch.key:
                watch.has_chores()

    def _note_state(self, folder: str, now: str, reason: str) -> None:
        if now == "connected":
            self._troubled.pop(folder, None)
        else:
            self._troubled[folder] = reason
        if self.on_state is not None:
            self.on_state("retrying" if self._troubled else "connected", "; ".join(self._troubled.values()))

    # --- out ----------------------------------------------------------------------------------------------

    def prepare(self, outgoing: Outgoing) -> Wire:
        """The bytes to send: the same bytes for the same message. Raises `Permanent`."""
        return compose.prepare(outgoing, self.account, plus_token=self._settings.plus_token)

    async def send(self, wire: Wire) -> Receipt:
        """Hand over by SMTP. Raises `Temporary`, `Permanent` or `Uncertain`."""
        return await smtp.send(self._settings.smtp, self._secret, wire)

    async def was_sent(self, rfc_message_id: str) -> bool | None:
        """Whether the Sent folder holds it; None where its absence proves nothing. See `sent.was_sent`."""
        return await asyncio.to_thread(sent.was_sent, self._settings, self._secret, rfc_message_id)

    async def file_copy(self, wire: Wire) -> None:
        """Put a copy into the Sent folder, unless it is there. Raises `Temporary` or `Permanent`."""
        await asyncio.to_thread(sent.file_copy, self._settings, self._secret, wire)

    # --- the rest -----------------------------------------------------------------------------------------

    async def check(self) -> Sequence[Check]:
        """Try names, connections, certificates, logins and folders. Never raises; at most some 40 seconds."""
        return await check.check(self._settings, self._secret)

    async def close(self) -> None:
        """End everything under way; a `receive` still waiting ends at its next step."""
        await _end(self._watches)


async def _end(watches: Sequence[Watch]) -> None:
    """Ask the threads to end, then cut their connections. Does not return while one still runs."""
    for watch in watches:
        watch.stop()
    await _joined(watches, _GRACE_SECONDS)
    for watch in watches:
        watch.cut()
    await _joined(watches, 5.0)


async def _joined(watches: Sequence[Watch], seconds: float) -> None:
    await asyncio.gather(*(asyncio.to_thread(watch.join, seconds) for watch in watches if watch.is_alive()))
