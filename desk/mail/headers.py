"""A header block: from bytes to fields (RFC 5322 section 2.2).

Linear in its input, and never raises.
"""

from __future__ import annotations

import re

from desk.mail import charset
from desk.mail.words import decode_words

_BLOCK = re.compile(rb"(?:(?:[!-9;-~]+[ \t]*:|>?From |[ \t])[^\n]*(?:\n|\Z))*+")
"""Field lines, continuation lines, and the `From ` lines that mailbox files leave behind."""
_FOLD = re.compile(rb"\r?\n(?=[ \t])")


def envelope_length(raw: bytes) -> int:
    """Length of the `From ` line of a mailbox file at the start of `raw` (RFC 4155), 0 if there is none."""
    if not raw.startswith(b"From "):
        return 0
    return raw.find(b"\n") + 1 or len(raw)


class Headers:
    """The fields of one header block, unfolded and raw. Names are lower case; the first of several counts."""

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, list[bytes]]) -> None:
        self._fields = fields

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def __len__(self) -> int:
        return len(self._fields)

    def raw(self, name: str) -> bytes:
        """The first field of that name, b'' if there is none."""
        values = self._fields.get(name)
        return values[0] if values else b""

    def all(self, name: str) -> list[bytes]:
        return self._fields.get(name, [])

    def plain(self, name: str) -> str:
        """The first field of that name as text, its encoded words left alone."""
        return charset.decode(self.raw(name))

    def text(self, name: str) -> str:
        """The first field of that name as text, its encoded words decoded (RFC 2047)."""
        value = self.raw(name)
        return decode_words(charset.decode(value)) if value else ""


def end_of_block(data: bytes, start: int, end: int) -> int:
    """Where the header block that begins at `start` ends: at a blank line or a line that is no field."""
    match = _BLOCK.match(data, start, end)
    return match.end() if match else start


def longest_field(block: bytes) -> int:
    """The length of the longest field of a block, unfolded."""
    return max(map(len, _FOLD.sub(b"", block).split(b"\n")))


def parse(block: bytes) -> Headers:
    """The fields of a block that holds nothing else."""
    fields: dict[str, list[bytes]] = {}
    for line in _FOLD.sub(b"", block).split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon and not name.startswith((b"From ", b">From ", b" ", b"\t")):
            fields.setdefault(name.rstrip().lower().decode("ascii", "replace"), []).append(value.strip())
    return Headers(fields)
