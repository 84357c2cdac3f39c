"""Rules, asked about every message of a customer in the transaction that brings it, whatever the channel.

The store tells of what came in (`desk.store.base.routing`), so no channel has to know of rules. What a rule does
brings in nothing, so none is asked because of another; they are asked in the order of `desk.toml`, each about the
conversation as those before it have left it. Where one fails, it alone is undone, and the message stays.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from desk.clock import Clock, Millis
from desk.model import Agent, RuleInfo, Trial, Tried, instant_of
from desk.query import AnyOf, Query, parse, render
from desk.rules.planning import Plan, changed_tags, difference, plan
from desk.rules.words import Rule
from desk.service import inbox, planned
from desk.steps import Step
from desk.steps import parse as parse_step
from desk.store.base import Arrival, Store
from desk.store.base.routing import Heed

log = logging.getLogger(__name__)

ASKED_AT_MOST = 20_000
"""Messages that rules are tried on."""
EXAMPLES = 10
NAMED_AT_MOST = 1_000
"""Conversations that a trial names."""
_PORTION = 500
_NOT_WRITTEN = ("auto", "bounce")
"""Kinds of messages that nobody wrote, and that are no words of a customer who writes again."""
_CHOSEN = {"queue": ("queue_name",), "assignee": ("assignee_id", "assignee_name"), "priority": ("priority",)}


def keep(store: Store, clock: Clock, rules: Sequence[Rule], afterwards: Heed | None = None) -> None:
    """Go by these rules from now on; what came in before stays as it is. `afterwards` is told of what came in next."""
    working = [_Compiled.of(rule, clock.now()) for rule in rules if rule.enabled]
    store.routing.heed(partial(_route, store, clock, working, afterwards) if working or afterwards else None)


class _Compiled(Struct, frozen=True):
    """A rule, read."""

    rule: Rule
    query: Query
    todo: tuple[Step, ...]

    @classmethod
    def of(cls, rule: Rule, now: Millis) -> _Compiled:
        return cls(rule, parse(rule.when, now=now), tuple(map(parse_step, rule.do)))

    @property
    def who(self) -> str:
        return f"rule {self.rule.name}"

    def asked(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Those it is asked about."""
        return [each for each in arrivals if each.first or self._again(each)]

    def _again(self, arrival: Arrival) -> bool:
        return self.rule.on == "message" and arrival.kind not in _NOT_WRITTEN


def _route(
    store: Store, clock: Clock, rules: Sequence[_Compiled], afterwards: Heed | None, arrivals: Sequence[Arrival]
) -> None:
    pending = list(arrivals)
    for each in rules:
        try:
            with store.write():
                fitting = _apply(store, clock, _Compiled.of(each.rule, clock.now()), pending)
        except Exception:
            log.exception("%s failed; what came in stays as it is", each.who)
            continue
        if each.rule.stop:
            pending = [arrival for arrival in pending if arrival.message_id not in fitting]
    if afterwards:
        afterwards(arrivals)


def _apply(store: Store, clock: Clock, rule: _Compiled, pending: Sequence[Arrival]) -> set[int]:
    """Returns the messages it fits."""
    asked = rule.asked(pending)
    fitting = store.routing.holding(rule.query, [each.message_id for each in asked]) if asked else set()
    if fitting:
        reps = reps_of(store)
        for arrival in asked:
            if arrival.message_id in fitting:
                _act(store, clock, rule, arrival, reps)
    return fitting


def _act(store: Store, clock: Clock, rule: _Compiled, arrival: Arrival, reps: dict[str, Agent]) -> None:
    conversation = inbox.get(store, arrival.conversation_id)
    if conversation.state == "merged" or planned.forbidden(store, rule.who, conversation.id):
        return
    made = plan(conversation, rule.todo, reps, clock.now())
    if not arrival.first:
        made = _without_what_reps_chose(store, made)
        if not difference(made.before, made.after):
            return  # all is so already; a note alone would be said anew with each message
    planned.carry_out(store, clock, made, who=rule.who, because=because(store, rule.query, arrival.message_id))


