"""Lists of conversations: a view in its order, filtered, a window at a time.

With a filter, either what matches is known beforehand (`Filter.within`): then few are looked up and sorted, and many
are come upon soon when the view is walked. Or each row is asked: all that is commonly asked stands in the index that
has the view's order.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Generator, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from typing import NamedTuple

from desk.clock import Millis
from desk.model import BUILT_IN_VIEWS, Conversation, Page
from desk.query import EVERYTHING, All, Field, Query, both
from desk.store.base import Selection, StoreError, Urgent
from desk.store.sqlite.connection import Database
from desk.store.sqlite.conversations import SqliteConversations
from desk.store.sqlite.filters import FEW, Filter, Test, Within
from desk.store.sqlite.haystacks import Rows
from desk.store.sqlite.ordering import ALL, Base, Elapsed, OfIndex, OfUrgency, Order, total
from desk.store.sqlite.reads import SqliteReads
from desk.store.sqlite.sql import Sql, as_json
from desk.store.sqlite.upkeep import bring_up

_WAITS = Sql(
    "(c.waiting_since IS NOT NULL OR (c.channel = 'callback' AND EXISTS"
    " (SELECT 1 FROM callbacks k WHERE k.conversation_id = c.id AND k.state = 'waiting')))"
)
"""For an answer of ours, or to be called."""
BEYOND = 100
"""As many more than the window are found, so that one more page down is no surprise."""
FIRST_ROWS = 1_000
"""Rows of a view in which words are looked for before they are looked for everywhere; and walked at a time."""
_WITH_TIME = frozenset(
    {"conversations_view", "conversations_open", "conversations_all", "conversations_sent", "conversations_urgent"}
)
"""Indexes that hold when something last happened."""
COUNT_SECONDS = 0.05
_STEPS = 2_000


class Plan(NamedTuple):
    """A selection understood."""

    base: Base
    order: Order
    query: Query
    filter: Filter

    @property
    def condition(self) -> Sql:
        return self.filter.condition(self.query)


class SqliteViews:
    """See `desk.store.base.Views`."""

    def __init__(self, db: Database, conversations: SqliteConversations, reads: SqliteReads, rows: Rows) -> None:
        self._db = db
        self._conversations = conversations
        self._reads = reads
        self._rows = rows
        self._elapsed: Elapsed = _all_time
        db.before_commit.insert(0, bring_up)

    def keep_time(self, elapsed: Elapsed) -> None:
        self._elapsed = elapsed

    # --- windows ------------------------------------------------------------------------------------------

    def page(self, selection: Selection, *, offset: int = 0, limit: int = 100) -> Page[Conversation]:
        offset, limit = max(offset, 0), max(limit, 0)
        plan = self._plan(selection)
        with self._db.snapshot():
            if plan.query == EVERYTHING:
                number, exact = self._held(selection, plan.base), True
                ids = plan.order.window(offset, limit, number)
            else:
                found, exact = self._found(plan, offset + limit + BEYOND)
                number, exact = len(found), exact and plan.filter.exact
                ids = found[offset : offset + limit]
        rows = self._reads.marked(self._conversations.many(ids), selection.agent_id)
        return Page(items=rows, total=number, offset=offset, exact=exact)

    def position(self, selection: Selection, conversation_id: int) -> int | None:
        plan = self._plan(selection)
        base, condition = plan.base, plan.condition
        with self._db.snapshot():
            row = self._reader.execute(
                f"SELECT 1 FROM conversations c WHERE c.id = ? AND {base.where} AND {condition.text}",
                (conversation_id, *base.values, *condition.values),
            ).fetchone()
            if row is None:
                return None
            if plan.query == EVERYTHING:
                return plan.order.before(conversation_id)
            with closing(self._matches(plan)) as matches:
                return next((place for place, id in enumerate(matches) if id == conversation_id), None)

    def count(self, selection: Selection, at_most: int = 1_000) -> tuple[int, bool]:
        plan = self._plan(selection)
        if plan.query == EVERYTHING:
            return self._held(selection, plan.base), True
        with self._limited(COUNT_SECONDS) as limited:
            found, exact = self._found(plan, at_most)
        return (0, False) if limited.over else (len(found), exact and plan.filter.exact)

    def ids(self, selection: Selection, limit: int = 100_000) -> list[int]:
        plan = self._plan(selection, complete=True)
        with closing(self._matches(plan)) as matches:
            return list(islice(matches, limit))

    def warm(self) -> None:
        self._rows.warm()

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
            "sent": total(reader, _BASES["sent"]),
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

    def free(self, queue_id: int | None = None) -> Iterator[Urgent]:
        everything = Base("conversations_open", "state = 'open' AND assignee_id IS NULL", urgent=True)
        in_queue = Base("conversations_queue", "state = 'open' AND queue_id = ?", (queue_id,), urgent=True)
        order = self._order(everything if queue_id is None else in_queue.narrowed("assignee_id IS NULL"))
        return (Urgent(key[:-1], key[-1]) for key in order.places())

    def free_for(self, queue_ids: Collection[int]) -> Iterator[Urgent]:
        order = self._order(Base("conversations_open", "state = 'open' AND assignee_id IS NULL", urgent=True))
        among = Sql("(c.queue_id IS NULL OR c.queue_id IN (SELECT value FROM json_each(?)))", (as_json(queue_ids),))
        return (Urgent(key[:-1], key[-1]) for key in order.places(among))

    def own(self, agent_ids: Collection[int], limit: int) -> dict[int, list[Urgent]]:
        theirs = "state = 'open' AND assignee_id IN (SELECT value FROM json_each(?))"
        order = self._order(Base("conversations_open", theirs, (as_json(agent_ids),), urgent=True))
        first = order.first_by("assignee_id", limit, _WAITS)
        return {id: [Urgent(key[:-1], key[-1]) for key in keys] for id, keys in first.items()}

    # --- finding ------------------------------------------------------------------------------------------

    def _found(self, plan: Plan, at_most: int) -> tuple[list[int], bool]:
        """The first in order, and whether these are all."""
        with closing(self._matches(plan)) as matches:
            found = list(islice(matches, at_most + 1))
        return found[:at_most], len(found) <= at_most

    def _matches(self, plan: Plan) -> Generator[int, None, None]:
        """All that match, in order, found as they are asked for."""
        if plan.query == EVERYTHING:
            yield from plan.order.walk()
            return
        if _is_of_time(plan.query) and plan.base.walked in _WITH_TIME:
            yield from plan.order.walk(plan.condition)
            return
        if test := plan.filter.test(plan.query):
            yield from self._tried(plan, test)
        else:
            yield from self._all_matches(plan)

    def _tried(self, plan: Plan, test: Test) -> Generator[int, None, None]:
        """All that match, the first of them by trying the first of the view."""
        walk = _in_portions(plan.order)
        tried = next(walk, [])
        first = [id for id in tried if test(id)]
        yield from first
        within = plan.filter.within(plan.query) if len(tried) == FIRST_ROWS else None
        if within is not None and len(within.ids) <= FEW:
            yield from self._looked_up(plan, within)[len(first) :]
        elif within is not None:
            for some in walk:
                yield from [id for id in some if id in within.ids]

    def _all_matches(self, plan: Plan) -> Iterator[int]:
        within = plan.filter.within(plan.query)
        if within is None:
            return plan.order.walk(plan.condition)
        if len(within.ids) <= FEW:
            return iter(self._looked_up(plan, within))
        return self._come_upon(plan, within)

    def _looked_up(self, plan: Plan, within: Within) -> list[int]:
        return plan.order.sort(within.ids, ALL if within.precise else plan.condition)

    def _come_upon(self, plan: Plan, within: Within) -> Generator[int, None, None]:
        condition = ALL if within.precise else plan.condition
        for some in _in_portions(plan.order):
            found = [id for id in some if id in within.ids]
            yield from found if within.precise else self._holding(found, condition)

    def _holding(self, ids: list[int], condition: Sql) -> list[int]:
        """Those of which a condition holds."""
        rows = self._reader.execute(
            "SELECT id FROM conversations c NOT INDEXED WHERE id IN (SELECT value FROM json_each(?))"
            f" AND {condition.text}",
            (as_json(ids), *condition.values),
        )
        holding = {id for (id,) in rows}
        return [id for id in ids if id in holding]

    def _held(self, selection: Selection, base: Base) -> int:
        """How many an unfiltered view holds; what is nothing but a state and a rep is counted as it changes."""
        counted = self._conversations.counts(agent_id=selection.agent_id)
        return counted[selection.view] if selection.view in counted else total(self._reader, base)

    # --- understanding ------------------------------------------------------------------------------------

    @property
    def _reader(self) -> sqlite3.Connection:
        reader = self._db.reader
        if self._db.writing:
            bring_up(reader, self._db.transaction)
        return reader

    def _plan(self, selection: Selection, *, complete: bool = False) -> Plan:
        base, own = self._base(selection)
        filter = Filter(self._reader, selection.agent_id, self._rows, complete=complete)
        order = self._order(base) if base.urgent else OfIndex(self._reader, base)
        return Plan(base, order, both(own, selection.query), filter)

    def _order(self, base: Base) -> OfUrgency:
        return OfUrgency(self._reader, base, self._db.clock.now(), self._elapsed)

    def _base(self, selection: Selection) -> tuple[Base, Query]:
        """Raises StoreError for a view that is no list of conversations."""
        view = selection.view
        if view in _BASES:
            return _BASES[view], EVERYTHING
        if view in ("mine", "unassigned"):
            who = ("assignee_id = ?", (selection.agent_id or 0,)) if view == "mine" else ("assignee_id IS NULL", ())
            return Base("conversations_open", f"state = 'open' AND {who[0]}", who[1], urgent=True), EVERYTHING
        if view in _QUERIES:
            return _BASES["all"], _QUERIES[view]
        kind, _, name = view.partition(":")
        if kind == "queue":
            where = "state = 'open' AND queue_id IS NOT NULL AND queue_id = (SELECT id FROM queues WHERE folded = ?)"
            return Base("conversations_queue", where, (name.strip().casefold(),), urgent=True), EVERYTHING
        if kind == "channel" and name == "email":
            return _BASES["open"], All((Field("channel", "email"),))
        if kind == "channel":
            where = "state = 'open' AND channel <> 'email' AND channel = ?"
            return Base("conversations_channel", where, (name,), urgent=True), EVERYTHING
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


def _all_time(_: str, at: Millis) -> Millis:
    return at


def _in_portions(order: Order) -> Iterator[list[int]]:
    """All of a view, `FIRST_ROWS` at a time."""
    ids = order.walk()
    while some := list(islice(ids, FIRST_ROWS)):
        yield some


def _is_of_time(query: Query) -> bool:
    """Whether the index of a list answers it."""
    return isinstance(query, Field) and query.name in ("before", "after")


class _Limit:
    def __init__(self, until: float) -> None:
        self._until = until
        self.over = False

    def is_over(self) -> bool:
        self.over = time.thread_time() > self._until
        return self.over


_BASES: dict[str, Base] = {
    **{state: Base("conversations_view", f"state = '{state}'") for state in ("waiting", "snoozed", "resolved", "spam")},
    "open": Base("conversations_urgent", "state = 'open'", urgent=True),
    "all": Base("conversations_all", "state <> 'merged'"),
    "anything": Base("conversations_all", "state <> 'merged' AND state <> 'spam'"),
    "sent": Base("conversations_sent", "last_direction = 'out' AND state <> 'merged'", place="last_at", down=True),
}
_QUERIES: dict[str, Query] = {"failed": Field("is", "failed"), "mentions": Field("is", "mentioned")}
