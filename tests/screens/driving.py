"""An action, done by its key or by its `:` line."""

from __future__ import annotations

from textual.pilot import Pilot

from desk.app import DeskApp
from screens.commandline import CommandLine
from tests.screens.conftest import screen_text, until

NAMED = {
    "\\": "backslash",
    "*": "asterisk",
    "@": "at",
    "!": "exclamation_mark",
    "/": "slash",
    ":": "colon",
    " ": "space",
    "-": "minus",
}


async def keys(pilot: Pilot[None], pressed: str) -> None:
    """Press printable keys one after the other."""
    for key in pressed:
        await pilot.press(NAMED.get(key, key))


async def line(app: DeskApp, pilot: Pilot[None], text: str) -> None:
    """Type a line after `:` and have it carried out."""
    await pilot.press("colon")
    await until(
        lambda: isinstance(app.screen, CommandLine), what="the command line", otherwise=lambda: screen_text(app)
    )
    there = app.screen
    await keys(pilot, text)
    await pilot.press("enter")
    await until(lambda: app.screen is not there, what=f"{text} to be taken", otherwise=lambda: screen_text(app))


async def do(app: DeskApp, pilot: Pilot[None], way: str) -> None:
    """`:line` is typed, anything else pressed."""
    if way.startswith(":"):
        await line(app, pilot, way[1:])
    else:
        await keys(pilot, way)
