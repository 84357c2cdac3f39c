"""What third parties, and we ourselves, register as entry points: connectors and dialers."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

CONNECTORS = "desk.connectors"
DIALERS = "desk.dialers"


class PluginError(Exception):
    """There is none of that name, or it does not load; `code` is stable, the message says what there is."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def installed(group: str, what: str, name: str) -> Any:
    """What is registered under that name in a group. Raises PluginError."""
    known = {each.name: each for each in entry_points(group=group)}
    if name not in known:
        names = ", ".join(sorted(known)) or "none"
        raise PluginError(f"unknown-{what}", f"there is no {what} {name!r}; installed are: {names}")
    try:
        return known[name].load()
    except Exception as error:  # a third party's module may raise anything while it is imported
        raise PluginError(f"broken-{what}", f"the {what} {name!r} cannot be loaded: {error}") from error
