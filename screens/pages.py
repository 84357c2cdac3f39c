"""A view of the server's conversations, of which the terminal holds only the pages near the cursor."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from desk.client import Client, ClientError
from desk.model import Conversation, Page, View

PAGE = 64
"""Conversations asked for at a time: more than a tall screen holds."""
KEPT = 24
"""Pages kept. What is further away is asked for again when it comes near."""
AHEAD = 2
"""Pages that are fetched before the cursor gets there, so that no key waits for the server."""


class Where(NamedTuple):
    """What is on the screen: rows `first` to `last`, and the conversation under the cursor."""

    first: int
    last: int
    anchor: int | None


class Found(NamedTuple):
    """Where conversation `anchor` is now; None if it is in this view no longer."""

    anchor: int | None
    at: int | None


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
        self._pages: OrderedDict[int, list[Conversation]] = OrderedDict()
        self._asked: set[int] = set()
        self._generation = 0
        """Answers to questions of an older generation are not of use."""
        self._loads = 0
        self._total = 0
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
        wanted = list(range(lowest, highest + 1))
        wanted += [highest + step for step in range(1, AHEAD + 1)] if ahead >= 0 else []
        wanted += [lowest - step for step in range(1, AHEAD + 1)] if ahead <= 0 else []
        for number in wanted:
            if number in self._pages:
                self._pages.move_to_end(number)
            elif 0 <= number * PAGE < self._total and number not in self._asked:
                self._asked.add(number)
                self._start(self._fill(number, self._generation))

    async def _fill(self, number: int, generation: int) -> None:
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
        self._total = page.total
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)

    # --- keeping up ---------------------------------------------------------------------------------------

    def put(self, conversation: Conversation) -> None:
        """Show a newer version of a row that is here; where it belongs, the next `refresh` tells."""
        for page in self._pages.values():
            for index, row in enumerate(page):
                if row.id == conversation.id:
                    page[index] = conversation
                    return

    def index_of(self, conversation_id: int) -> int | None:
        """Where a conversation stands, as far as the pages that are here tell."""
        for number, page in self._pages.items():
            for index, row in enumerate(page):
                if row.id == conversation_id:
                    return number * PAGE + index
        return None

    async def load(self, view: View, first: Page[Conversation] | None = None) -> None:
        """Show another view from its top. Raises ClientError."""
        self._loads += 1
        load = self._loads
        page = first or await self._client().conversations(view, offset=0, limit=PAGE)
        if load != self._loads:
            return
        self._generation += 1
        self.view = view
        self._pages.clear()
        self._asked.clear()
        self.loaded = True
        self._keep(0, page)

    async def refresh(self, where: Callable[[], Where]) -> Found | None:
        """Ask again for what is on the screen, and forget the rest.

        `where` is asked again after every answer: people move on while the server thinks. Says where the row under
        the cursor is now; None if something newer was asked for meanwhile. Raises ClientError.
        """
        self._generation += 1
        generation = self._generation
        self._asked.clear()
        first, last, anchor = where()
        fresh = {number: await self._page(number) for number in range(first // PAGE, max(first, last) // PAGE + 1)}
        index: int | None = None
        while (anchor := where().anchor) is not None:
            index = next(
                (n * PAGE + i for n, p in fresh.items() for i, r in enumerate(p.items) if r.id == anchor), None
            )
            if index is not None:
                break
            index = await self._client().position(self.view, anchor)
            if index is not None and index // PAGE not in fresh:
                fresh[index // PAGE] = await self._page(index // PAGE)
            if where().anchor == anchor:
                break
        if generation != self._generation:
            return None
        self._pages.clear()
        self.loaded = True
        for number, page in fresh.items():
            self._keep(number, page)
        return Found(anchor, index)

    async def _page(self, number: int) -> Page[Conversation]:
        return await self._client().conversations(self.view, offset=number * PAGE, limit=PAGE)
