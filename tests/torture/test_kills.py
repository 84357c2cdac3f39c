"""`kill -9` of the server at random moments: nothing is lost, nothing doubled, what is uncertain is shown.

Each round starts the server, lets it work for a random time and kills it. A few rounds run with every `make test`;
`make torture` runs 200 each way, DESK_KILLS=N another number (up to 330: the
outbox is looked at in one page). DESK_SEED repeats a run's choices.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from desk.client import ClientError
from desk.model import NewReply
from tests.servers.dovecot import Dovecot
from tests.servers.rig import Rig, mail, whole_view
from tests.servers.smtp import SmtpRelay

FEW, MANY = 5, int(os.environ.get("DESK_KILLS", "200"))
SEED = int(os.environ.get("DESK_SEED", random.SystemRandom().randrange(1 << 32)))
TWO_RETRIES = 240.0
"""Seconds; on a busy machine the relay may be found too slow twice, and the second retry comes after a minute."""

rounds = pytest.mark.parametrize(
    "rounds",
    [
        pytest.param(FEW, id="few"),
        pytest.param(MANY, id="many", marks=[pytest.mark.torture, pytest.mark.timeout(20 * MANY + 600)]),
    ],
)


@rounds
async def test_inbound(rounds: int, tmp_path: Path, own_dovecot: Dovecot, own_smtp: SmtpRelay) -> None:
    chance = random.Random(SEED)
    rig = Rig(tmp_path / "w", own_dovecot, own_smtp, own_dovecot.unique_user(), undo_seconds=10)
    sent = 0
    for _ in range(rounds):
        rig.start()
        for _ in range(chance.randint(1, 3)):
            await asyncio.sleep(chance.uniform(0, 0.3))
            sent += 1
            await asyncio.to_thread(own_dovecot.deliver, mail(sent, rig.address), rig.address)
        await asyncio.sleep(chance.choice((0.0, 0.05, 0.2, 0.6)) * chance.random())
        rig.kill()
    async with rig.client() as client:
        await _until(lambda: _messages(client), sent, f"{sent} messages (seed {SEED})")
        ids = await whole_view(client)
        subjects = Counter([(await client.conversation(id)).subject for id in ids])
        assert subjects == Counter(f"question {number}" for number in range(1, sent + 1)), f"seed {SEED}"
        assert not [check for check in await client.doctor() if check.what == "store" and check.status != "ok"]
    await rig.stop()


@rounds
async def test_outbound(rounds: int, tmp_path: Path, own_dovecot: Dovecot, own_smtp: SmtpRelay) -> None:
    chance = random.Random(SEED)
    rig = Rig(tmp_path / "w", own_dovecot, own_smtp, own_dovecot.unique_user(), undo_seconds=0.2)
    for number in range(1, 11):
        own_dovecot.deliver(mail(number, rig.address), rig.address)
    async with rig.client() as client:
        await _until(lambda: _messages(client), 10, "10 questions")
        conversations = await whole_view(client)
    accepted: dict[str, str] = {}
    for round_ in range(rounds):
        own_smtp.set(delay=chance.choice((0.0, 0.0, 0.05, 0.3)))
        async with rig.client() as client:
            for part in range(chance.randint(1, 3)):
                body = f"answer {round_}.{part}"
                try:
                    item = await client.reply(
                        chance.choice(conversations), NewReply(body=body), now=chance.random() < 0.6
                    )
                except ClientError as error:
                    pytest.fail(f"the server did not take a reply: {error} (seed {SEED})")
                accepted[item.rfc_message_id] = body
            await asyncio.sleep(chance.random() * chance.choice((0.02, 0.1, 0.5, 1.0)))
        rig.kill()
    own_smtp.set()
    async with rig.client() as client:
        await _until(lambda: _under_way(client), 0, f"an empty outbox (seed {SEED})", seconds=TWO_RETRIES)
        items = {item.rfc_message_id: item for item in await client.outbox(limit=1000)}
        assert items.keys() >= accepted.keys(), f"lost from the outbox (seed {SEED})"
        states = Counter(items[rfc_id].state for rfc_id in accepted)
        for rfc_id in accepted:
            times, state = own_smtp.count(rfc_id), items[rfc_id].state
            assert times <= 1, f"{rfc_id} was delivered {times} times (seed {SEED})"
            assert state in ("sent", "unknown"), f"{rfc_id} is {state}: {items[rfc_id].error} (seed {SEED})"
            assert state == "unknown" or times == 1, f"{rfc_id} counts as sent and never was (seed {SEED})"
        counts = (await client.status()).outbox
        assert counts.get("unknown", 0) == states["unknown"], "every uncertain send is shown"
    await rig.stop()


async def _messages(client) -> int:  # type: ignore[no-untyped-def]
    return (await client.status()).messages


async def _under_way(client) -> int:  # type: ignore[no-untyped-def]
    outbox = (await client.status()).outbox
    return outbox.get("held", 0) + outbox.get("sending", 0)


async def _until(measure, wanted: int, what: str, *, seconds: float = 60.0) -> None:  # type: ignore[no-untyped-def]
    deadline = asyncio.get_running_loop().time() + seconds
    seen = await measure()
    while seen != wanted:
        assert asyncio.get_running_loop().time() < deadline, f"{seen} instead of {what} after {seconds} s"
        await asyncio.sleep(0.05)
        seen = await measure()
