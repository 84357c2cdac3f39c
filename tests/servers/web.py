"""An ASGI application on a loopback port of its own, in a thread; it can die and come back at the same address."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

from tests.servers.common import Port, eventually

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Served:
    """As a context manager it starts at once and leaves nothing."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app
        self._reserved = Port()
        self.port = self._reserved.number
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(100)
        config = uvicorn.Config(self._app, lifespan="off", log_config=None, ws="websockets-sansio", access_log=False)
        server = self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        self._thread.start()
        eventually(lambda: server.started, what="the server")

    def kill(self) -> None:
        """End it at once, with every connection."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(20)
            assert not self._thread.is_alive(), "the server did not end"
            self._server = self._thread = None

    def __enter__(self) -> Served:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._reserved.release()


async def body_of(receive: Receive) -> bytes:
    """The whole of a request's body."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def answer(send: Send, status: int, body: bytes = b"", media_type: str = "application/json") -> None:
    """A whole response."""
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def hang_up(send: Send) -> None:
    """Break the connection off within a response, so that nobody learns what became of the request."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
    raise ConnectionAbortedError
