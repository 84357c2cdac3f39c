"""What may come next while a query is typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from desk.query.fields import DATES, FIELDS
from desk.query.nodes import needs_quotes

_WORD = re.compile(r'[A-Za-z-]+:"[^"]*"?|"[^"]*"?|[^\s()"]+')
COMPLETIONS_AT_MOST = 50


def word_at(text: str, cursor: int) -> tuple[int, int]:
    """Where the word under the cursor starts and ends; both are the cursor's place between words.

    A `-` before the word is not a part of it.
    """
    for match in _WORD.finditer(text):
        start, end = match.span()
        if start < cursor <= end:
            minus = text[start] == "-" and cursor > start
            return start + minus, end
    return cursor, cursor


def complete(text: str, cursor: int, known: Mapping[str, Sequence[str]]) -> list[str]:
    """Words that could stand in the place of `word_at(text, cursor)`: names of fields, or a field's values.

    `known`: by name of a field, the values there are, such as `{"tag": ["refund", …]}`. Those that begin as typed
    come first, then those that have it within. A field's name ends with its colon.
    """
    start, _ = word_at(text, cursor)
    typed = text[start:cursor]
    name, colon, value = typed.partition(":")
    if not colon:
        folded = typed.casefold()
        return [f"{field}:" for field in FIELDS if field.startswith(folded)] if '"' not in typed else []
    kind = FIELDS.get(name.lower())
    if kind is None:
        return []
    values = dict.fromkeys((*kind.values, *known.get(name.lower(), ()), *(DATES if kind.takes == "date" else ())))
    return [f"{name.lower()}:{_written(each)}" for each in _fitting(values, value.strip('"').casefold())]


def _fitting(values: Iterable[str], typed: str) -> list[str]:
    beginning = [value for value in values if value.casefold().startswith(typed)]
    within = [value for value in values if typed and typed in value.casefold()[1:] and value not in beginning]
    return [*beginning, *within][:COMPLETIONS_AT_MOST]


def _written(value: str) -> str:
    quotable = value.replace('"', " ")
    return f'"{quotable}"' if needs_quotes(value) else value
