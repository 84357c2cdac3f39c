"""The screen of answers, and macros, against a real server."""

from __future__ import annotations

from pathlib import Path

from desk.answers.model import NewAnswer
from desk.app import DeskApp
from screens.answerform import AnswerForm
from screens.answers import AnswersScreen
from screens.confirm import Confirm
from screens.picker import Picker
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.driving import do
from tests.screens.test_writing import burst
from tests.servers.desk import DeskServer

MACRO = """
[macros.close]
steps = ["tag +closed", "resolve"]
help = "done with it"
"""


async def test_answers_are_found_written_thrown_away_and_brought_back(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        await client.save_answer(NewAnswer(title="Late parcels", shortcut="late", body="Sorry {customer.first_name}"))
        await shows(app, "Ben Carter")
        await pilot.press("A")
        await shows(app, "::late", "Late parcels", "Sorry {customer.first_name}")
        burst(app, "n", *"Refunds", "tab", *"refund", "tab", "tab", *"@money", "tab", *"We pay it back.")
        await until(
            lambda: isinstance(app.screen, AnswerForm) and app.screen.editor.text == "We pay it back.", what="it"
        )
        await pilot.press("ctrl+j")
        await shows(app, "kept as ::refund", "We pay it back.")
        [mine] = [each for each in await client.all_answers() if each.shortcut == "refund"]
        assert (mine.owner, mine.folder, mine.body.strip()) == ("mia", "money", "We pay it back.")
        burst(app, "/", *"parc", "enter")
        await until(lambda: len(rows(app)) == 1, what="one found", otherwise=lambda: screen_text(app))
        await pilot.press("d", "d")
        await shows(app, "thrown away")
        assert [each.shortcut for each in await client.all_answers()] == ["refund"]
        await pilot.press("u")
        await shows(app, "kept as ::late")
        await pilot.press("escape", "escape")
        await until(lambda: app.screen is app.inbox or len(rows(app)) == 2, what="all of them")


async def test_files_edited_elsewhere_are_shown_and_their_faults_told(shop: DeskServer) -> None:
    folder = shop.home.folder / "answers"
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        made = await client.save_answer(NewAnswer(title="Late parcels", shortcut="late", body="Sorry"))
        await shows(app, "Ben Carter")
        await pilot.press("A")
        await shows(app, "::late", "Late parcels")
        (folder / f"{made.key}.md").write_text('+++\ntitle = "Later parcels"\n+++\nSo sorry\n')
        (folder / "odd.md").write_text("+++\ntitle = 3\n+++\nx\n")
        await shows(app, "Later parcels", "So sorry", "odd.md:2: ")


def rows(app: DeskApp) -> list[object]:
    assert isinstance(app.screen, AnswersScreen)
    return list(app.screen.source.rows)


async def test_answers_go_out_and_come_in(shop: DeskServer, tmp_path: Path) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        saved = await client.save_answer(NewAnswer(title="Late", shortcut="late", body="Sorry"))
        await shows(app, "Ben Carter")
        burst(app, ":", *f"export-answers {tmp_path}/out", "enter")
        await shows(app, "files written to")
        await client.delete_answer(saved.key, saved.rev)
        await pilot.press("A")
        await shows(app, "no answers yet")
        burst(app, ":", *f"import-answers {tmp_path}/out", "enter")
        await shows(app, "::late", "1 new")


async def test_a_macro_is_shown_before_it_is_run(shop: DeskServer) -> None:
    shop.home.settings.write_text(shop.home.settings.read_text() + MACRO)
    shop.restart()
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        await pilot.press("@")
        await until(lambda: isinstance(app.screen, Picker), what="the macros")
        await shows(app, "close", "done with it")
        await pilot.press("enter")
        await shows(app, "tags +closed", "state open → resolved")
        assert isinstance(app.screen, Confirm)
        await pilot.press("n")
        assert (await client.conversation(row.id)).state == "open"
        burst(app, ":", *"macro close", "enter")
        await shows(app, "state open → resolved")
        await pilot.press("y")
        await shows(app, "1 conversation: close is done")
        done = await client.conversation(row.id)
        assert done.state == "resolved"
        assert "closed" in done.tags


async def test_a_macro_on_all_of_a_search(shop: DeskServer) -> None:
    shop.home.settings.write_text(shop.home.settings.read_text() + MACRO)
    shop.restart()
    async with terminal(shop, size=(80, 24)) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        await do(app, pilot, ":search state:open")
        await shows(app, "for state:open")
        await do(app, pilot, ":select-all")
        await shows(app, "20 selected")
        await pilot.press("x")
        await shows(app, "19 selected")
        await do(app, pilot, ":macro close")
        await shows(app, "close — 19 conversations", "state open → resolved", "y yes")
        await pilot.press("y")
        await shows(app, "19 conversations: close is done")
        assert (await client.conversations("resolved", "tag:closed")).total == 19
        assert (await client.conversations("open")).total == 1
        await do(app, pilot, ":undo")
        await shows(app, "undone: macro close · 19 conversations")
        assert (await client.conversations("open")).total == 20
