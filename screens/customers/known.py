"""What the terminal knows of a customer so far: it comes in pieces, and each is shown when it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from desk.client import Client, ClientError
from desk.model import Chapter, Customer, CustomerSummary, Likeness, LookupResult
from screens.customers.words import phone

WINDOW = 50
"""Conversations of a timeline that are asked for at a time."""
REST_SECONDS = 0.3
"""How long somebody has to look at a customer before other systems are asked about them."""
ALIKE = 5
"""Possible duplicates that are offered."""
LED_ON = 8


class Start(Protocol):
    """Runs work in the background; see `DeskScreen.start`."""

    def __call__(self, work: Coroutine[Any, Any, None], *, group: str = "", alone: bool = False) -> None: ...


class Dossier:
    """One customer at a time. `changed` is called whenever another piece is there."""

    def __init__(self, client: Callable[[], Client], start: Start, changed: Callable[[], None]) -> None:
        self._client = client
        self._start = start
        self._changed = changed
        self.summary: CustomerSummary | None = None
        self.chapters: list[Chapter] = []
        """The timeline as far as it is here, newest first."""
        self.alike: list[Likeness] = []
        self.lookups: dict[str, LookupResult | None] = {}
        """By name; None while it is being asked."""
        self._limit = WINDOW
        """How many conversations were asked for last with the customer; more may have come meanwhile."""
        self._asking_for_more = False

    @property
    def customer(self) -> Customer | None:
        return self.summary.customer if self.summary is not None else None

    @property
    def total(self) -> int:
        """How many conversations there are."""
        return sum(self.summary.conversations.values()) if self.summary is not None else 0

    async def load(self, customer_id: int) -> CustomerSummary:
        """Ask for all there is of a customer, or of the one they turned out to be. Raises ClientError."""
        here = self.customer
        same = here is not None and here.id == customer_id
        self._limit = min(max(WINDOW, len(self.chapters)), 1000) if same else WINDOW
        for _ in range(LED_ON):
            summary = await self._client().customer_summary(customer_id, limit=self._limit)
            if summary.customer.merged_into in (None, customer_id):
                break
            customer_id = summary.customer.merged_into
        if any(each.kind == "phone" for each in summary.customer.identities):
            await asyncio.to_thread(_read_phones, summary.customer)
        return summary

    def take(self, summary: CustomerSummary) -> None:
        """Show this; if it is of somebody else than before, the rest is asked for soon."""
        before, here = self.customer, self.chapters
        self.summary = summary
        self.chapters = list(summary.timeline)
        if before is not None and before.id == summary.customer.id:
            there = {chapter.conversation.id for chapter in self.chapters}
            self.chapters += [chapter for chapter in here[self._limit :] if chapter.conversation.id not in there]
            if _told_apart(before) != _told_apart(summary.customer):
                self._start(self._told(self._ask_alike, summary.customer.id), group="alike", alone=True)
            return
        self.alike, self.lookups = [], {}
        self._start(self._rest(summary.customer.id), group="dossier", alone=True)

    def forget(self) -> None:
        self.summary, self.chapters, self.alike, self.lookups = None, [], [], {}

    # --- what others know ---------------------------------------------------------------------------------

    async def _rest(self, id: int) -> None:
        await asyncio.sleep(REST_SECONDS)
        if self._is(id):
            self._start(self._told(self._ask_alike, id), group="alike", alone=True)
            await self.ask_others()

    async def _ask_alike(self, id: int) -> None:
        alike = await self._client().duplicates(id, ALIKE)
        if self._is(id) and alike != self.alike:
            self.alike = alike
            self._changed()

    async def ask_others(self, name: str | None = None, *, fresh: bool = False) -> None:
        """Ask the systems of `[lookup]`, or that one; each answer is shown when it comes. Raises ClientError."""
        customer = self.customer
        if customer is None:
            return
        names = await self._client().lookup_names()
        if not self._is(customer.id):
            return
        self.lookups = {each: self.lookups.get(each) for each in names}
        asked = [each for each in names if name in (None, each)]
        if fresh:
            self.lookups.update(dict.fromkeys(asked))
        if asked:
            self._changed()
        for each in asked:
            self._start(self._ask_other(customer.id, each, fresh=fresh), group=f"lookup {each}", alone=True)

    async def _ask_other(self, id: int, name: str, *, fresh: bool) -> None:
        try:
            result = await self._client().lookup(id, name, fresh=fresh)
        except ClientError as error:
            result = LookupResult(name=name, error=str(error))
        if self._is(id):
            self.lookups[name] = result
            self._changed()

    # --- the timeline -------------------------------------------------------------------------------------

    def more(self) -> None:
        """The reader is near the oldest conversation that is here."""
        if self.summary is not None and len(self.chapters) < self.total and not self._asking_for_more:
            self._asking_for_more = True
            self._start(self._told(self._older, self.summary.customer.id))

    async def _older(self, id: int) -> None:
        try:
            older = await self._client().customer_timeline(id, offset=len(self.chapters), limit=WINDOW)
        finally:
            self._asking_for_more = False
        if self._is(id) and older:
            here = {chapter.conversation.id for chapter in self.chapters}
            self.chapters += [chapter for chapter in older if chapter.conversation.id not in here]
            self._changed()

    def _is(self, id: int) -> bool:
        return self.customer is not None and self.customer.id == id

    @staticmethod
    async def _told(work: Callable[[int], Awaitable[None]], id: int) -> None:
        """Without what is asked for by itself, the pane is as good as it was: nobody is told."""
        try:
            await work(id)
        except ClientError:
            return


def _read_phones(customer: Customer) -> None:
    for each in customer.identities:
        if each.kind == "phone":
            phone(each.value, customer.language)


def _told_apart(customer: Customer) -> tuple[object, ...]:
    """What duplicates are found by."""
    return customer.name, customer.identities, customer.merged_into
