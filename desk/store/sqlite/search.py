"""Full-text search: documents in the order of time, so the newest matches are the first to be read.

FTS5 walks matches by rowid; ids of messages grow with time, so a page costs the same for a rare word and for one
that is in every message. Documents are handed over sorted at commit, since FTS5 begins a new segment whenever a
rowid is lower than the one before.

A prefix is different: FTS5 gathers all its matches first, a quarter of a second for one letter in 100,000 mails,
and its prefix indexes would double the cost of an import. But what makes a prefix slow makes it easy to meet: so the
newest messages are looked at one by one, and FTS5 is asked only once it turns out that too few of them match.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from desk import query as language
from desk.model import SearchHit, SearchPage
from desk.store.sqlite import matching
from desk.store.sqlite.connection import Database
from desk.store.sqlite.conversations import SqliteConversations
from desk.store.sqlite.documents import Document, found_in
from desk.store.sqlite.haystacks import Rows
from desk.store.sqlite.rows import marks
from desk.store.sqlite.transaction import Transaction
from desk.store.sqlite.upkeep import bring_up
from desk.store.sqlite.words import Query, excerpt, excerpt_pattern, parse

_NEWEST = (1 << 63) - 1
_EXCERPT_FROM = 16_384
_LOOK_AT = 16
_ENOUGH = 1 / 8
"""The part of the messages looked at that must match for looking on to be cheaper than asking FTS5."""

_MATCHING = (
    "SELECT m.id, m.conversation_id FROM search JOIN messages m ON m.id = search.rowid"
    " WHERE search MATCH ? AND search.rowid < ? ORDER BY search.rowid DESC"
)
_TEXTS = "m.id, m.conversation_id, m.files, m.subject, m.body, m.detail"
_MATCHING_TEXTS = _MATCHING.replace("m.id, m.conversation_id", _TEXTS, 1)
_ALL_TEXTS = f"SELECT {_TEXTS} FROM messages m WHERE m.id < ? AND m.direction <> 'event' ORDER BY m.id DESC"


class SqliteSearch:
    """See `desk.store.base.Search`. A query of nothing but `-words` finds nothing."""

    def __init__(self, db: Database, conversations: SqliteConversations, rows: Rows) -> None:
        self._db = db
        self._rows = rows
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
        return self._page(parsed.wanted, found, limit)

    def matching(
        self, query: language.Query, *, agent_id: int | None = None, before: int | None = None, limit: int = 50
    ) -> SearchPage:
        text = matching.plain(query)
        if text is not None:
            return self.find(text, before=before, limit=limit)
        if self._db.writing:
            write_documents(self._db.writer, self._db.transaction)
            bring_up(self._db.reader, self._db.transaction)
        beyond = _NEWEST if before is None else before
        seen: set[int] = set()
        found: dict[int, int] = {}
        for message_id, conversation_id in matching.messages(self._db, self._rows, query, agent_id, _NEWEST):
            if conversation_id in seen:
                continue
            seen.add(conversation_id)
            if message_id < beyond:
                found[conversation_id] = message_id
                if len(found) > limit:
                    break
        return self._page(tuple(language.texts_of(query)), found, limit)

    def _page(self, wanted: tuple[str, ...], found: dict[int, int], limit: int) -> SearchPage:
        hits = list(found.items())[:limit]
        return SearchPage(
            hits=tuple(self._hits(wanted, hits)),
            next_before=hits[-1][1] if len(found) > limit else None,
        )

    # --- finding ------------------------------------------------------------------------------------------

    def _newest_of_each(self, query: Query, before: int | None) -> Iterator[tuple[int, int]]:
        """Message and conversation, newest message first, each conversation once and none of an earlier page."""
        seen: set[int] = set()
        for message_id, conversation_id in self._matching(query, _NEWEST if before is None else before):
            if conversation_id not in seen:
                seen.add(conversation_id)
                if before is None or not self._matches_from(query, conversation_id, before):
                    yield message_id, conversation_id

    def _matching(self, query: Query, before: int) -> Iterator[tuple[int, int]]:
        """Every match below `before`, newest first."""
        reader = self._db.reader
        if not query.prefixes:
            yield from reader.execute(_MATCHING, (query.match, before))
            return
        matched = 0
        for looked_at, row in enumerate(self._candidates(query, before)):
            if looked_at % _LOOK_AT == 0 and matched < looked_at * _ENOUGH:
                yield from reader.execute(_MATCHING, (query.match, row[0] + 1))
                return
            if found_in(reader, query.prefixes, row):
                matched += 1
                yield row[0], row[1]

    def _candidates(self, query: Query, before: int) -> Iterable[tuple[int, int, int, str, str, bytes]]:
        if query.without_prefixes:
            return self._db.reader.execute(_MATCHING_TEXTS, (query.without_prefixes, before))
        return self._db.reader.execute(_ALL_TEXTS, (before,))

    def _matches_from(self, query: Query, conversation_id: int, message_id: int) -> bool:
        """Whether a message of the conversation matches that is as new as the given one."""
        newer = self._db.reader.execute(
            "SELECT id FROM messages WHERE conversation_id = ? AND id >= ? AND direction <> 'event'",
            (conversation_id, message_id),
        ).fetchall()
        return any(self._is_match(query, id) for (id,) in newer)

    def _is_match(self, query: Query, message_id: int) -> bool:
        reader = self._db.reader
        match = query.without_prefixes if query.prefixes else query.match
        if (
            match
            and not reader.execute(
                "SELECT 1 FROM search WHERE search MATCH ? AND rowid = ?", (match, message_id)
            ).fetchall()
        ):
            return False
        if not query.prefixes:
            return True
        row = reader.execute(f"SELECT {_TEXTS} FROM messages m WHERE id = ?", (message_id,)).fetchone()
        return found_in(reader, query.prefixes, row)

    # --- showing ------------------------------------------------------------------------------------------

    def _hits(self, wanted: tuple[str, ...], found: Sequence[tuple[int, int]]) -> Iterator[SearchHit]:
        ids = [message_id for _, message_id in found]
        rows = self._db.reader.execute(
            f"SELECT id, at, substr(body, 1, {_EXCERPT_FROM}) FROM messages WHERE id IN ({marks(ids)})", ids
        )
        messages = {id: (at, body) for id, at, body in rows}
        pattern = excerpt_pattern(wanted)
        conversations = {row.id: row for row in self._conversations.many([id for id, _ in found])}
        for conversation_id, message_id in found:
            if message_id in messages and conversation_id in conversations:
                at, body = messages[message_id]
                yield SearchHit(
                    conversation=conversations[conversation_id],
                    message_id=message_id,
                    excerpt=excerpt(body, pattern),
                    at=at,
                )


def write_documents(connection: sqlite3.Connection, transaction: Transaction) -> None:
    """Hand the collected documents to the index, oldest first."""
    if not transaction.documents:
        return
    documents, transaction.documents = sorted(transaction.documents, key=itemgetter(0)), []
    connection.executemany("INSERT INTO search (rowid, subject, body, names, files) VALUES (?, ?, ?, ?, ?)", documents)


def forget_document(connection: sqlite3.Connection, document: Document) -> None:
    """Take a document out of the index; it has to be word for word what was put in."""
    connection.execute(
        "INSERT INTO search (search, rowid, subject, body, names, files) VALUES ('delete', ?, ?, ?, ?, ?)", document
    )
