"""Settings, connections and themes, by their keys and by `:`, on a real server."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from desk.client import Client
from screens.connections import ConnectionsScreen
from screens.settings import SettingsScreen
from screens.themepicker import ThemePicker
from tests.screens.conftest import screen_text, shows, terminal
from tests.screens.waiting import until
from tests.servers.common import PASSWORD
from tests.servers.desk import DeskServer, email_account
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay

FILE = """\
# ours
[desk]
undo_seconds = 5 # short

[accounts.counter]
connector = "maildir"
address = "counter@shop.example"
incoming = "in"
outgoing = "out"
"""


@pytest.fixture
def server(new_desk: Callable[..., DeskServer]) -> DeskServer:
    made = new_desk(FILE)
    maildirs(made)
    return made.start()


def maildirs(server: DeskServer) -> None:
    for folder in ("in", "out"):
        for part in ("cur", "new", "tmp"):
            (server.home.folder / folder / part).mkdir(parents=True)


def text_of(server: DeskServer) -> str:
    return server.home.settings.read_text()


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_everything_is_shown_found_and_changed_in_place(server: DeskServer, size: tuple[int, int]) -> None:
    async with terminal(server, size=size) as (app, pilot):
        await pilot.press("escape", "comma")
        await shows(app, "settings", "undo_seconds", "desk.toml:3", "how long an answer can be taken back")
        await pilot.press("enter")
        await shows(app, "enter writes it into desk.toml")
        await pilot.press("backspace", "x")
        await shows(app, "undo_seconds is a number")
        await pilot.press("enter", "backspace", "minus", "1")
        await shows(app, "cannot be negative")
        await pilot.press("backspace", "backspace", "2", "0", "enter")
        await shows(app, "desk.undo_seconds = 20 (desk.toml:3)")
        assert "undo_seconds = 20 # short" in text_of(server)
        await pilot.press("slash", *"notice names")
        await shows(app, "notice_names")
        await pilot.press("enter", "enter")
        await shows(app, "notice_names = true")
        await pilot.press("d")
        await shows(app, "is no longer in desk.toml")
        assert "notice_names" not in text_of(server)
        await pilot.press("slash", "ctrl+u", *"desk.bell", "enter", "enter")
        await shows(app, 'desk.bell = "mentions"')
        await pilot.press("escape", "escape", "escape")
        await until(lambda: not isinstance(app.screen, SettingsScreen), what="the screen before")


async def test_what_the_server_refuses_can_be_mended(server: DeskServer) -> None:
    async with terminal(server) as (app, pilot):
        await pilot.press("escape", "colon", *"settings keys.reply", "enter")
        await shows(app, "keys.reply —")
        await until(lambda: app.screen.list.source.total > 0, what="rows")  # type: ignore[attr-defined]
        await pilot.press("enter", "ctrl+u", "c", "enter")
        await shows(app, "desk.toml:", "'c' would be both")
        await pilot.press("ctrl+u", "f", "9", "enter")
        await until(lambda: 'reply = "f9"' in text_of(server), what="the key in the file")
        await until(lambda: app.desk.keymap.keys("reply") == ("f9",), what="the key at work")


async def test_new_settings_and_texts_of_several_lines(server: DeskServer) -> None:
    async with terminal(server) as (app, pilot):
        await pilot.press("escape", "comma", "n")
        await shows(app, "such as views.late")
        await pilot.press(*"views", "enter")
        await shows(app, "is a table; go on with a dot")
        await pilot.press(*".late", "enter", *"is:unred")
        await shows(app, "is:unread?")
        await pilot.press("backspace", *"ad", "enter")
        await until(lambda: "late" in text_of(server), what="the view in the file", otherwise=lambda: screen_text(app))
        await pilot.press("slash", *"signature", "enter", "enter")
        await shows(app, "accounts.counter.signature")
        await pilot.press(*"The Counter", "enter", *"9-17", "ctrl+j")
        await until(lambda: "The Counter\n9-17" in text_of(server), what="the signature in the file")
        assert text_of(server).startswith("# ours\n")


async def test_an_edited_file_is_gone_by_and_its_faults_are_told(server: DeskServer) -> None:
    async with terminal(server, size=(120, 40)) as (app, pilot):
        await pilot.press("escape", "comma")
        await shows(app, "desk.toml:3")
        server.home.settings.write_text(FILE.replace("undo_seconds = 5", "undo_seconds = 17"))
        await until(lambda: " 17 " in screen_text(app), what="the new value", otherwise=lambda: screen_text(app))
        server.home.settings.write_text(FILE.replace("undo_seconds = 5", "undo_secs = 5"))
        await shows(app, "desk.toml:3: there is no setting desk.undo_secs", "desk.toml is wrong", " 17 ")
        server.home.settings.write_text(FILE)
        await shows(app, "desk.toml is right again")


async def test_connections_are_live_tried_and_paused(server: DeskServer) -> None:
    async with terminal(server) as (app, pilot):
        await pilot.press("escape", "g", "c")
        await shows(app, "counter@shop.example", "connected", "by maildir")
        await pilot.press("t")
        await shows(app, "what was found", "✓")
        await pilot.press("escape", "p")
        await shows(app, "counter is paused", "paused")
        assert "enabled = false" in text_of(server)
        await pilot.press("p")
        await shows(app, "counter goes on", "connected")
        await pilot.press("s")
        await shows(app, "Signature of counter")
        await pilot.press(*"Hello", "ctrl+j")
        await until(lambda: 'signature = "Hello"' in text_of(server), what="the signature in the file")
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, SettingsScreen), what="the account's settings")
        await shows(app, "accounts.counter")


async def test_a_missing_password_is_one_key_away(
    new_desk: Callable[..., DeskServer], dovecot: Dovecot, smtp: SmtpRelay, new_user: Callable[[str], str]
) -> None:
    server = new_desk(email_account("shop", new_user("shop"), dovecot, smtp)).start()
    async with terminal(server, size=(120, 30)) as (app, pilot):
        await shows(app, "P: password of shop")
        await pilot.press("escape", "P")
        await shows(app, "password of shop   ")
        await pilot.press(*PASSWORD)
        assert PASSWORD not in screen_text(app)
        await pilot.press("enter")
        await shows(app, "kept only until the server ends")
        await pilot.press("g", "c")
        await until(lambda: isinstance(app.screen, ConnectionsScreen), what="the connections")
        await shows(app, "connected")
        await until(lambda: "password of shop" not in screen_text(app), what="no word of a password")


async def test_themes_are_seen_while_choosing_and_kept(server: DeskServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DESK_THEME", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    async with terminal(server) as (app, pilot):
        await pilot.press("escape")
        app.theme = "desk-dark"
        await pilot.press("colon", *"theme", "enter")
        await until(lambda: isinstance(app.screen, ThemePicker), what="the picker")
        await pilot.press("down")
        await until(lambda: app.theme == "desk-light", what="the theme under the cursor")
        await pilot.press("escape")
        await until(lambda: app.theme == "desk-dark", what="the theme from before")
        await pilot.press("colon", *"theme contrast", "enter")
        await shows(app, "kept in desk.toml for mia")
        assert app.theme == "desk-contrast"
        assert '[reps.mia]\ntheme = "contrast"' in text_of(server)
        server.home.settings.write_text(FILE + '[reps.mia]\ntheme = "light"\n')
        await until(lambda: app.theme == "desk-light", what="the theme of the file")
        await pilot.press("colon", *"theme nowhere", "enter")
        await shows(app, "there is no theme nowhere")


async def test_quiet(server: DeskServer) -> None:
    async with terminal(server) as (app, pilot):
        await pilot.press("escape", "colon", *"quiet", "enter")
        await shows(app, "quiet: no bell")
        assert app.comforts.quiet
        await pilot.press("colon", *"quiet off", "enter")
        await shows(app, "no longer quiet")


async def test_a_rep_has_their_own(server: DeskServer) -> None:
    async with Client(server.socket, "ada") as client:
        await client.set_setting("desk.bell", "all")
        await client.set_setting("reps.ada.bell", "off")
        assert (await client.comfort()).bell == "off"
    async with Client(server.socket, "mia") as client:
        assert (await client.comfort()).bell == "all"


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from desk.app import DeskApp

    def theme(asked: str = "", **environment: str) -> str:
        for name in ("DESK_THEME", "NO_COLOR"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        app = DeskApp(lambda: Client(tmp_path / "none", "mia"), theme=asked)
        assert app.no_color == (app.theme == "desk-mono")
        return app.theme

    assert theme("light") == "desk-light"
    assert theme("light", NO_COLOR="1") == "desk-mono"
    assert theme("light", NO_COLOR="1", DESK_THEME="nord") == "nord"
    assert theme("light", DESK_THEME="contrast") == "desk-contrast"
    assert theme("nothing of the kind") in ("desk-dark", "desk-ansi")
    assert "NO_COLOR" not in os.environ
