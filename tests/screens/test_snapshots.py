"""How the screens look. Shop, clock and theme stand still, and a picture is taken when nothing is under way.

All pictures are taken of one shop: what a screen stores there is thrown away when it is left.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

import desk.sample.answers
import desk.sample.articles
from desk.app import DeskApp
from desk.client import Client
from desk.clock import HOUR, MINUTE, SECOND, ManualClock, Millis
from desk.model import (
    Figures,
    Live,
    LiveAgent,
    LiveQueue,
    Quarter,
    Status,
    Talk,
    Visitor,
    VisitorNow,
    Waiting,
)
from desk.model.dialing import Call
from desk.sample.answers import read_macros
from tests.screens.conftest import filled, screen_text
from tests.screens.waiting import until
from tests.servers.desk import DeskServer
from tests.servers.stem import STILL

MONDAY = int(datetime(2100, 1, 4, 9, 0, tzinfo=UTC).timestamp() * 1000)
"""Far enough ahead that nothing in the shop falls due while a test runs."""
SIZES = {"80x24": (80, 24), "120x40": (120, 40), "250x70": (250, 70)}
WORKSPACE = "~/.local/share/desk"


class Shot(NamedTuple):
    """What is pressed on Marta's conversation in the inbox, and what stands on the screen once all of it has come."""

    keys: list[str]
    wanted: tuple[str, ...]
    asks: bool = False
    """Whether what the key does goes on when the rep has answered."""


SHOTS = {
    "inbox": Shot([], ("Rear wheel",)),
    "conversation": Shot(["enter"], ("Marta",)),
    "help": Shot(["question_mark"], ("All keys",)),
    "ledger": Shot(["L"], ("parts nested",)),
    "outbox": Shot(["O"], ("Fiona Gallagher",)),
    "snooze": Shot(["z", *"tomorrow"], ("snooze until", "5 Jan 2100"), asks=True),
    "composer": Shot(["r", *"Hello"], ("draft saved", "1 draft")),
    "canned": Shot(["r", "colon", "colon", *"size"], ("that is quickly swapped", "draft saved", "1 draft")),
    "macros": Shot(["@"], ("Say sorry", "snooze 3d"), asks=True),
    "merge": Shot(["m"], ("Grips", "All messages"), asks=True),
    "customer": Shot(["enter", "l"], ("answered in",)),
    "customers": Shot(["g", "p"], ("Marta",)),
    "settings": Shot(["comma"], ("undo_seconds",)),
    "connections": Shot(["g", "c"], ("no account is connected",)),
    "views": Shot(["v"], ("is:unassigned",)),
    "palette": Shot(["ctrl+p"], ("mark-unread",)),
    "line": Shot(["colon", *"sno"], ("hide until a time",)),
    "drafts": Shot(["D"], ("no drafts",)),
    "answers": Shot(["A"], ("::invoice", "1 of 14")),
    "articles": Shot(["g", "h"], ("Mend a puncture",)),
    "connect": Shot(["M"], ("IMAP server",)),
}


BUSY = {
    "chats": Shot(["enter"], ("connected 1:05", "佐藤 遥")),
    "visitors": Shot(["g", "v"], ("1,249.00 EUR",)),
    "live": Shot(["f2", "j", "l", "l"], ("Workshop", "Jonas")),
}
"""The same, while much goes on."""


class StillClient(Client):
    """A client of a workspace that is always in the same place."""

    async def status(self) -> Status:
        return replace(await super().status(), workspace=WORKSPACE)


