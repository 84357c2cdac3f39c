"""What a terminal says about its rep's eyes: which conversation they have before them, and what they have read.

Both only while it is really read: opened, and on a terminal that has the focus, as far as terminals tell.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from desk.client import ClientError
from desk.clock import SECOND, Millis
from desk.model import Conversation, Doing, Presence
from screens.desk import Desk

SAID_EVERY: Millis = 10 * SECOND
"""How often it is said that somebody is still here; the server forgets after 25 s."""
BELIEVED_FOR: Millis = 30 * SECOND
"""How long others are shown of whom nothing was heard."""
READ_AFTER: Millis = 1 * SECOND
"""How long messages have to be on the screen to count as read."""


class Attendance:
    """Follows the rep from conversation to conversation; `tick` once a second."""

    def __init__(
        self,
        desk: Desk,
        start: Callable[[Coroutine[Any, Any, None]], object],
        changed: Callable[[], None],
        was_read: Callable[[Conversation], None],
    ) -> None:
        self._desk = desk
        self._start = start
        self._changed = changed
        self._was_read = was_read
        self.others: list[Presence] = []
        """The other reps in this conversation."""
        self._at: tuple[int, Doing] | None = None
        self._said = self._heard = 0
        self._shown: tuple[int, Millis] = (0, 0)
        """The newest message on the screen, and since when."""
        self._kept_unread: int | None = None

    def tick(self, row: Conversation | None, doing: Doing | None, newest: int) -> None:
        """The rep has `row` before them, its messages up to `newest` on the screen; with `doing` None they have not."""
        now = self._desk.clock.now()
        at = (row.id, doing) if row is not None and doing is not None else None
        if self._at is not None and (at is None or at[0] != self._at[0]):
            self._start(self._leave(self._at[0]))
            self._others([])
            self._kept_unread = None
        if at is not None and (at != self._at or now - self._said >= SAID_EVERY):
            self._said = now
            self._start(self._say(*at, stopped=self._at == (at[0], "replying") and at[1] != "replying"))
        self._at = at
        if self.others and now - self._heard > BELIEVED_FOR:
            self._others([])
        if row is None or at is None or at[1] == "listening" or not newest:
            self._shown = (0, now)
        elif self._shown[0] != newest:
            self._shown = (newest, now)
        elif (row.unread or row.mentioned) and now - self._shown[1] >= READ_AFTER and self._kept_unread != row.id:
            self._start(self._read(row.id, newest))

    def keep_unread(self, conversation_id: int) -> None:
        """The rep wants it unread, although they have it before them: it stays so until they come back to it."""
        self._kept_unread = conversation_id

    async def hear(self) -> None:
        """Somebody came, went or began to write."""
        if self._at is not None:
            id = self._at[0]
            here = await self._desk.client.presence(id)
            if self._at is not None and self._at[0] == id:
                self._others(here)

    async def _say(self, id: int, doing: Doing, *, stopped: bool) -> None:
        """`stopped`: the rep was writing until now. The server believes that for a while, unless they leave."""
        try:
            if stopped:
                await self._desk.client.show_presence(id, "gone")
            here = await self._desk.client.show_presence(id, doing)
        except ClientError:
            return
        if self._at is not None and self._at[0] == id:
            self._others(here)

    async def _leave(self, id: int) -> None:
        try:
            await self._desk.client.show_presence(id, "gone")
        except ClientError:
            return

    def _others(self, here: list[Presence]) -> None:
        me = self._desk.me
        others = [each for each in here if me is None or each.agent_id != me.id]
        self._heard = self._desk.clock.now()
        if others != self.others:
            self.others = others
            self._changed()

    async def _read(self, id: int, newest: int) -> None:
        try:
            self._was_read(await self._desk.client.mark_read(id, newest))
        except ClientError:
            return
