"""What every screen may use: the client, the clock, the keys, and one line to tell the rep something."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from desk.client import Client, ClientError
from desk.clock import SECOND, Clock, Millis
from desk.history import History
from desk.keymap import KeyFile, Keymap, KeymapError
from desk.model import (
    Agent,
    Callback,
    Conversation,
    Draft,
    OffersNow,
    OutboxItem,
    OutboxState,
    Page,
    RepNow,
    Status,
    ViewInfo,
)
from desk.model.dialing import Call
from screens.feed import Dirty, Feed, Link
from screens.pages import PAGE

if TYPE_CHECKING:
    from desk.settings.words import Advance

Tone = Literal["plain", "good", "bad"]
NOT_ARRIVED: list[OutboxState] = ["failed", "bounced", "unknown"]
MARKED_AT_MOST = 1_000

NEWS_STAYS: Millis = 6 * SECOND
"""How long good news stays. Bad news stays until something else is said or `escape` is pressed."""
KEYS_SECONDS = 1.0
"""How often to see whether `desk.toml` changed."""


ALERT = "▲"
"""Stands before what is too high."""


class News(Struct, frozen=True):
    """One thing said to the rep."""

    text: str
    tone: Tone
    at: Millis


class Going(Struct, frozen=True):
    """A message of ours that can still be taken back."""

    outbox_id: int
    conversation_id: int
    until: Millis


class Begun(Struct, frozen=True):
    """A text about a customer that was begun, and what stood there then."""

    text: str
    on: str


class Repeat(Struct, frozen=True):
    """What `.` does again."""

    action: str
    argument: str | None


class Desk:
    """One terminal's connection, and what it knows beyond the screens."""

    def __init__(
        self,
        make_client: Callable[[], Client],
        keymap: Keymap,
        clock: Clock,
        revive: Callable[[], Awaitable[None]] | None,
    ) -> None:
        self._make_client = make_client
        self.client = make_client()
        self.keymap = keymap
        self.clock = clock
        self._revive = revive
        self.link: Link = "starting"
        self.away_reason = ""
        self.news: News | None = None
        self.going: list[Going] = []
        self.status: Status | None = None
        self.me: Agent | None = None
        self.views: list[ViewInfo] = []
        """All views with their counts, as the server said them last."""
        self.drafts: frozenset[int] = frozenset()
        """The conversations in which the rep began an answer."""
        self.draft_count = 0
        """All the rep began, new conversations, too."""
        self.thrown: Draft | None = None
        """What the rep threw away last, until something else is done."""
        self.failed: frozenset[int] = frozenset()
        """The conversations with an answer that did not get there, or nobody knows."""
        self.later: frozenset[int] = frozenset()
        """The conversations with an answer that waits for its time."""
        self.advance: Advance = "next"
        """Where to after a conversation was dealt with."""
        self.callbacks: dict[int, Callback] = {}
        """Who waits for a call, by conversation; of several the first that is due."""
        self.heard_calls = False
        """Whether the server has said who waits for a call."""
        self.call: Call | None = None
        """The call that the rep is on, or has to say the outcome of."""
        self.offers = OffersNow()
        """What queues have for the rep, as the server said it last."""
        self.availability: RepNow | None = None
        """Whether the rep is there, as the server said it last."""
        self.sent_last = False
        """Whether sending an answer was the last thing done."""
        self.notes: dict[int, str] = {}
        """Notes begun and not kept yet, by conversation."""
        self.begun: dict[int, Begun] = {}
        """Notes on customers begun and not kept yet, by customer."""
        self.repeat: Repeat | None = None
        self._key_file: KeyFile | None = None
        self._history: History | None = None
        self._told_of = ""
        """The call that was told of last as one that came to nothing."""
        self.faults: list[Exception] = []
        """Faults of Desk itself that were survived."""
        self.changed: Callable[[], None] = lambda: None
        """Called when the bars have something new to say."""
        self.absorb: Callable[[Dirty], Awaitable[None]] = _ignore
        self.feed = Feed(lambda: self.client, self._reconnect, self._linked, self._absorbed)

    # --- the workspace's files ----------------------------------------------------------------------------

    def _folder(self) -> Path | None:
        """The workspace, as the server names it; None while it has not, or where it is on another machine."""
        folder = Path(self.status.workspace) if self.status else None
        return folder if folder is not None and folder.is_dir() else None

    def key_file(self) -> KeyFile | None:
        """Where the keys come from, None while that is not known."""
        folder = self._folder()
        if self._key_file is None and folder is not None:
            self._key_file = KeyFile(folder / "desk.toml", self.keymap)
        return self._key_file

    def reread_keys(self, *, asked: bool = True) -> None:
        """Go by the keys that `desk.toml` has now; what is wrong with them is told, and changes nothing."""
        file = self.key_file()
        if file is None:
            self.say("it is not known yet where desk.toml is; try again", "bad")
            return
        refused = file.refused
        try:
            different = file.reload()
        except KeymapError as error:
            self.say(refusal(error), "bad")
            return
        if different or refused:
            self.say("the keys are now as desk.toml has them", "good")
        elif asked:
            self.say("the keys were that way already", "good")

    async def _watch_keys(self) -> None:
        while True:
            await asyncio.sleep(KEYS_SECONDS)
            file = self.key_file()
            if file is not None and file.changed():
                self.reread_keys(asked=False)

    def history(self) -> History:
        """The lines typed on the command line."""
        if self._history is None:
            folder = self._folder()
            self._history = History(folder / "history" if folder else None)
        return self._history

    # --- saying -------------------------------------------------------------------------------------------

    def say(self, text: str, tone: Tone = "plain") -> None:
        """Tell the rep something in the status line."""
        self.news = News(text, tone, self.clock.now())
        self.changed()

    def hush(self) -> bool:
        """Take the news off; whether it was bad: that has to be read before a key for it does anything else."""
        bad, self.news = self.news is not None and self.news.tone == "bad", None
        self.changed()
        return bad

    def current_news(self) -> News | None:
        news = self.news
        if news is not None and news.tone != "bad" and self.clock.now() - news.at > NEWS_STAYS:
            return None
        return news

    def remember(self, action: str, argument: str | None = None) -> None:
        """This was done last, for `.` to do it again."""
        self.repeat = Repeat(action, argument)

    def fault(self, error: Exception) -> None:
        """Something in Desk itself broke: tell it, and go on."""
        self.faults.append(error)
        self.say(f"a fault in Desk ({type(error).__name__}: {error}); what you did last may not have happened", "bad")

    def is_mine(self, row: Conversation) -> bool:
        """Whether a conversation is the rep's own."""
        return self.me is not None and row.assignee_id == self.me.id

    # --- going out ----------------------------------------------------------------------------------------

    def sent(self, item: OutboxItem) -> None:
        """A message went into the outbox; it can be taken back until its undo window ends."""
        self.going.append(Going(item.id, item.conversation_id, item.hold_until))
        self.sent_last = True
        self.thrown = None
        self.news = None
        self.changed()

    def did(self) -> None:
        """Something was done that is no sending."""
        self.sent_last = False
        self.thrown = None

    def takeable(self) -> Going | None:
        """The newest message that can still be taken back."""
        now = self.clock.now()
        self.going = [going for going in self.going if going.until > now]
        return self.going[-1] if self.going else None

    def taken_back(self, outbox_id: int) -> None:
        self.going = [going for going in self.going if going.outbox_id != outbox_id]
        self.changed()

    # --- the connection -----------------------------------------------------------------------------------

    async def first_page(self) -> Page[Conversation] | None:
        """The top of the inbox, None if the server does not answer yet."""
        try:
            return await self.client.conversations("open", limit=PAGE)
        except ClientError:
            return None

    async def begin(self) -> None:
        """Follow the server for as long as the terminal runs."""
        await asyncio.gather(self.feed.follow(), self.feed.drain(), self._watch_keys())

    def _linked(self, link: Link, reason: str) -> None:
        if (link, reason) != (self.link, self.away_reason):
            self.link, self.away_reason = link, reason
            self.changed()

    async def _reconnect(self) -> None:
        """Start the server again where we may, on a fresh connection pool: the old one holds dead sockets."""
        if self._revive is not None:
            await self._revive()
        old, self.client = self.client, self._make_client()
        await old.close()

    async def _absorbed(self, dirty: Dirty) -> None:
        if dirty.touches("outbox", "ledger", "account", "draft", "job") or self.status is None:
            self.status = await self.client.status()
            self.key_file()
            self.me = self.me or await self.client.me()
            self.changed()
        if dirty.touches("outbox", "draft"):
            await self._mark()
        if dirty.touches("availability"):
            await self._hear_availability()
        if dirty.touches("call", "callback"):
            await self.hear_calls()
        if dirty.touches("offer"):
            await self.hear_offers()
        await self.absorb(dirty)

    async def hear_offers(self) -> None:
        """Learn what is offered to the rep, and what went back. Raises ClientError."""
        before, self.offers = self.offers, await self.client.offers()
        if before != self.offers:
            self.changed()

    async def _hear_availability(self) -> None:
        me = self.me
        if me is not None:
            found = await self.client.reps()
            self.take_availability(next((each for each in found if each.agent.id == me.id), None))

    def take_availability(self, now: RepNow | None) -> None:
        """The rep is there, or is not, from now on."""
        before, self.availability = self.availability, now
        if before is None or now is None or (before.state, before.reason) != (now.state, now.reason):
            self.changed()

    async def hear_calls(self) -> None:
        """Learn who waits for a call, and how the rep's own call stands. Raises ClientError."""
        waiting = await self.client.callbacks(limit=MARKED_AT_MOST)
        self.callbacks = {each.conversation_id: each for each in reversed(waiting)}
        self.heard_calls = True
        self.take_call(await self.client.my_call())

    def take_call(self, call: Call | None) -> None:
        """The rep's call is this one now. One that came to nothing by itself is told, once, and is none."""
        before = self.call
        self.call = call if call is not None and call.outcome is None else None
        if call is not None and call.outcome is not None and call.reference != self._told_of:
            self._told_of = call.reference
            self.say(f"{call.shown} was not called: {call.words or 'it was not put through'}", "bad")
        if before != self.call:
            self.changed()

    async def _mark(self) -> None:
        """Learn in which conversations answers were begun, wait for their time, or did not arrive."""
        drafts = await self.client.drafts()
        self.draft_count = len(drafts)
        self.drafts = frozenset(draft.conversation_id for draft in drafts)
        items = await self.client.outbox([*NOT_ARRIVED, "held"], limit=MARKED_AT_MOST)
        held = [item for item in items if item.state == "held"]
        self.failed = frozenset(item.conversation_id for item in items if item.state != "held")
        self.later = frozenset(item.conversation_id for item in held if item.content and item.content.send_at)


def refusal(error: KeymapError) -> str:
    """What is wrong with the keys in `desk.toml`, on one line."""
    more = f" (and {len(error.findings) - 1} more: desk keys --check)" if len(error.findings) > 1 else ""
    return f"{error.findings[0]}{more}; the keys stay as they were"


async def _ignore(dirty: Dirty) -> None:
    return None
