"""Which workspace, and as whom: what everything needs to know first. Imports next to nothing."""

from __future__ import annotations

import os
from pathlib import Path


def default_agent(workspace: Path) -> str:
    """Who types: `DESK_AGENT`, else `agent` of the workspace's desk.toml, else the operating system's user."""
    named = os.environ.get("DESK_AGENT") or configured(workspace, "agent")
    if named:
        return named
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "agent"


def configured(workspace: Path, key: str) -> str:
    """A text of `[desk]` in desk.toml, '' if it says none. What is wrong with the file is for the server to say."""
    settings = workspace / "desk.toml"
    if not settings.exists():
        return ""
    import tomllib

    try:
        value = tomllib.loads(settings.read_text("utf-8"))["desk"][key]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return value if isinstance(value, str) else ""


def resolve_workspace(named: str | None) -> Path:
    """The workspace's folder: as named, else `DESK_WORKSPACE`, else the user's own."""
    from desk.workspace import Workspace

    return Workspace(named or None).folder
