"""What a message does to its conversation's row.

Only mail (`in`, `out`) is activity: it makes the snippet, the count and the order; notes and events do not. The row
keeps when either side wrote last, so a message that arrives late is put where it belongs in time: one from
long before our last answer reopens nothing, an answer from before the customer's last message ends no waiting.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from msgspec import Struct

from desk.clock import HOUR, Millis
from desk.model import Direction, Message, State
from desk.store.sqlite.documents import decode
from desk.text import fold_address

_SNIPPET_LENGTH = 160
_CLOCKS_DIFFER: Millis = HOUR
"""Mail servers tell whole seconds, too: only what is clearly older than our last answer is answered."""

_RECOUNT = """
UPDATE conversations SET rev = rev + 1,
  messages = (SELECT count(*) FROM messages WHERE conversation_id = ?1 AND direction IN ('in', 'out')),
  has_attachments = EXISTS (SELECT 1 FROM messages m JOIN attachments a ON a.message_id = m.id
    WHERE conversation_id = ?1 AND files > 0 AND NOT inline),
  third_party = EXISTS (SELECT 1 FROM messages WHERE conversation_id = ?1 AND third_party),
  last_in_at = (SELECT max(at) FROM messages
    WHERE conversation_id = ?1 AND direction = 'in' AND kind <> 'auto'),
  last_out_at = (SELECT max(at) FROM messages
    WHERE conversation_id = ?1 AND direction = 'out' AND kind <> 'auto')
WHERE id = ?1
"""
_RECOUNT_NEWEST = """
UPDATE conversations SET last_at = ?2, last_direction = ?3, snippet = ?4 WHERE id = ?1
"""
_RECOUNT_WAITING = """
UPDATE conversations SET waiting_since = (SELECT min(at) FROM messages
  WHERE conversation_id = ?1 AND direction = 'in' AND kind <> 'auto' AND at > ifnull(last_out_at, -1))
WHERE id = ?1 AND state NOT IN ('resolved', 'spam')
"""
_REOPEN = """
UPDATE conversations SET state = 'open', waiting_since = (SELECT min(at) FROM messages
  WHERE conversation_id = ?1 AND direction = 'in' AND kind <> 'auto' AND at > ifnull(last_out_at, -1))
WHERE id = ?1 AND state IN ('waiting', 'resolved') AND last_in_at > ifnull(last_out_at, -1)
"""


class Row(Struct):
    """What mail changes of a conversation's row, while a transaction adds mail to it."""

    id: int
    state: State
    last_at: Millis
    due_at: Millis | None = None
    pace: int = 0
    due_work: Millis | None = None
    snippet: str = ""
    messages: int = 0
    has_attachments: int = 0
    third_party: int = 0
    last_direction: Direction = "in"
    last_in_at: Millis | None = None
    last_out_at: Millis | None = None
    waiting_since: Millis | None = None
    snoozed_until: Millis | None = None
    rev: int = 1
    begun: tuple[str | int | None, ...] | None = None
    """The other columns, until the row is in the table."""
    changed: bool = False
    """Whether the table has yet to learn of it."""
    known: tuple[str | int | None, ...] = ()
    """What the table knows of it."""


NextUnanswered = Callable[[int, Millis], Millis | None]
"""When the first customer's message of a conversation came that is later than an instant."""


def add(row: Row, message: Message, next_unanswered: NextUnanswered) -> None:
    """Bring the row up to date before the message itself is there."""
    at = message.at
    row.has_attachments |= any(not attachment.inline for attachment in message.attachments)
    if message.direction in ("in", "out"):
        if message.kind != "auto":
            _take_turn(row, message.direction, at, next_unanswered)
        if not row.messages or at >= row.last_at:
            row.last_at, row.snippet, row.last_direction = at, snippet(message.body), message.direction
        row.messages += 1
        row.third_party |= message.third_party
    row.rev += 1
    row.changed = True


def _take_turn(row: Row, direction: Direction, at: Millis, next_unanswered: NextUnanswered) -> None:
    """Whose turn it is now: the customer's mail waits for us, ours ends the waiting for what came before it."""
    if direction == "in":
        if at > (row.last_out_at or 0) - _CLOCKS_DIFFER:
            row.snoozed_until = None
            if row.state != "spam":
                row.state = "open"
                row.waiting_since = at if row.waiting_since is None else min(row.waiting_since, at)
        row.last_in_at = at if row.last_in_at is None else max(row.last_in_at, at)
        return
    if row.last_in_at is None or at >= row.last_in_at:
        row.waiting_since = row.snoozed_until = None
        if row.state != "spam":
            row.state = "waiting"
    elif row.waiting_since is not None and row.waiting_since <= at:
        row.waiting_since = next_unanswered(row.id, at)
    row.last_out_at = at if row.last_out_at is None else max(row.last_out_at, at)


def recount(writer: sqlite3.Connection, conversation_id: int) -> None:
    """Compute the row anew from all messages, and whom they were written to; its state stays."""
    writer.execute(_RECOUNT, (conversation_id,))
    newest = writer.execute(
        "SELECT at, direction, substr(body, 1, 4000) FROM messages WHERE conversation_id = ?"
        " AND direction IN ('in', 'out') ORDER BY id DESC LIMIT 1",
        (conversation_id,),
    ).fetchone()
    at: Millis
    if newest is None:
        [at] = writer.execute("SELECT created_at FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
        newest = (at, "in", "")
    at, direction, body = newest
    writer.execute(_RECOUNT_NEWEST, (conversation_id, at, direction, snippet(body)))
    writer.execute(_RECOUNT_WAITING, (conversation_id,))
    _recount_addressed(writer, conversation_id)


def _recount_addressed(writer: sqlite3.Connection, conversation_id: int) -> None:
    rows = writer.execute(
        "SELECT detail FROM messages WHERE conversation_id = ? AND direction IN ('in', 'out')", (conversation_id,)
    )
    details = [decode(detail) for (detail,) in rows]
    addressed = {fold_address(address.email) for detail in details for address in (*detail.to, *detail.cc)}
    writer.execute("DELETE FROM addressed WHERE conversation_id = ?", (conversation_id,))
    writer.executemany(
        "INSERT INTO addressed (conversation_id, address) VALUES (?, ?)",
        [(conversation_id, address) for address in addressed],
    )


def reopen_if_unanswered(writer: sqlite3.Connection, conversation_id: int) -> None:
    """`waiting` or `resolved` becomes `open` if the customer wrote last after all."""
    writer.execute(_REOPEN, (conversation_id,))


def snippet(body: str) -> str:
    """The first words of a body, on one line."""
    words = " ".join(body[: 2 * _SNIPPET_LENGTH].split())
    if len(words) < _SNIPPET_LENGTH:
        words = " ".join(body[: 4 * _SNIPPET_LENGTH].split())
    return words[:_SNIPPET_LENGTH]
