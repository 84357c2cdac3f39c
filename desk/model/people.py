"""Reps and customers, and all that is known of a customer."""

from __future__ import annotations

from msgspec import field

from desk.clock import Millis
from desk.model.automating import Refusal
from desk.model.conversations import Conversation, Queue
from desk.model.staffing import Availability, QueueRules, QueueWord, Role
from desk.model.words import Doing, IdentityKind, Model


class Agent(Model, frozen=True, kw_only=True):
    """A support rep. `login` is unique."""

    id: int = 0
    login: str
    name: str
    created_at: Millis = 0
    role: Role = "admin"
    """At this moment, as the settings say. Who is not told otherwise may everything, as on a desk of one."""


class Identity(Model, frozen=True, kw_only=True):
    """One address a customer is reached by; `(kind, value)` is unique, `value` normalised."""

    kind: IdentityKind
    value: str
    name: str = ""


class Customer(Model, frozen=True, kw_only=True):
    """One person, whatever addresses they write from."""

    id: int = 0
    name: str
    identities: tuple[Identity, ...] = ()
    notes: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    first_seen_at: Millis = 0
    rev: int = 1
    address: str = ""
    """Of the identities, the one we write to."""
    tags: tuple[str, ...] = ()
    zone: str = ""
    """Time zone, such as `Europe/Berlin` (IANA); empty if nobody knows."""
    language: str = ""
    """A BCP 47 tag, such as `de-AT`; empty if nobody knows."""
    merged_into: int | None = None
    """They turned out to be this other customer; no list or search shows them any more."""


class CustomerEdit(Model, frozen=True, kw_only=True):
    """What to change of a customer; what is None or empty stays as it is."""

    rev: int | None = None
    """Refused with `stale` unless the customer is still at this revision; None: whatever it is."""
    name: str | None = None
    notes: str | None = None
    zone: str | None = None
    language: str | None = None
    address: str | None = None
    """One of the identities: where we write to from now on."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    attributes: dict[str, str | None] = field(default_factory=dict)
    """By name; null takes one away."""
    add: tuple[Identity, ...] = ()
    """Addresses and phone numbers that are theirs, too."""
    remove: tuple[Identity, ...] = ()


class Likeness(Model, frozen=True, kw_only=True):
    """A customer who may be the same person, and why."""

    customer: Customer
    score: float
    """From 0 to 100."""
    reasons: tuple[str, ...]


class Chapter(Model, frozen=True, kw_only=True):
    """A conversation in a customer's timeline."""

    conversation: Conversation
    asked_at: Millis | None = None
    """When the customer first wrote in it."""
    answered_at: Millis | None = None
    """When we first answered that; None if we have not."""

    @property
    def answer_ms(self) -> Millis | None:
        """The time to the first answer."""
        if self.asked_at is None or self.answered_at is None:
            return None
        return self.answered_at - self.asked_at


class CustomerSummary(Model, frozen=True, kw_only=True):
    """All that there is about a customer, newest conversation first."""

    customer: Customer
    conversations: dict[str, int] = field(default_factory=dict)
    """How many, by state."""
    messages_in: int = 0
    messages_out: int = 0
    last_in_at: Millis | None = None
    last_out_at: Millis | None = None
    timeline: tuple[Chapter, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    """Which of their addresses want no automatic mail."""


class LookupRow(Model, frozen=True, kw_only=True):
    """One line of what another system knows."""

    label: str
    value: str


class LookupResult(Model, frozen=True, kw_only=True):
    """What another system says of a customer: rows, or why there are none."""

    name: str
    rows: tuple[LookupRow, ...] = ()
    error: str = ""
    at: Millis = 0
    """When it was asked."""


CUSTOMER = 0
"""The `agent_id` of a `Presence` that is no rep's but the customer's, who is writing."""


class Presence(Model, frozen=True, kw_only=True):
    """A rep who has a conversation before them."""

    conversation_id: int
    agent_id: int
    agent_name: str
    doing: Doing
    since: Millis
    text: str = ""
    """What they have typed so far: the customer's only, and only where the site tells them that reps see it."""


class RepNow(Model, frozen=True, kw_only=True):
    """A rep at this moment."""

    agent: Agent
    state: Availability = "offline"
    reason: str = ""
    since: Millis | None = None
    """When that began; None: they were never here."""
    on: tuple[Presence, ...] = ()
    """The conversations before them."""
    offered: tuple[int, ...] = ()
    """The conversations that are offered to them."""
    today: dict[Availability, Millis] = field(default_factory=dict)
    """How long they were what, since midnight where it is asked."""


class QueueRep(Model, frozen=True, kw_only=True):
    """A rep who works in a queue."""

    agent: Agent
    word: QueueWord | None = None
    """By whose word; None: as `desk.toml` has it."""


class QueueNow(Model, frozen=True, kw_only=True):
    """A queue at this moment."""

    queue: Queue
    rules: QueueRules
    """What `desk.toml` says."""
    open: bool = True
    """Whether its work is handed out."""
    word: QueueWord | None = None
    """By whose word it is open or closed; None: as `desk.toml` and its calendar have it."""
    reps: tuple[QueueRep, ...] = ()
    """Who works there."""
    words: tuple[QueueWord, ...] = ()
    """All that was said of reps over `desk.toml`, also of those who do not work there for it."""
    offered: int = 0
    """How many of its conversations are offered to somebody now."""


class CustomerWords(Model, frozen=True, kw_only=True):
    """What customers are told apart by, each once."""

    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
