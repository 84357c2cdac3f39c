"""Whether visitors follow their chats: who stops doing so before the first answer has abandoned theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from desk.clock import Millis, SystemClock
from desk.model import Visitor
from desk.server import followers
from desk.server.core import Core
from desk.server.followers import Followers
from desk.server.threads import Threads
from desk.service import chats
from desk.store.sqlite import open_store
from tests.servers.patience import Deadline

LEFT_AFTER: Millis = 50


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "LEFT_AFTER", LEFT_AFTER)


@asynccontextmanager
async def following(core: Core) -> AsyncIterator[Followers]:
    found = Followers(core)
    found.begin()
    try:
        yield found
    finally:
        await found.close()


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    store = open_store(tmp_path / "desk.db", blobs=tmp_path / "blobs")
    core = Core(store, Threads(), SystemClock())
    yield core
    core.threads.close()
    store.close()


def waiting(core: Core) -> Visitor:
    visitor = chats.arrive(core.store, core.clock, "site").visitor
    chats.say(core.store, core.clock, visitor, "1", "Hello?")
    return visitor


def has_left(core: Core, visitor: Visitor) -> bool:
    chat = chats.under_way(core.store, visitor)
    return chat is not None and chat.left_at is not None


async def until(true: Callable[[], bool], what: str) -> None:
    deadline = Deadline(15)
    while not true():
        assert not deadline.passed(), what
        await asyncio.sleep(0.01)


async def test_who_stops_following_has_left_and_who_follows_again_has_not(core: Core) -> None:
    visitor = waiting(core)
    async with following(core) as found:
        for _ in range(2):
            async with found.news(visitor.id) as news:
                await anext(news)
                await until(lambda: not has_left(core, visitor), "is there")
            await until(lambda: has_left(core, visitor), "has left")
    kinds = [each.kind for each in core.store.happenings.after(0) if each.kind in ("abandoned", "returned")]
    assert kinds == ["abandoned", "returned", "abandoned"]


async def test_of_two_pages_the_last_counts(core: Core) -> None:
    visitor = waiting(core)
    async with following(core) as found, AsyncExitStack() as other:
        await other.enter_async_context(found.news(visitor.id))
        async with found.news(visitor.id):
            pass
        await asyncio.sleep(LEFT_AFTER / 1000 * 5)
        assert not has_left(core, visitor)
        await other.aclose()
        await until(lambda: has_left(core, visitor), "has left")


async def test_who_does_not_come_back_to_a_server_that_was_started_again_has_left(core: Core) -> None:
    stays, goes = waiting(core), waiting(core)
    async with following(core) as found, found.news(stays.id):
        await until(lambda: has_left(core, goes), "has left")
        assert not has_left(core, stays)
