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
from desk.light_httpx import httpx
from desk.wire import SocketTransport
from tests.servers.desk import DeskServer

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def speaking(serve: Serve) -> AsyncIterator[httpx.AsyncClient]:
    folder = Path(tempfile.mkdtemp(prefix="dw"))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_unix_server(answer, folder / "s")
    try:
        transport = SocketTransport(folder / "s")
        async with httpx.AsyncClient(transport=transport, base_url="http://desk", timeout=2.0) as client:
            yield client
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
    async with speaking(saying(*parts)) as client:
        assert (await client.get("/")).content == body


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
async def test_what_breaks_off_or_is_nonsense_is_an_error_of_httpx(parts: tuple[bytes, ...]) -> None:
    async with speaking(saying(*parts)) as client:
        with pytest.raises(httpx.HTTPError):
            await client.get("/")


async def test_silence_ends_with_the_timeout() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with speaking(silent) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get("/", timeout=0.05)


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
            wire = SocketTransport(path, usual=10.0)
            async with server, httpx.AsyncClient(transport=wire, base_url="http://desk", timeout=limit) as client:
                asking = asyncio.create_task(client.get("/"))
                await asked.wait()
                assert (wire.silence > 0) is owed
                asking.cancel()
                await asyncio.wait((asking,))


async def test_a_change_is_never_sent_twice() -> None:
    posts = 0

    async def once_then_dead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal posts
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: 0\r\n\r\n")
        if b"POST" in await reader.readuntil(b"\r\n\r\n"):
            posts += 1

    async with speaking(once_then_dead) as client:
        await client.get("/")
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/")
        assert posts == 1


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
