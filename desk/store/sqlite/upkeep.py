"""Brings up to date, before each commit, what conversations are found by beside the search index.

`haystacks`: subject, customer and tags of a conversation as one folded text, short enough to be read through at each
letter typed. `senders`: who wrote each mail, and in a narrow table where each mail and note is. And what a new mail
of a customer makes unread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from desk.store.sqlite.documents import decode
from desk.store.sqlite.rows import insert, marks, portions
from desk.store.sqlite.transaction import Transaction
from desk.store.sqlite.words import bare

_HAYSTACK = (
    "INSERT INTO haystacks (conversation_id, text) VALUES ROWS"
    " ON CONFLICT DO UPDATE SET text = excluded.text WHERE text <> excluded.text"
)
_SENDER = (
    "INSERT INTO senders (message_id, conversation_id, text) VALUES ROWS"
    " ON CONFLICT DO UPDATE SET conversation_id = excluded.conversation_id"
)
_MENTIONS_MOVED = (
    "UPDATE OR REPLACE mentions SET conversation_id = ifnull((SELECT conversation_id FROM messages"
    " WHERE id = message_id), conversation_id) WHERE message_id = ?"
)


def bring_up(connection: sqlite3.Connection, transaction: Transaction) -> None:
    """For all that the transaction has changed so far; safe to repeat."""
    changed: dict[str, dict[int, None]] = {"conversation": {}, "message": {}}
    for kind, id, _ in transaction.changes:
        if kind in changed:
            changed[kind][id] = None
    _messages(connection, changed["message"])
    _conversations(connection, changed["conversation"])


def _conversations(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    for some in portions(ids):
        rows = connection.execute(
            "SELECT id, subject || char(10) || customer_name || char(10) || customer_address || char(10) || tags"
            f" FROM conversations WHERE id IN ({marks(some)}) ORDER BY id",
            some,
        )
        insert(connection, _HAYSTACK, [(id, bare(text)) for id, text in rows.fetchall()])


def _messages(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    for some in portions(ids):
        rows = connection.execute(
            "SELECT m.id, m.conversation_id, m.direction = 'in' AND m.kind <> 'auto', m.detail, s.message_id IS NULL,"
            " m.direction = 'note'"
            f" FROM messages m LEFT JOIN senders s ON s.message_id = m.id WHERE m.id IN ({marks(some)})"
            " AND m.direction <> 'event' ORDER BY m.id",
            some,
        ).fetchall()
        insert(connection, _SENDER, [(id, about, sender(detail)) for id, about, _, detail, *_ in rows])
        news = {(about,) for _, about, from_customer, _, is_new, _ in rows if from_customer and is_new}
        connection.executemany("DELETE FROM reads WHERE conversation_id = ?", sorted(news))
        gone = [(id,) for id in set(some) - {row[0] for row in rows}]
        connection.executemany("DELETE FROM senders WHERE message_id = ?", gone)
        connection.executemany("DELETE FROM mentions WHERE message_id = ?", gone)
        notes = [(id,) for id, _, _, _, _, is_note in rows if is_note]
        connection.executemany(_MENTIONS_MOVED, notes)


def sender(detail: bytes) -> str:
    """Name and address of who wrote a mail, folded; empty for a note."""
    address = decode(detail).sender
    return bare(f"{address.name} {address.email}") if address else ""
