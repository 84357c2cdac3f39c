"""The words that fields are made of, and the base of all rows."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Channel = Literal["email", "chat", "callback"]
State = Literal["open", "waiting", "snoozed", "resolved", "spam", "merged"]
"""`open`: we owe the next step. `waiting`: the customer does. A customer's message reopens all but `spam`.

`merged`: it went into another conversation, `merged_into`; no view, count or search shows it."""
Priority = Literal["low", "normal", "high", "urgent"]
Direction = Literal["in", "out", "note", "event"]
"""`note`: seen by reps only. `event`: written by Desk itself (claimed, resolved, split, …)."""
MessageKind = Literal["message", "auto", "bounce", "calendar", "whisper"]
"""`whisper`: a note of a supervisor to the rep whose conversation it is."""
Rule = Literal["token", "references", "subject", "bounce", "new", "outbound", "moved"]
"""How a message found its conversation; see `desk.service.threading`."""
IdentityKind = Literal["email", "phone", "visitor", "shop"]
"""`visitor`: a browser on a site. `shop`: who they are to the shop itself, by its own word."""
OutboxState = Literal["held", "sending", "sent", "delivered", "read", "failed", "bounced", "unknown", "cancelled"]
FilingState = Literal["none", "pending", "done", "failed"]
"""The copy in the Sent folder: its own job with its own retries."""
LedgerOutcome = Literal["stored", "duplicate", "quarantined", "replayed", "refusal"]
"""`refusal`: it was nothing but the wish for no automatic mail, and is no conversation."""
ChangeKind = Literal[
    "conversation",
    "message",
    "read",
    "mention",
    "customer",
    "outbox",
    "draft",
    "ledger",
    "agent",
    "queue",
    "tag",
    "account",
    "job",
    "presence",
    "answer",
    "article",
    "setting",
    "chat",
    "callback",
    "call",
    "visitor",
    "availability",
    "offer",
    "alert",
]
View = str
"""A name: one of `BUILT_IN_VIEWS`, `queue:NAME`, `channel:NAME`, or `saved:NAME` of `[views]` in `desk.toml`."""
StateView = Literal["open", "mine", "unassigned", "waiting", "snoozed", "resolved", "spam", "all"]
"""The views that are nothing but a state and an assignee; `all` is all but what was merged."""
BUILT_IN_VIEWS = (
    "mine",
    "unassigned",
    "open",
    "waiting",
    "snoozed",
    "resolved",
    "sent",
    "failed",
    "quarantined",
    "spam",
    "all",
    "mentions",
)
ViewKind = Literal["built-in", "queue", "channel", "saved"]
Doing = Literal["viewing", "listening", "replying", "gone"]
"""`listening`: a supervisor reads along."""


class Model(Struct, frozen=True, kw_only=True):
    """Base of all rows: immutable, built by keyword."""
