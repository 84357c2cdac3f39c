"""What the test kits work with: a world to play the outside, a stream that receives, and messages to know again."""

from __future__ import annotations

import asyncio
import time
import unittest
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from email import message_from_bytes
from typing import Any, Generic, Literal, TypeVar

from connectors.base import Account, Batch, Connector, ConnectorError, Factory, Inbound, Outgoing, SecretSource
from desk.model import Address, Message

E = TypeVar("E", bound=Exception)

PATIENCE = 60.0
"""Seconds within which anything awaited has to happen: twice the longest a connector waits for one answer."""
PROMPT = 5.0
"""Seconds within which a connector has to let go when it is cancelled or closed."""
AT = 1_767_225_600_000


class Outside(ABC):
    """What is connected to, as a fresh account sees it; it can die and come back."""

    factory: Any
    """Of what is tested."""
    account: Account
    secret: SecretSource

    @abstractmethod
    def interrupt(self) -> None:
        """The server dies, with every connection to it."""

    @abstractmethod
    def restore(self) -> None:
        """The server is back with what it had, at the same address."""


W = TypeVar("W", bound=Outside)


class Contract(ABC, Generic[W]):
    """A test kit: what holds for everything that is made of an account. Each test has a world of its own."""

    @abstractmethod
    def world(self) -> AbstractContextManager[W]:
        """A world in which nothing has happened yet, gone when the context ends."""

    def test_opening_does_not_connect(self) -> None:
        with self.world() as world:
            world.interrupt()

            async def test() -> None:
                await world.factory.open(world.account, world.secret).close()

            run(test())
            world.restore()

    def _with_opened(self, test: Callable[[W, Any], Coroutine[Any, Any, None]]) -> None:
        """Run a test in a world, with what its factory opens there."""
        with self.world() as world:

            async def whole() -> None:
                opened = world.factory.open(world.account, world.secret)
                try:
                    await test(world, opened)
                finally:
                    await opened.close()

            run(whole())


class World(Outside):
    """One fresh account, its server, and a customer who writes to it and is written to."""

    factory: Factory
    customer: str
    """The address of somebody whose messages can be delivered, and who receives."""

    @abstractmethod
    def deliver(self, raw: bytes) -> None:
        """Bring a message in, as the world does; returns when the server has it."""

    @abstractmethod
    def received(self) -> list[bytes]:
        """Everything that reached the customer, oldest first."""

    def break_sending(self, when: Literal["before", "after"]) -> None:
        """Let the connection break before the server's last word: `before` or `after` it took the message.

        Leave this out where a channel always tells.
        """
        raise unittest.SkipTest("this channel has no uncertain sends")

    def copies(self, rfc_message_id: str) -> int:
        """How many copies lie with the sent ones; needed if the factory `files_copies`."""
        raise unittest.SkipTest("this channel files no copies")


def mail(number: int | str, sender: str = "customer@example.test") -> bytes:
    """A small message with a number to know it by."""
    return (
        f"From: {sender}\r\nTo: support@example.test\r\nSubject: Question {number}\r\n"
        f"Message-ID: <question-{number}@example.test>\r\n\r\nThis is question {number}.\r\n"
    ).encode()


def number_of(event: Inbound) -> str:
    """The number `mail` put in."""
    return str(message_from_bytes(event.raw)["Message-ID"]).removeprefix("<question-").partition("@")[0]


class Stream:
    """A running `receive`: stores what comes and tells the connector so, as Desk does."""

    def __init__(self, connector: Connector, cursors: Mapping[str, str]) -> None:
        self.connector = connector
        self.cursors = dict(cursors)
        self.batches: list[Batch] = []
        self._moved = asyncio.Event()
        self.task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        try:
            async for batch in self.connector.receive(dict(self.cursors)):
                self.batches.append(batch)
                self.cursors[batch.key] = batch.cursor
                await self.connector.stored(batch)
                self._moved.set()
        finally:
            self._moved.set()

    @property
    def events(self) -> list[Inbound]:
        return [event for batch in self.batches for event in batch.events]

    @property
    def numbers(self) -> list[str]:
        return [number_of(event) for event in self.events]

    async def until(self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if self.task.done():
                await self.task
                raise AssertionError(f"receive ended before {what}")
            left = deadline - time.monotonic()
            assert left > 0, f"{what} did not come within {seconds} s; there is {self.numbers}"
            self._moved.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), min(left, 0.5))

    async def until_has(self, *numbers: int | str, seconds: float = PATIENCE) -> None:
        wanted = {str(number) for number in numbers}
        await self.until(lambda: wanted <= set(self.numbers), f"{sorted(wanted)}", seconds)

    async def outcome(self) -> None:
        """Wait until receive ends by itself, and raise what it raised."""
        async with asyncio.timeout(PATIENCE):
            await self.task

    async def end(self) -> None:
        """Cancel, and wait until it has let go."""
        self.task.cancel()
        with suppress(asyncio.CancelledError, ConnectorError):
            await self.task


@asynccontextmanager
async def streaming(connector: Connector, cursors: Mapping[str, str] | None = None) -> AsyncIterator[Stream]:
    """Receive for the length of the block."""
    stream = Stream(connector, cursors or {})
    try:
        yield stream
    finally:
        await stream.end()


def run(test: Coroutine[Any, Any, None], seconds: float = 2 * PATIENCE) -> None:
    """Run a test's coroutine in a loop of its own."""

    async def limited() -> None:
        async with asyncio.timeout(seconds):
            await test

    asyncio.run(limited())


class Caught(Generic[E]):
    """What `raises` caught."""

    error: E


@contextmanager
def raises(kind: type[E], why: str) -> Iterator[Caught[E]]:
    """The block has to raise that kind of error; `why` is what to say if it does not."""
    caught: Caught[E] = Caught()
    try:
        yield caught
    except kind as error:
        caught.error = error
    else:
        raise AssertionError(f"no {kind.__name__} was raised: {why}")


def answer(world: World, **changes: Any) -> Outgoing:
    """An answer to the customer, with some fields as given."""
    fields: dict[str, Any] = {
        "conversation_id": 1,
        "direction": "out",
        "account": world.account.name,
        "to": (Address(email=world.customer, name="A Customer"),),
        "subject": "Re: Question 1",
        "body": "This is the answer.\n",
        "rfc_message_id": "desk.1.aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbb@example.test",
        "in_reply_to": "question-1@example.test",
        "references": ("question-1@example.test",),
        "at": AT,
    }
    return Outgoing(message=Message(**{**fields, **changes}))
