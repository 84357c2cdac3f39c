"""Read and unread per rep, and who was named where."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import json
from msgspec.structs import replace

from desk.clock import HOUR
from desk.model import Conversation
from desk.store.sqlite.connection import Database

_SKEW = HOUR
"""Clocks differ, and mail servers tell whole seconds."""
_NEWEST = (1 << 63) - 1


def unread(agent_id: int | None) -> str:
    """The condition, on `conversations c`, for being unread to a rep.

    A row of 0: made unread by hand. A negative one: what it was read up to, before the customer wrote again.
    """
    return _unread(str(int(agent_id or 0)))


def _unread(agent: str) -> str:
    """The same of a rep whose id is an expression."""
    here = f"SELECT 1 FROM reads r WHERE r.conversation_id = c.id AND r.agent_id = {agent}"
    return (
        "(c.state NOT IN ('resolved', 'spam', 'merged')"
        f" AND (ifnull(c.last_in_at >= (SELECT created_at - {_SKEW} FROM agents WHERE id = {agent})"
        f" AND NOT EXISTS ({here} AND r.message_id > 0), 0) OR EXISTS ({here} AND r.message_id = 0)))"
    )


_MARKS = (
    f"SELECT of.place, {_unread('of.agent')}, EXISTS (SELECT 1 FROM mentions m"
    " WHERE m.agent_id = of.agent AND m.conversation_id = c.id AND NOT m.seen)"
    " FROM (SELECT key AS place, value ->> 0 AS agent, value ->> 1 AS id FROM json_each(?)) of"
    " CROSS JOIN conversations c ON c.id = of.id"
)


def all_unread(agent_id: int | None) -> str:
    """The ids of all that are unread to a rep; what it asks of each stands in one index."""
    agent, states = int(agent_id or 0), "c.state IN ('open', 'waiting', 'snoozed')"
    return (
        f"SELECT c.id FROM conversations c INDEXED BY conversations_view WHERE {states}"
        f" AND c.last_in_at >= (SELECT created_at - {_SKEW} FROM agents WHERE id = {agent})"
        " AND NOT EXISTS (SELECT 1 FROM reads r WHERE r.conversation_id = c.id"
        f" AND r.agent_id = {agent} AND r.message_id > 0)"
        " UNION SELECT c.id FROM reads r JOIN conversations c ON c.id = r.conversation_id"
        f" WHERE r.agent_id = {agent} AND r.message_id = 0 AND {states}"
    )


def mentioned(agent_id: int | None, *, only_unseen: bool = False) -> str:
    """The ids of conversations in which a rep was named."""
    unseen = " AND seen = 0" if only_unseen else ""
    return f"SELECT conversation_id FROM mentions WHERE agent_id = {int(agent_id or 0)}{unseen}"


class SqliteReads:
    """See `desk.store.base.Reads`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def read(self, agent_id: int, conversation_id: int, message_id: int | None = None) -> bool:
        upto = _NEWEST if message_id is None else message_id
        writer = self._db.writer
        read = writer.execute(
            "INSERT INTO reads (conversation_id, agent_id, message_id)"
            " SELECT c.id, ?1, max(1, ifnull((SELECT max(id) FROM messages WHERE conversation_id = c.id), 1))"
            f" FROM conversations c WHERE c.id = ?2 AND {unread(agent_id)}"
            " AND NOT EXISTS (SELECT 1 FROM messages WHERE conversation_id = ?2 AND id > ?3"
            " AND direction = 'in' AND kind <> 'auto')"
            " ON CONFLICT DO UPDATE SET message_id = excluded.message_id",
            (agent_id, conversation_id, upto),
        ).rowcount
        seen = writer.execute(
            "UPDATE mentions SET seen = 1 WHERE agent_id = ? AND conversation_id = ? AND message_id <= ? AND seen = 0",
            (agent_id, conversation_id, upto),
        ).rowcount
        if read > 0 or seen > 0:
            self._db.note("read", agent_id, conversation_id)
        return read > 0 or seen > 0

    def unread(self, agent_id: int, conversation_id: int) -> bool:
        made = self._db.writer.execute(
            "INSERT INTO reads (conversation_id, agent_id, message_id) SELECT c.id, ?1, 0 FROM conversations c"
            f" WHERE c.id = ?2 AND NOT {unread(agent_id)} ON CONFLICT DO UPDATE SET message_id = 0",
            (agent_id, conversation_id),
        ).rowcount
        if made > 0:
            self._db.note("read", agent_id, conversation_id)
        return made > 0

    def seen(self, agent_id: int, conversation_id: int) -> int | None:
        row = self._db.reader.execute(
            "SELECT abs(message_id) FROM reads WHERE conversation_id = ? AND agent_id = ? AND message_id <> 0",
            (conversation_id, agent_id),
        ).fetchone()
        return int(row[0]) if row else None

    def mention(self, agent_id: int, conversation_id: int, message_id: int) -> None:
        self._db.writer.execute(
            "INSERT INTO mentions (agent_id, conversation_id, message_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (agent_id, conversation_id, message_id),
        )
        self._db.note("mention", agent_id, conversation_id)

    def whispers(self, agent_id: int, limit: int = 20) -> list[int]:
        rows = self._db.reader.execute(
            "SELECT m.message_id FROM mentions m JOIN messages w ON w.id = m.message_id"
            " WHERE m.agent_id = ? AND NOT m.seen AND w.kind = 'whisper' AND w.agent_id <> m.agent_id"
            " ORDER BY m.message_id DESC LIMIT ?",
            (agent_id, limit),
        )
        return [int(id) for (id,) in rows]

    def marked(self, rows: Sequence[Conversation], agent_id: int | None) -> list[Conversation]:
        return list(rows) if agent_id is None else self.marked_each([(agent_id, row) for row in rows])

    def marked_each(self, rows: Sequence[tuple[int, Conversation]]) -> list[Conversation]:
        marked = [row for _, row in rows]
        asked = json.encode([(agent_id, row.id) for agent_id, row in rows]).decode()
        for place, new, named in self._db.reader.execute(_MARKS, (asked,)) if rows else ():
            if new or named:
                marked[place] = replace(marked[place], unread=bool(new), mentioned=bool(named))
        return marked

    def counts(self, agent_id: int) -> tuple[int, int]:
        [mine] = self._db.reader.execute(
            "SELECT count(*) FROM conversations c INDEXED BY conversations_open"
            f" WHERE c.state = 'open' AND c.assignee_id = ? AND {unread(agent_id)}",
            (agent_id,),
        ).fetchone()
        [named] = self._db.reader.execute(
            f"SELECT count(DISTINCT conversation_id) FROM ({mentioned(agent_id, only_unseen=True)})"
        ).fetchone()
        return int(mine), int(named)
