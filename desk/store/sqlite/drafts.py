"""What is being written: one a rep, conversation and slot."""

from __future__ import annotations

from typing import Any

import msgspec

from desk.model import Draft, NewReply
from desk.store.sqlite.connection import Database

_COLUMNS = "agent_id, conversation_id, content, updated_at, rev"


class SqliteDrafts:
    """See `desk.store.base.Drafts`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def save(self, draft: Draft) -> Draft:
        row = self._db.writer.execute(
            f"INSERT INTO drafts ({_COLUMNS}, slot) VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT DO UPDATE SET"
            " content = excluded.content, updated_at = excluded.updated_at, rev = rev + 1"
            f" RETURNING {_COLUMNS}",
            (
                draft.agent_id,
                draft.conversation_id,
                msgspec.json.encode(draft.content),
                draft.updated_at or self._db.clock.now(),
                draft.slot,
            ),
        ).fetchall()[0]
        self._note(draft.agent_id, draft.conversation_id)
        return _draft(row)

    def get(self, agent_id: int, conversation_id: int, slot: str = "") -> Draft | None:
        row = self._db.reader.execute(
            f"SELECT {_COLUMNS} FROM drafts WHERE agent_id = ? AND conversation_id = ? AND slot = ?",
            (agent_id, conversation_id, slot),
        ).fetchone()
        return None if row is None else _draft(row)

    def of_agent(self, agent_id: int) -> list[Draft]:
        rows = self._db.reader.execute(
            f"SELECT {_COLUMNS} FROM drafts WHERE agent_id = ? ORDER BY updated_at DESC, conversation_id, slot",
            (agent_id,),
        )
        return [_draft(row) for row in rows]

    def delete(self, agent_id: int, conversation_id: int, slot: str = "") -> bool:
        deleted = self._db.writer.execute(
            "DELETE FROM drafts WHERE agent_id = ? AND conversation_id = ? AND slot = ?",
            (agent_id, conversation_id, slot),
        )
        if deleted.rowcount:
            self._note(agent_id, conversation_id)
        return bool(deleted.rowcount)

    def _note(self, agent_id: int, conversation_id: int) -> None:
        """A draft is told apart by rep within its conversation, and by conversation within a rep."""
        self._db.note("draft", agent_id, conversation_id)


def _draft(row: tuple[Any, ...]) -> Draft:
    agent_id, conversation_id, content, updated_at, rev = row
    return Draft(
        agent_id=agent_id,
        conversation_id=conversation_id,
        content=msgspec.json.decode(content, type=NewReply),
        updated_at=updated_at,
        rev=rev,
    )
