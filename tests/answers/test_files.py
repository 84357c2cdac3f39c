"""Answers as files: what is written by hand stays, what is wrong is told where, nothing is overwritten."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desk.answers.errors import BadAnswer, NoSuchAnswer, StaleAnswer
from desk.answers.files import Folder
from desk.answers.model import NewAnswer
from desk.answers.paths import check_key, key_for, owner_of, personal_folder
from desk.answers.reading import read
from desk.documents import frontmatter
from tests.documents.files import in_matter, is_read_or_told, put

BY_HAND = """\
+++
# Ask Mia before changing this.
title = "Late parcel"   # what reps see
shortcut = "late"
tags = ["shipping"]
reviewed = 2026-01-03
+++

Hello {customer.first_name|there},

your parcel is late.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "answers")


def test_a_file_written_by_hand(folder: Folder) -> None:
    put(folder.root, "shipping/late-parcel.md", BY_HAND)
    answer = folder.get("shipping/late-parcel")
    assert (answer.title, answer.shortcut, answer.folder, answer.tags) == (
        "Late parcel",
        "late",
        "shipping",
        ("shipping",),
    )
    assert answer.body == "Hello {customer.first_name|there},\n\nyour parcel is late."
    assert (answer.owner, answer.language) == ("", "")


def test_the_name_says_what_the_file_does_not(folder: Folder) -> None:
    put(folder.root, "@ada/refunds/full-refund.de.md", "Wir erstatten alles.")
    answer = folder.get("@ada/refunds/full-refund.de")
    assert (answer.title, answer.shortcut, answer.language) == ("Full refund", "full-refund", "de")
    assert (answer.owner, answer.folder) == ("ada", "refunds")


def test_a_save_keeps_comments_and_other_keys(folder: Folder) -> None:
    file = put(folder.root, "late.md", BY_HAND)
    answer = folder.get("late")
    saved = folder.save("late", NewAnswer(title="Very late", body="Sorry!", tags=("shipping",)), rev=answer.rev)
    assert (saved.title, saved.body, saved.shortcut) == ("Very late", "Sorry!", "late")
    text = file.read_text()
    assert "# Ask Mia before changing this." in text
    assert "# what reps see" in text
    assert "reviewed = 2026-01-03" in text
    assert 'tags = ["shipping"]' in text


def test_a_save_never_overwrites_another(folder: Folder) -> None:
    file = put(folder.root, "late.md", BY_HAND)
    answer = folder.get("late")
    file.write_text(BY_HAND + "And more.\n")
    for act in (
        lambda: folder.save("late", replace(answer, body="x"), rev=answer.rev),
        lambda: folder.delete("late", rev=answer.rev),
        lambda: folder.move("late", "later", rev=answer.rev),
    ):
        with pytest.raises(StaleAnswer) as stale:
            act()
        assert stale.value.code == "stale"
    with pytest.raises(StaleAnswer) as exists:
        folder.save("late", replace(answer, body="x"))
    assert exists.value.code == "exists"
    assert file.read_text().endswith("And more.\n")
    assert os.listdir(folder.root) == ["late.md"]


def test_moving_takes_everything_along(folder: Folder) -> None:
    put(folder.root, "a/forms/return.pdf", b"%PDF")
    put(folder.root, "a/late.md", '+++\nattachments = ["forms/return.pdf"]\nmine = 1\n+++\nHello')
    put(folder.root, "b/there.md", "There.")
    answer = folder.get("a/late")
    moved = folder.move("a/late", "b/c/later", rev=answer.rev)
    assert (moved.key, moved.title, moved.shortcut, moved.body) == ("b/c/later", "Late", "late", "Hello")
    assert folder.file(moved, moved.attachments[0]).read_bytes() == b"%PDF"
    assert "mine = 1" in (folder.root / "b/c/later.md").read_text()
    with pytest.raises(NoSuchAnswer):
        folder.get("a/late")
    with pytest.raises(StaleAnswer):
        folder.move("b/c/later", "b/there", rev=moved.rev)
    folder.delete("b/c/later", rev=moved.rev)
    assert not (folder.root / "b/c").exists()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("---\ntitle: Late\n---\nHello", 1, "not YAML"),
        ("+++\ntitle = 'a'\nHello", 1, "never ends"),
        ("+++\ntitle = 'a'\nshortcut = late\n+++\nHello", 3, "quotes"),
        ("+++\ntitle = 'a'\n\nshortcut = 'two words'\n+++\nHello", 4, "one word"),
        ("+++\ntags = 'refund'\n+++\nHello", 2, 'tags = ["…"]'),
        ("+++\ntitle = 7\n+++\nHello", 2, 'title = "…"'),
        ("+++\nlanguage = 'klingonish tongue'\n+++\nHello", 2, "pt-BR"),
        ("+++\ntitle = 'a'\n+++\n\n", 4, "no text"),
        (b"+++\ntitle = 'a'\n+++\n\nGr\xfc\xdfe", 5, "UTF-8"),
        (b"x" * 300_000, 1, "at most"),
    ],
)
def test_bad_files_say_where_and_hide_nothing(folder: Folder, text: str | bytes, line: int, says: str) -> None:
    put(folder.root, "bad.md", text)
    put(folder.root, "good.md", "Hello")
    found = folder.scan()
    assert list(found.documents) == ["good"]
    (finding,) = found.findings
    assert (finding.file, finding.line) == ("bad.md", line)
    assert says in finding.message
    with pytest.raises(BadAnswer, match=r"bad\.md:"):
        folder.get("bad")


