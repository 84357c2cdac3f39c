"""Search in the whole language: words of messages, fields of their conversations.

Words alone go to the search index as one expression and are read newest first. With fields, what conversations match
is found first if they are few; else each found message's conversation is asked, once.
"""

from __future__ import annotations

from collections.abc import Iterator

from desk.query import All, Field, Not, Phrase, Prefix, Query, Word, render
from desk.store.sqlite.connection import Database
from desk.store.sqlite.filters import FEW, Filter, Within
from desk.store.sqlite.fulltext import expression, is_text, match
from desk.store.sqlite.haystacks import Rows
from desk.store.sqlite.sql import Sql, as_json, joined

Found = Iterator[tuple[int, int]]
"""Message and conversation, newest message first."""

_ONE_BY_ONE = 500
"""Messages of which each is looked up in the index."""
_IN_VAIN = 500
"""Messages with the words, but in other conversations, before it is asked where the wanted ones begin."""

_WITH_WORDS = (
    "SELECT s.message_id, s.conversation_id FROM search JOIN senders s ON s.message_id = search.rowid"
    " WHERE search MATCH ? AND search.rowid < ? ORDER BY search.rowid DESC"
)
_IS_MATCH = "SELECT 1 FROM search WHERE search MATCH ? AND rowid = ?"
_NEWEST_FIRST = "SELECT message_id, conversation_id FROM senders WHERE message_id < ? ORDER BY message_id DESC"
_OF_SOME = (
    "SELECT m.id, m.conversation_id FROM messages m WHERE m.conversation_id IN (SELECT value FROM json_each(?))"
    " AND m.id < ? AND m.direction <> 'event' ORDER BY m.id DESC"
)
_NEWEST_OF = "SELECT max((SELECT max(id) FROM messages WHERE conversation_id = value AND id < ?2)) FROM json_each(?1)"
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


def messages(db: Database, rows: Rows, query: Query, agent_id: int | None, before: int) -> Found:
    """Every message that matches, below id `before`."""
    parts = query.of if isinstance(query, All) else (query,)
    words = All(tuple(part for part in parts if is_text(part)))
    rest = All(tuple(part for part in parts if not is_text(part)))
    wanted = expression(words) if words.of else None
    filter = Filter(db.reader, agent_id, rows)
    if all(map(_is_of_conversation, rest.of)) and (wanted or not words.of):
        return _with_conversations(db, filter, wanted, rest, before)
    holds = condition(filter, query)
    return iter(db.reader.execute(_ANY.format(holds.text), (before, *holds.values)))


def _with_conversations(db: Database, filter: Filter, wanted: str | None, rest: All, before: int) -> Found:
    if not rest.of and wanted:
        yield from db.reader.execute(_WITH_WORDS, (wanted, before))
        return
    holds, within = filter.condition(rest), filter.within(rest)
    known: dict[int, bool] = {}
    for message_id, conversation_id in _candidates(db, within, wanted, before):
        if within is not None and (within.precise or conversation_id not in within.ids):
            known[conversation_id] = conversation_id in within.ids
        if conversation_id not in known:
            known[conversation_id] = _holds(db, holds, conversation_id)
        if known[conversation_id]:
            yield message_id, conversation_id


def _candidates(db: Database, within: Within | None, wanted: str | None, before: int) -> Found:
    """Messages with the wanted words, and all that match of a few conversations."""
    some = None if within is None or len(within.ids) > FEW else as_json(within.ids)
    if not wanted:
        if some is None:
            return iter(db.reader.execute(_NEWEST_FIRST, (before,)))
        return iter(db.reader.execute(_OF_SOME, (some, before)))
    if some is not None:
        messages = db.reader.execute(_OF_SOME, (some, before)).fetchmany(_ONE_BY_ONE + 1)
        if len(messages) <= _ONE_BY_ONE:
            return (each for each in messages if db.reader.execute(_IS_MATCH, (wanted, each[0])).fetchall())
    if within is None:
        return iter(db.reader.execute(_WITH_WORDS, (wanted, before)))
    return _leaping(db, within.ids, wanted, before)


def _leaping(db: Database, ids: set[int], wanted: str, before: int) -> Found:
    """Messages with the words, in these conversations; after many in vain it goes on where theirs begin."""
    patience, everything = _IN_VAIN, as_json(ids)
    while True:
        in_vain = 0
        for message_id, conversation_id in db.reader.execute(_WITH_WORDS, (wanted, before)):
            if conversation_id in ids:
                in_vain = 0
                yield message_id, conversation_id
            elif (in_vain := in_vain + 1) > patience:
                break
        else:
            return
        [newest] = db.reader.execute(_NEWEST_OF, (everything, message_id)).fetchone()
        if newest is None:
            return
        before, patience = newest + 1, patience * 4


def _holds(db: Database, condition: Sql, conversation_id: int) -> bool:
    row = db.reader.execute(
        f"SELECT 1 FROM conversations c WHERE c.id = ? AND {condition.text}", (conversation_id, *condition.values)
    )
    return row.fetchone() is not None


def _is_of_conversation(query: Query) -> bool:
    """Whether nothing in it is a word."""
    if isinstance(query, Not):
        return _is_of_conversation(query.of)
    if isinstance(query, Field):
        return True
    return not isinstance(query, Word | Phrase | Prefix) and all(map(_is_of_conversation, query.of))


AMONG_ALL = "m.id IN (SELECT rowid FROM search WHERE search MATCH ?)"
"""A message has words: for going through many messages, all that have them are found at once."""
OF_THIS = "EXISTS (SELECT 1 FROM search WHERE search MATCH ? AND rowid = m.id)"
"""The same for few, each of which is asked."""


def condition(filter: Filter, query: Query, has: str = AMONG_ALL) -> Sql:
    """The whole query as a condition on a message `m` of a conversation `c`."""
    if isinstance(query, Field):
        return filter.condition(query)
    if isinstance(query, Not):
        inner = condition(filter, query.of, has)
        return Sql(f"NOT ({inner.text})", inner.values)
    if isinstance(query, Word | Phrase | Prefix):
        wanted = match(query)
        return Sql(has, (wanted,)) if wanted else Sql("1")
    parts = [condition(filter, part, has) for part in query.of]
    return joined(" AND " if isinstance(query, All) else " OR ", parts) if parts else Sql("1")
