"""Work that Desk hands out by itself: offers to reps, and what went back because they were not there."""

from __future__ import annotations

from typing import Literal

from desk.clock import Millis
from desk.model.conversations import Conversation
from desk.model.words import Model

OfferState = Literal["open", "accepted", "declined", "expired", "withdrawn", "returned"]
"""`open`: it is for the rep alone to take. `accepted`, `declined`: the rep's own doing. `expired`: they did neither in
time. `withdrawn`: somebody else was quicker, or it or the rep was gone. `returned`: it was theirs and unanswered when
they went, and is nobody's again."""


class Offer(Model, frozen=True, kw_only=True):
    """A conversation that is kept for one rep for a while. Until they accept, it is nobody's."""

    id: int = 0
    conversation_id: int
    agent_id: int
    queue_id: int
    offered_at: Millis
    until: Millis
    """From when on somebody else may get it."""
    state: OfferState = "open"
    ended_at: Millis | None = None


class OfferedNow(Model, frozen=True, kw_only=True):
    """An offer with what it is about."""

    offer: Offer
    conversation: Conversation


class OffersNow(Model, frozen=True, kw_only=True):
    """What Desk has for a rep."""

    open: tuple[OfferedNow, ...] = ()
    """Offered to them now, what ends first first."""
    returned: tuple[OfferedNow, ...] = ()
    """What was theirs and went back while they were not there, and they have not seen so yet; the newest first."""
