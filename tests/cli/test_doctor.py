"""`desk doctor` explains what is wrong even where nothing works."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.workspace import Workspace
from tests.cli.program import Program


@pytest.fixture
def bare() -> Iterator[Program]:
    """The program over a workspace without a server."""
    with tempfile.TemporaryDirectory(prefix="dk") as folder:
        program = Program(Workspace(Path(folder) / "w"))
        yield program
        program("stop")


def found(program: Program, **environment: str) -> tuple[int, dict[str, dict[str, str]]]:
    ended = program("doctor", "--json", **environment)
    return ended.code, {check["what"]: check for check in ended.json()}


def test_a_new_workspace_is_well(bare: Program) -> None:
    code, checks = found(bare)
    assert code == 0
    assert "does not exist yet" in checks["workspace"]["message"]
    assert checks["store"]["status"] == "ok"


def test_a_broken_desk_toml(bare: Program) -> None:
    bare.home.prepare().settings.write_text('[desk]\nundo_secnds = 5\n[accounts.shop]\npassword = "x"\n')
    code, checks = found(bare)
    assert code == 1
    assert checks["desk.toml"]["status"] == "failed"
    assert f"{bare.home.settings}:" in checks["desk.toml"]["message"]
    assert checks["server"]["status"] == "failed"
    text = bare("doctor").out
    assert "undo_seconds" in text
    assert "secrets are not kept here" in text


def test_a_dialer_of_this_machine_is_tried_here(bare: Program) -> None:
    bare.home.prepare().settings.write_text('[dialers.own]\ndialer = "launch"\ncommand = ["no-such", "{uri}"]\n')
    code, checks = found(bare)
    assert (code, checks["dialer own: program"]["status"]) == (1, "failed")
    assert "there is no program no-such" in checks["dialer own: program"]["message"]


def test_a_key_taken_twice(bare: Program) -> None:
    bare.home.prepare().settings.write_text('[keys]\nreply = "c"\n')
    ended = bare("doctor")
    assert ended.code == 1
    assert "'c' would be both" in ended.out


def test_without_a_server_other_commands_say_why(bare: Program) -> None:
    bare.home.prepare().settings.write_text("[desk\n")
    ended = bare("list")
    assert ended.code == 3
    assert "desk.toml:1" in ended.err
    assert "desk doctor" in ended.err


def test_a_stale_socket_is_no_trouble(bare: Program) -> None:
    bare.home.prepare()
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(bare.home.socket))
    code, checks = found(bare)
    assert code == 0
    assert "no server runs yet" in checks["socket"]["message"]


def test_a_locale_without_letters(bare: Program) -> None:
    code, checks = found(bare, LC_ALL="POSIX", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert code == 0
    assert checks["encoding"]["status"] == "warning"
    assert "LANG" in checks["encoding"]["hint"]


def test_a_workspace_that_cannot_be(bare: Program) -> None:
    bare.home.folder.parent.mkdir(exist_ok=True)
    bare.home.folder.write_text("a file in the way")
    ended = bare("doctor")
    assert ended.code == 1
    assert "failed" in ended.out
    assert "Traceback" not in ended.err
    assert bare("list").code == 3
    bare.home.folder.unlink()
