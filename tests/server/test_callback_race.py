"""Many reps want to make the same calls: each customer's phone rings once."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

from tests.servers.desk import DeskServer

PROCESSES, CALLBACKS = 4, 30

CALLER = """
import asyncio, json, sys
from pathlib import Path
from desk.client import Client, Refused

async def main(socket, login, ids):
    won, lost = [], []
    async with Client(Path(socket), login, timeout=60) as client:
        for id in ids:
            try:
                call = await client.call(id)
            except Refused as refused:
                lost.append(refused.problem.code)
                continue
            won.append(id)
            await client.say_outcome(id, "reached", reference=call.reference)
    print(json.dumps({"won": won, "lost": lost}))

asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))
"""


def test_nobody_is_called_twice(desk_server: DeskServer) -> None:
    async def prepare() -> list[int]:
        async with desk_server.client() as client:
            asked = [await client.ask_callback(f"+4930123{n:03}") for n in range(CALLBACKS)]
            return [each.id for each in asked]

    ids = asyncio.run(prepare())
    callers = [
        subprocess.Popen(
            [sys.executable, "-c", CALLER, str(desk_server.socket), f"rep{number}", json.dumps(ids)],
            stdout=subprocess.PIPE,
        )
        for number in range(PROCESSES)
    ]
    results = [json.loads(caller.communicate(timeout=110)[0]) for caller in callers]
    assert sorted(id for result in results for id in result["won"]) == ids, "each exactly once"
    assert {code for result in results for code in result["lost"]} <= {"taken", "calling", "settled"}

    async def attempts() -> list[int]:
        async with desk_server.client() as client:
            return [len((await client.callback(id)).attempts) for id in ids]

    assert asyncio.run(attempts()) == [1] * CALLBACKS
