"""A small message in place of one that cannot be taken, so that it is seen and threaded nevertheless."""

from __future__ import annotations

import re

OVERSIZE = 50 * 1024 * 1024
"""Bytes above which a message stays where it is and a stand-in is handed over."""
HEADER_BYTES = 64 * 1024
"""How much of a message's beginning is looked at for its header."""
FIELDS = (
    *("FROM", "TO", "CC", "REPLY-TO", "SUBJECT", "DATE", "MESSAGE-ID", "IN-REPLY-TO", "REFERENCES"),
    *("AUTO-SUBMITTED", "PRECEDENCE", "LIST-ID"),
)
"""What a stand-in keeps of the header: who, what, and how it threads."""

_BLANK = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(rb"\r?\n")


def stand_in(header: bytes, mark: str, words: str) -> bytes:
    """The message: `header` (whole lines with CRLF), `mark` to know it by, `words` that say what is missing."""
    own = (
        f"X-Desk-Stand-In: {mark}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    )
    return header + own.encode() + b"\r\n" + words.encode() + b"\r\n"


def too_large(size: int) -> str:
    """Why a message of that many bytes is not taken."""
    return f"is {size / (1024 * 1024):.0f} MB large; Desk takes up to {OVERSIZE // (1024 * 1024)} MB"


def header_of(beginning: bytes) -> bytes:
    """Those `FIELDS` that stand in a message's first bytes, as whole lines with CRLF."""
    head, *rest = _BLANK.split(beginning[:HEADER_BYTES], maxsplit=1)
    lines = _LINE.split(head)
    if not rest:
        lines = lines[:-1]
    out, keep = [], False
    for line in lines:
        if line[:1] not in (b" ", b"\t"):
            keep = line.partition(b":")[0].strip().upper().decode("ascii", "replace") in FIELDS
        if keep:
            out.append(line + b"\r\n")
    return b"".join(out)
