"""What supervisors do in the conversations of others: listen in, whisper, take over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.model import Conversation
from screens.desk import Desk
from screens.render import one_line

if TYPE_CHECKING:
    from screens.inbox import InboxScreen


def whose(row: Conversation) -> str:
    """The rep whose it is."""
    return one_line(row.assignee_name or "") or "nobody"


async def whisper(desk: Desk, row: Conversation, text: str) -> None:
    """Have the rep told at once. Raises ClientError."""
    await desk.client.whisper(row.id, text)
    desk.did()
    desk.say(f"whispered to {whose(row)}", "good")


async def take_over(desk: Desk, row: Conversation) -> Conversation:
    """Have it, and its rep told. Raises ClientError."""
    taken = await desk.client.take_over(row.id)
    desk.did()
    desk.say(f"#{row.id} is yours; {whose(row)} is told" if row.assignee_id else f"#{row.id} is yours", "good")
    return taken


class Supervising:
    """One method an action, for the conversation that is meant in the inbox."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk

    async def do_listen(self) -> None:
        """Again: to be there as anybody who reads it."""
        row, pane = self._inbox.target(), self._inbox.conversation
        if row is None:
            return
        if pane.listening and pane.conversation is not None and pane.conversation.id == row.id:
            pane.listening = False
            self._desk.say("no longer listening in; you read it like anybody")
            return
        await self.listen(row)

    async def listen(self, row: Conversation) -> None:
        """Open it to read along. Its rep sees it; it is not assigned to anybody by that."""
        own = self._desk.is_mine(row)
        if self._desk.me is not None and not own:
            await self._desk.client.show_presence(row.id, "listening")
        self._inbox.show_conversation(row)
        self._inbox.conversation.listening = not own
        heard = f"; {whose(row)} sees that you do" if row.assignee_id else ""
        self._desk.say(
            f"#{row.id} is yours" if own else f"listening in on #{row.id}{heard}", "plain" if own else "good"
        )
        await self._inbox.conversation.arrival()
        self._inbox.release_keys()

    async def do_whisper(self, argument: str | None = None) -> None:
        row = self._inbox.target()
        if row is None:
            return
        text = argument
        if text is None:
            text = await self._inbox.ask(f"whisper to {whose(row)}", placeholder="only reps see it")
        if text:
            await whisper(self._desk, row, text)

    async def do_take_over(self) -> None:
        row = self._inbox.target()
        if row is not None:
            self._inbox.applied(await take_over(self._desk, row))
