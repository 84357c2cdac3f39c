"""Whatever dies whenever: no phone rings twice for one attempt, and what is said to be certain is so."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any, Literal

import pytest

from connectors.base import Permanent, Temporary, Uncertain
from connectors.dialing.asterisk.dialer import AsteriskDialer
from connectors.dialing.baresip.dialer import BaresipDialer
from connectors.dialing.base import Attempt, Dialer
from connectors.dialing.trial import course
from connectors.dialing.twilio.dialer import TwilioDialer
from tests.dialing.worlds import AsteriskWorld, SipWorld, TwilioWorld, sip_world
from tests.servers.ari import Asterisk
from tests.servers.twilio import Twilio

TIMES = [pytest.param(8, id="8"), pytest.param(200, id="200", marks=pytest.mark.torture)]
_KILLED_WITHIN = 0.06
"""Seconds in which a call on loopback is dialled and rings."""

Outcome = Literal["certainly not", "ended", "uncertain"]


async def outcome(dialer: Dialer, attempt: Attempt) -> Outcome:
    """Dial until it is said to be certain, as a program may: again only after `Temporary`."""
    try:
        [*_, last] = await course(await dialer.dial(attempt))
    except (Temporary, Permanent):
        return "certainly not"
    except Uncertain:
        return "uncertain"
    return "certainly not" if last.reason == "failed" else "ended"


async def _killed(world: SipWorld, attempt: Attempt, seconds: float) -> Outcome:
    """baresip dies so long after dialling has begun."""
    dialer = BaresipDialer(world.account)
    try:
        going = asyncio.ensure_future(outcome(dialer, attempt))
        await asyncio.sleep(seconds)
        await asyncio.to_thread(world.interrupt)
        result = await going
        await asyncio.to_thread(world.restore)
        if result != "certainly not":
            assert await outcome(dialer, attempt) == result, "asked again, it is still so"
    finally:
        await dialer.close()
    return result


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.timeout(1200)
async def test_baresip_is_killed_at_any_moment(tmp_path: Path, times: int) -> None:
    chance = random.Random(4)
    with sip_world(tmp_path) as world:
        world.customer("busy")
        results: dict[str, Outcome] = {}
        for number in range(times):
            attempt = Attempt(reference=f"killed-{number}", number=f"+4917{number:08}", at=time.time_ns() // 1_000_000)
            results[attempt.number] = await _killed(world, attempt, chance.uniform(0, _KILLED_WITHIN))
        rang = {number: world.callee.begun_for(number) for number in results}
    _judge(results, rang)


def _judge(results: dict[str, Outcome], rang: dict[str, int]) -> None:
    assert [number for number, count in rang.items() if count > 1] == [], "rang twice"
    assert [number for number, count in rang.items() if count and results[number] == "certainly not"] == []
    assert [number for number, count in rang.items() if not count and results[number] == "ended"] == []


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("kind", ["asterisk", "twilio"])
@pytest.mark.timeout(1200)
async def test_requests_are_lost_before_or_after_they_were_heard(
    kind: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many attempts, one after the other; what was certainly not dialled is tried again with its reference."""
    monkeypatch.setattr("connectors.dialing.asterisk.ari._LOOK_SECONDS", 0.2)
    chance = random.Random(4)
    with Asterisk() if kind == "asterisk" else Twilio() as server:
        world: Any = AsteriskWorld(server) if isinstance(server, Asterisk) else TwilioWorld(server)
        dialer: Dialer = (AsteriskDialer if kind == "asterisk" else TwilioDialer)(world.account, world.secret)
        for number in range(times):
            before = world.rang()
            attempt = Attempt(
                reference=f"lost-{number}", number=world.number, rep="mia", at=time.time_ns() // 1_000_000
            )
            results: list[Outcome] = []
            while "ended" not in results and "uncertain" not in results and len(results) < 4:
                server.break_at = chance.choice([None, "before", "after"])
                results.append(await outcome(dialer, attempt))
            again = await outcome(dialer, attempt) if results[-1] != "certainly not" else None
            assert again in (None, results[-1])
            assert world.rang() - before <= 1, f"{results} rang {world.rang() - before} times"
            assert world.rang() - before == 1 or results[-1] != "ended"
        await dialer.close()
