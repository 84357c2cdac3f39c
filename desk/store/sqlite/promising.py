"""Promises that were given, and what they depend on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from desk.clock import Millis
from desk.model import OPEN_CALLBACKS, Promise, PromiseKind, first_id_at
from desk.promises import Answer, Call, Case, Facts
from desk.store.sqlite.connection import Database
from desk.store.sqlite.conversations import TAG_SEPARATOR
from desk.store.sqlite.rows import insert, marks, portions

_COLUMNS = (
    "conversation_id, kind, policy, calendar, promised, began_at, since, spent, due_at, broken_at, state, ended_at,"
    " agent_id, callback_id"
)
_SELECT = f"SELECT id, {_COLUMNS} FROM promises"
_INSERT = (
    f"INSERT INTO promises ({_COLUMNS}) VALUES ROWS ON CONFLICT (conversation_id, kind, began_at, callback_id)"
    f" DO UPDATE SET ({_COLUMNS}) = ({', '.join(f'excluded.{name}' for name in _COLUMNS.split(', '))})"
)
_UPDATE = f"UPDATE promises SET ({_COLUMNS}) = ({','.join('?' * 14)}) WHERE id = ?"
_FACTS = (
    "SELECT c.id, c.channel, ifnull(c.queue_name, ''), c.priority, c.tags, c.customer_address, CUSTOMER, c.state,"
    " c.waiting_since, c.last_in_at, c.last_out_at, c.assignee_id, c.due_at FROM conversations c"
)
_OPEN_CALLS = f"({', '.join(repr(state) for state in OPEN_CALLBACKS)})"
_RANG = "t.outcome NOT IN ('cancelled', 'failed', 'unknown')"
_HERE = (
    "WITH RECURSIVE here (root, id) AS (SELECT id, id FROM conversations WHERE id IN (IDS)"
    " UNION SELECT here.root, c.id FROM conversations c JOIN here ON c.merged_into = here.id)"
)
_CALLS = (
    f"{_HERE} SELECT here.root, k.id, k.asked_at, ifnull(k.until, k.promised_at), k.due_at, k.state, t.begun_at,"
    " t.agent_id FROM here CROSS JOIN callbacks k ON k.conversation_id = here.id LEFT JOIN call_attempts t ON t.id ="
    f" (SELECT min(t.id) FROM call_attempts t WHERE t.callback_id = k.id AND {_RANG})"
    f" WHERE k.state IN {_OPEN_CALLS}"
    " OR EXISTS (SELECT 1 FROM here h CROSS JOIN promises p ON p.conversation_id = h.id"
    " WHERE h.root = here.root AND p.callback_id = k.id AND p.state = 'running') ORDER BY k.id"
)
_REACHED = (
    f"{_HERE.replace('IDS', '?')} SELECT t.ended_at, t.agent_id FROM here CROSS JOIN callbacks k"
    " ON k.conversation_id = here.id JOIN call_attempts t ON t.callback_id = k.id"
    " WHERE t.outcome = 'reached' AND t.ended_at >= ? ORDER BY t.ended_at LIMIT 1"
)
_WROTE = (
    "SELECT at, agent_id FROM messages WHERE conversation_id = ? AND id >= ? AND direction = 'out' AND kind <> 'auto'"
    " ORDER BY id LIMIT 1"
)


class SqlitePromises:
    """See `desk.store.base.Promises`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def now(self) -> Millis:
        return self._db.clock.now()

    # --- what they depend on --------------------------------------------------------------------------------

    def facts(self, conversation_ids: Sequence[int], *, customers: bool = False) -> list[Facts]:
        tags = "(SELECT tags FROM customers WHERE customers.id = c.customer_id)" if customers else "''"
        select = _FACTS.replace("CUSTOMER", tags)
        calls = self._calls(conversation_ids)
        return [
            _facts(row, tuple(calls.get(row[0], ())))
            for some in portions(conversation_ids)
            for row in self._db.reader.execute(f"{select} WHERE c.id IN ({marks(some)})", some).fetchall()
        ]

    def _calls(self, conversation_ids: Sequence[int]) -> dict[int, list[Call]]:
        found: dict[int, list[Call]] = {}
        if self._any_calls():
            for some in portions(conversation_ids):
                for root, *row in self._db.reader.execute(_CALLS.replace("IDS", marks(some)), some).fetchall():
                    found.setdefault(root, []).append(_call(*row))
        return found

    def _any_calls(self) -> bool:
        return self._db.reader.execute("SELECT 1 FROM callbacks LIMIT 1").fetchone() is not None

    def answer(self, conversation_id: int, since: Millis) -> Answer | None:
        found = [self._db.reader.execute(_WROTE, (conversation_id, first_id_at(since))).fetchone()]
        if self._any_calls():
            found.append(self._db.reader.execute(_REACHED, (conversation_id, since)).fetchone())
        return min((Answer(*row) for row in found if row is not None), key=lambda each: each.at, default=None)

    # --- rows -----------------------------------------------------------------------------------------------

    def of(self, conversation_ids: Sequence[int]) -> list[Promise]:
        found: list[Promise] = []
        for some in portions(conversation_ids):
            found += self._found(f"WHERE conversation_id IN ({marks(some)}) ORDER BY id", some)
        return found

    def put(self, promises: Sequence[Promise]) -> None:
        writer = self._db.writer
        insert(writer, _INSERT, [_row(each) for each in promises if not each.id])
        writer.executemany(_UPDATE, [(*_row(each), each.id) for each in promises if each.id])

    def open_in(self) -> list[int]:
        rows = self._db.reader.execute(
            "SELECT DISTINCT conversation_id FROM promises WHERE state IN ('running', 'paused')"
        )
        return [id for (id,) in rows.fetchall()]

    def overdue(self, at: Millis, limit: int = 500) -> list[Promise]:
        return self._found(
            "WHERE state = 'running' AND broken_at IS NULL AND due_at < ? ORDER BY due_at LIMIT ?", (at, limit)
        )

    def running(
        self, *, until: Millis | None = None, kinds: Sequence[PromiseKind] = (), limit: int = 1_000
    ) -> list[Promise]:
        about, values = _about(kinds)
        by, then = ("", ()) if until is None else (" AND due_at <= ?", (until,))
        return self._found(f"WHERE state = 'running'{by}{about} ORDER BY due_at, id LIMIT ?", (*then, *values, limit))

    def ended(self, since: Millis, until: Millis, *, kinds: Sequence[PromiseKind] = ()) -> list[Promise]:
        about, values = _about(kinds)
        return self._found(
            f"WHERE ended_at >= ? AND ended_at < ?{about} ORDER BY ended_at, id", (since, until, *values)
        )

    def broken(self, since: Millis, until: Millis) -> list[Promise]:
        return self._found(
            "WHERE broken_at >= ? AND broken_at < ? AND state <> 'void' ORDER BY broken_at, id", (since, until)
        )

    def tally(self, since: Millis, until: Millis) -> list[tuple[str, PromiseKind, str, int]]:
        return self._db.reader.execute(
            "SELECT policy, kind, state, sum(number) FROM ("
            " SELECT policy, kind, state, count(*) AS number FROM promises WHERE ended_at >= ? AND ended_at < ?"
            "  GROUP BY policy, kind, state"
            " UNION ALL SELECT policy, kind, CASE WHEN broken_at IS NULL THEN state ELSE 'late' END, count(*)"
            "  FROM promises WHERE state IN ('running', 'paused') GROUP BY 1, 2, 3"
            ") GROUP BY policy, kind, state ORDER BY policy, kind, state",
            (since, until),
        ).fetchall()

    def _found(self, where: str, values: Iterable[object]) -> list[Promise]:
        return [_promise(row) for row in self._db.reader.execute(f"{_SELECT} {where}", tuple(values)).fetchall()]


