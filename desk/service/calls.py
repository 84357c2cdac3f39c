"""Calls: the attempts to make a callback, each won by one rep and stored as begun before any dialer hears of it.

What nobody knows the end of is `unclear`: no program calls again, and a rep says what became of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from desk.clock import MINUTE, Clock, Millis, iso
from desk.model import OPEN_CALLBACKS, Agent, CallAttempt, Callback, CallbackState, Conversation, Outcome
from desk.service import inbox, promises
from desk.service.callbacks import WORDS_AT_MOST, Rules, get, overtaken, record
from desk.service.errors import Lost, NotFound, Taken
from desk.store.base import Store
from desk.text import line

USUAL_LEAD: Millis = 5 * MINUTE
"""What `lead` says until `keep_lead` says otherwise."""
_LEAD = "callback_lead"

SAID: Mapping[Outcome, str] = {
    "reached": "reached",
    "no-answer": "no answer",
    "busy": "busy",
    "unreachable": "not reachable",
    "voicemail": "voicemail",
    "wrong-number": "wrong number",
    "cancelled": "hung up before an answer",
    "failed": "not put through",
    "unknown": "nobody knows whether it rang",
}
"""Outcomes in words."""


def keep_lead(store: Store, clock: Clock, early: Millis) -> None:
    """Callbacks may be made so long before the time that was promised, from now on."""
    if early != lead(store):
        with store.write():
            store.meta.set(_LEAD, str(early))


def lead(store: Store) -> Millis:
    """How long before the time that was promised calling is no surprise."""
    kept = store.meta.get(_LEAD)
    return USUAL_LEAD if kept is None else int(kept)


def take(
    store: Store,
    clock: Clock,
    agent: Agent,
    id: int,
    *,
    dialer: str = "",
    early: bool = False,
    even_if_unclear: bool = False,
) -> Callback:
    """Make it the rep's to call, now: its last attempt has begun when this returns, and is theirs alone to make.

    `early`: though a later time was chosen. `even_if_unclear`: though the last attempt may have rung. The conversation
    becomes the rep's. Raises Taken if it is another's, Lost: `calling` if somebody was first, `unclear`, `settled`,
    `too-early`.
    """
    now = clock.now()
    with store.write():
        before = get(store, id)
        expect: tuple[CallbackState, ...] = ("waiting", "unclear") if even_if_unclear else ("waiting",)
        if before.state == "waiting" and before.until is not None and now < before.due_at - lead(store) and not early:
            raise Lost("too-early", f"they asked to be called at {iso(before.due_at)}", {"at": str(before.due_at)})
        _begin(store, now, agent, before, expect, dialer)
        inbox.event(store, before.conversation_id, f"calls {before.shown}", now, agent)
    return get(store, id)


def _begin(
    store: Store, now: Millis, agent: Agent, before: Callback, expect: Sequence[CallbackState], dialer: str = ""
) -> Callback:
    """Win it for the rep, inside the caller's transaction. Raises Taken, Lost."""
    conversation = inbox.standing(store, before.conversation_id)
    if not store.conversations.claim(conversation.id, agent.id, now):
        raise Taken(conversation.assignee_name or "somebody")
    attempt = CallAttempt(
        reference=f"callback-{before.id}-{len(before.attempts) + 1}-{secrets.token_hex(4)}",
        number=before.number,
        agent_id=agent.id,
        dialer=dialer,
        claimed=conversation.assignee_id is None,
        begun_at=now,
    )
    if not store.callbacks.begin(before.id, attempt, expect):
        raise overtaken(before)
    return get(store, before.id)


def end(
    store: Store,
    clock: Clock,
    reference: str,
    outcome: Outcome,
    *,
    agent: Agent | None = None,
    words: str = "",
    rules: Rules,
    again_at: Millis | None = None,
) -> Callback:
    """What became of an attempt; what follows is up to the rules, or `again_at`.

    `agent`: the rep who says so; None: the dialer. Of an unknown end it can still be said what it was. Raises NotFound,
    Lost('ended') if it is known.
    """
    with store.write():
        attempt = store.callbacks.attempt(reference)
        if attempt is None:
            raise NotFound("attempt", line(reference)[:80])
        callback = get(store, attempt.callback_id)
        since = _Since(_to_be_said(callback, clock.now()), inbox.get(store, callback.conversation_id))
        return _end(store, clock, attempt, _Said(outcome, agent, words, rules, again_at), since)


class _Said(NamedTuple):
    """What became of an attempt; see `end`."""

    outcome: Outcome
    agent: Agent | None
    words: str
    rules: Rules
    again_at: Millis | None


