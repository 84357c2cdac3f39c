"""Words of a query as FTS5 and LIKE want them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from desk.query import All, AnyOf, Field, Not, Phrase, Prefix, Query, Word
from desk.store.sqlite.words import bare, indexable

LETTERS_AT_LEAST = 3
"""Shorter words are looked for in the list's row only: as a word they are in nearly every mail."""
_SPECIAL = re.compile(r"[\\%_]")
_ASCII = re.compile(r"[\x00-\x7f]*")

Text = Word | Phrase | Prefix


def is_text(query: Query) -> bool:
    """Whether a query, or a part of one, is words only."""
    if isinstance(query, Not):
        return is_text(query.of)
    if isinstance(query, All | AnyOf):
        return all(map(is_text, query.of))
    return not isinstance(query, Field)


def like(text: str, fold: Callable[[str], str] = bare) -> str:
    """A pattern, with `\\` as its escape, for a folded text that has `text` within."""
    escaped = _SPECIAL.sub(r"\\\g<0>", fold(text))
    return f"%{escaped}%"


def match(term: Text) -> str:
    """For FTS5's MATCH: the words in this order, the last as a beginning for a prefix; empty if there are none."""
    words = indexable(term.text).replace('"', " ").replace("\x00", " ")
    if not any(char.isalnum() for char in words):
        return ""
    return f'"{words}"{"*" if isinstance(term, Prefix) else ""}'


def is_long(term: Text) -> bool:
    """Whether a term is looked for in whole mails as well."""
    letters = sum(char.isalnum() for char in term.text)
    return letters >= LETTERS_AT_LEAST or (letters > 0 and not _ASCII.fullmatch(term.text))


def expression(query: Query) -> str | None:
    """A query of words as one expression for MATCH; None if FTS5 cannot say it, empty if nothing can match.

    FTS5 knows "this but not that" and no "not" by itself.
    """
    if isinstance(query, Word | Phrase | Prefix):
        return match(query)
    if isinstance(query, AnyOf):
        return _any(query.of)
    if isinstance(query, All):
        return _all(query.of)
    return None


def _any(parts: Sequence[Query]) -> str | None:
    found = [expression(part) for part in parts]
    if any(each is None for each in found):
        return None
    return " OR ".join(f"({each})" for each in found if each)


def _all(parts: Sequence[Query]) -> str | None:
    wanted = [expression(part) for part in parts if not isinstance(part, Not)]
    unwanted = [expression(part.of) for part in parts if isinstance(part, Not)]
    if any(each is None for each in (*wanted, *unwanted)):
        return None
    positive = " AND ".join(f"({each})" for each in wanted if each)
    negative = " OR ".join(f"({each})" for each in unwanted if each)
    if positive and negative:
        return f"({positive}) NOT ({negative})"
    return positive
