"""Small things that are counted or kept by a name."""

from __future__ import annotations

from typing import Protocol

from desk.answers.model import AnswerUse
from desk.clock import Millis


class AnswerUses(Protocol):
    """How often reps sent replies with a canned answer. Nobody looks at it live, so it leaves no changes."""

    def add(self, key: str, agent_id: int, at: Millis) -> None: ...
    def counts(self) -> dict[str, int]:
        """Answer's key to how often, by anybody."""
        ...

    def of(self, key: str) -> list[AnswerUse]:
        """A rep each, who used it most first."""
        ...

    def move(self, key: str, to: str) -> None:
        """The answer has another key now; what was counted under both adds up."""
        ...


class Meta(Protocol):
    """A few named values of the workspace itself."""

    def get(self, name: str) -> str | None: ...
    def set(self, name: str, value: str) -> None: ...
