"""What the routes stand on: the open workspace with its store, threads, settings, feed and connections."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from desk import __version__
from desk.clock import Clock, Millis, SystemClock
from desk.model import Agent, Status
from desk.secrets import Secrets
from desk.server.feed import Feed
from desk.server.threads import Threads
from desk.settings import Settings, load
from desk.store.base import Store
from desk.store.sqlite import open_store
from desk.workspace import Workspace

P = ParamSpec("P")
T = TypeVar("T")


class Desk:
    """One workspace, open. Made inside the running event loop by `Desk.open`; `close` ends all it began."""

    def __init__(self, home: Workspace, settings: Settings, store: Store, threads: Threads, clock: Clock) -> None:
        self.home = home
        self.settings = settings
        self.store = store
        self.threads = threads
        self.clock = clock
        self.secrets = Secrets(str(home.folder))
        self.feed = Feed(store, threads)
        self.started_at = clock.now()
        self.stop_asked = asyncio.Event()
        self._agents: dict[str, Agent] = {}

    @classmethod
    async def open(cls, home: Workspace, clock: Clock | None = None) -> Desk:
        """Open the workspace. Raises SettingsError, StoreError."""
        clock = clock or SystemClock()
        settings = load(home.settings)
        threads = Threads()
        store = await threads.write(open_store, home.database, blobs=home.attachments, clock=clock)
        return cls(home, settings, store, threads, clock)

    async def close(self) -> None:
        """Finish or record what is under way, then close the store."""
        await self.threads.write(self.store.close)
        self.threads.close()

    async def write(self, work: Callable[Concatenate[Store, Clock, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what the service does, in the writer's thread."""
        return await self.threads.write(work, self.store, self.clock, *args, **kwargs)

    async def agent(self, login: str) -> Agent:
        """The rep of that login, made at the first request."""
        known = self._agents.get(login)
        if known is None:
            name = self.settings.desk.agent_name if login == self.settings.desk.agent else ""
            known = self._agents[login] = await self.write(_ensure_agent, login, name)
        return known

    def reload_soon(self) -> None:
        """Read `desk.toml` anew; what it says wrongly is logged and changes nothing."""

    @property
    def first_answer(self) -> Millis:
        """How long a customer may wait for an answer by mail."""
        return self.settings.promises["email"]

    def status(self) -> Status:
        """See `desk.client.Client.status`."""
        store = self.store
        return Status(
            version=__version__,
            pid=os.getpid(),
            workspace=str(self.home.folder),
            started_at=self.started_at,
            conversations=store.conversations.counts().get("all", 0),
            messages=store.messages.count(),
            last_seq=store.changes.last(),
            outbox={state: count for state, count in store.outbox.counts().items() if count},
            quarantined=store.ledger.counts().get("quarantined", 0),
        )


def _ensure_agent(store: Store, clock: Clock, login: str, name: str) -> Agent:
    with store.write():
        return store.agents.ensure(login, name)
