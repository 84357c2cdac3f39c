"""Several chats at once: a number for each, what is written in each stays there, and so does who reads further up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.app import DeskApp
from desk.clock import MINUTE, SECOND, ManualClock
from desk.model import Talk
from screens.chatbar import ChatBar, clocked, numbered, tail, timer
from screens.render import cells
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.driving import keys, line
from tests.servers.desk import DeskServer
from tests.web.visitors import SITE, Browser, address_of, browser

GOING_ON = SITE.replace("port = 0", 'port = 0\npreview = true\nmail = "support"')
HOSTILE = "Eve \x1b]0;owned\x07[b]\u202e"


@pytest.fixture
def site(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return new_desk(GOING_ON).start()


@asynccontextmanager
async def chats(server: DeskServer, *names: str) -> AsyncIterator[list[Browser]]:
    """Visitors who have said hello and follow their chats, which are mia's."""
    async with AsyncExitStack() as stack:
        tabs = []
        async with server.client("mia") as client:
            for name in names:
                tab = await stack.enter_async_context(browser(await address_of(server)))
                await tab.visit()
                await tab.done("me", {"name": name})
                await stack.enter_async_context(tab.following())
                await tab.say(f"{name} asks")
                newest = max((await client.conversations("open")).items, key=lambda row: row.id)
                await client.claim(newest.id)
                tabs.append(tab)
        yield tabs


def reads(app: DeskApp) -> str:
    shown = app.inbox.conversation.conversation
    return shown.subject if shown is not None and app.inbox.context == "conversation" else ""


async def reading(app: DeskApp, subject: str) -> None:
    await until(lambda: reads(app) == subject, what=subject, otherwise=lambda: screen_text(app))


async def test_numbers_lead_from_one_to_the_other(site: DeskServer) -> None:
    async with chats(site, "Ada", "Ben") as (ada, ben), terminal(site, size=(80, 24)) as (app, pilot):
        await shows(app, "1 Ada •1 0:", "2 Ben •1 0:")
        await pilot.press("alt+2")
        await reading(app, "Ben asks")
        await keys(pilot, "1")
        await reading(app, "Ada asks")
        await line(app, pilot, "chat 2")
        await reading(app, "Ben asks")
        await keys(pilot, "7j")  # no chat has that number: it counts
        assert reads(app) == "Ben asks"
        await ada.say("Still there?")
        await pilot.press("alt+0")
        await reading(app, "Ada asks")
        await ben.done("end")
        await until(lambda: "2 Ben" not in screen_text(app), what="that Ben's is over")
        assert "1 Ada" in screen_text(app)


async def test_what_is_written_stays_in_each(site: DeskServer) -> None:
    async with chats(site, "Ada", "Ben") as (ada, ben), terminal(site, size=(80, 24)) as (app, pilot):
        await shows(app, "2 Ben")
        await pilot.press("alt+1", "r")
        await keys(pilot, "for ada")
        await pilot.press("alt+2")
        await keys(pilot, "for ben")
        await until(lambda: "for ben" in screen_text(app), what="the second", otherwise=lambda: screen_text(app))
        assert "for ada" not in screen_text(app)
        await shows(app, "1 Ada •1 ✎")
        await pilot.press("alt+1", "ctrl+j")
        await until(lambda: ada.said[-1] == "for ada", what="the first answer", otherwise=lambda: screen_text(app))
        await pilot.press("alt+2", "ctrl+j")
        await until(lambda: ben.said[-1] == "for ben", what="the second answer", otherwise=lambda: screen_text(app))


async def test_who_reads_further_up_stays_there(site: DeskServer) -> None:
    async with chats(site, "Ada") as (ada,), terminal(site, size=(80, 24)) as (app, pilot):
        for number in range(12):
            await ada.say(f"line {number}")
        await pilot.press("alt+1")
        transcript = app.inbox.conversation.transcript
        await until(lambda: transcript.newest_on_screen(), what="the end", otherwise=lambda: screen_text(app))
        await pilot.press("g", "g")
        await until(lambda: not transcript.top, what="the beginning", otherwise=lambda: screen_text(app))
        await ada.say("one more")
        await shows(app, "↓ 1 new below")
        await ada.say("and another")
        await shows(app, "↓ 2 new below · G")
        assert transcript.top == 0
        await pilot.press("G")
        await until(lambda: "new below" not in screen_text(app), what="the end", otherwise=lambda: screen_text(app))


async def test_what_was_answered_comes_into_sight(site: DeskServer) -> None:
    async with chats(site, "Ada") as (ada,), terminal(site, size=(80, 24)) as (app, pilot):
        await ada.say("\n".join(f"line {number}" for number in range(30)), "long")
        await pilot.press("alt+1")
        await shows(app, "line 1")
        await pilot.press("r")
        await keys(pilot, "Hi")
        await pilot.press("ctrl+j")
        await shows(app, "✓ sent")
        await ada.say("Thanks")
        await shows(app, "Thanks")


