"""A call from the key that dials to the outcome: what is on the screen meanwhile, and keys pressed too early."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import pytest
from textual.pilot import Pilot

from desk.app import DeskApp
from desk.client import Client
from desk.clock import HOUR, MINUTE, SECOND
from desk.model import CallAttempt, Callback
from desk.model.dialing import Call
from screens.callbar import CallBar, call_back, clock_of, in_row, ordinal
from screens.calling import split
from screens.picker import Picker
from screens.times import in_local_time, stamp
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.driving import keys, line
from tests.server.test_calls import ASTERISK, NUMBER
from tests.servers.ari import Asterisk
from tests.servers.desk import DeskServer
from tests.servers.wire import Listener

AT = 1_767_225_600_000
SHOWN = "+49 170 1234567"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ALWAYS = "\n[hours]\n" + "".join(f'{day} = "0:00-24:00"\n' for day in DAYS)
"""Somebody is there whenever the tests run."""


@pytest.fixture
def exchange() -> Iterator[Asterisk]:
    with Asterisk() as exchange:
        yield exchange


@pytest.fixture
async def mia(new_desk: Callable[..., DeskServer], exchange: Asterisk) -> AsyncIterator[Client]:
    """A rep's client, of a server where one call is promised."""
    settings = ASTERISK.format(url=exchange.url).replace("ring_seconds = 1", "ring_seconds = 30")
    server = new_desk(settings + ALWAYS, environment={"DESK_PASSWORD_DIALER_OFFICE": "secret"}).start()
    async with server.client("mia") as client:
        await client.ask_callback(NUMBER, reason="The bill", name="Marta")
        client.server = server  # type: ignore[attr-defined]
        yield client


def at(client: Client) -> DeskServer:
    return client.server  # type: ignore[attr-defined,no-any-return]


async def stage(app: DeskApp, wanted: str) -> None:
    await until(
        lambda: app.desk.call is not None and app.desk.call.stage == wanted,
        what=f"a call that is {wanted}",
        otherwise=lambda: f"{app.desk.call}\n{screen_text(app)}",
    )


async def chosen(app: DeskApp, pilot: Pilot[None], typed: str) -> None:
    await until(lambda: isinstance(app.screen, Picker), what="the outcomes", otherwise=lambda: screen_text(app))
    await keys(pilot, typed)
    await pilot.press("enter")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_call_from_the_list_to_its_next_attempt(mia: Client, exchange: Asterisk, size: tuple[int, int]) -> None:
    exchange.manner = "busy"
    async with terminal(at(mia), size=size) as (app, pilot):
        await shows(app, SHOWN, "The bill")
        await pilot.press("d")
        await stage(app, "ended")
        await shows(app, f"✆ {SHOWN}", "busy it seems", "what became of it", f"calling {SHOWN}")
        await pilot.press("S")
        await chosen(app, pilot, "")
        await shows(app, "busy: again at", "2nd attempt")
        assert not app.inbox.query_one(CallBar).display
        [callback] = await mia.callbacks()
        assert (callback.outcome, callback.state) == ("busy", "waiting")


async def test_on_the_call_there_is_a_timer_and_notes_are_written(mia: Client, exchange: Asterisk) -> None:
    exchange.manner = "answers"
    async with terminal(at(mia), size=(200, 60)) as (app, pilot):
        await shows(app, SHOWN)
        await pilot.press("d")
        await stage(app, "answered")
        await shows(app, "connected 0:0", "hang up", "Marta")
        await keys(pilot, "i")
        await until(lambda: app.inbox.context == "note", what="a note", otherwise=lambda: screen_text(app))
        await keys(pilot, "paid")
        await shows(app, "connected 0:0")
        await pilot.press("ctrl+j")
        await shows(app, "paid")
        await pilot.press("minus")
        await stage(app, "ended")
        await shows(app, "reached it seems")
        await line(app, pilot, "outcome resolved")
        await shows(app, "reached, and resolved")
        assert await mia.callbacks() == []


async def test_keys_typed_ahead_choose_no_outcome_for_another_call(mia: Client, exchange: Asterisk) -> None:
    """What is chosen was opened for one call: if another has been made since, nothing is said of that."""
    exchange.manner = "busy"
    async with terminal(at(mia)) as (app, pilot):
        await shows(app, SHOWN)
        await pilot.press("d", "S")
        await until(lambda: isinstance(app.screen, Picker), what="the outcomes", otherwise=lambda: screen_text(app))
        first = app.desk.call
        assert first is not None
        await mia.say_outcome(first.callback_id, "busy", reference=first.reference)
        second = await mia.call(first.callback_id)
        await chosen(app, pilot, "reached")
        await shows(app, "another call has been made since")
        [callback] = await mia.callbacks()
        assert callback.under_way is not None
        assert callback.under_way.reference == second.reference


async def test_hanging_up_by_line(mia: Client, exchange: Asterisk) -> None:
    exchange.manner = "rings"
    async with terminal(at(mia)) as (app, pilot):
        await shows(app, SHOWN)
        await keys(pilot, "-")
        await shows(app, "you are on no call")
        await pilot.press("d")
        await stage(app, "ringing")
        await line(app, pilot, "hang-up")
        await stage(app, "ended")
        await shows(app, "cancelled it seems")


# --- words ------------------------------------------------------------------------------------------------


