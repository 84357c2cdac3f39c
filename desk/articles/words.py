"""What questions and articles are compared by: words, pairs of words, and pieces of words.

Pieces forgive endings and slips in any language, pairs tell `card payment` from `payment card`. Scripts that put no
spaces between words are read a character a word, so that pairs of characters are what is compared there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from math import log, sqrt

from desk.text import fold

STEM = 7
"""Letters of a word that count; what follows are endings."""
_PAIRED = 6
_PIECE = 4
_WORDS_AT_MOST = 60
"""Of one question; the rest is not looked at."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_JOINED = re.compile("(?<=[a-z])['\u2019\u02bc](?=[a-z])")
"""In `haven't` and `l'adresse`."""


def words(text: str) -> list[str]:
    """The words of a text as they are compared: no case, no diacritics."""
    return _WORD.findall(_JOINED.sub("", fold(text)))


def stem(word: str) -> str:
    """The part of a word that counts."""
    return word[:STEM]


def pairs(words: Sequence[str]) -> Iterator[str]:
    """Each two words that stand beside each other; names of pairs hold a space."""
    cut = [word[:_PAIRED] for word in words]
    return (f"{one} {other}" for one, other in zip(("^", *cut), (*cut, "$"), strict=True))


def pieces(word: str, *, whole: bool = True) -> Iterator[str]:
    """Four letters each, with `_` where the word begins and ends; names of pieces begin with `~`."""
    marked = f"_{word}_" if whole else f"_{word}"
    return (f"~{marked[at : at + _PIECE]}" for at in range(max(1, len(marked) - _PIECE + 1)))


def question(text: str) -> dict[str, float]:
    """All that a question is compared by, each with its weight; their squares add up to 1."""
    found = words(text)[:_WORDS_AT_MOST]
    counts: Counter[str] = Counter(map(stem, found))
    counts.update(pairs(found))
    for word in found:
        counts.update(pieces(word))
    return _evened(counts)


def prose(text: str) -> dict[str, float]:
    """What a longer text is compared by: its words."""
    return _evened(Counter(map(stem, words(text))))


def _evened(counts: Counter[str]) -> dict[str, float]:
    weights = {name: 1 + log(count) for name, count in counts.items()}
    length = sqrt(sum(weight * weight for weight in weights.values()))
    return {name: weight / length for name, weight in weights.items()}
