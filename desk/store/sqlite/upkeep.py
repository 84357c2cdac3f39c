"""What conversations are found by beside the search index, kept up to date.

`haystacks`: subject, customer and tags of a conversation as one folded text, short enough to be read through at each
letter typed. `senders`: who wrote each mail, and in a narrow table where each mail and note is. And what a new mail
of a customer makes unread. New rows are written with what they are about; for the others there is `bring_up`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from desk.model import Address, Message
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
    " ON CONFLICT DO UPDATE SET conversation_id = excluded.conversation_id, text = excluded.text"
)
_MENTIONS_MOVED = (
    "UPDATE OR REPLACE mentions SET conversation_id = ifnull((SELECT conversation_id FROM messages"
    " WHERE id = message_id), conversation_id) WHERE message_id = ?"
)
_UNREAD_AGAIN = (
    "UPDATE reads SET message_id = -message_id WHERE message_id > 0"
    " AND conversation_id IN (SELECT value FROM json_each(?))"
)
"""Where each rep had got to stays known."""


def bring_up(connection: sqlite3.Connection, transaction: Transaction) -> None:
    """For all that the transaction has changed so far, and has not written up to date by itself; safe to repeat."""
    conversations, messages = transaction.stale["conversation"], transaction.stale["message"]
    if conversations:
        _conversations(connection, conversations)
    if messages:
        _messages(connection, messages)
    conversations.clear()
    messages.clear()


def came_in(connection: sqlite3.Connection, added: Sequence[tuple[int, Message]]) -> None:
    """Messages are new, by id: who wrote them, and what they make unread."""
    mails = [(id, message) for id, message in added if message.direction != "event"]
    insert(connection, _SENDER, [(id, message.conversation_id, _sender(message.sender)) for id, message in mails])
    news = {m.conversation_id for _, m in mails if m.direction == "in" and m.kind != "auto"}
    if news:
        connection.execute(_UNREAD_AGAIN, (json.dumps(sorted(news)),))


def write_haystacks(connection: sqlite3.Connection, rows: Sequence[tuple[int, str]]) -> None:
    """Keep what conversations are found by: ids and `haystack`s."""
    insert(connection, _HAYSTACK, rows)


def haystack(subject: str, customer_name: str, customer_address: str, tags: str = "") -> str:
    """What a conversation is found by, letter by letter."""
    return bare(f"{subject}\n{customer_name}\n{customer_address}\n{tags}")


def _conversations(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    for some in portions(sorted(ids)):
        rows = connection.execute(
            f"SELECT id, subject, customer_name, customer_address, tags FROM conversations WHERE id IN ({marks(some)})",
            some,
        )
        write_haystacks(connection, [(id, haystack(*texts)) for id, *texts in rows.fetchall()])


def _messages(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    for some in portions(sorted(ids)):
        rows = connection.execute(
            f"SELECT id, conversation_id, direction, detail FROM messages WHERE id IN ({marks(some)}) ORDER BY id",
            some,
        ).fetchall()
        written = [(id, about, _sender(decode(detail).sender)) for id, about, kind, detail in rows if kind != "event"]
        insert(connection, _SENDER, written)
        gone = [(id,) for id in set(some) - {row[0] for row in rows}]
        connection.executemany("DELETE FROM senders WHERE message_id = ?", gone)
        connection.executemany("DELETE FROM mentions WHERE message_id = ?", gone)
        connection.executemany(_MENTIONS_MOVED, [(id,) for id, _, kind, _ in rows if kind in ("note", "event")])


def _sender(address: Address | None) -> str:
    """Name and address of who wrote a mail, folded; empty for a note."""
    return bare(f"{address.name} {address.email}") if address else ""
