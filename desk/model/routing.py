"""What rules did and would do, and what was learned of where conversations belong."""

from __future__ import annotations

from typing import Literal

from msgspec import field

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


class AutomationInfo(Model, frozen=True, kw_only=True):
    """An automation of `desk.toml`."""

    name: str
    on: str
    after: Millis = 0
    when: str = ""
    do: tuple[str, ...] = ()
    send: str = ""
    """The canned answer that is sent, as `::shortcut`, or the beginning of the text; empty: it sends nothing."""
    enabled: bool = True
    acted: int = 0
    """How often it changed something in the last seven days."""
    mails: dict[str, int] = field(default_factory=dict)
    """By state (`AutoMailState`), what became of its mail: `planned` and `held` now, `queued` and `dropped` in the last
    seven days; `answered`, to how many of those that went the customer wrote after, `refused`, by how many they refused
    more."""


class Tried(Model, frozen=True, kw_only=True):
    """What a rule or an automation fits."""

    message_id: int = 0
    """0: it is about the whole conversation."""
    conversation_id: int
    at: Millis
    subject: str = ""
    customer_name: str = ""
    because: str = ""
    words: str = ""
    """What it would change of the conversation as it is now; empty if all is so already."""
    to: str = ""
    """Of an automation that writes to customers: to whom the mail would have gone, as far as that is known."""
    held: str = ""
    """Why that mail would not have gone, or gone later, in words; empty: it would have gone."""


class Trial(Model, frozen=True, kw_only=True):
    """What a rule or an automation would have done in a time."""

    name: str
    enabled: bool = True
    asked: int = 0
    """Messages, or conversations, it would have been asked about."""
    fits: int = 0
    changes: int = 0
    """How many conversations it would change as they are now; the others are so already."""
    examples: tuple[Tried, ...] = ()
    """The newest; of an automation that writes to customers, each of its mails."""
    conversations: tuple[int, ...] = ()
    """Which it fits, the newest first; a thousand at most."""
    mails: int = 0
    """How many mails would have gone."""
    kept_back: int = 0
    """How many would not have."""


class Decision(Model, frozen=True, kw_only=True):
    """What a rule, an automation or the classification did to a conversation."""

    deed_id: int
    name: str
    """Such as `rule refunds`."""
    at: Millis
    words: str
    """What it changed, and because of what."""
    undone_at: Millis | None = None


LabelKind = Literal["queue", "tag"]


class Guess(Model, frozen=True, kw_only=True):
    """A label that a conversation may want."""

    kind: LabelKind
    name: str
    sure: float
    """0 to 1."""
    because: tuple[str, ...] = ()
    """The words that speak for it most, where they were asked for."""
    counts: bool = False
    """So sure of a label that has earned it, that Desk may go by it."""


class Judged(Model, frozen=True, kw_only=True):
    """How good the guesses of one label are, on conversations that nothing was learned from."""

    kind: LabelKind
    name: str
    examples: int
    """Conversations that have it, of all that were learned from and judged."""
    threshold: float
    """How sure one has to be for it to count; more than 1: never is."""
    said: int = 0
    """How often it was guessed, so sure, among those judged."""
    right: int = 0
    there: int = 0
    """How many of those judged have it."""
    earned: bool = False
    """It was said often enough, and right as often as is asked."""

    @property
    def precision(self) -> float | None:
        """Of what was said, how much was right; None if it was never said."""
        return self.right / self.said if self.said else None

    @property
    def recall(self) -> float | None:
        """Of those that have it, of how many it was said."""
        return self.right / self.there if self.there else None


LearningState = Literal["none", "learning", "ready", "failed"]


class LearningReport(Model, frozen=True, kw_only=True):
    """What was learned, and what it is worth."""

    state: LearningState = "none"
    error: str = ""
    at: Millis = 0
    """When what is gone by was learned; 0: nothing was."""
    examples: int = 0
    judged_on: int = 0
    """The newest of these: nothing was learned from them."""
    asked: float = 0.9
    """The precision that labels had to reach."""
    queues: bool = False
    """Whether the settings let it put conversations into queues, ..."""
    tags: bool = False
    """... and tag them."""
    labels: tuple[Judged, ...] = ()
