"""HTTP/1.1 over a Unix socket for httpx, in as much as our own server speaks it (RFC 9112).

httpx's own transport imports httpcore, h11 and anyio, a tenth of the time a terminal has to open, and takes twice as
long for a request; and it is made for servers one does not know.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import AsyncIterator
from pathlib import Path

from desk.light_httpx import httpx

_LINE_AT_MOST = 64 * 1024
_IDLE_AT_MOST = 8
_SAFE = frozenset({"GET", "PUT", "DELETE"})
"""Methods that may be sent again when a connection turns out to be dead (RFC 9110 section 9.2.2)."""


class _Dead(httpx.RemoteProtocolError):
    """The server closed the connection before it said anything."""


class _Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def usable(self) -> bool:
        """Whether an idle connection is still open: one that can be read holds its end, or nonsense."""
        if self.reader.at_eof() or self.writer.is_closing():
            return False
        poll = select.poll()
        poll.register(self.writer.get_extra_info("socket").fileno(), select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        self.writer.close()

    async def send(self, request: httpx.Request) -> None:
        head = [f"{request.method} {request.url.raw_path.decode('ascii')} HTTP/1.1".encode("ascii")]
        head += [name + b": " + value for name, value in request.headers.raw]
        body = b"".join([part async for part in request.stream])  # type: ignore[union-attr]
        self.writer.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
        await self.writer.drain()

    async def head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """The status and headers of the answer."""
        first = await self.reader.readline()
        if not first:
            raise _Dead("the server closed the connection")
        version, _, rest = first.partition(b" ")
        if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
            raise httpx.RemoteProtocolError("that is no HTTP")
        headers: list[tuple[bytes, bytes]] = []
        while (line := await self._line()) != b"":
            name, _, value = line.partition(b":")
            headers.append((name, value.strip()))
        return int(rest[:3]), headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """A body in chunks (RFC 9112 section 7.1)."""
        while size := int((await self.reader.readline()).partition(b";")[0] or b"z", 16):
            yield await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        while await self._line():
            pass

    async def _line(self) -> bytes:
        """A line without its end; one that has none is no line."""
        line = await self.reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError("in the middle of a line")
        return line.rstrip(b"\r\n")


class _Body(httpx.AsyncByteStream):
    """The body of an answer; its connection is free again once it has been read to its end."""

    def __init__(
        self, wire: SocketTransport, line: _Line, headers: dict[bytes, bytes], read_seconds: float | None
    ) -> None:
        self._wire = wire
        self._line = line
        self._headers = headers
        self._seconds = read_seconds
        self._whole = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            if self._headers.get(b"transfer-encoding") == b"chunked":
                parts = self._line.chunks()
                while True:
                    async with asyncio.timeout(self._seconds):
                        part = await anext(parts, None)
                    if part is None:
                        break
                    yield part
            elif length := int(self._headers.get(b"content-length", b"0")):
                async with asyncio.timeout(self._seconds):
                    data = await self._line.reader.readexactly(length)
                yield data
            self._whole = True
        except TimeoutError as error:
            raise httpx.ReadTimeout("the server fell silent") from error
        except (OSError, EOFError, ValueError) as error:
            raise httpx.RemoteProtocolError(f"the answer broke off: {error}") from error

    async def aclose(self) -> None:
        if self._whole and self._headers.get(b"connection", b"").lower() != b"close":
            self._wire.keep(self._line)
        else:
            self._line.close()


class SocketTransport(httpx.AsyncBaseTransport):
    """Requests over one Unix socket, each on an idle connection or a new one."""

    def __init__(self, path: Path, *, usual: float = float("inf")) -> None:
        """`usual`: seconds; a request that is given more time than that asks for what may take long."""
        self._path = path
        self._usual = usual
        self._idle: list[_Line] = []
        self._asked: dict[httpx.Request, float] = {}
        """What has no answer yet, and since when, by the loop's clock; the first one first."""

    @property
    def silence(self) -> float:
        """For how many seconds the server has owed an answer to a request that takes no more than the usual time."""
        first = next(iter(self._asked.values()), None)
        return 0.0 if first is None else asyncio.get_running_loop().time() - first

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        while self._idle:
            line = self._idle.pop()
            if not line.usable():
                line.close()
                continue
            try:
                return await self._ask(line, request)
            except _Dead:
                if request.method not in _SAFE:
                    raise
        return await self._ask(await self._connect(), request)

    async def _connect(self) -> _Line:
        try:
            return _Line(*await asyncio.open_unix_connection(self._path, limit=_LINE_AT_MOST))
        except OSError as error:
            raise httpx.ConnectError(error.strerror or str(error)) from error

    async def _ask(self, line: _Line, request: httpx.Request) -> httpx.Response:
        seconds = request.extensions.get("timeout", {}).get("read")
        if seconds is None or seconds <= self._usual:
            self._asked[request] = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(seconds):
                await line.send(request)
                status, headers = await line.head()
        except TimeoutError as error:
            line.close()
            raise httpx.ReadTimeout("the server did not answer in time") from error
        except (OSError, EOFError, ValueError) as error:
            line.close()
            raise _Dead(str(error)) from error
        except BaseException:
            line.close()
            raise
        finally:
            self._asked.pop(request, None)
        named = {name.lower(): value for name, value in headers}
        return httpx.Response(status, headers=headers, stream=_Body(self, line, named, seconds))

    def keep(self, line: _Line) -> None:
        """A connection that can be used again."""
        if len(self._idle) < _IDLE_AT_MOST:
            self._idle.append(line)
        else:
            line.close()

    async def aclose(self) -> None:
        while self._idle:
            self._idle.pop().close()
