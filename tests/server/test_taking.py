"""Many reps take what is next from one server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.server.test_api import fill
from tests.server.test_rules import deliver
from tests.server.test_shop import until
from tests.servers.desk import DeskServer

REPS, CONVERSATIONS = 12, 60
VALUED = """
[desk]
value_tags = ["vip"]

[accounts.support]
connector = "maildir"
address = "support@shop.example"
incoming = "in"
outgoing = "out"
poll_seconds = 0.05
"""


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


async def test_who_asks_twice_at_once_gets_one(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client("rep") as rep, desk_server.client("rep") as again:
        await fill(rep, tmp_path / "mail", 3)
        both = await asyncio.gather(*(each.next() for each in (rep, again) * 4))
        assert len({found.id for found in both if found}) == 1, "what is theirs waits, and comes first"
        assert (await rep.counts())["mine"] == 1


async def test_tags_of_value_go_first(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(VALUED).start()
    for number in (1, 2):
        deliver(server.home.folder / "in", f"{number}", f"Order {number}")
    async with server.client() as client:
        page = await until(lambda: client.conversations("unassigned"), lambda page: len(page.items) == 2)
        first, second = page.items
        looked = await client.look_next()
        assert looked is not None
        assert looked.id == first.id
        await client.tag(second.id, add=["vip"])
        valued = await client.look_next()
        assert valued is not None
        assert valued.id == second.id
