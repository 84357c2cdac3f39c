"""A query as conditions of SQL, on `conversations c`; and as the ids it can only be among.

The second is what makes a rare word fast: an index or a narrow table is read instead of the wide one. Words in whole
mails are asked of the search index, newest mails first: if more than `NEWEST_MAILS` have a word, the older ones are
left out, and `exact` is False. Under a negation, and if `complete` is asked for, none is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

from desk.query import All, AnyOf, Field, Not, Phrase, Prefix, Query, Word
from desk.store.sqlite.elsewhere import asked
from desk.store.sqlite.fulltext import Text, is_long, like, match
from desk.store.sqlite.haystacks import Rows
from desk.store.sqlite.reads import all_unread, mentioned, unread
from desk.store.sqlite.sql import Sql, as_json, joined
from desk.store.sqlite.words import bare
from desk.text import fold_address

NEWEST_MAILS = 1_000
FEW = 1_000
"""Conversations that are looked up one by one rather than come upon in the order of a list."""
MANY = 20_000
"""A field that more have is asked of each conversation."""


class Within(NamedTuple):
    """Conversations that hold all that match a query."""

    ids: set[int]
    precise: bool
    """Whether they all match."""


Test = Callable[[int], bool]


class Words(tuple[Text, ...]):
    """The words of a conjunction."""


_FAILED = "SELECT conversation_id FROM outbox WHERE state IN ('failed', 'unknown', 'bounced')"
_OF_ROW = "EXISTS (SELECT 1 FROM haystacks h WHERE h.conversation_id = c.id AND h.text LIKE ? ESCAPE '\\')"
_SUBJECT = "substr(h.text, 1, instr(h.text, char(10))) LIKE ? ESCAPE '\\'"
_MESSAGES_WITH = "SELECT rowid FROM search WHERE search MATCH ?"


class Filter:
    """One query on its way to SQL. `agent_id`: who asks."""

    def __init__(self, reader: sqlite3.Connection, agent_id: int | None, rows: Rows, *, complete: bool = False) -> None:
        self._reader = reader
        self._rows = rows
        self._agent = int(agent_id or 0)
        self._complete = complete
        self._mails: dict[tuple[str, bool], set[int]] = {}
        self.exact = True

    # --- conditions ---------------------------------------------------------------------------------------

    def condition(self, query: Query, *, negated: bool = False) -> Sql:
        """What has to hold of a row `c`."""
        if isinstance(query, Word | Phrase | Prefix):
            return self._text(query, negated)
        if isinstance(query, Field):
            return self._field(query)
        if isinstance(query, Not):
            inner = self.condition(query.of, negated=True)
            return Sql(f"NOT ({inner.text})", inner.values)
        parts = [self.condition(part, negated=negated) for part in query.of]
        if not parts:
            return Sql("1")
        return joined(" AND " if isinstance(query, All) else " OR ", parts)

    def _text(self, term: Text, negated: bool) -> Sql:
        row = _row_has(term)
        if not is_long(term) or not match(term):
            return row
        ids = self._with_mail(term, complete=negated or self._complete)
        return joined(" OR ", [row, Sql("c.id IN (SELECT value FROM json_each(?))", (as_json(ids),))])

    def _with_mail(self, term: Text, *, complete: bool) -> set[int]:
        """The conversations that have a mail or note with the term; some of them if these are too many."""
        wanted = match(term)
        if (wanted, complete) not in self._mails:
            limit = "" if complete else f" ORDER BY rowid DESC LIMIT {NEWEST_MAILS + 1}"
            messages = [id for (id,) in self._reader.execute(_MESSAGES_WITH + limit, (wanted,))]
            self.exact = self.exact and (complete or len(messages) <= NEWEST_MAILS)
            rows = self._reader.execute(
                "SELECT s.conversation_id FROM json_each(?) m CROSS JOIN senders s ON s.message_id = m.value",
                (as_json(messages),),
            )
            self._mails[wanted, complete] = {id for (id,) in rows}
        return self._mails[wanted, complete]

    def _field(self, field: Field) -> Sql:
        if elsewhere := asked(self._reader, field):
            return elsewhere.of_row
        if field.name in _COLUMNS:
            return Sql(f"c.{_COLUMNS[field.name]} = ?", (field.value,))
        if field.name == "before":
            return Sql("c.last_at < ?", (field.at,))
        if field.name == "after":
            return Sql("c.last_at >= ?", (field.at,))
        if field.name == "has":
            return Sql("c.has_attachments")
        if field.name == "is":
            return Sql(self._is(field.value))
        if field.name == "subject":
            pattern = like(field.value)
            return Sql(f"{_OF_ROW[:-1]} AND {_SUBJECT})", (pattern, pattern))
        if field.name == "from":
            return Sql(
                "EXISTS (SELECT 1 FROM messages m JOIN senders s ON s.message_id = m.id"
                " WHERE m.conversation_id = c.id AND s.text LIKE ? ESCAPE '\\')",
                (like(field.value),),
            )
        if field.name == "to":
            return Sql(
                "EXISTS (SELECT 1 FROM addressed a WHERE a.conversation_id = c.id AND a.address LIKE ? ESCAPE '\\')",
                (like(field.value, fold_address),),
            )
        if field.name == "tag":
            tags = _named("tags", field.value)
            return Sql(
                "EXISTS (SELECT 1 FROM conversation_tags t WHERE t.conversation_id = c.id"
                f" AND t.tag_id IN ({tags.text}))",
                tags.values,
            )
        if field.name == "queue":
            if field.value.casefold() == "none":
                return Sql("c.queue_id IS NULL")
            queues = _named("queues", field.value)
            return Sql(f"ifnull(c.queue_id IN ({queues.text}), 0)", queues.values)
        return self._assignee(field.value)

    def _assignee(self, value: str) -> Sql:
        if value.casefold() == "nobody":
            return Sql("c.assignee_id IS NULL")
        if value.casefold() == "me":
            return Sql("c.assignee_id IS ?", (self._agent,))
        ids = [
            id
            for id, login, name in self._reader.execute("SELECT id, login, name FROM agents")
            if value.casefold() in (login.casefold(), name.casefold())
        ]
        return Sql(f"ifnull(c.assignee_id IN ({','.join(map(str, ids))}), 0)")

    def _assigned(self, value: str) -> Sql:
        condition = self._assignee(value)
        return Sql(
            f"SELECT id FROM conversations c WHERE assignee_id IS NOT NULL AND {condition.text}", condition.values
        )

    def _is(self, value: str) -> str:
        return {
            "unread": unread(self._agent),
            "mine": f"(c.state = 'open' AND c.assignee_id IS {self._agent})",
            "unassigned": "(c.state = 'open' AND c.assignee_id IS NULL)",
            "mentioned": f"c.id IN ({mentioned(self._agent)})",
            "failed": f"c.id IN ({_FAILED})",
            "third-party": "c.third_party",
        }[value]

    # --- what it can only be among ------------------------------------------------------------------------

    def test(self, query: Query) -> Test | None:
        """Whether a conversation matches, for a query of words: so many may that one tries it on the first of a list.

        None for any other, and if the texts are not in memory.
        """
        if isinstance(query, Word | Phrase | Prefix):
            return self._text_test(query)
        if not isinstance(query, All | AnyOf):
            return None
        tests = [test for part in query.of if (test := self.test(part))]
        if len(tests) < len(query.of):
            return None
        together = all if isinstance(query, All) else any
        return lambda id: together(test(id) for test in tests)

    def _text_test(self, term: Text) -> Test | None:
        texts, folded, mails = self._rows.texts(), bare(term.text), self._mails_of(term)
        return None if texts is None else lambda id: folded in texts.get(id, "") or id in mails

    def _mails_of(self, term: Text) -> set[int]:
        return self._with_mail(term, complete=self._complete) if is_long(term) and match(term) else set()

    def within(self, query: Query) -> Within | None:
        """Conversations that hold all that match, merged ones aside; None if they are not known without a look."""
        if isinstance(query, Word | Phrase | Prefix):
            return Within(self._with_texts((query,)), precise=True)
        if isinstance(query, Field):
            return self._field_within(query)
        if isinstance(query, AnyOf):
            return self._any_within(query)
        return self._all_within(query) if isinstance(query, All) else None

    def _with_texts(self, terms: Sequence[Text], among: set[int] | None = None) -> set[int]:
        """Where each term is in the row of the list or in a mail; perhaps only those of `among`."""
        mails, rows = [self._mails_of(term) for term in terms], self._rows
        if len(terms) == 1:
            return rows.with_all([terms[0].text], among) | mails[0]
        tests = [self._text_test(term) for term in terms]
        if None in tests:
            of_each = zip(terms, mails, strict=True)
            return set.intersection(*(rows.with_all([term.text]) | found for term, found in of_each))
        by_mail = {id for id in set().union(*mails) if all(test(id) for test in tests if test)}
        found = rows.with_all([term.text for term in terms], among)
        return found | by_mail if by_mail else found

    def _any_within(self, query: AnyOf) -> Within | None:
        ids: set[int] = set()
        precise = True
        for part in query.of:
            found = self.within(part)
            if found is None:
                return None
            ids |= found.ids
            precise = precise and found.precise
        return Within(ids, precise)

    def _all_within(self, query: All) -> Within | None:
        """The cheapest parts first; once few are left, the dear ones are asked of these."""
        left: set[int] | None = None
        precise = True
        for part in sorted(_with_words_together(query), key=_cost):
            found = None
            if isinstance(part, Words):
                found = Within(self._with_texts(part, left), precise=True)
            elif left is None or len(left) > FEW or _cost(part)[0] < _DEAR:
                found = self.within(part)
            if found is not None:
                left = found.ids if left is None else left & found.ids
            precise = precise and found is not None and found.precise
        return None if left is None else Within(left, precise)

    def _field_within(self, field: Field) -> Within | None:
        if field.name == "subject":
            return Within(self._rows.with_all([field.value]), precise=False)
        among = self._field_among(field)
        if among is None:
            return None
        found = self._reader.execute(f"SELECT * FROM ({among.text}) LIMIT {MANY + 1}", among.values).fetchall()
        return None if len(found) > MANY else Within({id for (id,) in found}, precise=True)

    def _field_among(self, field: Field) -> Sql | None:
        if elsewhere := asked(self._reader, field):
            return elsewhere.ids
        name, value = field.name, field.value
        if name == "is" and value == "failed":
            return Sql(_FAILED)
        if name == "is" and value == "mentioned":
            return Sql(mentioned(self._agent))
        if name == "is" and value == "unread":
            return Sql(all_unread(self._agent))
        if name == "has":
            return Sql("SELECT id FROM conversations WHERE has_attachments = 1")
        if name == "is" and value == "third-party":
            return Sql("SELECT id FROM conversations WHERE third_party = 1")
        if name == "is" and value == "mine":
            return Sql(f"SELECT id FROM conversations WHERE state = 'open' AND assignee_id = {self._agent}")
        if name == "priority" and value != "normal":
            return Sql("SELECT id FROM conversations WHERE priority <> 'normal' AND priority = ?", (value,))
        if name == "state" and value != "open":
            return Sql("SELECT id FROM conversations INDEXED BY conversations_view WHERE state = ?", (value,))
        if name == "tag":
            tags = _named("tags", value)
            return Sql(f"SELECT conversation_id FROM conversation_tags WHERE tag_id IN ({tags.text})", tags.values)
        if name == "from":
            return Sql("SELECT conversation_id FROM senders s WHERE s.text LIKE ? ESCAPE '\\'", (like(value),))
        if name == "to":
            return Sql(
                "SELECT conversation_id FROM addressed a WHERE a.address LIKE ? ESCAPE '\\'",
                (like(value, fold_address),),
            )
        if name == "before":
            return Sql(f"{_COVERED} AND last_at < ?", (field.at,))
        if name == "after":
            return Sql(f"{_COVERED} AND last_at >= ?", (field.at,))
        if name == "channel" and value != "email":
            return Sql("SELECT id FROM conversations WHERE channel <> 'email' AND channel = ?", (value,))
        if name == "queue" and value.casefold() != "none":
            queues = _named("queues", value)
            return Sql(f"SELECT id FROM conversations WHERE queue_id IN ({queues.text})", queues.values)
        if name == "assignee" and value.casefold() != "nobody":
            return self._assigned(value)
        return None


_COLUMNS = {"state": "state", "channel": "channel", "priority": "priority"}
_COVERED = "SELECT id FROM conversations INDEXED BY conversations_all WHERE state <> 'merged'"
_BY_COST = (
    "tag priority rating",
    "customer",
    "policy queue assignee channel has state",
    "language subject",
    "to",
    "from",
)
_COSTS = {name: cost for cost, names in enumerate(_BY_COST, 1) for name in names.split()}
_OF_MANY = {"unread": 8, "due": 4}
"""Of `is`."""
_DEAR = 5


def _with_words_together(query: All) -> list[Query | Words]:
    words = Words(part for part in query.of if isinstance(part, Word | Phrase | Prefix))
    others = [part for part in query.of if not isinstance(part, Word | Phrase | Prefix)]
    return [*others, words] if words else [*others]


def _cost(query: Query | Words) -> tuple[int, int]:
    """Which part of a conjunction to begin with: what is likely to hold the fewest, and is found without reading."""
    if isinstance(query, Field):
        cost = _OF_MANY.get(query.value, 0) if query.name == "is" else _COSTS.get(query.name, 9)
        return cost, -len(query.value)
    if isinstance(query, Word | Phrase | Prefix | Words):
        return 2, 0
    return 4, 0


def _row_has(term: Text) -> Sql:
    return Sql(_OF_ROW, (like(term.text),))


def _named(table: str, value: str) -> Sql:
    """The ids of a name, or of names that begin so."""
    folded = value.casefold().strip()
    if folded.endswith("*"):
        pattern = like(folded.rstrip("*"), str.casefold)[1:]
        return Sql(f"SELECT id FROM {table} WHERE folded LIKE ? ESCAPE '\\'", (pattern,))
    return Sql(f"SELECT id FROM {table} WHERE folded = ?", (folded,))