class BusyClient(StillClient):
    """The client of a rep who is on the telephone, with chats under way, while visitors are on the site.

    What is told here is told by the server for moments only, and by its own clock.
    """

    async def my_chats(self) -> list[Talk]:
        marta = (await self.conversations("open")).items[2].id
        return [
            _talk(marta, "Marta Okafor", waits=12 * SECOND, here=True),
            _talk(9002, "佐藤 遥", waits=95 * SECOND, unread=2, here=True),
            _talk(9003, "Étienne Moreau", waits=200 * SECOND, unread=1),
            _talk(9004, "Visitor 4", waits=0, here=True),
        ]

    async def my_call(self) -> Call:
        begun = MONDAY - 90 * SECOND
        return Call(
            reference="callback-1-1-0a1b2c3d", callback_id=1, conversation_id=9005, number="+4930123456",
            shown="+49 30 123456", agent_id=1, dialer="office", stage="answered", begun_at=begun,
            answered_at=begun + 25 * SECOND,
        )  # fmt: skip

    async def visitors_now(self, limit: int = 1000) -> list[VisitorNow]:
        shop = "https://larkspur-cycles.example"
        return [
            _visitor(
                7, "Marta Okafor", f"{shop}/checkout", "Checkout", pages=6, chat="active",
                cart=1249.0, referrer="https://search.example/find", visits=3,
            ),
            _visitor(8, "", f"{shop}/bikes/fjord-7", "Fjord 7 · Larkspur Cycles", pages=2, invited="shown"),
            _visitor(9, "", f"{shop}/a?\x1b]0;x", "自転車 \x1b[31m[b]\u202e", pages=1),
        ]  # fmt: skip

    async def live(self) -> Live:
        """A Monday morning with some rush."""
        since = MONDAY - 9 * HOUR
        return Live(
            at=MONDAY,
            since=since,
            total=_queue(None, "", 3, since),
            queues=(_queue(1, "Orders", 2, since), _queue(2, "Workshop", 0, since), _queue(0, "", 1, since)),
            agents=(
                LiveAgent(id=1, name="Mia", state="available", since=MONDAY - 40 * MINUTE, on=3, doing="replying",
                          on_since=MONDAY - 95 * SECOND, has={"chat": 3, "email": 4}, unanswered=2,
                          today=Figures(answered=21, speed=48 * SECOND)),
                LiveAgent(id=2, name="Jonas \x1b[31mReuter", state="away", since=MONDAY - 7 * MINUTE, reason="lunch"),
            ),
        )  # fmt: skip


def _queue(id: int | None, name: str, load: int, since: Millis) -> LiveQueue:
    return LiveQueue(
        id=id,
        name=name,
        open=id != 2,
        now=Waiting(
            open=12 * load, waiting={"chat": 2 * load, "email": 7 * load, "callback": load}, risk_5=load,
            risk_15=2 * load, risk_60=5 * load, broken=load // 2, broken_today=load,
            longest=MONDAY - 49 * MINUTE if load else None,
        ),
        today=Figures(
            arrived=31 * load, answered=28 * load, service_level=0.93 if load else None, speed=71 * SECOND,
            speed_90=11 * MINUTE, abandoned=load, resolved=24 * load, at_first_contact=0.75, rating=4.4, rated=9,
        ),
        quarters=tuple(
            Quarter(at=since + each * 15 * MINUTE, arrived=each * each * load // 99, answered=each * load // 6,
                    waiting=(each % 13) * load, speed=each * 2 * SECOND)
            for each in range(37)
        ),
    )  # fmt: skip


def _talk(id: int, name: str, *, waits: Millis, unread: int = 0, here: bool = False) -> Talk:
    since = MONDAY - waits
    due = {"waiting_since": since, "due_at": since + 3 * MINUTE} if waits else {"said_at": MONDAY - 40 * SECOND}
    return Talk(conversation_id=id, name=name, state="active", here=here, unread=unread, **due)  # type: ignore[arg-type]


def _visitor(id: int, customer: str, url: str, title: str, *, pages: int, **more: Any) -> VisitorNow:
    came = MONDAY - (12 - id) * MINUTE
    seen = Visitor(id=id, account="website", language="en-GB")
    return VisitorNow(
        visitor=seen, customer=customer, url=url, title=title, since=came + MINUTE, came_at=came, pages=pages,
        currency="EUR", **more,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def fixed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("DESK_THEME", "desk-dark")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="module")
