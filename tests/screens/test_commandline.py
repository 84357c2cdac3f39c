"""Keys and lines at work: counts, keys one after the other, `.`, and the `:` line, against a real server."""

from __future__ import annotations

import asyncio
import shutil
import stat
import sys
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from desk.answers.model import NewAnswer
from desk.app import DeskApp
from desk.keymap import Keymap
from desk.model import Conversation
from screens.commandline import CommandLine
from tests.e2e.tmux import Tmux
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.servers.desk import DeskServer


async def typed(app: DeskApp, pilot: Pilot[None], line: str) -> CommandLine:
    """Open the `:` line and type into it."""
    await pilot.press("colon")
    await until(lambda: isinstance(app.screen, CommandLine) and app.screen.values._known, what="the line")
    screen = app.screen
    assert isinstance(screen, CommandLine)
    await pilot.press(*(NAMES.get(char, char) for char in line))
    await until(lambda: screen.entry.value == line, what=line, otherwise=lambda: screen.entry.value)
    return screen


NAMES = {
    " ": "space", "+": "plus", "-": "minus", ":": "colon", '"': "quotation_mark", "/": "slash", ".": "full_stop",
}  # fmt: skip


async def run(app: DeskApp, pilot: Pilot[None], line: str) -> None:
    screen = await typed(app, pilot, line)
    send(app, "enter")
    await until(lambda: app.screen is not screen, what=f"{line} to be taken", otherwise=lambda: screen_text(app))


def send(app: DeskApp, *keys: str) -> None:
    """Keys that arrive in one read, as from a fast typist, and nobody waits for what they do."""
    assert app._driver is not None
    characters = {"enter": "\r", "space": " ", "colon": ":"}
    for key in keys:
        app._driver.send_message(events.Key(key, characters.get(key, key)))


def listed(app: DeskApp, count: int) -> list[Conversation]:
    rows = [app.inbox.rows.source.row(index) for index in range(count)]
    assert None not in rows
    return [row for row in rows if row is not None]


