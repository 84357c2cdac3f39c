"""Acting from the live queue on what the rep of the line is on, or on the most pressing behind a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.model import Conversation
from desk.steps import PRIORITIES
from screens.acting import told
from screens.render import one_line, shorten
from screens.supervising import take_over, whisper, whose

if TYPE_CHECKING:
    from screens.live import LiveScreen


class LiveActs:
    """One method an action. What is asked names the conversation."""

    def __init__(self, screen: LiveScreen) -> None:
        self._screen = screen
        self._desk = screen.desk

    async def do_give_it(self, argument: str | None = None) -> None:
        from screens.whom import pick_rep

        row = await self._meant()
        if row is None:
            return
        who = argument
        if who is None:
            who = await pick_rep(self._screen.app, self._desk, f"Give {_named(row)} to", [row])
        if who:
            login = None if who == "nobody" else who
            await self._desk.client.assign(row.id, login)
            self._done(f"#{row.id} is {one_line(login)}'s now" if login else f"#{row.id} is nobody's now")

    async def do_raise_it(self, argument: str | None = None) -> None:
        row = await self._meant()
        if row is None:
            return
        text = argument
        if text is None:
            text = await self._screen.ask(f"priority of {_named(row)}", placeholder=row.priority)
        near = [each for each in PRIORITIES if text and each.startswith(text.strip().casefold())]
        if near == [row.priority]:
            self._desk.say(f"#{row.id}: its priority is {row.priority} already")
        elif len(near) == 1:
            await self._desk.client.set_priority(row.id, near[0])
            self._done(f"#{row.id}: priority {near[0]}")
        elif text:
            self._desk.say(f"{one_line(text)} is no priority; write {', '.join(PRIORITIES)}", "bad")

    async def do_listen(self) -> None:
        from screens.live import Overheard

        row = await self._meant()
        if row is not None:
            self._screen.end_with(Overheard(row))

    async def do_whisper(self, argument: str | None = None) -> None:
        row = await self._meant()
        if row is None:
            return
        if row.assignee_id is None or self._desk.is_mine(row):
            self._desk.say(f"#{row.id} is no colleague's, so there is nobody to whisper to", "bad")
            return
        text = argument
        if text is None:
            text = await self._screen.ask(f"whisper to {whose(row)} in {_named(row)}", placeholder="only reps see it")
        if text:
            await whisper(self._desk, row, text)

    async def do_take_over(self) -> None:
        row = await self._meant()
        if row is not None:
            await take_over(self._desk, row)
            self._screen.ask_again()

    async def do_undo_act(self) -> None:
        undone = await self._desk.client.undo()
        self._done(told("undone", undone), good=not undone.left)

    async def _meant(self) -> Conversation | None:
        row = await self._screen.meant()
        if row is None:
            self._screen.tell_nothing_behind()
        return row

    def _done(self, said: str, *, good: bool = True) -> None:
        self._desk.did()
        self._desk.say(said, "good" if good else "bad")
        self._screen.ask_again()


def _named(row: Conversation) -> str:
    return f"#{row.id} {shorten(one_line(row.subject), 30)}"
