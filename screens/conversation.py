"""The conversation pane: a heading, and the transcript with its newest message in sight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from textual.app import ComposeResult
from textual.cache import LRUCache
from textual.containers import Vertical

from desk.client import ClientError
from desk.keymap import Context
from desk.model import Conversation, Message, OutboxItem
from screens.desk import Desk
from screens.feed import Dirty
from screens.render import one_line, shorten
from screens.rows import PRIORITY_GLYPHS, STATE_GLYPHS
from screens.times import span, stamp
from screens.transcript import Look, message_lines
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line, LineView

FIRST = 20
"""Messages asked for when a conversation is opened."""
MORE = 40
"""Messages asked for when the reader comes to the oldest one that is here."""
KEPT = 48
"""Conversations whose newest messages stay at hand."""
UNDELIVERED = ("held", "sending", "failed", "unknown", "bounced")


class Heading(Bar):
    """What the conversation is about, and how it stands."""

    conversation: Conversation | None = None

    def __init__(self, desk: Desk, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, classes="heading")
        self.desk = desk

    def bar_lines(self, width: int) -> Sequence[Line]:
        row = self.conversation
        if row is None:
            return [Line()]
        return [
            Line(((" ", "text"), (shorten(row.subject or "(no subject)", width - 2), "strong"))),
            Line(tuple(self._facts(row, width))),
        ]

    def _facts(self, row: Conversation, width: int) -> Iterator[tuple[str, str]]:
        glyph, ink = STATE_GLYPHS[row.state]
        now = self.desk.clock.now()
        told = [f"{glyph} {row.state}"]
        if row.snoozed_until and row.state == "snoozed":
            told[0] += f" until {stamp(row.snoozed_until, now)}"
        yield (" " + told[0], ink)
        if row.due_at is not None:
            late = row.due_at <= now
            yield (
                f" · {'late by ' + span(now - row.due_at) if late else 'due in ' + span(row.due_at - now)}",
                "bad" if late else "warn",
            )
        if row.priority != "normal":
            yield (f" · {row.priority}", PRIORITY_GLYPHS[row.priority][1])
        yield (" · " + (shorten(row.assignee_name, 24) if row.assignee_name else "nobody's"), "text")
        if row.queue_name:
            yield (f" · {shorten(row.queue_name, 20)}", "dim")
        if row.account:
            yield (f" · {shorten(row.account, 24)}", "dim")
        for tag in row.tags[:8]:
            yield (f" #{shorten(tag, 20)}", "tag")


class Transcript(LineView):
    """The messages, oldest at the top. The newest are here first; older ones come when the reader gets there."""

    context: Context = "conversation"

    def __init__(self, desk: Desk, inks: Callable[[], Inks], older: Callable[[], None]) -> None:
        super().__init__(inks, id="transcript")
        self.desk = desk
        self._older = older
        self.messages: list[Message] = []
        self.outbox: dict[int, OutboxItem] = {}
        self.selected = 0
        self.unfolded: set[int] = set()
        self.all_unfolded = False
        self.complete = False
        self._starts: list[int] = []
        self._blocks: LRUCache[tuple[Message, Look], list[Line]] = LRUCache(256)

    @property
    def message(self) -> Message | None:
        """The message the reader is at."""
        return self.messages[self.selected] if 0 <= self.selected < len(self.messages) else None

    def set_messages(self, messages: list[Message], *, stay: bool) -> None:
        """Show these. With `stay` the reader keeps their place, or their end; else the newest comes into sight."""
        before = self.message.id if stay and self.message else None
        stuck = stay and (self.at_end or self.selected == len(self.messages) - 1)
        offset = self.top - self._starts[self.selected] if stay and self._starts and before else 0
        self.messages = messages
        ids = [message.id for message in messages]
        if before in ids and not (stuck and before != ids[-1]):
            self.selected = ids.index(before)
            self.lay_out()
            self.top = self._clamped(self._starts[self.selected] + offset)
        else:
            self.selected = self._newest()
            self.lay_out()
            self._to_selected()
        self.refresh()

    def _newest(self) -> int:
        for index in range(len(self.messages) - 1, -1, -1):
            if self.messages[index].direction != "event":
                return index
        return max(len(self.messages) - 1, 0)

    def _to_selected(self) -> None:
        """The selected message's heading in sight, and as much of it as fits."""
        if not self._starts:
            self.top = 0
            return
        start = self._starts[self.selected]
        end = self._starts[self.selected + 1] if self.selected + 1 < len(self._starts) else self.count
        self.top = self._clamped(
            min(start, max(end - self.size.height, 0)) if end > self.top + self.size.height else min(self.top, start)
        )

    def lay_out(self) -> None:
        """Make the lines of all messages; those of unchanged messages are kept."""
        width = self.size.width
        lines: list[Line] = []
        self._starts = []
        if not width:
            self.unlaid(lines)
            return
        keymap = self.desk.keymap
        keys = (keymap.keys("fold")[0], keymap.keys("undo-send")[0], keymap.keys("outbox")[0])
        now = self.desk.clock.now()
        if not self.complete and self.messages:
            lines.append(Line(((" ⋯ older messages", "dim"),)))
        for index, message in enumerate(self.messages):
            self._starts.append(len(lines))
            item = self.outbox.get(message.outbox_id or 0)
            counting = item is not None and item.state == "held"
            look = Look(
                width=width,
                now=now if counting else now - now % 60_000,
                unfolded=(message.id in self.unfolded) != self.all_unfolded,
                selected=index == self.selected,
                outbox=item,
                keys=keys,
            )
            block = self._blocks.get((message, look))
            if block is None:
                block = self._blocks[(message, look)] = message_lines(message, look)
            lines += block
        self.show(lines)

    def layout_lines(self, width: int) -> None:
        at_end = self.at_end
        self.lay_out()
        if at_end:
            self._to_selected()

    def select(self, index: int) -> None:
        """Go to another message."""
        index = min(max(index, 0), len(self.messages) - 1)
        if self.messages and index != self.selected:
            self.selected = index
            self.lay_out()
            self.go(self._starts[index])
        elif index == 0:
            self._older()

    def scrolled(self) -> None:
        if self.top == 0 and not self.complete:
            self._older()
        self._follow()

    def _follow(self) -> None:
        """Select what is being read: the message at the upper edge, or the last one when the end is in sight."""
        if not self._starts:
            return
        bottom = self.top + self.size.height
        start = self._starts[self.selected]
        end = self._starts[self.selected + 1] if self.selected + 1 < len(self._starts) else self.count
        if start < bottom and end > self.top:
            return
        inside = [i for i, s in enumerate(self._starts) if s >= self.top and s < bottom]
        wanted = inside[0] if inside else max((i for i, s in enumerate(self._starts) if s <= self.top), default=0)
        top = self.top
        self.selected = wanted
        self.lay_out()
        self.top = self._clamped(top)

    def toggle_fold(self) -> None:
        """Unfold the message the reader is at, or fold it again."""
        if self.message is not None:
            self.unfolded ^= {self.message.id}
            self.lay_out()


