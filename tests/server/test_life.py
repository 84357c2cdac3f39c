"""The process: one per workspace, found or started by whoever needs it, ended in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desk.client import Client, Unreachable
from desk.launch import ALREADY_RUNS, LaunchError, answers, ensure_server
from desk.workspace import Workspace
from tests.servers.common import eventually
from tests.servers.desk import DeskServer

STARTER = """
import sys
from pathlib import Path
from desk.launch import ensure_server
print(ensure_server(Path(sys.argv[1])))
"""


async def ask_pid(path: Path) -> int:
    async with Client(path, "mia") as client:
        return (await client.status()).pid


@pytest.fixture
def home() -> Iterator[Workspace]:
    """A workspace whose background server, if a test starts one, ends with the test."""
    with tempfile.TemporaryDirectory(prefix="dk") as folder:
        home = Workspace(Path(folder) / "w")
        yield home
        pid = home.holder()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            eventually(lambda: not alive(pid), what="the server's end")


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_of_many_starters_one_server_results(home: Workspace) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", STARTER, str(home.folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    paths = {starter.communicate(timeout=60)[0].strip() for starter in starters}
    assert [starter.returncode for starter in starters] == [0] * 8
    assert paths == {str(home.socket)}
    assert asyncio.run(ask_pid(home.socket)) == home.holder()
    assert home.log.read_text().count(": serving ") == 1
    pid = home.holder()
    assert pid is not None
    assert ensure_server(home) == home.socket
    assert home.holder() == pid


def test_a_background_server_outlives_its_starter(home: Workspace) -> None:
    subprocess.run([sys.executable, "-c", STARTER, str(home.folder)], check=True, capture_output=True, timeout=60)
    pid = asyncio.run(ask_pid(home.socket))
    assert os.getsid(pid) == pid
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: not alive(pid), what="the server's end")
    assert not home.socket.exists()


def test_the_socket_is_private(desk_server: DeskServer) -> None:
    assert stat.S_IMODE(desk_server.socket.stat().st_mode) == 0o600


def test_a_second_server_gives_way(desk_server: DeskServer) -> None:
    command = [sys.executable, "-m", "desk.server", "--workspace", str(desk_server.home.folder)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == ALREADY_RUNS
    assert "runs already" in second.stderr
    assert asyncio.run(ask_pid(desk_server.socket)) == desk_server.pid


def test_a_kill_frees_the_workspace(desk_server: DeskServer) -> None:
    desk_server.kill()
    assert desk_server.socket.exists()
    assert not answers(desk_server.socket)
    desk_server.start()
    assert asyncio.run(ask_pid(desk_server.socket)) == desk_server.pid


@pytest.mark.parametrize("what", ["the folder", "the socket"])
def test_a_server_nobody_can_reach_any_more_ends(desk_server: DeskServer, what: str) -> None:
    pid = desk_server.pid
    if what == "the folder":
        desk_server.home.folder.rename(desk_server.home.folder.with_name("elsewhere"))
    else:
        desk_server.socket.unlink()
    eventually(lambda: not alive(pid), what="the server's end")
    assert desk_server.stop() == 0


def test_a_server_that_ends_leaves_its_successors_socket_alone(new_desk: Callable[..., DeskServer]) -> None:
    first = new_desk().start()
    os.kill(first.pid, signal.SIGSTOP)
    first.home.folder.rename(first.home.folder.with_name("elsewhere"))
    successor = subprocess.Popen([sys.executable, "-m", "desk.server", "--workspace", str(first.home.folder)])
    eventually(lambda: answers(first.home.socket), 20, what="the successor")
    os.kill(first.pid, signal.SIGCONT)
    assert first.stop() == 0
    assert asyncio.run(ask_pid(first.home.socket)) == successor.pid
    successor.terminate()
    assert successor.wait(20) == 0


def test_what_lies_in_the_sockets_place_is_replaced(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk()
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(server.socket))
    stale.close()
    server.start()
    assert asyncio.run(ask_pid(server.socket)) == server.pid


@pytest.mark.parametrize("how", ["signal", "request"])
def test_an_orderly_end(desk_server: DeskServer, how: str) -> None:
    async def stop() -> None:
        async with desk_server.client() as client:
            await client.stop()

    pid = desk_server.pid
    if how == "request":
        asyncio.run(stop())
        eventually(lambda: not alive(pid), what="the server's end")
    assert desk_server.stop() == 0
    assert not desk_server.socket.exists()
    assert desk_server.home.holder() is None


async def test_an_open_feed_does_not_delay_the_end(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        feed = client.events(0)
        await anext(feed)
        begun = time.monotonic()
        assert await asyncio.to_thread(desk_server.stop) == 0
        assert time.monotonic() - begun < 5
        with pytest.raises(Unreachable):
            async for _ in feed:
                pass


def test_a_server_that_cannot_start_says_why(home: Workspace) -> None:
    home.prepare().settings.write_text("[desk]\nundo_secnds = 5\n")
    with pytest.raises(LaunchError, match=r"desk\.toml:2: there is no setting desk\.undo_secnds") as caught:
        ensure_server(home)
    assert "did you mean undo_seconds?" in str(caught.value)


def test_a_broken_store_is_told(home: Workspace) -> None:
    home.prepare().database.write_bytes(b"this is no database" * 1000)
    with pytest.raises(LaunchError, match=r"desk\.db"):
        ensure_server(home)


def test_starting_is_quick(home: Workspace) -> None:
    begun = time.monotonic()
    ensure_server(home)
    assert time.monotonic() - begun < 5


def test_a_client_imports_nothing_of_the_servers() -> None:
    heavy = ("litestar", "uvicorn", "sqlite3", "keyring", "platformdirs", "tomlkit", "textual", "desk.store")
    code = f"import desk.client, desk.launch, desk.settings, sys; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
