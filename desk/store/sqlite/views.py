"""Lists of conversations: a view in its order, filtered, a window at a time.

A filter is tried on the first rows of the view: a word that many have fills the window there. If it does not, few
have it, and they are looked up (`Filter.among`) and sorted. What a word was found in is remembered, so that the next
letter is looked for only there and in what has changed since.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from desk.model import BUILT_IN_VIEWS, Conversation, Page
from desk.query import EVERYTHING, All, Field, Phrase, Prefix, Query, Word, both, texts_of
from desk.store.base import Selection, StoreError
from desk.store.sqlite.connection import Database
from desk.store.sqlite.conversations import SqliteConversations
from desk.store.sqlite.filters import Filter, Sql, as_json
from desk.store.sqlite.haystacks import FEW, Rows
from desk.store.sqlite.reads import SqliteReads
from desk.store.sqlite.upkeep import bring_up

FIRST_ROWS = 1_500
"""Rows of a view that a filter is tried on before few are expected to match."""
COUNT_SECONDS = 0.05
_STEPS = 2_000


class Base(NamedTuple):
    """A view without a filter: the index that has its order (`walked`), and its condition."""

    walked: str
    where: str
    values: tuple[object, ...] = ()
    place: str = "sort"
    down: bool = False

    @property
    def order(self) -> str:
        return f"{self.place} DESC, id DESC" if self.down else f"{self.place}, id"


class Plan(NamedTuple):
    """A selection understood."""

    base: Base
    query: Query
    condition: Sql
    filter: Filter


class SqliteViews:
    """See `desk.store.base.Views`."""

    def __init__(self, db: Database, conversations: SqliteConversations, reads: SqliteReads) -> None:
        self._db = db
        self._conversations = conversations
        self._reads = reads
        self._rows = Rows(db)
        db.before_commit.insert(0, bring_up)

    # --- windows ------------------------------------------------------------------------------------------

    def page(self, selection: Selection, *, offset: int = 0, limit: int = 100) -> Page[Conversation]:
        offset, limit = max(offset, 0), max(limit, 0)
        plan = self._plan(selection)
        if plan.query == EVERYTHING:
            total, exact = self._total(plan.base), True
            ids = self._unfiltered(plan.base, offset, limit, total)
        else:
            found, exact = self._found(plan, offset + limit)
            total, exact = len(found), exact and plan.filter.exact
            ids = found[offset : offset + limit]
        rows = self._reads.marked(self._conversations.many(ids), selection.agent_id)
        return Page(items=rows, total=total, offset=offset, exact=exact)

    def position(self, selection: Selection, conversation_id: int) -> int | None:
        plan = self._plan(selection)
        base, condition = plan.base, plan.condition
        row = self._reader.execute(
            f"SELECT {base.place} FROM conversations c WHERE c.id = ? AND {base.where} AND {condition.text}",
            (conversation_id, *base.values, *condition.values),
        ).fetchone()
        if row is None:
            return None
        few = None if plan.query == EVERYTHING else self._few(plan)
        if few is not None:
            return few.index(conversation_id)
        before = base._replace(
            where=f"{base.where} AND ({base.place}, id) {'>' if base.down else '<'} (?, ?)",
            values=(*base.values, row[0], conversation_id),
        )
        if plan.query == EVERYTHING:
            return self._total(before)
        return len(self._walk(before, condition, None))

    def count(self, selection: Selection, at_most: int = 1_000) -> tuple[int, bool]:
        plan = self._plan(selection)
        if plan.query == EVERYTHING:
            return self._total(plan.base), True
        with self._limited(COUNT_SECONDS) as limited:
            found, exact = self._found(plan, at_most + 1)
        if limited.over:
            return 0, False
        return min(len(found), at_most), exact and plan.filter.exact and len(found) <= at_most

    def ids(self, selection: Selection, limit: int = 100_000) -> list[int]:
        plan = self._plan(selection, complete=True)
        return self._walk(plan.base, plan.condition, None)[:limit]

    def counts(self, agent_id: int | None = None) -> dict[str, int]:
        reader = self._reader
        states = self._conversations.counts(agent_id=agent_id)
        [failed] = reader.execute(
            "SELECT count(DISTINCT conversation_id) FROM outbox WHERE state IN ('failed', 'unknown', 'bounced')"
        ).fetchone()
        [quarantined] = reader.execute(
            "SELECT ifnull(sum(number), 0) FROM ledger_counts WHERE outcome = 'quarantined'"
        ).fetchone()
        [mentions] = reader.execute(
            "SELECT count(DISTINCT conversation_id) FROM mentions WHERE agent_id = ?", (agent_id or 0,)
        ).fetchone()
        more = {
            "sent": self._total(_BASES["sent"]),
            "failed": failed,
            "quarantined": quarantined,
            "mentions": mentions,
        }
        counts: dict[str, int] = {name: more[name] if name in more else states[name] for name in BUILT_IN_VIEWS}
        return counts | dict(self._channels(counts["open"])) | dict(self._queues())

    def _channels(self, open: int) -> Iterator[tuple[str, int]]:
        others = self._reader.execute(
            "SELECT channel, count(*) FROM conversations INDEXED BY conversations_channel"
            " WHERE state = 'open' AND channel <> 'email' GROUP BY channel"
        ).fetchall()
        yield "channel:email", open - sum(number for _, number in others)
        for channel, number in others:
            yield f"channel:{channel}", number

    def _queues(self) -> Iterator[tuple[str, int]]:
        rows = self._reader.execute(
            "SELECT q.name, n.number FROM queues q JOIN (SELECT queue_id, count(*) AS number"
            " FROM conversations INDEXED BY conversations_queue WHERE state = 'open' AND queue_id IS NOT NULL"
            " GROUP BY queue_id) n ON n.queue_id = q.id ORDER BY q.folded"
        )
        for name, number in rows:
            yield f"queue:{name}", number

    # --- finding ------------------------------------------------------------------------------------------

    def _found(self, plan: Plan, wanted: int) -> tuple[list[int], bool]:
        """At least the first `wanted` in order, and whether these are all."""
        rows, known = FIRST_ROWS, any(map(self._rows.knows, texts_of(plan.query)))
        first = [] if known else self._walk(plan.base, plan.condition, rows)
        if len(first) < wanted:
            few = self._few(plan)
            if few is not None:
                return few, True
            first = first or self._walk(plan.base, plan.condition, rows)
        while len(first) < wanted and self._rows_up_to(plan.base, rows + 1) > rows:
            rows *= 4
            first = self._walk(plan.base, plan.condition, rows)
        return first, self._rows_up_to(plan.base, rows + 1) <= rows

    def _few(self, plan: Plan) -> list[int] | None:
        """All that match, in order, if they can be looked up."""
        among = plan.filter.among(plan.query)
        if among is None:
            return None
        ids = self._reader.execute(f"SELECT * FROM ({among.text}) LIMIT {FEW + 1}", among.values).fetchall()
        if len(ids) > FEW:
            return None
        base = plan.base
        condition = Sql("1") if isinstance(plan.query, Word | Phrase | Prefix) else plan.condition
        rows = self._reader.execute(
            "SELECT id FROM conversations c NOT INDEXED WHERE id IN (SELECT value FROM json_each(?))"
            f" AND {base.where} AND {condition.text} ORDER BY {base.order}",
            (as_json(id for (id,) in ids), *base.values, *condition.values),
        )
        return [id for (id,) in rows]

    def _walk(self, base: Base, condition: Sql, first: int | None) -> list[int]:
        """Those of the first rows of a view, or of all, for which a condition holds."""
        order = "v.place DESC, v.id DESC" if base.down else "v.place, v.id"
        rows = self._reader.execute(
            f"SELECT v.id FROM (SELECT id, {base.place} AS place FROM conversations INDEXED BY {base.walked}"
            f" WHERE {base.where} ORDER BY {base.order} LIMIT ?) v CROSS JOIN conversations c ON c.id = v.id"
            f" WHERE {condition.text} ORDER BY {order}",
            (*base.values, -1 if first is None else first, *condition.values),
        )
        return [id for (id,) in rows]

    def _total(self, base: Base) -> int:
        return self._rows_up_to(base, None)

    def _rows_up_to(self, base: Base, limit: int | None) -> int:
        inner = f"SELECT 1 FROM conversations INDEXED BY {base.walked} WHERE {base.where}"
        bounded = f"SELECT count(*) FROM ({inner}{'' if limit is None else f' LIMIT {limit}'})"
        [number] = self._reader.execute(bounded, base.values).fetchone()
        return int(number)

    def _unfiltered(self, base: Base, offset: int, limit: int, total: int) -> list[int]:
        """A window, walked to from the nearer end."""
        limit = max(min(limit, total - offset), 0)
        behind = total - offset - limit
        turned = base._replace(down=not base.down) if behind < offset else base
        rows = self._reader.execute(
            f"SELECT id FROM conversations INDEXED BY {base.walked} WHERE {base.where} ORDER BY {turned.order}"
            " LIMIT ? OFFSET ?",
            (*base.values, limit, behind if behind < offset else offset),
        )
        ids = [id for (id,) in rows]
        return ids[::-1] if behind < offset else ids

    # --- understanding ------------------------------------------------------------------------------------

    @property
    def _reader(self) -> sqlite3.Connection:
        reader = self._db.reader
        if self._db.writing:
            bring_up(reader, self._db.transaction)
        return reader

    def _plan(self, selection: Selection, *, complete: bool = False) -> Plan:
        base, own = self._base(selection)
        query = both(own, selection.query)
        filter = Filter(self._reader, selection.agent_id, self._rows.with_text, complete=complete)
        return Plan(base, query, filter.condition(query), filter)

    def _base(self, selection: Selection) -> tuple[Base, Query]:
        """Raises StoreError for a view that is no list of conversations."""
        view = selection.view
        if view in _BASES:
            return _BASES[view], EVERYTHING
        if view in ("mine", "unassigned"):
            who = ("assignee_id = ?", (selection.agent_id or 0,)) if view == "mine" else ("assignee_id IS NULL", ())
            return Base("conversations_open", f"state = 'open' AND {who[0]}", who[1]), EVERYTHING
        if view in _QUERIES:
            return _BASES["all"], _QUERIES[view]
        kind, _, name = view.partition(":")
        if kind == "queue":
            where = "state = 'open' AND queue_id IS NOT NULL AND queue_id = (SELECT id FROM queues WHERE folded = ?)"
            return Base("conversations_queue", where, (name.strip().casefold(),)), EVERYTHING
        if kind == "channel" and name == "email":
            return _BASES["open"], All((Field("channel", "email"),))
        if kind == "channel":
            where = "state = 'open' AND channel <> 'email' AND channel = ?"
            return Base("conversations_channel", where, (name,)), EVERYTHING
        raise StoreError(f"{view} is no list of conversations")

    @contextmanager
    def _limited(self, seconds: float) -> Iterator[_Limit]:
        """Ends a question that takes too long; then `over` is set."""
        limit = _Limit(time.thread_time() + seconds)
        reader = self._reader
        reader.set_progress_handler(limit.is_over, _STEPS)
        try:
            yield limit
        except sqlite3.OperationalError:
            if not limit.over:
                raise
        finally:
            reader.set_progress_handler(None, _STEPS)


class _Limit:
    def __init__(self, until: float) -> None:
        self._until = until
        self.over = False

    def is_over(self) -> bool:
        self.over = time.thread_time() > self._until
        return self.over


_BASES: dict[str, Base] = {
    **{
        state: Base("conversations_view", f"state = '{state}'")
        for state in ("open", "waiting", "snoozed", "resolved", "spam")
    },
    "all": Base("conversations_all", "state <> 'merged'"),
    "anything": Base("conversations_all", "state <> 'merged' AND state <> 'spam'"),
    "sent": Base("conversations_sent", "last_direction = 'out' AND state <> 'merged'", place="last_at", down=True),
}
_QUERIES: dict[str, Query] = {"failed": Field("is", "failed"), "mentions": Field("is", "mentioned")}
