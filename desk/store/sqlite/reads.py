"""Read and unread per rep, and who was named where."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from desk.clock import HOUR
from desk.model import Conversation
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import marks, portions

_SKEW = HOUR
"""Clocks differ, and mail servers tell whole seconds."""
_NEWEST = (1 << 63) - 1


def unread(agent_id: int | None) -> str:
    """The condition, on `conversations c`, for being unread to a rep.

    A row of 0: made unread by hand. A negative one: what it was read up to, before the customer wrote again.
    """
    agent = int(agent_id or 0)
    return (
        "(c.state NOT IN ('resolved', 'spam', 'merged')"
        f" AND (ifnull(c.last_in_at >= (SELECT created_at - {_SKEW} FROM agents WHERE id = {agent})"
        " AND NOT EXISTS (SELECT 1 FROM reads r WHERE r.conversation_id = c.id"
        f" AND r.agent_id = {agent} AND r.message_id > 0), 0)"
        f" OR c.id IN (SELECT conversation_id FROM reads WHERE agent_id = {agent} AND message_id = 0)))"
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

    def marked(self, rows: Sequence[Conversation], agent_id: int | None) -> list[Conversation]:
        if agent_id is None or not rows:
            return list(rows)
        marked: dict[int, tuple[bool, bool]] = {}
        for some in portions(row.id for row in rows):
            found = self._db.reader.execute(
                f"SELECT c.id, {unread(agent_id)}, c.id IN ({mentioned(agent_id, only_unseen=True)})"
                f" FROM conversations c WHERE c.id IN ({marks(some)})",
                some,
            )
            marked.update((id, (bool(new), bool(named))) for id, new, named in found if new or named)
        return [
            msgspec.structs.replace(row, unread=marked[row.id][0], mentioned=marked[row.id][1])
            if row.id in marked
            else row
            for row in rows
        ]

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
