"""What rules did, and what they would do."""

from __future__ import annotations

from desk.clock import Millis
from desk.model.words import Model


class RuleInfo(Model, frozen=True, kw_only=True):
    """A rule of `desk.toml`, in the order in which they are asked."""

    name: str
    on: str
    when: str = ""
    do: tuple[str, ...]
    stop: bool = False
    enabled: bool = True
    acted: int = 0
    """How often it changed something in the last seven days."""


class Tried(Model, frozen=True, kw_only=True):
    """A message that a rule fits."""

    message_id: int
    conversation_id: int
    at: Millis
    subject: str = ""
    customer_name: str = ""
    because: str = ""
    words: str = ""
    """What it would change of the conversation as it is now; empty if all is so already."""


class Trial(Model, frozen=True, kw_only=True):
    """What a rule would have done with what customers wrote in a time."""

    name: str
    enabled: bool = True
    asked: int = 0
    """Messages it would have been asked about."""
    fits: int = 0
    changes: int = 0
    """How many conversations it would change as they are now; the others are so already."""
    examples: tuple[Tried, ...] = ()
    """The newest."""


class Decision(Model, frozen=True, kw_only=True):
    """What a rule, an automation or the classification did to a conversation."""

    deed_id: int
    name: str
    """Such as `rule refunds`."""
    at: Millis
    words: str
    """What it changed, and because of what."""
    undone_at: Millis | None = None
