"""uvicorn over an open workspace, and the signals that end it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Callable, Iterator
from socket import socket

import uvicorn

from desk.secrets import SecretError
from desk.server.app import build
from desk.server.desk import Desk
from desk.settings import SettingsError
from desk.store.base import StoreError
from desk.workspace import Workspace

log = logging.getLogger(__name__)

GRACE_SECONDS = 10
"""How long answers under way may take when the server ends."""
KEEP_ALIVE_SECONDS = 120
LOOK_SECONDS = 2.0
"""How often the server looks whether its workspace is still there."""


class Failed(Exception):
    """The workspace cannot be served; the message says why and what to do."""


class Server(uvicorn.Server):
    """uvicorn's server, ended by `POST /stop` too, and letting the event streams go first."""

    def __init__(self, config: uvicorn.Config, desk: Desk, still_ours: Callable[[], bool]) -> None:
        super().__init__(config)
        self._desk = desk
        self._still_ours = still_ours

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End in order at SIGTERM and SIGINT, read the settings anew at SIGHUP."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._desk.stop_asked.set)
        loop.add_signal_handler(signal.SIGHUP, self._desk.reload_soon)
        waiting = loop.create_task(self._await_stop())
        try:
            yield
        finally:
            waiting.cancel()
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(number)

    async def _await_stop(self) -> None:
        stop = self._desk.stop_asked
        while not stop.is_set():
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await stop.wait()
            except TimeoutError:
                if not self._still_ours():
                    log.error("the workspace was removed or moved away, so nobody can reach this server: it ends")
                    stop.set()
        self.should_exit = True

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End the feeds, finish the requests under way, close the workspace."""
        self._desk.feed.end()
        await super().shutdown(sockets)
        await self._desk.close()


def run(home: Workspace, listener: socket, *, still_ours: Callable[[], bool]) -> None:
    """Serve until told to stop, or until the workspace is `still_ours` no more: removed, or moved away.

    Raises Failed if it cannot begin.
    """
    try:
        asyncio.run(_serve(home, listener, still_ours))
    except (SettingsError, StoreError, SecretError, OSError) as error:
        log.error("cannot serve %s: %s", home, error)
        raise Failed(str(error)) from error


async def _serve(home: Workspace, listener: socket, still_ours: Callable[[], bool]) -> None:
    desk = await Desk.open(home)
    config = uvicorn.Config(
        build(desk),
        http="httptools",
        ws="none",
        lifespan="off",
        loop="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    gc.freeze()  # what is loaded by now stays: the collector need not look at it again and again
    gc.set_threshold(20_000, 20, 50)
    gc.enable()
    log.info("serving %s", home)
    await desk.start()
    await Server(config, desk, still_ours).serve(sockets=[listener])
    log.info("ended")
