"""The pages of policies and of rules, as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from msgspec.structs import replace
from rich.style import Style
from textual.app import App, ComposeResult

from desk.clock import DAY, HOUR, SystemClock
from desk.model import (
    AutomationInfo,
    CalendarInfo,
    Holiday,
    Judged,
    LearningReport,
    PolicyInfo,
    PromiseBoard,
    PromiseTally,
    RuleInfo,
    Trial,
)
from screens.boards import Block, BoardView
from screens.policies import PoliciesScreen, policy_blocks
from screens.rules import Named, rule_blocks
from screens.widgets.ink import Inks
from screens.widgets.lines import Line
from tests.screens.conftest import filled, shows, terminal, until
from tests.screens.driving import keys, line
from tests.server.test_rules import RULES, deliver
from tests.servers.desk import DeskServer

PLAIN = Inks(lambda name: Style())
NOW = 1_790_000_000_000
GOLD = PolicyInfo(name="gold", when=("tag vip",), first=HOUR, resolution=2 * DAY, calendar="berlin")
HOLIDAYS = (
    Holiday(first="2026-12-25", last="2026-12-26", name="Christmas"),
    Holiday(first="2027-01-01", last="2027-01-01"),
)
CALENDARS = (
    CalendarInfo(
        name="berlin",
        zone="Europe/Berlin",
        today=("9:00-12:30", "13:30-17:00"),
        open=True,
        until=NOW - NOW % HOUR + HOUR,
        holidays=HOLIDAYS,
    ),
    CalendarInfo(name="depot", zone="UTC", until=NOW - NOW % DAY + DAY + 9 * HOUR),
)


def lines_of(blocks: Iterable[Block[Any]]) -> list[Line]:
    return [line for block in blocks for line in block.lines]


def text(blocks: Iterable[Block[Any]]) -> str:
    lines = lines_of(blocks)
    return "\n".join("".join(part for part, _ in line.spans) for line in lines)


def board(kept: int, broken: int) -> PromiseBoard:
    tallies = [
        PromiseTally(policy=name, kind="first", running=3, late=1, kept=kept, broken=broken) for name in ("gold", "old")
    ]
    policies = (GOLD, PolicyInfo(name="", next=HOUR, pause=False))
    return PromiseBoard(since=0, policies=policies, tallies=tuple(tallies), calendars=CALENDARS)


def test_policies_with_what_runs_and_what_became_of_them() -> None:
    said = text(policy_blocks(board(5, 1), board(20, 2), NOW, 200))
    assert "gold — tag vip" in said
    assert "first answer in 1h, resolution in 2d; working time of berlin; stands still while" in said
    assert "3 run, 1 late, 0 paused · 7 days: 5 kept, 1 broken · 30 days: 20 kept, 2 broken" in said
    assert "[promises] — everybody" in said
    assert "old — in desk.toml no longer" in said
    assert "berlin — open now until 17:00 (Europe/Berlin)" in said
    assert "today 9:00-12:30, 13:30-17:00" in said
    assert "days off: Fri 25 Dec to Sat 26 Dec Christmas · Fri 1 Jan 2027" in said
    assert "depot — closed now until Tue 22 Sep 09:00 (UTC)" in said
    assert "closed today" in said
    keys = [block.key for block in policy_blocks(board(5, 1), board(20, 2), NOW, 200) if block.key is not None]
    assert keys == ["gold", "", "old"]


def test_rules_automations_and_what_was_learned() -> None:
    rules = [RuleInfo(name="refunds", on="new", when="refund", do=("queue Returns",), stop=True, acted=4)]
    automations = [AutomationInfo(name="silent", on="last", after=7 * DAY, do=("resolve",), enabled=False)]
    labels = (
        Judged(kind="queue", name="Returns", examples=80, threshold=0.8, said=20, right=19, there=25, earned=True),
        Judged(kind="tag", name="rare", examples=5, threshold=1.1),
    )
    trials = {Named("rule", "refunds"): Trial(name="refunds", asked=1_240, fits=12, changes=9, conversations=(4, 2))}
    report = LearningReport(state="ready", at=NOW, examples=500, judged_on=100, queues=True, labels=labels)
    said = text(rule_blocks(rules, automations, report, trials, NOW, 200))
    assert "refunds — acted 4 times in 7 days" in said
    letter = AutomationInfo(
        name="shipped",
        on="tagged",
        after=0,
        when="",
        do=(),
        enabled=True,
        acted=0,
        send="::shipped",
        mails={"queued": 1},
    )
    said_of_mail = text(rule_blocks([replace(rules[0], acted=1)], [letter], report, trials, NOW, 80))
    assert "refunds — acted once in 7 days" in said_of_mail
    assert "shipped — sent one mail in 7 days" in said_of_mail
    assert "  → sends ::shipped" in said_of_mail
    assert "→ queue Returns · stop" in said
    assert "tried: would have fitted 12 of 1,240 in 7 days, and changed 9; enter shows them" in said
    assert "silent — off, only tried" in said
    assert "last 7d later: everything" in said
    assert "queue Returns — 19 of 20 right, 95%, from 80% sure: counts" in said
    assert "tag rare — never said: does not count below 90%" in said
    assert "nothing yet" in text(rule_blocks([], [], LearningReport(), {}, NOW, 80))


@pytest.mark.parametrize("width", [40, 80])
def test_nothing_is_wider_than_the_screen(width: int) -> None:
    lines = lines_of(policy_blocks(board(5, 1), board(20, 2), NOW, width))
    assert max(sum(len(part) for part, _ in line.spans) for line in lines) <= width


SETTINGS = """
[policies.gold]
priority = ["urgent"]
first = "1h"
calendar = "berlin"
[calendars.berlin]
zone = "Europe/Berlin"
closed = ["12-25"]
[rules.batteries]
when = "battery"
do = ["tag +battery"]
enabled = false
[automations.silent]
on = "last"
after = "1d"
do = ["tag +silent"]
enabled = false
"""


@pytest.fixture
def ruled(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return filled(new_desk(SETTINGS), SystemClock())


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_policy_leads_to_what_it_promises(ruled: DeskServer, size: tuple[int, int]) -> None:
    async with terminal(ruled, size=size) as (app, pilot), ruled.client("mia") as client:
        wanted = await client.conversations("all", q="policy:[promises]")
        assert wanted.total
        await line(app, pilot, "policies")
        await shows(app, "gold — priority urgent", "calendars", "days off: ")
        board = app.screen
        assert isinstance(board, PoliciesScreen)
        assert board.view.current == "gold"
        await pilot.press("j")
        assert board.view.current == ""
        await pilot.press("enter", "j")
        await until(lambda: app.inbox.pages.q == "policy:[promises]" and app.screen is app.inbox, what="the filter")
        await until(lambda: app.inbox.rows.source.total == wanted.total, what="its conversations")
        await until(lambda: app.inbox.rows.cursor == 1, what="the key pressed ahead, in the list")


async def test_a_rule_is_tried_and_leads_to_what_it_would_fit(ruled: DeskServer) -> None:
    async with terminal(ruled, size=(80, 24)) as (app, pilot), ruled.client("mia") as client:
        [trial] = await client.try_rules("batteries")
        assert trial.conversations
        await keys(pilot, "L")
        await line(app, pilot, "rules")
        await shows(app, "batteries — off, only tried")
        await pilot.press("enter")
        await shows(app, "t tries it on the last 7 days first")
        await pilot.press("t")
        await shows(app, f"tried: would have fitted {trial.fits} of {trial.asked} in 7 days")
        await pilot.press("enter")
        await until(lambda: bool(app.inbox.hits), what="what it would fit")
        assert app.inbox.hits is not None
        assert app.inbox.hits.query == "what rule batteries would have fitted"
        assert app.inbox.hits.total == len(trial.conversations)
        await line(app, pilot, "rules")
        await shows(app, "silent — off, only tried")
        await pilot.press("j", "t", "enter")
        await until(lambda: "automation silent" in (app.inbox.hits.query if app.inbox.hits else ""), what="the others")


async def test_the_cursor_goes_from_block_to_block_and_stays_on_what_it_was_on() -> None:
    blocks = [Block([Line(((f" {name} {n}", "text"),)) for n in range(5)], name) for name in "abcdef"]
    shown = [Block([Line(((" title", "accent"),))]), *blocks, Block([Line(((" end", "dim"),))] * 3)]
    view: BoardView[str] = BoardView(lambda: PLAIN, lambda width: shown, lambda: None)

    class OfOne(App[None]):
        def compose(self) -> ComposeResult:
            yield view

    async with OfOne().run_test(size=(40, 10)):
        view.layout_lines(40)
        for action, key, top in (
            ("down", "b", 1), ("down", "c", 6), ("up", "b", 6), ("up", "a", 0), ("bottom", "f", 24), ("down", "f", 24),
            ("up", "e", 21), ("top", "a", 0), ("page-down", "c", 9),
        ):  # fmt: skip
            assert view.act(action)
            assert (view.current, view.top) == (key, top), action
        shown.insert(1, Block([Line(((" new", "text"),))], "new"))
        view.layout_lines(40)
        assert view.current == "c"


async def test_a_list_of_what_is_late_changes_as_time_goes_by(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(f'{RULES}[promises]\nemail = "3s"\n').start()
    async with terminal(server, size=(80, 24)) as (app, pilot), server.client("mia") as client:
        await line(app, pilot, "filter is:late")
        await shows(app, "nothing in open matches")
        deliver(server.home.folder / "in", "1", "Where is my lamp")
        await shows(app, "open 1")
        await shows(app, "Where is my lamp", "1 of 1")
        [row] = (await client.conversations("open", q="is:late")).items
        assert row.due_at is not None
        assert row.due_at < SystemClock().now()
