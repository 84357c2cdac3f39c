"""What is on its way out. Every step is one conditional statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from desk.clock import Millis
from desk.model import FilingState, NewReply, OutboxItem, OutboxState
from desk.store.base import StoreError
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import marks

_FIELDS = (
    "message_id",
    "conversation_id",
    "account",
    "state",
    "rfc_message_id",
    "quoted_id",
    "hold_until",
    "next_attempt_at",
    "attempts",
    "error",
    "filing",
    "filing_attempts",
    "filing_next_at",
    "filing_error",
    "created_at",
    "updated_at",
    "rev",
)
_COLUMNS = ", ".join(("id", "content", *_FIELDS))
_FILEABLE = "filing = 'pending' AND state IN ('sent', 'delivered', 'read', 'bounced')"
_DUE_AT = "max(hold_until, next_attempt_at)"


class SqliteOutbox:
    """See `desk.store.base.Outbox`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, item: OutboxItem) -> int:
        now = self._db.clock.now()
        item = msgspec.structs.replace(
            item, created_at=item.created_at or now, updated_at=item.updated_at or item.created_at or now
        )
        content = None if item.content is None else msgspec.json.encode(item.content)
        values = [getattr(item, name) for name in _FIELDS]
        if self.by_rfc_id(item.rfc_message_id):
            raise StoreError(f"the outbox has a message with the Message-ID {item.rfc_message_id} already")
        cursor = self._db.writer.execute(
            f"INSERT INTO outbox (content, {', '.join(_FIELDS)}) VALUES (?, {marks(_FIELDS)})", (content, *values)
        )
        id = cursor.lastrowid or 0
        self._note(id, item.conversation_id, item.message_id)
        return id

    # --- reading ------------------------------------------------------------------------------------------

    def get(self, id: int) -> OutboxItem | None:
        return self._first("WHERE id = ?", (id,))

    def of_message(self, message_id: int) -> OutboxItem | None:
        return self._first("WHERE message_id = ? ORDER BY id DESC", (message_id,))

    def by_rfc_id(self, rfc_message_id: str) -> OutboxItem | None:
        return self._first("WHERE rfc_message_id = ?", (rfc_message_id,))

    def by_rfc_ids(self, rfc_message_ids: Sequence[str]) -> list[OutboxItem]:
        found: list[OutboxItem] = []
        for start in range(0, len(rfc_message_ids), 500):
            some = tuple(rfc_message_ids[start : start + 500])
            found.extend(self._select(f"WHERE rfc_message_id IN ({marks(some)}) ORDER BY id", some))
        return found

    def in_states(
        self, states: Sequence[OutboxState], limit: int = 200, *, before: int | None = None
    ) -> list[OutboxItem]:
        older, values = ("", ()) if before is None else (" AND id < ?", (before,))
        where = f"WHERE state IN ({marks(states)}){older} ORDER BY id DESC LIMIT ?"
        return self._select(where, (*states, *values, limit))

    def due(self, at: Millis, limit: int = 50) -> list[OutboxItem]:
        return self._select(f"WHERE state = 'held' AND {_DUE_AT} <= ? ORDER BY {_DUE_AT}, id LIMIT ?", (at, limit))

    def next_due_at(self, account: str | None = None) -> Millis | None:
        [at] = self._db.reader.execute(
            f"SELECT min({_DUE_AT}) FROM outbox WHERE state = 'held' AND account = ifnull(?, account)", (account,)
        ).fetchone()
        return None if at is None else int(at)

    def filing_due(self, at: Millis, limit: int = 50) -> list[OutboxItem]:
        return self._select(
            f"WHERE {_FILEABLE} AND filing_next_at <= ? ORDER BY filing_next_at, id LIMIT ?", (at, limit)
        )

    def counts(self) -> dict[OutboxState, int]:
        return dict(self._db.reader.execute("SELECT state, count(*) FROM outbox GROUP BY state"))

    def _first(self, where: str, values: tuple[object, ...]) -> OutboxItem | None:
        found = self._select(f"{where} LIMIT 1", values)
        return found[0] if found else None

    def _select(self, where: str, values: tuple[object, ...]) -> list[OutboxItem]:
        return [_item(row) for row in self._db.reader.execute(f"SELECT {_COLUMNS} FROM outbox {where}", values)]

    # --- writing ------------------------------------------------------------------------------------------

    def advance(
        self,
        id: int,
        expect: Sequence[OutboxState],
        state: OutboxState,
        at: Millis,
        *,
        error: str = "",
        next_attempt_at: Millis | None = None,
        count_attempt: bool = False,
    ) -> bool:
        return self._update(
            "state = ?, error = ?, next_attempt_at = ifnull(?, next_attempt_at), attempts = attempts + ?,"
            f" updated_at = ?, rev = rev + 1 WHERE id = ? AND state IN ({marks(expect)})",
            (state, error, next_attempt_at, count_attempt, at, id, *expect),
        )

    def set_filing(
        self, id: int, state: FilingState, at: Millis, *, error: str = "", next_at: Millis | None = None
    ) -> None:
        """Counts an attempt when the outcome is told: done, failed, or pending again with an error."""
        self._update(
            "filing = ?, filing_error = ?, filing_next_at = ifnull(?, filing_next_at),"
            " filing_attempts = filing_attempts + ?, updated_at = ?, rev = rev + 1 WHERE id = ?",
            (state, error, next_at, state in ("done", "failed") or bool(error), at, id),
        )

    def _update(self, what: str, values: tuple[object, ...]) -> bool:
        updated = self._db.writer.execute(
            f"UPDATE outbox SET {what} RETURNING id, conversation_id, message_id", values
        ).fetchall()
        for id, conversation_id, message_id in updated:
            self._note(id, conversation_id, message_id)
        return bool(updated)

    def _note(self, id: int, conversation_id: int, message_id: int) -> None:
        """The message shows the state of its outbox item, so it changed too."""
        self._db.note("outbox", id, conversation_id)
        self._db.note("message", message_id, conversation_id)


def _item(row: tuple[Any, ...]) -> OutboxItem:
    id, content, *values = row
    return OutboxItem(
        id=id,
        content=None if content is None else msgspec.json.decode(content, type=NewReply),
        **dict(zip(_FIELDS, values, strict=True)),
    )