def test_a_number_and_the_time_after_it() -> None:
    for text, told in {
        "+49 30 123456": ("+49 30 123456", ""),
        "+49 30 12 34 12": ("+49 30 12 34 12", ""),
        "+4930123456 2h": ("+4930123456", "2h"),
        "030 123456 tomorrow 14:00": ("030 123456", "tomorrow 14:00"),
        "+49 30 123456 14:30": ("+49 30 123456", "14:30"),
        "030/123456 asap": ("030/123456", "asap"),
        "": ("", ""),
    }.items():
        assert split(text) == told


def test_how_a_callback_stands() -> None:
    busy = CallAttempt(
        reference="a", number=NUMBER, agent_id=1, agent_name="Tom\x1b[31m", begun_at=AT, ended_at=AT, outcome="busy"
    )
    callback = Callback(conversation_id=1, number=NUMBER, shown=SHOWN, due_at=AT + HOUR, attempts=(busy,))
    assert call_back(callback, AT).endswith(f", 2nd attempt: {SHOWN}")
    assert in_row(callback, AT).endswith(f" 2nd {SHOWN}")
    unclear = Callback(conversation_id=1, number=NUMBER, state="unclear", attempts=(busy,))
    assert "nobody knows whether it rang" in call_back(unclear, AT)
    calling = Callback(
        conversation_id=1,
        number=NUMBER,
        state="calling",
        attempts=(CallAttempt(reference="b", number=NUMBER, agent_id=1, agent_name="Tom\x1b[31m", begun_at=AT),),
    )
    assert call_back(calling, AT).isprintable()
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 21)] == ["1st", "2nd", "3rd", "4th", "11th", "21st"]
    assert [clock_of(length * SECOND) for length in (7, 750, 3723)] == ["0:07", "12:30", "1:02:03"]
    assert clock_of(-MINUTE) == "0:00"


def test_a_call_is_over_when_nothing_is_left_of_it() -> None:
    call = Call(reference="a", callback_id=1, conversation_id=1, number=NUMBER, agent_id=1, dialer="x", begun_at=AT)
    assert not call.over


async def test_dialers_stand_among_the_connections(mia: Client, exchange: Asterisk) -> None:
    async with terminal(at(mia), size=(120, 30)) as (app, pilot):
        await shows(app, SHOWN)
        await pilot.press("g", "c")
        await shows(app, "office", "ready", "calls by asterisk · yours")
        await pilot.press("t")
        await shows(app, "what was found", "dialer office: secret")
        await pilot.press("escape", "p")
        await shows(app, "office is paused: nobody calls by it", "paused")
        await pilot.press("p")
        await shows(app, "office goes on")
        await pilot.press("enter")
        await shows(app, "dialers.office", "endpoint")


async def test_a_dialer_without_its_secret_says_so_and_is_given_it(
    new_desk: Callable[..., DeskServer], exchange: Asterisk
) -> None:
    server = new_desk(ASTERISK.format(url=exchange.url)).start()
    async with server.client() as client:
        await client.ask_callback(NUMBER)
    async with terminal(server, size=(120, 30)) as (app, pilot):
        await shows(app, SHOWN)
        await keys(pilot, "gc")
        await shows(app, "office", "needs-secret", "P gives its password: no secret: set DESK_PAS")
        await keys(pilot, "P")
        await shows(app, "password of dialer-office")
        await keys(pilot, "secret")
        await pilot.press("enter")
        await shows(app, "ready", "calls by asterisk · yours")


SOFTPHONE = """
[dialers.soft]
dialer = "baresip"
control = "127.0.0.1:{port}"
answer_seconds = 0.2
"""


def answering(*commands: str) -> Listener:
    """A softphone's control port that takes every connection, and answers these commands only."""

    def talk(connection: socket.socket) -> None:
        heard = connection.makefile("rb")
        while digits := b"".join(iter(partial(heard.read, 1), b":")):
            told = json.loads(heard.read(int(digits) + 1)[:-1])
            if told["command"] in commands:
                said = {"response": True, "ok": True, "data": "Active calls (0)", "token": told["token"]}
                raw = json.dumps(said).encode()
                connection.sendall(b"%d:%s," % (len(raw), raw))

    return Listener(talk)


@pytest.mark.parametrize(
    ("commands", "told"),
    [
        ((), ("was not called: baresip on 127.0.0.1", "does not answer (no answer in time); start it")),
        (("listcalls",), ("nobody knows whether it rang · baresip on 127.0.0.1", "what became of it")),
    ],
)
async def test_a_softphone_that_falls_silent_is_told_with_what_to_do(
    new_desk: Callable[..., DeskServer], commands: tuple[str, ...], told: tuple[str, ...]
) -> None:
    with answering(*commands) as phone:
        server = new_desk(SOFTPHONE.format(port=phone.port) + ALWAYS).start()
        async with server.client() as client:
            await client.ask_callback(NUMBER, reason="The bill")
            async with terminal(server, size=(140, 30)) as (app, pilot):
                await shows(app, SHOWN)
                await pilot.press("d")
                await shows(app, *told)
                [callback] = await client.callbacks()
                assert callback.state == ("unclear" if commands else "waiting")
                if commands:
                    await shows(app, "rang?", f"{SHOWN}: nobody knows whether it rang")
                    await pilot.press("S")
                    await chosen(app, pilot, "no-answer")
                    await shows(app, "no answer: again at")


def test_instants_in_events_are_told_in_local_time() -> None:
    assert in_local_time("again at 2026-01-01T00:00:00.000Z, or not", AT) == f"again at {stamp(AT, AT)}, or not"
    for odd in ("2026-02-30T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-01-01", ""):
        assert in_local_time(odd, AT) == odd
