"""`desk keys`: prints, checks, exports; and docs/keys.md is what it exports."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from desk.keymap import ACTIONS, Keymap
from tests.cli.program import Program
from tests.cli.test_doctor import bare

DOCS = Path(__file__).parents[2] / "docs"
__all__ = ["bare"]


def test_every_key_of_a_place_is_printed(bare: Program) -> None:
    lines = [line.split("\t") for line in bare.ok("keys", "--context", "composer").out.splitlines()]
    assert ["composer", "ctrl+j", "send", "send, or keep the note"] in lines
    assert {line[0] for line in lines} == {"composer"}


def test_json_holds_every_action(bare: Program) -> None:
    told = bare.ok("keys", "--json").json()
    assert [each["name"] for each in told] == [action.name for action in ACTIONS]
    snooze = next(each for each in told if each["name"] == "snooze")
    assert snooze["argument"] == "time"
    assert snooze["repeatable"]
    assert snooze["countable"]
    assert snooze["keys"]["list"] == ["z"]
    assert json.loads(bare.ok("keys", "--export", "json").out) == told


def test_the_exported_table_is_read_back(bare: Program) -> None:
    home = bare.home.prepare()
    home.settings.write_text('[keys]\nclaim = ["y", "f5"]\n"snooze 3d" = "Y z"\n[keys.ledger]\nquit = "Q"\n')
    exported = bare.ok("keys", "--export", "toml").out
    assert Keymap(tomllib.loads(exported)["keys"]).same(Keymap(tomllib.loads(home.settings.read_text())["keys"]))
    assert bare.ok("keys", "--check").out.endswith("the keys are fine\n")
    assert not tomllib.loads(bare.ok("keys", "--export", "toml", "--default").out)["keys"]


@pytest.mark.parametrize("named", [True, False])
def test_faults_are_told_with_their_lines(bare: Program, named: bool, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml" if named else bare.home.prepare().settings
    file.write_text('[keys]\nreply = "e"\nfrob = "x"\n')
    ended = bare("keys", "--check", *([str(file)] if named else []))
    assert ended.code == 1
    assert f"{file}:2: keys.reply: 'e' would be both" in ended.err
    assert f"{file}:3: keys.frob: there is no such action" in ended.err
    assert bare("keys", "--check", str(file), "--json").problem()["code"] == "bad-keys"


def test_a_file_that_is_not_there(bare: Program) -> None:
    ended = bare("keys", "--check", "nowhere.toml")
    assert ended.code == 4
    assert "nowhere.toml" in ended.err


def test_the_documentation_is_what_is_exported(bare: Program) -> None:
    written = bare.ok("keys", "--default", "--export", "markdown").out
    assert (DOCS / "keys.md").read_text("utf-8") == written, "make it anew: desk keys --default --export markdown"
