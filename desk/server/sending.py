"""One account's way out: takes what is due, hands it over, records what became of it, files the copies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Any, Concatenate, ParamSpec

import msgspec

from connectors.base import Connector, File, Outgoing, Permanent, SendError, Temporary, Uncertain, Wire
from desk.clock import Clock
from desk.mail.packing import pack
from desk.model import Message, OutboxItem
from desk.server.core import Core
from desk.server.tasks import end, keep_running
from desk.service import outbox
from desk.store.base import Store, StoreError

log = logging.getLogger(__name__)

P = ParamSpec("P")

AT_ONCE = 4
"""Messages of one account on the wire at the same time, so that a slow server for one does not delay the others."""
ASK_AGAIN_SECONDS = (3.0, 60.0)
"""When the channel is asked whether it knows a message whose sending was uncertain."""
FILING_SECONDS = 10.0
STOP_SECONDS = 8.0
"""How long messages on the wire may take when the server ends."""


class Sender:
    """Sends one account's messages while it runs."""

    def __init__(self, core: Core, account: str, connector: Connector, *, files_copies: bool) -> None:
        self._core = core
        self._account = account
        self._connector = connector
        self._files_copies = files_copies
        self._loops: list[asyncio.Task[None]] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._asking: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to send, file and reconcile; what `outbox.recover` left unknown is asked for first."""
        for item in self._core.store.outbox.in_states(("unknown",), 1000):
            if item.account == self._account:
                self._spawn(self._asking, self._ask(item, (0.0, *ASK_AGAIN_SECONDS)))
        self._loops = [
            asyncio.create_task(keep_running(f"{self._account}: sending", self._send_all)),
            asyncio.create_task(keep_running(f"{self._account}: filing", self._file_all)),
        ]

    async def stop(self) -> None:
        """Take nothing more; let what is on the wire end, or record it as unknown."""
        await end(*self._loops, *self._asking)
        if self._sending:
            await asyncio.wait(self._sending, timeout=STOP_SECONDS)
        await end(*self._sending)

    # --- sending ------------------------------------------------------------------------------------------

    async def _send_all(self) -> None:
        slots = asyncio.Semaphore(AT_ONCE)
        while True:
            await slots.acquire()
            work = await self._next()
            self._spawn(self._sending, self._deliver(work)).add_done_callback(lambda _: slots.release())

    async def _next(self) -> outbox.Work:
        """Wait for the next message to be due, and take it."""
        core = self._core
        while True:
            mark = core.feed.mark()
            due = core.store.outbox.next_due_at(self._account)
            wait = None if due is None else (due - core.clock.now()) / 1000
            if wait is None or wait > 0:
                await core.feed.after(mark, wait)
            elif taken := await self._take():
                return taken

    async def _take(self) -> outbox.Work | None:
        """Take one message; if told to stop in the middle of it, send it before that."""
        taking = asyncio.create_task(self._core.write(outbox.take_due, accounts=(self._account,), limit=1))
        try:
            taken = await asyncio.shield(taking)
        except asyncio.CancelledError:
            for work in await taking:
                self._spawn(self._sending, self._deliver(work))
            raise
        if not taken:
            await asyncio.sleep(0.05)
        return taken[0] if taken else None

    async def _deliver(self, work: outbox.Work) -> None:
        id = work.item.id
        try:
            wire = await self._prepare(work)
        except Permanent as error:
            await self._record(outbox.record_permanent, id, str(error))
        except (SendError, StoreError, OSError) as error:
            await self._record(outbox.record_temporary, id, f"it could not be prepared: {error}")
        except Exception as error:
            log.exception("outbox item %d cannot be prepared", id)
            await self._record(outbox.record_permanent, id, f"it cannot be made into a mail ({type(error).__name__})")
        else:
            await self._hand_over(work.item, wire)

    async def _prepare(self, work: outbox.Work) -> Wire:
        """The bytes to send, stored before the first of them is on the wire."""
        core = self._core
        outgoing = Outgoing(
            message=work.message,
            files=await core.threads.read(_files, core.store, work.message),
            quoted=work.quoted,
            unsubscribe=work.unsubscribe,
        )
        wire = await core.threads.read(self._connector.prepare, outgoing)
        if work.prepared is not None:
            return msgspec.structs.replace(wire, raw=work.prepared)
        digest = sha256(wire.raw).hexdigest()
        await core.threads.write(outbox.record_prepared, core.store, work.item, pack(wire.raw), digest, len(wire.raw))
        return wire

    async def _hand_over(self, item: OutboxItem, wire: Wire) -> None:
        try:
            receipt = await self._connector.send(wire)
        except Temporary as error:
            await self._record(outbox.record_temporary, item.id, str(error))
        except Permanent as error:
            await self._record(outbox.record_permanent, item.id, str(error))
        except asyncio.CancelledError:
            await self._record(outbox.record_unknown, item.id, outbox.CRASHED)
            raise
        except Exception as error:
            if not isinstance(error, Uncertain):
                log.exception("sending outbox item %d failed in an unexpected way", item.id)
            await self._record(outbox.record_unknown, item.id, str(error) or type(error).__name__)
            self._spawn(self._asking, self._ask(item, ASK_AGAIN_SECONDS))
        else:
            await self._record(outbox.record_sent, item.id, refused=dict(receipt.refused), file_copy=self._files_copies)

    async def _record(
        self, record: Callable[Concatenate[Store, Clock, P], OutboxItem], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Record an outcome, again if the disk is full; without a record it is `unknown` at the next start."""
        for pause in (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, None):
            try:
                await self._core.write(record, *args, **kwargs)
            except Exception:
                log.exception("%s: what became of a message cannot be recorded", self._account)
                if pause is not None:
                    await asyncio.sleep(pause)
            else:
                return

    # --- was it sent? -------------------------------------------------------------------------------------

    async def _ask(self, item: OutboxItem, pauses: tuple[float, ...]) -> None:
        """Ask the channel about an uncertain message until it knows it, at these intervals."""
        for pause in pauses:
            await asyncio.sleep(pause)
            try:
                known = await self._connector.was_sent(item.rfc_message_id)
            except Exception as error:
                log.warning("%s: cannot ask for outbox item %d: %s", self._account, item.id, type(error).__name__)
                continue
            await self._core.write(outbox.reconcile, item.id, known)
            if known:
                return

    # --- the copy in Sent ---------------------------------------------------------------------------------

    async def _file_all(self) -> None:
        core = self._core
        while True:
            mark = core.feed.mark()
            due = [item for item in core.store.outbox.filing_due(core.clock.now()) if item.account == self._account]
            for item in due:
                await self._file(item)
            if not due:
                await core.feed.after(mark, FILING_SECONDS)

    async def _file(self, item: OutboxItem) -> None:
        core = self._core
        try:
            await self._connector.file_copy(await core.threads.read(_sent_wire, core.store, item))
        except Permanent as error:
            await self._record(outbox.record_filing_failed, item.id, str(error), final=True)
        except Exception as error:
            if not isinstance(error, SendError):
                log.exception("filing outbox item %d failed in an unexpected way", item.id)
            await self._record(outbox.record_filing_failed, item.id, str(error) or type(error).__name__)
        else:
            await self._core.threads.write(outbox.record_filed, core.store, core.clock, item.id)

    def _spawn(self, tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return task


def _files(store: Store, message: Message) -> tuple[File, ...]:
    files = []
    for attachment in message.attachments:
        data = store.blobs.read(attachment.sha256)
        if data is None:
            raise Permanent(f"the attachment {attachment.name} is gone; attach it again in a new answer")
        files.append(File(name=attachment.name, media_type=attachment.media_type, data=data))
    return tuple(files)


def _sent_wire(store: Store, item: OutboxItem) -> Wire:
    raw = store.messages.raw(item.message_id)
    if raw is None:
        raise Permanent("its bytes are gone")
    return Wire(raw=raw, sender="", recipients=(), rfc_message_id=item.rfc_message_id)
