"""Header fields as bytes, written by hand so that nothing from outside can become a field of its own.

The standard library's generator let CR and LF through in some versions (CVE-2024-6923); here every value is
checked first, and what is not plain ASCII becomes encoded words (RFC 2047) or extended parameters (RFC 2231).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from connectors.base import Permanent
from desk.clock import Millis
from desk.model import Address, Unsubscribe

LONGEST_LINE = 998
"""RFC 5322 section 2.1.1, without CRLF."""
_FOLD_AT = 76
_WORD_BYTES = 39
"""UTF-8 bytes in one encoded word: with its frame and the field's name in front, the line stays below 76."""

_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LOCAL = re.compile(r"""[^\s<>()\[\]\\,;:@"]{1,64}|"(?:[!#-\[\]-~ ]|\\[!-~ ]){1,60}\"""")
_DOMAIN = re.compile(r"(?=.{1,255}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*")
_LITERAL = re.compile(r"\[[0-9A-Za-z:.]{2,60}\]")
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,900}")
_REFERENCES_AT_MOST = 40
_URI = "%:/?#[]@!$&'()*+;=~"
"""Characters of addresses (RFC 3986), but for the comma, which parts them here."""


def checked(value: str, what: str) -> str:
    """The value with spaces made single. Raises Permanent if it holds a line break or another control character."""
    if found := _CONTROL.search(value):
        raise Permanent(f"{what} holds a line break or control character (U+{ord(found[0]):04X}); remove it")
    return re.sub(" +", " ", value).strip(" ")


def field(name: str, value: str) -> bytes:
    """One field from a value that is folded already and holds no line break but folds."""
    return f"{name}: {value}\r\n".encode()


def text_field(name: str, value: str) -> bytes:
    """An unstructured field, such as Subject."""
    value = checked(value, f"the {name.lower()}")
    if _plain(value):
        return field(name, _folded(value.split(" "), len(name) + 2))
    return field(name, _encoded(value))


def _plain(value: str) -> bool:
    return value.isascii() and "=?" not in value and all(len(word) < 70 for word in value.split(" "))


def _folded(words: Sequence[str], column: int) -> str:
    out = ""
    for position, word in enumerate(words):
        if position == 0:
            out, column = word, column + len(word)
        elif column + 1 + len(word) > _FOLD_AT:
            out, column = f"{out}\r\n {word}", 1 + len(word)
        else:
            out, column = f"{out} {word}", column + 1 + len(word)
    return out


def _encoded(value: str) -> str:
    """Encoded words of whole characters, one a line (RFC 2047 section 5)."""
    words, start, size = [], 0, 0
    for position, char in enumerate(value):
        width = len(char.encode())
        if size + width > _WORD_BYTES:
            words.append(value[start:position])
            start, size = position, 0
        size += width
    words.append(value[start:])
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word.encode()).decode()}?=" for word in words)


def address(email: str, what: str = "the address") -> str:
    """An addr-spec fit for header and envelope, its domain in ASCII (RFC 5890). Raises Permanent."""
    email = checked(email, what)
    local, at, domain = email.rpartition("@")
    if not domain.isascii():
        import idna

        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            domain = ""
    if not at or not _LOCAL.fullmatch(local) or not (_DOMAIN.fullmatch(domain) or _LITERAL.fullmatch(domain)):
        raise Permanent(f"{what} {email[:100]!r} is none that mail can be sent to; correct it")
    if len(local.encode()) > 64:
        raise Permanent(f"{what} {email[:100]!r} is longer than mail allows")
    return f"{local}@{domain}"


def mailbox(given: Address, what: str = "the address") -> str:
    """A display name and an address in angle brackets, folded between them where long."""
    spec = address(given.email, what)
    name = checked(given.name, f"the name of {spec}")
    if not name:
        return spec
    phrase = _phrase(name)
    gap = " " if len(phrase) + len(spec) < 60 else "\r\n "
    return f"{phrase}{gap}<{spec}>"


def _phrase(name: str) -> str:
    if not _plain(name) or len(name) > 60:
        return _encoded(name)
    if _ATOMS.fullmatch(name):
        return name
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def mailboxes(name: str, given: Sequence[Address]) -> bytes:
    """An address field, one mailbox a line; nothing for no addresses."""
    if not given:
        return b""
    return field(name, ",\r\n ".join(mailbox(each, f"the {name} address") for each in given))


def message_id(rfc_message_id: str) -> str:
    """In angle brackets. Raises Permanent for what cannot be one."""
    if not _MESSAGE_ID.fullmatch(rfc_message_id):
        raise Permanent(f"{rfc_message_id[:100]!r} cannot be a Message-ID")
    return f"<{rfc_message_id}>"


def thread_fields(in_reply_to: str, references: Sequence[str]) -> bytes:
    """In-Reply-To and References (RFC 5322 section 3.6.4).

    Ids come from other people's mail: those that could not stand in a header are left out, and of very many the
    first and the latest are kept.
    """
    parent = in_reply_to if _MESSAGE_ID.fullmatch(in_reply_to) else ""
    ids = list(dict.fromkeys(each for each in (*references, parent) if _MESSAGE_ID.fullmatch(each) and each != parent))
    ids += [parent] if parent else []
    if len(ids) > _REFERENCES_AT_MOST:
        ids = [ids[0], *ids[-(_REFERENCES_AT_MOST - 1) :]]
    fields = field("In-Reply-To", f"<{parent}>") if parent else b""
    return fields + (field("References", "\r\n ".join(f"<{each}>" for each in ids)) if ids else b"")


def unsubscribe_fields(given: Unsubscribe) -> bytes:
    """List-Unsubscribe (RFC 2369), and what says that one POST there is enough (RFC 8058), which asks for https."""
    places = [checked(each, "the address to refuse mail at") for each in (given.url, given.mailto) if each]
    if not places:
        return b""
    fields = field("List-Unsubscribe", ",\r\n ".join(f"<{quote(each, safe=_URI)}>" for each in places))
    one_click = field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    return fields + (one_click if given.url.startswith("https://") else b"")


def date_field(at: Millis) -> bytes:
    return field("Date", format_datetime(datetime.fromtimestamp(at // 1000, UTC)))


def disposition(filename: str) -> str:
    """The value of Content-Disposition for an attached file, its name by RFC 2231 where it must be."""
    name = checked(filename.replace("/", "_").replace("\\", "_"), "an attachment's name") or "attachment"
    if name.isascii() and len(name) <= 60:
        quoted = name.replace('"', "'")
        return f'attachment; filename="{quoted}"'
    coded = quote(name, safe="")
    if len(coded) <= 55:
        return f"attachment;\r\n filename*=utf-8''{coded}"
    sections: list[str] = []
    while coded:
        cut = _whole_escapes(coded, 50)
        charset = "" if sections else "utf-8''"
        sections.append(f" filename*{len(sections)}*={charset}{coded[:cut]}")
        coded = coded[cut:]
    return "attachment;\r\n" + ";\r\n".join(sections)


def _whole_escapes(coded: str, limit: int) -> int:
    """Where to cut so that no `%XX` is torn apart."""
    if len(coded) <= limit:
        return len(coded)
    last = coded.rfind("%", limit - 2, limit)
    return last if last != -1 else limit
