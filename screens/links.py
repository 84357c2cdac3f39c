"""Links in mail: where they really lead, said so that nobody is fooled by how they are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from urllib.parse import SplitResult, quote, urlsplit

from msgspec import Struct

from screens.render import one_line, wrap
from screens.widgets.lines import BLANK, Line

OPENED = ("http", "https", "mailto")
"""Schemes that are opened at all."""
LONGEST = 8_000
"""Characters of a link that is opened."""
_TOGETHER = (
    {"LATIN"},
    {"CJK", "HIRAGANA", "KATAKANA", "LATIN"},
    {"CJK", "HANGUL", "LATIN"},
    {"CJK", "BOPOMOFO", "LATIN"},
)
"""Scripts that names are written in together (Unicode Technical Standard 39, section 5.2)."""
_KEPT = "!$%&'()*+,-./:;=?@_~#[]"
"""Characters besides letters and digits that stand in a URI as they are (RFC 3986, section 2)."""


class Target(Struct, frozen=True):
    """Where a link leads."""

    url: str
    """What is opened: ASCII, its host in the form that goes over the wire. Empty if it is not to be opened."""
    scheme: str
    host: str
    """As people write it."""
    ascii_host: str
    """As it is asked for (RFC 5891); other than `host` for a name with other letters than ASCII's."""
    warnings: tuple[str, ...] = ()
    refused: str = ""
    """Why it is not opened."""


def target(link: str) -> Target:
    """What a link means. Never raises: what cannot be understood is refused."""
    text = "".join(link.split())
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
    except ValueError:
        return Target("", "", "", "", refused="it is not written as a link has to be")
    scheme = parts.scheme.lower()
    if scheme not in OPENED:
        named = f"links that begin with {one_line(scheme)}: are" if scheme else "a link without http:// or https:// is"
        return Target("", scheme, host, host, refused=f"{named} not opened")
    if len(text) > LONGEST:
        return Target("", scheme, host, host, refused=f"it is longer than {LONGEST:,} characters")
    if one_line(link) != link or text != link:
        return Target("", scheme, host, host, refused="it has characters that cannot be seen")
    if scheme == "mailto":
        return Target(_ascii(text), scheme, "", "")
    shown, wire = _host(host)
    if not wire:
        return Target("", scheme, host, host, refused="the name of its server is not one that can exist")
    at = f"[{wire}]" if ":" in wire else wire
    where = parts._replace(scheme=scheme, netloc=at + (f":{port}" if port is not None else ""))
    return Target(_ascii(where.geturl()), scheme, shown, wire, tuple(_warnings(parts, shown, wire)))


def _host(host: str) -> tuple[str, str]:
    """A host name as people write it and as it is asked for; empty if there can be no such name."""
    import idna

    if ":" in host or host.replace(".", "").isdigit():
        return host, host
    try:
        wire = idna.encode(host, uts46=True).decode("ascii") if host else ""
        return one_line(idna.decode(wire)), wire
    except (idna.IDNAError, UnicodeError):
        plain = host.isascii() and all(char.isalnum() or char in "-._" for char in host)
        return (host, host) if plain and all(host.split(".")) else (host, "")


def _ascii(url: str) -> str:
    return quote(url, safe=_KEPT)


def _warnings(parts: SplitResult, shown: str, wire: str) -> Iterator[str]:
    if shown != wire:
        yield "the name of its server has letters that can look like others"
    for label in shown.split("."):
        if len(mixed := scripts(label)) > 1 and not any(mixed <= together for together in _TOGETHER):
            yield f"one name mixes scripts: {', '.join(sorted(name.capitalize() for name in mixed))}"
            break
    if parts.username is not None:
        yield "what stands before the @ is no server; it is left out"
    if parts.scheme.lower() == "http":
        yield "it is not encrypted"
    if wire.replace(".", "").isdigit() or ":" in wire:
        yield "its server has a number instead of a name"


def scripts(text: str) -> set[str]:
    """The scripts that the letters of a text are of, by the first word of their names in Unicode."""
    return {unicodedata.name(char, "UNKNOWN").split(" ", 1)[0] for char in text if char.isalpha()}


def link_lines(link: str, where: Target, width: int, written: str = "") -> list[Line]:
    """All there is to know before opening: the server first, then what warns, then the whole link.

    `written`: the other place that its text names.
    """
    room = width - 2
    lines = [BLANK]
    if where.scheme == "mailto":
        lines += _fact("writes to", one_line(link.partition(":")[2].partition("?")[0]), "strong", width)
    elif where.host:
        lines += _fact("server", one_line(where.host), "strong", width)
        if where.ascii_host != where.host:
            lines += _fact("in full", where.ascii_host, "warn", width)
    lines += _fact("by", where.scheme or "nothing", "text" if where.scheme in ("https", "mailto") else "warn", width)
    told = (f"its text says {one_line(written)}: that is somewhere else",) if written else ()
    for warning in (*told, *where.warnings):
        lines += [Line(((" ! ", "warn"), (part, "warn"))) for part in wrap(warning, room - 2)]
    lines.append(BLANK)
    lines += [Line(((" ", "text"), (part, "link"))) for part in wrap(one_line(where.url or link)[:LONGEST], room)]
    if where.refused:
        lines += [
            BLANK,
            *(Line(((" ", "text"), (part, "bad"))) for part in wrap(f"Not opened: {where.refused}.", room)),
        ]
    return [*lines, BLANK]


def _fact(name: str, value: str, ink: str, width: int) -> list[Line]:
    first, *more = wrap(value, width - 13) if value else [""]
    lines = [Line(((f" {name:<10} ", "dim"), (first, ink)))]
    return lines + [Line(((" " * 12, "text"), (part, ink))) for part in more]
