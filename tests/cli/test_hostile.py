"""What strangers write never steers the terminal: every command, a real pty, every byte looked at."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
from collections.abc import Callable

import pytest

from desk.mail.packing import pack
from desk.mail.parsed import Refused
from tests.cli.program import Program, fill
from tests.servers.desk import DeskServer

ATTACKS = {
    "title": "\x1b]0;owned\x07",
    "clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "link": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "clear": "\x1b[2J\x1b[H\x1b[31m",
    "c1": "\x9b2J\x9d0;owned\x9c",
    "bidi": "\u202egnp.exe\u2066",
    "return": "safe\rowned",
    "backspace": "rm\x08\x08ls",
}
ALL = "".join(ATTACKS.values())

OURS = re.compile(r"\x1b\[(?:\d+(?:;\d+)*m|K)|\r(?=\x1b\[K)|\r\n")
"""Colours, the cleared progress line, and the terminal driver's own line ends."""
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def hostile_mail(number: int, attack: str) -> bytes:
    """One attack in every field there is: raw where bytes may be, encoded where words are."""
    from base64 import b64encode

    def word(text: str) -> str:
        return f"=?utf-8?b?{b64encode(text.encode()).decode()}?="

    head = (
        f"From: {word('Eve ' + attack)} <eve{number}@elsewhere.test>\r\n"
        f"To: {word(attack)} <support@example.test>\r\n"
        f"Subject: {word('hello ' + attack)} {attack.replace(chr(13), '')}\r\n"
        f"Message-ID: <hostile{number}@elsewhere.test>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    )
    html = f"<p>zebra {attack} <a href='https://x.example/{attack}'>link</a></p>"
    body = f"Content-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n"
    disposition = f'Content-Disposition: attachment; filename="{word(attack)}.txt"'
    file = f"--b\r\nContent-Type: text/plain\r\n{disposition}\r\n\r\nx\r\n"
    return (head + body + file + "--b--\r\n").encode()


def on_a_terminal(desk: Program, *arguments: str) -> str:
    """What a terminal of 80×24 would be sent."""
    ours, theirs = pty.openpty()
    environment = {**desk.environment, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(
        desk.command(*arguments), stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment
    ) as running:
        os.close(theirs)
        sent = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                sent += os.read(ours, 65536)
            except OSError:
                break
        running.wait(60)
    os.close(ours)
    return sent.decode()


@pytest.fixture
def attacked(new_desk: Callable[..., DeskServer]) -> Program:
    server = new_desk()
    fill(server.home, [hostile_mail(number, attack) for number, attack in enumerate([*ATTACKS.values(), ALL])])
    return Program(server.start().home)


def test_no_byte_of_theirs_reaches_the_terminal(attacked: Program) -> None:
    ids = [item["id"] for item in attacked.ok("list", "--json").json()["items"]]
    assert len(ids) == len(ATTACKS) + 1
    runs = [
        ["list"],
        ["list", "--json"],
        ["search", "zebra"],
        ["search", ALL],
        ["ledger"],
        ["ledger", "--json"],
        ["status"],
        ["doctor"],
        *(["show", str(id)] for id in ids),
        ["show", str(ids[-1]), "--json"],
        ["claim", str(ids[0])],
        ["tag", str(ids[0]), f"tag{ALL}"],
        ["note", str(ids[0]), "--body", f"note {ALL}"],
        ["assign", str(ids[0]), f"nobody{ALL}"],
        ["show", str(ids[0]), "--full"],
        ["list", "--workspace", f"{attacked.home.database}/{ATTACKS['title']}"],
    ]
    for arguments in runs:
        sent = on_a_terminal(attacked, *arguments)
        assert sent.strip(), arguments
        left = STEERING.search(OURS.sub("", sent))
        assert left is None, f"desk {arguments}: {left and left.group()!r} in {sent!r}"


def test_nor_a_pipe(attacked: Program) -> None:
    for arguments in (["list"], ["search", "zebra"], ["ledger"]):
        out = attacked.ok(*arguments).out
        assert "owned" in out or arguments == ["ledger"]
        assert STEERING.search(out) is None


def test_the_words_themselves_are_kept(attacked: Program) -> None:
    hits = attacked.ok("search", "zebra", "--json").json()["hits"]
    assert len(hits) == len(ATTACKS) + 1


def test_a_reason_cannot_steer_either(new_desk: Callable[..., DeskServer]) -> None:
    from desk.clock import SystemClock
    from desk.mail.parsed import Source
    from desk.service import ingest
    from desk.store.sqlite import open_store

    server = new_desk()
    store = open_store(server.home.database, blobs=server.home.attachments)
    refused = Refused(sha256="0" * 64, size=1, raw_packed=pack(b"x"), reason=f"odd {ALL}")
    ingest.apply(store, SystemClock(), "support", [(Source(external_id=f"id{ALL}"), refused)])
    store.close()
    desk = Program(server.start().home)
    sent = on_a_terminal(desk, "ledger", "--outcome", "quarantined")
    assert "odd" in sent
    assert STEERING.search(OURS.sub("", sent)) is None
