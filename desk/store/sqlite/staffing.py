"""People at work: spans of availability, and what supervisors said of queues."""

from __future__ import annotations

from collections.abc import Sequence

from desk.clock import Millis
from desk.model import AvailabilitySpan, QueueWord
from desk.store.sqlite.connection import Database

_SPAN = "SELECT id, agent_id, state, reason, began_at, ended_at FROM availability"


class SqliteAvailabilities:
    """See `desk.store.base.Availabilities`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, span: AvailabilitySpan) -> int:
        ended = self._db.writer.execute(
            "UPDATE availability SET ended_at = max(?, began_at) WHERE agent_id = ? AND ended_at IS NULL"
            " RETURNING ended_at",
            (span.began_at, span.agent_id),
        ).fetchall()
        began_at = ended[0][0] if ended else span.began_at
        cursor = self._db.writer.execute(
            "INSERT INTO availability (agent_id, state, reason, began_at) VALUES (?, ?, ?, ?)",
            (span.agent_id, span.state, span.reason, began_at),
        )
        self._db.note("availability", span.agent_id)
        return cursor.lastrowid or 0

    def now(self) -> dict[int, AvailabilitySpan]:
        return {span.agent_id: span for span in self._spans("WHERE ended_at IS NULL")}

    def chosen(self, agent_id: int) -> AvailabilitySpan | None:
        found = self._spans("WHERE agent_id = ? AND state <> 'offline' ORDER BY id DESC LIMIT 1", agent_id)
        return found[0] if found else None

    def within(self, since: Millis, until: Millis) -> Sequence[AvailabilitySpan]:
        return self._spans(
            "WHERE (ended_at IS NULL OR ended_at > ?) AND began_at < ? ORDER BY began_at, id", since, until
        )

    def forget_before(self, at: Millis, limit: int) -> int:
        dropped = self._db.writer.execute(
            "DELETE FROM availability WHERE id IN (SELECT id FROM availability WHERE ended_at < ? LIMIT ?)", (at, limit)
        )
        return dropped.rowcount

    def _spans(self, where: str, *values: int) -> list[AvailabilitySpan]:
        rows = self._db.reader.execute(f"{_SPAN} {where}", values).fetchall()
        return [
            AvailabilitySpan(id=id, agent_id=agent_id, state=state, reason=reason, began_at=began, ended_at=ended)
            for id, agent_id, state, reason, began, ended in rows
        ]


class SqliteQueueWords:
    """See `desk.store.base.QueueWords`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> Sequence[QueueWord]:
        rows = self._db.reader.execute(
            "SELECT queue_id, nullif(agent_id, 0), ifnull(whom.name, ''), value, by_id, ifnull(who.name, ''), at"
            " FROM queue_words w LEFT JOIN agents whom ON whom.id = w.agent_id LEFT JOIN agents who ON who.id = w.by_id"
            " ORDER BY queue_id, agent_id"
        ).fetchall()
        return [
            QueueWord(queue_id=queue, agent_id=id, agent_name=name, value=bool(value), by_id=by, by_name=by_name, at=at)
            for queue, id, name, value, by, by_name, at in rows
        ]

    def say(self, queue_id: int, agent_id: int | None, value: bool | None, *, by_id: int, at: Millis) -> None:
        if value is None:
            self._db.writer.execute(
                "DELETE FROM queue_words WHERE queue_id = ? AND agent_id = ?", (queue_id, agent_id or 0)
            )
        else:
            self._db.writer.execute(
                "INSERT INTO queue_words (queue_id, agent_id, value, by_id, at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET value = excluded.value, by_id = excluded.by_id, at = excluded.at",
                (queue_id, agent_id or 0, value, by_id, at),
            )
        self._db.note("queue", queue_id)
