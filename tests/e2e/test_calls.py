"""The whole way of a callback: asked for on the site, dialled from a real terminal, over real SIP, to a real phone."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desk import launch
from tests.e2e.tmux import Tmux
from tests.server.test_calls import until
from tests.servers.common import eventually
from tests.servers.desk import DeskServer
from tests.servers.sip import Baresip, Callee, Manner
from tests.web.test_callbacks import CALLS
from tests.web.visitors import address_of, browser

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

DIALER = """
[dialers.softphone]
dialer = "baresip"
control = "127.0.0.1:{control}"
uri = "sip:{{number}}@127.0.0.1:{customer}"
ring_seconds = {ring_seconds}
"""
NUMBER, SHOWN = "+4930123456", "+49 30 123456"


@pytest.fixture
def customer(tmp_path: Path) -> Iterator[Callee]:
    """The customer's telephone."""
    with Callee(tmp_path / "customer") as callee:
        yield callee


@pytest.fixture
def softphone(tmp_path: Path) -> Iterator[Baresip]:
    """The rep's."""
    with Baresip(tmp_path / "phone") as phone:
        yield phone


@pytest.fixture
def begun(new_desk: Callable[..., DeskServer], softphone: Baresip, customer: Callee) -> Callable[..., DeskServer]:
    """Starts a server whose reps call by that softphone."""

    def begin(ring_seconds: int = 30) -> DeskServer:
        dialer = DIALER.format(control=softphone.control_port, customer=customer.port, ring_seconds=ring_seconds)
        return new_desk(f"{CALLS}\n{dialer}").start()

    return begin


def terminal(server: DeskServer, folder: Path, columns: int, rows: int) -> Tmux:
    command = [sys.executable, "-m", "desk.cli", "--workspace", str(server.home.folder), "--agent", "mia"]
    return Tmux(command, directory=folder, columns=columns, rows=rows)


async def ask(server: DeskServer) -> None:
    """A visitor asks to be called, as the panel does."""
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        await ada.done("callback", {"number": "030 123456", "reason": "Where is my teapot?"})


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 60)])
async def test_they_answer_and_are_spoken_with(
    begun: Callable[..., DeskServer], customer: Callee, tmp_path: Path, columns: int, rows: int
) -> None:
    customer.behave("answers")
    server = begun()
    await ask(server)
    with terminal(server, tmp_path, columns, rows) as rep:
        rep.wait_for(f"{SHOWN} Where" if columns > 100 else SHOWN)
        rep.press("d")
        rep.wait_for("connected 0:0")
        assert (customer.begun, customer.begun_for(NUMBER)) == (1, 1)
        rep.press("i")
        rep.wait_for(lambda screen: "keep" in screen.lower() and "connected" in screen)
        rep.type("It comes tomorrow.")
        rep.press("C-j")
        rep.wait_for(lambda screen: "It comes tomorrow." in screen and "^j" not in screen)
        rep.press("S")
        rep.wait_for("What became of the call")
        rep.type("resolved")
        rep.press("Enter")
        rep.wait_for("reached, and resolved")
        eventually(lambda: customer.over == 1, what="the end of the call")
        assert customer.begun == 1
    async with server.client() as client:
        assert await client.callbacks() == []


@pytest.mark.parametrize(
    ("manner", "seems", "said"),
    [
        ("busy", "busy it seems", "busy: again at"),
        ("rings", "no answer it seems", "no answer: again at"),
        ("absent", "unreachable it seems", "unreachable: again at"),
        ("wrong", "wrong number it seems", "wrong number: done"),
    ],
)
async def test_they_are_not_spoken_with(
    begun: Callable[..., DeskServer], customer: Callee, tmp_path: Path, manner: Manner, seems: str, said: str
) -> None:
    """What the network says is offered first; the rep takes it with enter, and sees what comes next."""
    customer.behave(manner)
    server = begun(ring_seconds=1)
    await ask(server)
    with terminal(server, tmp_path, 100, 30) as rep:
        rep.wait_for(SHOWN)
        rep.press("d")
        rep.wait_for(seems)
        rep.press("S")
        rep.wait_for("What became of the call")
        rep.press("Enter")
        rep.wait_for(said)
        assert customer.begun == 1


async def test_a_softphone_that_is_not_there_calls_nobody(
    begun: Callable[..., DeskServer], softphone: Baresip, customer: Callee, tmp_path: Path
) -> None:
    server = begun()
    softphone.kill()
    await ask(server)
    with terminal(server, tmp_path, 100, 30) as rep:
        rep.wait_for(SHOWN)
        rep.press("d")
        rep.wait_for("was not called: baresip on 127.0.0.1")
        assert customer.begun == 0
    async with server.client() as client:
        [callback] = await client.callbacks()
        assert callback.state == "waiting"


async def test_a_server_killed_during_a_call_hears_how_it_goes_on(
    begun: Callable[..., DeskServer], customer: Callee
) -> None:
    """The rep's machine leads the call by itself, and tells what was missed; nobody is called twice."""
    customer.behave("answers")
    server = begun()
    await ask(server)
    async with server.client("mia") as mia:
        [callback] = await mia.callbacks()
        call = await mia.call(callback.id)
        launch.dial(server.socket, "mia", call.reference)
        await until(mia, lambda call: call.stage == "answered")
    server.kill()
    server.start()
    async with server.client("mia") as mia:
        await until(mia, lambda call: call.stage == "answered")
        said = await mia.say_outcome(callback.id, "reached", reference=call.reference)
        assert said.state == "done"
        eventually(lambda: customer.over == 1, what="the end of the call")
    assert customer.begun == 1
