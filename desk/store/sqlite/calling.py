"""Callbacks and the attempts to make them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from desk.clock import Millis
from desk.model import OPEN_CALLBACKS, CallAttempt, Callback, CallbackState, Outcome
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import marks, portions
from desk.telephone import international

_CALLBACK = (
    "SELECT k.id, k.conversation_id, k.account, k.number, k.country, k.reason, k.language, k.state, k.promised_at,"
    " k.until, k.due_at, k.asked_at, k.visitor_id, k.message_id, k.agent_id, k.rev FROM callbacks k"
)
_ATTEMPT = (
    "SELECT t.id, t.callback_id, t.reference, t.number, t.agent_id, a.name, t.dialer, t.claimed, t.begun_at,"
    " t.ended_at, t.outcome, t.words FROM call_attempts t JOIN agents a ON a.id = t.agent_id"
)
_OPEN = f"({', '.join(repr(state) for state in OPEN_CALLBACKS)})"
_HERE = (
    "WITH RECURSIVE here (root, id) AS (SELECT id, id FROM conversations WHERE id IN (IDS)"
    " UNION SELECT here.root, c.id FROM conversations c JOIN here ON c.merged_into = here.id)"
)
"""What lies in each conversation: itself, and all that went into it."""


class SqliteCallbacks:
    """See `desk.store.base.Callbacks`."""

    def __init__(self, db: Database, target: Callable[[int], int]) -> None:
        """`target`: where a conversation is now, see `Placing.target`."""
        self._db = db
        self._target = target

    def add(self, callback: Callback) -> int | None:
        row = (
            callback.conversation_id, callback.account, callback.number, callback.country, callback.reason,
            callback.language, callback.state, callback.promised_at, callback.until, callback.due_at,
            callback.asked_at, callback.visitor_id, callback.message_id, callback.agent_id,
        )  # fmt: skip
        made = self._db.writer.execute(
            "INSERT INTO callbacks (conversation_id, account, number, country, reason, language, state, promised_at,"
            f" until, due_at, asked_at, visitor_id, message_id, agent_id) VALUES ({marks(row)})"
            " ON CONFLICT DO NOTHING RETURNING id",
            row,
        ).fetchone()
        if made is None:
            return None
        self._db.note("callback", made[0], callback.conversation_id)
        return int(made[0])

    def get(self, id: int) -> Callback | None:
        return self._one(" WHERE k.id = ?", (id,))

    def of_conversation(self, conversation_id: int) -> list[Callback]:
        here = _HERE.replace("IDS", "?")
        rows = self._db.reader.execute(
            f"{here} {_CALLBACK} WHERE k.conversation_id IN (SELECT id FROM here) ORDER BY k.id DESC",
            (conversation_id,),
        )
        return self._made(rows.fetchall())

    def of_message(self, message_id: int) -> Callback | None:
        return self._one(" WHERE k.message_id = ?", (message_id,))

    def open_of(self, visitor_id: int, number: str) -> Callback | None:
        return self._one(f" WHERE k.visitor_id = ? AND k.number = ? AND k.state IN {_OPEN}", (visitor_id, number))

    def page(
        self,
        states: Sequence[CallbackState],
        *,
        visitor_id: int | None = None,
        number: str | None = None,
        offset: int = 0,
        limit: int = 100,
    ) -> list[Callback]:
        rows = self._db.reader.execute(
            f"{_CALLBACK} WHERE k.state IN ({marks(states)}) AND (? IS NULL OR k.visitor_id = ?)"
            " AND (? IS NULL OR k.number = ?) ORDER BY k.due_at, k.id LIMIT ? OFFSET ?",
            (*states, visitor_id, visitor_id, number, number, limit, offset),
        )
        return self._made(rows.fetchall())

    def due_in(self, conversation_ids: Sequence[int]) -> dict[int, Millis]:
        due: dict[int, Millis] = {}
        [any_open] = self._db.reader.execute(
            f"SELECT EXISTS (SELECT 1 FROM callbacks WHERE state IN {_OPEN})"
        ).fetchone()
        if not any_open:
            return due
        for some in portions(conversation_ids):
            rows = self._db.reader.execute(
                f"{_HERE.replace('IDS', marks(some))} SELECT here.root, min(k.due_at) FROM here"
                f" CROSS JOIN callbacks k ON k.conversation_id = here.id WHERE k.state IN {_OPEN} GROUP BY here.root",
                some,
            )
            due.update(rows.fetchall())
        return due

    def ahead(self, due_at: Millis, id: int | None = None) -> int:
        [number] = self._db.reader.execute(
            "SELECT count(*) FROM callbacks WHERE state = 'waiting'"
            " AND (due_at < ?1 OR (due_at = ?1 AND (?2 IS NULL OR id < ?2)))",
            (due_at, id),
        ).fetchone()
        return int(number)

    def chosen(self, since: Millis, until: Millis) -> dict[Millis, int]:
        rows = self._db.reader.execute(
            f"SELECT promised_at, count(*) FROM callbacks WHERE state IN {_OPEN} AND until IS NOT NULL"
            " AND promised_at >= ? AND promised_at < ? GROUP BY promised_at",
            (since, until),
        )
        return dict(rows.fetchall())

    def lasted(self, last: int = 50) -> list[Millis]:
        rows = self._db.reader.execute(
            "SELECT ended_at - begun_at FROM call_attempts WHERE outcome = 'reached' ORDER BY id DESC LIMIT ?", (last,)
        )
        return [took for (took,) in rows]

    # --- conditional statements -----------------------------------------------------------------------------

    def change(
        self,
        id: int,
        expect: Sequence[CallbackState],
        state: CallbackState,
        *,
        due_at: Millis | None = None,
        promised_at: Millis | None = None,
        until: Millis | None = None,
        rev: int | None = None,
    ) -> bool:
        try:
            done = self._db.writer.execute(
                "UPDATE callbacks SET state = ?1, due_at = ifnull(?2, due_at),"
                " until = CASE WHEN ?3 IS NULL THEN until ELSE ?4 END, promised_at = ifnull(?3, promised_at),"
                " rev = rev + 1 WHERE id = ?5 AND (?6 IS NULL OR rev = ?6)"
                f" AND state IN ({', '.join(repr(each) for each in expect)})",
                (state, due_at, promised_at, until, id, rev),
            )
        except sqlite3.IntegrityError:
            return False  # the visitor has another open one for that number by now
        return self._noted(done.rowcount, id)

    def begin(self, id: int, attempt: CallAttempt, expect: Sequence[CallbackState]) -> bool:
        if not self.change(id, expect, "calling"):
            return False
        self.put_attempt(id, attempt)
        return True

    def attempt(self, reference: str) -> CallAttempt | None:
        row = self._db.reader.execute(f"{_ATTEMPT} WHERE t.reference = ?", (reference,)).fetchone()
        return None if row is None else _attempt(row)

    def finish(self, reference: str, outcome: Outcome, at: Millis, *, words: str = "") -> bool:
        done = self._db.writer.execute(
            "UPDATE call_attempts SET outcome = ?1, ended_at = ?2, words = ?3 WHERE reference = ?4"
            " AND (outcome IS NULL OR (outcome = 'unknown' AND ?1 <> 'unknown')) RETURNING callback_id",
            (outcome, at, words, reference),
        ).fetchone()
        return done is not None and self._noted(1, done[0])

    def put_attempt(self, id: int, attempt: CallAttempt) -> None:
        row = (
            id, attempt.reference, attempt.number, attempt.agent_id, attempt.dialer, attempt.claimed,
            attempt.begun_at, attempt.ended_at, attempt.outcome, attempt.words,
        )  # fmt: skip
        self._db.writer.execute(
            "INSERT INTO call_attempts (callback_id, reference, number, agent_id, dialer, claimed, begun_at, ended_at,"
            f" outcome, words) VALUES ({marks(row)}) ON CONFLICT (reference) DO UPDATE SET"
            " ended_at = excluded.ended_at, outcome = excluded.outcome, words = excluded.words",
            row,
        )
        self._noted(1, id)

    def withdraw(self, reference: str) -> bool:
        gone = self._db.writer.execute(
            "DELETE FROM call_attempts WHERE reference = ? RETURNING callback_id", (reference,)
        ).fetchone()
        return gone is not None and self._noted(1, gone[0])

    def _noted(self, changed: int, id: int) -> bool:
        if changed > 0:
            [conversation_id] = self._db.reader.execute(
                "SELECT conversation_id FROM callbacks WHERE id = ?", (id,)
            ).fetchone()
            self._db.note("callback", id, self._target(conversation_id))
        return changed > 0

    # --- rows ---------------------------------------------------------------------------------------------

    def _one(self, where: str, values: tuple[object, ...]) -> Callback | None:
        found = self._made(self._db.reader.execute(_CALLBACK + where, values).fetchall())
        return found[0] if found else None

    def _made(self, rows: list[tuple[Any, ...]]) -> list[Callback]:
        attempts: dict[int, list[CallAttempt]] = {}
        for some in portions(row[0] for row in rows):
            found = self._db.reader.execute(f"{_ATTEMPT} WHERE t.callback_id IN ({marks(some)}) ORDER BY t.id", some)
            for row in found:
                attempts.setdefault(row[1], []).append(_attempt(row))
        return [self._callback(row, tuple(attempts.get(row[0], ()))) for row in rows]

    def _callback(self, row: tuple[Any, ...], attempts: tuple[CallAttempt, ...]) -> Callback:
        id, conversation_id, account, number, country, reason, language, state, promised_at, until, due_at = row[:11]
        asked_at, visitor_id, message_id, agent_id, rev = row[11:]
        return Callback(
            id=id,
            conversation_id=self._target(conversation_id),
            account=account,
            number=number,
            shown=international(number),
            country=country,
            reason=reason,
            language=language,
            state=state,
            promised_at=promised_at,
            until=until,
            due_at=due_at,
            asked_at=asked_at,
            visitor_id=visitor_id,
            message_id=message_id,
            agent_id=agent_id,
            attempts=attempts,
            rev=rev,
        )


def _attempt(row: tuple[Any, ...]) -> CallAttempt:
    id, callback_id, reference, number, agent_id, agent_name, dialer, claimed, begun_at, ended_at, outcome, words = row
    return CallAttempt(
        id=id,
        callback_id=callback_id,
        reference=reference,
        number=number,
        agent_id=agent_id,
        agent_name=agent_name,
        dialer=dialer,
        claimed=bool(claimed),
        begun_at=begun_at,
        ended_at=ended_at,
        outcome=outcome,
        words=words,
    )
