"""Which workspace, and as whom: what everything needs to know first. Imports next to nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def default_agent(workspace: Path) -> str:
    """Who types: `DESK_AGENT`, else `agent` of the workspace's desk.toml, else the operating system's user."""
    named = os.environ.get("DESK_AGENT") or configured(workspace, "agent")
    if named:
        return named
    from desk.login import user_name

    return user_name()


def configured(workspace: Path, key: str) -> str:
    """A text of `[desk]` in desk.toml, '' if it says none. What is wrong with the file is for the server to say."""
    value = _lookup(workspace, ("desk", key))
    return value if isinstance(value, str) else ""


def personal(workspace: Path, agent: str, key: str) -> object:
    """What a rep has set for themselves in `[reps.LOGIN]`, else what `[desk]` says; None if neither says anything."""
    own = _lookup(workspace, ("reps", agent, key))
    return _lookup(workspace, ("desk", key)) if own is None else own


def _lookup(workspace: Path, at: tuple[str, ...]) -> object:
    settings = workspace / "desk.toml"
    if not settings.exists():
        return None
    import tomllib

    try:
        value: Any = tomllib.loads(settings.read_text("utf-8"))
        for part in at:
            value = value[part]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    found: object = value
    return found


def resolve_workspace(named: str | None) -> Path:
    """The workspace's folder: as named, else `DESK_WORKSPACE`, else the user's own."""
    from desk.workspace import Workspace

    return Workspace(named or None).folder
