"""What a queue hands out by itself, in a terminal: an offer with its seconds, taking it, leaving it, what went back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from desk.app import DeskApp
from desk.client import Client
from desk.clock import ManualClock, SystemClock
from desk.keymap import Context, Keymap
from desk.model import Conversation, Offer, OfferedNow, OffersNow
from screens.desk import Desk
from screens.offering import OfferBar
from screens.render import cells
from screens.themes import DARK
from screens.widgets.ink import Inks
from tests.screens.conftest import UNREACHABLE, filled, screen_text, shows, terminal, until
from tests.screens.test_each_action import say
from tests.server.test_shop import until as settled
from tests.servers.desk import DeskServer, password

PUSHING = """
[queues.Night]
push = "longest-idle"
accept_seconds = 300
reps = ["mia"]
[reps.mia]
capacity = { at_once = 20 }
"""
HOSTILE = "Tandem\x1b]0;gone\x07 [@click=app.quit]now[/] \u202etxet"


@pytest.fixture
def night(new_desk: Callable[..., DeskServer]) -> DeskServer:
    """The sample shop, with a queue that pushes to Mia."""
    return filled(new_desk(UNREACHABLE + PUSHING, environment=password("shop")), SystemClock())


class Stage:
    """A terminal of Mia's, and a colleague who puts work into the queue."""

    def __init__(self, app: DeskApp, pilot: Pilot[None], server: DeskServer) -> None:
        self.app, self.pilot = app, pilot
        self.ben = server.client("ben")
        self.rows: list[Conversation] = []

    async def put(self) -> Conversation:
        """The next conversation of nobody goes into the queue, and is offered."""
        row = self.rows.pop()
        await self.ben.set_queue(row.id, "Night")
        await until(lambda: row.id in self.offered(), what="an offer", otherwise=lambda: screen_text(self.app))
        await shows(self.app, "offered to you")
        return row

    def offered(self) -> list[int]:
        return [each.conversation.id for each in self.app.desk.offers.open]

    async def mine(self, row: Conversation) -> None:
        await settled(lambda: self.ben.conversation(row.id), lambda row: row.assignee_name == "Mia")


@asynccontextmanager
async def stage(server: DeskServer, size: tuple[int, int]) -> AsyncIterator[Stage]:
    async with terminal(server, size=size) as (app, pilot):
        there = Stage(app, pilot, server)
        async with there.ben:
            page = await there.ben.conversations("unassigned", limit=10)
            there.rows = [row for row in page.items if row.channel == "email" and row.queue_id is None]
            yield there


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_an_offer_is_taken_left_and_missed_work_is_found_again(night: DeskServer, size: tuple[int, int]) -> None:
    async with stage(night, size) as on:
        first = await on.put()
        line = next(line for line in screen_text(on.app).splitlines() if "offered to you" in line)
        assert "take" in line
        assert "leave" in line
        assert first.customer_name.split()[0] in line
        await on.pilot.press("space")
        await on.mine(first)
        await until(lambda: on.app.inbox.context == "conversation", what="the conversation")
        await until(lambda: "offered to you" not in screen_text(on.app), what="no offer")

        second = await on.put()
        await on.pilot.press("alt+d")
        await shows(on.app, "left to others")
        await until(lambda: on.offered() == [], what="no offer")
        third = await on.put()
        await on.pilot.press("r")
        await until(lambda: on.app.inbox.context == "composer", what="a composer")
        await on.pilot.press("h", "i", "alt+o")
        await on.mine(third)
        await until(lambda: on.app.inbox.conversation.conversation.id == third.id, what="it")  # type: ignore[union-attr]
        await until(lambda: first.id in on.app.desk.drafts, what="a draft of what was being written")

        await on.pilot.press("g", "d")
        await shows(on.app, "went back")
        assert {each.conversation.id for each in on.app.desk.offers.returned} == {first.id, third.id}
        await on.pilot.press("g", "r")
        await shows(on.app, "while you were not there", "went back at", "escape: seen")
        await on.pilot.press("enter")
        await until(lambda: on.app.screen is on.app.inbox, what="the inbox")
        await say(on.app, on.pilot, "returned")
        await shows(on.app, "while you were not there")
        await on.pilot.press("escape")
        await until(lambda: "went back" not in screen_text(on.app), what="nothing of it")
        assert (await on.ben.conversation(second.id)).assignee_id is None


async def test_by_line_and_whatever_the_customer_calls_it(night: DeskServer) -> None:
    async with stage(night, (100, 30)) as on:
        await on.pilot.press("alt+o")
        await shows(on.app, "nothing is offered to you")
        await on.pilot.press("g", "r")
        await shows(on.app, "nothing of yours went back")
        first = await on.put()
        await say(on.app, on.pilot, "decline-offer")
        await until(lambda: on.offered() == [], what="no offer")
        second = await on.put()
        await on.pilot.press("comma")
        await until(lambda: on.app.screen is not on.app.inbox, what="another screen")
        await shows(on.app, "offered to you 4:")
        await on.pilot.press("escape")
        await until(lambda: on.app.screen is on.app.inbox, what="the inbox")
        await say(on.app, on.pilot, "take-offer")
        await on.mine(second)
        assert first.id != second.id


@pytest.mark.parametrize("width", [20, 80, 200])
@pytest.mark.parametrize("context", ["list", "composer"])
def test_whatever_the_customer_calls_it(width: int, context: Context) -> None:
    clock = ManualClock()
    desk = Desk(lambda: Client(Path("nowhere"), "mia"), Keymap(), clock, None)
    row = Conversation(
        id=1,
        subject=HOSTILE * 3,
        channel="chat",
        account="",
        customer_id=1,
        customer_name=HOSTILE,
        created_at=0,
        last_at=0,
    )
    offer = Offer(conversation_id=1, agent_id=1, queue_id=1, offered_at=0, until=clock.now() + 83_000)
    desk.offers = OffersNow(open=(OfferedNow(offer=offer, conversation=row),) * 2)
    bar = OfferBar(desk, lambda: Inks(DARK), lambda: context, lambda: None)  # type: ignore[arg-type, return-value]
    [line] = bar.bar_lines(width)
    text = "".join(text for text, _ in line.spans)
    assert text.startswith(" offered to you 1:23 ")
    assert all(char.isprintable() for char in text)
    assert "\u202e" not in text
    assert width < 60 or (
        cells(text) == width and text.endswith(f" +1 {'spc' if context == 'list' else 'alt+o'} take  alt+d leave ")
    )
