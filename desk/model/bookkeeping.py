"""What changed, what came in, and windows of longer lists."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

from desk.clock import Millis
from desk.model.conversations import Conversation
from desk.model.words import ChangeKind, LedgerOutcome, Model, Rule, View, ViewKind

T = TypeVar("T")


class Change(Model, frozen=True, kw_only=True):
    """One thing changed. `seq` has no order but growth; readers resume from the last one they saw."""

    seq: int = 0
    at: Millis = 0
    kind: ChangeKind
    id: int
    conversation_id: int | None = None


class LedgerEntry(Model, frozen=True, kw_only=True):
    """What became of one thing that came in."""

    id: int = 0
    at: Millis
    account: str
    external_id: str
    """Unique within the account, such as `INBOX/1700000000/42` or `sha256:…`."""
    outcome: LedgerOutcome
    message_id: int | None = None
    conversation_id: int | None = None
    rule: Rule | None = None
    reason: str = ""
    subject: str = ""
    sender: str = ""
    size: int = 0


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """A window of a longer list."""

    items: list[T]
    total: int
    offset: int = 0
    exact: bool = True
    """False: there are more than `total`, which was as far as it was worth counting; or old mails were left out."""


class ViewInfo(Model, frozen=True, kw_only=True):
    """A view as a list of views shows it."""

    name: View
    title: str
    kind: ViewKind
    count: int = 0
    exact: bool = True
    """False: there are more."""
    unread: int = 0
    """How many of these the rep has not read: for `mine`, and for `mentions`."""
    query: str = ""
    """What it holds, in the search language."""
    problem: str = ""
    """Why a saved view cannot be shown."""


class SearchHit(Model, frozen=True, kw_only=True):
    """A conversation that matched, with the newest message that did."""

    conversation: Conversation
    message_id: int
    excerpt: str = ""
    at: Millis = 0


class SearchPage(Model, frozen=True, kw_only=True):
    """Hits newest first; pass `next_before` on for the following page, None at the end."""

    hits: tuple[SearchHit, ...]
    next_before: int | None = None
