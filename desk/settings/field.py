"""What one setting is: the entries of the tables in `desk.settings.fields`."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

FieldKind = Literal[
    "text",
    "lines",
    "number",
    "switch",
    "choice",
    "duration",
    "command",
    "keys",
    "query",
    "steps",
    "toml",
    "zone",
    "periods",
    "days",
    "names",
]
Effect = Literal["now", "new terminals"]


class Field(Struct, frozen=True, kw_only=True):
    """One setting."""

    path: str
    kind: FieldKind
    default: Any = None
    """What it is when the file does not say; None: nothing."""
    help: str
    choices: tuple[str, ...] = ()
    others: bool = False
    """Values beyond `choices` are possible."""
    least: float | None = None
    most: float | None = None
    shown: str = ""
    """The default in words, where its value does not tell."""
    connector: str = ""
    """For which kind of account or dialer it is; empty: for all."""
    effect: Effect = "now"
    """From when on a change counts."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The name, taken apart."""
        return tuple(self.path.split("."))

    @property
    def name(self) -> str:
        """The key within its table."""
        return self.parts[-1]


def define(path: str, kind: FieldKind, default: Any, help: str, **more: Any) -> Field:
    """An entry."""
    return Field(path=path, kind=kind, default=default, help=help, **more)
