"""The visitors' site over HTTP: what comes in and goes out, once, in order, and to nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest

from desk.model import Conversation, NewReply
from desk.server.followers import QUIET_SECONDS
from tests.screens.waiting import until
from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline
from tests.web.test_trail import somebody_is_there
from tests.web.visitors import SHOP, SITE, address_of, browser


@pytest.fixture
def server(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return new_desk(SITE).start()


async def rows(server: DeskServer, channel: str = "chat") -> list[Conversation]:
    async with server.client() as client:
        return list((await client.conversations(f"channel:{channel}")).items)


async def answer(server: DeskServer, text: str) -> None:
    [row] = await rows(server)
    async with server.client() as client:
        await client.reply(row.id, NewReply(body=text))


async def test_a_chat_there_and_back(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        async with ada.following():
            await ada.say("Does this helmet fit a child?")
            await until(lambda: ada.said == ["Does this helmet fit a child?"], what="the own line")
            [row] = await rows(server)
            assert (row.subject, row.state, row.channel) == ("Does this helmet fit a child?", "open", "chat")
            await answer(server, "From four years on.\nIt can be widened.")
            await until(lambda: len(ada.lines) == 2, what="the answer")
            assert (ada.lines[1]["mine"], ada.lines[1]["name"]) == (False, "mia")
            assert ada.said[1] == "From four years on.\nIt can be widened."
            await until(lambda: ada.glance.get("state") == "active", what="the chat under way")


async def test_delivered_and_read_reach_the_rep(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        await ada.visit()
        await ada.say("Hello")
        [row] = await rows(server)
        await answer(server, "Hi")
        for mark, state in (("delivered", "delivered"), ("read", "read")):
            await ada.done("marks", {mark: 2})
            [last] = [each for each in await client.messages(row.id) if each.direction == "out"]
            assert last.outbox_state == state


async def test_who_comes_back_has_all_of_it_once(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as ada:
        await ada.visit()
        for _ in range(2):
            await ada.say("Hello", "the same")
        await answer(server, "Hi")
        async with browser(url, ada.token) as tab:
            await tab.visit()
            assert tab.said == ["Hello", "Hi"]
            async with tab.following(), ada.following():
                await tab.say("From the other tab")
                for each in (ada, tab):
                    await until(lambda each=each: each.said[-1] == "From the other tab", what="it in both")  # type: ignore[misc]
                assert tab.said == ["Hello", "Hi", "From the other tab"]


async def test_however_long_it_went_on_all_of_it_comes_back(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as ada, server.client() as client:
        await ada.visit()
        await ada.say("Hello")
        [row] = await rows(server)
        for number in range(450):
            await client.reply(row.id, NewReply(body=f"{number}"))
        async with browser(url, ada.token) as again, ada.following():
            assert len((await again.visit()).lines) == 451
            await until(lambda: len(ada.lines) == 451, what="all of it by the stream")
        assert again.said == ada.said


async def test_a_server_that_was_killed_has_lost_nothing(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as ada:
        await ada.visit()
        await ada.say("Before", "1")
        server.kill()
        server.start()
        async with browser(await address_of(server), ada.token) as again:
            await again.visit()
            await again.say("Before", "1")
            await again.say("After", "2")
            await again.visit()
            assert again.said == ["Before", "After"]


async def test_typing_is_seen_both_ways(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        await ada.visit()
        await ada.done("me", {"name": "Ada"})
        await ada.say("Hello")
        [row] = await rows(server)
        await ada.done("typing", {"typing": True})
        [here] = await client.presence(row.id)
        assert (here.agent_name, here.doing) == ("Ada", "replying")
        await ada.done("typing", {"typing": False})
        assert await client.presence(row.id) == []
        async with ada.following():
            await client.show_presence(row.id, "replying")
            await until(lambda: ada.glance.get("typing"), what="that a rep writes")
            await client.show_presence(row.id, "gone")
            await until(lambda: ada.glance.get("typing") is False, what="that nobody writes")


async def test_that_somebody_came_or_all_went_is_told_at_once(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        await ada.visit()
        async with ada.following():
            await until(lambda: ada.glance.get("attended") is False, what="that nobody is there")
            for _ in range(2):
                begun = time.monotonic()
                async with somebody_is_there(client):
                    await until(lambda: ada.glance["attended"], what="that somebody came")
                await until(lambda: not ada.glance["attended"], what="that nobody is there any more")
                assert time.monotonic() - begun < QUIET_SECONDS / 2


async def test_one_end_a_rating_and_another_beginning(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        await ada.say("Hello")
        await ada.done("end")
        await ada.done("rating", {"rating": 5, "comment": "kind"})
        await ada.visit()
        assert (ada.glance["state"], ada.glance["rating"]) == ("ended", 5)
        await ada.say("Me again")
        assert len(await rows(server)) == 2


# --- who may ask what ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [None, "https://evil.example", SHOP, "null"])
async def test_only_the_panel_itself_may_ask(server: DeskServer, origin: str | None) -> None:
    async with browser(await address_of(server), origin=origin) as stranger:
        refused = await stranger.ask("visit")
        assert (refused.status_code, refused.json()["code"]) == (403, "foreign-origin")


@pytest.mark.parametrize("what", ["events", "messages", "marks", "me", "typing", "end", "rating"])
async def test_without_its_secret_nothing_of_a_chat_is_told(server: DeskServer, what: str) -> None:
    url = await address_of(server)
    async with browser(url) as ada, browser(url) as stranger:
        await ada.visit()
        await ada.say("Between us")
        for token in ("", "guess", ada.token[:-1], ada.token.swapcase()):
            stranger.token = token
            refused = await stranger.ask(what, {"id": "1", "text": "x", "rating": 1})
            assert (refused.status_code, refused.json()["code"]) == (401, "unknown-visitor")
            assert "Between us" not in refused.text


async def test_a_secret_of_another_site_is_worth_nothing(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(SITE + SITE.split("[accounts.support]")[0].replace("accounts.site", "accounts.other")).start()
    async with browser(await address_of(server)) as ada, browser(await address_of(server, "other")) as other:
        await ada.visit()
        other.token = ada.token
        assert (await other.ask("messages", {"id": "1", "text": "x"})).status_code == 401


async def test_each_has_their_own(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as ada, browser(url) as ben:
        await ada.visit()
        await ben.visit()
        assert ada.token != ben.token
        async with ada.following(), ben.following():
            await ada.say("I am Ada")
            await ben.say("I am Ben")
            await until(lambda: ada.lines and ben.lines, what="the lines")
        assert (ada.said, ben.said) == (["I am Ada"], ["I am Ben"])


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("messages", {"id": "", "text": "x"}),
        ("messages", {"id": "1", "text": " "}),
        ("messages", {"id": "1", "text": "x" * 8_001}),
        ("rating", {"rating": 6}),
        ("me", {"email": "nobody"}),
    ],
)
async def test_what_cannot_be_is_told_in_words(server: DeskServer, what: str, body: dict[str, object]) -> None:
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        refused = await ada.ask(what, body)
        assert refused.status_code == 422
        assert refused.json()["message"]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"id": 1}', b"\xff", b"x" * 200_000], ids=["cut", "list", "number", "bytes", "large"]
)
async def test_what_is_no_request_is_refused(server: DeskServer, body: bytes) -> None:
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        async with httpx.AsyncClient(trust_env=False) as http:
            refused = await http.post(f"{ada.url}/larkspur/messages", content=body, headers=ada.headers)
        assert refused.status_code in (400, 413)
        assert await rows(server) == []


async def test_who_floods_is_slowed_and_told_for_how_long(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as flood, browser(url) as other:
        await flood.visit()
        await other.visit()
        answers = [await flood.ask("typing", {"typing": False}) for _ in range(60)]
        refused = [each for each in answers if each.status_code == 429]
        assert refused
        assert int(refused[0].headers["retry-after"]) >= 1
        assert (await other.ask("typing", {"typing": False})).status_code == 204


# --- what pages are allowed ---------------------------------------------------------------------------------


async def test_the_panel_runs_nothing_but_our_own_and_only_in_the_shops_pages(server: DeskServer) -> None:
    url = await address_of(server)
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        panel = await http.get("/larkspur/panel")
        policy = panel.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert f"frame-ancestors {SHOP}" in policy
        assert "unsafe" not in policy
        assert panel.headers["x-content-type-options"] == "nosniff"
        assert (await http.get("/another/panel")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/static/..%2f__init__.py", "/static/../app.py", "/static/app.py", "/static/languages/..%2f..%2fapp.py"]
)
async def test_only_what_is_meant_to_be_served_is(server: DeskServer, path: str) -> None:
    async with httpx.AsyncClient(base_url=await address_of(server), trust_env=False) as http:
        assert (await http.get(path)).status_code == 404


async def test_a_shop_named_by_an_attacker_is_text(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(SITE.replace("Larkspur Cycles", "<script>x</script>", 1)).start()
    async with httpx.AsyncClient(base_url=await address_of(server), trust_env=False) as http:
        assert "<script>x" not in (await http.get("/larkspur/panel")).text


async def test_a_port_that_is_taken_is_told(new_desk: Callable[..., DeskServer], server: DeskServer) -> None:
    port = (await address_of(server)).rpartition(":")[2]
    other = new_desk(SITE.replace("port = 0", f"port = {port}")).start()
    deadline, told = Deadline(20), ""
    async with other.client() as client:
        while not told:
            assert not deadline.passed()
            told = next(each.error for each in (await client.status()).accounts if each.name == "site")
    assert f"cannot listen on 127.0.0.1 port {port}" in told
