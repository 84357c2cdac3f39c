"""What there was with one customer."""

from __future__ import annotations

from collections.abc import Sequence

from desk.clock import Millis
from desk.model import Direction
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import marks, portions


class SqliteHistory:
    """See `desk.store.base.History`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def states(self, customer_id: int) -> dict[str, int]:
        rows = self._db.reader.execute(
            "SELECT state, count(*) FROM conversations WHERE customer_id = ? AND state <> 'merged' GROUP BY state",
            (customer_id,),
        )
        return dict(rows.fetchall())

    def mails(self, customer_id: int) -> dict[Direction, tuple[int, Millis]]:
        rows = self._db.reader.execute(
            "SELECT direction, count(*), max(at) FROM messages WHERE direction IN ('in', 'out')"
            " AND conversation_id IN (SELECT id FROM conversations WHERE customer_id = ?) GROUP BY direction",
            (customer_id,),
        )
        return {direction: (number, at) for direction, number, at in rows}

    def conversations(self, customer_id: int, offset: int, limit: int) -> list[int]:
        rows = self._db.reader.execute(
            "SELECT id FROM conversations WHERE customer_id = ? AND state <> 'merged'"
            " ORDER BY last_at DESC, id DESC LIMIT ? OFFSET ?",
            (customer_id, limit, offset),
        )
        return [id for (id,) in rows]

    def newest(self, limit: int, *, before: int | None = None) -> list[int]:
        rows = self._db.reader.execute(
            "SELECT id FROM customers WHERE merged_into IS NULL AND id < ifnull(?, 1 << 62) ORDER BY id DESC LIMIT ?",
            (before, limit),
        )
        return [id for (id,) in rows]

    def turns(self, conversation_ids: Sequence[int]) -> list[tuple[int, Direction, Millis]]:
        turns: list[tuple[int, Direction, Millis]] = []
        for some in portions(conversation_ids):
            turns += self._db.reader.execute(
                "SELECT conversation_id, direction, at FROM messages WHERE kind IN ('message', 'calendar')"
                f" AND direction IN ('in', 'out') AND conversation_id IN ({marks(some)}) ORDER BY id",
                some,
            ).fetchall()
        return turns
