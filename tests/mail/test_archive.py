from __future__ import annotations

import os
from pathlib import Path

import pytest

from desk.mail.archive import LOOKED_AT, Skipped, count, files, look, mails
from desk.mail.parse import parse
from desk.mail.parsed import Mailbox, Source
from tests.mail.archives import find, read
from tests.mail.conftest import Corpus

MAIL = b"From: a@example.com\nTo: b@example.com\nSubject: hi\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nhello\n"
FROM = b"From a@example.com Mon Jan  1 10:00:00 2024\n"
AT = 1_704_103_200_000


def _bytes(source: Source) -> bytes:
    return read(source.slice)


def _found(path: Path) -> tuple[list[Source], list[Skipped]]:
    return find([path])


def test_a_mailbox_file_is_its_slices(tmp_path: Path) -> None:
    box = tmp_path / "Archive"
    quoted = b"Subject: x\nFrom: a@b.c\n\n>From me\n\nFrom here on it is text, at noon.\n"
    box.write_bytes(FROM + MAIL + b"\n" + FROM + quoted + b"\n" + FROM + MAIL)
    sources, skipped = _found(box)
    assert len(sources) == 3
    assert skipped == []
    assert b"".join(map(_bytes, sources)) == box.read_bytes()
    assert [parse(_bytes(source)).received_at for source in sources] == [AT] * 3
    assert [source.external_id for source in sources] == [""] * 3
    assert look(str(box), box.read_bytes(), box.stat().st_size) == Mailbox(about=3)


def test_text_that_looks_like_a_separator_divides_nothing(tmp_path: Path) -> None:
    box = tmp_path / "box.mbox"
    text = b"\nthe log said:\nFrom a@b.c Mon Jan  1 10:00:00 2024\nand so on\n\nFrom now on\nSubject: none\n"
    box.write_bytes(FROM + MAIL + text)
    assert len(_found(box)[0]) == 1


def test_carriage_returns_and_missing_blank_lines(tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.write_bytes((FROM + MAIL + FROM + MAIL + b"\n" + FROM + MAIL).replace(b"\n", b"\r\n"))
    sources, _ = _found(box)
    assert len(sources) == 3
    assert b"".join(map(_bytes, sources)) == box.read_bytes()


def test_a_maildir_with_its_times(tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    box = tmp_path / "box"
    (box / "cur" / "1704103200.M1P2.host:2,S").write_bytes(b"\nno headers at all")
    (box / "new" / "odd-name").write_bytes(MAIL)
    os.utime(box / "new" / "odd-name", (1_704_103_300, 1_704_103_300))
    (box / "tmp" / "1704103200.M9.half").write_bytes(MAIL)
    (box / "dovecot-uidlist").write_bytes(b"3 V1 N5\n")
    sources, skipped = _found(box)
    assert [source.received_at for source in sources] == [AT, AT + 100_000]
    assert [one.path.name for one in skipped] == ["dovecot-uidlist"]
    assert count([box]) == len(sources) + len(skipped)


def test_what_is_no_mail_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "00001.7c53336b").write_bytes(FROM + MAIL)
    (tmp_path / "README.md").write_text("# About\n\nHello\n")
    (tmp_path / "notes.txt").write_text("Title: x\nDate: today\n\nfoo\n")
    (tmp_path / "picture.png").write_bytes(os.urandom(5000))
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / ".hidden").write_bytes(MAIL)
    os.symlink(tmp_path, tmp_path / "deep" / "loop")
    sources, skipped = _found(tmp_path)
    assert [Path(source.slice.path).name for source in sources if source.slice] == ["a.eml", "00001.7c53336b"]
    assert {one.path.name: one.reason for one in skipped} == {
        "README.md": "does not begin with the headers of a mail",
        "notes.txt": "begins with headers, but not with those of a mail",
        "picture.png": "does not begin with the headers of a mail",
        "empty": "is empty",
    }


def test_one_eml_is_one_mail_whatever_it_quotes(tmp_path: Path) -> None:
    path = tmp_path / "x.eml"
    path.write_bytes(FROM + MAIL + b"\n" + FROM + MAIL)
    [source] = _found(path)[0]
    assert _bytes(source) == path.read_bytes()


def test_a_missing_path_is_told_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        next(files([tmp_path / "a.eml", tmp_path / "nowhere"], print))


def test_mails_in_large_mailboxes_are_extrapolated(tmp_path: Path) -> None:
    box = tmp_path / "large.mbox"
    with open(box, "wb") as file:
        for _ in range(30):
            file.write((FROM + MAIL + b"filler\n" * 100 + b"\n") * 1_000)
    seen = look(str(box), box.read_bytes()[:LOOKED_AT], box.stat().st_size)
    assert isinstance(seen, Mailbox)
    assert seen.about == pytest.approx(30_000, rel=0.01)
    assert sum(1 for _ in mails(str(box))) == 30_000


@pytest.mark.parametrize(
    ("name", "number"), [("mail-ham", 4_150), ("mail-spam", 1_896), ("mail-fixtures-flufl.bounce", 117)]
)
def test_every_mail_of_an_archive_is_found(corpus: Corpus, name: str, number: int) -> None:
    paths = corpus(name)
    found, skipped = find(paths)
    assert len(found) == number
    assert {one.path.name for one in skipped} <= {"LICENSE", "README.md", "SOURCE.txt"}
    assert count(paths) - len(skipped) <= number
