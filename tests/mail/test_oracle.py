"""Our reader against the standard library's, on every mail there is."""

from __future__ import annotations

import email
import email.header
import email.message
from pathlib import Path

import pytest

from desk.mail.mime import Part, Reader
from desk.mail.parse import DEFAULT_LIMITS, _readable
from tests.mail.conftest import MAIL, Corpus

Leaf = tuple[str, bytes]
_OPAQUE = ("message/rfc822", "message/delivery-status", "message/global")
"""What the standard library opens and we leave to whoever asks for it."""


def _normal(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").rstrip(b"\n")


def _theirs(message: email.message.Message) -> list[Leaf]:
    if message.get_content_type() in _OPAQUE or message.get_content_maintype() == "message":
        return [(message.get_content_type(), b"")]
    if message.is_multipart():
        return [leaf for part in message.get_payload() for leaf in _theirs(part)]  # type: ignore[union-attr]
    content = message.get_payload(decode=True)
    assert isinstance(content, bytes)
    return [(_kind(message.get_content_type()), _normal(content))]


def _ours(root: Part) -> list[Leaf]:
    return [
        (_kind(leaf.media_type), b"" if leaf.media_type.startswith("message/") else _normal(leaf.content()))
        for leaf in root.leaves()
    ]


def _kind(media_type: str) -> str:
    return "text/plain" if media_type.startswith("multipart/") else media_type


def _differences(path: Path) -> list[str]:
    data = _readable(path.read_bytes())
    theirs = email.message_from_bytes(data)
    ours = Reader(data, DEFAULT_LIMITS).read()
    found = [] if _theirs(theirs) == _ours(ours) else ["parts"]
    for name in ("subject", "from", "to", "message-id", "date"):
        given = theirs.get(name)
        if given is not None and str(given).isascii() and _unfolded(str(given)) != ours.headers.plain(name):
            found.append(name)
    return found


def _unfolded(value: str) -> str:
    return value.replace("\r", "").replace("\n", "").strip()


BETTER = {
    "00260.c75ce8b8d8bfc55723426979d260bf61.txt": "base64 with stray characters: theirs leaves it encoded",
    "00307.7ed50c6d80c6e37c8cc1b132f4a19e4d.txt": "the same",
    "00313.fab744bfd5a128fca39b69df9811c086.txt": "the same",
    "twopart.msg": "the same",
    "00204.4cf15f97b8ea08bfafab7d5091b8fbe7.txt": "a Content-Type without its semicolon is still one",
    "lhost-x1-02.eml": "the same",
    "double-bound.msg": "two boundaries with nothing between them hold no part",
    "multi-badnames.msg": "a quoted boundary on a folded line: theirs sees no parts",
    "multi-clen.msg": "the same",
    "multi-digest.msg": "the same",
    "multi-simple.msg": "the same",
    "ending-boundaries.msg": "a multipart without parts is shown whole",
    "missing-inner-start-boundary.msg": "the same",
    "multipartemptypart.msg": "the same",
    "multipartnopart.msg": "the same",
    "multipartnestedemptypartsnorfc822.msg": "the same",
    "obsolete.msg": "a space before the colon (RFC 5322 section 4.5) does not end the headers",
    "example13.eml": "the same",
}
"""Where the two differ, and why ours is the better reading for a person."""


@pytest.mark.parametrize("name", MAIL)
def test_parts_and_headers_are_what_the_standard_library_reads(corpus: Corpus, name: str) -> None:
    different = {path.name: found for path in corpus(name) if (found := _differences(path))}
    assert {name: found for name, found in different.items() if name not in BETTER} == {}
