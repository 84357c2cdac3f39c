"""What happened, found out at the end of each transaction: the rows it changed beside what they were before.

Whatever way a row is changed by, acting, undoing, merging or mail, what follows for the log is told in one place.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from desk.clock import Millis
from desk.model import Channel, Happening, HappeningKind, State, first_id_at
from desk.store.sqlite.connection import Database
from desk.store.sqlite.conversations import TAG_SEPARATOR
from desk.store.sqlite.rows import insert, marks, portions
from desk.store.sqlite.transaction import Transaction

_COLUMNS = "at, kind, conversation_id, channel, queue_id, agent_id, value, late, first"
_INSERT = f"INSERT INTO happenings ({_COLUMNS}) VALUES ROWS"
_SELECT = f"SELECT id, {_COLUMNS} FROM happenings"
_STANDINGS = (
    "SELECT id, state, channel, queue_id, assignee_id, waiting_since, due_at, last_in_at, last_out_at, tags"
    " FROM conversations WHERE id IN ({})"
)
_CHATS = "SELECT conversation_id, state, began_at, ended_at, left_at, rating FROM chats WHERE conversation_id IN ({})"
_CALLS = (
    "SELECT t.reference, t.callback_id, t.agent_id, t.begun_at, t.ended_at, t.outcome,"
    " t.begun_at - ifnull(k.until, k.promised_at), NOT EXISTS (SELECT 1 FROM call_attempts e"
    "  WHERE e.callback_id = t.callback_id AND e.id < t.id AND e.outcome NOT IN ('cancelled', 'failed'))"
    " FROM call_attempts t JOIN callbacks k ON k.id = t.callback_id WHERE t.callback_id IN ({})"
    " AND t.outcome NOT IN ('unknown', 'cancelled', 'failed') ORDER BY t.id"
)
_LAST_TOLD = (
    "SELECT kind, value, late, first, agent_id FROM happenings WHERE conversation_id = ?"
    " AND kind IN ('arrived', 'resumed', 'answered', 'closed') ORDER BY id DESC LIMIT 1"
)
_LEFT = (
    f"{_SELECT} WHERE at = ? AND kind = 'abandoned' AND value = ? ORDER BY conversation_id = ? DESC, id DESC LIMIT 1"
)
_TAG = "SELECT id FROM tags WHERE name = ?"
_BEGINNINGS = ("arrived", "resumed")


class _Standing(NamedTuple):
    """How a conversation stands."""

    id: int
    state: State
    channel: Channel
    queue_id: int | None
    assignee_id: int | None
    waiting_since: Millis | None
    due_at: Millis | None
    last_in_at: Millis | None
    last_out_at: Millis | None
    tags: str

    @property
    def waits(self) -> Millis | None:
        return self.waiting_since if self.state in ("open", "waiting", "snoozed") else None


class _Chat(NamedTuple):
    conversation_id: int
    state: str
    began_at: Millis
    ended_at: Millis | None
    left_at: Millis | None
    rating: int | None


class _Call(NamedTuple):
    reference: str
    callback_id: int
    agent_id: int
    begun_at: Millis
    ended_at: Millis
    outcome: str
    late: Millis
    first: int


class _Told(NamedTuple):
    kind: str = ""
    value: int | None = None
    late: Millis | None = None
    first: int = 0
    agent_id: int | None = None


class SqliteHappenings:
    """See `desk.store.base.Happenings`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        db.before_commit.append(self._append)

    def pass_over(self) -> None:
        self._db.require_writing()
        self._db.transaction.happening = False

    def after(self, id: int, limit: int = 1_000) -> list[Happening]:
        rows = self._db.reader.execute(f"{_SELECT} WHERE id > ? ORDER BY id LIMIT ?", (id, limit))
        return [_happening(*row) for row in rows.fetchall()]

    def between(self, since: Millis, until: Millis) -> Iterator[Happening]:
        rows = self._db.reader.execute(f"{_SELECT} WHERE at >= ? AND at < ? ORDER BY at, id", (since, until))
        return (_happening(*row) for row in rows)

    def last(self) -> int:
        [id] = self._db.reader.execute("SELECT ifnull(max(id), 0) FROM happenings").fetchone()
        return int(id)

    def forget(self, before: Millis, limit: int) -> int:
        dropped = self._db.writer.execute(
            "DELETE FROM happenings WHERE id IN (SELECT id FROM happenings WHERE at < ? ORDER BY at LIMIT ?)",
            (before, limit),
        )
        return dropped.rowcount

    def _append(self, connection: sqlite3.Connection, transaction: Transaction) -> None:
        if not transaction.happening:
            return
        found = [*transaction.happened]
        if transaction.changes:
            changed: dict[str, dict[int, int]] = {"conversation": {}, "chat": {}, "callback": {}}
            for kind, id, about in transaction.changes:
                if kind in changed:
                    changed[kind][id] = about or id
            found += _Comparison(connection, self._db, changed, transaction.came).run()
        insert(connection, _INSERT, [_row(each) for each in found])


