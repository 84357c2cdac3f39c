"""Calls: stored first, dialled once, followed to what they seem to have come to, and unclear where nobody can know."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from desk.client import Client, Refused
from desk.clock import Clock
from desk.model import Agent, Callback
from desk.model.dialing import Call, PhoneNews
from desk.phone import Phone
from desk.server.calls import Calls, Patience
from desk.server.desk import Desk
from desk.service import asking
from desk.service.asking import Wish
from desk.service.callbacks import Rules
from desk.service.errors import Lost
from desk.store.base import Store
from desk.workspace import Workspace
from tests.servers.ari import Asterisk
from tests.servers.desk import DeskServer

NUMBER = "+491701234567"
PATIENCE = 30.0
ASTERISK = """
[dialers.office]
dialer = "asterisk"
url = "{url}"
user = "desk"
endpoint = "PJSIP/{{number}}@trunk"
phone = "PJSIP/100"
ring_seconds = 1
"""
PROGRAM = """
[dialers.own]
dialer = "launch"
command = ["{python}", "-c", "import sys; open(sys.argv[1], 'a').write(sys.argv[2])", "{file}", "{{number}}"]
"""


@pytest.fixture
def exchange() -> Iterator[Asterisk]:
    with Asterisk() as exchange:
        yield exchange


@pytest.fixture
def server(exchange: Asterisk) -> Iterator[DeskServer]:
    settings = ASTERISK.format(url=exchange.url)
    server = DeskServer(settings, environment={"DESK_PASSWORD_DIALER_OFFICE": "secret"}).start()
    yield server
    server.close()


@pytest.fixture
async def mia(server: DeskServer) -> AsyncIterator[Client]:
    async with Client(server.socket, "mia") as client:
        yield client


async def asked(client: Client, number: str = NUMBER) -> Callback:
    return await client.ask_callback(number, reason="the bill")


async def until(client: Client, holds: Callable[[Call], bool]) -> Call:
    """The rep's call, as soon as that holds."""
    async with asyncio.timeout(PATIENCE):
        while (call := await client.my_call()) is None or not holds(call):  # noqa: ASYNC110
            await asyncio.sleep(0.03)
        return call


async def stored(client: Client, callback: Callback) -> Callback:
    [only] = await client.callbacks_of(callback.conversation_id)
    return only


@pytest.mark.parametrize(
    ("manner", "suggested"),
    [("answers and hangs up", "reached"), ("busy", "busy"), ("rings", "no-answer"), ("wrong", "wrong-number")],
)
async def test_a_call_is_followed_to_what_it_came_to(
    mia: Client, exchange: Asterisk, manner: str, suggested: str
) -> None:
    exchange.manner = manner  # type: ignore[assignment]
    callback = await asked(mia)
    call = await mia.call(callback.id)
    assert (call.stage, call.number, call.dialer, call.at_the_rep) == ("dialling", NUMBER, "office", False)
    assert (await stored(mia, callback)).under_way is not None
    ended = await until(mia, lambda call: call.stage == "ended")
    assert (ended.suggested, exchange.rang) == (suggested, 1)
    assert (ended.answered_at is not None) == (suggested == "reached")
    said = await mia.say_outcome(callback.id, ended.suggested or "unknown", reference=call.reference)
    assert said.outcome == suggested
    assert await mia.my_call() is None


async def test_hanging_up_and_saying_the_outcome_end_a_call(mia: Client, exchange: Asterisk) -> None:
    exchange.manner = "answers"
    for number, way in (("+491701234567", "hang up"), ("+491701234568", "outcome")):
        callback = await asked(mia, number)
        call = await mia.call(callback.id)
        await until(mia, lambda call: call.stage == "answered")
        if way == "hang up":
            await mia.hang_up(call.reference)
            assert (await until(mia, lambda call: call.over)).suggested == "reached"
        said = await mia.say_outcome(callback.id, "reached", reference=call.reference, words="all well")
        assert (said.state, said.attempts[-1].words) == ("done", "all well")
        async with asyncio.timeout(PATIENCE):
            while exchange.channels:  # noqa: ASYNC110
                await asyncio.sleep(0.03)


async def test_what_was_certainly_not_dialled_is_settled_and_can_be_dialled_again(
    mia: Client, exchange: Asterisk
) -> None:
    exchange.rep = "busy"
    callback = await asked(mia)
    await mia.call(callback.id)
    settled = await until(mia, lambda call: call.outcome is not None)
    assert (settled.outcome, "was not picked up" in settled.words) == ("failed", True)
    assert (await stored(mia, callback)).state == "waiting"
    exchange.rep = "answers"
    await mia.call(callback.id)
    assert (await until(mia, lambda call: call.stage == "ended")).suggested == "busy"
    assert exchange.rang == 1


