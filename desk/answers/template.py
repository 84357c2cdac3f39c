"""Placeholders: `{customer.first_name|there}` in an answer becomes what is known of the customer at hand.

One pass over the text: what is filled in is never looked at again, so a customer called `{account.address}` stays
just that. What cannot be filled stays visible as `⟦name⟧`, a form that people do not type by accident, and `unsettled`
finds it until somebody settles it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct

from desk.answers.model import Gap
from desk.text import clean

OPEN, CLOSE = "⟦", "⟧"
NAME_AT_MOST = 200

Why = Literal["unknown", "empty"]

Lookup = Callable[[str], str | None]
"""What a placeholder's name stands for: empty if nothing is known, None if there is no such name."""

_TOKEN = re.compile(rf"\{{\{{|\}}\}}|\{{([^{{}}{OPEN}{CLOSE}\n]{{1,{NAME_AT_MOST}}})\}}")
_MARK = re.compile(rf"{OPEN}([^\s{OPEN}{CLOSE}][^{OPEN}{CLOSE}\n]{{0,{NAME_AT_MOST - 1}}}){CLOSE}")
_MARKS_IN_VALUES = str.maketrans(OPEN + CLOSE, "[]")


class Filled(Struct, frozen=True, kw_only=True):
    """A text with its placeholders filled, and what could not be."""

    text: str
    gaps: tuple[Gap, ...] = ()


class Placeholder(Struct, frozen=True, kw_only=True):
    """A placeholder as somebody wrote it; `start` and `end` are columns of it, braces included."""

    name: str
    fallback: str | None
    start: int
    end: int


def fill(text: str, lookup: Lookup) -> Filled:
    """The text with every placeholder replaced by its value, its fallback, or a mark that it is missing."""
    pieces: list[str] = []
    gaps: list[Gap] = []
    length = end = 0
    for match in _TOKEN.finditer(text):
        before = text[end : match.start()]
        length += len(before)
        end = match.end()
        piece, why = _replacement(match, lookup)
        if why is not None:
            gaps.append(Gap(name=_name(match[1])[0], start=length, end=length + len(piece), why=why))
        pieces += (before, piece)
        length += len(piece)
    pieces.append(text[end:])
    return Filled(text="".join(pieces), gaps=tuple(gaps))


def unsettled(text: str) -> list[Gap]:
    """The marks of placeholders that nobody has settled. Quoted lines (`> …`) are others' words and do not count."""
    if OPEN not in text:
        return []
    return [
        Gap(name=match[1], start=match.start(), end=match.end())
        for match in _MARK.finditer(text)
        if not text.startswith(">", text.rfind("\n", 0, match.start()) + 1)
    ]


def settle(text: str, name: str, value: str) -> str:
    """The text with the marks of one placeholder replaced by what fills it after all."""
    return text.replace(f"{OPEN}{name}{CLOSE}", value)


def placeholders(text: str) -> Iterator[Placeholder]:
    """Every placeholder of a text, in its order."""
    for match in _TOKEN.finditer(text):
        if match[1] and match[1].strip():
            name, fallback = _name(match[1])
            yield Placeholder(name=name, fallback=fallback, start=match.start(), end=match.end())


def escape(text: str) -> str:
    """Text in which no brace is a placeholder's."""
    return text.replace("{", "{{").replace("}", "}}")


def _replacement(match: re.Match[str], lookup: Lookup) -> tuple[str, Why | None]:
    inner = match[1]
    if inner is None:
        return match[0][0], None
    name, fallback = _name(inner)
    if not name:
        return match[0], None
    value = lookup(name)
    if value and value.strip():
        return clean(value).translate(_MARKS_IN_VALUES), None
    if fallback is not None:
        return fallback, None
    return f"{OPEN}{name}{CLOSE}", "unknown" if value is None else "empty"


def _name(inner: str) -> tuple[str, str | None]:
    name, bar, fallback = inner.partition("|")
    return name.strip(), fallback.strip() if bar else None
