"""Rows of conversations that mail begins or adds to: kept in the transaction, written together."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable

from desk.clock import Millis
from desk.model import State
from desk.store.sqlite.activity import Row
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import insert, marks, portions
from desk.store.sqlite.transaction import Transaction
from desk.store.sqlite.upkeep import haystack, write_haystacks

_OF_MAIL = (
    "state, last_at, due_at, pace, due_work, snippet, messages, has_attachments, third_party, last_direction,"
    " last_in_at, last_out_at, waiting_since, snoozed_until, rev"
)
_SELECT = f"SELECT id, {_OF_MAIL} FROM conversations WHERE id IN"
_UPDATE = f"UPDATE conversations SET ({_OF_MAIL}) = ({','.join('?' * 15)}) WHERE id = ?"
_UPDATE_REV = "UPDATE conversations SET rev = ? WHERE id = ?"
"""What only its revision tells of, such as a note, is in no index."""
_INSERT = (
    f"INSERT INTO conversations (id, {_OF_MAIL}, subject, channel, account, customer_id, customer_name,"
    " customer_address, queue_id, queue_name, created_at, folded_subject) VALUES ROWS"
)
_COUNT = (
    "INSERT INTO conversation_counts (state, assignee_id, number) VALUES (?, 0, ?)"
    " ON CONFLICT DO UPDATE SET number = number + excluded.number"
)


class ConversationRows:
    """The rows of the running transaction that the table has yet to learn of."""

    def __init__(self, db: Database) -> None:
        self._db = db
        db.settlers.append(_write)

    def begin(self, row: Row) -> None:
        """A conversation of its own, that nobody is assigned to."""
        transaction = self._db.transaction
        transaction.conversations[row.id] = row
        transaction.put_off = True

    def find(self, id: int) -> Row | None:
        """A row to be changed: set its `changed` then."""
        transaction = self._db.transaction
        row = transaction.conversations.get(id)
        if row is None:
            self.expect((id,))
            row = transaction.conversations.get(id)
        if row is not None:
            transaction.put_off = True
        return row

    def expect(self, ids: Iterable[int]) -> None:
        """Read at once the rows that will be asked for."""
        known = self._db.transaction.conversations
        for some in portions(id for id in ids if id not in known):
            for found in self._db.aside.execute(f"{_SELECT} ({marks(some)})", some):
                row = known[found[0]] = Row(*found)
                row.known = found[1:]

    def at_hand(self, id: int) -> Row | None:
        """A row that was begun, found or expected already; inside `write`."""
        self._db.require_writing()
        return self._db.transaction.conversations.get(id)

    def change(self, row: Row) -> None:
        """The table has yet to learn of it."""
        row.rev += 1
        row.changed = self._db.transaction.put_off = True

    def next_unanswered(self, id: int, after: Millis) -> Millis | None:
        """See `activity.NextUnanswered`."""
        [at] = self._db.reader.execute(
            "SELECT min(at) FROM messages WHERE conversation_id = ? AND direction = 'in' AND kind <> 'auto' AND at > ?",
            (id, after),
        ).fetchone()
        self._db.transaction.put_off = True
        return None if at is None else int(at)


def _write(connection: sqlite3.Connection, transaction: Transaction) -> None:
    changed = [row for row in transaction.conversations.values() if row.changed]
    begun = [(row.id, *_of_mail(row), *row.begun) for row in changed if row.begun is not None]
    insert(connection, _INSERT, begun)
    write_haystacks(connection, [_found_by(row.id, row.begun) for row in changed if row.begun is not None])
    states: Counter[State] = Counter(row.state for row in changed if row.begun is not None)
    connection.executemany(_COUNT, states.items())
    updates = [(row, _of_mail(row)) for row in changed if row.begun is None]
    connection.executemany(_UPDATE_REV, [(row.rev, row.id) for row, now in updates if now[:-1] == row.known[:-1]])
    connection.executemany(_UPDATE, [(*now, row.id) for row, now in updates if now[:-1] != row.known[:-1]])
    for row in changed:
        row.begun, row.changed, row.known = None, False, _of_mail(row)


def _found_by(id: int, begun: tuple[str | int | None, ...]) -> tuple[int, str]:
    subject, _, _, _, name, address, *_ = begun
    return id, haystack(f"{subject}", f"{name}", f"{address}")


def _of_mail(row: Row) -> tuple[str | int | None, ...]:
    return (
        row.state,
        row.last_at,
        row.due_at,
        row.pace,
        row.due_work,
        row.snippet,
        row.messages,
        row.has_attachments,
        row.third_party,
        row.last_direction,
        row.last_in_at,
        row.last_out_at,
        row.waiting_since,
        row.snoozed_until,
        row.rev,
    )
