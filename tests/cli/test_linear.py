"""Desk line by line: what is said, in the order in which it is said, and nothing a screen reader would trip over."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.cli.program import Program


def session(program: Program, *lines: str) -> str:
    """What the program says to these lines."""
    done = subprocess.run(
        [sys.executable, "-m", "desk.cli", "--workspace", str(program.home.folder), "--agent", "mia", "--linear"],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_conversation_is_read_and_dealt_with(own_shop: Program) -> None:
    first = own_shop.ok("list", "--json").json()["items"][0]
    said = session(
        own_shop, "list", str(first["id"]), "note", "please look", "at this", ".", "reply", "..", "resolve", "quit"
    )
    assert "line by line" in said
    assert first["subject"][:12] in said
    assert "nothing was written" in said
    assert "\x1b" not in said
    shown = own_shop.ok("show", str(first["id"]), "--json").json()
    assert shown["conversation"]["state"] == "resolved"
    assert any(message["body"] == "please look\nat this" for message in shown["messages"])


def test_what_it_does_not_know_is_told(own_shop: Program) -> None:
    said = session(own_shop, "dance", "show 'x", "help", "")
    assert "there is no dance here" in said
    assert "the quotes do not match" in said
    assert "resolve: " in said
    assert "serve: " not in said