def _about(kinds: Sequence[PromiseKind]) -> tuple[str, tuple[str, ...]]:
    return (f" AND kind IN ({marks(kinds)})", tuple(kinds)) if kinds else ("", ())


def _facts(row: tuple[Any, ...], calls: tuple[Call, ...]) -> Facts:
    id, channel, queue, priority, tags, address, theirs, state, waiting, last_in, last_out, assignee, due_at = row
    return Facts(
        id=id,
        case=Case(
            channel=channel,
            queue=queue,
            priority=priority,
            tags=tuple(tags.split(TAG_SEPARATOR)) if tags else (),
            address=address,
            customer_tags=tuple(theirs.split(TAG_SEPARATOR)) if theirs else (),
        ),
        state=state,
        waiting_since=waiting,
        last_in_at=last_in,
        last_out_at=last_out,
        assignee_id=assignee,
        due_at=due_at,
        calls=calls,
    )


def _call(id: int, asked_at: int, promised_at: int, due_at: int, state: Any, called_at: Any, agent_id: Any) -> Call:
    return Call(
        id=id,
        asked_at=asked_at,
        promised_at=promised_at,
        due_at=due_at,
        state=state,
        called_at=called_at,
        agent_id=agent_id,
    )


def _row(each: Promise) -> tuple[str | int | None, ...]:
    return (
        each.conversation_id,
        each.kind,
        each.policy,
        each.calendar,
        each.promised,
        each.began_at,
        each.since,
        each.spent,
        each.due_at,
        each.broken_at,
        each.state,
        each.ended_at,
        each.agent_id,
        each.callback_id or 0,
    )


def _promise(row: tuple[Any, ...]) -> Promise:
    id, conversation_id, kind, policy, calendar, promised, began_at, since, spent, due_at, broken_at, state = row[:12]
    ended_at, agent_id, callback_id = row[12:]
    return Promise(
        id=id,
        conversation_id=conversation_id,
        kind=kind,
        policy=policy,
        calendar=calendar,
        promised=promised,
        began_at=began_at,
        since=since,
        spent=spent,
        due_at=due_at,
        broken_at=broken_at,
        state=state,
        ended_at=ended_at,
        agent_id=agent_id,
        callback_id=callback_id or None,
    )
