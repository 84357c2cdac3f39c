"""When a terminal has done what a key asks for.

Textual's pilot goes by the processor: it sleeps 20 ms at a time until the process did next to nothing meanwhile, twice
a key. On a busy machine that takes a second, or ends too early. Here it is known: nothing is ready to run, nothing is
about to be painted, no answer of the server is awaited.

Where a server is far away, people type faster than it answers. `DESK_TESTS_LATE=0.1,0.5` makes every answer late by a
random time between so many seconds: the screens have to do the same then, and so have their tests to wait for what they
go on with.
"""

from __future__ import annotations

import asyncio
import functools
import os
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from textual import app, pilot

from desk.client import Client, Refused

SOON = 0.02
"""A timer due within so many seconds is waited for: the screen is painted sixty times a second."""
AT_MOST = 1.0
LATE = tuple(map(float, os.environ.get("DESK_TESTS_LATE", "0,0").split(",")))
"""How many seconds answers are late at least, and at most."""
AWAITED = 0.05
"""How long to wait for answers: some are meant to be late."""

_send = Client._send
_awaited = 0
"""Requests and threads whose results are on their way."""


async def settled(min_sleep: float = 0.0, max_sleep: float = AT_MOST) -> None:
    """Wait until nothing happens any more, `max_sleep` seconds at most."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    quiet = 0
    while quiet < 2 and (passed := loop.time() - began) < max_sleep:
        await asyncio.sleep(0)
        if loop._ready:  # type: ignore[attr-defined]
            quiet = 0
        elif _due(loop) or passed < min_sleep or (_awaited and passed < AWAITED):
            quiet = 0
            await asyncio.sleep(0.001)
        else:
            quiet += 1


def _due(loop: asyncio.AbstractEventLoop) -> bool:
    soon = loop.time() + SOON
    return any(not timer.cancelled() and timer.when() <= soon for timer in loop._scheduled)  # type: ignore[attr-defined]


@contextmanager
def _awaiting() -> Iterator[None]:
    global _awaited
    _awaited += 1
    try:
        yield
    finally:
        _awaited -= 1


async def _late(self: Client, *arguments: Any, **named: Any) -> Any:
    try:
        response = await _send(self, *arguments, **named)
    except Refused:
        await asyncio.sleep(random.uniform(*LATE))
        raise
    await asyncio.sleep(random.uniform(*LATE))
    return response


def _counted(work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(work)
    async def counted(*arguments: Any, **named: Any) -> Any:
        with _awaiting():
            return await work(*arguments, **named)

    return counted


@pytest.fixture(autouse=True)
def settling(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pilot waits for what it is told to wait for."""
    monkeypatch.setattr(Client, "_send", _counted(_late if any(LATE) else Client._send))
    monkeypatch.setattr(asyncio, "to_thread", _counted(asyncio.to_thread))
    for module in (app, pilot):
        monkeypatch.setattr(module, "wait_for_idle", settled)
