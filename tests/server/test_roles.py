"""Roles over the API: what reps may not do is refused before anything happens, with who may."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from litestar.handlers import HTTPRouteHandler

from desk.client import Client, Refused
from desk.server.routes import HANDLERS
from desk.service.permitting import PERMISSIONS
from tests.servers.desk import DeskServer

STAFF = """\
[reps.ada]
role = "supervisor"
name = "Ada"
[reps.tom]
role = "rep"
"""


async def refusal(client: Client, method: str, path: str) -> Refused:
    with pytest.raises(Refused) as caught:
        await client._send(method, path)
    return caught.value


@pytest.fixture
def server(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return new_desk(STAFF).start()


async def test_a_rep_is_refused_every_deed_of_supervisors_and_admins(server: DeskServer) -> None:
    beyond = [
        (method, re.sub(r"\{[^}]*:int\}", "1", re.sub(r"\{[^}]*:str\}", "x", path)), handler.opt["may"])
        for handler in HANDLERS
        if isinstance(handler, HTTPRouteHandler) and PERMISSIONS[handler.opt.get("may", "work")].least != "rep"
        for path in handler.paths
        for method in handler.http_methods - {"OPTIONS"}
    ]
    assert len(beyond) >= 9
    async with server.client("zoe") as first, server.client("tom") as tom:
        await first.me()
        for method, path, deed in beyond:
            refused = await refusal(tom, method, path)
            assert (refused.status, refused.problem.code) == (403, "forbidden"), path
            assert refused.problem.detail["deed"] == deed
        assert (await first.status()).accounts == ()


async def test_who_may_is_told(server: DeskServer) -> None:
    async with server.client("zoe") as zoe, server.client("tom") as tom, server.client("ada") as ada:
        roles = [(await client.me()).role for client in (zoe, tom, ada)]
        assert roles == ["admin", "rep", "supervisor"]
        assert {each.login: each.role for each in await tom.agents()} == {
            "zoe": "admin",
            "tom": "rep",
            "ada": "supervisor",
        }
        refused = await refusal(tom, "PUT", "/articles/one")
        assert refused.problem.message.endswith("; ask zoe (zoe) or Ada (ada)")
        refused = await refusal(ada, "POST", "/stop")
        assert refused.problem.message == "only admins may stop the server; ask zoe (zoe)"


async def test_reps_of_the_file_are_there_before_they_come_and_the_first_who_comes_is_who_set_it_up(
    server: DeskServer,
) -> None:
    async with server.client("zoe") as zoe:
        assert {each.login: (each.name, each.role) for each in await zoe.agents()} == {
            "zoe": ("zoe", "admin"),
            "ada": ("Ada", "supervisor"),
            "tom": ("tom", "rep"),
        }
        await zoe.set_setting("reps.mia.languages", ["fr"])
        assert "mia" in {each.login for each in await zoe.agents()}


async def test_reps_settle_how_they_want_desk_and_nothing_else(server: DeskServer) -> None:
    async with server.client("zoe") as zoe, server.client("tom") as tom:
        await zoe.me()
        await tom.set_setting("reps.tom.theme", "mono")
        assert (await tom.comfort()).theme == "mono"
        for path, value in (
            ("reps.tom.role", "admin"),
            ("reps.tom.capacity.at_once", 0),
            ("reps.ada.theme", "mono"),
            ("desk.theme", "mono"),
        ):
            with pytest.raises(Refused) as caught:
                await tom.set_setting(path, value)
            assert caught.value.status == 403
        await zoe.set_setting("reps.tom.role", "admin")
        await tom.set_setting("desk.theme", "mono")


async def test_a_role_counts_from_the_next_request_on(server: DeskServer) -> None:
    async with server.client("zoe") as zoe, server.client("tom") as tom:
        await zoe.me()
        assert (await tom.me()).role == "rep"
        await zoe.set_setting("reps.tom.role", "supervisor")
        assert (await tom.me()).role == "supervisor"
        for login in ("ada", "tom"):
            await zoe.unset_setting(f"reps.{login}.role")
        assert (await tom.me()).role == "admin", "a desk without roles lets everybody do everything"


async def test_supervisors_open_and_close_queues_and_move_people(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(STAFF + '[queues.Sales]\nreps = ["tom"]\n[queues."Gift cards"]\nopen = false\n').start()
    async with server.client("zoe") as zoe, server.client("tom") as tom, server.client("ada") as ada:
        for client in (zoe, tom, ada):
            await client.me()
        assert [(each.queue.name, each.open) for each in await tom.queues_now()] == [
            ("Gift cards", False),
            ("Sales", True),
        ]
        assert (await refusal(tom, "POST", "/queues/now")).status == 403
        await ada.open_queue("gift cards")
        cards, sales = await ada.move_to_queue(["tom"], "Sales", "Gift cards")
        assert cards.open
        assert cards.word is not None
        assert cards.word.by_name == "Ada"
        assert {each.agent.login for each in cards.reps} == {"zoe", "tom", "ada"}
        assert (sales.reps, [(each.by_name, each.value) for each in sales.words]) == ((), [("Ada", False)])
        assert (await ada.undo()).label == "tom out of Sales, tom in Gift cards"
        cards, sales = await tom.queues_now()
        assert [each.agent.login for each in sales.reps] == ["tom"]
        with pytest.raises(Refused) as caught:
            await ada.put_into_queue("nobody", queue="Sales")
        assert caught.value.status == 404
