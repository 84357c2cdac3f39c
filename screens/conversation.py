"""The conversation pane: a heading, and the transcript with what is new, or newest, in sight."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.cache import LRUCache
from textual.containers import Vertical

from desk.client import ClientError, Refused
from desk.model import CUSTOMER, ChatNow, Conversation, Doing, Message, OutboxItem
from screens.attendance import Attendance
from screens.chatbar import Below, Typing
from screens.desk import Desk
from screens.feed import Dirty
from screens.heading import Heading
from screens.render import one_line
from screens.stretch import FIRST, MORE, Stretch, following, newest
from screens.thread import Transcript
from screens.widgets.bars import key_glyph
from screens.widgets.ink import Inks

KEPT = 48
"""Conversations whose newest messages stay at hand."""
OF_A_MESSAGE = frozenset(
    ("split", "move", "why", "fold", "fold-all", "headers", "source", "open-link", "save-attachment", "open-attachment")
)
"""Actions on the message that the reader is at."""
Load = Callable[[int, Stretch], Awaitable[Callable[[], None]]]
"""Asks for more of a conversation of which that part is here; what it answers shows it."""
UNDELIVERED = ("held", "sending", "failed", "unknown", "bounced")


class ConversationPane(Vertical):
    """One conversation, as much of it as is needed."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks], start: Callable[..., object]) -> None:
        super().__init__(id="conversation")
        self.desk = desk
        self._inks = inks
        self._start = start
        self.conversation: Conversation | None = None
        self.heading = Heading(desk, inks)
        self.transcript = Transcript(desk, inks, self)
        self.typing = Typing(inks)
        self.below = Below(
            inks, lambda: key_glyph(desk.keymap.key("bottom", "conversation")), lambda: self.transcript.act("bottom")
        )
        self.transcript.moved = lambda: self.below.tell(self.transcript.below)
        self.chat: ChatNow | None = None
        """How the visitor's chat stands, if it is one."""
        self.attendance = Attendance(desk, start, self._company, self._was_read)
        self.opened: Callable[[], bool] = lambda: False
        """Whether the rep has opened it, and not just a row that it belongs to."""
        self.changed: Callable[[Conversation], None] = lambda row: None
        """Called when what was done here changed the conversation."""
        self.chat_changed: Callable[[], None] = lambda: None
        """Called when something else is known of its chat."""
        self._cache: LRUCache[int, list[Message]] = LRUCache(KEPT)
        self._newest = 0
        self.listening = False
        """A supervisor reads along, and its rep sees that."""
        self._asked = False
        """Whether the server has answered for this conversation since it was turned to."""
        self._fetching: set[str] = set()
        self._arrived = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.transcript
        yield self.below
        yield self.typing

    # --- showing ------------------------------------------------------------------------------------------

    def begin(self, conversation: Conversation) -> None:
        """Turn to a conversation, with its messages if they are at hand."""
        same = self.conversation is not None and self.conversation.id == conversation.id
        self._now(conversation)
        if same:
            return
        self.listening = False
        transcript = self.transcript
        transcript.unfolded.clear()
        transcript.all_unfolded = False
        transcript.seen = None
        transcript.mark(None)
        self._newest = 0
        self._asked = False
        self._take_chat(None)
        self.heading.promises = ()
        cached = tuple(self._cache.get(conversation.id) or ()) if self.at_hand(conversation) else ()
        self._put(Stretch(cached, begins=len(cached) >= conversation.messages), stay=False)
        (self._arrived.set if cached else self._arrived.clear)()

    def at_hand(self, conversation: Conversation) -> bool:
        """Whether all that is needed to show it is here already."""
        return conversation.id in self._cache and not conversation.unread

    async def open(self, conversation: Conversation) -> None:
        """Show a conversation: at once if its messages are at hand, and then as the server has it."""
        self.begin(conversation)
        try:
            if not self._asked and conversation.unread:
                seen = await self.desk.client.seen(conversation.id)
                if self._is(conversation.id):
                    self.transcript.seen = seen
            await self._look_at_chat(conversation)
            await self.reload(stay=bool(self.transcript.messages))
            self._start(self._look_at_promises(conversation))
        finally:
            if self._is(conversation.id):
                self._arrived.set()

    def shows(self, conversation: Conversation) -> bool:
        """Whether it is shown as the server told it; what changes in it from then on comes by itself."""
        return self._asked and self._is(conversation.id)

    @property
    def awaited(self) -> bool:
        """Whether the messages of the conversation that was turned to are still on their way."""
        return self.conversation is not None and not self.transcript.messages and not self._arrived.is_set()

    async def arrival(self) -> None:
        """Wait until they are here, or will not come."""
        while self.awaited:
            await self._arrived.wait()

    def _is(self, id: int) -> bool:
        return self.conversation is not None and self.conversation.id == id

    def clear(self) -> None:
        """Show nothing."""
        self.conversation = self.heading.conversation = None
        self._put(Stretch(), stay=False)
        self._arrived.set()
        self.heading.update()

    async def prefetch(self, conversation: Conversation) -> None:
        """Have the newest messages at hand before somebody asks for them."""
        if self._cache.get(conversation.id) is None:
            try:
                self._remember(conversation.id, await self.desk.client.messages(conversation.id, limit=FIRST))
            except ClientError:
                return

    async def reload(self, *, stay: bool = True) -> None:
        """Ask the server again for the messages that are shown, by then too. Raises ClientError."""
        row = self.conversation
        if row is None:
            return
        asking, empty = True, not self.transcript.messages
        while asking:
            here = self.transcript.stretch
            stretch = await self._fresh(row.id, stay=stay)
            items = await self._items(stretch.messages)
            if not self._is(row.id):
                return
            asking = not self._still(row.id, here)
            stay = stay or (asking and empty)
        self._asked = True
        transcript = self.transcript
        if stretch != transcript.stretch or items != transcript.outbox or not stay:
            transcript.outbox = items
            self._put(stretch, stay=stay)

    async def _fresh(self, id: int, *, stay: bool) -> Stretch:
        """What is shown as the server has it now, with what has come if the end is shown."""
        here = self.transcript.stretch
        if stay and not here.ends:
            count = len(here.messages)
            messages = await self.desk.client.messages(id, after=here.first - 1, limit=count)
            return following(messages, count, begins=here.begins)
        count = max(FIRST, len(here.messages) if stay else 0)
        messages = await self.desk.client.messages(id, limit=count)
        self._remember(id, messages[-FIRST:])
        return newest(messages, count)

    def _remember(self, id: int, messages: list[Message]) -> None:
        self._cache.discard(id)
        self._cache[id] = messages

    def _now(self, conversation: Conversation) -> None:
        """The conversation as it is now."""
        self.conversation = self.heading.conversation = conversation
        self.heading.update()

    def _put(self, stretch: Stretch, *, stay: bool) -> None:
        self._newest = max(self._newest, stretch.last)
        self.transcript.put(stretch, stay=stay)

    async def _items(self, messages: tuple[Message, ...]) -> dict[int, OutboxItem]:
        """The outbox rows of our messages that are not safely out; the transcript tells how they stand."""
        wanted = {m.outbox_id for m in messages if m.outbox_id is not None and m.outbox_state in UNDELIVERED}
        if not wanted:
            return {}
        items = await self.desk.client.outbox(["held", "sending", "failed", "unknown", "bounced"], limit=200)
        return {item.id: item for item in items if item.id in wanted}

    # --- more of it ---------------------------------------------------------------------------------------

    def older(self) -> None:
        """Load what came before the oldest message that is here."""
        if not self.transcript.stretch.begins and self.transcript.messages:
            self._fetch("older", self._load_older)

    def newer(self) -> None:
        """Load what came after the newest message that is here."""
        if not self.transcript.stretch.ends:
            self._fetch("newer", self._load_newer)

    def to_beginning(self) -> None:
        """Show the first messages of all."""
        self._fetch("beginning", self._load_beginning)

    def to_end(self) -> None:
        """Show the newest messages."""
        self._fetch("end", self._load_end)

    def _fetch(self, what: str, load: Load) -> None:
        """Have more of this conversation, asking for it once at a time."""
        if what in self._fetching or self.conversation is None:
            return
        self._fetching.add(what)
        self._start(self._fetched(what, load, self.conversation.id))

    async def _fetched(self, what: str, load: Load, id: int) -> None:
        """Ask again if another part was shown by the time the answer came, such as one with a message more."""
        try:
            shown = False
            while not shown and self._is(id):
                here = self.transcript.stretch
                show = await load(id, here)
                shown = self._still(id, here)
                if shown:
                    show()
        finally:
            self._fetching.discard(what)

    def _still(self, id: int, here: Stretch) -> bool:
        """Whether the same part of the same conversation is shown as when it was asked for."""
        now = self.transcript.stretch
        return self._is(id) and (now.first, now.last) == (here.first, here.last)

    async def _load_older(self, id: int, here: Stretch) -> Callable[[], None]:
        more = await self.desk.client.messages(id, before=here.first, limit=MORE)
        return lambda: self._put(self.transcript.stretch.with_older(more, MORE), stay=True)

    async def _load_newer(self, id: int, here: Stretch) -> Callable[[], None]:
        more = await self.desk.client.messages(id, after=here.last, limit=MORE)
        return lambda: self._put(self.transcript.stretch.with_newer(more, MORE), stay=True)

    async def _load_beginning(self, id: int, here: Stretch) -> Callable[[], None]:
        messages = await self.desk.client.messages(id, after=0, limit=MORE)
        return lambda: self.transcript.show_at(following(messages, MORE, begins=True), 0)

    async def _load_end(self, id: int, here: Stretch) -> Callable[[], None]:
        messages = await self.desk.client.messages(id, limit=MORE)

        def show() -> None:
            self._put(newest(messages, MORE), stay=False)
            self.transcript.act("bottom")

        return show

    def can(self, action: str) -> bool:
        """Whether an action of `OF_A_MESSAGE` would do something now."""
        message = self.transcript.message
        if message is None:
            return False
        if action in ("split", "move"):
            return message.direction == "in"
        return bool(message.attachments) if action == "save-attachment" else True

    async def to_new(self) -> bool:
        """Show the first message that the rep has not seen; False if there is none in this conversation."""
        transcript, row = self.transcript, self.conversation
        if row is None or transcript.seen is None:
            return False
        if transcript.first_new is None:
            messages = await self.desk.client.messages(row.id, after=transcript.seen - 1, limit=MORE)
            if self.conversation is None or self.conversation.id != row.id or not messages:
                return False
            transcript.show_at(following(messages, MORE, begins=False), 0)
        new = transcript.first_new
        if new is None:
            return False
        transcript.show_at(transcript.stretch, new)
        return True

    # --- keeping up ---------------------------------------------------------------------------------------

    async def absorb(self, dirty: Dirty) -> None:
        row = self.conversation
        for id in list(dirty.conversations):
            self._cache.discard(id)
        if dirty.everything:
            self._cache.clear()
        if row is None or not dirty.holds(row.id):
            return
        if dirty.touches("presence"):
            await self.attendance.hear()
        changed = dirty.touches("conversation", "message", "outbox", "customer", "read", "mention")
        if changed:
            self._start(self._look_at_promises(row))
            fresh = await self.desk.client.conversations_by_id([row.id])
            if not self._is(row.id):
                return
            if fresh:
                row = fresh[0]
                self._now(row)
        if dirty.touches("chat", "conversation"):
            await self._look_at_chat(row)
        if not changed or not self._is(row.id):
            return
        if self.doing() is None and self.transcript.seen is None and self._newest:
            self.transcript.seen = self._newest
        await self.reload()

    def tick(self) -> None:
        """Time went by: what counts down is told anew, and what is being read is told to others."""
        self.heading.update()
        if any(item.state == "held" for item in self.transcript.outbox.values()):
            self.transcript.laid_out_again()
        self.attendance.tick(self.conversation, self.doing(), self.transcript.newest_on_screen())

    def doing(self) -> Doing | None:
        """What the rep does here; None while they are elsewhere."""
        front = self.app.screen
        if not self.opened() or not self.app.app_focus or not (front is self.screen or front.is_modal):
            return None
        writing = any(child.display and getattr(child, "context", "") == "composer" for child in self.children)
        return "replying" if writing else "listening" if self.listening else "viewing"

    def _company(self) -> None:
        self.heading.others = self.attendance.others
        self.heading.update()
        self.typing.tell(next((each for each in self.attendance.others if each.agent_id == CUSTOMER), None))

    async def _look_at_chat(self, row: Conversation) -> None:
        """Learn how the chat stands, where there is one; one that goes on by mail is none now."""
        if row.channel != "chat":
            if self.chat is not None:
                self._take_chat(None)
            return
        try:
            chat = await self.desk.client.chat(row.id)
        except Refused:
            return
        if self._is(row.id):
            self._take_chat(chat)

    async def _look_at_promises(self, row: Conversation) -> None:
        """Learn what is promised, which nobody waits for: the head tells when it is due as long as it is not here."""
        if row.state in ("open", "waiting", "snoozed") and self._is(row.id):
            promises = await self.desk.client.promises_of(row.id)
            if self._is(row.id) and promises != self.heading.promises:
                self.heading.promises = promises
                self.heading.update()

    def _take_chat(self, chat: ChatNow | None) -> None:
        self.chat = self.heading.chat = chat
        self.heading.update()
        self.chat_changed()

    def _was_read(self, row: Conversation) -> None:
        if self.conversation is not None and self.conversation.id == row.id:
            self._now(row)
        self.changed(row)

    def newest_seen(self) -> int | None:
        """The newest message that was on the screen."""
        return self._newest or None

    def title(self) -> str:
        row = self.conversation
        return one_line(row.subject) if row else ""
