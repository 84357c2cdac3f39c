"""What was learned, kept in a file of the workspace; and learning anew, in a process of its own."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path

import msgspec

from desk.clock import SECOND, Millis
from desk.learning.__main__ import WITHOUT_LIBRARY
from desk.learning.model import Lesson, Model, decode
from desk.model import Guess, LearningReport
from desk.model.routing import LearningState
from desk.server.core import Core
from desk.server.tasks import end, keep_running
from desk.service import learned
from desk.service.errors import Lost
from desk.settings.words import LearningSettings

log = logging.getLogger(__name__)

FILE = "learned.msgpack"
_FOLDER = "learning-"
SECONDS_AT_MOST = 1_800.0
NIGHT = time(3, 30)
LOOK_SECONDS = 300.0
_MISSING = "scikit-learn is not installed where the server runs; install it: pip install 'agent-desk[learning]'"


class Learning:
    """Belongs to the running event loop."""

    def __init__(
        self, core: Core, folder: Path, settings: Callable[[], LearningSettings], changed: Callable[[], Awaitable[None]]
    ) -> None:
        """`changed` is called when there is another model to go by."""
        self._core = core
        self._path = folder / FILE
        self._settings = settings
        self._changed = changed
        self._task: asyncio.Task[None] | None = None
        self._nightly: asyncio.Task[None] | None = None
        self._error = ""
        self.model: Model | None = None

    async def begin(self) -> None:
        """Read what was learned before; what a crash left of a lesson goes away."""
        for left in self._path.parent.glob(f"{_FOLDER}*"):
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
        self.model = await asyncio.to_thread(_read, self._path)
        self._nightly = asyncio.create_task(keep_running("learning anew each night", self._each_night))

    async def close(self) -> None:
        """End what runs."""
        await end(*filter(None, (self._nightly, self._task)))

    def start(self) -> LearningReport:
        """Begin to learn anew. Raises Lost('learning') while it goes on."""
        if self._running:
            raise Lost("learning", "it is being learned already; wait until that is done")
        self._error = ""
        self._task = asyncio.create_task(self._learn())
        return self.report()

    async def wait(self, seconds: float) -> LearningReport:
        """`report`, once what runs is done or the time is over."""
        if self._running and self._task is not None:
            await asyncio.wait([self._task], timeout=seconds)
        return self.report()

    def report(self) -> LearningReport:
        """How it stands."""
        model, settings = self.model, self._settings()
        told = LearningReport(state=self._state, error=self._error, queues=settings.queues, tags=settings.tags)
        if model is None:
            return told
        return msgspec.structs.replace(
            told,
            at=model.at,
            examples=model.examples,
            judged_on=model.judged_on,
            asked=model.asked,
            labels=model.judged,
        )

    def guesses(self, conversation_id: int) -> list[Guess]:
        """See `learned.guesses`; none before anything was learned. Reads the store."""
        return learned.guesses(self._core.store, self.model, conversation_id) if self.model else []

    @property
    def _state(self) -> LearningState:
        if self._running:
            return "learning"
        return "failed" if self._error else "ready" if self.model else "none"

    @property
    def _running(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _each_night(self) -> None:
        """Learn anew once a night has passed since that was done last; one that the server slept through counts."""
        begun, tried = self._core.clock.now(), 0
        while True:
            settings, now = self._settings(), self._core.clock.now()
            last = max(self.model.at if self.model else begun, tried)
            if settings.daily and (settings.queues or settings.tags) and not self._running and last < night_before(now):
                tried = now
                self.start()
            await asyncio.sleep(LOOK_SECONDS)

    async def _learn(self) -> None:
        try:
            given = await self._core.threads.read(
                learned.lesson, self._core.store, self._core.clock, self._settings().precision
            )
            self._error = await self._taught(given)
            if not self._error:
                self.model = await asyncio.to_thread(_read, self._path)
                await self._changed()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("learning failed")
            self._error = f"{type(error).__name__}; the server's log says where"

    async def _taught(self, given: Lesson) -> str:
        """What went wrong; '' if the file has what was learned."""
        with tempfile.TemporaryDirectory(prefix=_FOLDER, dir=self._path.parent) as folder:
            file = Path(folder) / "lesson"
            await asyncio.to_thread(file.write_bytes, msgspec.msgpack.encode(given))
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "desk.learning", str(file), str(self._path),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            try:
                _, said = await asyncio.wait_for(process.communicate(), SECONDS_AT_MOST)
            except BaseException:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
                raise
        if process.returncode == WITHOUT_LIBRARY:
            return _MISSING
        if process.returncode:
            log.error("learning ended with %d: %s", process.returncode, said.decode(errors="replace")[-2_000:])
            return f"the learning process ended with {process.returncode}; the server's log says more"
        return ""


def night_before(now: Millis) -> Millis:
    """When it was `NIGHT` last, by the clock of this machine."""
    here = datetime.fromtimestamp(now / SECOND)
    night = datetime.combine(here.date(), NIGHT)
    return round((night if night <= here else night - timedelta(days=1)).timestamp()) * SECOND


def _read(path: Path) -> Model | None:
    try:
        found = decode(path.read_bytes())
    except FileNotFoundError:
        return None
    if found is None:
        log.error("%s is not what this Desk writes; learn anew with `desk learn start`", path)
    return found
