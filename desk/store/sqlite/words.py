"""Text as the search index sees it, and what people type as a query of FTS5.

Scripts that do not put spaces between words (Han, Kana, Thai, Lao, Khmer, Myanmar) are indexed a character a word,
and searched for as phrases of characters: so a query of any length matches anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from msgspec import Struct

_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003ffff])"
)
_POINTS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]"
)
"""Left-over accents, Hebrew points, Arabic vowel signs and the tatweel: written or not at the writer's pleasure."""
_ACCENTED = re.compile("[\u0386-\u03ce\u0400-\u045f\u1f00-\u1fff]")
"""Greek and Cyrillic: FTS5 takes diacritics off Latin letters only."""
_LETTERS_OF_THEIR_OWN = "йЙ"

_TERM = re.compile(r'(-?)"([^"]*)(?:"(\*?)|$)|(\S+)')
_TERMS_AT_MOST = 64
_CHARACTERS_AT_MOST = 4_000
_CHECKABLE = re.compile(
    "[^\\W_\u0900-\u109f\u1780-\u17ff\u2e80-\u31ff\u3400-\u9fff\uf900-\ufaff\U00010000-\U0010ffff]+"
)


def indexable(text: str) -> str:
    """`text` in the form in which it is indexed and searched for. Costs next to nothing where a line is ASCII."""
    if text.isascii():
        return text
    return "\n".join([line if line.isascii() else _folded(line) for line in text.split("\n")])


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    if _ACCENTED.search(text):
        text = text.translate(_unaccented())
    return _UNSPACED.sub(r" \1 ", _POINTS.sub("", text))


@cache
def _unaccented() -> dict[int, str]:
    codes = (*range(0x386, 0x3CF), *range(0x400, 0x460), *range(0x1F00, 0x2000))
    return {
        code: "".join(char for char in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(char))
        for code in codes
        if chr(code) not in _LETTERS_OF_THEIR_OWN
    }


def bare(text: str) -> str:
    """`text` as the index has it after FTS5 has taken case and Latin diacritics off."""
    if text.isascii():
        return text.lower()
    return "\n".join([line.lower() if line.isascii() else _bared(line) for line in text.split("\n")])


def _bared(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", _folded(text))
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub("", decomposed))


def begins_a_word(prefix: str, text: str) -> bool:
    """Whether a word of the `bare` text begins so."""
    at = text.find(prefix)
    while at > 0 and text[at - 1].isalnum():
        at = text.find(prefix, at + 1)
    return at >= 0


_LATIN_MARKS = re.compile("(?<=[a-z])[\u0300-\u036f]+")


class Query(Struct, frozen=True):
    """A query understood."""

    match: str
    """For FTS5's MATCH; empty if nothing can match."""
    without_prefixes: str = ""
    """The same without the words of `prefixes`; empty if nothing else is wanted."""
    prefixes: tuple[str, ...] = ()
    """Of each `pre*` that can be looked for in `bare` text as well: the `pre`."""
    wanted: tuple[str, ...] = ()
    """The words and phrases looked for, as typed."""


def parse(text: str) -> Query:
    """Words, `"phrases"`, `pre*` and `-word`, and nothing else: never an error, whatever the text.

    A word without a letter or digit says nothing and is left out. With nothing but `-words` there is no match.
    Of a query of more than 4,000 characters or 64 terms only the beginning counts.
    """
    text = text[:_CHARACTERS_AT_MOST].encode("utf-8", "replace").decode().replace("\x00", " ")
    wanted: list[str] = []
    matches: list[str] = []
    exclusions: list[str] = []
    prefixes: list[str] = []
    firm: list[str] = []
    for term in list(_TERM.finditer(text))[:_TERMS_AT_MOST]:
        without, words, star = _parts(term)
        phrase = indexable(words).replace('"', " ")
        if not any(char.isalnum() for char in phrase):
            continue
        match = f'"{phrase}"{star}'
        if without:
            exclusions.append(match)
            continue
        wanted.append(words)
        matches.append(match)
        if star and _CHECKABLE.fullmatch(prefix := bare(words)):
            prefixes.append(prefix)
        else:
            firm.append(match)
    if prefixes and exclusions and not firm:
        prefixes, firm = [], matches
    return Query(_join(matches, exclusions), _join(firm, exclusions), tuple(prefixes), tuple(wanted))


def _join(matches: list[str], exclusions: list[str]) -> str:
    if not matches:
        return ""
    match = " AND ".join(matches)
    return f"({match}) NOT ({' OR '.join(exclusions)})" if exclusions else match


def _parts(term: re.Match[str]) -> tuple[bool, str, str]:
    """Whether the term is to be absent, its words, and `*` if the last is a prefix."""
    minus, phrase, star, word = term.groups()
    if word is None:
        return bool(minus), phrase, star or ""
    without = len(word) > 1 and word.startswith("-")
    return without, (word[1:] if without else word).rstrip("*"), "*" if word.endswith("*") else ""


_EXCERPT_BEFORE, _EXCERPT_LENGTH = 40, 160


def excerpt(body: str, pattern: re.Pattern[str] | None) -> str:
    """A line of `body` from around the first place that `pattern` matches, otherwise from its beginning."""
    found = pattern.search(body) if pattern else None
    start = max(found.start() - _EXCERPT_BEFORE, 0) if found else 0
    if start:
        start = body.find(" ", start, start + _EXCERPT_BEFORE) + 1 or start
    line = " ".join(body[start : start + 2 * _EXCERPT_LENGTH].split())
    return f"{'…' if start else ''}{line[:_EXCERPT_LENGTH]}"


def excerpt_pattern(wanted: tuple[str, ...]) -> re.Pattern[str] | None:
    """Finds the wanted words in a text as it was written, whatever their case."""
    alternatives = [r"\W+".join(map(re.escape, words)) for text in wanted if (words := re.findall(r"\w+", text))]
    return re.compile("|".join(alternatives), re.IGNORECASE) if alternatives else None
