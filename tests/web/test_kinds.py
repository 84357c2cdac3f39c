"""What a file is taken for, whatever it is called."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sites import Refused
from connectors.webchat.files import judged
from connectors.webchat.kinds import KINDS, kind_of
from connectors.webchat.settings import SiteSettings
from tests.web.articles import SMALLEST_PNG

SITE = SiteSettings(key="shop", origins=["https://shop.example"], files=tuple(KINDS))


def zipped(**entries: bytes) -> bytes:
    """A ZIP file; `__` in a name stands for a slash."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, data in entries.items():
            file.writestr(name.replace("__", "/"), data)
    return packed.getvalue()


DOCX = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}
CONTENT = {
    "png": SMALLEST_PNG,
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "gif": b"GIF89a\x01\x00",
    "webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
    "pdf": b"%PDF-1.7\n",
    "text": "Größe: 54 cm\n".encode(),
    "docx": zipped(**DOCX),
    "odt": zipped(mimetype=b"application/vnd.oasis.opendocument.text"),
    "zip": zipped(a=b"b"),
}


@pytest.mark.parametrize("kind", CONTENT)
def test_a_file_is_what_it_holds(kind: str) -> None:
    assert kind_of(CONTENT[kind]) == kind
    file = judged(f"a.{KINDS[kind].endings[0].upper()}", CONTENT[kind], SITE)
    assert file.media_type == KINDS[kind].media_type
    assert judged("photo", CONTENT[kind], SITE).name == f"photo.{KINDS[kind].endings[0]}"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("photo.png", b"MZ\x90\x00\x03\x00\x00\x00"),
        ("photo.png", b"\x7fELF\x02\x01\x01"),
        ("photo.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("notes.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("notes.txt", b"hello <IMG src=x onerror=alert(1)>"),
        ("notes.txt", b"\x1b]52;c;ZWNobw==\x07"),
        ("notes.txt", b"\xff\xfeh\x00i\x00"),
        ("letter.docx", zipped(**DOCX, **{"word/vbaProject.bin": b"x"})),
        ("bomb.zip", b"PK\x03\x04 and nothing else"),
        ("empty.txt", b""),
    ],
    ids=["exe", "elf", "svg", "html", "markup", "escape", "utf-16", "macros", "broken", "empty"],
)
def test_what_is_none_of_them_is_refused_in_words(name: str, data: bytes) -> None:
    with pytest.raises(Refused, match=name):
        judged(name, data, SITE)


@pytest.mark.parametrize("name", ["photo.html", "photo.svg", "photo.png.exe", "photo\u202egnp.exe", "photo.pdf"])
def test_a_picture_by_another_name_is_no_picture(name: str) -> None:
    with pytest.raises(Refused) as refused:
        judged(name, SMALLEST_PNG, SITE)
    assert refused.value.code == "file-disguised"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\a\\b.png", "b.png"),
        ("..", "file.png"),
        ("a\nb\x1b.png", "a b␛.png"),
    ],
)
def test_a_name_is_no_path(name: str, kept: str) -> None:
    assert judged(name, SMALLEST_PNG, SITE).name == kept


@given(st.binary(max_size=300), st.text(max_size=40))
def test_any_bytes_by_any_name_are_judged(data: bytes, name: str) -> None:
    kind = kind_of(data)
    assert kind == "" or kind in KINDS
    with suppress(Refused):
        file = judged(name, data, SITE)
        assert "/" not in file.name
        assert file.name.rpartition(".")[2].casefold() in KINDS[kind].endings
