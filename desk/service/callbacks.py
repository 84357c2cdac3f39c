"""Callbacks: who wants to be called, and when we said that we would.

What has been promised stands in the callback's row, and `desk.service.promises` puts it beside all other promises. The
attempts to keep it are in `desk.service.calls`.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from statistics import median
from types import MappingProxyType

from msgspec import Struct

from desk.clock import HOUR, MINUTE, Clock, Millis, iso
from desk.model import Agent, Callback, Conversation, Delta, Outcome
from desk.service import inbox, journal, promises
from desk.service.errors import Invalid, Lost, NotFound
from desk.store.base import Store
from desk.text import line

WORDS_AT_MOST = 300
LATER_AT_MOST: Millis = 366 * 24 * HOUR
_KEY_NAME = "callback_key"
_LINK = re.compile(r"[0-9a-f]{1,12}\.[a-z2-7]{32}")
_ROUND: Millis = 5 * MINUTE
_USUAL_CALL: Millis = 5 * MINUTE


def _always(at: Millis) -> Millis:
    return at


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
    opening: Callable[[Millis], Millis] = _always
    """The first instant, from one on, at which somebody is there."""


def get(store: Store, id: int) -> Callback:
    """Raises NotFound."""
    callback = store.callbacks.get(id)
    if callback is None:
        raise NotFound("callback", id)
    return callback


def soon(store: Store, now: Millis, rules: Rules) -> Millis:
    """When somebody who asks now would be called: after those who are due before, as long as calls last."""
    lasting = store.callbacks.lasted()
    usual = max(MINUTE, round(median(lasting))) if lasting else _USUAL_CALL
    start = at = rules.opening(now + rules.soonest)
    for _ in range(100):
        behind = start + store.callbacks.ahead(at + 1) // rules.lines * usual
        if behind <= at:
            break
        at = behind
    return rules.opening(-(-at // _ROUND) * _ROUND)


def require_future(at: Millis, now: Millis) -> None:
    """Raises Invalid for a time that no callback can be promised for."""
    if not now - MINUTE <= at <= now + LATER_AT_MOST:
        raise Invalid("bad-time", "a callback is promised for a time to come, within a year", {"field": "at"})


# --- the customer's own link --------------------------------------------------------------------------------


def link(store: Store, id: int) -> str:
    """What only the customer is given: with it they see their callback, move it and cancel it."""
    subject = f"{id:x}"
    return f"{subject}.{_seal(store, subject)}"


def linked(store: Store, token: str) -> Callback | None:
    """The callback of a link; None for what is not ours."""
    subject, _, seal = token.partition(".")
    if not _LINK.fullmatch(token) or not hmac.compare_digest(seal, _seal(store, subject)):
        return None
    return store.callbacks.get(int(subject, 16))


def _seal(store: Store, subject: str) -> str:
    """HMAC-SHA256 (RFC 2104) cut to 160 bits, under a key of the workspace."""
    digest = hmac.digest(_key(store), b"desk callback\0" + subject.encode("ascii"), sha256)
    return base64.b32encode(digest[:20]).decode("ascii").lower()


def _key(store: Store) -> bytes:
    kept = store.meta.get(_KEY_NAME)
    if kept is None:
        with store.write():
            kept = store.meta.get(_KEY_NAME)
            if kept is None:
                kept = secrets.token_hex(32)
                store.meta.set(_KEY_NAME, kept)
    return bytes.fromhex(kept)


# --- what is promised ---------------------------------------------------------------------------------------


def move(
    store: Store,
    clock: Clock,
    id: int,
    at: Millis,
    *,
    until: Millis | None = None,
    agent: Agent | None = None,
    rev: int | None = None,
) -> Callback:
    """Promise another time; without `agent` it is the customer who asks. Raises Lost for what is no longer waiting, or
    has changed since `rev`, Invalid for a time that cannot be."""
    now = clock.now()
    require_future(at, now)
    with store.write():
        before = get(store, id)
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
