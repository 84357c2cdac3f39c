"""The main screen: the list, the conversation, the customer. Side by side where there is room, else one at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from desk.keymap import Action, Context
from desk.model import Conversation, Message, Page, View
from screens.base import DeskScreen
from screens.conversation import ConversationPane
from screens.customer import CustomerPane
from screens.desk import Desk
from screens.feed import Dirty
from screens.hits import Hits
from screens.pages import ConversationPages, Where
from screens.reader import PageName
from screens.rows import ConversationRow
from screens.widgets.bars import VIEWS, StatusLine, TopBar
from screens.widgets.rowlist import RowList

if TYPE_CHECKING:
    from screens.deeds import Deeds
    from screens.reading import Reading
    from screens.writing import Writing

WIDE = 120
REST_SECONDS = 0.07
"""How long the cursor has to rest on a row before its conversation is shown beside the list."""
COUNT_SECONDS = 1.0
NEED_A_CONVERSATION = frozenset(
    {"claim", "assign", "resolve", "reopen", "spam", "snooze", "tag", "priority", "reply", "note", "open", "repeat"}
)


class Panes(Horizontal):
    """Holds the panes and shows nothing itself."""

    BLANK = True


class InboxScreen(DeskScreen[None]):
    """Reads, and sends every deed to the one that knows how: `Deeds`, `Writing`, `Reading`."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, id="inbox")
        self._first: asyncio.Task[Page[Conversation] | None] | None = None
        self.pages = ConversationPages(lambda: desk.client, self.start, self.arrived)
        self.painter = ConversationRow(desk.clock.now, self._me)
        self.rows: RowList[Conversation] = RowList(
            self.pages, self.painter, self.inks, keymap=desk.keymap, moved=self._moved, id="list-pane"
        )
        self.top_bar = TopBar(desk, self.inks)
        self.top_bar.view = "open"
        self.conversation = ConversationPane(desk, self.inks, self.start)
        self.customer = CustomerPane(desk, self.inks, self.show_conversation)
        self.customer_pane = Vertical(id="customer-pane")
        self.status = StatusLine(desk, self.inks)
        self.page_name: PageName = "list"
        self.hits: Hits | None = None
        self._helpers: list[object] = []
        self._rest: asyncio.TimerHandle | None = None
        self._before_search = 0
        self._counted = 0

    def compose(self) -> ComposeResult:
        self._arrange()
        yield self.top_bar
        with Panes(id="panes"):
            yield self.rows
            yield self.conversation
            with self.customer_pane:
                yield self.customer
        yield self.status
        yield self.key_line()

    async def on_mount(self) -> None:
        self.rows.focus()
        if self._first is not None and (page := await self._first) is not None:
            await self.pages.load("open", page)
            self._show_source("list")
        self.set_interval(1.0, self._tick)

    def expect(self, first: asyncio.Task[Page[Conversation] | None]) -> None:
        """The first page is on its way."""
        self._first = first

    def _me(self) -> str | None:
        return self.desk.me.name if self.desk.me else None

    # --- who does what ------------------------------------------------------------------------------------

    def helpers(self) -> list[object]:
        """Those that carry out what this screen does not do itself; imported when first needed."""
        if not self._helpers:
            from screens.deeds import Deeds
            from screens.reading import Reading
            from screens.writing import Writing

            self.deeds: Deeds = Deeds(self)
            self.writing: Writing = Writing(self)
            self.reading: Reading = Reading(self)
            self._helpers = [self.deeds, self.writing, self.reading]
        return self._helpers

    def target(self) -> Conversation | None:
        """The conversation that is meant: the one being read, or the one under the cursor."""
        if self.context in ("list", "search"):
            return self.rows.current
        return self.conversation.conversation

    def targets(self, count: int | None = None) -> list[Conversation]:
        """The conversations that are meant: with a count so many from the one under the cursor on."""
        row = self.target()
        if row is None:
            return []
        current = self.rows.current
        if count is None or current is None or current.id != row.id:
            return [row]
        there = min(count, self.rows.source.total - self.rows.cursor)
        rows = [self.rows.source.row(self.rows.cursor + step) for step in range(there)]
        if None in rows:
            self.desk.say("not all of these are here yet; nothing was done, try again", "bad")
            return []
        return [row for row in rows if row is not None]

    def target_message(self) -> Message | None:
        return self.conversation.transcript.message

    def applied(self, conversation: Conversation) -> None:
        """A conversation changed by the rep's own hand: show it at once, and where it belongs soon after."""
        self.pages.put(conversation)
        if self.hits is not None:
            self.hits.put(conversation)
        self.rows.refresh_changed()
        pane = self.conversation
        if pane.conversation is not None and pane.conversation.id == conversation.id:
            pane.conversation = pane.heading.conversation = conversation
            pane.heading.update()
        self.update_bars()

    def can(self, action: str) -> bool:
        if action in ("page-down", "page-up"):
            return True
        if action in NEED_A_CONVERSATION:
            row = self.target()
            return row is not None and not (action == "claim" and row.assignee_name and row.assignee_name == self._me())
        if action in ("split", "why", "fold", "save-attachment"):
            message = self.target_message()
            return message is not None and (action != "save-attachment" or bool(message.attachments))
        if action == "back":
            return self.context != "list" or self.desk.news is not None
        return super().can(action)

    def word(self, action: Action) -> str:
        row = self.target()
        if action.name == "resolve" and row is not None and row.state in ("resolved", "spam"):
            return "reopen"
        return action.label

    # --- pages of a narrow screen -------------------------------------------------------------------------

    @property
    def wide(self) -> bool:
        return self.app.size.width >= WIDE

    def _arrange(self) -> None:
        """Show the pages that there is room for. Not by classes: those have the styles of everything made anew."""
        pages = {"list": self.rows, "conversation": self.conversation, "customer": self.customer_pane}
        for name, page in pages.items():
            page.display = self.wide or name == self.page_name

    def turn_to(self, page: PageName) -> None:
        """Bring one of the three to the front, and the keys to it."""
        if page != self.page_name:
            self.page_name = page
            self._arrange()
        target = {"list": self.rows, "conversation": self.conversation.transcript, "customer": self.customer}[page]
        target.focus(scroll_visible=False)

    def do_pane(self) -> None:
        order: dict[PageName, PageName] = {"list": "conversation", "conversation": "customer", "customer": "customer"}
        if self.page_name == "list":
            self.do_open()
        else:
            self.turn_to(order[self.page_name])

    def do_back(self) -> None:
        if self.desk.hush():
            return
        if self.page_name != "list":
            self.turn_to("conversation" if self.page_name == "customer" and not self.wide else "list")
        elif self.hits is not None:
            self.leave_search()

    # --- opening ------------------------------------------------------------------------------------------

    def do_open(self) -> None:
        if self.context == "customer":
            self.customer.do_open()
            return
        row = self.rows.current
        if row is not None:
            self.show_conversation(row)

    def show_conversation(self, row: Conversation) -> None:
        """Read a conversation."""
        self.conversation.begin(row)
        self.turn_to("conversation")
        self.start(self._show(row), group="show", alone=True)

    async def _show(self, row: Conversation) -> None:
        opening = self.conversation.open(row)
        await (opening if self.conversation.at_hand(row) else self.in_one_paint(opening))
        await self.customer.open(row.customer_id, row.id)
        self.update_bars()

    def do_next_conversation(self, count: int | None = None) -> None:
        self._step(count or 1)

    def do_previous_conversation(self, count: int | None = None) -> None:
        self._step(-(count or 1))

    def _step(self, by: int) -> None:
        self.rows.move_to(self.rows.cursor + by)
        row = self.rows.current
        if row is not None and self.context not in ("list", "search"):
            self.show_conversation(row)

    def _moved(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(REST_SECONDS, self._rested)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.do_open()

    def _rested(self) -> None:
        self._rest = None
        if not self.is_attached:
            return
        row = self.rows.current
        if self.page_name == "list":
            if row is None:
                self.conversation.clear()
                self.customer.clear()
            elif self.wide:
                self.start(self._show(row), group="show", alone=True)
            else:
                self.start(self.conversation.prefetch(row), group="show", alone=True)
        self.status.resting = self._position()
        self.update_bars()

    def _position(self) -> str:
        total = self.rows.source.total
        if self.hits is not None:
            more = "" if self.hits.complete else " and more"
            return f"{self.rows.cursor + 1 if total else 0} of {total:,}{more} for {self.hits.query}"
        return f"{self.rows.cursor + 1:,} of {total:,} {self.pages.view}" if total else ""

    # --- views and searches -------------------------------------------------------------------------------

    def do_view(self, argument: str) -> None:
        view = next((view for view in VIEWS if view == argument), None)
        if view is None:
            self.desk.say(f"there is no view {argument}; views are {', '.join(VIEWS)}", "bad")
            return
        self.turn_to("list")
        self.show_view(view)

    def show_view(self, view: View) -> None:
        self.start(self._load_view(view), group="view", alone=True)

    async def _load_view(self, view: View) -> None:
        await self.pages.load(view)
        self.top_bar.view = view
        self.hits = None
        self._show_source("list")

    def _show_source(self, context: Context, cursor: int = 0) -> None:
        self.rows.source = self.hits if self.hits is not None else self.pages
        self.rows.context = context
        self.rows.empty = self._nothing()
        self.rows.settle(cursor, max(0, cursor - self.rows.size.height // 2))
        self.rows.refresh()
        self._rested()

    def _nothing(self) -> str:
        if self.hits is not None:
            return "nothing found"
        return {"open": "nothing to answer", "mine": "nothing of yours"}.get(self.pages.view, "nothing here")

    def do_next_view(self) -> None:
        self._turn_view(1)

    def do_previous_view(self) -> None:
        self._turn_view(-1)

    def _turn_view(self, by: int) -> None:
        self.show_view(VIEWS[(VIEWS.index(self.pages.view) + by) % len(VIEWS)])

    def show_hits(self, hits: Hits) -> None:
        """The list shows what a search found."""
        if self.hits is None:
            self._before_search = self.rows.cursor
        self.hits = hits
        self.turn_to("list")
        self._show_source("search")

    def leave_search(self) -> None:
        self.hits = None
        self._show_source("list", self._before_search)
        self.desk.feed.everything()

    # --- keeping up ---------------------------------------------------------------------------------------

    def arrived(self) -> None:
        """Rows came that were missing."""
        self.rows.refresh_changed()

    async def absorb(self, dirty: Dirty) -> None:
        if dirty.touches("conversation", "message", "customer", "agent"):
            await self._refresh_rows(dirty)
            await self._count()
        if dirty.touches("conversation", "message", "outbox", "customer"):
            await self.conversation.absorb(dirty)
        if dirty.touches("customer") and self.customer.customer is not None:
            await self.customer.open(self.customer.customer.id, self.customer.current)
        self.update_bars()

    async def _refresh_rows(self, dirty: Dirty) -> None:
        rows = self.rows
        if self.hits is not None:
            await self._refresh_hits(dirty)
            return
        found = await self.pages.refresh(self._where)
        if found is None or self.hits is not None:
            return
        rows.empty = self._nothing()
        offset = rows.cursor - rows.top
        if found.at is None or found.at == rows.cursor:
            rows.settle(rows.cursor)
        else:
            rows.settle(found.at, 0 if rows.top == 0 else found.at - offset)

    def _where(self) -> Where:
        row = self.rows.current if self.hits is None else None
        return Where(self.rows.top, self.rows.top + self.rows.size.height, row.id if row else None)

    async def _refresh_hits(self, dirty: Dirty) -> None:
        assert self.hits is not None
        ids = [id for id in dirty.conversations if self.hits.index_of(id) is not None][:100]
        for conversation in await self.desk.client.conversations_by_id(ids) if ids else []:
            if self.hits is not None:
                self.hits.put(conversation)
        self.rows.refresh_changed()

    async def _count(self) -> None:
        now = self.desk.clock.now()
        if now - self._counted < COUNT_SECONDS * 1000:
            return
        self._counted = now
        self.top_bar.counts = await self.desk.client.counts()

    def _tick(self) -> None:
        self.conversation.tick()
        if self.desk.clock.now() // 60_000 != self._minute:
            self._minute = self.desk.clock.now() // 60_000
            self.rows.repaint()
        self.update_bars()

    _minute = 0

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()
        self.call_after_refresh(self._rested)
