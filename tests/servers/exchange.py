"""What those who call for us have in common where they are played: a customer, breaks at the worst moment, time."""

from __future__ import annotations

import asyncio
import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, Literal, Self

from connectors.dialing.trial import Manner
from tests.servers.web import Receive, Scope, Send, Served

Break = Literal["before", "after", "late"]
"""When a connection breaks: before the request was heard, after, or before it is heard all the same."""


class Exchange(ABC):
    """One customer whom it calls. What it was asked stays in `asked`, whatever becomes of it."""

    def __init__(self) -> None:
        self.manner: Manner = "busy"
        self.rang = 0
        self.asked: list[Any] = []
        self.break_at: Break | None = None
        """Of the next request for a call to the customer."""
        self.garble: bytes | None = None
        """What is answered to everything."""
        self._work: set[asyncio.Task[None]] = set()
        self.served = Served(self)

    @abstractmethod
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application that it is."""

    @abstractmethod
    def forget(self) -> None:
        """What does not outlive it is gone."""

    @property
    @abstractmethod
    def ringing(self) -> bool:
        """Whether the customer's phone rings, or is in a call."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.served.__exit__()

    def start(self) -> None:
        self.served.start()

    def kill(self) -> None:
        """End at once, as a crash does."""
        self.served.kill()
        self.forget()

    def breaks(self) -> Break | None:
        """How the request breaks off that has just come; the next one does not."""
        breaking, self.break_at = self.break_at, None
        return breaking

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run it beside."""
        task = asyncio.ensure_future(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    def later(self, seconds: float, act: Callable[[], Any]) -> None:
        """Do it after so long."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            act()

        self.spawn(wait())


def welcome(scope: Scope, user: str, secret: str) -> bool:
    """Whether a request logs in so (HTTP Basic, RFC 7617)."""
    given = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Basic ")
    return base64.b64decode(given) == f"{user}:{secret}".encode()


def as_json(body: Any) -> bytes:
    """A body."""
    return json.dumps(body).encode()
