"""`desk config`: what there is to set, from the command line."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.cli.test_doctor import bare

__all__ = ["bare"]


def test_set_get_list_unset(desk: Program) -> None:
    desk.home.settings.write_text("# mine\n")
    said = desk.ok("config", "set", "desk.undo_seconds", "20").out
    assert "desk.undo_seconds = 20" in said
    assert "desk.toml:4" in said
    assert desk.ok("config", "get", "desk.undo_seconds").out == "20\n"
    desk.ok("config", "set", "desk.quiet", "on")
    desk.ok("config", "set", "views.late", 'is:unread "so long"')
    desk.ok("config", "set", "macros.late.steps", "tag +late; snooze 3d")
    desk.ok("config", "set", "keys.reply", "f8, r")
    listed = {each["path"]: each for each in desk.ok("config", "list", "--set", "--json").json()}
    assert set(listed) == {"desk.undo_seconds", "desk.quiet", "views.late", "macros.late.steps", "keys.reply"}
    assert listed["macros.late.steps"]["value"] == ["tag +late", "snooze 3d"]
    assert listed["desk.undo_seconds"]["line"] == 4
    assert desk.ok("config", "get", "keys.reply", "--json").json()["value"] == ["f8", "r"]
    assert "keys.snooze" in desk.ok("config", "list", "hide", "until").out
    assert "is 10 by default" in desk.ok("config", "unset", "desk.undo_seconds").out
    desk.ok("config", "unset", "macros.late")
    text = desk.home.settings.read_text()
    assert text.startswith("# mine\n")
    assert "late" in text
    assert "tag" not in text
    assert stat.S_IMODE(desk.home.settings.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("path", "value", "code", "said"),
    [
        ("desk.undo_seconds", "soon", 1, "undo_seconds is a number"),
        ("desk.bell", "loud", 1, "one of off, mentions, mine, all"),
        ("desk.undo_second", "1", 1, "did you mean undo_seconds?"),
        ("keys.reply", "c", 1, "would be both"),
        ("nothing at all", "1", 1, "names no setting"),
    ],
)
def test_what_cannot_be_is_refused(desk: Program, path: str, value: str, code: int, said: str) -> None:
    ended = desk("config", "set", path, value)
    assert ended.code == code
    assert said in ended.err
    assert not desk.home.settings.exists()


def test_a_setting_that_is_none(desk: Program) -> None:
    assert desk("config", "get", "desk.colour").code == 4


def test_check_starts_nothing(bare: Program, tmp_path: Path) -> None:
    home = bare.home.prepare()
    assert "nothing is wrong" in bare.ok("config", "check").out
    home.settings.write_text('[desk]\nbell = 3\n[keys]\nreply = "c"\n')
    ended = bare("config", "check")
    assert ended.code == 1
    assert f"{home.settings}:2: bell is a text" in ended.err
    mine = tmp_path / "mine.toml"
    mine.write_text('[keys]\nreply = "c"\n')
    assert f"{mine}:2: keys.reply: 'c' would be both" in bare("config", "check", str(mine)).err
    assert bare("config", "check", str(tmp_path / "none")).code == 4


def test_status_tells_what_is_wrong(desk: Program) -> None:
    desk.home.settings.write_text("[desk]\nbell = 3\n")
    desk("config", "set", "desk.quiet", "on")
    assert "bell" in desk("config", "set", "desk.quiet", "on").err
