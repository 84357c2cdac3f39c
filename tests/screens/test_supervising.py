"""Supervisors in the conversations of others: from the live queue, from the inbox, and what the rep sees of it."""

from __future__ import annotations

from collections.abc import Callable

from desk.app import DeskApp
from screens.live import LiveScreen
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.driving import keys, line
from tests.servers.desk import DeskServer


async def on_the_first_number(app: DeskApp) -> LiveScreen:
    await shows(app, "live queue", "people", "nobody has answered yet")
    screen = app.screen
    assert isinstance(screen, LiveScreen)
    return screen


async def test_from_the_live_queue(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client("tom") as tom:
        [row, *_] = await tom.behind("waiting", limit=1)
        await tom.assign(row.id, "tom")
        await pilot.press("f2")
        screen = await on_the_first_number(app)
        await line(app, pilot, "raise-it urgent")
        await shows(app, f"#{row.id}: priority urgent")
        await keys(pilot, "u")
        await shows(app, f"undone: priority urgent of #{row.id}")
        await pilot.press("alt+w")
        await shows(app, f"whisper to tom in #{row.id}")
        await pilot.press(*"psst", "enter")
        await shows(app, "whispered to tom")
        assert [each.body for each in await tom.whispers()] == ["psst"]
        await keys(pilot, "a")
        await shows(app, f"Give #{row.id}")
        await pilot.press(*"nobody", "enter")
        await shows(app, f"#{row.id} is nobody's now")
        await tom.assign(row.id, "tom")
        await pilot.press("alt+k")
        await shows(app, f"#{row.id} is yours; tom is told")
        assert (await tom.conversation(row.id)).assignee_name == "Mia"
        assert app.screen is screen


async def test_the_rep_sees_a_whisper_at_once_and_who_listens(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client("tom") as tom:
        [row, *_] = await tom.behind("waiting", limit=1)
        await tom.assign(row.id, "mia")
        await tom.whisper(row.id, "Offer a \x1b[31mrefund")
        await shows(app, f"» tom whispers in #{row.id}: Offer a")
        await line(app, pilot, f"show {row.id}")
        await shows(app, "whisper by tom — the customer does not see it")
        await tom.show_presence(row.id, "listening")
        await shows(app, "tom is listening in")
        await pilot.press("alt+l")
        await shows(app, f"#{row.id} is yours")
        assert not app.inbox.conversation.listening


async def test_supervisors_are_told_of_alerts_on_any_screen(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk('[alerts.rush]\nnumber = "open"\nabove = 0\n').start()
    async with terminal(server) as (app, pilot):
        await shows(app, "▲ rush: open 0, 0 or more is too high")
        await pilot.press("L")
        app.desk.hush()
        app.desk.feed.everything()
        await until(lambda: not app.desk.feed.busy, what="the changes")
        assert app.desk.news is None


async def test_listening_in_reads_nothing_for_anybody(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client("tom") as tom:
        [row, *_] = await tom.behind("waiting", limit=1)
        await tom.assign(row.id, "tom")
        await pilot.press("f2")
        await on_the_first_number(app)
        await pilot.press("alt+l")
        await shows(app, f"listening in on #{row.id}; tom sees that you do")
        there = await tom.presence(row.id)
        assert [(each.agent_name, each.doing) for each in there] == [("Mia", "listening")]
        assert (await tom.conversation(row.id)).assignee_name == "tom"
        await pilot.press("alt+l")
        await shows(app, "no longer listening in")
        await until(
            lambda: app.inbox.conversation.doing() == "viewing", what="reading it", otherwise=lambda: screen_text(app)
        )
