"""Calls while they are made: how each stands, who is asked to make it, and by what."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import field

from desk.clock import Millis
from desk.model.calling import Outcome
from desk.model.words import Model

CallStage = Literal["dialling", "ringing", "answered", "ended", "lost"]
"""`dialling`: under way, and nothing heard of the customer's phone. `ended`: over, and a rep says what became of it.
`lost`: out of sight, and nobody knows whether it rang."""


class Call(Model, frozen=True, kw_only=True):
    """A rep's attempt to reach somebody, from the key that dials to the outcome."""

    reference: str
    callback_id: int
    conversation_id: int
    number: str
    """E.164."""
    shown: str = ""
    """The number as people read it: `+49 170 1234567`."""
    agent_id: int
    dialer: str
    """By which of `[dialers]`."""
    stage: CallStage = "dialling"
    tells: bool = True
    """Whether it is heard what becomes of it; if not, the rep says so."""
    at_the_rep: bool = False
    """Whether the rep's own machine dials, and is to be asked to."""
    begun_at: Millis
    answered_at: Millis | None = None
    ended_at: Millis | None = None
    suggested: Outcome | None = None
    """What it seems to have come to."""
    outcome: Outcome | None = None
    """What it came to: then nothing is left to say."""
    words: str = ""
    """What the network, the dialer or the program said last, in a line."""

    @property
    def over(self) -> bool:
        """Whether the line is free again, as far as anybody knows."""
        return self.stage in ("ended", "lost") or self.outcome is not None


class PhoneOrder(Model, frozen=True, kw_only=True):
    """What a rep's machine is told that has to dial."""

    kind: str
    """Which dialer."""
    name: str
    folder: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    reference: str
    number: str
    rep: str
    at: Millis


class PhoneNews(Model, frozen=True, kw_only=True):
    """How a call stands that a rep's machine makes."""

    stage: CallStage
    at: Millis
    reason: Outcome | None = None
    words: str = ""
    tells: bool = True
    certain: bool = False
    """Of `lost`: it was certainly not dialled, and `words` say why."""


class PhoneWish(Model, frozen=True, kw_only=True):
    """What the rep wants of their machine."""

    hang_up: bool = False


DialerState = Literal["ready", "needs-secret", "wrong", "paused"]


class DialerStatus(Model, frozen=True, kw_only=True):
    """One of the ways to call."""

    name: str
    dialer: str
    """Its kind."""
    state: DialerState = "ready"
    error: str = ""
    """What is wrong or missing, and what to do about it."""
    mine: bool = False
    """Whether the rep who asks calls by it."""
    account: str = ""
    """The name under which its secret is kept, and it is tried."""
