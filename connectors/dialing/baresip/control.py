"""baresip's control connection: commands and events, each a JSON object in a netstring.

Netstrings: D. J. Bernstein, https://cr.yp.to/proto/netstrings.txt: length in decimal, `:`, the bytes, `,`. baresip
keeps one such connection: a second one ends the first.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from typing import Any

from msgspec import Struct

from connectors.dialing.live import parsed

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
_MOST_BYTES = 1_000_000
_DIGITS = 7

Event = Mapping[str, Any]


class Answer(Struct, frozen=True):
    """What baresip said to a command."""

    ok: bool
    data: str


class Control:
    """An open connection. `hear` is called with every event, `gone` once when it ends by itself."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        hear: Callable[[Event], None],
        gone: Callable[[], None],
        patience: float = ANSWER_SECONDS,
    ) -> None:
        self._patience = patience
        self._reader, self._writer = reader, writer
        self._hear, self._gone = hear, gone
        self._tokens = count(1)
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._ended = False
        self._task = asyncio.ensure_future(self._read())

    @classmethod
    async def connect(
        cls,
        place: tuple[str, int],
        hear: Callable[[Event], None],
        gone: Callable[[], None],
        patience: float = ANSWER_SECONDS,
    ) -> Control:
        """`patience`: seconds that an answer may take. Raises OSError, of which TimeoutError is one."""
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(*place)
        return cls(reader, writer, hear, gone, patience)

    @property
    def open(self) -> bool:
        return not self._ended

    async def ask(self, command: str, params: str = "") -> Answer:
        """Send a command and wait for its answer.

        Raises OSError if the connection breaks or no answer comes: then it may have been obeyed or not.
        """
        if not self.open:
            raise ConnectionError("the control connection is closed")
        token = str(next(self._tokens))
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[token] = answer
        message = {"command": command, "token": token} | ({"params": params} if params else {})
        raw = json.dumps(message).encode()
        try:
            async with asyncio.timeout(self._patience):
                self._writer.write(b"%d:%s," % (len(raw), raw))
                await self._writer.drain()
                return await answer
        finally:
            self._waiting.pop(token, None)

    async def close(self) -> None:
        """End it; `gone` is not called."""
        self._gone = _nothing
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _read(self) -> None:
        try:
            while True:
                self._take(await _netstring(self._reader))
        except (OSError, EOFError, ValueError):
            self._ended = True
            self._gone()
        finally:
            self._ended = True
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the control connection broke"))
            self._writer.close()

    def _take(self, raw: bytes) -> None:
        message = parsed(raw.decode("utf-8", "replace"))
        if not isinstance(message, dict):
            return  # the frame was whole, so the next one will be
        if message.get("response"):
            answer = self._waiting.get(str(message.get("token", "")))
            if answer is not None and not answer.done():
                answer.set_result(Answer(bool(message.get("ok")), str(message.get("data", ""))))
        elif message.get("event"):
            self._hear(message)


def _nothing() -> None:
    """Nobody is to be told."""


async def _netstring(reader: asyncio.StreamReader) -> bytes:
    """The next one's bytes. Raises ValueError for what is none, EOFError at the end."""
    digits = b""
    while (byte := await reader.readexactly(1)) != b":":
        digits += byte
        if not byte.isdigit() or len(digits) > _DIGITS:
            raise ValueError("no netstring")
    length = int(digits)
    if length > _MOST_BYTES:
        raise ValueError("too long a netstring")
    raw = await reader.readexactly(length + 1)
    if raw[-1:] != b",":
        raise ValueError("no netstring")
    return raw[:-1]
