"""`desk` without a command, where no terminal can be opened."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Callable

from desk.cli.failures import Exit
from tests.cli.program import Program
from tests.servers.desk import DeskServer


def test_where_no_server_can_be_started_it_ends_as_every_command_does(new_desk: Callable[..., DeskServer]) -> None:
    home = new_desk().home
    home.database.write_bytes(b"This is no database. " * 1000)
    desk = Program(home)
    assert desk("list").code == Exit.UNREACHABLE
    ours, theirs = pty.openpty()
    try:
        ended = subprocess.run(
            desk.command(), stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=desk.environment, timeout=60
        )
    finally:
        os.close(theirs)
        os.close(ours)
    assert ended.returncode == Exit.UNREACHABLE
    assert ended.stderr.decode().startswith("desk: the server for ")


def test_without_a_terminal_it_says_so(desk: Program) -> None:
    ended = desk()
    assert ended.code == Exit.USAGE
    assert "needs a terminal" in ended.err
