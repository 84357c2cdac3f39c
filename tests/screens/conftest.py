"""Terminals on a real server."""

from __future__ import annotations

import gc
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from desk.app import DeskApp
from desk.clock import Clock, SystemClock
from desk.keymap import Keymap
from tests.screens.parsing import parsing_once
from tests.screens.settling import settling
from tests.screens.waiting import until
from tests.servers.desk import DeskServer, password
from tests.servers.shop import fill_with_sample

UNREACHABLE = """
[accounts.shop]
connector = "email"
address = "hello@larkspur.example"
name = "Larkspur Cycles"
imap = { host = "127.0.0.1", port = 1 }
smtp = { host = "127.0.0.1", port = 1 }
"""
"""A mailbox whose servers are down: answers wait in the outbox, nothing leaves."""


FROZEN_AT_MOST = 300_000
"""Objects kept away from the collector; what is imported makes 130,000, a terminal 10,000. To count them takes long."""
_ended = itertools.count(1)
"""Tests."""


@pytest.fixture(autouse=True)
def thawing() -> Iterator[None]:
    """A terminal freezes what it is made of, for it lives as long as its process. Here many share one."""
    yield
    if next(_ended) % 10 == 0 and gc.get_freeze_count() > FROZEN_AT_MOST:
        gc.unfreeze()
        gc.collect()


@pytest.fixture
def shop(new_desk: Callable[..., DeskServer]) -> DeskServer:
    """A running server over the sample shop, loaded now."""
    return filled(new_desk(UNREACHABLE, environment=password("shop")), SystemClock())


def filled(server: DeskServer, clock: Clock) -> DeskServer:
    """Load the sample shop as of the clock's instant, and start."""
    fill_with_sample(server.home, clock, name="Mia")
    return server.start()


@asynccontextmanager
async def terminal(
    server: DeskServer,
    *,
    size: tuple[int, int] = (100, 30),
    agent: str = "mia",
    clock: Clock | None = None,
    keymap: Keymap | None = None,
    revive: Callable[[], Awaitable[None]] | None = None,
) -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    """A terminal with the inbox loaded. Faults of Desk fail the test."""
    app = DeskApp(lambda: server.client(agent), clock=clock, keymap=keymap, revive=revive)
    async with app.run_test(size=size) as pilot:
        await until(lambda: app.desk.status is not None and app.desk.link == "up", what="a connection")
        yield app, pilot
        assert app.desk.faults == []


def screen_text(app: DeskApp) -> str:
    """What stands on the screen, as lines of text."""
    width, _ = app.size
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip)[:width].rstrip() for strip in strips)


async def shows(app: DeskApp, *texts: str, seconds: float = 15.0) -> None:
    """Wait until all of these are on the screen."""
    await until(
        lambda: all(text in screen_text(app) for text in texts),
        what=f"{texts!r}",
        seconds=seconds,
        otherwise=lambda: screen_text(app),
    )


__all__ = ["filled", "parsing_once", "screen_text", "settling", "shop", "shows", "terminal", "thawing", "until"]
