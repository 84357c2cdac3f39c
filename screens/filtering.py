"""Filtering the list while the filter is typed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from desk.client import Refused
from screens.pages import PAGE

if TYPE_CHECKING:
    from screens.filterline import FilterLine
    from screens.inbox import InboxScreen


class Filtering:
    """One method an action that filters."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk
        self._line: FilterLine | None = None
        self._stood: tuple[int | None, int | None] = (None, None)
        """The conversation that the filter is to stay with, and its place in the view without one."""
        self._left_on: int | None = None
        """What the cursor was left on when the list was filtered last."""
        self._wanted: str | None = None
        """The filter that was typed last, while another is being asked for."""

    async def do_filter(self, argument: str | None = None) -> None:
        """Show only what matches, while it is typed."""
        inbox = self._inbox
        if inbox.hits is not None:
            inbox.viewing.leave_search()
        inbox.turn_to("list")
        if argument is not None:
            await self._filtered(argument.strip())
            return
        if self._line is None:
            from screens.filterline import FilterLine

            self._line = FilterLine(self._desk, inbox.inks, self.filter, self._closed, inbox.rows.act)
            await inbox.mount(self._line, before="#status")
        self._line.open(inbox.pages.q)
        await self._focused()
        inbox.release_keys()

    async def _focused(self) -> None:
        """Textual moves the focus later, in the order in which it was asked to: wait until it has."""
        moved = asyncio.Event()
        self._inbox.app.call_later(moved.set)
        await moved.wait()

    def filter(self, q: str) -> None:
        """Show what matches. While one filter is asked for, only the newest of those typed meanwhile waits."""
        asking, self._wanted = self._wanted is not None, q
        if not asking:
            self._inbox.start(self._catch_up(), group="filter", alone=True)

    async def _catch_up(self) -> None:
        try:
            while (q := self._wanted) is not None:
                await self._filtered(q)
                if self._wanted == q:
                    self._wanted = None
        finally:
            self._wanted = None

    async def _filtered(self, q: str) -> None:
        """The view through that filter, the cursor on the conversation where it was."""
        inbox = self._inbox
        if q == inbox.pages.q:
            return
        anchor, near = self._anchor()
        if inbox.selection.everything:
            inbox.selection.clear()
        try:
            at = await inbox.pages.load(inbox.pages.view, q, anchor=anchor, near=near and bool(q))
        except Refused as error:
            if error.problem.code != "bad-query" or self._line is None:
                raise
            self._line.refused(error.problem)
            return
        inbox.viewing.show_source("list", at)
        row = inbox.rows.current
        self._left_on = row.id if row is not None else None
        inbox.paint()

    def _anchor(self) -> tuple[int | None, bool]:
        """The conversation to stay with, and whether it can only be on the first page.

        A filter takes rows away, so nothing stands further down in it than without. One that does not match is come
        back to when it does, unless the rep moved on.
        """
        inbox = self._inbox
        row = inbox.rows.current
        here = row.id if row is not None else None
        if not inbox.pages.q:
            self._stood = (here, inbox.rows.cursor)
        elif here != self._left_on:
            self._stood = (here, None)
        anchor, index = self._stood
        return anchor, index is not None and index < PAGE

    def _closed(self, *, keep: bool) -> None:
        self._inbox.set_focus(self._inbox.rows, scroll_visible=False)
        if not keep:
            self.filter("")

    def do_unfilter(self) -> None:
        """Take the filter off."""
        self.filter("")
