"""The rep's own chats: which there are, and going from one to another, with what is being written in each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events

from desk.clock import SECOND, Millis
from desk.keymap import pressed
from desk.model import Conversation
from screens.chatbar import ChatBar
from screens.feed import Dirty

if TYPE_CHECKING:
    from screens.inbox import InboxScreen

ASKED_EVERY: Millis = SECOND
"""How often it is asked at most whether a conversation that changed is another chat of theirs."""


class Chatting:
    """One method an action that goes to a chat."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk
        self.bar = ChatBar(self._desk, inbox.inks, lambda number: inbox.perform("chat", str(number)))
        self._asked: Millis = 0
        self._stale = False

    # --- going there --------------------------------------------------------------------------------------

    def meant(self, event: events.Key) -> bool:
        """Whether a key is the number of a chat: in a conversation the digit alone is, if nothing else was begun."""
        inbox, key = self._inbox, pressed(event.key, event.character)
        return (
            key in set("123456789")
            and inbox.context == "conversation"
            and not inbox.pending
            and self._desk.keymap.find("conversation", key) is None
            and self.bar.numbered(int(key)) is not None
        )

    def do_chat(self, argument: str) -> None:
        """To the chat of that number; of those who write, with what they were writing there."""
        number = int(argument)
        self._inbox.open_for_typing(self._to(lambda: self.bar.numbered(number), f"you have no chat {number}"))

    def do_chat_waiting(self) -> None:
        """To the chat whose customer has waited longest."""
        self._inbox.open_for_typing(self._to(self.bar.longest_waiting, "nobody waits for an answer in your chats"))

    async def _to(self, find: Callable[[], int | None], otherwise: str) -> None:
        """What is typed meanwhile is for where it leads."""
        inbox = self._inbox
        writing = inbox.context in ("composer", "note")
        if not self.bar.talks:
            await self._ask()
        id, shown = find(), inbox.conversation.conversation
        reads = inbox.context not in ("list", "search", "customer") and shown is not None and shown.id == id
        if id is None:
            self._desk.say(otherwise)
        elif not reads:
            await self._went(id, writing=writing)
        inbox.release_keys()

    async def _went(self, id: int, *, writing: bool) -> None:
        inbox = self._inbox
        row = await self._desk.client.conversation(id)
        composer = inbox.writing.composer
        if writing and composer is not None:
            await composer.leave()
        inbox.show_conversation(row)
        if writing:
            await inbox.writing.write(row)
        else:
            await inbox.conversation.arrival()
        self.follow(row)

    # --- keeping up ---------------------------------------------------------------------------------------

    async def absorb(self, dirty: Dirty) -> None:
        """Ask for the chats again if something happened to one of them, or another may have become one."""
        mine = any(dirty.holds(talk.conversation_id) for talk in self.bar.talks)
        if dirty.everything or mine or dirty.touches("chat"):
            await self._ask()
        elif dirty.touches("conversation"):
            self._stale = True
            await self._ask_again()

    async def _ask_again(self) -> None:
        if self._stale and self._desk.clock.now() - self._asked >= ASKED_EVERY:
            await self._ask()

    async def _ask(self) -> None:
        self._stale, self._asked = False, self._desk.clock.now()
        self.bar.tell(await self._desk.client.my_chats())

    def tick(self) -> None:
        """Time went by."""
        if self._stale:
            self._inbox.start(self._ask_again(), group="chats", alone=True)
        if self.bar.display:
            self.bar.update()

    def follow(self, row: Conversation | None) -> None:
        """This is the conversation that is shown."""
        here = row.id if row is not None else None
        if here != self.bar.here:
            self.bar.here = here
            self.bar.update()