def _without_what_reps_chose(store: Store, made: Plan) -> Plan:
    """The plan but for queue, rep, priority and tags on which a rep has the last word."""
    before, after = made.before, made.after
    for field, columns in _CHOSEN.items():
        if _is_reps(store, before.id, field):
            after = replace(after, **{column: getattr(before, column) for column in columns})
    added, gone = changed_tags(before, after)
    kept = {name for name in (*added, *gone) if _is_reps(store, before.id, f"tag:{name}")}
    tags = (*(name for name in after.tags if name not in kept), *(name for name in gone if name in kept))
    return replace(made, after=replace(after, tags=tags))


def _is_reps(store: Store, conversation_id: int, field: str) -> bool:
    deed = store.deeds.with_fact("conversation", conversation_id, field)
    return deed is not None and deed.agent_id != planned.DESK.id


def reps_of(store: Store) -> dict[str, Agent]:
    """Reps by folded login."""
    return {each.login.casefold(): each for each in store.agents.all()}


def because(store: Store, query: Query, message_id: int) -> str:
    """What of a query a message matches, in the words of the query: of alternatives, the first that holds."""
    if isinstance(query, AnyOf):
        holds = (part for part in query.of if store.routing.holding(part, [message_id]))
        return render(next(holds, query))
    return render(query) or "every conversation"


# --- told and tried ---------------------------------------------------------------------------------------


def listed(store: Store, rules: Sequence[Rule]) -> list[RuleInfo]:
    """The rules with how often each acted."""
    acted = planned.counted(store)
    return [
        RuleInfo(
            name=rule.name,
            on=rule.on,
            when=rule.when,
            do=rule.do,
            stop=rule.stop,
            enabled=rule.enabled,
            acted=acted.get(f"rule {rule.name}", 0),
        )
        for rule in rules
    ]


def tried(store: Store, clock: Clock, rules: Sequence[Rule], since: Millis) -> list[Trial]:
    """What the rules would have done with what customers wrote since then. Nothing is changed.

    Those that are switched off are tried too, but stop nothing. Fields of conversations, such as their queue, are
    judged as they are now.
    """
    pending = store.routing.arrivals(since, ASKED_AT_MOST)
    reps, trials = reps_of(store), []
    for rule in (_Compiled.of(each, clock.now()) for each in rules):
        asked = rule.asked(pending)
        fitting = fits(store, rule.query, [each.message_id for each in asked])
        hits = [each for each in asked if each.message_id in fitting]
        trials.append(_trial(store, clock, rule, len(asked), hits, reps))
        if rule.rule.stop and rule.rule.enabled:
            pending = [each for each in pending if each.message_id not in fitting]
    return trials


def fits(store: Store, query: Query, message_ids: Sequence[int]) -> set[int]:
    """`holding`, of however many."""
    found: set[int] = set()
    for start in range(0, len(message_ids), _PORTION):
        found |= store.routing.holding(query, message_ids[start : start + _PORTION])
    return found


def newest(conversation_ids: Iterable[int]) -> tuple[int, ...]:
    """Those that a trial names, of ids in the order of time."""
    return tuple(dict.fromkeys(reversed([*conversation_ids])))[:NAMED_AT_MOST]


def _trial(
    store: Store, clock: Clock, rule: _Compiled, asked: int, hits: Sequence[Arrival], reps: dict[str, Agent]
) -> Trial:
    rows = {row.id: row for row in store.conversations.many([each.conversation_id for each in hits])}
    plans = {id: plan(row, rule.todo, reps, clock.now()) for id, row in rows.items()}
    shown = [each for each in reversed(hits) if each.conversation_id in plans][:EXAMPLES]
    return Trial(
        name=rule.rule.name,
        enabled=rule.rule.enabled,
        asked=asked,
        fits=len(hits),
        changes=sum(bool(difference(each.before, each.after)) for each in plans.values()),
        conversations=newest(each.conversation_id for each in hits),
        examples=tuple(
            Tried(
                message_id=each.message_id,
                conversation_id=each.conversation_id,
                at=instant_of(each.message_id),
                subject=rows[each.conversation_id].subject,
                customer_name=rows[each.conversation_id].customer_name,
                because=because(store, rule.query, each.message_id),
                words=plans[each.conversation_id].words,
            )
            for each in shown
        ),
    )
