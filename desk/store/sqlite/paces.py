"""Paces: how fast what is left of a promise becomes less. What has one pace keeps one order as time passes."""

from __future__ import annotations

from desk.clock import HOUR, Millis
from desk.store.sqlite.connection import Database

USUAL: Millis = 8 * HOUR
"""What was promised, where nobody says."""
NONE = 0
"""The pace of what is promised nothing."""

_FIND = "SELECT id FROM paces WHERE calendar = ? AND promised = ?"
_ADD = "INSERT INTO paces (calendar, promised) VALUES (?, ?)"


class Paces:
    """The ids of paces, which are given out once and for ever."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, calendar: str, promised: Millis) -> int:
        """The id of a pace, which is made if there is none; only inside `write`."""
        self._db.require_writing()
        pace, known = (calendar, max(promised, 1)), self._db.transaction.paces
        if pace not in known:
            known[pace] = self._found(pace) or self._made(pace)
        return known[pace]

    def _found(self, pace: tuple[str, Millis]) -> int:
        row = self._db.aside.execute(_FIND, pace).fetchone()
        return NONE if row is None else int(row[0])

    def _made(self, pace: tuple[str, Millis]) -> int:
        self._db.aside.execute(_ADD, pace)
        return self._found(pace)
