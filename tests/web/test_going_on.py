"""What a visitor is told of the wait, what of their typing is seen, and their chat by mail: over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from desk.client import Client
from desk.model import CUSTOMER, NewReply
from tests.screens.waiting import until
from tests.servers.desk import DeskServer
from tests.web.test_trail import somebody_is_there
from tests.web.visitors import SITE, Browser, address_of, browser

GOING_ON = SITE.replace("port = 0", 'port = 0\nmail = "support"', 1)


async def newest(client: Client) -> int:
    return max(row.id for row in (await client.conversations("open")).items)


async def typed(client: Client, id: int) -> list[str]:
    return [each.text for each in await client.presence(id) if each.agent_id == CUSTOMER]


@pytest.mark.parametrize("seen", [False, True])
async def test_what_is_typed_is_seen_only_where_the_site_says_so(
    new_desk: Callable[..., DeskServer], seen: bool
) -> None:
    server = new_desk(GOING_ON.replace("port = 0", "port = 0\npreview = true", 1) if seen else GOING_ON).start()
    async with browser(await address_of(server)) as ada, server.client() as client:
        panel = (await ada._http.get("/larkspur/panel")).text
        assert ("data-preview" in panel) == seen
        await ada.visit()
        await ada.say("Hello")
        id = await newest(client)
        await ada.done("typing", {"typing": True, "text": "y" * 900 + "\x1b[2Jsecret"})
        [told] = await typed(client, id)
        assert told == (("y" * 490 + "␛[2Jsecret") if seen else "")
        await ada.done("typing", {"typing": False})
        assert await typed(client, id) == []
        assert all("secret" not in each.body for each in await client.messages(id))


async def test_the_wait_is_measured_and_who_left_stands_before_nobody(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(GOING_ON).start()
    url = await address_of(server)

    async def begin(tab: Browser) -> None:
        await tab.visit()
        await tab.say("Hello")

    async with server.client() as client, browser(url) as gone, browser(url) as ada, somebody_is_there(client):
        await begin(gone)  # who never follows is not there
        await begin(ada)
        async with ada.following():
            await until(lambda: ada.glance.get("state") == "waiting", what="that it waits")
            assert (ada.glance["ahead"], ada.glance["minutes"]) == (0, None)
            now = await client.chat(await newest(client))
            assert (now.place, now.waiting, now.here, now.minutes) == (1, 1, True, None)
            for _ in range(3):
                async with browser(url) as other:
                    await begin(other)
                    await client.reply(await newest(client), NewReply(body="Hi"))
            await until(lambda: ada.glance["minutes"] == 1, what="what was measured", otherwise=lambda: str(ada.glance))


async def test_a_chat_is_sent_once_to_the_address_that_was_typed(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(GOING_ON).start()
    async with AsyncExitStack() as stack, browser(await address_of(server)) as ada, server.client() as client:
        await ada.visit()
        await stack.enter_async_context(ada.following())
        await ada.say("Hello <b>there</b>")
        wish = {"email": "ada@x.example", "language": "de", "zone": "Europe/Berlin"}
        assert (await ada.ask("transcript", wish)).json()["code"] == "no-chat"
        await client.reply(await newest(client), NewReply(body="Hi"))
        assert (await ada.ask("transcript", {**wish, "email": "no address"})).json()["code"] == "bad-address"
        await ada.done("transcript", wish)
        assert (await ada.ask("transcript", wish)).json()["code"] == "sent-before"
        sent = [item for item in await client.outbox() if item.account == "support"]
        message = next(m for m in await client.messages(sent[0].conversation_id) if m.id == sent[0].message_id)
        assert (message.subject, [each.email for each in message.to]) == (
            "Ihr Chat mit Larkspur Cycles",
            ["ada@x.example"],
        )
        assert message.body.startswith("Sie haben um eine Abschrift Ihres Chats mit Larkspur Cycles gebeten.")
        assert "Hello <b>there</b>" in message.body
        assert [line["text"] for line in (await ada.visit()).lines] == ["Hello <b>there</b>", "Hi"]
