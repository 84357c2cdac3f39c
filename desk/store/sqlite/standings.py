"""How conversations stand that are not done with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desk.model import Standing
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import marks, portions

_SELECT = (
    "SELECT id, state, channel, queue_id, assignee_id, waiting_since, due_at, due_at IS NOT NULL OR EXISTS"
    " (SELECT 1 FROM happenings h WHERE h.conversation_id = c.id"
    "  AND kind IN ('arrived', 'resumed', 'answered', 'closed')) FROM conversations c"
)
_STANDING = "(state = 'open' OR state IN ('waiting', 'snoozed') AND (due_at IS NOT NULL OR waiting_since IS NOT NULL))"


class SqliteStandings:
    """See `desk.store.base.Standings`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> list[Standing]:
        return [_standing(*row) for row in self._db.reader.execute(f"{_SELECT} WHERE {_STANDING}").fetchall()]

    def of(self, ids: Sequence[int]) -> list[Standing]:
        found: list[Standing] = []
        for some in portions(ids):
            rows = self._db.reader.execute(f"{_SELECT} WHERE id IN ({marks(some)}) AND {_STANDING}", some)
            found += [_standing(*row) for row in rows.fetchall()]
        return found


def _standing(*row: Any) -> Standing:
    id, state, channel, queue_id, agent_id, waiting_since, due_at, told = row
    return Standing(
        id=id,
        state=state,
        channel=channel,
        queue_id=queue_id,
        agent_id=agent_id,
        waiting_since=waiting_since if told else None,
        due_at=due_at,
    )
