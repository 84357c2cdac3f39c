"""The shape of a day, from time stamps: written by hand, and of real mail and real chats."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.corpora import HOME
from desk.clock import HOUR
from desk.simulation import Shop, arrivals
from desk.simulation.curves import Shapeless, curve


def test_a_day_begins_where_most_comes_in(tmp_path: Path) -> None:
    times = tmp_path / "times.txt"
    hours = {9: 10, 10: 30, 11: 20, 3: 5}
    times.write_text(
        "".join(f"2026-03-0{n % 9 + 1}T{h:02}:45:00Z came in\n" for h, many in hours.items() for n in range(many))
    )
    assert curve([times], 3) == (0, 10, 0, 30, 0, 20)
    assert curve([times], 1) == (0, 30)


def test_an_element_of_json_counts_once(tmp_path: Path) -> None:
    chats = [{"said": [{"at": "2026-03-01T14:05:00Z"}, {"at": "2026-03-01T20:00:00Z"}]}] * 60
    (tmp_path / "chats.json").write_text(json.dumps(chats, indent=2))
    assert curve([tmp_path / "chats.json"], 0.5) == (60,)


def test_mails_are_told_by_their_dates_in_mailboxes_folders_and_archives(tmp_path: Path) -> None:
    mail = "From: a@example.com\nDate: Mon, 2 Mar 2026 08:10:00 -0500\nSubject: x\n\nDate: no header\n"
    box, folder, packed = tmp_path / "box.mbox", tmp_path / "folder", tmp_path / "packed.tar.xz"
    box.write_text(f"From a@example.com Mon Mar  2 08:10:00 2026\n{mail}\n" * 50)
    folder.mkdir()
    for number in range(50):
        (folder / f"{number}.eml").write_text(
            mail.replace("Mon, 2 Mar 2026 08:10:00 -0500", "never") if number == 7 else mail
        )
    with tarfile.open(packed, "w:xz") as archive:
        archive.add(folder, "folder")
    assert curve([box], 0.5) == (50,)
    assert curve([box, folder, packed], 0.5) == (50 + 49 + 49,)


def test_what_makes_no_shape_is_said(tmp_path: Path) -> None:
    (tmp_path / "few.txt").write_text("2026-03-01 10:00\n" * 7)
    with pytest.raises(Shapeless, match=r"few.txt: 7 times found; .* 50 or more"):
        curve([tmp_path / "few.txt"], 9)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        curve([tmp_path / "nowhere"], 9)


def test_arrivals_follow_the_shape() -> None:
    shop = Shop(days=1, hours=4, curves={"chat": (1, 0, 3, 0)})
    came = Counter(task.at // HOUR for seed in range(40) for task in arrivals(shop, seed) if task.channel == "chat")
    usual = sum(task.channel == "chat" for seed in range(40) for task in arrivals(Shop(days=1, hours=4), seed))
    assert (came[1], came[3]) == (0, 0)
    assert came[2] / came[0] == pytest.approx(3, rel=0.1)
    assert came.total() == pytest.approx(usual, rel=0.1), "as much comes in, at other times"


@pytest.mark.parametrize("name", ["mail-ham.tar.xz", "chat-ibm-twitter-care.tar.xz"])
def test_real_times_make_a_shape(name: str) -> None:
    if not (HOME / name).is_file():
        pytest.skip(f"{HOME / name} is not there")
    found = curve([HOME / name], 9)
    assert len(found) == 18
    assert min(found) > 0
