"""A header block: from bytes to fields (RFC 5322 section 2.2).

Linear in its input, and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from desk.mail import charset
from desk.mail.words import decode_words

_BLOCK = re.compile(rb"(?:(?:[!-9;-~]+[ \t]*:|>?From |[ \t])[^\n]*(?:\n|\Z))*+")
"""Field lines, continuation lines, and the `From ` lines that mailbox files leave behind."""


def envelope_length(raw: bytes) -> int:
    """Length of the `From ` line of a mailbox file at the start of `raw` (RFC 4155), 0 if there is none."""
    if not raw.startswith(b"From "):
        return 0
    return raw.find(b"\n") + 1 or len(raw)


class Headers:
    """The fields of one header block, unfolded and raw. Names are lower case; the first of several counts."""

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self._fields = fields
        """Values as Latin-1, so that each character stands for one byte."""

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def __len__(self) -> int:
        return len(self._fields)

    def any_of(self, names: frozenset[str]) -> bool:
        """Whether there is a field of one of those names."""
        return not names.isdisjoint(self._fields)

    def plain(self, name: str) -> str:
        """The first field of that name with its encoded words left alone, '' if there is none."""
        values = self._fields.get(name)
        return _text(values[0]) if values else ""

    def all(self, name: str) -> list[str]:
        """All fields of that name, as `plain` gives them."""
        return [_text(value) for value in self._fields.get(name, ())]

    def text(self, name: str) -> str:
        """The first field of that name with its encoded words decoded (RFC 2047)."""
        return decode_words(self.plain(name))


def _text(value: str) -> str:
    value = value.strip()
    return value if value.isascii() and "\x1b" not in value else charset.decode(value.encode("latin-1"))


def end_of_block(data: bytes, start: int, end: int) -> int:
    """Where the header block that begins at `start` ends: at a blank line or a line that is no field."""
    match = _BLOCK.match(data, start, end)
    return match.end() if match else start


def fields(raw: bytes) -> Iterator[tuple[str, str, str]]:
    """Every field of a message in its order: name, decoded value, and the value as it is written, folds and all."""
    start = envelope_length(raw)
    block = raw[start : end_of_block(raw, start, len(raw))].replace(b"\r\n", b"\n")
    lines = iter(block.split(b"\n"))
    name, value = b"", b""
    for line in (*lines, b"end:"):
        if line[:1] in (b" ", b"\t") and name:
            value += b"\n" + line
            continue
        if name:
            written = charset.decode(value).strip(" \t")
            unfolded = " ".join(written.split())
            yield charset.decode(name.rstrip()), decode_words(unfolded), written
        name, _, value = line.partition(b":")


def longest_field(block: bytes) -> int:
    """The length of the longest field of a block, unfolded."""
    return max(map(len, block.replace(b"\n ", b"  ").replace(b"\n\t", b"  ").split(b"\n")))


def parse(block: bytes) -> Headers:
    """The fields of a block that holds nothing else."""
    text = block.decode("latin-1")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    fields: dict[str, list[str]] = {}
    for line in text.replace("\n ", " ").replace("\n\t", "\t").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            name = name.rstrip().lower()
            if name in fields:
                fields[name].append(value)
            else:
                fields[name] = [value]
    return Headers(fields)
