"""Finding a name by a few of its letters, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

_WORD = re.compile(r"[^\W_]+")


def distance(typed: str, text: str) -> int | None:
    """How far `typed` is from meaning `text`: 0 is the text itself, None if its letters do not occur in this order."""
    typed, text = typed.casefold(), text.casefold()
    if typed == text:
        return 0
    if text.startswith(typed):
        return 1
    if any(match.group().startswith(typed) for match in _WORD.finditer(text)):
        return 2
    if "".join(match.group()[0] for match in _WORD.finditer(text)).startswith(typed):
        return 3
    if typed in text:
        return 4
    return _scattered(typed, text)


def _scattered(typed: str, text: str) -> int | None:
    at, gaps = -1, 0
    for letter in typed:
        found = text.find(letter, at + 1)
        if found < 0:
            return None
        gaps += found - at - 1 if at >= 0 else 0
        at = found
    return 5 + gaps


def ranked(typed: str, items: Iterable[T], texts: Callable[[T], Iterable[str]], *, at_most: int) -> list[T]:
    """The items for which every word typed is near one of their texts, nearest first; earlier texts weigh more.

    Letters scattered over a text count in the first text only: in a sentence they would find everything.
    """
    words = typed.split()
    found = []
    for order, item in enumerate(items):
        far = 0
        for word in words:
            near = [
                each * 4 + place
                for place, text in enumerate(texts(item))
                if (each := distance(word, text)) is not None and (each < 5 or place == 0)
            ]
            if not near:
                break
            far += min(near)
        else:
            found.append((far, order, item))
    found.sort(key=lambda each: each[:2])
    return [item for _, _, item in found[:at_most]]
