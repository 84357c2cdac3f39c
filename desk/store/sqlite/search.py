"""Full-text search: documents in the order of time, so the newest matches are the first to be read.

FTS5 walks matches by rowid; ids of messages grow with time, so a page costs the same for a rare word and for one
that is in every message. Documents are handed over sorted at commit, since FTS5 begins a new segment whenever a
rowid is lower than the one before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from operator import itemgetter

from desk.model import SearchHit, SearchPage
from desk.store.sqlite.connection import Database, Transaction
from desk.store.sqlite.conversations import SqliteConversations, marks
from desk.store.sqlite.words import Query, excerpt, excerpt_pattern, parse

Document = tuple[int, str, str, str, str]
_NEWEST = (1 << 63) - 1
_EXCERPT_FROM = 16_384


class SqliteSearch:
    """See `desk.store.base.Search`. A query of nothing but `-words` finds nothing."""

    def __init__(self, db: Database, conversations: SqliteConversations) -> None:
        self._db = db
        self._conversations = conversations
        db.before_commit.append(write_documents)

    def find(self, query: str, *, before: int | None = None, limit: int = 50) -> SearchPage:
        parsed = parse(query)
        if not parsed.match or limit < 1:
            return SearchPage(hits=())
        if self._db.writing:
            write_documents(self._db.writer, self._db.transaction)
        found: dict[int, int] = {}
        for message_id, conversation_id in self._newest_of_each(parsed, before):
            found[conversation_id] = message_id
            if len(found) > limit:
                break
        hits = list(found.items())[:limit]
        return SearchPage(
            hits=tuple(self._hits(parsed, hits)),
            next_before=hits[-1][1] if len(found) > limit else None,
        )

    def _newest_of_each(self, query: Query, before: int | None) -> Iterator[tuple[int, int]]:
        """Message and conversation, newest message first, each conversation once and none of an earlier page."""
        rows = self._db.reader.execute(
            "SELECT m.id, m.conversation_id FROM search JOIN messages m ON m.id = search.rowid"
            " WHERE search MATCH ? AND search.rowid < ? ORDER BY search.rowid DESC",
            (query.match, _NEWEST if before is None else before),
        )
        seen: set[int] = set()
        for message_id, conversation_id in rows:
            if conversation_id not in seen:
                seen.add(conversation_id)
                if before is None or not self._matches_from(query, conversation_id, before):
                    yield message_id, conversation_id

    def _matches_from(self, query: Query, conversation_id: int, message_id: int) -> bool:
        """Whether a message of the conversation matches that is as new as the given one."""
        reader = self._db.reader
        newer = reader.execute(
            "SELECT id FROM messages WHERE conversation_id = ? AND id >= ?", (conversation_id, message_id)
        ).fetchall()
        return any(
            reader.execute("SELECT 1 FROM search WHERE search MATCH ? AND rowid = ?", (query.match, id)).fetchone()
            for (id,) in newer
        )

    def _hits(self, query: Query, found: list[tuple[int, int]]) -> Iterator[SearchHit]:
        ids = [message_id for _, message_id in found]
        rows = self._db.reader.execute(
            f"SELECT id, at, substr(body, 1, {_EXCERPT_FROM}) FROM messages WHERE id IN ({marks(ids)})", ids
        )
        messages = {id: (at, body) for id, at, body in rows}
        pattern = excerpt_pattern(query.wanted)
        rows_by_id = {row.id: row for row in self._conversations.many([id for id, _ in found])}
        for conversation_id, message_id in found:
            if message_id in messages and conversation_id in rows_by_id:
                at, body = messages[message_id]
                yield SearchHit(
                    conversation=rows_by_id[conversation_id],
                    message_id=message_id,
                    excerpt=excerpt(body, pattern),
                    at=at,
                )


def write_documents(connection: sqlite3.Connection, transaction: Transaction) -> None:
    """Hand the collected documents to the index, oldest first."""
    if not transaction.documents:
        return
    transaction.documents.sort(key=itemgetter(0))
    connection.executemany(
        "INSERT INTO search (rowid, subject, body, names, files) VALUES (?, ?, ?, ?, ?)", transaction.documents
    )
    transaction.documents.clear()


def forget_document(connection: sqlite3.Connection, document: Document) -> None:
    """Take a document out of the index; it has to be word for word what was put in."""
    connection.execute(
        "INSERT INTO search (search, rowid, subject, body, names, files) VALUES ('delete', ?, ?, ?, ?, ?)", document
    )
