"""Callbacks: who wants to be called, when we promised to, and what became of each attempt."""

from __future__ import annotations

from typing import Literal

from desk.clock import Millis
from desk.model.words import Model

CallbackState = Literal["waiting", "calling", "unclear", "done", "cancelled"]
"""`waiting`: to be called at `due_at`. `calling`: a rep has taken it, and one attempt is under way. `unclear`: nobody
knows whether that attempt rang, so a rep has to say before anybody calls again. `done`: reached, or given up.
`cancelled`: nobody is to call any more."""

OPEN_CALLBACKS: tuple[CallbackState, ...] = ("waiting", "calling", "unclear")
"""The states in which we still owe something."""

Outcome = Literal[
    "reached",
    "no-answer",
    "busy",
    "unreachable",
    "voicemail",
    "wrong-number",
    "cancelled",
    "failed",
    "unknown",
]
"""What became of an attempt, in the words of dialers (`connectors.dialing.base.Reason`).

`cancelled`: hung up on our side before an answer. `failed`: it was not put through, and no phone rang at the
customer's. Neither counts as an attempt. `unknown`: nobody can tell; the callback is `unclear` until a rep says."""


class CallAttempt(Model, frozen=True, kw_only=True):
    """One attempt to reach somebody, stored before any dialer hears of it."""

    id: int = 0
    callback_id: int = 0
    reference: str
    """What dialers call it; never used twice. A reference makes a phone ring once at most."""
    number: str
    """E.164, such as +491701234567."""
    agent_id: int
    agent_name: str = ""
    dialer: str = ""
    """By which of `[dialers]`; empty: by hand."""
    claimed: bool = False
    """The conversation became the rep's by it; it is given back if another attempt has to follow."""
    begun_at: Millis
    ended_at: Millis | None = None
    outcome: Outcome | None = None
    """None while it is under way."""
    words: str = ""
    """What the network, the dialer or the rep said of it, in a line."""


class Callback(Model, frozen=True, kw_only=True):
    """Somebody wants to be called; it stands in a conversation."""

    id: int = 0
    conversation_id: int
    """Where it is now; merging may have taken it there."""
    account: str = ""
    """The site or mailbox by which it was asked; empty: a rep noted it."""
    number: str
    """E.164, such as +491701234567."""
    shown: str = ""
    """The number as people read it: `+49 170 1234567`."""
    country: str = ""
    """Of the number (ISO 3166-1 alpha-2, such as `DE`); empty if it belongs to none."""
    reason: str = ""
    """In their words, in a line."""
    language: str = ""
    state: CallbackState = "waiting"
    promised_at: Millis = 0
    """When we said that we would call."""
    until: Millis | None = None
    """The end of the slot that was chosen, which begins at `promised_at`; None: as soon as possible."""
    due_at: Millis = 0
    """When the next attempt is due: the promise, and later what the last outcome said."""
    asked_at: Millis = 0
    visitor_id: int | None = None
    message_id: int | None = None
    """The message it was made of: the request, a voicemail, a missed call."""
    agent_id: int | None = None
    """The rep who noted it; None: the customer asked themself."""
    attempts: tuple[CallAttempt, ...] = ()
    """Oldest first."""
    rev: int = 1
    """Grows by one with every change."""

    @property
    def open(self) -> bool:
        """Whether we still owe something."""
        return self.state in OPEN_CALLBACKS

    @property
    def outcome(self) -> Outcome | None:
        """That of the last attempt."""
        return self.attempts[-1].outcome if self.attempts else None

    @property
    def under_way(self) -> CallAttempt | None:
        """The attempt that is being made now."""
        last = self.attempts[-1] if self.attempts else None
        return last if last is not None and last.outcome is None else None


class CallSlot(Model, frozen=True, kw_only=True):
    """A time at which somebody can be called."""

    start: Millis
    end: Millis
    left: int = 1
    """How many can still choose it."""


class CallOffer(Model, frozen=True, kw_only=True):
    """What can be promised now to who asks to be called."""

    at: Millis
    """When it would be, as soon as possible."""
    ahead: int = 0
    """How many are called before."""
    slots: tuple[CallSlot, ...] = ()
