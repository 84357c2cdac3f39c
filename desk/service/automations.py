"""Automations: what is done to conversations once so much time has gone by, and what they are then asks for it.

One acts once in a conversation, and again only after the customer wrote: what it does itself never makes it act, so two
that undo each other's work do so once. What came due before there was such an automation stays as it is. Those that
write to customers leave that to `desk.service.letters`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from hashlib import blake2b

from msgspec.structs import replace

from desk.clock import DAY, Clock, Millis
from desk.model import AutomationInfo, Conversation, Trial, Tried
from desk.query import parse, render
from desk.rules.planning import Plan, difference, plan
from desk.rules.words import Automation
from desk.service import inbox, letters, planned, would_send
from desk.service.admitting import Means, who
from desk.service.rules import EXAMPLES, newest, reps_of
from desk.steps import parse as parse_step
from desk.store.base import Store
from desk.text import line
from desk.times import length

log = logging.getLogger(__name__)

LATE_AT_MOST: Millis = 7 * DAY
"""What came due longer ago, while nothing ran, is not done any more."""
AT_ONCE = 25
"""Conversations of one automation in one transaction, some 30 ms: what live mail waits for."""
TRIED_AT_MOST = 20_000
_COUNTED: Millis = 7 * DAY
_TOLD_OF_TEXT = 60


def keep(store: Store, clock: Clock, automations: Sequence[Automation]) -> None:
    """Remember since when there are these; one that is changed is another."""
    with store.write():
        for each in automations:
            if not store.routing.acted(_since(each), [0]):
                store.routing.note(_since(each), 0, clock.now())


def _since(automation: Automation) -> str:
    said = f"{automation.on} {automation.after} {automation.when} {automation.do} {automation.enabled}"
    if automation.mails or automation.tag:
        said += f" {automation.tag} {automation.send} {automation.text} {automation.subject} {automation.account}"
    return f"since {who(automation.name)} {blake2b(said.encode(), digest_size=8).hexdigest()}"


def sweep(store: Store, clock: Clock, automations: Sequence[Automation], means: Means | None = None) -> int:
    """Do what is due now; returns in how many conversations something was changed or planned. `keep` comes first.

    `means`: without them, those that write to customers do nothing."""
    able = [each for each in automations if each.enabled and (means is not None or not each.mails)]
    return sum(_sweep(store, clock, each, means) for each in able)


def due(store: Store, clock: Clock, automation: Automation, limit: int = AT_ONCE) -> list[tuple[int, Millis]]:
    """Where it would act now, and the moments from which on its time was counted."""
    now, name = clock.now(), who(automation.name)
    began = store.routing.acted(_since(automation), [0]).get(0, now)
    query = parse(automation.when, now=now)
    return store.routing.due(
        query,
        automation.on,
        automation.after,
        since=max(began, now - LATE_AT_MOST),
        until=now,
        tag=automation.tag,
        name=name,
        limit=limit,
    )


def _sweep(store: Store, clock: Clock, automation: Automation, means: Means | None) -> int:
    if not due(store, clock, automation, 1):
        return 0
    changed = 0
    with store.write():
        for id, moment in due(store, clock, automation):
            store.routing.note(who(automation.name), id, clock.now())
            try:
                with store.write():
                    changed += _act(store, clock, automation, id, moment, means)
            except Exception:
                log.exception("%s failed in conversation %d; it stays as it is", who(automation.name), id)
    return changed


def _act(store: Store, clock: Clock, automation: Automation, id: int, moment: Millis, means: Means | None) -> bool:
    if planned.forbidden(store, who(automation.name), id):
        return False
    if automation.mails:
        return means is not None and letters.plan(store, automation, id, moment, means, clock.now())
    made = _plan(store, clock, automation, inbox.get(store, id))
    return planned.carry_out(store, clock, made, who=who(automation.name), because=because(automation))


def _plan(store: Store, clock: Clock, automation: Automation, conversation: Conversation) -> Plan:
    return plan(conversation, tuple(map(parse_step, automation.do)), reps_of(store), clock.now())


def because(automation: Automation) -> str:
    """Such as `2d after last, state:waiting`."""
    query = render(parse(automation.when, now=0))
    long = f"{length(automation.after)} after " if automation.after else ""
    return ", ".join(filter(None, (f"{long}{automation.on}", query)))


# --- told and tried ---------------------------------------------------------------------------------------


def listed(store: Store, clock: Clock, automations: Sequence[Automation]) -> list[AutomationInfo]:
    """The automations with how often each acted, and what became of their mail."""
    acted, mails = planned.counted(store), store.auto_mails.counts(clock.now() - _COUNTED)
    return [
        AutomationInfo(
            name=each.name,
            on=f"{each.on} {each.tag}".strip(),
            after=each.after,
            when=each.when,
            do=each.do,
            send=f"::{each.send.removeprefix('::')}" if each.send else line(each.text)[:_TOLD_OF_TEXT],
            enabled=each.enabled,
            acted=acted.get(who(each.name), 0),
            mails=dict(mails.get(each.name, {})),
        )
        for each in automations
    ]


def tried(
    store: Store, clock: Clock, automations: Sequence[Automation], since: Millis, means: Means | None = None
) -> list[Trial]:
    """What they would have done since then. Nothing is changed; conversations are judged as they are now, limits by
    what would have gone before."""
    trials = {each.name: _tried(store, clock, each, since) for each in automations}
    writing = [each for each in automations if each.mails and means is not None]
    if writing and means is not None:
        fits = [(each, id, moment) for each in writing for id, moment in _found(store, clock, each, since, each.when)]
        mails = would_send.tried(store, clock, fits, means)
        for each in writing:
            trials[each.name] = replace(trials[each.name], **would_send.told(store, each, mails, because(each)))
    return list(trials.values())


def _found(store: Store, clock: Clock, automation: Automation, since: Millis, when: str) -> list[tuple[int, Millis]]:
    now, on, after, tag = clock.now(), automation.on, automation.after, automation.tag
    query = parse(when, now=now)
    return store.routing.due(query, on, after, since=since, until=now, tag=tag, limit=TRIED_AT_MOST)


def _tried(store: Store, clock: Clock, automation: Automation, since: Millis) -> Trial:
    fits = _found(store, clock, automation, since, automation.when)
    rows = {row.id: row for row in store.conversations.many([id for id, _ in fits])}
    plans = {id: _plan(store, clock, automation, row) for id, row in rows.items()}
    shown = [(id, at) for id, at in reversed(fits) if id in plans][:EXAMPLES]
    return Trial(
        name=automation.name,
        enabled=automation.enabled,
        asked=len(_found(store, clock, automation, since, "")),
        fits=len(fits),
        changes=sum(bool(difference(each.before, each.after)) for each in plans.values()),
        conversations=newest(id for id, _ in fits),
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
