"""The client's own HTTP: against the real server, and against servers that break in every way."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from desk.client import Client, Unreachable
from desk.wire import Wire, WireError
from tests.servers.desk import DeskServer

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def speaking(serve: Serve) -> AsyncIterator[Wire]:
    folder = Path(tempfile.mkdtemp(prefix="dw"))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_unix_server(answer, folder / "s")
    try:
        wire = Wire(folder / "s")
        yield wire
        wire.close()
    finally:
        server.close()
        shutil.rmtree(folder)


def saying(*parts: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)

    return serve


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ((OK + b"Content-Length: 5\r\n\r\nhello",), b"hello"),
        ((OK + b"content-length: 0\r\n\r\n",), b""),
        (
            (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"2;x=y\r\nde\r\n", b"0\r\nTrailer: t\r\n\r\n"),
            b"abcde",
        ),
        ((b"HTTP/1.1 2", b"00 \r\nConten", b"t-Length: 2\r\n\r\n", b"o", b"k"), b"ok"),
        ((b"HTTP/1.1 204 No Content\r\n\r\n",), b""),
    ],
)
async def test_answers_are_read(parts: tuple[bytes, ...], body: bytes) -> None:
    async with speaking(saying(*parts)) as wire:
        assert (await wire.request("GET", "/", seconds=2.0)).body == body


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (b"SSH-2.0-x\r\n",),
        (b"HTTP/1.1 two\r\n\r\n",),
        (OK,),
        (OK + b"Content-Length: 10\r\n\r\nhalf",),
        (OK + b"Content-Length: many\r\n\r\n",),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",),
        (OK + b"X: " + b"y" * 200_000,),
    ],
)
async def test_what_breaks_off_or_is_nonsense_is_an_error(parts: tuple[bytes, ...]) -> None:
    async with speaking(saying(*parts)) as wire:
        with pytest.raises(WireError):
            await wire.request("GET", "/", seconds=2.0)


async def test_silence_ends_with_the_timeout() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with speaking(silent) as wire:
        with pytest.raises(WireError, match="in time"):
            await wire.request("GET", "/", seconds=0.05)


async def test_what_may_take_long_is_no_silence() -> None:
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()

    for limit, owed in ((60.0, False), (10.0, True)):
        asked.clear()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "s"
            server = await asyncio.start_unix_server(silent, path)
            wire = Wire(path, usual=10.0)
            async with server:
                asking = asyncio.create_task(wire.request("GET", "/", seconds=limit))
                await asked.wait()
                assert (wire.silence > 0) is owed
                asking.cancel()
                await asyncio.wait((asking,))
                wire.close()


async def test_a_change_is_never_sent_twice() -> None:
    posts = 0

    async def once_then_dead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal posts
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: 0\r\n\r\n")
        if b"POST" in await reader.readuntil(b"\r\n\r\n"):
            posts += 1

    async with speaking(once_then_dead) as wire:
        await wire.request("GET", "/")
        with pytest.raises(WireError):
            await wire.request("POST", "/")
        assert posts == 1


async def test_a_body_is_read_line_by_line_as_it_comes() -> None:
    go_on = asyncio.Event()

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\none\nt\r\n")
        await go_on.wait()
        writer.write(b"4\r\nw\xc3\xb6\n\r\n3\r\nend\r\n0\r\n\r\n")

    async with speaking(slowly) as wire, wire.stream("GET", "/") as reply:
        heard = []
        async for line in reply.lines():
            heard.append(line)
            go_on.set()
        assert heard == ["one", "twö", "end"]


@pytest.mark.parametrize("target", ["/x\r\nDesk-Agent: eve", "/x HTTP/1.1\n"])
async def test_nothing_from_outside_makes_a_header(target: str) -> None:
    async with speaking(saying(OK + b"Content-Length: 0\r\n\r\n")) as wire:
        with pytest.raises(ValueError, match="line break"):
            await wire.request("GET", target)


async def test_a_closed_wire_asks_nothing() -> None:
    async with speaking(saying(OK + b"Content-Length: 0\r\n\r\n")) as wire:
        wire.close()
        with pytest.raises(WireError, match="closed"):
            await wire.request("GET", "/")


async def test_the_server_may_restart_between_requests(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        assert (await client.status()).conversations == 0
        await asyncio.to_thread(desk_server.restart)
        assert (await client.me()).login == "mia"
        await asyncio.to_thread(desk_server.kill)
        with pytest.raises(Unreachable):
            await client.me()
        await asyncio.to_thread(desk_server.start)
        await asyncio.gather(*(client.me() for _ in range(20)))


async def test_a_request_given_up_leaves_the_others_alone(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        for _ in range(20):
            given_up = asyncio.create_task(client.conversations())
            await asyncio.sleep(0)
            given_up.cancel()
            assert (await client.me()).login == "mia"


async def test_bytes_of_any_size_go_and_come(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        for size in (0, 1, 65_536, 5_000_000):
            data = bytes(size)
            assert await client.blob(await client.upload(data)) == data


async def test_no_socket_is_told(tmp_path: Path) -> None:
    async with Client(tmp_path / "none.sock", "mia") as client:
        with pytest.raises(Unreachable, match=r"none\.sock"):
            await client.status()
