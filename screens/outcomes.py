"""Picking what a call came to: what it seems to have come to stands first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.strip import Strip

from desk.fuzzy import ranked
from screens.callbar import Told
from screens.desk import Desk
from screens.picker import Picker, result_of
from screens.render import fit, strip
from screens.widgets.ink import Inks
from screens.widgets.lines import Line

_NAME = 14


async def pick_outcome(app: App[Any], desk: Desk, number: str, offered: Sequence[Told]) -> Told | None:
    """What the rep says became of a call, None if nothing."""

    async def find(text: str) -> list[Told]:
        return list(ranked(text, offered, lambda each: (each.name, each.help), at_most=20)) if text else list(offered)

    def paint(row: Told, width: int, inks: Inks, on: str) -> Strip:
        ground = "cursor" if on else ""
        spans = (
            ("▌" if on else " ", "accent"),
            (fit(row.name, _NAME) + " ", "strong"),
            (fit(row.help, max(width - _NAME - 2, 0)), "dim"),
        )
        return strip([(text, inks(ink, ground)) for text, ink in spans], width, inks("text", ground))

    def told(row: Told, width: int) -> list[Line]:
        return []

    hint = "a few letters of what became of it"
    title = f"What became of the call to {number}?"
    picker = Picker(desk, title, find, paint, told, empty="no such outcome", hint=hint, named=True)
    return await result_of(app, picker)