async def test_what_is_typed_is_seen_and_harms_nobody(site: DeskServer) -> None:
    async with chats(site, HOSTILE) as (eve,), terminal(site, size=(80, 24)) as (app, pilot):
        await pilot.press("alt+1")
        await eve.done("typing", {"typing": True, "text": "x" * 900 + "\x1b[2J[@click=quit]the end"})
        await shows(app, "types:", "␛[2J[@click=quit]the end")
        assert "\x1b" not in screen_text(app)
        await eve.done("typing", {"typing": False})
        await until(lambda: "types:" not in screen_text(app), what="silence")


async def test_who_has_left_is_answered_by_mail(site: DeskServer) -> None:
    async with browser(await address_of(site)) as ada, terminal(site, size=(80, 24)) as (app, pilot):
        await ada.visit()
        await ada.done("me", {"name": "Ada", "email": "ada@x.example"})
        await ada.say("Bye")
        await shows(app, "Bye")
        await pilot.press("enter")
        await shows(app, "next to be answered", "left")
        await pilot.press("r")
        await shows(app, "the visitor has left: this goes by mail to ada@x.example")
        await keys(pilot, "Hi")
        await pilot.press("ctrl+j")
        await until(lambda: bool(app.desk.going), what="an answer that can be taken back")
        assert (await ada.visit()).said == ["Bye"]


def test_each_keeps_its_number() -> None:
    def of(*ids: int) -> list[Talk]:
        return [Talk(conversation_id=id, name="", state="active") for id in ids]

    first = numbered(of(10, 11, 12), {})
    assert first == {10: 1, 11: 2, 12: 3}
    assert numbered(of(10, 12, 13), first) == {10: 1, 12: 3, 13: 2}
    assert len(numbered(of(*range(20)), {})) == 9


@pytest.mark.parametrize(("width", "said"), [(24, ["3"]), (40, ["1", "2", "3"]), (60, ["1", "2", "3", "4", "5"])])
def test_who_waits_longest_is_never_left_out(width: int, said: list[str]) -> None:
    """Of those there is no room for, the ones stay away who wait least; the one that is read is always there."""
    desk = SimpleNamespace(clock=ManualClock(1_000_000), drafts=frozenset())
    bar = ChatBar(desk, lambda: None, lambda number: None)  # type: ignore[arg-type, return-value]
    waits = (10, 95, 200, None, 5)
    names = ("Marta Okafor", "佐藤 遥 " * 9, "Étienne Moreau", "Visitor 4", "e\u0301" * 40)
    bar.talks = [
        Talk(
            conversation_id=number,
            name=name,
            state="active",
            unread=number,
            waiting_since=None if waited is None else 1_000_000 - waited * SECOND,
        )
        for number, (name, waited) in enumerate(zip(names, waits, strict=True), 1)
    ]
    bar.numbers = {talk.conversation_id: talk.conversation_id for talk in bar.talks}
    [shown] = bar.bar_lines(width)
    assert [text.strip() for text, ink in shown.spans if ink == "key"] == said
    assert sum(cells(text) for text, _ in shown.spans) <= width
    assert shown.spans[-1][0] == (f" +{5 - len(said)}" if len(said) < 5 else shown.spans[-1][0])
    assert "Étienne" in "".join(text for text, _ in bar.bar_lines(100)[0].spans), "where there is room, names are told"
    bar.here = 4
    assert "4 " in [text for text, _ in bar.bar_lines(width)[0].spans]


def test_the_timer_goes_by_the_promise() -> None:
    def ink(waited: int, promised: int | None = MINUTE) -> tuple[str, str]:
        due = 1_000_000 + promised if promised is not None else None
        talk = Talk(conversation_id=1, name="", state="active", waiting_since=1_000_000, due_at=due)
        return timer(talk, 1_000_000 + waited)

    assert [ink(each * SECOND) for each in (7, 31, 60, 125)] == [
        ("0:07", "good"), ("0:31", "warn"), ("1:00 late", "alarm"), ("2:05 late", "alarm"),
    ]  # fmt: skip
    assert ink(90 * SECOND, None) == ("1:30", "strong")
    assert timer(Talk(conversation_id=1, name="", state="active", said_at=0), 5 * SECOND) == ("0:05", "dim")
    assert clocked(3 * 60 * MINUTE) == "3h"


@given(st.text(max_size=80), st.integers(2, 40))
def test_the_end_of_what_is_typed_fits(text: str, width: int) -> None:
    assert cells(tail(text, width)) <= width
