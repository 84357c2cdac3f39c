"""Text as the search index sees it, and what people type as a query of FTS5.

Scripts that do not put spaces between words (Han, Kana, Thai, Lao, Khmer, Myanmar) are indexed a character a word,
and searched for as phrases of characters: so a query of any length matches anywhere.
"""

from __future__ import annotations

import re
import unicodedata

from msgspec import Struct

_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3040-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003ffff])"
)
_POINTS = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
"""Hebrew points, Arabic vowel signs and the tatweel: written or left out at the writer's pleasure."""

_TERM = re.compile(r'(-?)"([^"]*)(?:"(\*?)|$)|(\S+)')
_TERMS_AT_MOST = 64
_CHARACTERS_AT_MOST = 4_000


def indexable(text: str) -> str:
    """`text` in the form in which it is indexed and searched for. Costs next to nothing where all is ASCII."""
    if text.isascii():
        return text
    text = _POINTS.sub("", unicodedata.normalize("NFKC", text).casefold())
    return _UNSPACED.sub(r" \1 ", text)


class Query(Struct, frozen=True):
    """A query understood."""

    match: str
    """For FTS5's MATCH; empty if nothing can match."""
    wanted: tuple[str, ...]
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
    for term in list(_TERM.finditer(text))[:_TERMS_AT_MOST]:
        without, words, prefix = _parts(term)
        phrase = indexable(words).replace('"', " ")
        if not any(char.isalnum() for char in phrase):
            continue
        (exclusions if without else matches).append(f'"{phrase}"{prefix}')
        if not without:
            wanted.append(words)
    if not matches:
        return Query("", ())
    match = " AND ".join(matches)
    return Query(f"({match}) NOT ({' OR '.join(exclusions)})" if exclusions else match, tuple(wanted))


def _parts(term: re.Match[str]) -> tuple[bool, str, str]:
    """Whether the term is to be absent, its words, and `*` if the last is a prefix."""
    minus, phrase, star, word = term.groups()
    if word is None:
        return bool(minus), phrase, star or ""
    without = len(word) > 1 and word.startswith("-")
    return without, word.removeprefix("-").rstrip("*"), "*" if word.endswith("*") else ""


_EXCERPT_BEFORE, _EXCERPT_LENGTH = 40, 160
_SPACES = re.compile(r"\s+")


def excerpt(body: str, pattern: re.Pattern[str] | None) -> str:
    """A line of `body` from around the first place that `pattern` matches, otherwise from its beginning."""
    found = pattern.search(body) if pattern else None
    start = max(found.start() - _EXCERPT_BEFORE, 0) if found else 0
    if start:
        start = body.find(" ", start, start + _EXCERPT_BEFORE) + 1 or start
    line = _SPACES.sub(" ", body[start : start + 2 * _EXCERPT_LENGTH]).strip()
    return f"{'…' if start else ''}{line[:_EXCERPT_LENGTH]}"


def excerpt_pattern(wanted: tuple[str, ...]) -> re.Pattern[str] | None:
    """Finds the wanted words in a text as it was written, whatever their case."""
    alternatives = [r"\W+".join(map(re.escape, words)) for text in wanted if (words := re.findall(r"\w+", text))]
    return re.compile("|".join(alternatives), re.IGNORECASE) if alternatives else None
