"""Callbacks: what the settings say of them."""

from __future__ import annotations

from typing import cast

from desk.clock import Millis
from desk.model import Outcome
from desk.service.callbacks import Rules
from desk.settings import Settings


def rules_of(settings: Settings) -> Rules:
    """What is promised to who wants to be called, and what follows from an outcome."""
    told = settings.callbacks
    return Rules(
        again=cast("dict[Outcome, Millis]", told.again),
        attempts=told.attempts,
        soonest=told.soonest,
        lines=told.lines,
        country=told.country,
        countries=frozenset(told.countries),
        hours=settings.hours,
        slot=told.slot,
        per_slot=told.per_slot,
        days=told.days,
    )
