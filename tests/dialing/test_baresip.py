"""Real calls by baresip over SIP on loopback, where things go otherwise."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Account, ConnectorError, Temporary, Uncertain
from connectors.dialing.baresip import factory
from connectors.dialing.baresip.control import Answer, Control
from connectors.dialing.baresip.dialer import BaresipDialer, _agents, _closed
from connectors.dialing.base import Attempt
from connectors.dialing.trial import attempt, course, until, until_true
from tests.dialing.worlds import NUMBER, SipWorld, sip_world
from tests.servers.common import free_port
from tests.servers.sip import Baresip, Callee
from tests.servers.wire import Listener


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SipWorld]:
    with sip_world(tmp_path) as world:
        yield world


def account(control: int, **options: Any) -> Account:
    return Account(name="phone", options={"control": f"127.0.0.1:{control}", **options})


async def test_a_sip_server_that_refuses_the_connection(world: SipWorld) -> None:
    uri = f"sip:{{number}}@127.0.0.1:{free_port()};transport=tcp"
    dialer = BaresipDialer(account(world.phone.control_port, uri=uri))
    [*_, last] = await course(await dialer.dial(attempt(world)))
    assert (last.reason, last.words) == ("unreachable", "Connection refused")
    await dialer.close()


async def test_a_sip_server_that_never_answers_is_given_up(world: SipWorld) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as hole:
        hole.bind(("127.0.0.1", 0))
        uri = f"sip:{{number}}@127.0.0.1:{hole.getsockname()[1]}"
        dialer = BaresipDialer(account(world.phone.control_port, uri=uri, ring_seconds=1))
        [*_, last] = await course(await dialer.dial(attempt(world)))
        assert last.reason == "no-answer"
        await dialer.close()


async def test_no_baresip_there(world: SipWorld) -> None:
    dialer = BaresipDialer(account(free_port()))
    with pytest.raises(Temporary, match=r"Connect call failed|refused"):
        await dialer.dial(attempt(world))
    [check] = await dialer.check()
    assert (check.status, "ctrl_tcp.so" in check.hint) == ("failed", True)


async def test_a_phone_in_use_dials_nobody(world: SipWorld) -> None:
    world.customer("rings")
    dialer = BaresipDialer(world.account)
    first = await dialer.dial(attempt(world, "first"))
    await until(first, "ringing")
    with pytest.raises(Temporary, match=f"is calling \\{NUMBER}"):
        await dialer.dial(attempt(world, "second"))
    await first.hang_up()
    await course(first)
    assert world.rang() == 1
    await dialer.close()


async def test_a_phone_on_which_the_rep_is_speaking_dials_nobody(world: SipWorld) -> None:
    world.customer("rings")
    place = ("127.0.0.1", world.phone.control_port)
    by_hand = await Control.connect(place, lambda _: None, lambda: None)
    assert (await by_hand.ask("dial", f"sip:somebody@127.0.0.1:{world.callee.port}")).ok
    await until_true(lambda: world.rang() == 1)
    await by_hand.close()
    dialer = BaresipDialer(world.account)
    with pytest.raises(Temporary, match="is in a call"):
        await dialer.dial(attempt(world))
    assert world.rang() == 1
    await dialer.close()


async def test_the_control_connection_is_taken_back_once(world: SipWorld) -> None:
    """Somebody else connects, which ends ours, while it rings."""
    world.customer("rings")
    dialer = BaresipDialer(account(world.phone.control_port, uri=world.account.options["uri"]))
    call = await dialer.dial(attempt(world))
    await until(call, "ringing")
    gone: list[bool] = []
    place = ("127.0.0.1", world.phone.control_port)
    intruder = await Control.connect(place, lambda _: None, lambda: gone.append(True))
    await until_true(lambda: bool(gone))
    await call.hang_up()
    assert (await course(call))[-1].reason == "cancelled"
    await intruder.close()
    await dialer.close()


async def test_who_wants_the_control_connection_too_gets_it_in_the_end(world: SipWorld) -> None:
    world.customer("rings")
    dialer = BaresipDialer(account(world.phone.control_port, uri=world.account.options["uri"]))
    call = await dialer.dial(attempt(world))
    await until(call, "ringing")
    place = ("127.0.0.1", world.phone.control_port)
    for _ in range(2):
        gone: list[bool] = []
        intruder = await Control.connect(place, lambda _: None, lambda gone=gone: gone.append(True))  # type: ignore[misc]
        await until_true(lambda gone=gone: bool(gone) or call.over)  # type: ignore[misc]
    with pytest.raises(Uncertain, match="another program"):
        await course(call)
    assert world.rang() == 1
    await intruder.close()
    await dialer.close()


async def test_the_control_connection_is_left_to_others_after_a_call(world: SipWorld) -> None:
    world.customer("busy")
    dialer = BaresipDialer(world.account)
    await course(await dialer.dial(attempt(world)))
    await until_true(lambda: dialer._control is None)
    await dialer.close()


async def test_a_number_alone_goes_to_the_accounts_own_server(tmp_path: Path) -> None:
    with Callee(tmp_path / "customer") as callee, Baresip(tmp_path / "bs", domain=f"127.0.0.1:{callee.port}") as phone:
        callee.behave("busy")
        dialer = BaresipDialer(account(phone.control_port))
        [*_, last] = await course(await dialer.dial(Attempt(reference="one", number=NUMBER)))
        assert (last.reason, last.words) == ("busy", "486 Busy Here")
        assert callee.begun == 1
        await dialer.close()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"99999999999:",
        b"9999999:x",
        b"2:{}",
        b"2:{};",
        b"5:[1,2],",
        b'9:{"a": 1},3:\xff\xfe\x00,',
        b":,",
    ],
)
async def test_whatever_listens_there_nothing_hangs_and_nothing_is_dialled(
    said: bytes,
) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(said)
        while connection.recv(4096):
            pass

    with Listener(talk) as listener:
        dialer = BaresipDialer(account(listener.port, answer_seconds=0.5))
        began = time.monotonic()
        with pytest.raises(Temporary):
            await dialer.dial(Attempt(reference="one", number=NUMBER))
        assert (await dialer.check())[0].status == "failed"
        assert time.monotonic() - began < 10
        await dialer.close()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("486 Busy Here", "busy"),
        ("404 Not Found", "wrong-number"),
        ("480 Temporarily Unavailable", "unreachable"),
        ("603 Decline", "no-answer"),
        ("Connection timed out", "unreachable"),
        ("Connection refused", "unreachable"),
        ("Destination address required", "unreachable"),
        ("Connection reset by user", "cancelled"),
        ("", "unreachable"),
    ],
)
def test_what_baresip_says_of_an_end(words: str, reason: str) -> None:
    """As Debian's 1.0.0 says it; a server that never answers takes 32 s to be given up."""
    assert _closed(words)[0] == reason


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("\n--- User Agents (1) ---\n> sip:rep@sip.example.com    \x1b[32mOK \x1b[;m\n\n", "ok"),
        ("\n--- User Agents (1) ---\n> sip:rep@sip.example.com    \x1b[31mERR \x1b[;m\n\n", "failed"),
        ("\n--- User Agents (0) ---\n\n", "failed"),
    ],
)
def test_what_baresip_says_of_its_accounts(data: str, status: str) -> None:
    check = _agents(Answer(True, data))
    assert check.status == status
    assert "\x1b" not in check.message + check.hint


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"control": "4444"}, "control: it asks for no password"),
        ({"control": "127.0.0.1:y"}, "is no place"),
        ({"control": "192.0.2.1:4444"}, "control: it asks for no password"),
        ({"control": "0.0.0.0:4444"}, "control: it asks for no password"),
        ({"control": "127.0.0.1:0"}, "is no place"),
        ({"uri": "sip:rep@example.com"}, "uri: write it like"),
        ({"uri": "sip:{number}@a b"}, "uri: write it like"),
        ({"ring_seconds": 0}, "ring_seconds: 0 is out of range"),
        ({"ring_seconds": "long"}, "ring_seconds: expected `float`"),
        ({"controll": "x"}, "did you mean control?"),
    ],
)
def test_wrong_settings_are_told(options: dict[str, Any], finding: str) -> None:
    given = Account(name="phone", options=options)
    assert any(finding in problem for problem in factory.validate(given))
    with pytest.raises(ConnectorError):
        factory.open(given, lambda: None)
