"""What `:set` sets for this terminal: a line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from screens.themes import SHORT

if TYPE_CHECKING:
    from textual.app import App


class Settable(NamedTuple):
    """Something that can be set, to which values, and how."""

    values: Sequence[str]
    apply: Callable[[App[object], str], None]


def _theme(app: App[object], value: str) -> None:
    app.theme = SHORT[value]


def _advance(app: App[object], value: str) -> None:
    app.desk.advance = value  # type: ignore[attr-defined]


SETTABLE: Mapping[str, Settable] = {
    "theme": Settable(tuple(SHORT), _theme),
    "advance": Settable(("next", "previous", "list", "stay"), _advance),
}
