"""Articles as files: read, checked, kept while a file is broken, written without losing what is in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.articles.files import Folder
from desk.articles.reading import check_slug, read, slug_for
from desk.documents.errors import BadDocument, NoSuchDocument, StaleDocument
from desk.model import NewArticle
from tests.documents.files import in_matter, is_read_or_told, put

BY_HAND = """\
+++
# Ask Mia before changing this.
title = "Cancel an order"
tags = ["orders"]
pages = ["/checkout*", "shop.example/orders/*"]
questions = ["How do I cancel?", "I ordered by mistake"]
updated = 2026-01-02
+++

Write **before it leaves**.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "articles")


def test_a_file_written_by_hand(folder: Folder) -> None:
    put(folder.root, "orders/cancel.md", BY_HAND)
    article = folder.get("orders/cancel")
    assert (article.title, article.folder, article.draft) == ("Cancel an order", "orders", False)
    assert article.tags == ("orders",)
    assert article.pages == ("/checkout*", "shop.example/orders/*")
    assert article.questions == ("How do I cancel?", "I ordered by mistake")
    assert article.updated == 1_767_312_000_000
    assert article.body == "Write **before it leaves**."


def test_the_name_says_what_the_file_does_not(folder: Folder) -> None:
    file = put(folder.root, "flat-tyre.de.md", "Luft.")
    os.utime(file, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))
    article = folder.get("flat-tyre.de")
    assert (article.title, article.language, article.updated) == ("Flat tyre", "de", 1_700_000_000_000)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("+++\ntitle = 7\n+++\nx", 2, "title is a text"),
        ("+++\n\ndraft = 'yes'\n+++\nx", 3, "true or false"),
        ("+++\npages = ['checkout']\n+++\nx", 2, "write /checkout"),
        ("+++\npages = ['/a?b']\n+++\nx", 2, "leave out"),
        ("+++\nquestions = 'one'\n+++\nx", 2, "list of texts"),
        ("+++\nupdated = 'today'\n+++\nx", 2, "a day without quotes"),
        ("+++\nlanguage = 'german!'\n+++\nx", 2, "tag"),
        ("+++\ntitle = 'x'\n+++\n\n", 4, "there is no text"),
        ("+++\ntitle\n+++\nx", 2, "="),
        ("---\ntitle: x\n---\nx", 1, "not YAML"),
        ("+++\nquestion = ['x']\n+++\nx", 2, "did you mean questions"),
        (b"\xff", 1, "UTF-8"),
    ],
)
def test_what_is_wrong_is_told_by_line(folder: Folder, text: str | bytes, line: int, said: str) -> None:
    put(folder.root, "a/bad.md", text)
    [found] = folder.scan().findings
    assert (found.file, found.line) == ("a/bad.md", line)
    assert said in found.message


def test_the_last_good_version_stays(folder: Folder) -> None:
    file = put(folder.root, "late.md", "One")
    before = folder.scan()
    file.write_text("+++\ntitle = \n+++\nTwo")
    after = folder.scan(before)
    assert after.documents["late"].body == "One"
    assert [str(each)[:9] for each in after.findings] == ["late.md:2"]
    file.write_text("+++\ntitle = 3\n+++\nThree")
    again = folder.scan(after)
    assert again.documents["late"].body == "One"
    file.write_text("Four, good again")
    assert folder.scan(again).documents["late"].body == "Four, good again"
    file.unlink()
    assert folder.scan(again).documents == {}


def test_names_that_are_none(folder: Folder) -> None:
    put(folder.root, "my article.md", "x")
    put(folder.root, "README.md", "x")
    put(folder.root, ".hidden.md", "x")
    assert [each.file for each in folder.scan().findings] == ["my article.md"]
    for slug in ("../up", "a//b", "-a", ".a", "a b", "@ada/x", "a/", "", "a\\b", "a<b"):
        with pytest.raises(BadDocument):
            check_slug(slug)
    assert slug_for("Cancel an order!", "orders", "de") == "orders/cancel-an-order.de"


def test_saving_keeps_what_is_around(folder: Folder) -> None:
    put(folder.root, "orders/cancel.md", BY_HAND)
    old = folder.get("orders/cancel")
    new = NewArticle(title="Cancel it", body="Now.", tags=("orders",), pages=("/x*",), draft=True)
    saved = folder.save("orders/cancel", new, rev=old.rev)
    text = (folder.root / "orders/cancel.md").read_text()
    assert "# Ask Mia before changing this." in text
    assert "questions" not in text
    assert (saved.title, saved.draft, saved.pages, saved.updated) == ("Cancel it", True, ("/x*",), old.updated)
    with pytest.raises(StaleDocument):
        folder.save("orders/cancel", new, rev=old.rev)
    with pytest.raises(StaleDocument):
        folder.save("orders/cancel", new)
    for bad in (
        NewArticle(title="", body="x"),
        NewArticle(title="x", body=""),
        NewArticle(title="x", body="y", pages=("x",)),
    ):
        with pytest.raises(BadDocument):
            folder.save("other", bad)
    moved = folder.move("orders/cancel", "cancel", rev=saved.rev)
    assert (moved.slug, (folder.root / "orders").exists()) == ("cancel", False)
    folder.delete("cancel", rev=moved.rev)
    with pytest.raises(NoSuchDocument):
        folder.get("cancel")


def test_pictures_lie_among_the_articles(folder: Folder) -> None:
    put(folder.root, "orders/door.png", b"\x89PNG")
    put(folder.root, "orders/door.svg", b"<svg/>")
    put(folder.root, "orders/late.md", "x")
    (folder.root.parent / "secret.png").write_bytes(b"x")
    (folder.root / "link.png").symlink_to(folder.root.parent / "secret.png")
    assert folder.picture("orders/door.png").read_bytes() == b"\x89PNG"
    for path in ("orders/door.svg", "../secret.png", "link.png", "orders/late.md", "orders", "never.png"):
        with pytest.raises(BadDocument):
            folder.picture(path)
    folder.put("orders/new.png", b"x")
    for path in ("../x.png", "x.html", "x.svg", ".x.png"):
        with pytest.raises(BadDocument):
            folder.put(path, b"x")


def test_faults_name_the_files_line(folder: Folder) -> None:
    put(folder.root, "a.md", "+++\ntitle = 'A'\n+++\n\n\nfine\n\n[b](b.md) and [c](c.md)")
    put(folder.root, "b.md", "![x](x.png)")
    found = list(folder.faults(folder.scan().documents.values()))
    assert [(each.file, each.line) for each in found] == [("a.md", 8), ("b.md", 1)]


@given(st.binary(max_size=400))
def test_any_bytes_are_an_article_or_have_a_finding(data: bytes) -> None:
    for bytes_ in (data, in_matter(data)):
        assert is_read_or_told(read("any", bytes_))