def test_warnings_leave_the_answer_where_it_is(folder: Folder) -> None:
    put(folder.root, "a.md", "+++\ntitel = 'Late'\n+++\nHello {costumer.name},\n{{ok}} {date+3d} {customer.size}")
    put(folder.root, "b.md", "+++\nshortcut = 'a'\n+++\nHello")
    put(folder.root, "a.de.md", "Hallo")
    put(folder.root, "@ada/a.md", "Hello")
    found = folder.scan()
    assert len(found.documents) == 4
    said = sorted(map(str, found.findings))
    assert len(said) == 3
    assert said[0] == "a.md:2: titel says nothing to Desk; did you mean title?"
    assert said[1].startswith("a.md:4: nothing fills {costumer.name}")
    assert said[2].startswith("b.md:1: the shortcut a is also that of a.md")


def test_a_scan_sees_what_changed_and_nothing_else(folder: Folder) -> None:
    assert folder.scan().documents == {}
    first, second = put(folder.root, "one.md", "1"), put(folder.root, "two/two.md", "2")
    before = folder.scan()
    assert folder.scan(before) is before
    first.write_text("one, changed")
    second.unlink()
    put(folder.root, "three.md", "3")
    after = folder.scan(before)
    assert {key: answer.body for key, answer in after.documents.items()} == {"one": "one, changed", "three": "3"}
    assert folder.scan(after) is after


@pytest.mark.parametrize("name", [b"\x1b[31m.md", "\u202eevil.md".encode(), b"\xff.md", "a\u200bb.md".encode()])
def test_a_name_that_cannot_be_shown_is_told(folder: Folder, name: bytes) -> None:
    put(folder.root, "good.md", "Hello")
    with open(os.path.join(os.fsencode(folder.root), name), "wb") as file:
        file.write(b"Hello")
    found = folder.scan()
    assert list(found.documents) == ["good"]
    (finding,) = found.findings
    assert finding.file.isprintable()
    assert str(finding).isprintable()


def test_what_is_no_answer_is_left_alone(folder: Folder, tmp_path: Path) -> None:
    for path in ("README.md", ".git/x.md", "late.files/notes.md", "picture.png", "sub/@ada/x.md", ".draft.md"):
        put(folder.root, path, "Hello")
    secret = tmp_path / "secret.md"
    secret.write_text("secret")
    (folder.root / "link.md").symlink_to(secret)
    (folder.root / "loop").symlink_to(folder.root)
    assert folder.scan().documents == {}


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "..", ".", "", "nothing.pdf", "link"])
def test_attachments_stay_in_the_folder(folder: Folder, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("secret")
    put(folder.root, "a.md", "Hello")
    put(folder.root, "@ben/own.pdf", "own")
    (folder.root / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(BadAnswer):
        folder.save("late", NewAnswer(title="Late", body="", attachments=(name,)))
    with pytest.raises(BadAnswer):
        folder.file(folder.get("a"), "@ben/own.pdf")


def test_files_are_put_beside_an_answer(folder: Folder) -> None:
    first = folder.attach("a/late", "form.pdf", b"1")
    assert first == folder.attach("a/late", "form.pdf", b"1") == "late.files/form.pdf"
    assert folder.attach("a/late", "form.pdf", b"2") == "late.files/form-2.pdf"
    assert folder.attach("a/late", "../../.profile", b"3").startswith("late.files/_")
    saved = folder.save("a/late", NewAnswer(title="Late", body="", attachments=(first,)))
    assert folder.file(saved, first).read_bytes() == b"1"
    assert folder.missing([saved]) == []
    folder.file(saved, first).unlink()
    assert "not there" in str(folder.missing([saved])[0])


@pytest.mark.parametrize(
    "key",
    ["", "/", "a/", "/a", "../a", "a/../b", ".a", "a/.b", "@ada", "a/@ada/b", "a\\b", "a\0", "x" * 101, "a.files/b"],
)
def test_keys_that_no_file_may_have(key: str) -> None:
    with pytest.raises(BadAnswer):
        check_key(key)


@given(st.text(min_size=1))
def test_a_login_has_a_folder_of_its_own(login: str) -> None:
    try:
        key = f"{personal_folder(login)}/late"
    except UnicodeEncodeError:
        return
    assert owner_of(key) == login


@given(st.text(), st.text())
def test_every_title_makes_a_key(title: str, login: str) -> None:
    try:
        key = key_for(title, "", login)
        check_key(key)
    except (UnicodeEncodeError, BadAnswer):
        assert len(login) > 10 or not login.isprintable() or login.endswith((" ", ".")) or "\\" in login


@given(st.binary(max_size=400))
def test_no_file_is_too_odd_to_read(data: bytes) -> None:
    for bytes_ in (data, in_matter(data)):
        assert is_read_or_told(read("a", bytes_))


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40))
def test_any_title_is_read_as_it_was_written(title: str) -> None:
    text = frontmatter.write("", {"title": title, "tags": [title]}, "Hello")
    assert frontmatter.read(frontmatter.split(text).matter or "") == {"title": title, "tags": [title]}
