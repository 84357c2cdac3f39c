"""Offers: conversations that are kept for one rep for a while."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from desk.clock import Millis
from desk.model import Channel, Offer, OfferState


class Offers(Protocol):
    """At most one of each conversation is open at a time."""

    def begin(self, offer: Offer) -> bool:
        """One conditional statement: False if it is somebody's, is not open, is in another queue, or is offered
        already."""
        ...

    def end(self, id: int, state: OfferState, at: Millis) -> bool:
        """One conditional statement: False if it is open no more."""
        ...

    def open(self) -> list[Offer]:
        """All, what ends first first."""
        ...

    def to(self, agent_id: int) -> list[Offer]:
        """Those of a rep that are open, what ends first first."""
        ...

    def passed_on(self, since: Millis) -> set[tuple[int, int]]:
        """Conversations and reps who had an offer of them that ended since, or were done with it since."""
        ...

    def missed(self, agent_id: int, since: Millis) -> int:
        """How often in a row a rep let offers go by since an instant, after the last that they took or declined.

        What was offered while another offer stood that they let go by is the same time.
        """
        ...

    def declined(self, agent_id: int, since: Millis) -> bool:
        """Whether a rep left an offer to others after an instant, themselves, while it still had time."""
        ...

    def last_in(self, queue_id: int) -> int | None:
        """To whom something of a queue was offered last."""
        ...

    def idle_since(self, agent_ids: Collection[int]) -> dict[int, Millis]:
        """When these reps were offered something last, or were done with it; who never was is left out."""
        ...

    def undone(self) -> list[Offer]:
        """Those accepted, whose reps are not known to be done with them."""
        ...

    def done(self, ids: Collection[int], at: Millis) -> None:
        """Their reps are done with these."""
        ...

    def give_back(self, offer: Offer) -> None:
        """What was a rep's has gone back to its queue at `ended_at`, accepted from an offer or not."""
        ...

    def returned(self, agent_id: int) -> list[Offer]:
        """What went back and the rep has not seen so, the newest first; of each conversation one."""
        ...

    def seen(self, agent_id: int, at: Millis) -> bool:
        """The rep has seen what went back. False if there was nothing."""
        ...

    def unanswered(self, agent_id: int, channel: Channel, at_most: int) -> int:
        """How many conversations of a channel are a rep's, and wait for our answer; it is counted no further."""
        ...

    def calls(self, agent_ids: Collection[int], until: Millis) -> dict[int, list[Millis]]:
        """By rep when the calls are due that are theirs, wait to be made, and are due by then."""
        ...

    def theirs(self, agent_id: int, queue_ids: Collection[int]) -> Sequence[int]:
        """The conversations in these queues that are a rep's, and wait for our answer or call."""
        ...

    def left_behind(self, queue_ids: Collection[int]) -> dict[int, list[int]]:
        """By rep who is away or offline, their conversations in these queues to which the customer wrote since they
        went."""
        ...

    def forget_before(self, at: Millis, limit: int) -> int:
        """Drop what ended earlier; how many were dropped."""
        ...
