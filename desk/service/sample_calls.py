"""Customers of the sample shop who want to be called: soon, and again after they did not answer."""

from __future__ import annotations

from collections.abc import Sequence

from desk.clock import MINUTE, Clock, ManualClock
from desk.sample.callbacks import WantsCall
from desk.sample.shop import Shop, ago
from desk.service import asking, calls
from desk.service.asking import Wish
from desk.service.callbacks import Rules
from desk.store.base import Store

_SLOT = 30 * MINUTE


def load(store: Store, clock: Clock, shop: Shop, wanted: Sequence[WantsCall]) -> int:
    """Have them all asked for, and called as often as they were; how many conversations that began."""
    now, rules = clock.now(), Rules()
    with store.write():
        for each in wanted:
            person = shop.customers[each.customer]
            due = now + each.due_in
            wish = Wish(
                number=person.phone,
                reason=each.reason,
                name=person.name,
                at=due,
                until=due + _SLOT if each.slot else None,
            )
            callback = asking.ask(store, ManualClock(now - ago(each.asked)), wish, rules=rules)
            for attempt in each.attempts:
                rep = store.agents.ensure(attempt.rep, shop.reps.get(attempt.rep, attempt.rep))
                then = ManualClock(now - ago(attempt.ago))
                calls.outcome(store, then, rep, callback.id, attempt.outcome, words=attempt.words, rules=rules)
    return len(wanted)
