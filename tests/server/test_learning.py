"""When Desk learns anew by itself."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from desk.clock import HOUR, MINUTE, SECOND, ManualClock, Millis
from desk.model import LearningReport
from desk.server import learning
from desk.server.core import Core
from desk.server.learning import Learning, night_before
from desk.server.threads import Threads
from desk.settings.words import LearningSettings
from desk.store.sqlite import open_store
from tests.servers.patience import Deadline


def at(day: int, hour: int, minute: int = 0) -> Millis:
    return round(datetime(2026, 3, day, hour, minute).timestamp()) * SECOND


@pytest.mark.parametrize(
    ("now", "night"),
    [(at(10, 3, 29), at(9, 3, 30)), (at(10, 3, 30), at(10, 3, 30)), (at(10, 23), at(10, 3, 30)), (at(1, 0), 0)],
)
def test_the_night_before(now: Millis, night: Millis) -> None:
    assert night_before(now) == (night or round(datetime(2026, 2, 28, 3, 30).timestamp()) * SECOND)


async def test_it_learns_once_a_night_while_that_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, begun, looks = ManualClock(at(10, 22)), list[Millis](), 0
    monkeypatch.setattr(learning, "LOOK_SECONDS", 0.0)
    store = open_store(tmp_path / "desk.db", blobs=tmp_path / "blobs")
    core, said = Core(store, Threads(), clock), LearningSettings(queues=True)

    class Counted(Learning):
        def start(self) -> LearningReport:
            begun.append(clock.now())
            return self.report()

    def settings() -> LearningSettings:
        nonlocal looks
        looks += 1
        return said

    async def looked() -> None:
        wanted, deadline = looks + 2, Deadline(15)
        while looks < wanted:
            assert not deadline.passed()
            await asyncio.sleep(0)

    async def changed() -> None: ...

    learns = Counted(core, tmp_path, settings, changed)
    await learns.begin()
    for hours in range(1, 40):
        clock.advance(HOUR)
        said = replace(said, queues=hours != 31)
        await looked()
    assert begun == [at(11, 4), at(12, 4)], "once a night, an hour at most after half past three"
    said = replace(said, daily=False)
    clock.advance(24 * HOUR + MINUTE)
    await looked()
    assert len(begun) == 2
    await learns.close()
    core.threads.close()
    store.close()
