"""HTTP/1.1 over a Unix socket, in as much as our own server speaks it (RFC 9112).

A library for it is made for servers one does not know, and costs a terminal a tenth of the time it has to open before
anything is asked, and each request twice the time.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

_LINE_AT_MOST = 64 * 1024
_IDLE_AT_MOST = 8
_SAFE = frozenset({"GET", "PUT", "DELETE"})
"""Methods that may be sent again when a connection turns out to be dead (RFC 9110 section 9.2.2)."""


class WireError(Exception):
    """There was no answer, it broke off, or it was no HTTP."""


class _Dead(WireError):
    """The server closed the connection before it said anything."""


class Answer(NamedTuple):
    """What the server said to a request."""

    status: int
    body: bytes


class _Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def usable(self) -> bool:
        """Whether an idle connection is still open: one that can be read holds its end, or nonsense."""
        if self._reader.at_eof() or self._writer.is_closing():
            return False
        poll = select.poll()
        poll.register(self._writer.get_extra_info("socket").fileno(), select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        self._writer.close()

    async def send(self, head: bytes, body: bytes) -> None:
        self._writer.write(head + body)
        await self._writer.drain()

    async def head(self) -> tuple[int, dict[bytes, bytes]]:
        """The status and headers of the answer, names in lower case."""
        first = await self._reader.readline()
        if not first:
            raise _Dead("the server closed the connection")
        version, _, rest = first.partition(b" ")
        if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
            raise WireError("that is no HTTP")
        headers: dict[bytes, bytes] = {}
        while (line := await self._whole_line()) != b"":
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        return int(rest[:3]), headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """A body in chunks (RFC 9112 section 7.1)."""
        while size := int((await self._reader.readline()).partition(b";")[0] or b"z", 16):
            yield await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        while await self._whole_line():
            pass

    async def exactly(self, length: int) -> AsyncIterator[bytes]:
        """A body of a length that is known."""
        if length:
            yield await self._reader.readexactly(length)

    async def _whole_line(self) -> bytes:
        """A line without its end; one that has none is no line."""
        line = await self._reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError("in the middle of a line")
        return line.rstrip(b"\r\n")


class Reply:
    """An answer whose body is still on its way."""

    def __init__(self, line: _Line, status: int, headers: Mapping[bytes, bytes], seconds: float) -> None:
        self.status = status
        self._line = line
        self._headers = headers
        self._seconds = seconds
        self._whole = False

    @property
    def reusable(self) -> bool:
        """Whether its connection can carry another request."""
        return self._whole and self._headers.get(b"connection", b"").lower() != b"close"

    async def read(self) -> bytes:
        """The whole body. Raises `WireError`."""
        return b"".join([part async for part in self.parts()])

    async def lines(self) -> AsyncIterator[str]:
        """The body as lines of UTF-8, each as soon as its end is here. Raises `WireError`."""
        begun = b""
        async for part in self.parts():
            *whole, begun = (begun + part).split(b"\n")
            for each in whole:
                yield each.decode().rstrip("\r")
        if begun:
            yield begun.decode()

    async def parts(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises `WireError`, also when nothing came for the time that was given."""
        try:
            parts = self._body()
            while True:
                async with asyncio.timeout(self._seconds):
                    part = await anext(parts, None)
                if part is None:
                    break
                yield part
            self._whole = True
        except TimeoutError as error:
            raise WireError("the server fell silent") from error
        except (OSError, EOFError, ValueError) as error:
            raise WireError(f"the answer broke off: {error}") from error

    def _body(self) -> AsyncIterator[bytes]:
        if self._headers.get(b"transfer-encoding") == b"chunked":
            return self._line.chunks()
        return self._line.exactly(int(self._headers.get(b"content-length", b"0")))


class Wire:
    """Requests over one Unix socket, each on an idle connection or a new one."""

    def __init__(self, path: Path, headers: Mapping[str, str] | None = None, *, usual: float = float("inf")) -> None:
        """`headers`: what every request carries, in ASCII. `usual`: seconds; a request that is given more time than
        that asks for what may take long.
        """
        self._path = path
        self._headers = {"Host": "desk", **(headers or {})}
        self._usual = usual
        self._idle: list[_Line] = []
        self._closed = False
        self._asked: dict[object, float] = {}
        """What has no answer yet, and since when, by the loop's clock; the first one first."""

    @property
    def silence(self) -> float:
        """For how many seconds the server has owed an answer to a request that takes no more than the usual time."""
        first = next(iter(self._asked.values()), None)
        return 0.0 if first is None else asyncio.get_running_loop().time() - first

    async def request(
        self, method: str, target: str, *, body: bytes | None = None, type: str = "", seconds: float = 10.0
    ) -> Answer:
        """Ask, and wait for the whole answer. `type`: the body's media type. Raises `WireError`."""
        async with self.stream(method, target, body=body, type=type, seconds=seconds) as reply:
            return Answer(reply.status, await reply.read())

    @asynccontextmanager
    async def stream(
        self, method: str, target: str, *, body: bytes | None = None, type: str = "", seconds: float = 10.0
    ) -> AsyncIterator[Reply]:
        """Ask for an answer that is read piece by piece; `seconds` is how long the server may be silent.

        Raises `WireError`, also once the wire was closed.
        """
        if self._closed:
            raise WireError("this connection was closed")
        head = self._head(method, target, body, type)
        line, status, headers = await self._answered(method, head, body or b"", seconds)
        reply = Reply(line, status, headers, seconds)
        try:
            yield reply
        finally:
            if reply.reusable and not self._closed and len(self._idle) < _IDLE_AT_MOST:
                self._idle.append(line)
            else:
                line.close()

    def close(self) -> None:
        """Nothing can be asked afterwards."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _head(self, method: str, target: str, body: bytes | None, type: str) -> bytes:
        fields = dict(self._headers)
        if type:
            fields["Content-Type"] = type
        if body is not None or method in ("POST", "PUT"):
            fields["Content-Length"] = str(len(body or b""))
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        if any("\r" in each or "\n" in each for each in lines):
            raise ValueError("a line break in the head of a request")
        return "\r\n".join((*lines, "", "")).encode("ascii")

    async def _answered(
        self, method: str, head: bytes, body: bytes, seconds: float
    ) -> tuple[_Line, int, dict[bytes, bytes]]:
        while self._idle:
            line = self._idle.pop()
            if not line.usable():
                line.close()
                continue
            try:
                return line, *await self._ask(line, head, body, seconds)
            except _Dead:
                if method not in _SAFE:
                    raise
        line = await self._connect()
        return line, *await self._ask(line, head, body, seconds)

    async def _connect(self) -> _Line:
        try:
            return _Line(*await asyncio.open_unix_connection(self._path, limit=_LINE_AT_MOST))
        except OSError as error:
            raise WireError(error.strerror or str(error)) from error

    async def _ask(self, line: _Line, head: bytes, body: bytes, seconds: float) -> tuple[int, dict[bytes, bytes]]:
        asked = object()
        if seconds <= self._usual:
            self._asked[asked] = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(seconds):
                await line.send(head, body)
                return await line.head()
        except TimeoutError as error:
            line.close()
            raise WireError("the server did not answer in time") from error
        except (OSError, EOFError, ValueError) as error:
            line.close()
            raise _Dead(str(error)) from error
        except BaseException:
            line.close()
            raise
        finally:
            self._asked.pop(asked, None)