async def test_two_reps_never_both_dial_and_nobody_makes_two_calls(
    mia: Client, server: DeskServer, exchange: Asterisk
) -> None:
    exchange.manner = "rings"
    callback, other = await asked(mia), await asked(mia, "+491701234568")
    async with Client(server.socket, "tom") as tom:
        both = await asyncio.gather(
            *(client.call(callback.id) for client in (mia, tom, mia, tom)), return_exceptions=True
        )
        assert len([each for each in both if isinstance(each, Call)]) == 1
        winner = mia if await mia.my_call() is not None else tom
        with pytest.raises(Refused, match="say first what became of it"):
            await winner.call(other.id)
        loser = tom if winner is mia else mia
        call = await until(winner, lambda call: call.stage != "dialling")
        with pytest.raises(Refused, match="another rep's"):
            await loser.hang_up(call.reference)
        with pytest.raises(Refused, match="another rep's"):
            await loser.say_outcome(callback.id, "reached", reference=call.reference)
    assert exchange.rang == 1


async def test_an_outcome_is_said_of_the_call_that_is_meant(mia: Client, exchange: Asterisk) -> None:
    exchange.manner = "busy"
    callback = await asked(mia)
    first = await mia.call(callback.id)
    await until(mia, lambda call: call.over)
    await mia.say_outcome(callback.id, "busy", reference=first.reference)
    second = await mia.call(callback.id, early=True)
    for reference in (first.reference, "", "callback-7-1-00000000"):
        with pytest.raises(Refused, match="another call has been made"):
            await mia.say_outcome(callback.id, "reached", reference=reference)
    assert (await stored(mia, callback)).attempts[-1].reference == second.reference


async def test_a_server_that_was_killed_never_dials_again(mia: Client, server: DeskServer, exchange: Asterisk) -> None:
    exchange.manner = "answers"
    callback = await asked(mia)
    call = await mia.call(callback.id)
    await until(mia, lambda call: call.stage == "answered")
    server.kill()
    server.start()
    async with Client(server.socket, "mia") as again:
        assert (await until(again, lambda call: call.stage == "answered")).reference == call.reference
        exchange.channels.clear()
        assert (await until(again, lambda call: call.over)).suggested == "reached", "it was answered, and is gone"
        await again.say_outcome(callback.id, "reached", reference=call.reference)
        lost = await asked(again, "+491701234568")
        exchange.manner = "rings"
        await again.call(lost.id)
        await until(again, lambda call: call.stage == "ringing")
        server.kill()
        exchange.channels.clear()
        server.start()
        async with Client(server.socket, "mia") as third:
            ended = await until(third, lambda call: call.over)
            assert (ended.stage, "may have rung" in ended.words) == ("lost", True)
            assert (await stored(third, lost)).state == "unclear"
            with pytest.raises(Refused, match="say first what became of it"):
                await third.call(lost.id)
            await third.say_outcome(lost.id, "no-answer", reference=ended.reference)
            assert (await stored(third, lost)).state == "waiting"
    assert exchange.rang == 2


# --- where the rep's machine dials --------------------------------------------------------------------------


@pytest.fixture
async def own(new_desk: Callable[..., DeskServer], tmp_path: Path) -> AsyncIterator[Client]:
    settings = PROGRAM.format(python=sys.executable, file=tmp_path / "dialled")
    async with Client(new_desk(settings).start().socket, "mia") as client:
        yield client


async def test_the_reps_machine_dials_once(own: Client, tmp_path: Path) -> None:
    callback = await asked(own)
    call = await own.call(callback.id)
    assert call.at_the_rep
    await Phone(own, call.reference).make()
    handed = await until(own, lambda call: not call.tells)
    assert (handed.stage, "say what became of it" in handed.words) == ("dialling", True)
    with pytest.raises(Refused, match="dialled already"):
        await Phone(own, call.reference).make()
    assert (tmp_path / "dialled").read_text() == NUMBER
    said = await own.say_outcome(callback.id, "voicemail", reference=call.reference)
    assert (said.state, said.outcome) == ("waiting", "voicemail")


async def test_what_the_reps_machine_cannot_start_was_not_dialled(own: Client) -> None:
    callback = await asked(own)
    call = await own.call(callback.id)
    await own.take_call(call.reference)
    await own.tell_call(call.reference, PhoneNews(stage="lost", at=0, words="no such program\x1b[2J", certain=True))
    settled = await own.my_call()
    assert settled is not None
    assert (settled.outcome, settled.words.isprintable()) == ("failed", True)
    assert (await stored(own, callback)).state == "waiting"


