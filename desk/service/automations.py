"""Automations: what is done to conversations once so much time has gone by, and what they are then asks for it.

One acts once in a conversation, and again only after the customer wrote: what it does itself never makes it act, so two
that undo each other's work do so once. What came due before there was such an automation stays as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from hashlib import blake2b

from desk.clock import DAY, Clock, Millis
from desk.model import AutomationInfo, Conversation, Trial, Tried
from desk.query import Query, parse, render
from desk.rules.planning import Plan, difference, plan
from desk.rules.words import Automation
from desk.service import inbox, planned
from desk.service.rules import EXAMPLES, reps_of
from desk.steps import parse as parse_step
from desk.store.base import Store

log = logging.getLogger(__name__)

LATE_AT_MOST: Millis = 7 * DAY
"""What came due longer ago, while nothing ran, is not done any more."""
AT_ONCE = 25
"""Conversations of one automation in one transaction, some 30 ms: what live mail waits for."""
TRIED_AT_MOST = 20_000
_ALL_TIME: Query = parse("", now=0)


def keep(store: Store, clock: Clock, automations: Sequence[Automation]) -> None:
    """Remember since when there are these; one that is changed is another."""
    with store.write():
        for each in automations:
            if not store.routing.acted(_since(each), [0]):
                store.routing.note(_since(each), 0, clock.now())


def _since(automation: Automation) -> str:
    said = f"{automation.on} {automation.after} {automation.when} {automation.do} {automation.enabled}"
    return f"since {who(automation)} {blake2b(said.encode(), digest_size=8).hexdigest()}"


def who(automation: Automation) -> str:
    """What its deeds are told under."""
    return f"automation {automation.name}"


def sweep(store: Store, clock: Clock, automations: Sequence[Automation]) -> int:
    """Do what is due now; returns how many conversations were changed. `keep` comes first."""
    return sum(_sweep(store, clock, each) for each in automations if each.enabled)


def due(store: Store, clock: Clock, automation: Automation, limit: int = AT_ONCE) -> list[int]:
    """Where it would act now."""
    now, name = clock.now(), who(automation)
    began = store.routing.acted(_since(automation), [0]).get(0, now)
    query = parse(automation.when, now=now)
    found = store.routing.due(
        query, automation.on, automation.after, since=max(began, now - LATE_AT_MOST), until=now, name=name, limit=limit
    )
    return [id for id, _ in found]


def _sweep(store: Store, clock: Clock, automation: Automation) -> int:
    if not due(store, clock, automation, 1):
        return 0
    changed = 0
    with store.write():
        for id in due(store, clock, automation):
            store.routing.note(who(automation), id, clock.now())
            try:
                with store.write():
                    changed += _act(store, clock, automation, id)
            except Exception:
                log.exception("%s failed in conversation %d; it stays as it is", who(automation), id)
    return changed


def _act(store: Store, clock: Clock, automation: Automation, id: int) -> bool:
    if planned.forbidden(store, who(automation), id):
        return False
    made = _plan(store, clock, automation, inbox.get(store, id))
    return planned.carry_out(store, clock, made, who=who(automation), because=because(automation))


def _plan(store: Store, clock: Clock, automation: Automation, conversation: Conversation) -> Plan:
    return plan(conversation, tuple(map(parse_step, automation.do)), reps_of(store), clock.now())


def because(automation: Automation) -> str:
    """Such as `2d after last, state:waiting`."""
    query = render(parse(automation.when, now=0))
    long = f"{in_words(automation.after)} after " if automation.after else ""
    return ", ".join(filter(None, (f"{long}{automation.on}", query)))


def in_words(span: Millis) -> str:
    """A duration as the settings have it: `2d`, `1h30m`."""
    rest, told = span // 1_000, ""
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        number, rest = divmod(rest, seconds)
        told += f"{number}{unit}" if number else ""
    return told or "0s"


# --- told and tried ---------------------------------------------------------------------------------------


def listed(store: Store, automations: Sequence[Automation]) -> list[AutomationInfo]:
    """The automations with how often each acted."""
    acted = planned.counted(store)
    return [
        AutomationInfo(
            name=each.name,
            on=each.on,
            after=each.after,
            when=each.when,
            do=each.do,
            enabled=each.enabled,
            acted=acted.get(who(each), 0),
        )
        for each in automations
    ]


def tried(store: Store, clock: Clock, automations: Sequence[Automation], since: Millis) -> list[Trial]:
    """What they would have done since then. Nothing is changed; conversations are judged as they are now."""
    return [_tried(store, clock, each, since) for each in automations]


def _tried(store: Store, clock: Clock, automation: Automation, since: Millis) -> Trial:
    now = clock.now()

    def found(query: Query) -> list[tuple[int, Millis]]:
        on, after = automation.on, automation.after
        return store.routing.due(query, on, after, since=since, until=now, limit=TRIED_AT_MOST)

    fits = found(parse(automation.when, now=now))
    rows = {row.id: row for row in store.conversations.many([id for id, _ in fits])}
    plans = {id: _plan(store, clock, automation, row) for id, row in rows.items()}
    shown = [(id, at) for id, at in reversed(fits) if id in plans][:EXAMPLES]
    return Trial(
        name=automation.name,
        enabled=automation.enabled,
        asked=len(found(_ALL_TIME)),
        fits=len(fits),
        changes=sum(bool(difference(each.before, each.after)) for each in plans.values()),
        examples=tuple(
            Tried(
                conversation_id=id,
                at=at + automation.after,
                subject=rows[id].subject,
                customer_name=rows[id].customer_name,
                because=because(automation),
                words=plans[id].words,
            )
            for id, at in shown
        ),
    )
