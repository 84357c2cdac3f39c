"""What the shop does by itself as time goes by: examples, to be tried."""

from __future__ import annotations

from importlib.resources import files


def read_automations() -> str:
    """The automations, as tables of `desk.toml`."""
    return (files("desk.sample") / "automations.toml").read_text("utf-8")
