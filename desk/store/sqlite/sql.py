"""Pieces of SQL, each with the values of its question marks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Sql(NamedTuple):
    """A piece of SQL and the values of its question marks."""

    text: str
    values: tuple[object, ...] = ()


def as_json(values: Iterable[int | str]) -> str:
    """Ids or names for `json_each`."""
    return json.dumps(list(values))


def joined(by: str, parts: Sequence[Sql], *, bare: bool = False) -> Sql:
    """The parts with `by` between, in parentheses unless `bare`."""
    text = by.join(part.text for part in parts)
    return Sql(text if bare else f"({text})", tuple(value for part in parts for value in part.values))
