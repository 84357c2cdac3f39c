"""Answers that come in and go out: nothing lost on the way, other desks' words understood."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from desk.answers import packing
from desk.answers.errors import BadAnswer
from desk.answers.language import detect
from desk.answers.model import Answer, AnswerFile
from desk.answers.reading import read
from desk.answers.template import placeholders

OURS = [
    AnswerFile(path="late.md", data=b"+++\n# by hand\ntitle = 'Late'\n+++\nHello {customer.name}"),
    AnswerFile(path="returns/form.files/form.pdf", data=b"%PDF\xff\x00"),
    AnswerFile(path="@ada/bye.md", data="Tschüß".encode()),
]


def answer(file: AnswerFile) -> Answer:
    found = read(file.path.removesuffix(".md"), file.data)
    assert found.document is not None, found.findings
    return found.document


@pytest.mark.parametrize("name", ["out.zip", "out.json", "out"])
def test_what_goes_out_comes_in_again(tmp_path: Path, name: str) -> None:
    packing.write(tmp_path / name, OURS)
    assert sorted(packing.read(tmp_path / name), key=lambda file: file.path) == sorted(OURS, key=lambda file: file.path)
    with pytest.raises(FileExistsError):
        packing.write(tmp_path / name, OURS)


def test_another_desks_answers(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "short_code": "late order", "content": "Hi {{contact.name}}, a {brace} and {{ order.size }}."},
        {"name": "Late", "text": "{%customer.firstName,fallback=there%} #{ticket.number}", "category": "Shipping/EU"},
        {"name": "Late", "text": "again", "category": "Shipping/EU", "tags": ["a"], "locale": "pt_BR"},
        "nonsense",
    ]
    path = tmp_path / "canned.json"
    path.write_text(json.dumps({"payload": rows}))
    files = packing.read(path)
    assert [file.path for file in files] == ["late-order.md", "shipping/eu/late.md", "shipping/eu/late-2.md"]
    first, second, third = map(answer, files)
    assert (first.title, first.shortcut) == ("late order", "late-order")
    assert first.body == "Hi {customer.name}, a {{brace}} and {order.size}."
    assert [(each.name, each.fallback) for each in placeholders(second.body)] == [
        ("customer.first_name", "there"),
        ("conversation.id", None),
    ]
    assert (third.tags, third.language) == (("a",), "pt-BR")


def test_yaml_front_matter_becomes_ours(tmp_path: Path) -> None:
    (tmp_path / "late.md").write_text("---\ntitle: 'Late: very'\ntags: [a, 1]\nshortcut: late\n---\n\nHello\n---\n")
    (tmp_path / "bad.md").write_text("---\ntitle: [\n---\nHello")
    found = {file.path: file for file in packing.read(tmp_path)}
    late = answer(found["late.md"])
    assert (late.title, late.tags, late.shortcut, late.body) == ("Late: very", ("a", "1"), "late", "Hello\n---")
    assert read("bad", found["bad.md"].data).document is None


@pytest.mark.parametrize(
    "content", ["", "{", "7", '{"a": []}', '{"desk-answers": 1}', '{"desk-answers": 1, "files": [7]}']
)
def test_what_is_no_export_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(BadAnswer, match=r"x\.json"):
        packing.read(path)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.md", b"\0" * 30_000_000)
    with pytest.raises(BadAnswer, match="at most"):
        packing.read(path)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my parcel? I have not got it and the shop is closed.", "en"),
        ("Wo ist mein Paket? Ich habe es nicht bekommen, und die Bahn ist es auch nicht.", "de"),
        ("Où est mon colis ? Je ne suis pas chez moi et le facteur est passé.", "fr"),
        ("¿Dónde está mi pedido? No lo tengo y es para el lunes, gracias.", "es"),
        ("> the and you is my have\nHmm", ""),
        ("4711", ""),
        ("", ""),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert detect([text], {"en", "de", "fr", "es"}) == language
    assert detect([text], {"nl"}) == ""
