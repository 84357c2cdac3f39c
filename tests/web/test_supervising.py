"""What a visitor learns of supervisors: nothing, but whom they talk with."""

from __future__ import annotations

from collections.abc import Callable

from desk.model import NewReply
from tests.screens.waiting import until
from tests.servers.desk import DeskServer
from tests.web.visitors import SITE, address_of, browser

SECRET = "offer-her-a-refund"


async def test_whispers_and_listeners_never_reach_the_site(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(SITE).start()
    url = await address_of(server)
    async with browser(url) as ada, server.client("tom") as tom, server.client("mia") as mia:
        await ada.visit()
        async with ada.following():
            await ada.say("Hello")
            [row] = (await tom.conversations("channel:chat")).items
            await tom.claim(row.id)
            await tom.reply(row.id, NewReply(body="One"))
            await until(lambda: ada.said == ["Hello", "One"], what="the first answer")
            there = await mia.show_presence(row.id, "listening")
            assert [each.doing for each in there] == ["listening"]
            await mia.whisper(row.id, SECRET)
            assert [each.body for each in await tom.whispers()] == [SECRET]
            await mia.take_over(row.id)
            await mia.reply(row.id, NewReply(body="Two"))
            await until(lambda: ada.said == ["Hello", "One", "Two"], what="the answer after it")
            assert [line["name"] for line in ada.lines if not line["mine"]] == ["tom", "mia"]
            assert SECRET not in f"{ada.lines}{ada.glance}"
        async with browser(url, ada.token) as again:
            await again.visit()
            assert SECRET not in f"{again.lines}{again.glance}"
            assert again.said == ["Hello", "One", "Two"]
