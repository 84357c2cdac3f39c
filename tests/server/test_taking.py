"""Many reps take what is next from one server."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.server.test_api import fill
from tests.servers.desk import DeskServer

REPS, CONVERSATIONS = 12, 60


async def test_reps_who_take_at_once_get_one_each(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as client:
        await fill(client, tmp_path / "mail", CONVERSATIONS)
        assert await client.look_next() == await client.look_next(), "looking takes nothing"

    async def work(login: str) -> list[int]:
        got: list[int] = []
        async with desk_server.client(login) as rep:
            while found := await rep.next(skip=got):
                assert found.assignee_name == login
                got.append(found.id)
        return got

    got = await asyncio.gather(*(work(f"rep{n}") for n in range(REPS)))
    assert sorted(id for ids in got for id in ids) == list(range(1, CONVERSATIONS + 1)), "each exactly once"
