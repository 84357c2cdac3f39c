"""Many reps want the same conversations: each gets one owner, and everybody is told who."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from tests.server.test_api import fill
from tests.servers.desk import DeskServer

PROCESSES, CONVERSATIONS = 8, 800

CLAIMER = """
import asyncio, json, sys
from pathlib import Path
from desk.client import Client, Refused

async def main(socket, login, ids):
    won, lost, errors = [], 0, []
    async with Client(Path(socket), login, timeout=60) as client:
        for id in ids:
            try:
                owner = (await client.claim(id)).assignee_name
                won.append(id) if owner == login else errors.append(owner)
            except Refused as refused:
                if refused.problem.code != "taken" or refused.problem.detail["agent"] == login:
                    errors.append(refused.problem.message)
                lost += 1
    print(json.dumps({"won": won, "lost": lost, "errors": errors}))

asyncio.run(main(sys.argv[1], sys.argv[2], range(1, int(sys.argv[3]) + 1)))
"""


def test_no_conversation_is_claimed_twice(desk_server: DeskServer, tmp_path: Path) -> None:
    async def prepare() -> list[int]:
        async with desk_server.client() as client:
            await fill(client, tmp_path / "mail", CONVERSATIONS)
            return [conversation.id for conversation in (await client.conversations(limit=1000)).items]

    ids = asyncio.run(prepare())
    assert sorted(ids) == list(range(1, CONVERSATIONS + 1))
    claimers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, str(desk_server.socket), f"rep{number}", str(CONVERSATIONS)],
            stdout=subprocess.PIPE,
        )
        for number in range(PROCESSES)
    ]
    results = [json.loads(claimer.communicate(timeout=110)[0]) for claimer in claimers]
    assert [result["errors"] for result in results] == [[]] * PROCESSES
    won = [id for result in results for id in result["won"]]
    assert sorted(won) == sorted(ids), "each exactly once"
    assert all(len(result["won"]) + result["lost"] == CONVERSATIONS for result in results)
