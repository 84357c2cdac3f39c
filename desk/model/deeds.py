"""What reps did, one by one or to many at once, and what taking it back came to."""

from __future__ import annotations

from typing import Any, Literal

from desk.clock import Millis
from desk.model.outgoing import Draft
from desk.model.words import Model


class Delta(Model, frozen=True, kw_only=True):
    """One fact that a deed changed. The values are JSON; what they say depends on `field` (`desk.service.facts`)."""

    subject: Literal["conversation", "message", "customer", "outbox", "queue"]
    id: int
    field: str
    before: Any = None
    after: Any = None


class Deed(Model, frozen=True, kw_only=True):
    """What a rep did in one step, with what it changed."""

    id: int = 0
    group_id: int = 0
    """Deeds of one group are taken back together; a deed that stands alone is its own group."""
    agent_id: int
    agent_name: str = ""
    at: Millis
    kind: str
    """Such as `state`, `tag`, `merge`, `send`."""
    label: str
    """In words, as in "undone: LABEL"."""
    group_label: str = ""
    deltas: tuple[Delta, ...] = ()
    undone_at: Millis | None = None


class Left(Model, frozen=True, kw_only=True):
    """What an undo did not touch, and why."""

    conversation_id: int | None = None
    customer_id: int | None = None
    what: str
    """Such as `assignee`, `state`, `answer`."""
    who: str = ""
    """The rep who changed it since, if one did."""
    said: str
    """A sentence for the rep."""


class Undone(Model, frozen=True, kw_only=True):
    """What an undo (or redo) did."""

    label: str
    at: Millis
    """When the deed was done."""
    deeds: int = 1
    conversations: tuple[int, ...] = ()
    customers: tuple[int, ...] = ()
    left: tuple[Left, ...] = ()
    draft: Draft | None = None
    """An answer that was taken back."""
    note: str = ""
    """The words of a note that was taken away."""
    whole: bool = True
    """False while more of a large group is yet to be undone."""
    nothing: bool = False
    """All of it stays as it is; `left` says why."""


class BulkFailure(Model, frozen=True, kw_only=True):
    """A conversation that an act on many left as it was, and why."""

    conversation_id: int
    code: str
    message: str


class BulkJob(Model, frozen=True, kw_only=True):
    """Progress of an act on many conversations; what it did is undone in one go."""

    id: int = 0
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    label: str = ""
    steps: tuple[str, ...] = ()
    total: int = 0
    done: int = 0
    """Looked at so far, failures included."""
    failed: int = 0
    failures: tuple[BulkFailure, ...] = ()
    """The first hundred."""
    seconds: float = 0.0
    error: str = ""
