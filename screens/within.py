"""Finding words in the conversation that is being read, be its messages here yet or not."""

from __future__ import annotations

import asyncio
import re
from re import Pattern
from typing import TYPE_CHECKING

from screens.stretch import MORE, following
from screens.transcript import stands_in

if TYPE_CHECKING:
    from screens.inbox import InboxScreen

AT_A_TIME = 200
"""Messages that are not here, asked for at a time while they are searched."""


def pattern_of(words: str) -> Pattern[str]:
    """What finds these words one after the other, in any case, however the space between them is."""
    return re.compile(r"\s+".join(map(re.escape, words.split())), re.IGNORECASE)


class Within:
    """One method an action that finds words here. While one finds, `next` leads from place to place."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk
        self._pane = inbox.conversation
        self._words = ""
        self._one = asyncio.Lock()

    @property
    def finding(self) -> bool:
        """Whether words are being gone through in the conversation that has the keys."""
        return self._pane.transcript.wanted is not None and self._inbox.page_name == "conversation"

    async def do_find_text(self, argument: str | None = None) -> None:
        """Mark what is typed, and go to where it stands next."""
        words = argument
        if words is None:
            words = await self._inbox.ask("find here", self._words, placeholder="words in this conversation")
        if words is None or not words.strip():
            return
        await self._pane.arrival()
        self._words = " ".join(words.split())
        self._pane.transcript.mark(pattern_of(self._words))
        self._inbox.turn_to("conversation")
        async with self._one:
            if not (await self._go(1, around=False) or await self._go(-1, around=False)):
                self.end()
                self._desk.say(f"{self._words} does not stand here", "bad")
        self._inbox.update_bars()

    def end(self) -> bool:
        """Find no more; False if nothing was being found."""
        finding = self.finding
        self._pane.transcript.mark(None)
        return finding

    def step(self, by: int) -> None:
        """To the next place, or with a negative number to one before, beyond the ends too."""
        self._inbox.start(self._step(by))

    async def _step(self, by: int) -> None:
        async with self._one:
            for _ in range(abs(by)):
                if self.finding and not await self._go(1 if by > 0 else -1, around=True):
                    self._desk.say(f"{self._words} does not stand anywhere else")

    async def _go(self, by: int, *, around: bool) -> bool:
        """To the next place (1) or the one before (-1), in messages that are here first, then in the others."""
        transcript, row = self._pane.transcript, self._pane.conversation
        wanted = transcript.wanted
        if transcript.to_found(by):
            return True
        if wanted is None or row is None:
            return False
        stretch = transcript.stretch
        ended = stretch.ends if by > 0 else stretch.begins
        edge = stretch.last if by > 0 else stretch.first
        id = None if ended else await self._look(row.id, wanted, by, edge)
        if id is None and around:
            id = await self._look(row.id, wanted, by, 0)
            if id is not None:
                self._desk.say("on from the beginning" if by > 0 else "on from the end")
        if id is None or transcript.wanted is not wanted:
            return False
        return await self._show(row.id, id, by)

    async def _look(self, row: int, wanted: Pattern[str], by: int, edge: int) -> int | None:
        """The message nearest to the edge, in that direction, that has it; an edge of 0 is the far end."""
        while True:
            if by > 0:
                found = await self._desk.client.messages(row, after=edge, limit=AT_A_TIME)
            else:
                found = list(reversed(await self._desk.client.messages(row, before=edge or None, limit=AT_A_TIME)))
            hit = next((message.id for message in found if stands_in(message, wanted)), None)
            if hit is not None or len(found) < AT_A_TIME:
                return hit
            edge = found[-1].id

    async def _show(self, row: int, id: int, by: int) -> bool:
        """Go to a message, which is fetched with those after it if it is not here."""
        transcript = self._pane.transcript
        if id not in [message.id for message in transcript.messages]:
            messages = await self._desk.client.messages(row, after=id - 1, limit=MORE)
            if self._pane.conversation is None or self._pane.conversation.id != row:
                return False
            transcript.show_at(following(messages, MORE, begins=False), 0)
        return transcript.to_found_in(id, by)
