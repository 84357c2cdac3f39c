"""Where visitors were, and how they were invited to chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from desk.clock import Millis
from desk.model import Invitation, InvitationCounts, InvitationState, TrailStep


class Standing(Struct, frozen=True, kw_only=True):
    """What is remembered of a visitor's visits."""

    visit: Millis = 0
    """When the newest began; 0: there was none."""
    last_at: Millis = 0
    """When they were last heard of in it."""
    pages: int = 0
    """Seen in it."""
    visits: int = 0
    referrer: str = ""
    """What led them here this time."""


class Trails(Protocol):
    """Nothing of a trail is in `changes`: who looks on hears of it by the feed alone."""

    def step(self, step: TrailStep, key: str, *, at_most: int) -> int:
        """Keep a step, once for each `key` of its visitor, and answer its id.

        What is kept under the key is brought up to date: how long it lasted at most, its title, the cart. Of more than
        `at_most` steps of a visitor the oldest are forgotten.
        """
        ...

    def of(self, visitor_id: int, limit: int = 100, *, before: int | None = None) -> list[TrailStep]:
        """The newest first; `before`: those older than that one."""
        ...

    def standing(self, visitor_id: int) -> Standing: ...
    def hand_over(self, visitor_id: int, to: int, visit: Millis) -> None:
        """The steps of one visit are another visitor's."""
        ...

    def forget_of(self, visitor_id: int) -> None:
        """Drop all of one visitor."""
        ...

    def forget_before(self, at: Millis, limit: int) -> int:
        """Drop what is older, at most so much at once; how much it was."""
        ...


class Invitations(Protocol):
    def offer(self, invitation: Invitation, *, visit: Millis, refused_since: Millis) -> int | None:
        """Keep one, unless the visitor had one since `visit` or said no to one since `refused_since`: then None.

        One conditional statement: of two at the same time, one is kept.
        """
        ...

    def advance(
        self,
        id: int,
        visitor_id: int,
        expect: Sequence[InvitationState],
        state: InvitationState,
        at: Millis,
        *,
        conversation_id: int | None = None,
    ) -> bool:
        """False if it is in none of the expected states, or another visitor's."""
        ...

    def hand_over(self, visitor_id: int, to: int) -> None: ...
    def get(self, id: int) -> Invitation | None: ...
    def newest_of(self, visitor_id: int) -> Invitation | None: ...
    def undecided(self, since: Millis) -> int:
        """How many were offered or shown since, and neither accepted nor refused."""
        ...

    def counts(self, since: Millis = 0) -> list[InvitationCounts]:
        """By rule, those of a rule by its name, those by hand last."""
        ...

    def forget_before(self, at: Millis, limit: int) -> int: ...
