"""The main screen: the list, the conversation, the customer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from desk.keymap import Action
from desk.keymap.calling import OF_CALLS
from desk.keymap.live import OF_SUPERVISORS
from desk.keymap.offering import OF_OFFERS
from desk.model import Conversation, Draft, Message, Page, View
from screens.base import DeskScreen
from screens.callbar import CallBar
from screens.calling import Calling
from screens.chatting import Chatting
from screens.conversation import OF_A_MESSAGE, ConversationPane
from screens.customer import CustomerPane
from screens.customers.trail import Trail
from screens.desk import Desk
from screens.feed import Dirty
from screens.hits import Hits
from screens.offering import Offering
from screens.opening import Opening
from screens.pages import ConversationPages
from screens.panes import BEFORE, THREE, TWO, WIDE, WITH_VIEWS, Panes
from screens.reader import One, PageName
from screens.rows import ConversationRow, Look
from screens.selection import Selection
from screens.targets import NOBODY, Targets, in_a_row
from screens.viewing import COUNT_SECONDS, Viewing
from screens.widgets.bars import StatusLine, TopBar
from screens.widgets.rowlist import RowList
from screens.widgets.views import ViewsColumn

if TYPE_CHECKING:
    from desk.steps import Step
    from screens.acting import Acting
    from screens.deeds import Deeds
    from screens.filtering import Filtering
    from screens.reading import Reading
    from screens.within import Within
    from screens.writing import Writing

HIGH = 32
"""Lines from which on answers to choose from have room beside what is written."""
NEED_A_CONVERSATION = frozenset((
    "claim", "assign", "resolve", "reopen", "spam", "snooze", "tag", "priority", "queue", "reply", "note", "open",
    "repeat",
))  # fmt: skip


class InboxScreen(DeskScreen[None]):
    """Reads, and sends every deed to the one that knows how: `Deeds`, `Writing`, `Reading`."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"), (TWO, "-two"), (THREE, "-three"), (WITH_VIEWS, "-views"), (WIDE, "-wide"),
    ]  # fmt: skip
    VERTICAL_BREAKPOINTS = [(0, "-low"), (HIGH, "-high")]  # noqa: RUF012

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, id="inbox")
        self._first: asyncio.Task[Page[Conversation] | None] | None = None
        self.opening = Opening(self)
        self.pages = ConversationPages(lambda: desk.client, self.start, self.arrived)
        self.selection = Selection()
        self.painter = ConversationRow(desk.clock.now, self._look)
        self.rows: RowList[Conversation] = RowList(
            self.pages, self.painter, self.inks, moved=self.opening.moved, look=self._look, id="list-pane"
        )
        self.top_bar = TopBar(desk, self.inks)
        self.top_bar.view = "open"
        self.viewing = Viewing(self)
        self.views = ViewsColumn(desk, self.inks, self.viewing.show)
        self.conversation = ConversationPane(desk, self.inks, self.start)
        self.conversation.opened = lambda: self.page_name != "list"
        self.conversation.changed = self.applied
        self.trail = Trail(self)
        self.customer = CustomerPane(desk, self.inks, self.trail.read)
        self.panes = Panes(self.views, self.rows, self.conversation, self.customer)
        self.calling = Calling(self)
        self.chatting = Chatting(self)
        self.offering = Offering(self)
        self.call_bar = CallBar(desk, self.inks)
        self.status = StatusLine(desk, self.inks)
        self.hits: Hits | None = None
        self._helpers: list[object] = []

    def compose(self) -> ComposeResult:
        self._arrange()
        yield self.top_bar
        yield self.offering.bar
        yield self.chatting.bar
        yield self.panes
        yield self.call_bar
        yield self.status
        yield self.key_line()

    async def on_mount(self) -> None:
        self.rows.focus()
        if self._first is not None and (page := await self._first) is not None:
            await self.pages.load("open", first=page)
            self.viewing.show_source("list")
        self.set_interval(1.0, self._tick)

    def expect(self, first: asyncio.Task[Page[Conversation] | None]) -> None:
        """The first page is on its way."""
        self._first = first

    def _look(self, row: Conversation) -> Look:
        id, desk = row.id, self.desk
        selected = self.selection.holds(id) if self.selection else False
        marks = (id in desk.drafts, id in desk.failed, id in desk.later, desk.is_mine(row))
        return Look(selected, *marks, desk.callbacks.get(id))

    # --- who does what ------------------------------------------------------------------------------------

    def helpers(self) -> list[object]:
        """Those that carry out what this screen does not do itself; imported when first needed."""
        if not self._helpers:
            from screens.acting import Acting
            from screens.customers.editing import CustomerEditing
            from screens.customers.merging import CustomerMerging
            from screens.deeds import Deeds
            from screens.filtering import Filtering
            from screens.moving import Moving
            from screens.parts import Parts
            from screens.reading import Reading
            from screens.saving import Saving
            from screens.selecting import Selecting
            from screens.supervising import Supervising
            from screens.within import Within
            from screens.writing import Writing

            self.within: Within = Within(self)
            self.acting: Acting = Acting(self)
            self.deeds: Deeds = Deeds(self)
            self.writing: Writing = Writing(self)
            self.reading: Reading = Reading(self)
            self.filtering: Filtering = Filtering(self)
            self._helpers = [self.acting, self.deeds, self.writing, self.reading, self.filtering]
            self._helpers += [self.viewing, self.opening, self.calling, self.chatting, self.offering]
            self._helpers += [Selecting(self), Saving(self), Moving(self), Parts(self), Supervising(self)]
            self._helpers += [CustomerEditing(self), CustomerMerging(self)]
            self._helpers.append(self.within)
        return self._helpers

    def target(self) -> Conversation | None:
        """The conversation that is meant: the one being read, or the one under the cursor."""
        if self.context in ("list", "search"):
            return self.rows.current
        return self.conversation.conversation

    def targets(self, count: int | None = None) -> Targets:
        """The conversations that are meant: those selected, or the target, or with a count so many from it on."""
        row = self.target()
        if self.selection and self.context in ("list", "search"):
            near = (self.rows.source.row(index) for index in range(self.rows.top, self.rows.top + self.size.height))
            return self.selection.targets([each for each in (row, *near) if each is not None])
        if row is None:
            return NOBODY
        current = self.rows.current
        if count is None or current is None or current.id != row.id:
            return Targets.of([row])
        several = in_a_row(self.rows.source, self.rows.cursor, count)
        if several is None:
            self.desk.say("not all of these are here yet; nothing was done, try again", "bad")
        return several or NOBODY

    async def carry_out(
        self, targets: Targets, step: Step, one: One, told: str, told_of_many: str = "", *, leaves: bool = False
    ) -> None:
        """See `screens.reader.ReaderScreen`."""
        self.helpers()
        await self.acting.carry_out(targets, step, one, told, told_of_many, leaves=leaves)

    def customer_meant(self) -> int | None:
        """The customer in the pane the keys go to, or else the one of the conversation that is meant."""
        if self.context == "customer" and self.customer.customer is not None:
            return self.customer.customer.id
        row = self.target()
        return row.customer_id if row is not None else None

    def show_customer(self, customer_id: int) -> None:
        """One customer on a page of their own."""
        self.trail.show_customer(customer_id)

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

    def shows_key(self, action: str) -> bool:
        known = self.desk.heard_calls or action not in OF_CALLS
        return known and action not in OF_SUPERVISORS and self.can(action)

    def can(self, action: str) -> bool:
        if action in ("page-down", "page-up"):
            return True
        if action in NEED_A_CONVERSATION:
            row = self.target()
            if self.selection and action not in ("reply", "note", "open"):
                return True
            return row is not None and not (action == "claim" and self.desk.is_mine(row))
        if action in OF_A_MESSAGE:
            return self.conversation.can(action)
        if action in OF_CALLS:
            return self.calling.can(action)
        if action in OF_SUPERVISORS:
            row = self.target()
            theirs = row is not None and row.assignee_id is not None and not self.desk.is_mine(row)
            return theirs or (action == "listen" and row is not None)
        if action in OF_OFFERS:
            return self.offering.can(action)
        if action.startswith("customer-"):
            return self.customer_meant() is not None
        if action == "back":
            return self.context != "list" or self.desk.news is not None or bool(self.selection or self.pages.q)
        return super().can(action)

    def word(self, action: Action) -> str:
        row = self.target()
        if action.name == "resolve" and row is not None and row.state in ("resolved", "spam"):
            return "reopen"
        if action.name == "next-conversation" and self.conversation.transcript.wanted is not None:
            return "next place"
        if action.name == "open" and self.context == "customer" and self.customer.edits:
            return "edit"
        return action.label

    def take_key(self, event: events.Key) -> None:
        if not self.holding and self.chatting.meant(event):
            event.stop()
            event.prevent_default()
            self.perform("chat", event.key)
        else:
            super().take_key(event)

    def perform(self, action: str, argument: str | None = None, count: int | None = None) -> None:
        if action in OF_A_MESSAGE and self.conversation.awaited:
            self.hold_keys()
            self.start(self._perform_then(action, argument, count))
        else:
            super().perform(action, argument, count)

    async def _perform_then(self, action: str, argument: str | None, count: int | None) -> None:
        """What is done with a message is done once it is here, and what was pressed after it comes after it."""
        try:
            await self.conversation.arrival()
        finally:
            later, self._held = self._held or [], None
        if self.target_message() is None:
            return
        super().perform(action, argument, count)
        for key in later:
            self._forward_event(key)

    # --- from pane to pane --------------------------------------------------------------------------------

    @property
    def page_name(self) -> PageName:
        """Which of the three the keys go to."""
        return self.panes.front

    def _arrange(self) -> None:
        self.panes.make_room()
        self.top_bar.alone = not self.views.display

    def turn_to(self, page: PageName) -> None:
        """Bring one of the three to the front, and the keys to it."""
        self.set_focus(self.panes.turn_to(page), scroll_visible=False)

    def do_pane(self) -> None:
        if self.page_name == "list":
            self.opening.do_open()
        else:
            self.turn_to(BEFORE[self.page_name])

    def _ends_finding(self) -> bool:
        return self.conversation.transcript.wanted is not None and self.within.end()

    def do_back(self) -> None:
        if self.desk.hush() or self._ends_finding() or self.trail.back():
            return
        if self.page_name != "list":
            self.turn_to(self.panes.behind)
        elif self.selection.clear():
            self.rows.refresh_changed()
            self.update_bars()
        elif self.hits is not None:
            self.viewing.leave_search()
        elif self.pages.q:
            self.filtering.do_unfilter()

    # --- opening ------------------------------------------------------------------------------------------

    def show_conversation(self, row: Conversation) -> None:
        """Read a conversation."""
        self.opening.show(row)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.opening.do_open()

    def say_position(self) -> None:
        """The status line says where the cursor is."""
        self.status.resting = self._position()
        self.update_bars()

    def update_bars(self) -> None:
        self._say_selected()
        self.call_bar.follow()
        self.offering.bar.follow()
        self.chatting.follow(self.conversation.conversation)
        super().update_bars()

    def _say_selected(self) -> None:
        selected = self.selection
        self.status.selected = f"{selected.count:,}{'' if selected.exact else '+'} selected" if selected else ""

    def _position(self) -> str:
        total = self.rows.source.total
        if self.hits is not None:
            more = "" if self.hits.complete else " and more"
            return f"{self.rows.cursor + 1 if total else 0} of {total:,}{more} for {self.hits.query}"
        more = "" if self.pages.exact else "+"
        return f"{self.rows.cursor + 1:,} of {total:,}{more} {self.pages.view}" if total else ""

    # --- views and searches -------------------------------------------------------------------------------

    def show_view(self, view: View) -> None:
        """The list shows a view."""
        self.viewing.show(view)

    def show_hits(self, hits: Hits) -> None:
        """The list shows what a search found."""
        self.viewing.show_hits(hits)

    def show_quarantined(self) -> None:
        """What could not be read is in the ledger."""
        from screens.listing import LedgerScreen

        ledger = LedgerScreen(self.desk)
        ledger.only_quarantined = True
        self.app.push_screen(ledger, self._opened)

    def _opened(self, row: Conversation | Draft | None) -> None:
        if isinstance(row, Conversation):
            self.show_conversation(row)
            self.release_keys()

    def say_where(self) -> None:
        """The bars say which view it is, through which filter."""
        self.top_bar.view = self.views.view = self.pages.view
        self.top_bar.q = self.pages.q
        for bar in (self.top_bar, self.views):
            bar.update()

    # --- keeping up ---------------------------------------------------------------------------------------

    def arrived(self) -> None:
        """Rows came that were missing."""
        self.rows.refresh_changed()

    async def absorb(self, dirty: Dirty) -> None:
        if dirty.touches("conversation", "message", "customer", "agent", "queue", "read", "mention"):
            await self.viewing.refresh(dirty)
            await self.viewing.count(at_most_often=COUNT_SECONDS)
        if dirty.touches("outbox", "draft", "callback"):
            self.rows.refresh_changed()
        if dirty.touches("conversation", "message", "outbox", "customer", "presence", "read", "mention", "chat"):
            await self.conversation.absorb(dirty)
        await self.customer.absorb(dirty)
        await self.chatting.absorb(dirty)
        self.update_bars()

    def _tick(self) -> None:
        if self.viewing.stale:
            self.start(self.viewing.count(at_most_often=COUNT_SECONDS), group="count", alone=True)
        self.viewing.keep_order()
        self.conversation.tick()
        self.chatting.tick()
        if self.desk.clock.now() // 60_000 != self._minute:
            self._minute = self.desk.clock.now() // 60_000
            self.rows.repaint()
        self.update_bars()

    _minute = 0

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()
        self.call_after_refresh(self.opening.rested)
