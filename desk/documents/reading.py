"""A file's bytes as text and keys, and everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from msgspec import Struct

from desk.documents import frontmatter
from desk.documents.finding import Finding
from desk.documents.paths import SUFFIX, language_of
from desk.text import line

D = TypeVar("D")

BYTES_AT_MOST = 256_000
"""Of a document's file."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NEWLINE = re.compile("\r\n?|[\u2028\u2029]")


class Read(Struct, Generic[D], frozen=True):
    """What a file holds: a document, unless something in it cannot be understood."""

    document: D | None
    findings: tuple[Finding, ...] = ()


def revision(data: bytes) -> str:
    """What tells these bytes from others."""
    return blake2b(data, digest_size=12).hexdigest()


def text_of(data: bytes) -> str:
    """The text of a document's bytes: UTF-8, newlines LF, no control characters. Raises `frontmatter.Bad`."""
    if len(data) > BYTES_AT_MOST:
        raise frontmatter.Bad(1, f"a file has at most {BYTES_AT_MOST:,} bytes, not {len(data):,}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = data.count(b"\n", 0, error.start) + 1
        raise frontmatter.Bad(at, "this is not UTF-8; save the file in that encoding") from error
    return plain(text)


def plain(text: str) -> str:
    """Text as it may be sent: newlines are LF, and there is no control character but tab."""
    return _NEVER.sub("", _NEWLINE.sub("\n", text))


def is_language(tag: str) -> bool:
    """Whether this is the form of a tag of BCP 47."""
    return _LANGUAGE.fullmatch(tag) is not None


def bad_language(given: str) -> str:
    """What is said of one that is not."""
    return f'a language is a tag such as "de" or "pt-BR", not {given!r}'


class Reader:
    """The parts of one file, and what is said of them. Raises `frontmatter.Bad` if it cannot be taken apart."""

    def __init__(self, key: str, data: bytes) -> None:
        split = frontmatter.split(text_of(data))
        self.key = key
        self.matter = split.matter or ""
        self.body = split.body
        self.body_line = split.body_line
        self.keys: Mapping[str, Any] = frontmatter.read(self.matter)
        self.findings: list[Finding] = []
        self.broken = False

    def text(self, name: str) -> str:
        """The text of that key, empty if it is not there."""
        value = self.keys.get(name, "")
        if isinstance(value, str):
            return plain(value)
        self.say_of(name, f'{name} is a text in quotes: {name} = "…"', broken=True)
        return ""

    def texts(self, name: str) -> tuple[str, ...]:
        """The list of texts of that key."""
        value = self.keys.get(name, [])
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(plain(each) for each in value)
        self.say_of(name, f'{name} is a list of texts: {name} = ["…"]', broken=True)
        return ()

    def lines(self, name: str) -> tuple[str, ...]:
        """The list of texts of that key, each a line, without empty ones."""
        return tuple(tidy for each in self.texts(name) if (tidy := line(each)))

    def switch(self, name: str) -> bool:
        """`true` or `false`, false if it is not there."""
        value = self.keys.get(name, False)
        if isinstance(value, bool):
            return value
        self.say_of(name, f"{name} is true or false, without quotes", broken=True)
        return False

    def language(self) -> str:
        """What the key `language` says, else the file's name."""
        given = self.text("language").strip()
        if given and not is_language(given):
            self.say_of("language", bad_language(given), broken=True)
        return given or language_of(self.key)

    def look_at_other_keys(self, known: Sequence[str]) -> None:
        """Say which keys may be slips of those that mean something."""
        from difflib import get_close_matches

        for name in self.keys:
            if name not in known and (close := get_close_matches(name, known, n=1, cutoff=0.75)):
                self.say_of(name, f"{name} says nothing to Desk; did you mean {close[0]}?")

    def say(self, at: int, message: str, *, broken: bool = False) -> None:
        """Something is wrong in a line; `broken`: so that there is no document."""
        self.broken = self.broken or broken
        self.findings.append(finding(self.key, at, message))

    def say_of(self, name: str, message: str, *, broken: bool = False) -> None:
        """Something is wrong with a key."""
        self.say(frontmatter.line_of(self.matter, name), message, broken=broken)

    def done(self, document: D) -> Read[D]:
        """The document with its findings; if something was broken, those alone."""
        return Read(None if self.broken else document, tuple(self.findings))


def finding(key: str, at: int, message: str) -> Finding:
    """What is wrong with the document of that key."""
    return Finding(file=f"{key}{SUFFIX}", line=at, message=message)
