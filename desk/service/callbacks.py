"""Callbacks: who wants to be called, and when we said that we would.

What has been promised stands in the callback's row, and `desk.service.promises` puts it beside all other promises. The
attempts to keep it are in `desk.service.calls`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from types import MappingProxyType

from msgspec import Struct

from desk.clock import DAY, HOUR, MINUTE, Clock, Millis, iso
from desk.hours import Hours
from desk.model import Agent, Callback, CallOffer, CallSlot, Conversation, Delta, Outcome
from desk.service import inbox, journal, promises
from desk.service.errors import Invalid, Lost, NotFound
from desk.service.sealing import Seals
from desk.store.base import Store
from desk.text import line

WORDS_AT_MOST = 300
LATER_AT_MOST: Millis = 366 * 24 * HOUR
BEFORE: Millis = 15 * MINUTE
"""So long before a call is due, its conversation is open."""
_SEALS = Seals("callback_key", b"desk callback")
_ROUND: Millis = 5 * MINUTE
_USUAL_CALL: Millis = 5 * MINUTE


class Rules(Struct, frozen=True, kw_only=True):
    """What is promised, and what follows from an outcome."""

    again: Mapping[Outcome, Millis] = MappingProxyType(
        {"no-answer": 30 * MINUTE, "busy": 5 * MINUTE, "unreachable": 30 * MINUTE, "voicemail": 2 * HOUR}
    )
    """How long after an attempt that ended so another one follows. Those that are not named end the callback, or, like
    `cancelled` and `failed`, were no attempt."""
    attempts: int = 3
    """How often somebody is called at most."""
    soonest: Millis = 10 * MINUTE
    """What "as soon as possible" means when nobody waits."""
    lines: int = 1
    """How many are called at the same time."""
    country: str = ""
    """Whose numbers need no `+` (ISO 3166-1 alpha-2)."""
    countries: frozenset[str] = frozenset()
    """Whose numbers customers can have called; empty: all."""
    hours: Hours = Hours()
    """When somebody is there."""
    slot: Millis = 30 * MINUTE
    """How long a time to choose is."""
    per_slot: int = 2
    """How many can choose the same."""
    days: int = 7
    """How many days ahead there are times to choose."""

    def opening(self, at: Millis) -> Millis:
        """The first instant from one on at which somebody is there; if nobody ever is, that one."""
        opens = self.hours.opening(at)
        return at if opens is None else opens


def get(store: Store, id: int) -> Callback:
    """Raises NotFound."""
    callback = store.callbacks.get(id)
    if callback is None:
        raise NotFound("callback", id)
    return callback


def soon(store: Store, now: Millis, rules: Rules) -> Millis:
    """When somebody who asks now would be called: after those who are due before, as long as calls last."""
    usual = _usual(store)
    start = at = rules.opening(now + rules.soonest)
    for _ in range(100):
        behind = start + store.callbacks.ahead(at + 1) // rules.lines * usual
        if behind <= at:
            break
        at = behind
    return _rounded(at, rules)


def expected(store: Store, callback: Callback, now: Millis, rules: Rules) -> Millis:
    """When somebody who waits is likely to be called: as promised, or later if we are late."""
    if callback.due_at >= now:
        return callback.due_at
    behind = store.callbacks.ahead(callback.due_at, callback.id) // rules.lines * _usual(store)
    return _rounded(rules.opening(now + behind), rules)


def _usual(store: Store) -> Millis:
    """How long a call lasts."""
    lasting = store.callbacks.lasted()
    return max(MINUTE, round(median(lasting))) if lasting else _USUAL_CALL


def _rounded(at: Millis, rules: Rules) -> Millis:
    return rules.opening(-(-at // _ROUND) * _ROUND)


def require_future(at: Millis, now: Millis) -> None:
    """Raises Invalid for a time that no callback can be promised for."""
    if not now - MINUTE <= at <= now + LATER_AT_MOST:
        raise Invalid("bad-time", "a callback is promised for a time to come, within a year", {"field": "at"})


# --- the customer's own link --------------------------------------------------------------------------------


def link(store: Store, id: int) -> str:
    """What only the customer is given: with it they see their callback, move it and cancel it."""
    return _SEALS.link(store, id)


def linked(store: Store, token: str) -> Callback | None:
    """The callback of a link; None for what is not ours."""
    id = _SEALS.id_of(store, token)
    return None if id is None else store.callbacks.get(id)


def offer(store: Store, now: Millis, rules: Rules) -> CallOffer:
    """What can be promised to somebody who asks now."""
    at = soon(store, now, rules)
    return CallOffer(at=at, ahead=store.callbacks.ahead(at + 1), slots=tuple(slots(store, now, rules)))


def slots(store: Store, now: Millis, rules: Rules) -> list[CallSlot]:
    """The times that can be chosen: while somebody is there, as long as not too many have chosen them."""
    since, until = now + rules.soonest, now + rules.days * DAY
    chosen = store.callbacks.chosen(since, until)
    every = rules.hours.slots(since, until, rules.slot)
    left = ((each, rules.per_slot - chosen.get(each.start, 0)) for each in every)
    return [CallSlot(start=each.start, end=each.end, left=number) for each, number in left if number > 0]


def choose(store: Store, now: Millis, at: Millis, rules: Rules) -> CallSlot:
    """The slot that begins at an instant, inside the transaction that takes it. Raises Lost('slot-taken') if there is
    none, any more."""
    slot = next((each for each in slots(store, now, rules) if each.start == at), None)
    if slot is None:
        raise Lost("slot-taken", "that time is not free any more; choose another one")
    return slot


# --- what is promised ---------------------------------------------------------------------------------------


def move(
    store: Store,
    clock: Clock,
    id: int,
    at: Millis | None,
    *,
    rules: Rules | None = None,
    until: Millis | None = None,
    agent: Agent | None = None,
    rev: int | None = None,
) -> Callback:
    """Promise another time; without `agent` it is the customer who chooses one of `slots`. None: as soon as possible.

    Raises Lost for what is no longer waiting, has changed since `rev`, or for a slot that is gone; Invalid for a time
    that cannot be.
    """
    now, rules = clock.now(), rules or Rules()
    if at is not None:
        require_future(at, now)
    with store.write():
        before = get(store, id)
        if before.state != "waiting":
            raise overtaken(before)
        if at is None:
            at, until = soon(store, now, rules), None
        elif agent is None and at != before.promised_at:
            until = choose(store, now, at, rules).end
        elif agent is None:
            until = before.until
        if not store.callbacks.change(id, ("waiting",), "waiting", due_at=at, promised_at=at, until=until, rev=rev):
            raise overtaken(before)
        _tell(store, clock, agent, before, f"callback moved to {iso(at)}", "move-callback")
    return get(store, id)


def cancel(store: Store, clock: Clock, id: int, *, agent: Agent | None = None, reason: str = "") -> Callback:
    """Nobody is to call any more; again is fine. Raises Lost while a call is under way."""
    with store.write():
        before = get(store, id)
        if before.state != "cancelled":
            if not store.callbacks.change(id, ("waiting", "unclear"), "cancelled"):
                raise overtaken(before)
            why = f": {line(reason)[:WORDS_AT_MOST]}" if reason.strip() else ""
            _tell(store, clock, agent, before, f"callback cancelled{why}", "cancel-callback")
    return get(store, id)


def overtaken(callback: Callback) -> Lost:
    """Why it cannot be changed as it is."""
    detail = {"state": callback.state, "rev": str(callback.rev)}
    match callback.state:
        case "calling":
            attempt = callback.under_way
            who = attempt.agent_name if attempt else "somebody"
            return Lost("calling", f"{who} is calling at this moment", detail | {"agent": who})
        case "unclear":
            said = "whether the last attempt rang is not known; say what became of it first"
            return Lost("unclear", said, detail)
        case "done" | "cancelled":
            return Lost("settled", f"this callback is {callback.state}", detail)
        case _:
            return Lost("stale", "it has changed since; look again", detail)


def hidden(store: Store, now: Millis) -> list[Callback]:
    """Those who are to be called soon, and whose conversations are among those that wait for nothing of ours."""
    if not store.callbacks.ahead(now + BEFORE):
        return []
    due = (each for each in store.callbacks.page(("waiting",), limit=50) if each.due_at <= now + BEFORE)
    rows = ((each, store.conversations.get(each.conversation_id)) for each in due)
    return [each for each, row in rows if row is not None and row.state in ("waiting", "snoozed")]


def show_due(store: Store, clock: Clock) -> list[int]:
    """Open the conversations of these; their ids."""
    now = clock.now()
    with store.write():
        shown = hidden(store, now)
        for callback in shown:
            store.conversations.set_state(callback.conversation_id, "open", now)
            inbox.event(store, callback.conversation_id, f"time to call {callback.shown}", now)
        ids = [callback.conversation_id for callback in shown]
        promises.refresh(store, ids)
    return ids


def _tell(store: Store, clock: Clock, agent: Agent | None, before: Callback, said: str, kind: str) -> None:
    """Write it into the conversation, bring the promises up to date, and keep a rep's deed."""
    id = before.conversation_id
    was = inbox.get(store, id)
    words = said if agent else f"{said} by the customer"
    event = inbox.event(store, id, words, clock.now(), agent)
    promises.refresh(store, [id])
    record(store, clock, agent, kind, before, was, event)


def record(
    store: Store,
    clock: Clock,
    agent: Agent | None,
    kind: str,
    before: Callback,
    was: Conversation,
    event: int,
    more: Sequence[Delta] = (),
) -> None:
    """Keep a rep's deed with a callback, inside the caller's transaction; `event` tells of it."""
    if agent is None:
        return
    deltas: list[Delta] = [
        *more,
        *journal.callback(before, get(store, before.id)),
        *journal.conversation(was, inbox.get(store, was.id)),
        *journal.event(store, event),
    ]
    journal.record(store, clock, agent, kind, f"{_DEEDS[kind]} of #{was.id}", deltas)


_DEEDS = {
    "ask-callback": "callback",
    "move-callback": "another time for the callback",
    "cancel-callback": "end of the callback",
    "call-outcome": "outcome of the call",
}
