"""The part of a `House` (see `connectors.sites`) that concerns visitors who want to be called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from msgspec import Struct

from desk.clock import Millis
from desk.model import CallSlot, Visitor

PromiseState = Literal["waiting", "calling", "reached", "missed", "cancelled"]
"""`calling`: at this moment. `missed`: nobody is going to try again, and they were not reached."""


class Promised(Struct, frozen=True, kw_only=True):
    """A callback as who asked for it sees it."""

    token: str
    """Of their link. Whoever has it may see, move and cancel this callback, and nothing else."""
    state: PromiseState
    number: str
    """As people read it: `+49 30 123456`."""
    reason: str = ""
    at: Millis
    """When they are called next."""
    until: Millis | None = None
    """The end of the time they chose; None: as soon as possible."""
    place: int = 0
    """Of those who wait, from 1."""
    tried: Millis | None = None
    """When they were called in vain last."""


class Letter(Struct, frozen=True, kw_only=True):
    """Mail in plain text."""

    subject: str
    body: str


class CallForm(Struct, frozen=True, kw_only=True):
    """What can be asked for now."""

    at: Millis
    """When it would be, as soon as possible."""
    place: int
    slots: tuple[CallSlot, ...] = ()
    zone: str = ""
    """Where business hours are meant (IANA)."""
    country: str = ""
    """Of numbers that do not begin with `+`, most likely."""
    countries: tuple[tuple[str, int], ...] = ()
    """Those that can be called, with the code after `+`."""
    mine: tuple[Promised, ...] = ()
    """What they have asked for already."""


class CallingBack(Protocol):
    """Raises `Refused`."""

    async def call_form(self, visitor: Visitor | None, language: str = "") -> CallForm: ...
    async def ask_call(
        self,
        visitor: Visitor,
        number: str,
        *,
        country: str = "",
        reason: str = "",
        at: Millis | None = None,
        confirmed: Callable[[Promised], Letter] | None = None,
    ) -> Promised:
        """Promise a call at the beginning of a slot; None: as soon as possible. `confirmed` says it in a letter, which
        goes to the address they gave, if they gave one and the site sends mail."""
        ...

    async def promised_call(self, token: str) -> Promised | None:
        """The callback of a link; None for what is none of this site's."""
        ...

    async def move_call(
        self, token: str, at: Millis | None, *, confirmed: Callable[[Promised], Letter] | None = None
    ) -> None:
        """Promise it at the beginning of another slot; None: as soon as possible. `confirmed` as of `ask_call`."""
        ...

    async def cancel_call(self, token: str) -> None: ...
