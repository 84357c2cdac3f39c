"""What a customer is promised: in the head of their conversation, and all of it in lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from desk.clock import MINUTE, SECOND, Millis
from desk.model import Promise, PromiseKind
from desk.times import length
from screens.render import fit, one_line, shorten
from screens.times import full_stamp, span, stamp
from screens.widgets.lines import BLANK, Line

KINDS: Mapping[PromiseKind, str] = {
    "first": "first answer",
    "next": "next answer",
    "resolution": "resolution",
    "callback": "call",
}


def running(promises: Sequence[Promise]) -> Promise | None:
    """The one that runs out first; where the clock of all stands still, the one with the least time left."""
    return min(
        (each for each in promises if each.open),
        key=lambda each: (each.due_at is None, each.due_at if each.due_at is not None else each.promised - each.spent),
        default=None,
    )


def time_left(due_at: Millis, now: Millis) -> str:
    """How much time is left."""
    left = due_at - now
    return "due now" if abs(left) < MINUTE else f"due in {span(left)}" if left > 0 else f"late by {span(-left)}"


def in_the_head(promise: Promise, now: Millis) -> Iterator[tuple[str, str]]:
    """Which promise runs, until when, and by which policy."""
    kind = KINDS[promise.kind]
    if promise.due_at is None:
        left = promise.promised - promise.spent
        yield (f" · {kind} paused, {f'{span(left)} left' if left > 0 else 'late'}", "dim")
    else:
        yield (f" · {kind} by {stamp(promise.due_at, now)}", "bad" if promise.due_at <= now else "text")
    if promise.policy:
        yield (f" · policy {shorten(one_line(promise.policy), 20)}", "dim")


def history(promises: Sequence[Promise], names: Mapping[int, str], now: Millis, width: int) -> list[Line]:
    """All that were ever given, the newest first: by what, from when, what became of each, and by whom."""
    if not promises:
        return [BLANK, Line(((shorten(" nothing was ever promised in this conversation", width), "dim"),))]
    return list(chain.from_iterable(_told(each, names, now, width) for each in reversed(promises)))


def _told(promise: Promise, names: Mapping[int, str], now: Millis, width: int) -> Iterator[Line]:
    state, ink = _state(promise, now)
    room = max(width - 16 - len(state), 1)
    policy = f"policy {one_line(promise.policy)}" if promise.policy else ""
    yield Line(
        ((f" {fit(KINDS[promise.kind], 13)} ", "strong"), (state, ink), (f"  {shorten(policy, room - 3)}", "dim"))
    )
    of = f"working time of {one_line(promise.calendar)}" if promise.calendar else "all time counts"
    facts = [f"{length(promise.promised // SECOND * SECOND)} from {full_stamp(promise.began_at)}, {of}"]
    if promise.due_at is not None and promise.open:
        facts.append(f"{time_left(promise.due_at, now)}: {full_stamp(promise.due_at)}")
    if promise.state == "paused":
        facts.append(f"{length(promise.spent // MINUTE * MINUTE)} spent; the clock stands still until they answer")
    if promise.broken_at is not None:
        facts.append(f"broken {full_stamp(promise.broken_at)}")
    if promise.ended_at is not None:
        done = "nobody waits any more since" if promise.state == "void" else _done(promise, names)
        facts.append(f"{done} {full_stamp(promise.ended_at)}")
    for fact in facts:
        yield Line(((f"   {shorten(fact, width - 4)}", "text"),))
    yield BLANK


def _state(promise: Promise, now: Millis) -> tuple[str, str]:
    if promise.open and (promise.broken_at is not None or (promise.due_at is not None and promise.due_at <= now)):
        return "late", "bad"
    inks = {"running": "warn", "paused": "dim", "kept": "good", "broken": "bad", "void": "dim"}
    return promise.state, inks[promise.state]


_DONE: Mapping[PromiseKind, str] = {
    "first": "answered", "next": "answered", "resolution": "resolved", "callback": "called"
}  # fmt: skip


def _done(promise: Promise, names: Mapping[int, str]) -> str:
    """What ended it; nobody knows who that was when only the mailbox saw it."""
    if promise.agent_id is None:
        return "over since" if promise.state == "broken" else _DONE[promise.kind]
    return f"{_DONE[promise.kind]} by {one_line(names.get(promise.agent_id, 'somebody'))}"
