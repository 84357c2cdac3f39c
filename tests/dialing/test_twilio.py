"""Twilio's dialer where things go otherwise: phones not picked up, requests without an answer, being told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import Account, ConnectorError, Permanent, Temporary, Uncertain
from connectors.dialing.trial import attempt, course, until, until_true
from connectors.dialing.twilio import factory, signature
from connectors.dialing.twilio.dialer import TwilioDialer
from tests.dialing.worlds import NONSENSE, TwilioWorld
from tests.servers.twilio import CALLER_ID, REP, SID, TOKEN, Twilio

URL = "https://desk.example.com/calls"


@pytest.fixture
def world() -> Iterator[TwilioWorld]:
    with Twilio() as company:
        yield TwilioWorld(company)


def opened(world: TwilioWorld, **options: Any) -> TwilioDialer:
    return TwilioDialer(world.set_to(**options), world.secret)


@pytest.mark.parametrize("manner", ["rings", "busy"])
async def test_a_rep_who_does_not_pick_up_calls_nobody(world: TwilioWorld, manner: Any) -> None:
    world.company.rep = manner
    desk = opened(world, ring_seconds=1)
    [*_, last] = await course(await desk.dial(attempt(world)))
    assert (last.reason, f"{REP} was not picked up" in last.words) == ("failed", True)
    assert world.rang() == 0
    await desk.close()


async def test_hanging_up_before_the_rep_picked_up_calls_nobody(world: TwilioWorld) -> None:
    world.company.rep = "rings"
    desk = opened(world)
    call = await desk.dial(attempt(world))
    await call.hang_up()
    assert (await course(call))[-1].reason == "cancelled"
    assert world.rang() == 0
    await desk.close()


async def test_a_rep_who_hung_up_at_once_leaves_it_uncertain(world: TwilioWorld) -> None:
    world.company.rep = "hangs up at once"
    desk = opened(world)
    with pytest.raises(Uncertain, match="without a trace"):
        await course(await desk.dial(attempt(world)))
    await desk.close()


async def test_a_request_that_timed_out_but_was_obeyed_later_is_found_and_not_repeated(world: TwilioWorld) -> None:
    world.company.break_at = "late"
    desk = opened(world, poll_seconds=0.2)
    [*_, last] = await course(await desk.dial(attempt(world)))
    assert last.reason == "busy"
    assert (world.company.created, world.rang()) == (1, 1)
    await desk.close()


async def test_other_calls_in_the_list_are_not_taken_for_it(world: TwilioWorld) -> None:
    world.company.remember(REP, age=3600)
    world.company.remember("+491702222222", age=0)
    world.company.break_at = "before"
    desk = opened(world)
    with pytest.raises(Uncertain, match="its list does not show"):
        await desk.dial(attempt(world))
    assert world.company.created == 1
    await desk.close()


async def test_of_two_that_it_could_be_neither_is_taken(world: TwilioWorld) -> None:
    world.company.remember(REP, age=0)
    world.company.break_at = "after"
    desk = opened(world)
    with pytest.raises(Uncertain):
        await desk.dial(attempt(world))
    assert world.company.created == 1
    await desk.close()


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_error_may_have_called(world: TwilioWorld, status: int) -> None:
    world.company.refuse = status, {"code": 20500, "message": "Internal server error", "status": status}
    desk = opened(world)
    for _ in range(2):
        with pytest.raises(Uncertain):
            await desk.dial(attempt(world))
    assert world.company.created == 1
    await desk.close()


@pytest.mark.parametrize("body", NONSENSE, ids=range(len(NONSENSE)))
async def test_answers_that_make_no_sense_raise_nothing_else(world: TwilioWorld, body: bytes) -> None:
    world.company.garble = body
    desk = opened(world)
    checks = await desk.check()
    assert all((check.message + check.hint).isprintable() for check in checks)
    assert checks[0].status == "failed"
    with pytest.raises(Uncertain):
        await desk.dial(attempt(world))
    assert world.company.created == 1
    assert await desk.became_of(attempt(world)) is None
    await desk.close()


async def test_too_many_requests_were_never_processed(world: TwilioWorld) -> None:
    world.company.refuse = 429, {"code": 20429, "message": "Too many requests", "status": 429}
    desk = opened(world)
    with pytest.raises(Temporary, match="too many requests"):
        await desk.dial(attempt(world))
    world.company.refuse = None
    assert (await course(await desk.dial(attempt(world))))[-1].reason == "busy"
    await desk.close()


async def test_what_twilio_refuses_is_said_in_its_words(world: TwilioWorld) -> None:
    desk = opened(world, caller_id="+4930999999")
    with pytest.raises(Permanent, match=r"not yet verified for your account.*21210"):
        await desk.dial(attempt(world))
    [_, check] = await desk.check()
    assert (check.status, "neither the account's nor verified" in check.message) == ("failed", True)
    await desk.close()


async def test_a_machine_that_answers(world: TwilioWorld) -> None:
    world.company.machine = True
    world.customer("answers and hangs up")
    desk = opened(world, machine_detection=True)
    assert (await course(await desk.dial(attempt(world))))[-1].reason == "voicemail"
    await desk.close()


async def test_an_outage_in_the_middle_is_sat_out(world: TwilioWorld) -> None:
    world.customer("answers")
    desk = opened(world)
    call = await desk.dial(attempt(world))
    await until(call, "answered")
    world.company.down = True
    asked = len(world.company.asked)
    await until_true(lambda: len(world.company.asked) > asked + 3)
    with pytest.raises(Temporary, match="hang up the phone"):
        await call.hang_up()
    world.company.down = False
    await call.hang_up()
    assert (await course(call))[-1].reason == "reached"
    await desk.close()


async def test_after_a_crash_the_list_tells_what_became_of_it(world: TwilioWorld) -> None:
    made = attempt(world)
    crashed, desk = opened(world), opened(world)
    await course(await crashed.dial(made))
    await crashed.close()
    found = await desk.became_of(made)
    assert found is not None
    assert (found.state, found.reason) == ("ended", "busy")
    await desk.close()


async def test_being_told_is_believed_only_if_signed_and_only_as_a_hint(world: TwilioWorld) -> None:
    world.customer("answers and hangs up")
    desk = opened(world, poll_seconds=30, status_url=URL)
    call = await desk.dial(attempt(world))
    await until_true(lambda: any(each["status"] == "completed" for each in world.company.calls))
    sid = world.company.calls[0]["sid"]
    fields = [("CallSid", "CA0"), ("ParentCallSid", sid), ("CallStatus", "failed"), ("To", world.number)]
    asked = len(world.company.asked)
    assert not await desk.heard(URL, fields, signature.sign("another token", URL, fields))
    assert not await desk.heard(URL, fields, "")
    assert not await desk.heard("https://evil.example.com/calls", fields, signature.sign(TOKEN, URL, fields))
    assert not await desk.heard(URL, [*fields, ("x", "y")], signature.sign(TOKEN, URL, fields))
    await asyncio.sleep(0)
    assert len(world.company.asked) == asked
    async with asyncio.timeout(10):
        while not call.over:
            assert await desk.heard(URL, fields, signature.sign(TOKEN, URL, fields))
            await asyncio.sleep(0.05)
    assert call.latest.reason == "reached", "what counts is the resource"
    await desk.close()


async def test_twilio_is_told_where_to_call_us(world: TwilioWorld) -> None:
    desk = opened(world, status_url=URL)
    await course(await desk.dial(attempt(world)))
    [form] = [form for method, path, form in world.company.asked if (method, path) == ("POST", "/Calls.json")]
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
    world.company.status = "suspended"
    desk = opened(world)
    checks = await desk.check()
    assert (checks[0].status, "suspended" in checks[0].message) == ("failed", True)
    await desk.close()


@pytest.mark.parametrize(
    ("options", "finding"),
    [
        ({"account_sid": ""}, "account_sid: missing"),
        ({"account_sid": "AC12"}, "account_sid: it is AC and 32"),
        ({"caller_id": "The Shop"}, "caller_id: 'The Shop' is no international number"),
        ({"phones": {}}, "phone: missing"),
        ({"phone": "100"}, "phone: '100' is no phone"),
        ({"phones": {"mia": "client:mia<x>"}}, "phones.mia: "),
        ({"ring_seconds": 0}, "ring_seconds: 0 is out of range"),
        ({"poll_seconds": 0}, "poll_seconds: 0 is out of range"),
        ({"url": "http://api.twilio.com"}, "url: the login would go over the network in plain text"),
        ({"status_url": "http://desk.example.com/calls"}, "status_url: Twilio calls a public https address"),
        ({"status_url": 'https://desk.example.com/"><Number>'}, "status_url: "),
        ({"acount_sid": "x"}, "did you mean account_sid?"),
    ],
)
def test_wrong_settings_are_told(options: dict[str, Any], finding: str) -> None:
    good = {"account_sid": SID, "caller_id": CALLER_ID, "phones": {"mia": REP}}
    given = Account(name="phone", options={**good, **options})
    assert any(finding in problem for problem in factory.validate(given)), factory.validate(given)
    with pytest.raises(ConnectorError):
        factory.open(given, lambda: None)
