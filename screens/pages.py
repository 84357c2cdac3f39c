"""A view of the server's conversations, of which the terminal holds only the pages near the cursor."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple

from desk.client import Client, ClientError
from desk.model import Agent, Conversation, Page, View

PAGE = 64
"""Conversations asked for at a time: more than a tall screen holds."""
KEPT = 24
"""Pages kept. What is further away is asked for again when it comes near."""
AHEAD = 2
"""Pages that are fetched before the cursor gets there, so that no key waits for the server."""
AHEAD_AFTER_SECONDS = 0.03
"""What is on the screen comes, and is painted, first."""
AHEAD_OF_A_FILTER_SECONDS = 0.25
"""Of a filter that is being typed the next letter changes all of it."""


class Where(NamedTuple):
    """What is on the screen: rows `first` to `last`, and the conversation under the cursor."""

    first: int
    last: int
    anchor: int | None


class Found(NamedTuple):
    """Where conversation `anchor` is now; None if it is in this view no longer."""

    anchor: int | None
    at: int | None


MATCHES: Mapping[View, Callable[[Conversation, Agent | None], bool]] = {
    **{state: lambda row, me, state=state: row.state == state  # type: ignore[misc]
       for state in ("open", "waiting", "snoozed", "resolved", "spam")},
    "mine": lambda row, me: row.state == "open" and me is not None and row.assignee_id == me.id,
    "unassigned": lambda row, me: row.state == "open" and row.assignee_id is None,
    "all": lambda row, me: True,
}  # fmt: skip
"""The views of which a conversation itself tells whether it belongs there."""


class ConversationPages:
    """The rows of one view; a `Source` for a `RowList`.

    `start` runs a coroutine in the background, `arrived` is called whenever rows came that were missing.
    """

    def __init__(
        self,
        client: Callable[[], Client],
        start: Callable[[Coroutine[Any, Any, None]], object],
        arrived: Callable[[], None],
        view: View = "open",
    ) -> None:
        self._client = client
        self._start = start
        self._arrived = arrived
        self.view: View = view
        self.q = ""
        """The filter, in the search language."""
        self.exact = True
        """False: there are more than `total`."""
        self._pages: OrderedDict[int, list[Conversation]] = OrderedDict()
        self._stale: set[int] = set()
        """Those of before the last change: shown until they are asked for again, which is when they are seen."""
        self._asked: set[int] = set()
        self._generation = 0
        """Answers to questions of an older generation are not of use."""
        self._loads = 0
        self._total = 0
        self._ahead_after = AHEAD_AFTER_SECONDS
        self.loaded = False
        """Whether the server has answered for this view at all."""

    # --- as a source --------------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        return self._total

    def row(self, index: int) -> Conversation | None:
        page = self._pages.get(index // PAGE)
        offset = index % PAGE
        return page[offset] if page is not None and offset < len(page) else None

    def near(self, first: int, last: int, ahead: int) -> None:
        lowest, highest = first // PAGE, max(last, first) // PAGE
        wanted = dict.fromkeys(range(lowest, highest + 1), 0.0)
        later = self._ahead_after if lowest == 0 else AHEAD_AFTER_SECONDS
        wanted |= {highest + step: later for step in range(1, AHEAD + 1) if ahead >= 0}
        wanted |= {lowest - step: later for step in range(1, AHEAD + 1) if ahead <= 0}
        for number, after in wanted.items():
            there = number in self._pages
            if there:
                self._pages.move_to_end(number)
            if there and not (number in self._stale and lowest <= number <= highest):
                continue
            if 0 <= number * PAGE < self._total and number not in self._asked:
                self._asked.add(number)
                self._start(self._fill(number, self._generation, after))

    async def _fill(self, number: int, generation: int, after: float) -> None:
        await asyncio.sleep(after)
        if generation != self._generation:
            return
        try:
            page = await self._page(number)
        except ClientError:
            return
        finally:
            if generation == self._generation:
                self._asked.discard(number)
        if generation != self._generation:
            return
        self._keep(number, page)
        self._arrived()

    def _keep(self, number: int, page: Page[Conversation]) -> None:
        self._pages[number] = page.items
        self._pages.move_to_end(number)
        self._stale.discard(number)
        self._total = page.total
        self.exact = page.exact
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)

    # --- keeping up ---------------------------------------------------------------------------------------

    def put(self, conversation: Conversation) -> None:
        """Show a newer version of a row that is here; where it belongs, the next `refresh` tells."""
        for page in self._pages.values():
            for index, row in enumerate(page):
                if row.id == conversation.id:
                    page[index] = conversation

    def left_by(self, conversation: Conversation, me: Agent | None) -> bool:
        """Whether a conversation is known to belong here no longer."""
        if self.view.startswith(("queue:", "channel:")):
            return conversation.state != "open"
        matches = MATCHES.get(self.view)
        return matches is not None and not matches(conversation, me)

    def remove(self, conversation_id: int) -> None:
        """Take a row out that is known to belong here no longer; those behind it move up at once."""
        index = self.index_of(conversation_id)
        if index is None:
            return
        number = index // PAGE
        del self._pages[number][index % PAGE]
        while (following := self._pages.get(number + 1)) is not None and following:
            self._pages[number].append(following.pop(0))
            number += 1
        self._total -= 1
        self._generation += 1
        self._asked.clear()

    def index_of(self, conversation_id: int) -> int | None:
        """Where a conversation stands, as far as the pages that are here tell."""
        for number in sorted(self._pages, key=self._stale.__contains__):
            for index, row in enumerate(self._pages[number]):
                if row.id == conversation_id:
                    return number * PAGE + index
        return None

    async def load(
        self,
        view: View,
        q: str = "",
        *,
        first: Page[Conversation] | None = None,
        anchor: int | None = None,
        near: bool = False,
    ) -> int:
        """Show another view or filter from its top; where the conversation `anchor` stands in it, else 0.

        Raises ClientError. What was asked for before and comes later is of no use. `near`: the anchor is on the first
        page, or nowhere.
        """
        self._loads += 1
        load = self._loads
        fresh = {0: first or await self._page(0, view, q)}
        at = await self._place(anchor, fresh, view, q, near=near) if anchor is not None else None
        if load != self._loads:
            return 0
        self._generation += 1
        self._ahead_after = AHEAD_OF_A_FILTER_SECONDS if q else AHEAD_AFTER_SECONDS
        self.view, self.q = view, q
        self._pages.clear()
        self.loaded = True
        self._replace(fresh)
        return at or 0

    async def _place(
        self, anchor: int, fresh: dict[int, Page[Conversation]], view: View, q: str, *, near: bool = False
    ) -> int | None:
        """Where a conversation stands, with its page among the fresh ones."""
        for number, page in fresh.items():
            for place, row in enumerate(page.items):
                if row.id == anchor:
                    return number * PAGE + place
        if near or all(page.total <= PAGE for page in fresh.values()):
            return None
        index = await self._client().position(view, anchor, q)
        if index is not None and index // PAGE not in fresh:
            fresh[index // PAGE] = await self._page(index // PAGE, view, q)
        return index

    def _replace(self, fresh: dict[int, Page[Conversation]]) -> None:
        self._asked.clear()
        self._stale = set(self._pages)
        for number, page in fresh.items():
            self._keep(number, page)

    async def refresh(self, where: Callable[[], Where]) -> Found | None:
        """Ask again for what is on the screen; the rest is asked for when it comes there.

        `where` is asked again after every answer: people move on while the server thinks. Says where the row under
        the cursor is now; None if something newer was asked for meanwhile. Raises ClientError.
        """
        self._generation += 1
        generation, view, q = self._generation, self.view, self.q
        self._asked.clear()
        first, last, anchor = where()
        numbers = range(first // PAGE, max(first, last) // PAGE + 1)
        fresh = {number: await self._page(number, view, q) for number in numbers}
        at: int | None = None
        while generation == self._generation and (anchor := where().anchor) is not None:
            at = await self._place(anchor, fresh, view, q)
            if at is not None or where().anchor == anchor:
                break
        if generation != self._generation:
            return None
        self.loaded = True
        self._replace(fresh)
        return Found(anchor, at)

    async def _page(self, number: int, view: View | None = None, q: str | None = None) -> Page[Conversation]:
        asked = self._client().conversations
        return await asked(view or self.view, self.q if q is None else q, offset=number * PAGE, limit=PAGE)
