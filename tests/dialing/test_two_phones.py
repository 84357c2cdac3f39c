"""Dialers that ring the rep's phone first and then the customer's: what goes wrong before the customer is called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.dialing.trial import attempt, course, until_true
from tests.dialing.worlds import AsteriskWorld, ExchangeWorld, TwilioWorld, told_wrong
from tests.servers.ari import Asterisk
from tests.servers.twilio import Twilio


@pytest.fixture(params=["asterisk", "twilio"])
def world(request: pytest.FixtureRequest) -> Iterator[ExchangeWorld]:
    if request.param == "asterisk":
        with Asterisk() as exchange:
            yield AsteriskWorld(exchange)
    else:
        with Twilio() as company:
            yield TwilioWorld(company)


@pytest.mark.parametrize("manner", ["rings", "busy"])
async def test_a_rep_who_does_not_pick_up_calls_nobody(world: ExchangeWorld, manner: Any) -> None:
    world.server.rep = manner
    desk = world.opened(ring_seconds=1)
    [*_, last] = await course(await desk.dial(attempt(world)))
    assert (last.reason, f"{world.mia} was not picked up" in last.words) == ("failed", True)
    assert world.rang() == 0
    await desk.close()


async def test_hanging_up_before_the_rep_picked_up_calls_nobody(world: ExchangeWorld) -> None:
    world.server.rep = "rings"
    desk = world.opened()
    call = await desk.dial(attempt(world))
    await call.hang_up()
    assert (await course(call))[-1].reason == "cancelled"
    await until_true(lambda: not world.ringing())
    assert world.rang() == 0
    await desk.close()


def test_wrong_settings_that_all_of_them_have_are_told(world: ExchangeWorld) -> None:
    for wrong, finding in (
        ({"phones": {}}, "phone: missing"),
        ({"phones": {"mia": world.bad}}, "phones.mia: "),
        ({"caller_id": "030 123456"}, "caller_id: '030 123456' is no international number"),
        ({"ring_seconds": 0}, "ring_seconds: 0 is out of range"),
        ({"url": "http://pbx.example.com"}, "url: the login would go over the network in plain text"),
        ({"url": "pbx.example.com"}, "url: 'pbx.example.com' is no address"),
        ({"url": "https://desk:secret@pbx.example.com"}, "is no address"),
        ({"fones": {}}, "did you mean phones?"),
    ):
        told_wrong(world.factory, {**world.options(), **wrong}, finding)
