"""Picking whom a conversation goes to, a rep or a queue, by a few letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from textual.app import App
from textual.strip import Strip

from desk.commandline import Choice
from desk.fuzzy import ranked
from desk.model import Conversation
from screens.desk import Desk
from screens.picker import Picker, result_of
from screens.render import fit, shorten, strip
from screens.widgets.ink import Inks
from screens.widgets.lines import BLANK, Line

NOBODY = Choice("nobody", "whoever takes it")


async def pick_rep(app: App[Any], desk: Desk, title: str, rows: Sequence[Conversation]) -> str | None:
    """The login of a rep, `nobody`, or None if none was picked. Raises ClientError."""
    agents = await desk.client.agents()
    mine = desk.me.login if desk.me else ""
    named = [Choice(agent.login, agent.name) for agent in sorted(agents, key=lambda each: each.login != mine)]
    holders = {row.assignee_name for row in rows}
    everyone = [*named, NOBODY]

    async def find(text: str) -> list[Choice]:
        short = {"me": mine}.get(text, text)
        return list(ranked(short, everyone, lambda each: each, at_most=50)) if text else everyone

    def told(row: Choice, width: int) -> list[Line]:
        has = row.help in holders or (row is NOBODY and holders == {None})
        said = "has it already" if has else "it will wait for whoever takes it" if row is NOBODY else ""
        return [Line(((" ", "text"), (shorten(said, width - 2), "dim")))] if said else [BLANK]

    def paint(row: Choice, width: int, inks: Inks, on: str) -> Strip:
        ground = "cursor" if on else ""
        about = row.help if row.text != mine else f"{row.help} (you)"
        spans = (
            ("▌" if on else " ", "accent"),
            (fit(row.text, 20) + " ", "strong"),
            (fit(about, max(width - 22, 0)), "dim"),
        )
        return strip([(text, inks(ink, ground)) for text, ink in spans], width, inks("text", ground))

    hint = "a few letters of a rep's name"
    picker = Picker(desk, title, find, paint, told, empty="no such rep", hint=hint, named=True)
    chosen = await result_of(app, picker)
    return chosen.text if chosen is not None else None


class Taker(NamedTuple):
    """Who may take over a conversation."""

    text: str
    help: str = ""
    queue: bool = False


async def pick_rep_or_queue(app: App[Any], desk: Desk, title: str, rows: Sequence[Conversation]) -> Taker | None:
    """A rep by login, or a queue; None if none was picked. Something is asked next: keys wait. Raises ClientError."""
    agents, queues = await desk.client.agents(), await desk.client.queues()
    mine = desk.me.login if desk.me else ""
    reps = [Taker(agent.login, agent.name) for agent in agents if agent.login != mine]
    everyone = [*reps, *(Taker(each.name, "queue", queue=True) for each in queues)]
    held = {(row.assignee_name, False) for row in rows}
    lying = {(row.queue_name, True) for row in rows if row.assignee_id is None}

    async def find(text: str) -> list[Taker]:
        return list(ranked(text, everyone, lambda each: each[:2], at_most=50)) if text else everyone

    def told(row: Taker, width: int) -> list[Line]:
        here = (row.text, True) in lying if row.queue else (row.help, False) in held
        said = "it is there already" if here else "whoever takes it there" if row.queue else "they are told"
        return [Line(((" ", "text"), (shorten(said, width - 2), "dim")))]

    def paint(row: Taker, width: int, inks: Inks, on: str) -> Strip:
        ground = "cursor" if on else ""
        spans = (
            ("▌" if on else " ", "accent"),
            (fit(row.text, 20) + " ", "strong"),
            (fit(row.help, max(width - 22, 0)), "dim"),
        )
        return strip([(text, inks(ink, ground)) for text, ink in spans], width, inks("text", ground))

    hint = "a few letters of a rep's or a queue's name"
    picker = Picker(desk, title, find, paint, told, empty="no such rep or queue", hint=hint, named=True, confirmed=True)
    return await result_of(app, picker)
