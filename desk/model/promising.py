"""Promises that were given: one row each, kept for good."""

from __future__ import annotations

from typing import Literal

from desk.clock import Millis
from desk.model.words import Model

PromiseKind = Literal["first", "next", "resolution", "callback"]
"""`first`: our first answer in a conversation. `next`: every one after that. `resolution`: that the matter is
resolved. `callback`: that somebody calls at the time they were told."""
PromiseState = Literal["running", "paused", "kept", "broken", "void"]
"""`paused`: the clock stands still, for we wait for the customer. `void`: nobody waits for it any more, and its time
had not come: closed without an answer, merged, not promised any more. Spam is always void."""
OPEN_PROMISES: tuple[PromiseState, ...] = ("running", "paused")


class Promise(Model, frozen=True, kw_only=True):
    """One promise, from when it was given until it was kept or not."""

    id: int = 0
    conversation_id: int
    """Where it runs; merging may have taken it there."""
    kind: PromiseKind
    policy: str = ""
    """The name of the policy that promises it; empty: `[promises]`, or a callback."""
    calendar: str = ""
    """Whose working time counts; empty: all time."""
    promised: Millis
    """How much working time there is in all."""
    began_at: Millis
    """What it counts from: the customer's message, or when a callback was asked for."""
    since: Millis | None = None
    """Since when the clock runs, or stands still."""
    spent: Millis = 0
    """Working time that had passed by then."""
    due_at: Millis | None = None
    """When it is broken unless it is kept; None while it is paused."""
    broken_at: Millis | None = None
    """When it was broken; one that still runs then is kept track of until its end."""
    state: PromiseState = "running"
    ended_at: Millis | None = None
    """When we answered, resolved, called; or when it became void."""
    agent_id: int | None = None
    """Who kept it, or came too late; None: nobody, or nobody knows."""
    callback_id: int | None = None

    @property
    def open(self) -> bool:
        """Whether it can still be kept, late as that may be."""
        return self.state in OPEN_PROMISES


class PolicyInfo(Model, frozen=True, kw_only=True):
    """What is promised to whom, in words as `desk.toml` has them."""

    name: str
    """Empty: `[promises]`."""
    when: tuple[str, ...] = ()
    """Its conditions, such as `channel email`; none: everybody."""
    first: Millis | None = None
    next: Millis | None = None
    resolution: Millis | None = None
    calendar: str = ""
    pause: bool = True


class Holiday(Model, frozen=True, kw_only=True):
    """Days on which a calendar is closed, one after another for one reason."""

    first: str
    """Such as `2026-12-25`."""
    last: str
    name: str = ""
    """As its file calls them; empty: it is `desk.toml` that says so."""


class CalendarInfo(Model, frozen=True, kw_only=True):
    """Whose time counts, as it stands at this moment."""

    name: str
    zone: str
    """Whose clock is meant, such as `Europe/Berlin`."""
    today: tuple[str, ...] = ()
    """When it is open today, by that clock, such as `9:00-12:30`; nothing: it is closed."""
    open: bool = False
    until: Millis | None = None
    """Until when it is, open or closed; None: as far as can be seen."""
    holidays: tuple[Holiday, ...] = ()
    """The next ones."""


class PromiseTally(Model, frozen=True, kw_only=True):
    """How many promises of one kind, by one policy."""

    policy: str
    kind: PromiseKind
    running: int = 0
    """Open now, and in time."""
    paused: int = 0
    late: int = 0
    """Open now, and broken already."""
    kept: int = 0
    """In the time that was asked for, as are the next two."""
    broken: int = 0
    void: int = 0


class PromiseBoard(Model, frozen=True, kw_only=True):
    """What is promised, what runs, and what became of promises since an instant."""

    since: Millis
    policies: tuple[PolicyInfo, ...]
    """In the order in which they count."""
    tallies: tuple[PromiseTally, ...]
    calendars: tuple[CalendarInfo, ...] = ()
    unread: tuple[str, ...] = ()
    """What cannot be read of the calendars."""
