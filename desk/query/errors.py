"""What is wrong with a query, and where."""

from __future__ import annotations


class QueryError(ValueError):
    """A query that makes no sense: the message says what to write instead, `start` to `end` (not included) where.

    Both count characters of the text from 0.
    """

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
