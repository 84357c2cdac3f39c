"""Callbacks and the attempts to make them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from desk.clock import Millis
from desk.model import CallAttempt, Callback, CallbackState, Outcome


class Callbacks(Protocol):
    """Of each callback one attempt at most is under way. Changes are noted as `callback`."""

    def add(self, callback: Callback) -> int | None:
        """None if its visitor has an open one for that number already, or its message has become one."""
        ...

    def get(self, id: int) -> Callback | None: ...
    def of_conversation(self, conversation_id: int) -> list[Callback]:
        """Those that are there now, newest first: asked there, or merged into it."""
        ...

    def of_message(self, message_id: int) -> Callback | None: ...
    def open_of(self, visitor_id: int, number: str) -> Callback | None: ...
    def page(
        self,
        states: Sequence[CallbackState],
        *,
        visitor_id: int | None = None,
        number: str | None = None,
        offset: int = 0,
        limit: int = 100,
    ) -> list[Callback]:
        """What is due first, first."""
        ...

    def due_in(self, conversation_ids: Sequence[int]) -> dict[int, Millis]:
        """When the first open callback of each conversation is due; those without one are left out."""
        ...

    def ahead(self, due_at: Millis, id: int | None = None) -> int:
        """How many that wait are due earlier; of two at the same instant the older one."""
        ...

    def chosen(self, since: Millis, until: Millis) -> dict[Millis, int]:
        """How many open callbacks have chosen a slot that begins within, by its beginning."""
        ...

    def lasted(self, last: int = 50) -> list[Millis]:
        """How long the newest attempts that reached somebody took."""
        ...

    # --- conditional statements -----------------------------------------------------------------------------

    def change(
        self,
        id: int,
        expect: Sequence[CallbackState],
        state: CallbackState,
        *,
        due_at: Millis | None = None,
        promised_at: Millis | None = None,
        until: Millis | None = None,
        rev: int | None = None,
    ) -> bool:
        """False if it is in none of the expected states, or has moved on from `rev`. What is None stays as it was;
        with `promised_at`, `until` is set too, to None as well."""
        ...

    def begin(self, id: int, attempt: CallAttempt, expect: Sequence[CallbackState]) -> bool:
        """An attempt begins: for one of many that try at the same time, and only in one of the expected states, which
        becomes `calling`."""
        ...

    def attempt(self, reference: str) -> CallAttempt | None: ...
    def finish(self, reference: str, outcome: Outcome, at: Millis, *, words: str = "") -> bool:
        """An attempt is over; False if it was before, unless nobody knew how. The callback's state stays."""
        ...

    def put_attempt(self, id: int, attempt: CallAttempt) -> None:
        """The attempt of that reference is as given, whatever it was; it is made if there is none such."""
        ...

    def withdraw(self, reference: str) -> bool:
        """There was no such attempt: it was noted by mistake. False if there is none."""
        ...
