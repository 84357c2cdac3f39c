"""Twilio's dialer where things go otherwise: phones not picked up, requests without an answer, being told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import Permanent, Temporary, Uncertain
from connectors.dialing.trial import attempt, course, until, until_true
from connectors.dialing.twilio import factory, signature
from tests.dialing.worlds import NONSENSE, TwilioWorld, told_wrong
from tests.servers.twilio import CALLER_ID, REP, SID, TOKEN, Twilio

URL = "https://desk.example.com/calls"


@pytest.fixture
def world() -> Iterator[TwilioWorld]:
    with Twilio() as company:
        yield TwilioWorld(company)


async def test_a_rep_who_hung_up_at_once_leaves_it_uncertain(world: TwilioWorld) -> None:
    world.server.rep = "hangs up at once"
    desk = world.opened()
    with pytest.raises(Uncertain, match="without a trace"):
        await course(await desk.dial(attempt(world)))
    await desk.close()


async def test_a_request_that_timed_out_but_was_obeyed_later_is_found_and_not_repeated(world: TwilioWorld) -> None:
    world.server.break_at = "late"
    desk = world.opened(poll_seconds=0.2)
    [*_, last] = await course(await desk.dial(attempt(world)))
    assert last.reason == "busy"
    assert (world.server.created, world.rang()) == (1, 1)
    await desk.close()


async def test_other_calls_in_the_list_are_not_taken_for_it(world: TwilioWorld) -> None:
    world.server.remember(REP, age=3600)
    world.server.remember("+491702222222", age=0)
    world.server.break_at = "before"
    desk = world.opened()
    with pytest.raises(Uncertain, match="its list does not show"):
        await desk.dial(attempt(world))
    assert world.server.created == 1
    await desk.close()


async def test_of_two_that_it_could_be_neither_is_taken(world: TwilioWorld) -> None:
    world.server.remember(REP, age=0)
    world.server.break_at = "after"
    desk = world.opened()
    with pytest.raises(Uncertain):
        await desk.dial(attempt(world))
    assert world.server.created == 1
    await desk.close()


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_error_may_have_called(world: TwilioWorld, status: int) -> None:
    world.server.refuse = status, {"code": 20500, "message": "Internal server error", "status": status}
    desk = world.opened()
    for _ in range(2):
        with pytest.raises(Uncertain):
            await desk.dial(attempt(world))
    assert world.server.created == 1
    await desk.close()


@pytest.mark.parametrize("body", NONSENSE, ids=range(len(NONSENSE)))
async def test_answers_that_make_no_sense_raise_nothing_else(world: TwilioWorld, body: bytes) -> None:
    world.server.garble = body
    desk = world.opened()
    checks = await desk.check()
    assert all((check.message + check.hint).isprintable() for check in checks)
    assert checks[0].status == "failed"
    with pytest.raises(Uncertain):
        await desk.dial(attempt(world))
    assert world.server.created == 1
    assert await desk.became_of(attempt(world)) is None
    await desk.close()


async def test_too_many_requests_were_never_processed(world: TwilioWorld) -> None:
    world.server.refuse = 429, {"code": 20429, "message": "Too many requests", "status": 429}
    desk = world.opened()
    with pytest.raises(Temporary, match="too many requests"):
        await desk.dial(attempt(world))
    world.server.refuse = None
    assert (await course(await desk.dial(attempt(world))))[-1].reason == "busy"
    await desk.close()


async def test_what_twilio_refuses_is_said_in_its_words(world: TwilioWorld) -> None:
    desk = world.opened(caller_id="+4930999999")
    with pytest.raises(Permanent, match=r"not yet verified for your account.*21210"):
        await desk.dial(attempt(world))
    [_, check] = await desk.check()
    assert (check.status, "neither the account's nor verified" in check.message) == ("failed", True)
    await desk.close()


async def test_a_machine_that_answers(world: TwilioWorld) -> None:
    world.server.machine = True
    world.customer("answers and hangs up")
    desk = world.opened(machine_detection=True)
    assert (await course(await desk.dial(attempt(world))))[-1].reason == "voicemail"
    await desk.close()


async def test_an_outage_in_the_middle_is_sat_out(world: TwilioWorld) -> None:
    world.customer("answers")
    desk = world.opened()
    call = await desk.dial(attempt(world))
    await until(call, "answered")
    world.server.down = True
    asked = len(world.server.asked)
    await until_true(lambda: len(world.server.asked) > asked + 3)
    with pytest.raises(Temporary, match="hang up the phone"):
        await call.hang_up()
    world.server.down = False
    await call.hang_up()
    assert (await course(call))[-1].reason == "reached"
    await desk.close()


async def test_after_a_crash_the_list_tells_what_became_of_it(world: TwilioWorld) -> None:
    made = attempt(world)
    crashed, desk = world.opened(), world.opened()
    await course(await crashed.dial(made))
    await crashed.close()
    found = await desk.became_of(made)
    assert found is not None
    assert (found.state, found.reason) == ("ended", "busy")
    await desk.close()


async def test_being_told_is_believed_only_if_signed_and_only_as_a_hint(world: TwilioWorld) -> None:
    world.customer("answers and hangs up")
    desk = world.opened(poll_seconds=30, status_url=URL)
    call = await desk.dial(attempt(world))
    await until_true(lambda: any(each["status"] == "completed" for each in world.server.calls))
    sid = world.server.calls[0]["sid"]
    fields = [("CallSid", "CA0"), ("ParentCallSid", sid), ("CallStatus", "failed"), ("To", world.number)]
    asked = len(world.server.asked)
    assert not await desk.heard(URL, fields, signature.sign("another token", URL, fields))
    assert not await desk.heard(URL, fields, "")
    assert not await desk.heard("https://evil.example.com/calls", fields, signature.sign(TOKEN, URL, fields))
    assert not await desk.heard(URL, [*fields, ("x", "y")], signature.sign(TOKEN, URL, fields))
    await asyncio.sleep(0)
    assert len(world.server.asked) == asked
    async with asyncio.timeout(10):
        while not call.over:
            assert await desk.heard(URL, fields, signature.sign(TOKEN, URL, fields))
            await asyncio.sleep(0.05)
    assert call.latest.reason == "reached", "what counts is the resource"
    await desk.close()


async def test_twilio_is_told_where_to_call_us(world: TwilioWorld) -> None:
    desk = world.opened(status_url=URL)
    await course(await desk.dial(attempt(world)))
    [form] = [form for method, path, form in world.server.asked if (method, path) == ("POST", "/Calls.json")]
    assert form["StatusCallback"] == [URL]
    assert form["StatusCallbackEvent"] == ["answered", "completed"]
    assert f'statusCallback="{URL}" statusCallbackEvent="initiated ringing answered completed"' in form["Twiml"][0]
    await desk.close()


def test_signatures_as_twilio_documents_them() -> None:
    """The example of https://www.twilio.com/docs/usage/security, and the repeated fields of Twilio's own library."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    fields = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
        ("Caller", "+14158675309"),
    ]
    assert signature.sign("12345", url, fields) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    repeated = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
    assert signature.sign("12345", url, repeated) == "IK+Dwps556ElfBT0I3Rgjkr1wJU="
    assert signature.is_genuine("12345", url, fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    with_port = signature.sign("12345", url.replace(".com", ".com:443"), fields)
    assert signature.is_genuine("12345", url, fields, with_port), "Twilio may write the port"
    assert signature.is_genuine("12345", url.replace(".com", ".com:8443"), fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    assert not signature.is_genuine("", url, fields, signature.sign("", url, fields)), "no token, no trust"
    assert not signature.is_genuine("12345", "https://[", fields, "\ud800")


async def test_an_account_that_is_suspended(world: TwilioWorld) -> None:
    world.server.status = "suspended"
    desk = world.opened()
    checks = await desk.check()
    assert (checks[0].status, "suspended" in checks[0].message) == ("failed", True)
    await desk.close()


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"account_sid": ""}, "account_sid: missing"),
        ({"account_sid": "AC12"}, "account_sid: it is AC and 32"),
        ({"caller_id": "The Shop"}, "caller_id: 'The Shop' is no international number"),
        ({"phone": "100"}, "phone: '100' is no phone"),
        ({"poll_seconds": 0}, "poll_seconds: 0 is out of range"),
        ({"status_url": "http://desk.example.com/calls"}, "status_url: Twilio calls a public https address"),
        ({"status_url": 'https://desk.example.com/"><Number>'}, "status_url: "),
    ],
)
def test_wrong_settings_are_told(options: dict[str, Any], finding: str) -> None:
    good = {"account_sid": SID, "caller_id": CALLER_ID, "phones": {"mia": REP}}
    told_wrong(factory, {**good, **options}, finding)
