"""The colours of text: named in `desk.tcss`, looked up once a screen, used by everything that paints lines."""

from __future__ import annotations

from collections.abc import Callable

from rich.style import Style

INKS = (
    "text",
    "dim",
    "strong",
    "name",
    "accent",
    "good",
    "warn",
    "bad",
    "alarm",
    "found",
    "note",
    "ours",
    "event",
    "quote",
    "link",
    "key",
    "tag",
    "rule",
    "bar",
    "cursor",
    "cursor-away",
)
"""Each is a component class `ink--NAME` of every screen."""


class Inks:
    """Rich styles by name.

    `on` gives an ink the background and weight of another, such as the cursor's; an alarm and what was found keep
    their own.
    """

    def __init__(self, lookup: Callable[[str], Style]) -> None:
        self._lookup = lookup
        self._styles: dict[tuple[str, str], Style] = {}

    def __call__(self, name: str, on: str = "") -> Style:
        style = self._styles.get((name, on))
        if style is None:
            style = self._styles[(name, on)] = self._mixed(name, on)
        return style

    def _mixed(self, name: str, on: str) -> Style:
        style = self._lookup(f"ink--{name}")
        if not on or name in ("alarm", "found"):
            return style
        ground = self._lookup(f"ink--{on}")
        return Style(
            color=ground.color if ground.reverse else style.color,
            bgcolor=ground.bgcolor,
            bold=style.bold or ground.bold,
            italic=style.italic,
            dim=style.dim and not ground.reverse,
            underline=ground.underline,
            reverse=ground.reverse,
        )