class _Since(NamedTuple):
    """What a rep comes back to who takes an outcome back."""

    callback: Callback
    conversation: Conversation


def _end(store: Store, clock: Clock, attempt: CallAttempt, told: _Said, since: _Since) -> Callback:
    """`end`, inside the caller's transaction."""
    now, outcome, agent, said = clock.now(), told.outcome, told.agent, line(told.words)[:WORDS_AT_MOST]
    if not store.callbacks.finish(attempt.reference, outcome, now, words=said):
        known = SAID[attempt.outcome] if attempt.outcome else "nothing"
        raise Lost("ended", f"that call has ended: {known}", {"outcome": attempt.outcome or ""})
    ended = get(store, attempt.callback_id)
    if ended.attempts[-1].reference != attempt.reference:
        return ended  # a later attempt decides by now
    row = inbox.get(store, ended.conversation_id)
    follows = _follow(store, ended, outcome, row, now, told.rules, told.again_at)
    event = inbox.event(store, row.id, f"call: {SAID[outcome]}{f' ({said})' if said else ''}{follows}", now, agent)
    if outcome == "reached":
        store.placing.set_waiting(row.id, None)
    elif attempt.claimed and get(store, ended.id).state == "waiting" and row.assignee_id == attempt.agent_id:
        store.conversations.assign(row.id, None, now)
    promises.refresh(store, [row.id])
    record(store, clock, agent, "call-outcome", since.callback, since.conversation, event)
    return get(store, ended.id)


def _to_be_said(callback: Callback, now: Millis) -> Callback:
    """A call whose outcome is taken back has rung or not, and is over: that is to be said anew."""
    last = callback.attempts[-1]
    unknown = replace(last, outcome="unknown", ended_at=last.ended_at or now, words="")
    return replace(callback, state="unclear", attempts=(*callback.attempts[:-1], unknown))


def _follow(
    store: Store,
    callback: Callback,
    outcome: Outcome,
    conversation: Conversation,
    now: Millis,
    rules: Rules,
    again_at: Millis | None,
) -> str:
    """Set the callback on its way after an attempt; in words what comes next."""
    expect: tuple[CallbackState, ...] = ("calling", "unclear")
    if outcome == "unknown":
        store.callbacks.change(callback.id, expect, "unclear", due_at=now)
        return "; say what became of it before anybody calls again"
    if outcome in ("reached", "wrong-number"):
        store.callbacks.change(callback.id, expect, "done")
        return ""
    if conversation.state in ("resolved", "spam"):
        store.callbacks.change(callback.id, expect, "done")
        return ""
    if again_at is not None:
        store.callbacks.change(callback.id, expect, "waiting", due_at=again_at)
        return f"; again at {iso(again_at)}"
    delay = rules.again.get(outcome)
    if delay is None:
        store.callbacks.change(callback.id, expect, "waiting")
        return ""
    tried = sum(each.outcome in rules.again for each in callback.attempts)
    if tried >= rules.attempts:
        store.callbacks.change(callback.id, expect, "done")
        return f"; given up after {tried} attempts" if tried > 1 else "; given up"
    at = rules.opening(now + delay)
    store.callbacks.change(callback.id, expect, "waiting", due_at=at)
    return f"; again at {iso(at)}"


def outcome(
    store: Store,
    clock: Clock,
    agent: Agent,
    id: int,
    became: Outcome,
    *,
    words: str = "",
    rules: Rules,
    again_at: Millis | None = None,
) -> Callback:
    """A rep says what became of a callback: of the attempt that is under way or unclear, or, if none is, of a call
    that they made by themselves. If that is taken back, there was no such call. Raises Lost, Taken."""
    with store.write():
        before = get(store, id)
        if before.state not in OPEN_CALLBACKS:
            raise overtaken(before)
        if before.state != "waiting":
            reference = before.attempts[-1].reference
            return end(store, clock, reference, became, agent=agent, words=words, rules=rules, again_at=again_at)
        since = _Since(before, inbox.get(store, before.conversation_id))
        [*_, made] = _begin(store, clock.now(), agent, before, ("waiting",)).attempts
        return _end(store, clock, made, _Said(became, agent, words, rules, again_at), since)


def under_way(store: Store) -> list[Callback]:
    """The callbacks of which an attempt has begun and not ended: after a crash, what nobody follows."""
    return store.callbacks.page(("calling",), limit=1_000)


def lose(store: Store, clock: Clock, reference: str, words: str = "") -> Callback:
    """Nobody follows an attempt any more, and nobody can tell whether it rang. Raises NotFound, Lost('ended')."""
    return end(store, clock, reference, "unknown", words=words, rules=Rules())
