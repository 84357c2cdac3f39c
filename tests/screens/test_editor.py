"""The editor of one's choice, in a real terminal: it gets the terminal whole, and what it leaves is what counts."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.pseudoterminal import PseudoTerminal
from desk.answers.model import NewAnswer
from desk.client import Client
from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline

SAYS = b"the editor has the terminal"
EDITOR = f"""
import os, sys
from pathlib import Path
assert os.isatty(0) and os.isatty(1)
print({SAYS.decode()!r}, flush=True)
file = Path(sys.argv[1])
assert file.stat().st_mode & 0o077 == 0
text = file.read_text()
if "Refuse" in text:
    sys.exit(3)
text = text.replace("Subject: ", "Subject: About ").rstrip("\\n")
file.write_text(text + "\\nwritten outside\\n")
"""


@pytest.fixture
def scene(shop: DeskServer, tmp_path: Path) -> Iterator[tuple[DeskServer, PseudoTerminal]]:
    (tmp_path / "editor.py").write_text(EDITOR)
    command = [sys.executable, "-m", "desk.cli", "--workspace", str(shop.home.folder), "--agent", "mia"]
    editor = {"EDITOR": f"{sys.executable} {tmp_path / 'editor.py'}", "VISUAL": "", "DESK_THEME": "dark"}
    with PseudoTerminal(command, 100, 30, editor) as terminal:
        terminal.until(b"Ben Carter", since=0)
        terminal.quiet()
        yield shop, terminal


def soon(server: DeskServer, true: Callable[[Client], Awaitable[object]], what: str) -> None:
    async def wait() -> None:
        deadline = Deadline(20.0)
        async with server.client() as client:
            while not await true(client):
                assert not deadline.passed(), f"{what} did not come"
                await asyncio.sleep(0.05)

    asyncio.run(wait())


@pytest.mark.parametrize("by", [b"\x1bOS", b"\x18editor\r"], ids=["key", "line"])
def test_an_answer_is_written_outside_with_its_headers(scene: tuple[DeskServer, PseudoTerminal], by: bytes) -> None:
    server, terminal = scene
    terminal.send(b"r")
    terminal.until(b"Subject", since=0)
    terminal.quiet()
    terminal.send(b"Dear Ben,")
    terminal.until(b"Ben,")
    for part in (by[:1], by[1:]) if by[:1] == b"\x18" else (by,):
        terminal.send(part)
        terminal.quiet()
    terminal.until(SAYS, since=0)

    async def drafted(client: Client) -> bool:
        return any(
            each.content.body == "Dear Ben,\nwritten outside" and (each.content.subject or "").startswith("About ")
            for each in await client.drafts()
        )

    soon(server, drafted, "the draft")
    terminal.send(b"!")
    terminal.until(b"!")


@pytest.mark.parametrize("by", [b"E", b":edit-answer-outside\r"], ids=["key", "line"])
def test_a_canned_answer_is_edited_outside(scene: tuple[DeskServer, PseudoTerminal], by: bytes) -> None:
    server, terminal = scene

    async def begin() -> None:
        async with server.client() as client:
            for answer in await client.all_answers():
                await client.delete_answer(answer.key, answer.rev)
            await client.save_answer(NewAnswer(title="Hours", shortcut="hours", body="We open at ten."))

    asyncio.run(begin())
    terminal.send(b"A")
    terminal.until(b"We open at ten.", since=0)
    terminal.quiet()
    for part in (by[:1], by[1:]) if len(by) > 1 else (by,):
        terminal.send(part)
        terminal.quiet()
    terminal.until(SAYS, since=0)

    async def edited(client: Client) -> bool:
        return [each.body.strip() for each in await client.all_answers()] == ["We open at ten.\nwritten outside"]

    soon(server, edited, "the answer")
    terminal.until(b"kept as", since=0)


def test_an_editor_that_fails_changes_nothing(scene: tuple[DeskServer, PseudoTerminal]) -> None:
    server, terminal = scene
    terminal.send(b"r")
    terminal.until(b"Subject", since=0)
    terminal.quiet()
    terminal.send(b"Refuse")
    terminal.until(b"Refuse")
    terminal.quiet()
    terminal.send(b"\x1bOS")
    terminal.until(b"ended with code 3", since=0)

    async def kept(client: Client) -> bool:
        return [each.content.body for each in await client.drafts() if each.content.body.startswith("Ref")] == [
            "Refuse"
        ]

    soon(server, kept, "the draft")