async def test_counts_move_and_decide(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client("ada") as other:
        await shows(app, "Ben Carter")
        await pilot.press("3", "j")
        assert app.inbox.rows.cursor == 3
        await pilot.press("2", "k", "5", "G")
        assert app.inbox.rows.cursor == 4
        await pilot.press("G", "g", "g")
        assert app.inbox.rows.cursor == 0
        rows = listed(app, 4)
        await pilot.press("3", "e")
        await shows(app, "3 conversations: resolved")
        states = [(await other.conversation(row.id)).state for row in rows]
        assert states == ["resolved", "resolved", "resolved", rows[3].state]


async def test_what_waits_is_shown_and_escape_takes_it_back(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("1", "2", "g")
        await shows(app, "12g", "m view mine")
        await pilot.press("escape")
        await until(lambda: "12g" not in screen_text(app) and "m view mine" not in screen_text(app), what="nothing")
        await pilot.press("g", "y")
        await shows(app, "g y means nothing here")
        await pilot.press("2", "escape", "j")
        assert app.inbox.rows.cursor == 1


async def test_the_last_decision_is_done_again(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client("ada") as other:
        await shows(app, "Ben Carter")
        rows = listed(app, 4)
        await pilot.press("full_stop")
        await shows(app, "nothing to do again yet")
        await pilot.press("t", *"vip", "enter")
        await shows(app, "tagged")
        await pilot.press("j", "full_stop")
        await until(lambda: "vip" in (app.inbox.rows.source.row(1) or rows[1]).tags, what="the tag again")
        await pilot.press("j", "2", "full_stop")
        await shows(app, "2 conversations: tagged")
        for row in rows:
            assert "vip" in (await other.conversation(row.id)).tags


async def test_again_means_the_same_and_not_the_opposite(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client("ada") as other:
        await shows(app, "Ben Carter")
        await pilot.press("g", "a")
        await until(lambda: app.inbox.pages.view == "all", what="all")
        rows = listed(app, 12)
        at = next(index for index, row in enumerate(rows) if row.state == "open")
        app.inbox.rows.move_to(at)
        await pilot.press("e")
        await until(lambda: app.desk.repeat is not None, what="the deed")
        await shows(app, "resolved")
        await pilot.press("full_stop")
        await until(lambda: app.desk.news is not None and app.desk.news.text == "resolved", what="again")
        assert (await other.conversation(rows[at].id)).state == "resolved"


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("assign ada", "assignee_name", "Ada Lindqvist"),
        ("assign me", "assignee_name", "Mia"),
        ("claim", "assignee_name", "Mia"),
        ("snooze tomorrow 9:00", "state", "snoozed"),
        ("priority low", "priority", "low"),
        ("tag +vip -complaint", "tags", ("delivery", "vip")),
        ("spam", "state", "spam"),
        ("resolve", "state", "resolved"),
    ],
)
async def test_lines_decide(shop: DeskServer, line: str, field: str, value: object) -> None:
    async with terminal(shop) as (app, pilot), shop.client("ada") as other:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        await run(app, pilot, line)
        await until(lambda: app.desk.news is not None and app.desk.news.tone == "good", what="news")
        after = getattr(await other.conversation(row.id), field)
        assert (tuple(sorted(after)) if field == "tags" else after) == value


async def test_lines_go_somewhere(shop: DeskServer) -> None:
    async with terminal(shop, size=(110, 40)) as (app, pilot):
        await shows(app, "Ben Carter")
        await run(app, pilot, "3")
        assert app.inbox.rows.cursor == 2
        await run(app, pilot, "view mine")
        await until(lambda: app.inbox.pages.view == "mine", what="mine")
        await run(app, pilot, "search wheel")
        await shows(app, "for wheel")
        hit = app.inbox.rows.current
        assert hit is not None
        await run(app, pilot, "ledger")
        await shows(app, "parts nested")
        await run(app, pilot, f"show {hit.id}")
        await until(lambda: app.inbox.context == "conversation", what="the conversation")
        assert app.screen is app.inbox
        await run(app, pilot, "help snooze")
        await shows(app, "All keys", "snooze [TIME]")
        assert "priority" not in screen_text(app)
        await pilot.press("escape")
        await run(app, pilot, "set theme light")
        await until(lambda: app.theme == "desk-light", what="the theme")
        await run(app, pilot, "note remember the bell")
        await shows(app, "remember the bell")


@pytest.mark.parametrize(
    ("line", "at", "said"),
    [
        ("snooze gestern", 7, "not a time"),
        ("assign adda", 7, "did you mean ada"),
        ("view mein", 5, "did you mean mine"),
        ("why", 0, "works"),
        ("frobnicate", 0, "no action"),
        ("set theme blue", 4, "theme"),
        ("undo-send", 0, "nothing is about to be sent"),
    ],
)
async def test_a_line_that_is_wrong_stays_and_is_pointed_at(shop: DeskServer, line: str, at: int, said: str) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        screen = await typed(app, pilot, line)
        await pilot.press("enter")
        await until(lambda: "^" in screen_text(app).splitlines()[-1], what="marks", otherwise=lambda: screen_text(app))
        marks = screen_text(app).splitlines()[-1]
        assert marks.index("^") == at + 1
        assert said in marks or "does not work here" in marks
        assert screen.entry.value == line
        await pilot.press("escape")
        assert app.screen is app.inbox
        assert app.inbox.rows.current == row


async def test_tab_completes_names_and_values(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        screen = await typed(app, pilot, "sno")
        await pilot.press("tab")
        assert screen.entry.value == "snooze "
        await pilot.press(*"tomo", "tab")
        assert screen.entry.value == "snooze tomorrow"
        await shows(app, "→ ", "09:00")
        await pilot.press("tab")
        assert screen.entry.value == "snooze tomorrow 14:00"
        await pilot.press("shift+tab")
        assert screen.entry.value == "snooze tomorrow"
        await pilot.press("ctrl+u", *"assign", "space", *"jo", "tab")
        assert screen.entry.value == "assign jonas"
        await pilot.press("enter")
        await shows(app, "given to jonas")


async def test_lines_typed_before_come_back(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        for line in ("priority low", "tag +vip", "priority high"):
            await run(app, pilot, line)
    history = shop.home.folder / "history"
    assert history.read_text() == "priority low\ntag +vip\npriority high\n"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        screen = await typed(app, pilot, "")
        await pilot.press("up", "up")
        assert screen.entry.value == "tag +vip"
        await pilot.press("down")
        assert screen.entry.value == "priority high"
        await pilot.press("ctrl+u", *"pri", "up", "up")
        assert screen.entry.value == "priority low"
        await pilot.press("ctrl+u", "ctrl+r", *"vip")
        await shows(app, "tag +vip")
        await pilot.press("enter")
        assert screen.entry.value == "tag +vip"
        await pilot.press("enter")
        await shows(app, "tagged")


async def test_what_is_typed_at_once_goes_into_the_line(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        send(app, "colon", *"priority", "space", *"low")
        await until(
            lambda: isinstance(app.screen, CommandLine) and app.screen.entry.value == "priority low",
            what="the line",
            otherwise=lambda: screen_text(app),
        )
        assert app.inbox.rows.cursor == 0
        await pilot.press("enter")
        await shows(app, "priority low")


async def test_the_palette_asks_for_what_is_missing(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("ctrl+p", *"show a view")
        await shows(app, "view VIEW")
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, CommandLine), what="the line")
        await pilot.press(*"mine", "enter")
        await until(lambda: app.inbox.pages.view == "mine", what="mine", otherwise=lambda: screen_text(app))


async def test_the_palette_finds_by_scattered_letters_in_the_composer(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("r")
        await until(lambda: app.inbox.context == "composer", what="the composer")
        await pilot.press(*"hi", "ctrl+p", *"quo")
        await shows(app, "quote their message")
        await pilot.press("enter")
        await shows(app, "their message quoted below")
        assert app.inbox.context == "composer"


async def test_typing_narrows_the_sheet_of_keys(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("question_mark", *"snoo")
        await shows(app, "snooze [TIME]", "view-snoozed")
        assert "claim" not in screen_text(app)
        await pilot.press(*"xyz")
        await shows(app, "no key and no action")
        await pilot.press("escape")
        assert app.screen is app.inbox


async def test_keys_change_when_the_file_does(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter", "c claim")
        settings = shop.home.settings
        before = settings.read_text()
        settings.write_text(before + '\n[keys]\nclaim = "y"\n"priority low" = "B"\n[keys.list]\nopen = "f6"\n')
        await shows(app, "y claim", "f6 open", "the keys are now as desk.toml has them")
        settings.write_text(before + '\n[keys]\nclaim = "e"\n')
        await shows(app, "would be both", "desk.toml")
        await shows(app, "y claim")
        await pilot.press("B")
        await shows(app, "priority low")
        await run(app, pilot, "reload-keys")
        await shows(app, "would be both")
        settings.write_text(before)
        await shows(app, "c claim")


async def test_keys_in_one_place_only(shop: DeskServer) -> None:
    keymap = Keymap({"conversation": {"why": "B"}, "list": {"claim": "Y"}})
    async with terminal(shop, keymap=keymap, size=(118, 30)) as (app, pilot):
        await shows(app, "Ben Carter", "Y claim")
        await pilot.press("enter")
        await shows(app, "B why", "c claim")
        await pilot.press("B")
        await shows(app, "Why is this message here?")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_keys_and_lines_through_a_real_terminal(shop: DeskServer, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "desk.cli", "--workspace", str(shop.home.folder), "--agent", "mia"]
    with Tmux(command, directory=tmp_path, columns=80, rows=24) as there:
        there.wait_for(lambda screen: "Ben Carter" in screen and "1 of 20" in screen)
        there.type("3j")
        there.wait_for("4 of 20")
        there.type("g")
        there.wait_for("m view mine")
        there.type("g")
        there.wait_for("1 of 20")
        there.type(":assign nobdy")
        there.wait_for(":assign nobdy")
        there.press("Enter")
        there.wait_for("^^^^^ nobdy is not a rep; did you mean nobody?")
        there.press("C-u")
        there.type("ass")
        there.press("Tab")
        there.type("ad")
        there.press("Tab", "Enter")
        there.wait_for("given to ada")
        there.type("2.")
        there.wait_for("2 conversations: given to ada")
        there.type(":")
        there.press("Up")
        there.wait_for(":assign ada")
        there.press("Escape")
        there.wait_for(lambda screen: ":assign ada" not in screen)
        there.press("C-p")
        there.type("rsl")
        there.wait_for("resolve [on|off]")
        there.press("Escape")
        there.wait_for(lambda screen: "resolve [on|off]" not in screen)
        there.type("?snoo")
        there.wait_for(lambda screen: "snooze [TIME]" in screen and "make it mine" not in screen)
        there.press("Escape")
        there.wait_for(lambda screen: "snooze [TIME]" not in screen)
        there.type(":q")
        there.press("Enter")
        there.wait_for(lambda _: there.dead())


async def test_macros_and_answers_are_completed(shop: DeskServer) -> None:
    macro = '\n[macros.lost]\nhelp = "Say sorry"\nsteps = ["tag +lost"]\n'
    shop.home.settings.write_text(shop.home.settings.read_text() + macro)
    shop.restart()
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await client.save_answer(NewAnswer(title="Parcel is late", shortcut="late", body="Sorry"))
        await shows(app, "Ben Carter")
        screen = await typed(app, pilot, "macro ")
        await shows(app, "Say sorry")
        await pilot.press("l", "o", "tab")
        await until(lambda: screen.entry.value == "macro lost", what="lost", otherwise=lambda: screen.entry.value)
        await pilot.press("ctrl+u", *"macro", "space", *"lust", "enter")
        await shows(app, "did you mean lost?")
        await pilot.press("escape", "r")
        await until(lambda: app.focused is not None and app.focused.id == "editor", what="the composer")
        await pilot.press("ctrl+x")
        await until(lambda: isinstance(app.screen, CommandLine), what="the line")
        line = app.screen
        assert isinstance(line, CommandLine)
        await pilot.press(*"insert-answer", "space", *"lat")
        await shows(app, "Parcel is late")
        await pilot.press("tab")
        await until(lambda: line.entry.value == "insert-answer late", what="the answer")


async def test_letters_that_come_before_the_line_is_laid_out_are_in_it(shop: DeskServer) -> None:
    async with terminal(shop) as (app, _):
        await shows(app, "Ben Carter")
        app.inbox.perform("command")
        there = app.screen
        assert isinstance(there, CommandLine)
        for letter in "snooze":
            there._forward_event(events.Key(letter, letter))
            await asyncio.sleep(0)
        for letter in " 3d":
            app.post_message(events.Key("space" if letter == " " else letter, letter))
        await until(lambda: there.entry.value == "snooze 3d", what="the line", otherwise=lambda: there.entry.value)
