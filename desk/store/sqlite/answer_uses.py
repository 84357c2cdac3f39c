"""How often reps sent replies with an answer."""

from __future__ import annotations

from desk.answers.model import AnswerUse
from desk.clock import Millis
from desk.store.sqlite.connection import Database


class SqliteAnswerUses:
    """See `desk.store.base.AnswerUses`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, key: str, agent_id: int, at: Millis) -> None:
        self._db.writer.execute(
            "INSERT INTO answer_uses (answer_key, agent_id, count, last_at) VALUES (?, ?, 1, ?)"
            " ON CONFLICT DO UPDATE SET count = count + 1, last_at = max(last_at, excluded.last_at)",
            (key, agent_id, at),
        )

    def counts(self) -> dict[str, int]:
        rows = self._db.reader.execute("SELECT answer_key, sum(count) FROM answer_uses GROUP BY answer_key")
        return dict(rows.fetchall())

    def of(self, key: str) -> list[AnswerUse]:
        rows = self._db.reader.execute(
            "SELECT agent_id, count, last_at FROM answer_uses WHERE answer_key = ?"
            " ORDER BY count DESC, last_at DESC, agent_id",
            (key,),
        )
        return [AnswerUse(key=key, agent_id=agent_id, count=count, last_at=at) for agent_id, count, at in rows]

    def move(self, key: str, to: str) -> None:
        if key == to:
            return
        self._db.writer.execute(
            "INSERT INTO answer_uses (answer_key, agent_id, count, last_at)"
            " SELECT ?, agent_id, count, last_at FROM answer_uses WHERE answer_key = ?"
            " ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)",
            (to, key),
        )
        self._db.writer.execute("DELETE FROM answer_uses WHERE answer_key = ?", (key,))
