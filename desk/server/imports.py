"""Imports of archives: parsed on all cores, stored in batches between which live mail takes its turn."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec.structs import replace

from desk.mail.parsed import Parsed
from desk.mail.pool import Answer, ParserPool, ParserUnavailable
from desk.model import ImportJob
from desk.server.archives import Reading
from desk.server.batches import Batches, Chunk
from desk.server.core import Core
from desk.server.jobs import Job, Jobs
from desk.service import ingest
from desk.service.ingest import IngestOptions, IngestResult
from desk.store.base import Store, StoreError

log = logging.getLogger(__name__)

ACCOUNT = "import"
"""The account that imported mail stands under in the ledger."""
BATCH = 1_000
"""Messages stored in one transaction; what live mail has to wait for at most."""
WORTH_A_COMMIT = 400
"""Messages that the writer waits for when he is idle."""
WAITING_AT_MOST = 3_000
"""Mails that may wait for the writer, so that no parser ever waits for it."""
KEEPERS = 2
"""Threads that put attachments on the disk ahead of the batch that names them; they mostly wait for it."""
_ALLOCATIONS_BETWEEN_COLLECTIONS = 200_000
KEPT = 100
"""Finished jobs that are still told of."""
WARM_AFTER_SECONDS = 5.0
"""When parsers are made ready though nobody asked for them: not while whoever started the server waits for it."""


class Imports(Jobs[ImportJob]):
    """The imports of this run of the server, one at a time, in the order they came."""

    def __init__(self, core: Core, pool: ParserPool) -> None:
        super().__init__("import", KEPT)
        self._core = core
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="import")
        self._warming = self._loop.call_later(WARM_AFTER_SECONDS, pool.warm)

    def start(self, paths: Sequence[Path], own: frozenset[str]) -> ImportJob:
        """Queue an import of everything beneath `paths`. `own`: folded addresses that are ours."""
        self._pool.warm()
        options = IngestOptions(own=own, own_proven=True, promised=False)
        job = self._made(ImportJob(), paths)
        self._thread.submit(job.run, options)
        return job.state

    def finished(self, state: ImportJob) -> ImportJob:
        """Keep a job that was done elsewhere, under a number of its own."""
        return self._made(state).state

    def get(self, id: int) -> ImportJob:
        """Raises NotFound."""
        return self.job(id).state

    async def stop(self) -> None:
        """Cancel what runs, and wait until its last batch is stored."""
        self._warming.cancel()
        self.cancel_all()
        await asyncio.to_thread(self._thread.shutdown)

    def _made(self, state: ImportJob, paths: Sequence[Path] = ()) -> _Job:
        job = _Job(self._core, self._pool, self._loop, replace(state, id=self.number()), paths)
        self.add(job)
        return job


@contextmanager
def _few_collections() -> Iterator[None]:
    """Parsed mail is many objects that all live until they are stored: to look among them for garbage is in vain."""
    usual = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class _Job(Job[ImportJob]):
    """One import. `run` belongs to the import thread, all else to the event loop."""

    def __init__(
        self,
        core: Core,
        pool: ParserPool,
        loop: asyncio.AbstractEventLoop,
        state: ImportJob,
        paths: Sequence[Path],
    ) -> None:
        super().__init__(state)
        self._core = core
        self._pool = pool
        self._loop = loop
        self._reading = Reading(pool, paths, self.cancelled)
        self._counts = IngestResult()
        self._store_seconds = 0.0

    # --- in the import thread -----------------------------------------------------------------------------

    def run(self, options: IngestOptions) -> None:
        began, cpu = time.monotonic(), self._pool.cpu_seconds
        self._began, self._cpu = began, cpu
        try:
            with _few_collections():
                self._store_all(options)
        except (OSError, StoreError, ParserUnavailable, ValueError) as error:
            self._tell("cancelled" if self.cancelled.is_set() else "failed", str(error))
        except Exception as error:
            log.exception("import %d failed in an unexpected way", self.state.id)
            self._tell("failed", f"{type(error).__name__}; the server's log says where")
        else:
            self._tell("cancelled" if self.cancelled.is_set() else "done")

    def _store_all(self, options: IngestOptions) -> None:
        """Parse, put attachments on the disk and store: each goes on while the next is busy."""
        batches = Batches(BATCH, WAITING_AT_MOST, least=WORTH_A_COMMIT)
        with ThreadPoolExecutor(1, thread_name_prefix="import-read") as readers:
            reading = readers.submit(self._read, batches)
            try:
                while not self.cancelled.is_set() and (batch := batches.take()):
                    stored = self._core.threads.submit(self._store, self._core.store, batch, options)
                    self._add(stored.result())
            finally:
                batches.close()
            reading.result()

    def _read(self, batches: Batches) -> None:
        """In a thread of its own."""
        try:
            with (
                ThreadPoolExecutor(KEEPERS, thread_name_prefix="import-files") as keepers,
                closing(self._reading.answers()) as found,
            ):
                for answers in found:
                    files = self._new_files(answers)
                    put = keepers.submit(self._core.store.blobs.put_many, files) if files else None
                    if not batches.put(Chunk(answers, put)) or self.cancelled.is_set():
                        return
        finally:
            batches.close()

    def _new_files(self, answers: list[Answer]) -> list[bytes]:
        """Attachments that the writer, who would put them one by one, is to find on the disk."""
        mails = [outcome for _, outcome in answers if isinstance(outcome, Parsed) and outcome.parts]
        known = self._core.store.messages.by_sha256s([mail.sha256 for mail in mails]) if mails else {}
        return list({part.data for mail in mails if mail.sha256 not in known for part in mail.parts})

    def _store(self, store: Store, batch: list[Answer], options: IngestOptions) -> IngestResult:
        """In the writer's thread."""
        began = time.monotonic()
        result = ingest.apply(store, self._core.clock, ACCOUNT, batch, options=options)
        self._store_seconds += time.monotonic() - began
        return result

    def _add(self, result: IngestResult) -> None:
        counts = self._counts
        self._counts = IngestResult(
            new=counts.new + result.new,
            duplicate=counts.duplicate + result.duplicate,
            quarantined=counts.quarantined + result.quarantined,
            conversations=counts.conversations + result.conversations,
        )
        self._tell("running")

    def _tell(self, state: str, error: str = "") -> None:
        """Show the present counts to whoever asks."""
        counts = self._counts
        messages = counts.new + counts.duplicate + counts.quarantined
        told = replace(
            self.state,
            state=state,
            total=self._reading.total if state == "running" else messages,
            messages=messages,
            new=counts.new,
            duplicate=counts.duplicate,
            quarantined=counts.quarantined,
            conversations=counts.conversations,
            skipped=self._reading.skipped,
            seconds=time.monotonic() - self._began,
            parse_seconds=self._pool.cpu_seconds - self._cpu,
            store_seconds=self._store_seconds,
            error=error,
        )
        self._loop.call_soon_threadsafe(self.show, told)
