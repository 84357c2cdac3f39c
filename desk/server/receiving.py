"""One account: its connector, kept receiving through every break, and how it is doing."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from msgspec.structs import replace

from connectors.base import Batch, Connector, ConnectorError, Factory
from desk.mail.parsed import Source
from desk.mail.pool import ParserPool, ParserUnavailable
from desk.model import AccountStatus
from desk.secrets import SecretError, Secrets
from desk.server.accounts import connector_account
from desk.server.core import Core
from desk.server.sending import Sender
from desk.server.tasks import end, finish, keep_running
from desk.service import ingest
from desk.service.ingest import IngestOptions
from desk.settings import AccountSettings
from desk.store.base import StoreError

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
STOP_SECONDS = 5.0


class Receiver:
    """Runs one account until `stop`; whatever happens in it stays in it."""

    def __init__(
        self,
        core: Core,
        pool: ParserPool,
        secrets: Secrets,
        settings: AccountSettings,
        factory: Factory,
        options: IngestOptions,
        number: int,
    ) -> None:
        self.settings = settings
        self.status = AccountStatus(
            name=settings.name, connector=settings.connector, address=settings.address, since=core.clock.now()
        )
        self._core = core
        self._pool = pool
        self._secrets = secrets
        self._factory = factory
        self.options = options
        """May be replaced while it runs."""
        self._number = number
        self._asked_in_vain = False
        self._asked = False
        self._secret_problem = ""
        self._retry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connector: Connector | None = None
        self._sender: Sender | None = None

    # --- life ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Connect, receive and send."""
        self._task = asyncio.create_task(self._run(), name=f"account {self.settings.name}")

    async def stop(self) -> None:
        """End receiving at once, and sending as soon as what is on the wire is recorded."""
        if self._task is not None:
            await end(self._task)
        if self._sender is not None:
            await self._sender.stop()
        if self._connector is not None:
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self._connector.close()
            except Exception:
                log.exception("%s: the connector did not close", self.settings.name)

    def retry(self) -> None:
        """Try again now: a secret was given, or something was set right."""
        self._secrets.forget(self.settings.name)
        self._retry.set()

    # --- receiving ----------------------------------------------------------------------------------------

    async def _run(self) -> None:
        connector = await self._open()
        if connector is None:
            return
        self._connector = connector
        self._listen(connector)
        self._sender = Sender(self._core, self.settings.name, connector, files_copies=self._factory.files_copies)
        self._sender.start()
        await keep_running(f"account {self.settings.name}", lambda: self._receive_all(connector))

    async def _open(self) -> Connector | None:
        account = connector_account(self.settings)
        try:
            problems = self._factory.validate(account)
            if not problems:
                return self._factory.open(account, self._secret)
        except Exception as error:
            log.exception("%s: the connector cannot be opened", self.settings.name)
            problems = [f"the connector cannot be opened: {error}"]
        await self._say("stopped", f"[accounts.{self.settings.name}] {'; '.join(problems)}")
        return None

    async def _receive_all(self, connector: Connector) -> None:
        failures = 0
        while True:
            self._asked = self._asked_in_vain = False
            self._retry.clear()
            try:
                cursors = self._core.store.cursors.all(self.settings.name)
                async with _closing(connector.receive(cursors)) as batches:
                    async for batch in batches:
                        failures = 0
                        await finish(self._take(connector, batch))
                failure = ConnectorError("the connector stopped receiving")
            except ConnectorError as error:
                failure = error
            except (StoreError, OSError, MemoryError, ParserUnavailable) as error:
                failure = ConnectorError(f"mail cannot be taken in: {error}")
            except Exception as error:
                log.exception("%s: receiving failed in an unexpected way", self.settings.name)
                failure = ConnectorError(f"receiving failed ({type(error).__name__})")
            failures += 1
            await self._failed(failure, failures)

    async def _take(self, connector: Connector, batch: Batch) -> None:
        """Parse a batch, store it with its cursor, and tell the connector that it is durable."""
        core, name = self._core, self.settings.name
        sources = [
            Source(external_id=event.external_id, raw=event.raw, received_at=event.received_at)
            for event in batch.events
        ]
        answers = await self._pool.parse(sources) if sources else []
        cursor = (batch.key, batch.cursor)
        options = replace(self.options, own_proven=batch.proven)
        result = await core.write(ingest.apply, name, answers, cursor=cursor, options=options)
        await connector.stored(batch)
        if result.new or result.quarantined:
            log.info("%s: %d new, %d quarantined from %s", name, result.new, result.quarantined, batch.key)
        if sources:
            self.status = replace(self.status, last_received_at=core.clock.now())
        await self._say("connected")

    async def _failed(self, error: ConnectorError, failures: int) -> None:
        """Say what is wrong and wait until it makes sense to try again."""
        words = f"{error} ({error.hint})" if error.hint else str(error)
        pause: float | None = min(FIRST_PAUSE_SECONDS * 2.0 ** (failures - 1), LONGEST_PAUSE_SECONDS)
        if self._asked_in_vain:
            await self._say("needs-secret", self._secret_problem or words)
            pause = LONGEST_PAUSE_SECONDS
        elif error.final:
            self._secrets.forget(self.settings.name)
            await self._say("needs-secret" if self._asked else "stopped", words)
            pause = None
        else:
            await self._say("retrying", words)
        log.warning("%s: %s", self.settings.name, words)
        try:
            async with asyncio.timeout(None if pause is None else pause * random.uniform(0.8, 1.2)):
                await self._retry.wait()
        except TimeoutError:
            return

    # --- secrets and state --------------------------------------------------------------------------------

    def _secret(self) -> str | None:
        """What the connector asks, from a thread of its own."""
        self._asked = True
        try:
            found = self._secrets.find(self.settings)
        except SecretError as error:
            self._secret_problem = str(error)
            self._asked_in_vain = True
            return None
        if found is None:
            self._secret_problem = self._secrets.where(self.settings)
            self._asked_in_vain = True
            return None
        return found.secret

    def _listen(self, connector: Connector) -> None:
        """Hear of connections made and lost that `receive` has no batch for, if the connector tells."""
        loop = asyncio.get_running_loop()

        def told(state: str, reason: str = "") -> None:
            loop.call_soon_threadsafe(lambda: asyncio.ensure_future(self._told(state, reason)))

        if hasattr(connector, "on_state"):
            connector.on_state = told

    async def _told(self, state: str, reason: str) -> None:
        if state == "connected":
            await self._say("connected")
        elif state == "retrying":
            await self._say("retrying", reason)

    async def _say(self, state: str, error: str = "") -> None:
        """Keep the state for `/accounts`, and put a line into the feed if it is another."""
        if (self.status.state, self.status.error) == (state, error):
            return
        now = self._core.clock.now()
        since = now if state != self.status.state else self.status.since
        self.status = replace(self.status, state=state, error=error, since=since)
        try:
            await self._core.threads.write(_note, self._core, self._number)
        except Exception:
            log.exception("%s: the change of its state cannot be noted", self.settings.name)


def _note(core: Core, number: int) -> None:
    with core.store.write():
        core.store.changes.note("account", number)


@asynccontextmanager
async def _closing(batches: AsyncIterator[Batch]) -> AsyncIterator[AsyncIterator[Batch]]:
    """Whoever stops early has the connector end, at once, what runs for its batches."""
    try:
        yield batches
    finally:
        if isinstance(batches, AsyncGenerator):
            await batches.aclose()
