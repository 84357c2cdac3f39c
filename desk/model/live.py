"""Figures of the live queue and of reports. What each means exactly stands in docs/metrics.md."""

from __future__ import annotations

from desk.clock import Millis
from desk.model.words import Model


class Figures(Model, frozen=True, kw_only=True):
    """What was counted over some time. None: there was nothing to divide by."""

    arrived: int = 0
    """Waits that began."""
    arrived_first: int = 0
    """Of these: the first of their conversation."""
    answered: int = 0
    """Waits that ended by our answer."""
    answered_first: int = 0
    closed: int = 0
    """Waits that ended without an answer."""
    kept: int = 0
    """Promised answers that came in time."""
    broken: int = 0
    """Promised answers that came late, and chats that were abandoned after the promise had ended."""
    service_level: float | None = None
    """`kept / (kept + broken)`."""
    speed: Millis | None = None
    """How long customers waited for the first answer, on average."""
    speed_90: Millis | None = None
    """As long as nine of ten waited at most (nearest rank)."""
    abandoned: int = 0
    """Chats that their visitors ended before the first answer."""
    abandonment: float | None = None
    """`abandoned / (abandoned + first answers in chats)`."""
    resolved: int = 0
    at_first_contact: float | None = None
    """Of the resolved: those that took one answer at most."""
    reopened: int = 0
    called: int = 0
    """Calls to customers that rang."""
    calls_kept: int = 0
    """Callbacks first tried no later than promised."""
    calls_missed: int = 0
    """Callbacks first tried later than promised."""
    rated: int = 0
    rating: float | None = None
    """From 1 (bad) to 5 (good), on average."""
    asked: int = 0
    """Visitors' questions to the help articles."""
    self_service: float | None = None
    """Of these: those that an article answered, and who did not go on to a person."""
