"""Links whose text names another place than the one they lead to: an old way of fooling people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from screens.render import one_line, shorten

_MARK = re.compile(r"(?<=\S) \[(\d{1,4})\]")
"""The number of a link, behind its text."""
_WORD_AT_MOST = 2_000
"""Characters of the last word of a link's text."""
_AROUND = "<>()[]{}\"'`.,;:!?…„“”‚‘’«»*_"
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+([^\W\d_]{2,24}|xn--[\w-]{2,59})", re.IGNORECASE)
# fmt: off
_FILES = frozenset([
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "txt", "csv", "png", "jpg", "jpeg", "gif", "svg",
    "webp", "zip", "gz", "htm", "html", "php", "asp", "aspx", "jsp", "js", "css", "json", "xml", "ics", "eml", "vcf",
    "mp3", "mp4", "mov", "exe",
])
# fmt: on
"""What names of files end with, and those of servers do not."""
_PLACE = 40
"""Columns of a place that is named in the text."""


def named(word: str) -> str:
    """The server, or the mail address, that a word is written as; empty if it is neither."""
    word = word.strip(_AROUND)
    if "://" in word[:12]:
        return _host(word)
    if "@" in word:
        local, _, host = word.rpartition("@")
        return f"{local}@{host}".casefold() if local and _HOST.fullmatch(host) else ""
    host, slash, _ = word.partition("/")
    match = _HOST.fullmatch(host.partition(":")[0])
    plain = match is not None and (slash or host.startswith("www.") or match[1].lower() not in _FILES)
    return _ascii(host.partition(":")[0]) if plain else ""


def leads_to(link: str) -> str:
    """The server, or the mail address, that a link leads to; empty if that cannot be told."""
    if link[:7].casefold() == "mailto:":
        return unquote(link[7:].partition("?")[0]).casefold()
    return _host(link)


def disguised(body: str, links: Sequence[str]) -> dict[int, tuple[str, str]]:
    """The numbers of the links whose text names another place: what it names, and where they lead."""
    found: dict[int, tuple[str, str]] = {}
    for match in _MARK.finditer(body):
        number = int(match[1])
        said = named(_before(match)) if 1 <= number <= len(links) else ""
        real = leads_to(links[number - 1]) if said else ""
        if real and not _alike(said, real):
            found.setdefault(number, (said, real))
    return found


def unmasked(text: str, found: dict[int, tuple[str, str]]) -> str:
    """A line of the text, in which the numbers of such links say where they lead."""

    def mark(match: re.Match[str]) -> str:
        there = found.get(int(match[1]))
        if there is None or named(_before(match)) != there[0]:
            return match[0]
        return f" [{match[1]} → {shorten(one_line(there[1]), _PLACE)}]"

    return _MARK.sub(mark, text)


def _before(match: re.Match[str]) -> str:
    """The word that a mark stands behind."""
    return match.string[max(match.start() - _WORD_AT_MOST, 0) : match.start()].rsplit(None, 1)[-1]


def _alike(said: str, real: str) -> bool:
    if "@" in said and "@" in real:
        return said == real
    one, other = (place.rpartition("@")[2].removeprefix("www.") for place in (said, real))
    if "@" in said:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _host(link: str) -> str:
    try:
        return _ascii((urlsplit("".join(link.split())).hostname or "").rstrip("."))
    except ValueError:
        return ""


def _ascii(host: str) -> str:
    """A host name as it is asked for (RFC 3490), or as it is written if there can be no such name."""
    if host.isascii():
        return host.casefold()
    try:
        return host.encode("idna").decode("ascii").casefold()
    except UnicodeError:
        return host.casefold()