class ConversationPane(Vertical):
    """One conversation, as much of it as is needed."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks], start: Callable[..., object]) -> None:
        super().__init__(id="conversation")
        self.desk = desk
        self._inks = inks
        self._start = start
        self.conversation: Conversation | None = None
        self.heading = Heading(desk, inks)
        self.transcript = Transcript(desk, inks, self.older)
        self._cache: LRUCache[int, list[Message]] = LRUCache(KEPT)
        self._loading_older = False

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.transcript

    # --- showing ------------------------------------------------------------------------------------------

    def begin(self, conversation: Conversation) -> bool:
        """Turn to a conversation, with its messages if they are at hand; whether something was there to stay with."""
        same = self.conversation is not None and self.conversation.id == conversation.id
        self.conversation = conversation
        self.heading.conversation = conversation
        self.heading.update()
        cached = self._cache.get(conversation.id)
        if not same:
            self.transcript.unfolded.clear()
            self.transcript.all_unfolded = False
            self._put(cached or [], complete=len(cached or []) >= conversation.messages, stay=False)
        return same or cached is not None

    def at_hand(self, conversation: Conversation) -> bool:
        """Whether its messages are here already."""
        return conversation.id in self._cache

    async def open(self, conversation: Conversation) -> None:
        """Show a conversation: at once if its messages are at hand, and then as the server has it."""
        await self.reload(stay=self.begin(conversation))

    def clear(self) -> None:
        """Show nothing."""
        self.conversation = self.heading.conversation = None
        self._put([], complete=True, stay=False)
        self.heading.update()

    async def prefetch(self, conversation: Conversation) -> None:
        """Have the newest messages at hand before somebody asks for them."""
        if self._cache.get(conversation.id) is None:
            try:
                self._remember(conversation.id, await self.desk.client.messages(conversation.id, limit=FIRST))
            except ClientError:
                return

    async def reload(self, *, stay: bool = True) -> None:
        """Ask the server again for the messages that are shown. Raises ClientError."""
        row = self.conversation
        if row is None:
            return
        count = max(FIRST, len(self.transcript.messages) if stay else 0)
        messages = await self.desk.client.messages(row.id, limit=count)
        self._remember(row.id, messages[-FIRST:])
        if self.conversation is None or self.conversation.id != row.id:
            return
        items = await self._items(messages)
        complete = len(messages) < count
        if (
            messages != self.transcript.messages
            or items != self.transcript.outbox
            or complete != self.transcript.complete
        ):
            self.transcript.outbox = items
            self._put(messages, complete=complete, stay=stay)

    def _remember(self, id: int, messages: list[Message]) -> None:
        self._cache.discard(id)
        self._cache[id] = messages

    def _put(self, messages: list[Message], *, complete: bool, stay: bool) -> None:
        self.transcript.complete = complete
        self.transcript.set_messages(messages, stay=stay)

    async def _items(self, messages: list[Message]) -> dict[int, OutboxItem]:
        """The outbox rows of our messages that are not safely out; the transcript tells how they stand."""
        wanted = {m.outbox_id for m in messages if m.outbox_id is not None and m.outbox_state in UNDELIVERED}
        if not wanted:
            return {}
        items = await self.desk.client.outbox(["held", "sending", "failed", "unknown", "bounced"], limit=200)
        return {item.id: item for item in items if item.id in wanted}

    def older(self) -> None:
        """Load what came before the oldest message that is here."""
        if not self.transcript.complete and not self._loading_older and self.transcript.messages:
            self._loading_older = True
            self._start(self._load_older())

    async def _load_older(self) -> None:
        try:
            row, first = self.conversation, self.transcript.messages[0]
            if row is None:
                return
            more = await self.desk.client.messages(row.id, before=first.id, limit=MORE)
            now = self.transcript.messages
            if self.conversation is not None and self.conversation.id == row.id and now and now[0].id == first.id:
                self._put(more + now, complete=len(more) < MORE, stay=True)
        finally:
            self._loading_older = False

    # --- keeping up ---------------------------------------------------------------------------------------

    async def absorb(self, dirty: Dirty) -> None:
        row = self.conversation
        for id in list(dirty.conversations):
            self._cache.discard(id)
        if dirty.everything:
            self._cache.clear()
        if row is None or not dirty.holds(row.id):
            return
        fresh = await self.desk.client.conversations_by_id([row.id])
        if fresh and self.conversation is not None and self.conversation.id == row.id:
            self.conversation = self.heading.conversation = fresh[0]
            self.heading.update()
        await self.reload()

    def tick(self) -> None:
        """Time went by: what counts down is told anew."""
        self.heading.update()
        if any(item.state == "held" for item in self.transcript.outbox.values()):
            top = self.transcript.top
            self.transcript.lay_out()
            self.transcript.top = top

    def newest_seen(self) -> int | None:
        """The newest message that is on the screen."""
        return self.transcript.messages[-1].id if self.transcript.messages else None

    def title(self) -> str:
        row = self.conversation
        return one_line(row.subject) if row else ""
