"""Mailboxes, message ids and dates of header fields (RFC 5322 sections 3.3, 3.4, 3.6.4).

Linear in their input where the standard library is quadratic, and never raising.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

from desk.clock import Millis
from desk.mail.words import decode_words
from desk.model import Address
from desk.text import line

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"?|<([^<>]*)>?|([,;:()])|((?:[^"<>,;:()\\]|\\.)+)|(.)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SIMPLE = re.compile(r'\s*(?:"([^"\\]*)"|([^"<>,;:()\\@]*?))\s*<([^\s<>,;:()"@]+@[^\s<>,;:()"@]+)>\s*')
_BARE = re.compile(r'\s*([^\s<>,;:()"@]+@[^\s<>,;:()"@]+)\s*')
_ADDRESSES_AT_MOST = 2000
_EMAIL_AT_MOST = 320
_NAME_AT_MOST = 500
_COMMON_AT_MOST = 200


def addresses(field: str) -> tuple[Address, ...]:
    """All mailboxes of an address list. Groups are opened, comments become names where there is none."""
    return _common(field) if len(field) <= _COMMON_AT_MOST else _of_list(field)


def _of_list(field: str) -> tuple[Address, ...]:
    simple = _SIMPLE.fullmatch(field)
    if simple:
        return _one(simple[1] or simple[2] or "", simple[3])
    bare = _BARE.fullmatch(field)
    if bare:
        return _one("", bare[1])
    found = _read(field)
    if not found and "=?" in field:
        found = _read(decode_words(field))
    return tuple(found)


_common = lru_cache(maxsize=4096)(_of_list)
"""The same few people write and are written to again and again."""


def _one(name: str, email: str) -> tuple[Address, ...]:
    made = _address(name, email)
    return (made,) if made else ()


def _address(name: str, email: str) -> Address | None:
    email = line(decode_words(email.strip()))
    email = email.removeprefix("mailto:").replace(" ", "") if len(email) <= _EMAIL_AT_MOST else ""
    if not email:
        return None
    shown = line(decode_words(name.strip()))[:_NAME_AT_MOST].strip("'\" ")
    return Address(email=email, name="" if shown == email else shown)


class _Mailbox:
    """One mailbox of a list while its tokens come in."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comments: list[str] = []
        self.angle: str | None = None

    def made(self) -> Address | None:
        words = "".join(self.words).strip()
        comment = " ".join(self.comments)
        if self.angle is not None and self.angle.strip():
            return _address(words or comment, self.angle)
        if "@" not in words:
            return None
        email = next(word for word in words.split() if "@" in word)
        return _address(words.replace(email, " ", 1).strip() or comment, email)


def _read(field: str) -> list[Address]:
    found: list[Address] = []
    mailbox = _Mailbox()
    comment: list[str] = []
    depth = 0
    for token in _TOKEN.finditer(field):
        quoted, angle, special, text, odd = token.groups()
        if special == "(":
            if depth:
                comment.append("(")
            depth += 1
        elif special == ")" and depth:
            depth -= 1
            if depth:
                comment.append(")")
            else:
                mailbox.comments.append("".join(comment).strip())
                comment = []
        elif depth:
            comment.append(token.group())
        elif special in (",", ";"):
            _add(found, mailbox)
            if len(found) >= _ADDRESSES_AT_MOST:
                return found
            mailbox = _Mailbox()
        elif special == ":" and mailbox.angle is None:
            mailbox.words = []
        elif quoted is not None:
            mailbox.words.append(_ESCAPE.sub(r"\1", quoted))
        elif angle is not None:
            mailbox.angle = angle
        else:
            mailbox.words.append(text or odd or "")
    _add(found, mailbox)
    return found


def _add(found: list[Address], mailbox: _Mailbox) -> None:
    made = mailbox.made()
    if made:
        found.append(made)


_MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")
_IDS_AT_MOST = 200


def message_ids(field: str) -> tuple[str, ...]:
    """The message ids of a field without their angle brackets, in order, each once; at most 200, the newest."""
    if not field:
        return ()
    found = dict.fromkeys(line(id) for id in _MESSAGE_ID.findall(field))
    return tuple(found)[-_IDS_AT_MOST:]


def message_id(field: str) -> str:
    """The one message id of a field, also where the brackets are missing or hold spaces."""
    found = _MESSAGE_ID.search(field)
    if found:
        return line(found[1])
    bare = line(field).strip("<> ").replace(" ", "")
    return bare[:998]


_DATE = re.compile(
    r"\s*(?:[A-Za-z]{2,9}\.?,?\s*)?(\d{1,2})[\s-]([A-Za-z]{3})[a-z]{0,6}\.?,?[\s-](\d{4}|\d\d)\s+(\d{1,2}):(\d\d)(?::(\d\d))?"
    r"\s*(?:([+-])(\d\d):?(\d\d)|UT|UTC|GMT|Z)?\b"
)
_MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_DATE_AT_MOST = 200
_YEARS = range(1980, 2100)
_EPOCH = datetime(1970, 1, 1)
_SECOND = timedelta(seconds=1)


def date(field: str) -> Millis | None:
    """The instant of a Date field; None if it names none between 1980 and 2100."""
    match = _DATE.match(field)
    zoned = match and (match[7] or not field[match.end() :].strip() or field[match.end() :].lstrip().startswith("("))
    month = _MONTHS.get(match[2].lower(), 0) if match and zoned else 0
    if match and month:
        offset = (int(match[8]) * 60 + int(match[9])) * 60 if match[7] else 0
        if match[7] == "-":
            offset = -offset
        parts = (_year(int(match[3])), month, int(match[1]), int(match[4]), int(match[5]), int(match[6] or 0))
        return _instant(parts, offset)
    return _loosely(field[:_DATE_AT_MOST]) if field else None


def _loosely(field: str) -> Millis | None:
    """By the standard library, whose import is worth 13 ms to a parser process that starts."""
    from email.utils import parsedate_tz

    try:
        parts = parsedate_tz(field)
    except Exception:
        return None
    return _instant(parts[:6], parts[9] or 0) if parts else None


def _year(year: int) -> int:
    """RFC 5322 section 4.3."""
    if year >= 100:
        return year
    return year + (2000 if year < 50 else 1900)


def _instant(parts: tuple[int, ...], offset: int) -> Millis | None:
    year, month, day, hour, minute, second = parts[:6]
    try:
        at = datetime(year, month, day, hour, minute, min(second, 59))
    except (ValueError, OverflowError):
        return None
    if year not in _YEARS or abs(offset) > 24 * 3600:
        return None
    return ((at - _EPOCH) // _SECOND - offset) * 1000


_ENVELOPE_DATE = re.compile(
    rb"\b([A-Z][a-z]{2}) +(\d{1,2}) +(\d{1,2}):(\d\d)(?::(\d\d))?(?: +[A-Z+-][A-Z0-9]{1,5})* +(\d{4})\b"
)


def envelope_date(from_line: bytes) -> Millis | None:
    """The instant of a mailbox file's `From ` line (RFC 4155: asctime, taken as UTC); None if it has none."""
    match = _ENVELOPE_DATE.search(from_line[:1000])
    month = _MONTHS.get(match[1].decode().lower()) if match else None
    if not match or not month:
        return None
    return _instant((int(match[6]), month, int(match[2]), int(match[3]), int(match[4]), int(match[5] or 0)), 0)
