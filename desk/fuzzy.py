"""Finding a name by a few of its letters, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")

SCATTERED = 5
"""From this distance on, the letters only occur in the right order."""
_WORD = re.compile(r"[^\W_]+")


def distance(typed: str, text: str) -> int | None:
    """How far `typed` is from meaning `text`: 0 is the text itself, None if its letters do not occur in this order."""
    typed = typed.casefold()
    near = _near(typed, text)
    return _scattered(typed, _folded(text)[0]) if near is None else near


def _near(typed: str, text: str) -> int | None:
    """None from `SCATTERED` on."""
    folded, words, initials = _folded(text)
    if typed not in folded:
        return 3 if initials.startswith(typed) else None
    if folded.startswith(typed):
        return 0 if typed == folded else 1
    if any(word.startswith(typed) for word in words):
        return 2
    return 3 if initials.startswith(typed) else 4


@lru_cache(maxsize=4096)
def _folded(text: str) -> tuple[str, tuple[str, ...], str]:
    """A text in small letters, its words, and what they begin with."""
    folded = text.casefold()
    words = tuple(_WORD.findall(folded))
    return folded, words, "".join(word[0] for word in words)


def _scattered(typed: str, text: str) -> int | None:
    at, gaps = -1, 0
    for letter in typed:
        found = text.find(letter, at + 1)
        if found < 0:
            return None
        gaps += found - at - 1 if at >= 0 else 0
        at = found
    return SCATTERED + gaps


def ranked(typed: str, items: Iterable[T], texts: Callable[[T], Iterable[str]], *, at_most: int) -> list[T]:
    """The items for which every word typed is near one of their texts, nearest first; earlier texts weigh more.

    Letters scattered over a text count in the first text only, and if nothing nearer is found: in a sentence they
    would find everything.
    """
    words = typed.split()
    found = []
    for order, item in enumerate(items):
        fars = [_nearest(word, texts(item)) for word in words]
        whole = [far for far in fars if far is not None]
        if len(whole) == len(fars):
            found.append((any(far >= _PLACES * SCATTERED for far in whole), sum(whole), order, item))
    found.sort(key=lambda each: each[:3])
    nearest = found[0][0] if found else False
    return [item for scattered, _, _, item in found if scattered == nearest][:at_most]


_PLACES = 8
"""More than the texts of an item, so that nearness weighs more than which text it is in."""


def _nearest(word: str, texts: Iterable[str]) -> int | None:
    word = word.casefold()
    near = [
        far * _PLACES + min(place, _PLACES - 1)
        for place, text in enumerate(texts)
        if (far := _near(word, text) if place else distance(word, text)) is not None
    ]
    return min(near, default=None)
