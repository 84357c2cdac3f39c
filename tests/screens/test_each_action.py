"""Every action of the registry, by its key and by its `:` line, on the sample shop: each has an effect that is seen."""

from __future__ import annotations

import asyncio
import inspect
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from textual import events
from textual.pilot import Pilot

from desk.app import DeskApp
from desk.keymap import ACTIONS, BY_NAME, Action
from desk.keymap.action import PLAIN, WRITING
from screens.commandline import CommandLine
from screens.picker import Picker
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.each_action import CASES, ELSEWHERE, PLACES, Case, Changed, Stage
from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline

LINED = frozenset((*PLAIN, *WRITING))
"""Where a line can be typed."""
ANSWER = '+++\ntitle = "Winter hours"\nshortcut = "winter"\n+++\nWe open at ten.\n'
MAIL = "From: New <new@person.example>\nTo: help@shop.example\nSubject: Hello\nMessage-ID: <n@person.example>\n\nHi\n"
SETTINGS = """\
[desk]
undo_seconds = 600
[rules.batteries]
when = "battery"
do = ["tag +battery"]
enabled = false
"""
WEBSITE = "[accounts.website]\n"
SECONDS = 20.0


def lined(action: Action) -> bool:
    return bool(LINED & set(action.contexts))


WAYS = [
    pytest.param(case, by, id=f"{case.action}-{by}")
    for case in CASES
    for by in ("key", "line")
    if (BY_NAME[case.action].keys if by == "key" else lined(BY_NAME[case.action]))
]


def test_none_is_missing() -> None:
    assert sorted([*(case.action for case in CASES), *ELSEWHERE]) == sorted(action.name for action in ACTIONS)
    assert {case.at for case in CASES} <= PLACES.keys()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The workspace of a loaded sample shop, at rest. Nobody comes to its website, which takes as long as all else."""
    folder = tmp_path_factory.mktemp("each") / "w"
    with DeskServer(SETTINGS) as server:
        server.start()
        async with server.client() as client:
            await client.load_sample()
        server.stop()
        shutil.copytree(server.home.folder, folder, ignore=shutil.ignore_patterns("*.sock", "*.lock"))
    settings = folder / "desk.toml"
    settings.write_text(settings.read_text().replace(WEBSITE, f"{WEBSITE}enabled = false\n"))
    yield folder


@pytest.fixture
def own_shop(new_desk: Callable[..., DeskServer], shop_folder: Path) -> DeskServer:
    """A server over a copy of it."""
    server = new_desk()
    shutil.copytree(shop_folder, server.home.folder, dirs_exist_ok=True)
    return server.start()


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What stands for `{word}` in the cases: files of the test's own, in a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DOWNLOAD_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "mail.eml").write_text(MAIL)
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "winter.md").write_text(ANSWER)
    places = {"file": "note.txt", "mail": "mail.eml", "answers": "answers", "out": "out"}
    return {name: str(tmp_path / path) for name, path in places.items()} | {"zoe": "zoe@new.example"}


async def press(app: DeskApp, pilot: Pilot[None], keys: str, words: dict[str, str]) -> None:
    """Press keys; `{word}` is typed, `~some_text` waited for, and what begins with a colon is said as a line."""
    if keys.startswith(":") and len(keys) > 1 and keys[1] != " ":
        await say(app, pilot, keys[1:].format(**words))
        return
    for key in keys.split():
        if key == "~found":
            picker = app.screen
            assert isinstance(picker, Picker)
            await until(lambda: picker._shown == picker.entry.value, what="what is found")  # noqa: B023
            continue
        if len(key) > 1 and key[0] == "~":
            await shows(app, key[1:].replace("_", " "))
            continue
        await pilot.press(*(key.format(**words) if key.startswith("{") else [key]))


async def say(app: DeskApp, pilot: Pilot[None], line: str) -> None:
    """Put a line where a line can be typed, and have it carried out."""
    await pilot.press("ctrl+x" if app.screen.context in WRITING else "colon")  # type: ignore[attr-defined]
    await until(lambda: isinstance(app.screen, CommandLine), what="the line", otherwise=lambda: screen_text(app))
    there = app.screen
    assert isinstance(there, CommandLine)
    there.entry.post_message(events.Paste(line))
    await until(lambda: there.entry.value == line, what=line, otherwise=lambda: there.entry.value)
    await pilot.press("enter")
    await until(lambda: app.screen is not there, what=f"{line} to be taken", otherwise=lambda: screen_text(app))


async def go(app: DeskApp, pilot: Pilot[None], case: Case, words: dict[str, str]) -> None:
    """To where the action is done."""
    place = PLACES[case.at]
    await press(app, pilot, place.keys, words)
    await until(
        lambda: app.screen.context == place.context and not app.inbox._held,  # type: ignore[attr-defined]
        what=case.at,
        otherwise=lambda: screen_text(app),
    )
    await shows(app, place.shows)
    await press(app, pilot, case.before, words)
    await shows(app, case.ready)


async def holds(stage: Stage, case: Case, before: object) -> bool:
    wanted = case.wanted
    if isinstance(wanted, str):
        return wanted in screen_text(stage.app)
    if isinstance(wanted, Changed):
        return wanted.probe(stage) != before
    found = wanted(stage)
    return bool(await found if inspect.isawaitable(found) else found)


@pytest.mark.parametrize(("case", "by"), WAYS)
async def test_it_does_what_it_says(own_shop: DeskServer, words: dict[str, str], case: Case, by: str) -> None:
    async with terminal(own_shop, size=(100, 40)) as (app, pilot), own_shop.client() as client:
        await shows(app, "Ben Carter", "of 22")
        app.inbox.helpers()
        other = app.inbox.rows.source.row(1)
        assert other is not None
        [alike] = [each for each in await client.find_customers("Benjamin Carter") if each.name.startswith("Benjamin")]
        words |= {"other": str(other.id), "alike": str(alike.id)}
        await go(app, pilot, case, words)
        row = app.inbox.conversation.conversation if app.inbox.page_name != "list" else app.inbox.rows.current
        assert row is not None
        stage = Stage(app, client, row, other)
        before = case.wanted.probe(stage) if isinstance(case.wanted, Changed) else None
        assert not await holds(stage, case, before), "it is so already"
        if by == "key":
            await press(app, pilot, BY_NAME[case.action].keys[0], words)
            await press(app, pilot, case.then, words)
        else:
            await say(app, pilot, f"{case.action} {case.line}".strip().format(**words))
            await press(app, pilot, case.after_line, words)
        end = Deadline(SECONDS)
        while not await holds(stage, case, before):
            assert not end.passed(), f"{case.action} by {by}:\n{screen_text(app)}"
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("way", ["S", ":sample"])
async def test_an_empty_desk_is_filled(new_desk: Callable[..., DeskServer], way: str) -> None:
    async with terminal(new_desk().start(), size=(100, 40)) as (app, pilot):
        await shows(app, "Welcome to Desk")
        await press(app, pilot, way, {})
        await shows(app, "Ben Carter", "of 22")
