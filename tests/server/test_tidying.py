"""What nobody needs any more is forgotten, as long ago as the settings say."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from desk.clock import DAY, Clock, ManualClock
from desk.model import Identity
from desk.server import tidying
from desk.server.core import Core
from desk.server.tasks import end
from desk.server.threads import Threads
from desk.settings import DeskSettings, Settings
from desk.store.base import Store
from desk.store.sqlite import open_store
from tests.screens.waiting import until


async def test_what_happened_is_kept_as_long_as_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "PORTION", 2)
    monkeypatch.setattr(tidying, "PAUSE_SECONDS", 0.0)
    threads, clock = Threads(), ManualClock()
    store = await threads.write(open_store, tmp_path / "desk.db", blobs=tmp_path / "attachments", clock=clock)
    core = Core(store, threads, clock)

    def happen(store: Store, clock: Clock) -> None:
        with store.write():
            customer = store.customers.create("Ada", [Identity(kind="email", value="ada@example.org")], clock.now())
            id = store.conversations.create(
                subject="s", channel="email", account="shop", customer_id=customer, at=clock.now()
            )
            who = store.agents.ensure("mia", "Mia")
        for agent in (who.id, None, who.id, None, who.id):
            with store.write():
                store.conversations.assign(id, agent, clock.now())

    await core.write(happen)
    assert len(store.happenings.after(0)) == 5
    clock.advance(9 * DAY)
    settings = Settings(desk=DeskSettings(figures_days=10))
    tidy = asyncio.create_task(tidying.tidy(core, lambda: settings))
    try:
        await until(lambda: not tidy.done() and len(store.happenings.after(0)) == 5, what="all kept")
        clock.advance(2 * DAY)
        await end(tidy)
        tidy = asyncio.create_task(tidying.tidy(core, lambda: settings))
        await until(lambda: not store.happenings.after(0), what="forgotten, in portions")
    finally:
        await end(tidy)
        await threads.write(store.close)
        threads.close()
