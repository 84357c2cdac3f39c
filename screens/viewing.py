"""What the list shows: which view, through which filter, what a search found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desk.client import Refused
from desk.clock import SECOND, Millis
from desk.keymap import Context
from desk.model import BUILT_IN_VIEWS, Conversation, SearchHit, SearchPage, View, ViewInfo
from screens.feed import Dirty
from screens.hits import Hits
from screens.pages import Where

if TYPE_CHECKING:
    from screens.inbox import InboxScreen

COUNT_SECONDS = 1.0
"""The shortest time between two counts of all views."""
ORDERED_EVERY: Millis = 20 * SECOND
OF_URGENCY = frozenset({"open", "mine", "unassigned", "queue", "channel"})
ALWAYS_TURNED_TO: tuple[View, ...] = ("mine", "unassigned", "open")
"""Views that `tab` turns to though they are empty."""


def by_name(views: Sequence[ViewInfo], text: str) -> ViewInfo | None:
    """The view that is called so: by its name, or by its title if only one has it."""
    named = next((view for view in views if view.name == text), None)
    if named is not None:
        return named
    titled = [view for view in views if view.title.casefold() == text.casefold()]
    return titled[0] if len(titled) == 1 else None


class Viewing:
    """One method an action of the group `Find`."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk
        self._counted = 0
        self._refreshed = self._desk.clock.now()
        self.stale = False
        """Whether something changed since all views were counted."""
        self._before_search = 0

    # --- views --------------------------------------------------------------------------------------------

    async def do_view(self, argument: str) -> None:
        if not self._desk.views:
            await self.count()
        known = by_name(self._desk.views, argument)
        if known is None and argument not in BUILT_IN_VIEWS:
            self._desk.say(
                f"there is no view {argument}; views are {', '.join(v.name for v in self._desk.views)}", "bad"
            )
            return
        self.show(known.name if known is not None else argument)

    def show(self, view: View) -> None:
        """Another view, without a filter; quarantined mail is in the ledger."""
        if view == "quarantined":
            self._inbox.show_quarantined()
            return
        self._inbox.turn_to("list")
        self._inbox.start(self._load(view), group="view", alone=True)

    async def narrow(self, view: View, q: str) -> None:
        """Another view through that filter; keys that waited for it are for the list."""
        self._inbox.turn_to("list")
        await self._load(view, q)
        self._inbox.release_keys()

    async def _load(self, view: View, q: str = "") -> None:
        inbox = self._inbox
        if view != inbox.pages.view or q:
            inbox.selection.clear()
        try:
            await inbox.in_one_paint(self._switch(view, q))
        except Refused as error:
            if error.problem.code != "not-found":
                raise
            self._desk.say(error.problem.message, "bad")

    async def _switch(self, view: View, q: str) -> None:
        await self._inbox.pages.load(view, q)
        self._inbox.hits = None
        self.show_source("list")

    def show_source(self, context: Context, cursor: int = 0) -> None:
        """The list shows the hits of a search, or else the view."""
        inbox = self._inbox
        rows = inbox.rows
        inbox.say_where()
        rows.source = inbox.hits if inbox.hits is not None else inbox.pages
        rows.context = context
        rows.empty = self.nothing()
        rows.settle(cursor, max(0, cursor - rows.size.height // 2))
        rows.refresh()
        inbox.say_position()

    def nothing(self) -> str:
        """What is said instead of rows."""
        inbox = self._inbox
        if inbox.hits is not None:
            return "nothing found"
        if inbox.pages.q:
            return f"nothing in {inbox.pages.view} matches"
        if not inbox.pages.loaded:
            return ""
        return {"open": "nothing to answer", "mine": "nothing of yours"}.get(inbox.pages.view, "nothing here")

    def do_next_view(self, count: int | None = None) -> None:
        self._turn(count or 1)

    def do_previous_view(self, count: int | None = None) -> None:
        self._turn(-(count or 1))

    def _turn(self, by: int) -> None:
        """To the next view that holds something."""
        here = self._inbox.pages.view
        views = [v.name for v in self._desk.views if v.count or v.name == here or v.name in ALWAYS_TURNED_TO]
        views = [name for name in views if name != "quarantined"] or [*ALWAYS_TURNED_TO]
        self.show(views[(views.index(here) + by) % len(views)] if here in views else views[0])

    async def do_pick_view(self) -> None:
        """All views with how much they hold, to choose from by a few letters."""
        from screens.viewpicker import ViewPicker

        inbox = self._inbox

        def chosen(view: str | None) -> None:
            if view is not None:
                self.show(view)

        inbox.push_over(ViewPicker(self._desk, inbox.pages.view), chosen)

    async def find(self, conversation_id: int) -> None:
        """Put the cursor on a conversation, if the list holds it."""
        inbox = self._inbox
        if inbox.hits is not None:
            at = inbox.hits.index_of(conversation_id)
            if at is not None:
                inbox.rows.move_to(at)
            return
        pages = inbox.pages
        at = await self._desk.client.position(pages.view, conversation_id, pages.q)
        if at is not None:
            at = await pages.load(pages.view, pages.q, anchor=conversation_id)
            inbox.rows.settle(at)
            inbox.rows.refresh()

    # --- keeping up ---------------------------------------------------------------------------------------

    async def refresh(self, dirty: Dirty) -> None:
        """Something changed: ask again for what is on the screen; the cursor stays with its conversation."""
        inbox = self._inbox
        rows, pages = inbox.rows, inbox.pages
        self._refreshed = self._desk.clock.now()
        if inbox.hits is not None:
            await self._refresh_hits(inbox.hits, dirty)
            return
        found = await pages.refresh(self._where)
        if found is None or inbox.hits is not None:
            return
        rows.empty = self.nothing()
        inbox.selection.counted(pages.view, pages.q, pages.total, exact=pages.exact)
        if found.at is None or found.at == rows.cursor:
            rows.settle(rows.cursor)
        else:
            rows.settle(found.at, 0 if rows.cursor == 0 else found.at - (rows.cursor - rows.top))

    def keep_order(self) -> None:
        """Time alone changes the order of urgency: it is asked for again once in a while."""
        inbox = self._inbox
        due = self._desk.clock.now() - self._refreshed >= ORDERED_EVERY
        if due and inbox.hits is None and inbox.pages.view.partition(":")[0] in OF_URGENCY:
            self._refreshed = self._desk.clock.now()
            inbox.start(self.refresh(Dirty()), group="order", alone=True)

    def _where(self) -> Where:
        rows = self._inbox.rows
        row = rows.current if self._inbox.hits is None else None
        return Where(rows.top, rows.top + rows.size.height, row.id if row else None)

    async def _refresh_hits(self, hits: Hits, dirty: Dirty) -> None:
        ids = [id for id in dirty.conversations if hits.index_of(id) is not None][:100]
        for conversation in await self._desk.client.conversations_by_id(ids) if ids else []:
            hits.put(conversation)
        self._inbox.rows.refresh_changed()

    # --- counts -------------------------------------------------------------------------------------------

    async def count(self, *, at_most_often: float = 0.0) -> None:
        """Ask how much each view holds. Raises ClientError."""
        now = self._desk.clock.now()
        self.stale = now - self._counted < at_most_often * 1000
        if self.stale:
            return
        self._counted = now
        self._desk.views = await self._desk.client.views()
        inbox = self._inbox
        inbox.selection.counted(inbox.pages.view, inbox.pages.q, inbox.pages.total, exact=inbox.pages.exact)
        inbox.say_where()

    # --- searches -----------------------------------------------------------------------------------------

    def show_hits(self, hits: Hits) -> None:
        """The list shows what a search found."""
        inbox = self._inbox
        if inbox.hits is None:
            self._before_search = inbox.rows.cursor
        inbox.hits = hits
        inbox.selection.clear()
        inbox.turn_to("list")
        self.show_source("search")

    def list_these(self, title: str, rows: Sequence[Conversation]) -> None:
        """The list shows conversations that nobody searched for; `title` says of what they are."""
        inbox = self._inbox
        page = SearchPage(hits=tuple(SearchHit(conversation=row, message_id=0) for row in rows))
        self.show_hits(Hits(title, page, lambda: inbox.desk.client, inbox.start, inbox.arrived, given=True))

    def leave_search(self) -> None:
        inbox = self._inbox
        inbox.hits = None
        inbox.selection.clear()
        self.show_source("list", self._before_search)
        self._desk.feed.everything()
