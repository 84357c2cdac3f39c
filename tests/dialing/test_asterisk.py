"""Asterisk's dialer where things go otherwise: phones not picked up, requests without an answer, repeats."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.asyncio.client import connect

from connectors.base import Permanent, Uncertain
from connectors.dialing.asterisk import ari, dialer, factory
from connectors.dialing.base import Attempt
from connectors.dialing.trial import attempt, course, silence, until, until_true
from tests.dialing.worlds import NONSENSE, NUMBER, AsteriskWorld, told_wrong
from tests.servers.ari import Asterisk

CUSTOMER = "POST /channels/desk-callback-1-1"


@pytest.fixture
def world() -> Iterator[AsteriskWorld]:
    with Asterisk() as exchange:
        yield AsteriskWorld(exchange)


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialer, "_RESUME_SECONDS", 1.5)


async def test_both_are_put_through_and_nobody_is_left_alone(world: AsteriskWorld) -> None:
    world.customer("answers")
    desk = world.opened(caller_id="+4930123456", endpoint="PJSIP/{digits}@trunk")
    call = await desk.dial(attempt(world))
    await until(call, "answered")
    both = {"desk-callback-1-1", "desk-callback-1-1.rep"}
    await until_true(lambda: both in world.server.bridged)
    customer = world.server.channels["desk-callback-1-1"]
    assert customer["endpoint"] == f"PJSIP/{NUMBER[1:]}@trunk"
    assert customer["caller"] == "+4930123456"
    assert world.server.channels["desk-callback-1-1.rep"]["caller"] == NUMBER
    await call.hang_up()
    assert (await course(call))[-1].reason == "reached"
    await until_true(lambda: not world.server.channels)
    await desk.close()


async def test_the_rep_hangs_up_the_own_phone(world: AsteriskWorld) -> None:
    world.customer("rings")
    desk = world.opened()
    call = await desk.dial(attempt(world))
    await until(call, "ringing")
    await desk._ari.drop("desk-callback-1-1.rep")
    assert (await course(call))[-1].reason == "cancelled"
    await silence(world)
    await desk.close()


async def test_hanging_up_while_the_customer_is_about_to_be_called(world: AsteriskWorld) -> None:
    world.customer("rings")
    world.server.delay = 0.3
    desk = world.opened()
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
    desk = world.opened()
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
    world.server.garble = body
    desk = world.opened(ring_seconds=1)
    checks = await desk.check()
    assert all((check.message + check.hint).isprintable() for check in checks)
    [*_, last] = await course(await desk.dial(attempt(world)))
    assert (last.reason, "the customer was not called" in last.words) == ("failed", True)
    assert await desk.became_of(attempt(world, "other")) is None or body.startswith((b"{", b"["))
    await desk.close()


async def test_an_end_that_is_never_told_is_uncertain(world: AsteriskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialer, "_END_SECONDS", 0.3)
    world.customer("rings")
    desk = world.opened()
    call = await desk.dial(attempt(world))
    await until(call, "ringing")
    world.server.garble = b""
    await call.hang_up()
    with pytest.raises(Uncertain, match="did not say how the call ended"):
        await course(call)
    await desk.close()


async def test_a_request_that_timed_out_but_was_obeyed_later_is_found_and_not_repeated(world: AsteriskWorld) -> None:
    world.customer("busy")
    world.server.break_at = "late"
    desk = world.opened()
    [*_, last] = await course(await desk.dial(attempt(world)))
    assert last.reason == "busy"
    assert world.server.asked.count(CUSTOMER) == 1
    assert world.rang() == 1
    await desk.close()


async def test_what_rings_after_it_was_given_up_is_hung_up(
    world: AsteriskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ari, "_LOOKS", 1)
    world.customer("rings")
    world.server.break_at = "late"
    desk = world.opened()
    call = await desk.dial(attempt(world))
    with pytest.raises(Uncertain):
        await course(call)
    await until_true(lambda: world.rang() == 1)
    await silence(world)
    assert world.server.asked.count(CUSTOMER) == 1
    await desk.close()


async def test_after_a_crash_the_same_attempt_is_seen_and_not_made_again(world: AsteriskWorld) -> None:
    world.customer("rings")
    crashed, desk = world.opened(), world.opened()
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
    desk = world.opened(phones={"mia": "PJSIP/999"})
    with pytest.raises(Permanent, match="knows no PJSIP/999"):
        await desk.dial(attempt(world))
    await desk.close()


async def test_a_line_that_does_not_exist_is_no_repeat(world: AsteriskWorld) -> None:
    desk = world.opened(endpoint="PJSIP/{number}@nowhere")
    [*_, last] = await course(await desk.dial(attempt(world)))
    assert (last.reason, "knows no PJSIP" in last.words) == ("failed", True)
    await desk.close()


async def test_events_that_break_off_are_resumed(world: AsteriskWorld) -> None:
    world.customer("rings")
    desk = world.opened()
    call = await desk.dial(attempt(world))
    await until(call, "ringing")
    before = desk._events
    world.server.cut_events()
    await until_true(lambda: desk._events not in (None, before))
    await call.hang_up()
    assert (await course(call))[-1].reason == "cancelled"
    await desk.close()


async def test_a_call_that_ended_while_events_were_broken_off_is_uncertain(world: AsteriskWorld) -> None:
    world.customer("rings")
    desk = world.opened()
    call = await desk.dial(attempt(world))
    await until(call, "ringing")
    await asyncio.to_thread(world.interrupt)
    await asyncio.to_thread(world.restore)
    with pytest.raises(Uncertain, match="may have rung"):
        await course(call)
    await desk.close()


async def test_another_program_that_takes_our_name_is_named(world: AsteriskWorld) -> None:
    world.customer("rings")
    desk = world.opened()
    call = await desk.dial(attempt(world))
    await until(call, "ringing")
    url = world.server.url.replace("http", "ws") + "/events?app=desk"
    async with connect(url, additional_headers={"Authorization": desk._ari._authorization}, proxy=None):
        with pytest.raises(Uncertain, match="another program listens"):
            await course(call)
    await desk.close()


async def test_a_rep_without_a_phone(world: AsteriskWorld) -> None:
    desk = world.opened()
    with pytest.raises(Permanent, match=r"tom has no phone; set phone, or phones\.tom"):
        await desk.dial(Attempt(reference="one", number=NUMBER, rep="tom"))


async def test_a_phone_that_is_switched_off_is_told_before(world: AsteriskWorld) -> None:
    world.server.offline.add("100")
    desk = world.opened()
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
        ({"app": "desk,other"}, "app: letters"),
        ({"phone": "PJSIP/100&PJSIP/101"}, "phone: "),
    ],
)
def test_wrong_settings_are_told(options: dict[str, Any], finding: str) -> None:
    good = {"user": "desk", "endpoint": "PJSIP/{number}@trunk", "phones": {"mia": "PJSIP/100"}}
    told_wrong(factory, {**good, **options}, finding)
