"""Many rows, few statements: each gives the interpreter away and takes it back, whatever it writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

T = TypeVar("T")

_AT_ONCE = (64, 8)
_ASKED_AT_ONCE = 500


def marks(values: Sequence[object]) -> str:
    """As many `?` as there are values, with commas."""
    return ",".join("?" * len(values))


def insert(connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run an `INSERT` that says `VALUES ROWS` for these rows, in their order, several at a time."""
    if not rows:
        return
    width, start = len(rows[0]), 0
    for at_once in _AT_ONCE:
        several = _with_marks(statement, width, at_once)
        while len(rows) - start >= at_once:
            connection.execute(several, tuple(chain.from_iterable(rows[start : start + at_once])))
            start += at_once
    if start < len(rows):
        connection.executemany(_with_marks(statement, width, 1), rows[start:])


@lru_cache(maxsize=64)
def _with_marks(statement: str, width: int, rows: int) -> str:
    row = f"({','.join('?' * width)})"
    return statement.replace("ROWS", ",".join([row] * rows), 1)


def portions(values: Iterable[T]) -> Iterator[list[T]]:
    """The values, as many at a time as one statement asks for."""
    everything = list(values)
    for start in range(0, len(everything), _ASKED_AT_ONCE):
        yield everything[start : start + _ASKED_AT_ONCE]
