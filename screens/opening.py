"""Opening conversations: by a key, by going to the next one, by resting on them in the list."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from desk.client import Refused
from desk.clock import MINUTE, Millis
from desk.model import Conversation
from screens.widgets.bars import key_glyph

if TYPE_CHECKING:
    from screens.inbox import InboxScreen

PASSED_OVER: Millis = 10 * MINUTE
REST_SECONDS = 0.07
"""How long the cursor has to rest on a row before its conversation is shown beside the list;"""
TYPING_REST_SECONDS = 0.25
"""and while a filter is typed, which puts it on another row with every letter."""


class Opening:
    """One method an action that opens a conversation."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._rest: asyncio.TimerHandle | None = None
        self._passed: dict[int, Millis] = {}
        """Where taking what is next led to, and when."""

    def do_open(self) -> None:
        inbox = self._inbox
        if inbox.context == "customer":
            inbox.customer.do_open()
            return
        row = inbox.rows.current
        if row is not None:
            self.show(row)

    async def do_take_next(self) -> None:
        """What it led to and stands as it was is passed over for a while, so that one gets on."""
        client, now = self._inbox.desk.client, self._inbox.desk.clock.now()
        self._passed = {id: at for id, at in self._passed.items() if now - at < PASSED_OVER}
        try:
            found = await client.next(self._passed) or (await client.next() if self._passed else None)
        except Refused as refused:
            if refused.problem.code != "away":
                raise
            key = self._inbox.desk.keymap.key("available")
            back = key_glyph(key) if key else ":available"
            self._inbox.desk.say(f"you are away, and get nothing new; {back} says that you are there again", "bad")
            return
        if found is None:
            self._inbox.desk.say("nothing waits that you may do and have room for")
            return
        self._passed[found.id] = now
        self._inbox.desk.did()
        self._inbox.applied(found)
        self.show(found)
        await self._inbox.viewing.find(found.id)

    def show(self, row: Conversation) -> None:
        """Read a conversation."""
        inbox = self._inbox
        inbox.trail.forget()
        inbox.conversation.begin(row)
        inbox.turn_to("conversation")
        inbox.start(self._show(row), group="show", alone=True)

    async def _show(self, row: Conversation) -> None:
        inbox = self._inbox
        opening = inbox.conversation.open(row)
        await (opening if inbox.conversation.at_hand(row) else inbox.in_one_paint(opening))
        await inbox.customer.open(row.customer_id, row.id)
        inbox.update_bars()

    def do_next_conversation(self, count: int | None = None) -> None:
        self._step(count or 1)

    def do_previous_conversation(self, count: int | None = None) -> None:
        self._step(-(count or 1))

    def _step(self, by: int) -> None:
        inbox = self._inbox
        if inbox.conversation.transcript.wanted is not None and inbox.within.finding:
            inbox.within.step(by)
            return
        inbox.rows.move_to(inbox.rows.cursor + by)
        row = inbox.rows.current
        if row is not None and inbox.context not in ("list", "search"):
            self.show(row)

    # --- resting ------------------------------------------------------------------------------------------

    def moved(self) -> None:
        """The cursor stands on another row."""
        if self._rest is not None:
            self._rest.cancel()
        rest = TYPING_REST_SECONDS if self._inbox.context == "filter" else REST_SECONDS
        self._rest = asyncio.get_running_loop().call_later(rest, self.rested)

    @property
    def resting(self) -> bool:
        """Whether it stands still, and that was seen to."""
        return self._rest is None

    def rested(self) -> None:
        """The cursor stands still: show what it is on, and where it is."""
        self._rest = None
        inbox = self._inbox
        if not inbox.is_attached:
            return
        row = inbox.rows.current
        if inbox.page_name == "list":
            if row is None:
                inbox.conversation.clear()
                inbox.customer.clear()
            elif inbox.panes.conversation_beside:
                if not (inbox.conversation.shows(row) and inbox.customer.current == row.id):
                    inbox.start(self._show(row), group="show", alone=True)
            else:
                inbox.start(inbox.conversation.prefetch(row), group="show", alone=True)
        inbox.say_position()
