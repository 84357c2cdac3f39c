"""What customers wrote in a transaction, found at its end, and which messages a query fits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from desk.clock import Millis
from desk.model import first_id_at
from desk.query import Query
from desk.rules.words import Moment
from desk.store.base import Arrival
from desk.store.base.routing import Heed, Sorted
from desk.store.sqlite.connection import Database
from desk.store.sqlite.conversations import TAG_SEPARATOR
from desk.store.sqlite.filters import Filter
from desk.store.sqlite.haystacks import Rows
from desk.store.sqlite.matching import OF_THIS, condition
from desk.store.sqlite.search import write_documents
from desk.store.sqlite.sql import as_json
from desk.store.sqlite.transaction import Transaction
from desk.store.sqlite.upkeep import bring_up

_CAME = (
    "SELECT m.id, m.conversation_id, m.kind, NOT EXISTS (SELECT 1 FROM messages e WHERE"
    " e.conversation_id = m.conversation_id AND e.id < m.id AND e.direction IN ('in', 'out')) FROM messages m"
)

_COLUMNS: Mapping[Moment, str] = {"last": "last_at", "waiting": "waiting_since", "created": "created_at"}
"""The others are kinds of happenings."""
_OF_KIND = (
    " AND h.kind = ? AND NOT EXISTS (SELECT 1 FROM happenings l WHERE l.conversation_id = h.conversation_id"
    " AND l.id > h.id AND (l.kind = h.kind AND (l.kind <> 'tagged' OR l.value = h.value)"
    " OR l.kind = 'returned' AND h.kind = 'abandoned'))"
)
"""It happened, and not again since, and was not taken back."""
_BESIDES: Mapping[Moment, str] = {
    "tagged": " AND h.value IN (SELECT id FROM tags WHERE folded = ?)",
    "called": " AND EXISTS (SELECT 1 FROM callbacks k WHERE k.conversation_id = c.id AND k.state = 'done')",
}
"""What has to hold besides, of what happened."""
_SORTED = (
    "SELECT c.id, c.subject, substr(m.body, 1, 2000), q.name, c.tags FROM conversations c"
    " JOIN messages m ON m.id ="
    " (SELECT min(id) FROM messages WHERE conversation_id = c.id AND direction IN ('in', 'out'))"
    " LEFT JOIN queues q ON q.id = c.queue_id WHERE m.direction = 'in' AND c.state NOT IN ('spam', 'merged')"
    " AND (c.queue_id IS NOT NULL OR c.tags <> '') AND NOT EXISTS"
    " (SELECT 1 FROM acted a WHERE a.name = ?1 AND a.conversation_id = c.id) ORDER BY c.id DESC LIMIT ?2"
)


class SqliteRouting:
    """See `desk.store.base.Routing`. Made after whatever else prepares commits: it is asked before them."""

    def __init__(self, db: Database, rows: Rows) -> None:
        self._db = db
        self._rows = rows
        self._heed: Heed | None = None
        db.before_commit.insert(0, self._tell)

    def heed(self, heed: Heed | None) -> None:
        self._heed = heed

    def _tell(self, connection: sqlite3.Connection, transaction: Transaction) -> None:
        if self._heed is None or not transaction.happening:
            return
        changed = {id for kind, id, _ in transaction.changes if kind == "message"}
        arrivals = self._new(connection, changed) if changed else []
        if arrivals:
            self._heed(arrivals)
            self._db.settle()

    def _new(self, connection: sqlite3.Connection, ids: Iterable[int]) -> list[Arrival]:
        """The customers' among these messages that no commit knows yet."""
        known = {id for (id,) in self._db.committed.execute(_THOSE.format("messages"), (as_json(ids),))}
        came = connection.execute(
            f"{_CAME} WHERE m.id IN (SELECT value FROM json_each(?)) AND m.direction = 'in' ORDER BY m.id",
            (as_json(set(ids) - known),),
        ).fetchall()
        about = {row[1] for row in came}
        old = {id for (id,) in self._db.committed.execute(_THOSE.format("conversations"), (as_json(about),))}
        return [
            Arrival(message_id=id, conversation_id=of, kind=kind, first=bool(first) and of not in old)
            for id, of, kind, first in came
        ]

    def arrivals(self, since: Millis, limit: int) -> list[Arrival]:
        rows = self._db.reader.execute(
            f"{_CAME} WHERE m.id >= ? AND m.direction = 'in' ORDER BY m.id DESC LIMIT ?", (first_id_at(since), limit)
        ).fetchall()
        return [
            Arrival(message_id=id, conversation_id=of, kind=kind, first=bool(first)) for id, of, kind, first in rows
        ][::-1]

    def holding(self, query: Query, message_ids: Sequence[int]) -> set[int]:
        reader = self._db.reader
        if self._db.writing:
            bring_up(reader, self._db.transaction)
            write_documents(reader, self._db.transaction)
        holds = condition(Filter(reader, None, self._rows, complete=True), query, OF_THIS)
        found = reader.execute(
            "SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id"
            f" WHERE m.id IN (SELECT value FROM json_each(?)) AND {holds.text}",
            (as_json(message_ids), *holds.values),
        )
        return {id for (id,) in found}

    def sorted(self, limit: int, *, apart_from: str = "") -> list[Sorted]:
        rows = self._db.reader.execute(_SORTED, (apart_from, limit)).fetchall()
        return [_sorted(*row) for row in reversed(rows)]

    def due(
        self,
        query: Query,
        on: Moment,
        after: Millis,
        *,
        since: Millis,
        until: Millis,
        tag: str = "",
        name: str = "",
        limit: int = 200,
    ) -> list[tuple[int, Millis]]:
        reader = self._db.reader
        holds = Filter(reader, None, self._rows, complete=True).condition(query)
        column = _COLUMNS.get(on)
        source = "conversations c" if column else "happenings h JOIN conversations c ON c.id = h.conversation_id"
        moment, kind = (
            (f"c.{column}", ())
            if column
            else ("max(h.at)", (on, *([tag.strip().casefold()] if on == "tagged" else [])))
        )
        when = moment if column else "h.at"
        rows = reader.execute(
            f"SELECT c.id, {moment} AS moment FROM {source} WHERE {when} > ? AND {when} <= ?"
            f"{'' if column else _OF_KIND}{_BESIDES.get(on, '')} AND c.state <> 'merged' AND {holds.text}"
            " AND NOT EXISTS (SELECT 1 FROM acted a WHERE a.name = ? AND a.conversation_id = c.id"
            " AND a.at >= ifnull(c.last_in_at, 0)) GROUP BY c.id ORDER BY moment, c.id LIMIT ?",
            (since - after, until - after, *kind, *holds.values, name, limit),
        )
        return [(id, at) for id, at in rows]

    def matching(self, query: Query, conversation_ids: Sequence[int]) -> set[int]:
        reader = self._db.reader
        holds = Filter(reader, None, self._rows, complete=True).condition(query)
        found = reader.execute(
            f"SELECT c.id FROM conversations c WHERE c.id IN (SELECT value FROM json_each(?)) AND {holds.text}",
            (as_json(conversation_ids), *holds.values),
        )
        return {id for (id,) in found}

    def acted(self, name: str, conversation_ids: Sequence[int]) -> Mapping[int, Millis]:
        rows = self._db.reader.execute(
            "SELECT conversation_id, at FROM acted WHERE name = ?"
            " AND conversation_id IN (SELECT value FROM json_each(?))",
            (name, as_json(conversation_ids)),
        )
        return dict(rows.fetchall())

    def note(self, name: str, conversation_id: int, at: Millis) -> None:
        self._db.writer.execute(
            "INSERT INTO acted (name, conversation_id, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
            (name, conversation_id, at),
        )


_THOSE = "SELECT id FROM {} WHERE id IN (SELECT value FROM json_each(?))"


def _sorted(id: int, subject: str, body: str, queue: str | None, tags: str) -> Sorted:
    names = tuple(tags.split(TAG_SEPARATOR)) if tags else ()
    return Sorted(conversation_id=id, subject=subject, body=body, queue=queue or "", tags=names)
