"""Customers of the shop who want to be called."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import msgspec
from msgspec import Struct

from desk.clock import Millis
from desk.model import Outcome
from desk.sample.shop import ago


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt to reach them."""

    rep: str
    ago: str
    outcome: Outcome
    words: str = ""


class WantsCall(Struct, frozen=True, kw_only=True):
    """One of them."""

    customer: str
    """By their key in `shop.toml`."""
    asked: str
    """How long ago."""
    due: str
    """How far from now the promise is; with a minus: ago."""
    slot: bool = False
    """They chose that time."""
    reason: str
    attempts: tuple[Attempt, ...] = ()

    @property
    def due_in(self) -> Millis:
        """`due` in milliseconds."""
        return -ago(self.due) if self.due.startswith("-") else ago(self.due)


def read_callbacks() -> tuple[WantsCall, ...]:
    """All of them."""
    tables = tomllib.loads((files("desk.sample") / "callbacks.toml").read_text("utf-8"))
    return msgspec.convert(tables["callback"], tuple[WantsCall, ...])
