"""One account's site: its socket, its application, served until it is told to stop."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import uvicorn

from connectors.base import Account, ConnectorError
from connectors.options import settled
from connectors.sites import House, Told
from connectors.webchat.app import App
from connectors.webchat.settings import parse

KEEP_ALIVE_SECONDS = 30
STREAMS_AT_MOST = 10_000
GRACE_SECONDS = 2
BACKLOG = 1024


class WebchatSite:
    """Serves visitors."""

    def __init__(self, account: Account, house: House) -> None:
        """Raises ConnectorError if the settings are not valid."""
        self._settings = settled(parse(account))
        self.account = account
        self._house = house

    async def serve(self, told: Told) -> None:
        """Serve until cancelled. Raises `ConnectorError` if the port cannot be had."""
        settings = self._settings
        with _listening(settings.host, settings.port, or_any=settings.demo) as listener:
            port = listener.getsockname()[1]
            url = settings.url or f"http://{settings.host}:{port}"
            app = App(self._house, settings, url, self.account.display_name or self.account.name)
            config = uvicorn.Config(
                app.asgi,
                http="httptools",
                ws="none",
                lifespan="off",
                loop="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=STREAMS_AT_MOST,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
            server = _Server(config)
            told("connected", url)
            try:
                await server.serve(sockets=[listener])
            finally:
                app.end()
                server.should_exit = True
        raise ConnectorError("the site ended by itself")


class _Server(uvicorn.Server):
    """uvicorn's server within another: signals are not for it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _listening(host: str, port: int, *, or_any: bool) -> Iterator[socket.socket]:
    """`or_any`: on another port if somebody has this one."""
    try:
        listener = _listener(host, port)
    except OSError as error:
        if or_any and port:
            with _listening(host, 0, or_any=False) as another:
                yield another
            return
        raise ConnectorError(
            f"cannot listen on {host} port {port}: {error.strerror or error}",
            hint="set another port, or end what has it",
        ) from error
    with listener:
        yield listener


def _listener(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    return socket.create_server((host, port), family=family, backlog=BACKLOG)
