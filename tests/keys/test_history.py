"""Lines typed before: in order, once each, and nobody else's to read."""

from __future__ import annotations

import stat
from pathlib import Path

from desk.history import KEPT, History


def test_lines_are_found_again_once_each(tmp_path: Path) -> None:
    file = tmp_path / "history"
    history = History(file)
    for line in ("claim", "snooze 3d", "claim", "  tag   +a ", "", "\x1b[2J"):
        history.add(line)
    assert History(file).lines == history.lines == ["snooze 3d", "claim", "tag +a"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_terminals_write_one_file(tmp_path: Path) -> None:
    file = tmp_path / "history"
    one, other = History(file), History(file)
    one.add("claim")
    other.add("resolve on")
    assert History(file).lines == ["claim", "resolve on"]


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "history"
    file.write_text("".join(f"show {number}\n" for number in range(KEPT * 3)))
    assert History(file).lines[-1] == f"show {KEPT * 3 - 1}"
    assert len(file.read_text().splitlines()) == KEPT
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_file_lines_are_kept_in_memory(tmp_path: Path) -> None:
    for file in (None, tmp_path / "nowhere" / "history"):
        history = History(file)
        history.add("claim")
        assert history.lines == ["claim"]
    broken = tmp_path / "folder"
    broken.mkdir()
    history = History(broken)
    history.add("claim")
    assert history.lines == ["claim"]
