"""Words of header fields: encoded words (RFC 2047) and parameters (RFC 2045, RFC 2231), also the broken ones."""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, a2b_qp
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from desk.mail import charset

_OPENING = re.compile(r"=\?([^?\s]{1,64})\?([bBqQ])\?")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_PADDING = re.compile(rb"=+")
_ONLY_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]*")


def decode_words(text: str) -> str:
    """`text` with its encoded words decoded; what is not well formed stays as it is.

    White space between two encoded words is dropped. Neighbours of one charset are joined before decoding, since
    many senders split a character between them.
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    pending: list[bytes] = []
    pending_charset = ""
    position = 0
    while True:
        found = _next_word(text, position)
        gap = text[position : found[0]] if found else text[position:]
        joined = bool(pending) and found is not None and not gap.strip()
        if pending and not (joined and found and found[2] == pending_charset):
            out.append(charset.decode(b"".join(pending), pending_charset))
            pending = []
        if not joined:
            out.append(gap)
        if found is None:
            return "".join(out)
        _, position, pending_charset, content = found
        pending.append(content)


def _next_word(text: str, position: int) -> tuple[int, int, str, bytes] | None:
    """Start, end, charset and bytes of the next encoded word."""
    match = _OPENING.search(text, position)
    if match is None:
        return None
    end = text.find("?=", match.end())
    if end < 0:
        return None
    content = text[match.end() : end].encode("utf-8", "replace")
    decoded = _from_q(content) if match[2] in "qQ" else from_base64(content)
    return match.start(), end + 2, match[1].partition("*")[0].lower(), decoded


def _from_q(content: bytes) -> bytes:
    return a2b_qp(content.replace(b" ", b"_"), header=True)


def from_base64(content: bytes) -> bytes:
    """Base64 with foreign characters, missing padding and pieces that were strung together put up with.

    What follows the padding counts only if it is base64 too; mailing lists append their footers there.
    """
    first, _, rest = content.partition(b"=")
    follows = rest.strip(b"=\r\n\t ")
    if not follows:
        try:
            return a2b_base64(content)
        except Base64Error:
            return _digits(first)
    if not _ONLY_BASE64.fullmatch(follows):
        return _digits(first)
    return b"".join(map(_digits, [first, *_PADDING.split(follows)]))


def _digits(piece: bytes) -> bytes:
    digits = piece.translate(None, _NOT_BASE64)
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return a2b_base64(digits + b"=" * (-len(digits) % 4))


_TOKEN = re.compile(r"[^\s;=]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)
_BARE = re.compile(r"[^;]*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SPACE = re.compile(r"[\s;]*")
_PARAMETERS_AT_MOST = 100
_VALUE_AT_MOST = 8192
_COMMON_AT_MOST = 100


def parameters(field: str) -> tuple[str, Mapping[str, str]]:
    """A field such as Content-Type: its value in lower case, and its parameters by lower case name.

    Continuations and percent-encoding (RFC 2231) are put together, encoded words in values decoded.
    """
    return _common(field) if len(field) <= _COMMON_AT_MOST else _read(field[:_VALUE_AT_MOST])


def _read(field: str) -> tuple[str, Mapping[str, str]]:
    value, _, rest = field.partition(";")
    if " " in value.strip() or "\t" in value.strip():
        value, more = value.split(None, 1)
        rest = f"{more};{rest}"
    given = _pairs(rest) if rest else {}
    if any("*" in name for name in given):
        given = _joined(given)
    return value.strip().lower(), {name: decode_words(content) for name, content in given.items()}


_common = lru_cache(maxsize=512)(_read)
"""Most mails have one of a few: `text/plain; charset=us-ascii`."""


def _pairs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    while position < len(text) and len(found) < _PARAMETERS_AT_MOST:
        position = _end(_SPACE, text, position)
        token = _TOKEN.match(text, position)
        if token is None:
            position += 1
            continue
        position = _end(_SPACE_ONLY, text, token.end())
        if not text.startswith("=", position):
            continue
        position = _end(_SPACE_ONLY, text, position + 1)
        quoted = _QUOTED.match(text, position)
        if quoted:
            content, position = _ESCAPE.sub(r"\1", quoted[1]), quoted.end()
        else:
            bare = _BARE.match(text, position)
            content = bare.group().strip() if bare else ""
            position = _end(_BARE, text, position)
        found.setdefault(token.group().lower(), content)
    return found


_SPACE_ONLY = re.compile(r"\s*")


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _joined(given: dict[str, str]) -> dict[str, str]:
    """Parameters with the RFC 2231 forms `name*`, `name*0` and `name*0*` resolved."""
    plain = {name: content for name, content in given.items() if "*" not in name}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, content in given.items():
        base, star, rest = name.partition("*")
        if star:
            number = rest.rstrip("*")
            order = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
            pieces.setdefault(base, []).append((order, name.endswith("*"), content))
    for base, parts in pieces.items():
        parts.sort(key=lambda part: part[0])
        plain[base] = _extended(parts)
    return plain


def _extended(parts: list[tuple[int, bool, str]]) -> str:
    declared = ""
    first_encoded = parts[0][1]
    content = []
    for index, (_, encoded, text) in enumerate(parts):
        if index == 0 and first_encoded and text.count("'") >= 2:
            declared, _, text = text.split("'", 2)
        data = text.encode("utf-8", "surrogateescape")
        content.append(unquote_to_bytes(data) if encoded else data)
    return charset.decode(b"".join(content), declared)
