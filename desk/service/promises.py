"""Promises: until when a customer should have heard from us.

What is promised to whom (`desk.promises`) lies in the store, and so does each promise that was given, in a row of its
own. Everything that changes a conversation calls `refresh` in its own transaction, which brings the rows up to date,
and `due_at`: the end of the promise that runs out first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec

from desk.clock import HOUR, MINUTE, Clock, Millis
from desk.model import Agent, Promise
from desk.promises import (
    NOTHING_BESIDE,
    Beside,
    Course,
    Facts,
    Moment,
    Plan,
    WorkingClock,
    as_broken,
    course_of,
    plain_plan,
)
from desk.store.base import Store

USUAL: Mapping[str, Millis] = {"email": 8 * HOUR, "chat": MINUTE}
"""What is promised until `keep` says otherwise, by channel."""
_NAME = "promises"
_PLAN = "promise_plan"


def keep(store: Store, clock: Clock, promises: Plan | Mapping[str, Millis]) -> int:
    """Promise this from now on; how many open conversations are promised something else by it.

    It counts for what runs at once: by the terms of today, of which is spent what was spent by then.
    """
    plan = promises if isinstance(promises, Plan) else plain_plan(promises)
    with store.write():
        before = of(store)
        if plan.written() == before.written():
            return 0
        store.meta.set(_PLAN, plan.written())
        return _Refresh(store, plan, before=before).run(store.promises.open_in())


def of(store: Store) -> Plan:
    """What is promised now."""
    written = store.meta.get(_PLAN)
    if written is not None:
        return _read(written)
    older = store.meta.get(_NAME)
    return _USUAL if older is None else plain_plan(msgspec.json.decode(older, type=dict[str, Millis]))


_USUAL = plain_plan(USUAL)


@lru_cache(maxsize=8)
def _read(written: str) -> Plan:
    """The same plan for the same text: what its clocks have learned is kept."""
    return Plan.read(written)


def clock_of(store: Store, calendar: str) -> WorkingClock:
    """The working time of a calendar, as it counts now."""
    return of(store).clock(calendar)


def elapsed_of(store: Store) -> Callable[[str, Millis], Millis]:
    """How much working time of a calendar has passed from 1970 to an instant, as it counts when that is asked."""
    return lambda calendar, at: clock_of(store, calendar).elapsed(at)


def refresh(
    store: Store,
    conversation_ids: Iterable[int],
    *,
    begin: bool = True,
    arrival: bool = False,
    exchanged: bool = False,
    taken_back: bool = False,
    agent: Agent | None = None,
) -> None:
    """Bring the promises of these conversations and their `due_at` up to date, inside the caller's transaction.

    Without `begin` none begins: what old mail asked for, nobody waits for any more. `arrival`: the customer has just
    written, so that one may be late from its beginning. `exchanged`: messages or callbacks went from one of these
    conversations to another, and promises go along. `taken_back`: what happened did not happen. `agent`: who did it.
    """
    ids = list(dict.fromkeys(conversation_ids))
    if ids:
        by = agent.id if agent else None
        work = _Refresh(store, of(store), begin=begin, arrival=arrival, taken_back=taken_back, agent_id=by)
        work.run(ids, exchanged=exchanged)


def of_customer(store: Store, customer_id: int) -> None:
    """Bring up to date what is promised to a customer of whom something changed, inside the caller's transaction."""
    if of(store).of_customers:
        refresh(store, store.conversations.ids_of_customer(customer_id))


class _Refresh:
    """One refresh, inside the caller's transaction."""

    def __init__(
        self,
        store: Store,
        plan: Plan,
        *,
        begin: bool = True,
        arrival: bool = False,
        taken_back: bool = False,
        agent_id: int | None = None,
        before: Plan | None = None,
    ) -> None:
        self.store = store
        self.plan = plan
        self.moment = Moment(
            plan=plan,
            now=store.promises.now(),
            answer=store.promises.answer,
            begin=begin,
            arrival=arrival,
            taken_back=taken_back,
            agent_id=agent_id,
            before=before,
        )
        self.changed: list[Promise] = []

    def run(self, ids: Sequence[int], *, exchanged: bool = False) -> int:
        """How many conversations have other promises now."""
        every = self.store.promises.facts(ids, customers=self.plan.of_customers)
        given: dict[int, list[Promise]] = {}
        for promise in self.store.promises.of(ids):
            given.setdefault(promise.conversation_id, []).append(promise)
        for facts in every:
            beside = _beside(facts, every, given) if exchanged else NOTHING_BESIDE
            course = course_of(facts, given.get(facts.id, ()), self.moment, beside)
            self.changed += course.changed
            self._set_due(facts, course)
        if self.changed:
            self.store.promises.put(self.changed)
        return len({each.conversation_id for each in self.changed})

    def _set_due(self, facts: Facts, course: Course) -> None:
        due_at = course.due.due_at if course.due is not None else None
        if course.due is None or due_at is None:
            if facts.due_at is not None:
                self.store.conversations.set_due(facts.id, None)
        elif due_at != facts.due_at or course.changed or self.moment.before is not None:
            calendar = course.due.calendar
            work = self.plan.clock(calendar).elapsed(due_at)
            self.store.conversations.set_due(
                facts.id, due_at, calendar=calendar, promised=course.due.promised, due_work=work
            )


def _beside(facts: Facts, every: Sequence[Facts], given: Mapping[int, Sequence[Promise]]) -> Beside:
    others = [each for each in every if each.id != facts.id]
    return Beside.of(others, [each for other in others for each in given.get(other.id, ())])


def mark_broken(store: Store, clock: Clock, limit: int = 500) -> int:
    """Record of promises whose time has passed that they are broken; how many were. Who watches is told so."""
    now = clock.now()
    if not store.promises.overdue(now, 1):
        return 0
    with store.write():
        broken = store.promises.overdue(now, limit)
        store.promises.put([as_broken(each, now) for each in broken])
        for id in dict.fromkeys(each.conversation_id for each in broken):
            store.changes.note("conversation", id, id)
    return len(broken)
