"""Selecting conversations to do one thing to all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.model import Conversation
from screens.render import shorten

if TYPE_CHECKING:
    from screens.inbox import InboxScreen

FETCHED_AT_ONCE = 1_000
RANGE_AT_MOST = 10_000


class Selecting:
    """One method an action that selects."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk

    def do_select(self, count: int | None = None) -> None:
        """Select, or do not, and go on to the next row."""
        inbox = self._inbox
        rows = inbox.rows
        last = min(rows.cursor + (count or 1), rows.source.total)
        for index in range(rows.cursor, last):
            row = rows.source.row(index)
            if row is not None:
                inbox.selection.toggle(row)
        rows.refresh_changed()
        rows.move_to(last)
        inbox.update_bars()

    async def do_select_range(self) -> None:
        """All from the one selected last to the one under the cursor."""
        inbox = self._inbox
        rows, here = inbox.rows, inbox.rows.current
        if here is None:
            return
        last = inbox.selection.last
        start = None if last is None else await self._index_of(last)
        first, end = (rows.cursor, rows.cursor) if start is None else sorted((start, rows.cursor))
        if end - first > RANGE_AT_MOST:
            self._desk.say(f"that would be {end - first:,}; {RANGE_AT_MOST:,} at most, or select all of a view", "bad")
            return
        inbox.selection.add(await self._between(first, end + 1))
        inbox.selection.last = here.id
        rows.refresh_changed()
        inbox.update_bars()

    async def _index_of(self, id: int) -> int | None:
        source = self._inbox.rows.source
        found = source.index_of(id) if hasattr(source, "index_of") else None
        if found is None and self._inbox.hits is None:
            pages = self._inbox.pages
            found = await self._desk.client.position(pages.view, id, pages.q)
        return found

    async def _between(self, first: int, end: int) -> list[Conversation]:
        """The rows of the list from `first` on, asked for if they are not at hand."""
        source = self._inbox.rows.source
        here = [row for index in range(first, end) if (row := source.row(index)) is not None]
        if len(here) == end - first or self._inbox.hits is not None:
            return here
        pages, found = self._inbox.pages, list[Conversation]()
        for offset in range(first, end, FETCHED_AT_ONCE):
            limit = min(FETCHED_AT_ONCE, end - offset)
            page = await self._desk.client.conversations(pages.view, pages.q, offset=offset, limit=limit)
            found += page.items
        return found

    async def do_select_all(self) -> None:
        """Everything the list holds, also what is not on the screen; again: nothing."""
        inbox = self._inbox
        if inbox.selection.everything:
            self.do_select_none()
            return
        if inbox.hits is not None and inbox.hits.given:
            inbox.selection.add(await self._between(0, inbox.rows.source.total))
            inbox.rows.refresh_changed()
            inbox.update_bars()
            return
        view, q, total, exact = await self._all()
        if not total:
            return
        inbox.selection.take_all(view, q, total, exact=exact)
        inbox.rows.refresh_changed()
        where = f"all of {view}" + (f" that match {shorten(q, 40)}" if q else "")
        self._desk.say(f"{where}: {total:,}{'' if exact else ' and more'} selected")
        inbox.update_bars()

    async def _all(self) -> tuple[str, str, int, bool]:
        hits, pages = self._inbox.hits, self._inbox.pages
        if hits is None:
            return pages.view, pages.q, pages.total, pages.exact
        page = await self._desk.client.conversations("all", hits.query, limit=1)
        return "all", hits.query, page.total, page.exact

    def do_select_none(self) -> None:
        """Nothing."""
        inbox = self._inbox
        if inbox.selection.clear():
            inbox.rows.refresh_changed()
            inbox.update_bars()