def still_shop() -> Iterator[DeskServer]:
    with DeskServer(read_macros(), environment={STILL: str(MONDAY)}) as server:
        for package, folder in (
            (desk.sample.answers, server.home.answers),
            (desk.sample.articles, server.home.folder / "articles"),
        ):
            shutil.copytree(
                Path(package.__file__).parent, folder, ignore=shutil.ignore_patterns("*.py", "_*", "*.toml")
            )
        yield filled(server, ManualClock(MONDAY))


@pytest.fixture(scope="module")
def empty() -> Iterator[DeskServer]:
    with DeskServer() as server:
        yield server.start()


def terminal_of(server: DeskServer, client: type[StillClient] = StillClient) -> DeskApp:
    return DeskApp(lambda: client(server.socket, "mia"), clock=ManualClock(MONDAY))


def throw_drafts_away(server: DeskServer) -> None:
    async def throw() -> None:
        async with server.client() as client:
            for draft in await client.drafts():
                await client.delete_draft(draft.conversation_id, draft.slot)

    asyncio.run(throw())


async def ready(app: DeskApp, *texts: str, asks: bool = False) -> None:
    """Until these are on the screen and nothing is under way but what waits for the rep."""

    def there() -> bool:
        screens = app.desk_screens()
        begun = app.comforts.comfort is not None and bool(app.desk.views)
        idle = not app.desk.feed.busy and app.inbox.opening.resting
        under_way = sum(len(screen._tasks) for screen in screens)
        for screen in screens:
            screen.update_bars()
        return begun and idle and under_way == asks and all(text in screen_text(app) for text in texts)

    await until(there, what=f"{texts}", otherwise=lambda: screen_text(app))


def paint(app: DeskApp) -> None:
    """Paint all of it with what lies behind: a screenshot shows that only if it was painted last."""
    app.screen.refresh()
    app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)


async def at_marta(app: DeskApp, pilot: Pilot[None]) -> None:
    """The cursor is on the third conversation; where there is room, it stands beside the list."""
    await ready(app, "Ben Carter")
    for _ in range(2):
        await pilot.press("j")
    await ready(app, "3 of 20 open", *(["leave for a tour"] if app.size.width >= 120 else []))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shot", SHOTS)
def test_screens(still_shop: DeskServer, snap_compare: Any, shot: str, size: str) -> None:
    keys, wanted, asks = SHOTS[shot]
    app = terminal_of(still_shop)

    async def before(pilot: Pilot[None]) -> None:
        await at_marta(app, pilot)
        await pilot.press(*keys)
        await ready(app, *wanted, asks=asks)
        paint(app)

    try:
        assert snap_compare(app, terminal_size=SIZES[size], run_before=before)
    finally:
        throw_drafts_away(still_shop)


@pytest.mark.parametrize("size", ["80x24", "120x40"])
@pytest.mark.parametrize("shot", BUSY)
def test_while_much_goes_on(still_shop: DeskServer, snap_compare: Any, shot: str, size: str) -> None:
    keys, wanted, _ = BUSY[shot]
    app = terminal_of(still_shop, BusyClient)

    async def before(pilot: Pilot[None]) -> None:
        await at_marta(app, pilot)
        await pilot.press(*keys)
        await ready(app, *wanted)
        paint(app)

    assert snap_compare(app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("theme", ["light", "contrast", "mono", "ansi"])
def test_themes(still_shop: DeskServer, snap_compare: Any, monkeypatch: pytest.MonkeyPatch, theme: str) -> None:
    monkeypatch.setenv("DESK_THEME", theme)
    app = terminal_of(still_shop)

    async def before(pilot: Pilot[None]) -> None:
        await at_marta(app, pilot)
        paint(app)

    assert snap_compare(app, terminal_size=SIZES["120x40"], run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_welcome(empty: DeskServer, snap_compare: Any, size: str) -> None:
    app = terminal_of(empty)

    async def before(pilot: Pilot[None]) -> None:
        await ready(app, "Welcome to Desk", WORKSPACE)
        paint(app)

    assert snap_compare(app, terminal_size=SIZES[size], run_before=before)
