"""The one gate through which text from outside becomes text that may be shown.

A terminal obeys what it is sent. So control characters (category Cc), surrogates (Cs) and format characters
(Cf: bidi overrides, zero-width characters, tags) never pass: each becomes a glyph a person can see, because a
character that silently vanished could turn `pay<U+200B>pal` into something it is not.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CONTROL_PICTURE = 0x2400
_IGNORABLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff\u180e")
IGNORABLE_GLYPH = "\u00b7"
FORBIDDEN_GLYPH = "\ufffd"

_MARKS_AT_MOST = 6


def _glyph(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(_CONTROL_PICTURE + code)
    if code == 0x7F:
        return "\u2421"
    return IGNORABLE_GLYPH if char in _IGNORABLE else FORBIDDEN_GLYPH


_FORBIDDEN_RANGES = (
    "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180e\\u200b-\\u200f\\u2028-\\u202e"
    "\\u2060-\\u206f\\ud800-\\udfff\\ufeff\\ufff0-\\ufffb\\U000110bd\\U000110cd\\U00013430-\\U0001345f\\U0001bca0-\\U0001bca3"
    "\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff"
)
"""Written out because computing it from `unicodedata` costs 150 ms at start; a test holds the two together."""

_FIND = re.compile(f"[{_FORBIDDEN_RANGES}]")
_EMOJI_JOINER = re.compile(
    "(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f000-\U0001faff])"
)
_MARKS = re.compile(
    f"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{{{_MARKS_AT_MOST}}})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_SHOWN_ASCII = b"\t\n" + bytes(range(0x20, 0x7F))
_COMMON = re.compile(
    "[\t\n -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u05ff\u2010-\u2027\u202f-\u205f\u20a0-\u20cf\u2100-\ud7ff]*"
)
"""Characters of which nothing need be changed; most texts are made of these alone."""
_IGNORABLE_RUN = re.compile(f"{IGNORABLE_GLYPH}(?:[ \u00a0\u034f]?{IGNORABLE_GLYPH})+")


def _replace(match: re.Match[str]) -> str:
    char = match.group()
    return "\n" if char in "\u2028\u2029" else _glyph(char)


def clean(text: str) -> str:
    """Text that may be shown: newlines are LF, tabs stay, whatever else could steer a terminal is a glyph.

    Idempotent. Runs of invisible characters become one `·`, and no more than six combining marks stack up.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return _FIND.sub(_replace, text) if text.encode().translate(None, _SHOWN_ASCII) else text
    if _COMMON.fullmatch(text):
        return text
    if _FIND.search(text):
        text = _FIND.sub(_replace, _EMOJI_JOINER.sub("", text))
        text = _IGNORABLE_RUN.sub(IGNORABLE_GLYPH, text)
    return _MARKS.sub(r"\1", text)


_SPACES = re.compile(r"\s+")


def line(text: str) -> str:
    """`clean`, on one line: any white space becomes a single space."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return _SPACES.sub(" ", clean(text)).strip()


@lru_cache(maxsize=8192)
def fold_address(address: str) -> str:
    """The form in which addresses are compared: no surrounding space, no case.

    RFC 5321 lets the local part be case-sensitive; no mail system in use relies on it.
    """
    return address.strip().casefold()


def fold(text: str) -> str:
    """The form in which words are compared: no case, no diacritics."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join([char for char in decomposed if not unicodedata.combining(char)])


_REPLY_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|antw|sv|vs|tr|fwd?|wg|rv|res|enc|odp|ynt|bls|r|i|\u56de\u590d|\u7b54\u590d|\u8f6c\u53d1|\u8fd4\u4fe1|\u8ee2\u9001)"
    r"\s*(?:\[\d+\]|\(\d+\))?\s*[:\uff1a]|\[[^\]]{1,40}\](?=\s*\S))\s*",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def fold_subject(subject: str) -> str:
    """The form in which subjects are compared: no reply prefixes of any common language, no list tags, no case."""
    folded = line(subject)
    for _ in range(20):
        shorter = _REPLY_PREFIX.sub("", folded, count=1)
        if shorter == folded:
            break
        folded = shorter
    return folded.casefold()