async def test_what_the_reps_machine_lost_from_sight_is_unclear(own: Client) -> None:
    callback = await asked(own)
    call = await own.call(callback.id)
    await own.take_call(call.reference)
    await own.tell_call(call.reference, PhoneNews(stage="ringing", at=1))
    hanging = asyncio.create_task(own.call_wish(call.reference, 20.0))
    await own.hang_up(call.reference)
    assert (await hanging).hang_up
    await own.tell_call(call.reference, PhoneNews(stage="lost", at=2, words="the softphone is gone"))
    assert (await stored(own, callback)).state == "unclear"


def rep(store: Store, clock: Clock) -> Agent:
    with store.write():
        return store.agents.ensure("mia", "Mia")


async def test_a_machine_that_is_silent_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """Before it asked, nothing was dialled; after that, nobody knows."""
    home = Workspace(Path(tempfile.mkdtemp(prefix="dk"))).prepare()
    home.settings.write_text(PROGRAM.format(python=sys.executable, file=tmp_path / "dialled"))
    desk = await Desk.open(home)
    calls = Calls(desk, desk.dialers, Rules, patience=Patience(begin=0.05, silent=0.05))
    try:
        mia = await desk.write(rep)
        callback = await desk.write(asking.ask, Wish(number=NUMBER), rules=Rules(), agent=mia)

        async def over() -> Call:
            async with asyncio.timeout(PATIENCE):
                while (call := calls.of(mia)) is None or not call.over:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            return call

        await calls.begin(mia, callback.id)
        never = await over()
        assert (never.outcome, never.words) == ("failed", "your machine did not begin to dial")
        begun = await calls.begin(mia, callback.id)
        calls.take(mia, begun.reference)
        silent = await over()
        assert (silent.stage, silent.words) == ("lost", "the machine that dialled fell silent")
        assert desk.store.callbacks.page(("unclear",))[0].id == callback.id
        with pytest.raises(Lost, match="over"):
            calls.take(mia, begun.reference)
    finally:
        await calls.close()
        await desk.close()
        shutil.rmtree(home.folder)


# --- settings -----------------------------------------------------------------------------------------------


async def test_wrong_settings_are_told_with_their_line_and_nothing_is_dialled(
    new_desk: Callable[..., DeskServer],
) -> None:
    server = new_desk('[dialers.soft]\ndialer = "baresip"\ncontrol = "everywhere"\n').start()
    async with Client(server.socket, "mia") as client:
        [status] = await client.dialers()
        assert (status.state, f"{server.home.settings}:3: control: " in status.error) == ("wrong", True)
        callback = await asked(client)
        with pytest.raises(Refused, match=r"desk\.toml:3: control: "):
            await client.call(callback.id)
        assert (await stored(client, callback)).attempts == ()
        [failed] = [each for each in await client.doctor() if each.what.startswith("dialer soft")]
        assert (failed.status, "desk.toml:3: control: " in failed.message) == ("failed", True)


async def test_doctor_tries_the_dialers_and_says_where_their_secrets_come_from(mia: Client, exchange: Asterisk) -> None:
    checks = [each for each in await mia.doctor() if each.what.startswith("dialer office")]
    assert {each.status for each in checks} == {"ok"}
    assert "DESK_PASSWORD_DIALER_OFFICE" in checks[0].message
    exchange.kill()
    assert "failed" in {each.status for each in await mia.check_account("dialer-office")}


async def test_a_dialer_without_its_secret_is_not_ready(
    new_desk: Callable[..., DeskServer], exchange: Asterisk
) -> None:
    server = new_desk(ASTERISK.format(url=exchange.url)).start()
    async with Client(server.socket, "mia") as client:
        [status] = await client.dialers()
        assert (status.state, "set DESK_PASSWORD_DIALER_OFFICE" in status.error) == ("needs-secret", True)
        checks = [each for each in await client.doctor() if each.what.startswith("dialer office")]
        assert {each.status for each in checks} == {"warning", "failed"}
        assert ":provide-secret dialer-office" in checks[0].message
        callback = await asked(client)
        await client.call(callback.id)
        settled = await until(client, lambda call: call.outcome is not None)
        assert (settled.outcome, exchange.rang) == ("failed", 0)
        assert "there is no password of desk; give it with" in settled.words
        await client.keep_secret("dialer-office", "secret")
        [status] = await client.dialers()
        assert (status.state, status.error) == ("ready", "")
        exchange.manner = "busy"
        await client.call(callback.id)
        assert (await until(client, lambda call: call.stage == "ended")).suggested == "busy"
