"""When the shop invites its visitors."""

from __future__ import annotations

from importlib.resources import files


def read_invitations() -> str:
    """The rules, as tables of `desk.toml`."""
    return (files("desk.sample") / "invitations.toml").read_text("utf-8")
