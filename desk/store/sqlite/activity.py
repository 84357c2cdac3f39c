"""What a message does to its conversation's row.

Only mail (`in`, `out`) is activity: it makes the snippet, the count and the order; notes and events do not. The row
keeps when either side wrote last, so a message that arrives late is put where it belongs in time: one from
long before our last answer reopens nothing, an answer from before the customer's last message ends no waiting.
"""

from __future__ import annotations

import sqlite3

from desk.clock import HOUR, Millis
from desk.model import Message
from desk.store.base import StoreError

_SNIPPET_LENGTH = 160

_NEWEST = (
    "messages = messages + 1, has_attachments = has_attachments | :files, third_party = third_party | :third_party,"
    " last_at = CASE messages WHEN 0 THEN :at ELSE max(last_at, :at) END,"
    " snippet = CASE WHEN messages = 0 OR :at >= last_at THEN :snippet ELSE snippet END,"
    " last_direction = CASE WHEN messages = 0 OR :at >= last_at THEN :direction ELSE last_direction END,"
    " rev = rev + 1"
)
_FIRST = (
    "UPDATE conversations SET messages = 1, has_attachments = :files, third_party = :third_party, snippet = :snippet,"
    " last_direction = 'in', last_in_at = :at, waiting_since = :at, rev = rev + 1"
    " WHERE id = :conversation AND messages = 0 AND state = 'open' AND last_at = :at AND last_out_at IS NULL"
)
"""Most imported mail begins a conversation that was made for it: nothing the inbox is sorted by changes then."""
_UNANSWERED = f":at > ifnull(last_out_at, 0) - {HOUR}"
"""Clocks differ, and mail servers tell whole seconds: only what is clearly older than our last answer is answered."""
_IN = (
    f"UPDATE conversations SET {_NEWEST}, last_in_at = max(ifnull(last_in_at, :at), :at),"
    f" waiting_since = CASE WHEN {_UNANSWERED} AND state <> 'spam'"
    " THEN min(ifnull(waiting_since, :at), :at) ELSE waiting_since END,"
    f" snoozed_until = CASE WHEN {_UNANSWERED} THEN NULL ELSE snoozed_until END,"
    f" state = CASE WHEN {_UNANSWERED} AND state <> 'spam' THEN 'open' ELSE state END"
    " WHERE id = :conversation"
)
_OUT = (
    f"UPDATE conversations SET {_NEWEST}, last_out_at = max(ifnull(last_out_at, :at), :at),"
    " snoozed_until = CASE WHEN :at >= ifnull(last_in_at, :at) THEN NULL ELSE snoozed_until END,"
    " state = CASE WHEN :at >= ifnull(last_in_at, :at) AND state <> 'spam' THEN 'waiting' ELSE state END,"
    " waiting_since = CASE WHEN :at >= ifnull(last_in_at, :at) THEN NULL WHEN waiting_since <= :at THEN"
    " (SELECT min(at) FROM messages WHERE conversation_id = :conversation AND direction = 'in' AND kind <> 'auto'"
    " AND at > :at) ELSE waiting_since END"
    " WHERE id = :conversation"
)
_AUTO = f"UPDATE conversations SET {_NEWEST} WHERE id = :conversation"
_UNSEEN = "UPDATE conversations SET has_attachments = has_attachments | :files, rev = rev + 1 WHERE id = :conversation"

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


def add(writer: sqlite3.Connection, message: Message) -> None:
    """Bring the row up to date before the message itself is there.

    Raises `StoreError` if there is no such conversation.
    """
    values = {
        "conversation": message.conversation_id,
        "at": message.at,
        "direction": message.direction,
        "snippet": snippet(message.body),
        "files": int(any(not attachment.inline for attachment in message.attachments)),
        "third_party": int(message.third_party),
    }
    statement = _statement(message)
    if statement is _IN and writer.execute(_FIRST, values).rowcount:
        return
    updated = writer.execute(statement, values)
    if not updated.rowcount:
        raise StoreError(f"there is no conversation {message.conversation_id} to add a message to")


def _statement(message: Message) -> str:
    if message.direction not in ("in", "out"):
        return _UNSEEN
    if message.kind == "auto":
        return _AUTO
    return _IN if message.direction == "in" else _OUT


def recount(writer: sqlite3.Connection, conversation_id: int) -> None:
    """Compute the row anew from all messages; its state stays."""
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


def reopen_if_unanswered(writer: sqlite3.Connection, conversation_id: int) -> None:
    """`waiting` or `resolved` becomes `open` if the customer wrote last after all."""
    writer.execute(_REOPEN, (conversation_id,))


def snippet(body: str) -> str:
    """The first words of a body, on one line."""
    return " ".join(body[: 4 * _SNIPPET_LENGTH].split())[:_SNIPPET_LENGTH]
