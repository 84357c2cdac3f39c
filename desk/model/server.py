"""What the server says of itself, of its accounts and its work."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from desk.clock import Millis
from desk.model.words import Model


class Problem(Model, frozen=True, kw_only=True):
    """An error as the API tells it: what, where, what to do. `code` is stable, `message` is for people."""

    code: str
    message: str
    detail: dict[str, str] = field(default_factory=dict)


class Check(Model, frozen=True, kw_only=True):
    """One finding of `desk doctor`."""

    what: str
    status: Literal["ok", "warning", "failed"]
    message: str
    hint: str = ""


class AccountStatus(Model, frozen=True, kw_only=True):
    """How one connected account is doing."""

    name: str
    connector: str
    address: str = ""
    """Of its mail; empty: none is sent from it."""
    url: str = ""
    """Where people come to it, if it is a site that serves."""
    state: Literal["starting", "connected", "retrying", "stopped", "needs-secret", "paused"] = "starting"
    error: str = ""
    since: Millis = 0
    last_received_at: Millis | None = None


class ImportJob(Model, frozen=True, kw_only=True):
    """Progress of `desk import`. Counts are of messages."""

    id: int = 0
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    total: int | None = None
    messages: int = 0
    new: int = 0
    duplicate: int = 0
    quarantined: int = 0
    conversations: int = 0
    skipped: int = 0
    """Files that hold no mail."""
    seconds: float = 0.0
    parse_seconds: float = 0.0
    """CPU seconds the parsers used, all together."""
    store_seconds: float = 0.0
    error: str = ""


class Status(Model, frozen=True, kw_only=True):
    """What `desk status` says."""

    version: str
    pid: int
    workspace: str
    started_at: Millis
    conversations: int
    messages: int
    last_seq: int
    accounts: tuple[AccountStatus, ...] = ()
    outbox: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    drafts: int = 0
    settings_error: str = ""
    """What is wrong with `desk.toml` as it is now, a finding a line; what it said before counts until it is mended."""
