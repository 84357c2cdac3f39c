"""A setting as the API, the settings screen and `desk config` show it."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from desk.settings.field import Effect, FieldKind

Source = Literal["default", "desk.toml"]


class SettingValue(Struct, frozen=True, kw_only=True):
    """One setting with what it is now."""

    path: str
    """As `desk config set` takes it, such as `desk.undo_seconds`."""
    group: str
    """The table it stands in, such as `accounts.help`."""
    name: str
    """The key in it."""
    kind: FieldKind
    value: Any = None
    default: Any = None
    source: Source = "default"
    line: int | None = None
    """Where in `desk.toml` it stands."""
    help: str = ""
    choices: tuple[str, ...] = ()
    others: bool = False
    """Values beyond `choices` are possible."""
    shown: str = ""
    """The default in words, where its value does not tell."""
    effect: Effect = "now"
    """From when on a change counts."""
