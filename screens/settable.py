"""What `:set` sets for this terminal: a line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from screens.themes import ANSI, DARK, LIGHT

if TYPE_CHECKING:
    from textual.app import App


class Settable(NamedTuple):
    """Something that can be set, to which values, and how."""

    values: Sequence[str]
    apply: Callable[[App[object], str], None]


def _theme(app: App[object], value: str) -> None:
    app.theme = THEMES[value]


def _advance(app: App[object], value: str) -> None:
    app.desk.advance = value  # type: ignore[attr-defined]


THEMES: Mapping[str, str] = {theme.name.removeprefix("desk-"): theme.name for theme in (DARK, LIGHT, ANSI)}
SETTABLE: Mapping[str, Settable] = {
    "theme": Settable(tuple(THEMES), _theme),
    "advance": Settable(("next", "previous", "list", "stay"), _advance),
}
