"""Asterisk's dialer where things go otherwise: phones not picked up, requests without an answer, repeats."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.asyncio.client import connect

from connectors.base import Account, ConnectorError, Permanent, Uncertain
from connectors.dialing.asterisk import ari, dialer, factory
from connectors.dialing.asterisk.dialer import AsteriskDialer
from connectors.dialing.base import Attempt
from connectors.dialing.trial import attempt, course, silence, until, until_true
from tests.dialing.worlds import NONSENSE, NUMBER, AsteriskWorld
from tests.servers.ari import REP, Asterisk

CUSTOMER = "POST /channels/desk-callback-1-1"


@pytest.fixture
def world() -> Iterator[AsteriskWorld]:
    with Asterisk() as exchange:
        yield AsteriskWorld(exchange)


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialer, "_RESUME_SECONDS", 1.5)


def opened(world: AsteriskWorld, **options: Any) -> AsteriskDialer:
    return AsteriskDialer(world.set_to(**options), world.secret)


@pytest.mark.parametrize("manner", ["rings", "busy"])
async def test_a_rep_who_does_not_pick_up_calls_nobody(world: AsteriskWorld, manner: Any) -> None:
    world.exchange.rep = manner
    desk = opened(world, ring_seconds=1)
    [*_, last] = await course(await desk.dial(attempt(world)))
    assert last.reason == "failed"
    assert f"{REP} was not picked up" in last.words
    assert world.rang() == 0
    await desk.close()


async def test_hanging_up_before_the_rep_picked_up_calls_nobody(world: AsteriskWorld) -> None:
    world.exchange.rep = "rings"
    desk = opened(world)
    call = await desk.dial(attempt(world))
    assert call.latest.words == f"ringing {REP}"
    await call.hang_up()
    assert (await course(call))[-1].reason == "cancelled"
    await until_true(lambda: not world.exchange.channels)
    assert world.rang() == 0
    await desk.close()


async def test_both_are_put_through_and_nobody_is_left_alone(world: AsteriskWorld) -> None:
    world.customer("answers")
    desk = opened(world, caller_id="+4930123456", endpoint="PJSIP/{digits}@trunk")
    call = await desk.dial(attempt(world))
    await until(call, "answered")
    both = {"desk-callback-1-1", "desk-callback-1-1.rep"}
    await until_true(lambda: both in world.exchange.bridged)
    customer = world.exchange.channels["desk-callback-1-1"]
    assert customer["endpoint"] == f"PJSIP/{NUMBER[1:]}@trunk"
    assert customer["caller"] == "+4930123456"
    assert world.exchange.channels["desk-callback-1-1.rep"]["caller"] == NUMBER
    await call.hang_up()
    assert (await course(call))[-1].reason == "reached"
    await until_true(lambda: not world.exchange.channels)
    await desk.close()


async def test_the_rep_hangs_up_the_own_phone(world: AsteriskWorld) -> None:
    world.customer("rings")
    desk = opened(world)
    call = await desk.dial(attempt(world))
    await until(call, "ringing")
    await desk._ari.drop("desk-callback-1-1.rep")
    assert (await course(call))[-1].reason == "cancelled"
    await silence(world)
    await desk.close()


async def test_hanging_up_while_the_customer_is_about_to_be_called(world: AsteriskWorld) -> None:
    world.customer("rings")
    world.exchange.delay = 0.3
    desk = opened(world)
    call = await desk.dial(attempt(world))
    await until_true(lambda: call.latest.words == "calling the customer")
    await call.hang_up()
    assert (await course(call))[-1].reason == "cancelled"
    await silence(world)
    await desk.close()


@pytest.mark.parametrize(
    "event",
    [
        {"type": "ChannelDestroyed"},
        {"type": "ChannelDestroyed", "channel": {"id": "desk-callback-1-1"}, "cause": "?", "cause_txt": "\x1b[31m"},
        {"type": "ChannelStateChange", "channel": {"id": "desk-callback-1-1", "state": ["Up"]}},
        {"type": ["Dial"], "peer": 7, "channel": []},
        {},
    ],
)
async def test_events_that_make_no_sense_break_nothing(world: AsteriskWorld, event: dict[str, Any]) -> None:
    world.customer("rings")
    desk = opened(world)
    call = await desk.dial(attempt(world))
    await until(call, "ringing")
    desk._hear(event)
    await call.hang_up()
    assert (await course(call))[-1].reason in ("cancelled", "no-answer")
    await desk.close()


@pytest.mark.parametrize("body", NONSENSE, ids=range(len(NONSENSE)))
async def test_answers_that_make_no_sense_raise_nothing_else(
    world: AsteriskWorld, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialer, "_SLACK", 0.1)
    world.exchange.garble = body
    desk = opened(world, ring_seconds=1)
    checks = await desk.check()
    assert all((check.message + check.hint).isprintable() for check in checks)
    [*_, last] = await course(await desk.dial(attempt(world)))
    assert (last.reason, "the customer was not called" in last.words) == ("failed", True)
    assert await desk.became_of(attempt(world, "other")) is None or body.startswith((b"{", b"["))
    await desk.close()


async def test_an_end_that_is_never_told_is_uncertain(world: AsteriskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialer, "_END_SECONDS", 0.3)
    world.customer("rings")
    desk = opened(world)
    call = await desk.dial(attempt(world))
    await until(call, "ringing")
    world.exchange.garble = b""
    await call.hang_up()
    with pytest.raises(Uncertain, match="did not say how the call ended"):
        await course(call)
    await desk.close()


async def test_a_request_that_timed_out_but_was_obeyed_later_is_found_and_not_repeated(world: AsteriskWorld) -> None:
    world.customer("busy")
    world.exchange.break_at = "late"
    desk = opened(world)
    [*_, last] = await course(await desk.dial(attempt(world)))
    assert last.reason == "busy"
    assert world.exchange.asked.count(CUSTOMER) == 1
    assert world.rang() == 1
    await desk.close()


async def test_what_rings_after_it_was_given_up_is_hung_up(
    world: AsteriskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ari, "_LOOKS", 1)
    world.customer("rings")
    world.exchange.break_at = "late"
    desk = opened(world)
    call = await desk.dial(attempt(world))
    with pytest.raises(Uncertain):
        await course(call)
    await until_true(lambda: world.rang() == 1)
    await silence(world)
    assert world.exchange.asked.count(CUSTOMER) == 1
    await desk.close()


async def test_after_a_crash_the_same_attempt_is_seen_and_not_made_again(world: AsteriskWorld) -> None:
    world.customer("rings")
    crashed, desk = opened(world), opened(world)
    await until(await crashed.dial(attempt(world)), "ringing")
    found = await desk.became_of(attempt(world))
    assert found is not None
    assert found.state == "ringing"
    with pytest.raises(Uncertain, match="from before"):
        await desk.dial(attempt(world))
    assert world.rang() == 1
    await desk.close()
    await crashed.close()


async def test_a_phone_that_does_not_exist_is_no_repeat(world: AsteriskWorld) -> None:
    desk = opened(world, phones={"mia": "PJSIP/999"})
    with pytest.raises(Permanent, match="knows no PJSIP/999"):
        await desk.dial(attempt(world))
    await desk.close()


async def test_a_line_that_does_not_exist_is_no_repeat(world: AsteriskWorld) -> None:
    desk = opened(world, endpoint="PJSIP/{number}@nowhere")
    [*_, last] = await course(await desk.dial(attempt(world)))
    assert (last.reason, "knows no PJSIP" in last.words) == ("failed", True)
    await desk.close()


async def test_events_that_break_off_are_resumed(world: AsteriskWorld) -> None:
    world.customer("rings")
    desk = opened(world)
    call = await desk.dial(attempt(world))
    await until(call, "ringing")
    before = desk._events
    world.exchange.cut_events()
    await until_true(lambda: desk._events not in (None, before))
    await call.hang_up()
    assert (await course(call))[-1].reason == "cancelled"
    await desk.close()


async def test_a_call_that_ended_while_events_were_broken_off_is_uncertain(world: AsteriskWorld) -> None:
    world.customer("rings")
    desk = opened(world)
    call = await desk.dial(attempt(world))
    await until(call, "ringing")
    await asyncio.to_thread(world.interrupt)
    await asyncio.to_thread(world.restore)
    with pytest.raises(Uncertain, match="may have rung"):
        await course(call)
    await desk.close()


async def test_another_program_that_takes_our_name_is_named(world: AsteriskWorld) -> None:
    world.customer("rings")
    desk = opened(world)
    call = await desk.dial(attempt(world))
    await until(call, "ringing")
    url = world.exchange.url.replace("http", "ws") + "/events?app=desk"
    async with connect(url, additional_headers={"Authorization": desk._ari._authorization}, proxy=None):
        with pytest.raises(Uncertain, match="another program listens"):
            await course(call)
    await desk.close()


async def test_a_rep_without_a_phone(world: AsteriskWorld) -> None:
    desk = opened(world)
    with pytest.raises(Permanent, match=r"tom has no phone; set phone, or phones\.tom"):
        await desk.dial(Attempt(reference="one", number=NUMBER, rep="tom"))


async def test_a_phone_that_is_switched_off_is_told_before(world: AsteriskWorld) -> None:
    world.exchange.offline.add("100")
    desk = opened(world)
    checks = await desk.check()
    assert [check.status for check in checks] == ["ok", "ok", "warning"]
    assert "PJSIP/100 is offline" in checks[2].message
    await desk.close()


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"user": ""}, "user: missing"),
        ({"endpoint": "PJSIP/100@trunk"}, "endpoint: write it like"),
        ({"endpoint": "PJSIP/{number}@trunk&app=x"}, "endpoint: write it like"),
        ({"url": "http://pbx.example.com:8088/ari"}, "url: the login would go over the network in plain text"),
        ({"url": "pbx.example.com"}, "url: 'pbx.example.com' is no address"),
        ({"url": "https://desk:secret@pbx.example.com/ari"}, "is no address"),
        ({"app": "desk,other"}, "app: letters"),
        ({"phones": {}}, "phone: missing"),
        ({"phones": {"mia": "100"}}, "phones.mia: '100' is no endpoint"),
        ({"phone": "PJSIP/100&PJSIP/101"}, "phone: "),
        ({"caller_id": "030 123456"}, "caller_id: '030 123456' is no international number"),
        ({"ring_seconds": -1}, "ring_seconds: -1 is out of range"),
        ({"endpont": "x"}, "did you mean endpoint?"),
    ],
)
def test_wrong_settings_are_told(options: dict[str, Any], finding: str) -> None:
    good = {"user": "desk", "endpoint": "PJSIP/{number}@trunk", "phones": {"mia": "PJSIP/100"}}
    given = Account(name="phone", options={**good, **options})
    assert any(finding in problem for problem in factory.validate(given)), factory.validate(given)
    with pytest.raises(ConnectorError):
        factory.open(given, lambda: None)
