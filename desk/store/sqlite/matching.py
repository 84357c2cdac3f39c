"""Search in the whole language: words of messages, fields of their conversations.

Words alone go to the search index as one expression and are read newest first. With fields, what conversations match
is found first if they are few; else each found message's conversation is asked, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from desk.query import All, Field, Not, Phrase, Prefix, Query, Word, render
from desk.store.sqlite.connection import Database
from desk.store.sqlite.filters import Filter, Sql, as_json, joined
from desk.store.sqlite.fulltext import expression, is_text, match
from desk.store.sqlite.haystacks import FEW, Rows

Found = Iterator[tuple[int, int]]
"""Message and conversation, newest message first."""

_ONE_BY_ONE = 500
"""Messages of which each is looked up in the index, rather than all that match being gathered first."""

_WITH_WORDS = (
    "SELECT m.id, m.conversation_id FROM search JOIN messages m ON m.id = search.rowid"
    " WHERE search MATCH ? AND search.rowid < ? ORDER BY search.rowid DESC"
)
_OF_SOME = (
    "SELECT m.id, m.conversation_id FROM messages m WHERE m.conversation_id IN (SELECT value FROM json_each(?))"
    " AND m.id < ? AND m.direction <> 'event'{} ORDER BY m.id DESC"
)
_ANY = (
    "SELECT m.id, m.conversation_id FROM messages m JOIN conversations c ON c.id = m.conversation_id"
    " WHERE m.id < ? AND m.direction <> 'event' AND {} ORDER BY m.id DESC"
)


def plain(query: Query) -> str | None:
    """The text of a query of nothing but words that all have to occur, or not to; None for any other."""
    parts = query.of if isinstance(query, All) else (query,)
    simple = (Word, Phrase, Prefix)
    if all(isinstance(part, simple) or (isinstance(part, Not) and isinstance(part.of, simple)) for part in parts):
        return render(query)
    return None


def messages(db: Database, query: Query, agent_id: int | None, before: int) -> Found:
    """Every message that matches, below id `before`."""
    parts = query.of if isinstance(query, All) else (query,)
    words = All(tuple(part for part in parts if is_text(part)))
    rest = [part for part in parts if not is_text(part)]
    wanted = expression(words) if words.of else None
    if all(map(_is_of_conversation, rest)) and (wanted or not words.of):
        return _with_conversations(db, wanted, All(tuple(rest)), agent_id, before)
    condition = _condition(Filter(db.reader, agent_id, Rows(db).with_text), query)
    return iter(db.reader.execute(_ANY.format(condition.text), (before, *condition.values)))


def _with_conversations(db: Database, wanted: str | None, rest: All, agent_id: int | None, before: int) -> Found:
    if not rest.of and wanted:
        yield from db.reader.execute(_WITH_WORDS, (wanted, before))
        return
    filter = Filter(db.reader, agent_id, Rows(db).with_text)
    condition = filter.condition(rest)
    some = _some(db, filter, rest)
    if some is not None:
        candidates: Iterable[tuple[int, int]] = _of_some(db, some, wanted, before)
    elif wanted:
        candidates = db.reader.execute(_WITH_WORDS, (wanted, before))
    else:
        candidates = db.reader.execute(_ANY.format("1"), (before,))
    known: dict[int, bool] = {}
    for message_id, conversation_id in candidates:
        if conversation_id not in known:
            known[conversation_id] = _holds(db, condition, conversation_id)
        if known[conversation_id]:
            yield message_id, conversation_id


def _of_some(db: Database, some: str, wanted: str | None, before: int) -> Iterable[tuple[int, int]]:
    if not wanted:
        return db.reader.execute(_OF_SOME.format(""), (some, before))
    messages = db.reader.execute(_OF_SOME.format(""), (some, before)).fetchmany(_ONE_BY_ONE + 1)
    if len(messages) > _ONE_BY_ONE:
        having = " AND m.id IN (SELECT rowid FROM search WHERE search MATCH ?)"
        return db.reader.execute(_OF_SOME.format(having), (some, before, wanted))
    one = "SELECT 1 FROM search WHERE search MATCH ? AND rowid = ?"
    return [message for message in messages if db.reader.execute(one, (wanted, message[0])).fetchall()]


def _holds(db: Database, condition: Sql, conversation_id: int) -> bool:
    row = db.reader.execute(
        f"SELECT 1 FROM conversations c WHERE c.id = ? AND {condition.text}", (conversation_id, *condition.values)
    )
    return row.fetchone() is not None


def _some(db: Database, filter: Filter, query: Query) -> str | None:
    """The conversations that the query can only be among, as JSON, if they are few."""
    among = filter.among(query)
    if among is None:
        return None
    ids = db.reader.execute(f"SELECT * FROM ({among.text}) LIMIT {FEW + 1}", among.values).fetchall()
    return None if len(ids) > FEW else as_json({id for (id,) in ids})


def _is_of_conversation(query: Query) -> bool:
    """Whether nothing in it is a word."""
    if isinstance(query, Not):
        return _is_of_conversation(query.of)
    if isinstance(query, Field):
        return True
    return not isinstance(query, Word | Phrase | Prefix) and all(map(_is_of_conversation, query.of))


def _condition(filter: Filter, query: Query) -> Sql:
    """The whole query as a condition on a message `m` of a conversation `c`."""
    if isinstance(query, Field):
        return filter.condition(query)
    if isinstance(query, Not):
        inner = _condition(filter, query.of)
        return Sql(f"NOT ({inner.text})", inner.values)
    if isinstance(query, Word | Phrase | Prefix):
        wanted = match(query)
        return Sql("m.id IN (SELECT rowid FROM search WHERE search MATCH ?)", (wanted,)) if wanted else Sql("1")
    parts = [_condition(filter, part) for part in query.of]
    return joined(" AND " if isinstance(query, All) else " OR ", parts) if parts else Sql("1")
