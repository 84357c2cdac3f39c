"""`desk import`, `ledger replay`, `sample`: real archives through a real server."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import corpora
from tests.cli.program import Program, write
from tests.servers.patience import Deadline

KEYS = [
    "messages",
    "new",
    "duplicate",
    "quarantined",
    "conversations",
    "seconds",
    "parse_seconds",
    "store_seconds",
]


def mail(number: int) -> bytes:
    return (
        f"From: Customer {number} <c{number}@elsewhere.test>\nTo: support@example.test\nSubject: question {number}\n"
        f"Message-ID: <q{number}@elsewhere.test>\nDate: Thu, 05 Mar 2026 10:00:00 +0000\n\nquestion number {number}\n"
    ).encode()


def too_deep() -> bytes:
    """A mail nested deeper than the parser follows."""
    opening = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(200))
    return b"From: deep@elsewhere.test\r\nSubject: deep\r\nMIME-Version: 1.0\r\n" + opening.encode() + b"\r\nend\r\n"


@contextmanager
def importing(desk: Program, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An import that has stored its first messages."""
    with subprocess.Popen(
        desk.command("import", str(folder), "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=desk.environment,
    ) as running:
        deadline = Deadline(60)
        while not desk.ok("status", "--json").json()["messages"]:
            assert not deadline.passed()
        yield running


def test_a_folder_twice(desk: Program, tmp_path: Path) -> None:
    folder = write(tmp_path / "mails", [*(mail(number) for number in range(20)), too_deep()])
    first = desk.ok("import", str(folder), "--json").json()
    assert list(first) == KEYS
    assert [first[key] for key in KEYS[:5]] == [21, 20, 0, 1, 20]
    second = desk.ok("import", str(folder), "--json").json()
    assert [second[key] for key in KEYS[:5]] == [21, 0, 21, 0, 0]
    assert desk.ok("status", "--json").json()["messages"] == 20


def test_relative_paths_are_the_callers(desk: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "mails", [mail(1)])
    monkeypatch.chdir(tmp_path)
    assert desk.ok("import", "mails", "--json").json()["new"] == 1


def test_quarantined_mail_is_listed_and_can_be_tried_again(desk: Program, tmp_path: Path) -> None:
    text = desk.ok("import", str(write(tmp_path / "mails", [too_deep()]))).out
    assert "1 quarantined" in text
    assert "desk ledger --outcome quarantined" in text
    (entry,) = desk.ok("ledger", "--outcome", "quarantined", "--json").json()
    again = desk("ledger", "replay", str(entry["id"]), "--json")
    assert again.code == 1
    assert again.problem()["code"] == "still-quarantined"
    assert desk("ledger", "replay", "99999").code == 4


def test_a_real_archive_twice(desk: Program, tmp_path: Path) -> None:
    try:
        folder = corpora.unpack("mail-fixtures-flufl.bounce", tmp_path)
    except corpora.Absent as absent:
        pytest.skip(str(absent))
    first = desk.ok("import", str(folder), "--json").json()
    assert first["messages"] > 100
    assert first["new"] + first["duplicate"] + first["quarantined"] == first["messages"]
    second = desk.ok("import", str(folder), "--json").json()
    assert (second["new"], second["quarantined"], second["duplicate"]) == (0, 0, first["messages"])


def test_progress_on_a_terminal(desk: Program, tmp_path: Path) -> None:
    folder = write(tmp_path / "mails", [mail(number) for number in range(300)])
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        desk.command("import", str(folder), "--json"), stdout=subprocess.PIPE, stderr=theirs, env=desk.environment
    ) as running:
        os.close(theirs)
        out = running.stdout.read() if running.stdout else b""
        assert running.wait(60) == 0
    assert json.loads(out)["new"] == 300
    assert b"messages" in os.read(ours, 65536)
    os.close(ours)


def test_ctrl_c_cancels_and_the_same_command_resumes(desk: Program, tmp_path: Path) -> None:
    folder = write(tmp_path / "mails", [mail(number) for number in range(4000)])
    with importing(desk, folder) as running:
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    counts = json.loads(out)
    if counts["new"] < 4000:
        assert running.returncode == 130
        assert json.loads(err)["code"] == "cancelled"
        assert counts["new"] > 0
    rest = desk.ok("import", str(folder), "--json").json()
    assert rest["new"] == 4000 - counts["new"]
    assert desk.ok("status", "--json").json()["messages"] == 4000


def test_a_killed_server_is_told_and_the_same_command_resumes(desk: Program, tmp_path: Path) -> None:
    folder = write(tmp_path / "mails", [mail(number) for number in range(4000)])
    with importing(desk, folder) as running:
        os.kill(desk.ok("status", "--json").json()["pid"], signal.SIGKILL)
        _, err = running.communicate(timeout=60)
    if running.returncode:
        assert running.returncode == 3
        problem = json.loads(err)
        assert problem["code"] == "unreachable"
        assert "what was taken in stays" in problem["message"]
        assert "same command" in problem["hint"]
    try:
        desk.ok("import", str(folder), "--json")
        assert desk.ok("status", "--json").json()["messages"] == 4000
    finally:
        desk("stop")


def test_the_sample_shop_goes_into_an_empty_workspace_only(desk: Program) -> None:
    loaded = desk.ok("sample", "--json").json()
    assert loaded["conversations"] > 40
    assert loaded["quarantined"] == 1
    counts = desk.ok("counts", "--json").json()
    for view in ("open", "mine", "unassigned", "waiting", "snoozed", "resolved", "spam"):
        assert counts[view] > 1, view
    again = desk("sample", "--json")
    assert again.code == 1
    assert again.problem()["code"] == "not-empty"
