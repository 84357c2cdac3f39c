"""What changed, in the order of commits: the feed's source."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from desk.model import Change, ChangeKind
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import insert
from desk.store.sqlite.transaction import Transaction


class SqliteChanges:
    """See `desk.store.base.Changes`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        db.before_commit.append(self._append)

    def note(self, kind: ChangeKind, id: int, conversation_id: int | None = None) -> None:
        self._db.require_writing()
        self._db.note(kind, id, conversation_id)

    def since(self, seq: int, limit: int = 1000) -> list[Change]:
        rows = self._db.reader.execute(
            "SELECT seq, at, kind, id, conversation_id FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)
        )
        return [Change(seq=seq, at=at, kind=kind, id=id, conversation_id=about) for seq, at, kind, id, about in rows]

    def last(self) -> int:
        [seq] = self._db.reader.execute("SELECT ifnull(max(seq), 0) FROM changes").fetchone()
        return int(seq)

    def whole_after(self, seq: int) -> bool:
        [first, last] = self._db.reader.execute(
            "SELECT ifnull((SELECT min(seq) FROM changes), 1), ifnull((SELECT max(seq) FROM changes), 0)"
        ).fetchone()
        return bool(first - 1 <= seq <= last)

    def forget(self, keep: int, limit: int = 5_000) -> int:
        """The newest one stays: what comes after it is counted on from there."""
        dropped = self._db.writer.execute(
            "DELETE FROM changes WHERE seq <= min((SELECT min(seq) FROM changes) - 1 + ?,"
            " (SELECT max(seq) FROM changes) - ?)",
            (limit, max(keep, 1)),
        )
        return dropped.rowcount

    def on_commit(self, callback: Callable[[int], None]) -> None:
        self._db.after_commit.append(callback)

    def _append(self, connection: sqlite3.Connection, transaction: Transaction) -> None:
        if not transaction.changes:
            return
        at = self._db.clock.now()
        insert(
            connection,
            "INSERT INTO changes (at, kind, id, conversation_id) VALUES ROWS",
            [(at, *change) for change in dict.fromkeys(transaction.changes)],
        )
