"""Where visitors are, over HTTP: seen only if the rules allow it, bounded, clean, forgotten; and asked to chat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from desk.client import Client, Refused
from desk.model import NewArticle, VisitorNow
from desk.server.onsite import AGAIN_SECONDS
from desk.service.trails import STEPS_AT_MOST
from tests.screens.waiting import until
from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline
from tests.web.visitors import SITE, Browser, address_of, browser

SEEN = SITE.replace("port = 0", 'port = 0\ntrail = "on"', 1)
RULES = """
[capacity]
at_once = 1

[invitations.checkout]
text = "Can we help you with your order?"
texts = { de = "Können wir helfen?" }
pages = ["/checkout*"]

[invitations.never]
text = "Hello?"
pages = ["/nowhere"]
"""
SHOP = "https://shop.example"


@pytest.fixture
def server(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return new_desk(SEEN + RULES).start()


async def look(tab: Browser, path: str = "/", key: str = "", **more: Any) -> dict[str, Any]:
    """Tell of a page, as the frame beside it does."""
    told: dict[str, Any] = await tab.done("sight", {"key": key or path, "url": SHOP + path, **more})
    tab.token = told.get("token") or tab.token
    return told


async def events(tab: Browser, what: str) -> AsyncGenerator[dict[str, Any], None]:
    """What the desk has to say on a line that stays open."""
    async with tab._http.stream("POST", f"/{tab.key}/{what}", headers=tab.headers) as answer:
        assert answer.status_code == 200
        async for text in answer.aiter_lines():
            if text.startswith("data: "):
                yield json.loads(text.removeprefix("data: "))


async def only(client: Client) -> VisitorNow:
    [found] = await client.visitors_now()
    return found


@asynccontextmanager
async def somebody_is_there(client: Client) -> AsyncIterator[None]:
    """A rep whose terminal follows."""

    async def follow() -> None:
        async for _ in client.events(0):
            pass

    task = asyncio.create_task(follow())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


# --- the trail ----------------------------------------------------------------------------------------------


async def test_a_rep_sees_who_is_there_and_where_they_were(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        assert await client.visitors_now() == []
        await look(ada, "/", title="Larkspur", referrer="https://search.example/find?q=secret")
        await look(ada, "/bikes", title="Bicycles", lasted=10, cart=89.9, currency="EUR")
        here = await only(client)
        assert (here.url, here.title, here.pages, here.visits) == (f"{SHOP}/bikes", "Bicycles", 2, 1)
        assert (here.cart, here.currency, here.referrer) == (89.9, "EUR", "https://search.example/find")
        assert (here.chat, here.invited, here.customer) == ("none", "none", "")
        await ada.say("Do you repair hubs?")
        here = await only(client)
        assert here.chat == "waiting"
        assert here.conversation_id is not None
        trail = await client.trail(here.conversation_id)
        assert [each.title for each in trail.steps] == ["Bicycles", "Larkspur"]
        assert trail.now is not None
        assert trail.now.url == here.url
        assert (await client.visitor_trail(here.visitor.id, before=trail.steps[0].id)).steps == trail.steps[1:]


async def test_what_they_searched_and_read_stands_in_their_trail_and_nobody_elses(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, browser(ada.url) as ben, server.client() as client:
        await client.save_article(NewArticle(title="Hub gears", body="Oil them."), slug="gears")
        await look(ada)
        await ben.visit()
        for tab in (ada, ben):
            await tab.done("find", {"text": "hub", "settled": False})
            await tab.done("find", {"text": "hub gears", "settled": True})
            await tab.done("read", {"slug": "gears"})
        here = await only(client)
        steps = (await client.visitor_trail(here.visitor.id)).steps
        assert [(each.kind, each.title) for each in steps[:2]] == [("article", "Hub gears"), ("search", "hub gears")]
        assert len(steps) == 3
        assert here.pages == 1


async def test_the_feed_tells_of_every_turn(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        heard: list[tuple[str, int]] = []

        async def follow() -> None:
            async for changes in client.events(0):
                heard.extend((each.kind, each.id) for each in changes)

        task = asyncio.create_task(follow())
        await look(ada)
        [here] = await client.visitors_now()
        await until(lambda: ("visitor", here.visitor.id) in heard, what="word of the visitor")
        heard.clear()
        await look(ada, gone=True)
        await until(lambda: ("visitor", here.visitor.id) in heard, what="word of their going")
        task.cancel()
        assert await client.visitors_now() == []


async def test_word_that_they_left_a_page_may_come_after_word_of_the_next(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        await look(ada, "/bikes")
        await look(ada, "/locks")
        await look(ada, "/bikes", gone=True, lasted=7)
        here = await only(client)
        assert (here.url, here.pages) == (f"{SHOP}/locks", 2)
        steps = (await client.visitor_trail(here.visitor.id)).steps
        assert [each.url.removeprefix(SHOP) for each in steps] == ["/locks", "/bikes"]


async def test_a_page_said_again_is_the_same_page_and_survives_a_killed_server(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        for _ in range(3):
            await look(ada, "/", key="one")
        visitor = (await only(client)).visitor.id
        server.kill()
        server.start()
        async with browser(await address_of(server), ada.token) as again:
            await look(again, "/", key="one")
            await look(again, "/care", key="two")
            here = await only(client)
            assert (here.visitor.id, here.visits) == (visitor, 1)
            assert len((await client.visitor_trail(visitor)).steps) == 2


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("https://ann:pw@shop.example/a?token=1#x", "https://shop.example/a"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://shop.example/\x1b]0;title\x07\u202e", "https://shop.example/%1B%5D0;title%07%E2%80%AE"),
        ("https://shop.example/reset/" + "a1" * 20, "https://shop.example/reset/*"),
        ("https://shop.example/" + "x/" * 5_000, None),
        ("http://[::1", ""),
    ],
)
async def test_addresses_and_titles_are_hostile(server: DeskServer, told: str, kept: str | None) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        sent = {"key": "k", "url": told, "title": "\x1b[2J" + "t" * 9_000, "referrer": told, "currency": "\x1b[31m"}
        ada.token = (await ada.done("sight", {**sent, "cart": 1e300, "lasted": 1e300, "idle": -5}))["token"]
        here = await only(client)
        assert len(here.url) <= 500
        assert kept is None or here.url == kept
        assert len(here.title) <= 160
        assert "\x1b" not in here.title + here.url + here.referrer + here.currency
        assert (here.cart, here.currency, here.idle) == (None, "", 0)


async def test_of_nobody_more_is_kept_than_is_allowed_and_who_floods_is_slowed(server: DeskServer) -> None:
    async with browser(await address_of(server)) as flood, server.client() as client:
        await look(flood)
        deadline, taken = Deadline(60), 1
        while (answer := await flood.ask("sight", {"key": str(taken), "url": SHOP})).status_code == 200:
            taken += 1
            assert not deadline.passed(), "nobody is slowed"
        assert answer.status_code == 429
        steps = (await client.visitor_trail((await only(client)).visitor.id, limit=1_000)).steps
        assert len(steps) == min(taken, STEPS_AT_MOST)


async def test_many_new_visitors_from_one_address_are_too_many(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as stranger:
        deadline, known = Deadline(60), set()
        while (answer := await stranger.ask("sight", {"key": str(len(known)), "url": SHOP})).status_code == 200:
            known.add(answer.json()["token"])
            assert not deadline.passed(), "nobody is too many"
        assert answer.status_code == 429
        assert len(known) >= 60


# --- only if the rules allow it -----------------------------------------------------------------------------


async def test_without_a_word_in_the_settings_nothing_is_taken_in(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(SITE).start()
    url = await address_of(server)
    async with browser(url) as ada, server.client() as client, httpx.AsyncClient(trust_env=False) as http:
        assert "token" not in await look(ada)
        assert await client.visitors_now() == []
        assert (await http.get(f"{url}/larkspur/trail")).status_code == 404


@pytest.mark.parametrize("header", [{"DNT": "1"}, {"Sec-GPC": "1"}])
async def test_who_does_not_want_it_is_not_seen(server: DeskServer, header: dict[str, str]) -> None:
    url = await address_of(server)
    async with server.client() as client, httpx.AsyncClient(trust_env=False, headers={"Origin": url, **header}) as http:
        answer = await http.post(f"{url}/larkspur/sight", json={"key": "k", "url": SHOP})
        assert "token" not in answer.json()
        assert "set-cookie" not in answer.headers
        assert await client.visitors_now() == []


async def test_who_agrees_no_more_is_forgotten(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        await look(ada)
        visitor = (await only(client)).visitor.id
        await ada.done("forget")
        assert await client.visitors_now() == []
        assert (await client.visitor_trail(visitor)).steps == ()


@pytest.mark.parametrize("what", ["sight", "invited", "invitation", "forget"])
async def test_only_our_own_frame_may_tell(server: DeskServer, what: str) -> None:
    async with browser(await address_of(server), origin=SHOP) as page:
        assert (await page.ask(what, {"key": "k", "id": 1, "did": "shown"})).status_code == 403


# --- invitations --------------------------------------------------------------------------------------------


async def test_nobody_is_asked_while_nobody_is_there(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        assert (await look(ada, "/checkout"))["invitation"] is None
        async with somebody_is_there(client):
            await until_asked(ada)


async def until_asked(tab: Browser, path: str = "/checkout") -> dict[str, Any]:
    deadline = Deadline(15)
    while True:
        told: dict[str, Any] | None = (await look(tab, path))["invitation"]
        if told:
            return told
        assert not deadline.passed(), "nobody asked"
        await asyncio.sleep(0.1)


async def test_a_yes_begins_the_chat_with_our_words(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client, somebody_is_there(client):
        asked = await until_asked(ada)
        assert asked["text"] == "Can we help you with your order?"
        assert (asked["yes"], asked["no"]) == ("Yes, please", "No, thank you")
        await ada.done("invitation", {"id": asked["id"], "did": "shown"})
        assert (await look(ada, "/checkout"))["invitation"] is None
        for _ in range(2):
            await ada.done("invitation", {"id": asked["id"], "did": "accepted"})
        await ada.visit()
        assert ada.said == ["Can we help you with your order?"]
        [row] = (await client.conversations("channel:chat")).items
        await ada.say("Yes: where is it?")
        assert (await client.conversation(row.id)).subject == "Yes: where is it?", "what it is about"
        assert len((await client.conversations("channel:chat")).items) == 1
        counts, silent = await client.invitations()
        assert (counts.rule, counts.shown, counts.accepted, counts.talked) == ("checkout", 1, 1, 1)
        assert (silent.rule, silent.shown) == ("never", 0), "of a rule that asked nobody that is told, too"
        await client.set_state(row.id, "resolved")
        assert (await client.invitations())[0].resolved == 1
        assert (await only(client)).invited == "accepted"


async def test_a_no_is_remembered(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client, somebody_is_there(client):
        asked = await until_asked(ada)
        await ada.done("invitation", {"id": asked["id"], "did": "refused"})
        assert (await ada.ask("invitation", {"id": asked["id"], "did": "accepted"})).status_code == 422
        assert (await look(ada, "/checkout/pay"))["invitation"] is None
        server.kill()
        server.start()
        async with browser(await address_of(server), ada.token) as again, somebody_is_there(client):
            assert (await look(again, "/checkout"))["invitation"] is None
            with pytest.raises(Refused) as caught:
                await client.invite((await only(client)).visitor.id)
            assert caught.value.problem.code == "invited"


async def test_who_listens_is_asked_at_once_and_once(server: DeskServer) -> None:
    async with browser(await address_of(server)) as ada, server.client() as client:
        await look(ada)
        line = events(ada, "invited")
        first = asyncio.ensure_future(anext(line))
        for _ in range(3):
            await ada.done("sight", {"key": "/", "url": SHOP})
        assert not first.done()
        begun = asyncio.get_running_loop().time()
        made = await client.invite((await only(client)).visitor.id, "Shall we help?")
        assert (await first)["id"] == made.id
        assert asyncio.get_running_loop().time() - begun < AGAIN_SECONDS / 3
        await ada.done("invitation", {"id": made.id, "did": "shown"})
        async with browser(ada.url, ada.token) as other:
            second = asyncio.ensure_future(anext(events(other, "invited")))
            await ada.done("sight", {"key": "/", "url": SHOP})
            assert not second.done(), "what was seen is not asked again"
            second.cancel()
        await line.aclose()


async def test_only_as_many_are_asked_as_there_is_room_for(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as ada, browser(url) as ben, server.client() as client, somebody_is_there(client):
        await until_asked(ada)
        assert (await look(ben, "/checkout"))["invitation"] is None


async def test_a_rep_asks_by_hand_whom_they_like(server: DeskServer) -> None:
    url = await address_of(server)
    async with browser(url) as ada, browser(url) as ben, server.client() as client:
        await look(ada, "/care", language="de")
        visitor = (await only(client)).visitor.id
        made = await client.invite(visitor, "Looking for a service date?")
        assert (made.text, made.state, made.rule) == ("Looking for a service date?", "offered", "")
        async with asyncio.timeout(10):
            pushed = await anext(events(ada, "invited?language=de"))
        asked = (await look(ada, "/care", language="de"))["invitation"]
        assert pushed == asked
        assert (asked["text"], asked["yes"]) == ("Looking for a service date?", "Ja, gern")
        await look(ben)
        stranger = await ben.ask("invitation", {"id": asked["id"], "did": "accepted"})
        assert stranger.status_code == 422
        await ada.done("invitation", {"id": asked["id"], "did": "accepted"})
        [row] = (await client.conversations("all", "channel:chat")).items
        assert row.assignee_name == "mia"
        with pytest.raises(Refused) as caught:
            await client.invite(visitor)
        assert caught.value.problem.code == "chatting"
        with pytest.raises(Refused) as caught:
            await client.invite(4_711)
        assert caught.value.status == 404
