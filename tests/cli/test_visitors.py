"""`desk visitors`, `desk invite`, `desk invitations`, as programs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.cli.program import Program
from tests.servers.desk import DeskServer
from tests.web.visitors import SITE, address_of, browser


def test_who_is_there_is_asked_and_counted(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(SITE.replace("port = 0", 'port = 0\ntrail = "on"', 1)).start()
    own = Program(server.home)
    assert "Nobody" in own.ok("visitors").err
    assert "Nobody was invited" in own.ok("invitations").err

    async def visit() -> int:
        async with browser(await address_of(server)) as ada:
            page = {"key": "k", "url": "https://shop.example/a\x1b[2J", "title": "A", "cart": 5, "currency": "EUR"}
            ada.token = (await ada.done("sight", page))["token"]
            own_now = await asyncio.to_thread(own.ok, "visitors", "--json")
            [here] = own_now.json()
            asked = await asyncio.to_thread(own.ok, "invite", str(here["visitor"]["id"]), "Hello?")
            assert "asked: Hello?" in asked.out
            again = await asyncio.to_thread(own, "invite", str(here["visitor"]["id"]), "--json")
            assert (again.code, again.problem()["code"]) == (5, "invited")
            told = (await ada.done("sight", page))["invitation"]
            await ada.done("invitation", {"id": told["id"], "did": "accepted"})
            return int((await asyncio.to_thread(own.ok, "visitors", "--json")).json()[0]["conversation_id"])

    conversation = asyncio.run(visit())
    assert "5.00 EUR\taccepted" in own.ok("visitors").out
    assert "https://shop.example/a" in own.ok("visitors", "--trail", str(conversation)).out
    assert own.ok("invitations").out.startswith("(by hand)\t1\t1\t0")