class _Comparison:
    """What a transaction changed, beside the last commit."""

    def __init__(
        self,
        now: sqlite3.Connection,
        db: Database,
        changed: Mapping[str, Mapping[int, int]],
        came: Collection[tuple[int, Millis]],
    ) -> None:
        self._now = now
        self._before = db.committed
        self._at = db.clock.now()
        self._changed = changed
        self._came = came

    def run(self) -> Iterator[Happening]:
        ids = self._changed["conversation"]
        before = {row[0]: _Standing(*row) for row in _rows(self._before, _STANDINGS, ids)} if ids else {}
        after = {row[0]: _Standing(*row) for row in _rows(self._now, _STANDINGS, ids)} if ids else {}
        calls = list(self._calls())
        by_call = {id: call for id, call in calls if call.outcome == "reached"}
        for id, row in after.items():
            was = before.get(id)
            yield from self._waiting(was, row, by_call.get(id))
            yield from self._standing(was, row)
        for id, call in calls:
            yield self._called(id, call, after.get(id))
        yield from self._chats(after)

    # --- waits ----------------------------------------------------------------------------------------------

    def _waiting(self, was: _Standing | None, row: _Standing, call: _Call | None) -> Iterator[Happening]:
        since, until = was.waits if was else None, row.waits
        if since == until:
            return
        answered = was is not None and row.last_out_at is not None and row.last_out_at > (was.last_out_at or -1)
        if since is not None and was is not None and (until is None or (answered and until > since)):
            yield self._ended(was, row, since, call, answered=answered)
            since = None
        if since is None and until is not None:
            yield self._began(was, row, until)

    def _began(self, was: _Standing | None, row: _Standing, since: Millis) -> Happening:
        if not self._was_there(row.id, since):
            first = was is None or was.last_in_at is None
            return _of(row, "arrived", min(since, self._at), agent_id=row.assignee_id, first=first)
        told = self._last_told(row.id)
        if told.kind != "answered":
            return _of(row, "resumed", self._at, agent_id=row.assignee_id)
        return _of(
            row,
            "resumed",
            self._at,
            agent_id=told.agent_id,
            value=told.value,
            late=told.late,
            first=told.first == 1,
        )

    def _ended(self, was: _Standing, row: _Standing, since: Millis, call: _Call | None, *, answered: bool) -> Happening:
        told = self._last_told(row.id).kind in _BEGINNINGS
        at, agent_id = self._at, row.assignee_id
        if answered and row.last_out_at is not None:
            at, agent_id = min(row.last_out_at, at), self._who(row.id, row.last_out_at)
        elif call is not None:
            at, agent_id = call.ended_at, call.agent_id
        else:
            return _of(row, "closed", at, agent_id=agent_id, value=max(at - since, 0) if told else None)
        return _of(
            row,
            "answered",
            at,
            agent_id=agent_id,
            value=max(at - since, 0) if told else None,
            late=at - was.due_at if was.due_at is not None and told else None,
            first=was.last_out_at is None,
        )

    def _was_there(self, conversation_id: int, at: Millis) -> bool:
        """Whether what waits since then was here before, in whatever conversation."""
        if (conversation_id, at) in self._came:
            return False
        ids = self._now.execute(
            "SELECT id FROM messages WHERE conversation_id = ? AND id >= ? AND direction = 'in' AND at = ? LIMIT 10",
            (conversation_id, first_id_at(at), at),
        ).fetchall()
        return bool(_rows(self._before, "SELECT id FROM messages WHERE id IN ({})", (id for (id,) in ids)))

    def _last_told(self, conversation_id: int) -> _Told:
        """The last thing that the log tells of the waiting in a conversation."""
        row = self._now.execute(_LAST_TOLD, (conversation_id,)).fetchone()
        return _Told() if row is None else _Told(*row)

    def _who(self, conversation_id: int, at: Millis) -> int | None:
        row = self._now.execute(
            "SELECT agent_id FROM messages WHERE conversation_id = ? AND direction = 'out' AND kind <> 'auto'"
            " AND at = ? ORDER BY id DESC LIMIT 1",
            (conversation_id, at),
        ).fetchone()
        return None if row is None else row[0]

    # --- what else ------------------------------------------------------------------------------------------

    def _standing(self, was: _Standing | None, row: _Standing) -> Iterator[Happening]:
        if row.state == "merged" or (was is not None and was.state == "merged"):
            return
        if row.assignee_id != (was.assignee_id if was else None):
            yield _of(row, "assigned", self._at, agent_id=row.assignee_id)
        if row.tags != (was.tags if was else ""):
            yield from self._tagged(was, row)
        if was is None:
            return
        if row.queue_id != was.queue_id:
            yield _of(row, "queued", self._at, agent_id=row.assignee_id)
        if row.state == "resolved" and was.state != "resolved":
            yield _of(row, "resolved", self._at, agent_id=row.assignee_id, value=self._answers(row.id))
        if was.state == "resolved" and row.state in ("open", "waiting", "snoozed"):
            yield _of(row, "reopened", self._at, agent_id=row.assignee_id)

    def _tagged(self, was: _Standing | None, row: _Standing) -> Iterator[Happening]:
        had = set(was.tags.split(TAG_SEPARATOR)) if was else set()
        for name in row.tags.split(TAG_SEPARATOR):
            tag = None if name in had else self._now.execute(_TAG, (name,)).fetchone()
            if tag is not None:
                yield _of(row, "tagged", self._at, agent_id=row.assignee_id, value=tag[0])

    def _answers(self, conversation_id: int) -> int:
        [number] = self._now.execute(
            "SELECT count(*) FROM messages WHERE conversation_id = ? AND direction = 'out' AND kind = 'message'",
            (conversation_id,),
        ).fetchone()
        return int(number)

    def _chats(self, after: Mapping[int, _Standing]) -> Iterator[Happening]:
        ids = self._changed["chat"]
        if not ids:
            return
        before = {row[0]: _Chat(*row) for row in _rows(self._before, _CHATS, ids)}
        for row in _rows(self._now, _CHATS, ids):
            chat, was = _Chat(*row), before.get(row[0])
            about = self._place(chat.conversation_id)
            if about is None:
                continue
            yield from self._abandoned(about, was, chat)
            if chat.rating is not None and (was is None or was.rating != chat.rating):
                yield _of(about, "rated", self._at, agent_id=about.assignee_id, value=chat.rating)

    def _abandoned(self, about: _Standing, was: _Chat | None, chat: _Chat) -> Iterator[Happening]:
        """Who left and then ends the chat has left before; who comes back, while nobody has answered, has not left."""
        before = was.left_at if was is not None else None
        at = chat.left_at
        if at is None and was is not None and was.state == "waiting" and chat.state == "ended":
            at = chat.ended_at
        if at is not None and before is None:
            late = at - about.due_at if about.due_at is not None else None
            yield _of(about, "abandoned", at, value=at - chat.began_at, late=late)
        elif at is None and before is not None:
            told = self._now.execute(_LEFT, (before, before - chat.began_at, chat.conversation_id)).fetchone()
            if told is not None:  # where they were then, whatever became of the conversation
                yield replace(_happening(*told), id=0, kind="returned")

    def _place(self, id: int) -> _Standing | None:
        """Where a conversation is, after any merging."""
        for _ in range(100):
            rows = _rows(self._now, _STANDINGS, (id,))
            if not rows:
                return None
            into = None
            if rows[0][1] == "merged":
                [into] = self._now.execute("SELECT merged_into FROM conversations WHERE id = ?", (id,)).fetchone()
            if into is None:
                return _Standing(*rows[0])
            id = into
        return None

    def _calls(self) -> Iterator[tuple[int, _Call]]:
        """Attempts that are over since, and where."""
        ids = self._changed["callback"]
        if not ids:
            return
        before = {row[0] for row in _rows(self._before, _CALLS, ids)}
        for row in _rows(self._now, _CALLS, ids):
            if row[0] not in before:
                call = _Call(*row)
                yield ids[call.callback_id], call

    def _called(self, id: int, call: _Call, row: _Standing | None) -> Happening:
        about = row or self._place(id)
        return Happening(
            at=call.ended_at,
            kind="called",
            conversation_id=id,
            channel="callback",
            queue_id=about.queue_id if about else None,
            agent_id=call.agent_id,
            value=call.ended_at - call.begun_at,
            late=call.late,
            first=bool(call.first),
        )


def _rows(connection: sqlite3.Connection, sql: str, ids: Iterable[int]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for some in portions(sorted(ids)):
        found += connection.execute(sql.format(marks(some)), some).fetchall()
    return found


def _of(row: _Standing, kind: HappeningKind, at: Millis, **more: Any) -> Happening:
    return Happening(at=at, kind=kind, conversation_id=row.id, channel=row.channel, queue_id=row.queue_id, **more)


def _row(each: Happening) -> tuple[str | int | None, ...]:
    return (
        each.at,
        each.kind,
        each.conversation_id,
        each.channel,
        each.queue_id,
        each.agent_id,
        each.value,
        each.late,
        int(each.first),
    )


def _happening(*row: Any) -> Happening:
    id, at, kind, conversation_id, channel, queue_id, agent_id, value, late, first = row
    return Happening(
        id=id,
        at=at,
        kind=kind,
        conversation_id=conversation_id,
        channel=channel,
        queue_id=queue_id,
        agent_id=agent_id,
        value=value,
        late=late,
        first=first == 1,
    )
