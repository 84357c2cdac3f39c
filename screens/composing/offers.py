"""What could stand at the cursor, offered while it is typed: people, accounts, files, reps, canned answers.

One search is under way at a time, for what was typed last; `settle` waits until it is done, so that a key typed
quickly after a letter means what its typist saw coming.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from textual.strip import Strip

from desk.client import ClientError
from desk.fuzzy import ranked
from desk.model import Agent
from screens.composing.people import parts, written
from screens.desk import Desk
from screens.render import cells, fit, strip
from screens.values import paths
from screens.widgets.ink import Inks
from screens.widgets.rowlist import ListSource, RowList

AT_ONCE = 6
"""Offers on the screen."""
PEOPLE = 8

Payload = TypeVar("Payload")


class Asked(NamedTuple):
    """What is looked for, and the columns (of the text before the cursor) that a choice replaces."""

    text: str
    start: int
    end: int


class Offer(NamedTuple):
    """Something that could stand there."""

    text: str
    help: str = ""
    value: Any = None


class Finder(Protocol):
    """Finds offers of one kind."""

    def asked(self, before: str) -> Asked | None:
        """What is being looked for, given the text before the cursor; None if nothing is."""
        ...

    async def find(self, asked: Asked) -> Sequence[Offer]:
        """Raises ClientError."""
        ...


class Search(Generic[Payload]):
    """One search at a time, for what was asked last."""

    def __init__(
        self,
        find: Callable[[Asked], Awaitable[Sequence[Payload]]],
        show: Callable[[Asked, Sequence[Payload]], None],
        start: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._find = find
        self._show = show
        self._start = start
        self._wanted: Asked | None = None
        self._shown: Asked | None = None
        """What it was that is shown now: asked again, it stays as it is, with what was chosen in it."""
        self._done = asyncio.Event()
        self._done.set()

    def ask(self, asked: Asked | None) -> None:
        """Look for this; None: for nothing any more."""
        self._wanted = asked
        if asked is None:
            self._shown = None
        elif asked != self._shown and self._done.is_set():
            self._done.clear()
            self._start(self._run())

    async def settle(self) -> None:
        """Until what was asked last is found."""
        await self._done.wait()

    async def _run(self) -> None:
        try:
            answered: Asked | None = None
            while self._wanted is not None and self._wanted != answered:
                answered = self._wanted
                shown: Asked | None = answered
                try:
                    found = await self._find(answered)
                except ClientError:
                    found, shown = (), None
                if self._wanted == answered:
                    self._shown = shown
                    self._show(answered, found)
        finally:
            self._done.set()


class OfferList(RowList[Offer]):
    """The offers, below the line they are for."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks]) -> None:
        self.offered: ListSource[Offer] = ListSource()
        super().__init__(self.offered, paint, inks, context="composer", id="offers")
        self.can_focus = False
        self.display = False

    @property
    def open(self) -> bool:
        return bool(self.display)

    def show(self, offers: Sequence[Offer]) -> None:
        """Show these, the first one chosen."""
        self.offered.rows = list(offers)
        self.cursor = self.top = 0
        self.display = bool(offers)
        if offers:
            self.styles.height = min(len(offers), AT_ONCE)
        self.repaint()

    def hide(self) -> None:
        if self.display:
            self.display = False

    def step(self, by: int) -> None:
        self.move_to((self.cursor + by) % max(len(self.offered.rows), 1))
        self.repaint()


def paint(row: Offer, width: int, inks: Inks, on: str) -> Strip:
    on = "cursor" if on else "bar"
    name = min(max(30, width // 2), width - 2) if row.help else width - 2
    spans = [(" ", "bar"), (fit(row.text, name), "strong"), (" " * bool(row.help), "bar")]
    spans.append((fit(row.help, max(width - name - 3, 0)), "dim"))
    used = sum(cells(text) for text, _ in spans)
    spans.append((" " * max(width - used, 0), "bar"))
    return strip([(text, inks(ink, on)) for text, ink in spans], width, inks("text", on))


# --- who and what can be offered --------------------------------------------------------------------------


class People:
    """Customers and our own mailboxes, for lines of addresses."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def asked(self, before: str) -> Asked | None:
        part = parts(before)[-1]
        if len(part.text) < 2 or ">" in part.text:
            return None
        return Asked(part.text, part.start, len(before))

    async def find(self, asked: Asked) -> Sequence[Offer]:
        from desk.model import Address

        found = await self._desk.client.find_customers(asked.text, PEOPLE)
        offers = []
        for customer in found:
            mails = [each for each in customer.identities if each.kind == "email"]
            mails.sort(key=lambda each: (asked.text.casefold() not in each.value, each.value != customer.address))
            for each in mails[:2]:
                someone = Address(email=each.value, name=customer.name or each.name)
                offers.append(Offer(written(someone), "", someone))
        return offers[:PEOPLE]


class Files:
    """Paths of files and folders."""

    def asked(self, before: str) -> Asked | None:
        return Asked(before, 0, len(before)) if before.strip() else None

    async def find(self, asked: Asked) -> Sequence[Offer]:
        found = await asyncio.to_thread(paths, asked.text)
        return [Offer(each.text, each.help) for each in found if each.text != asked.text][:50]


class Accounts:
    """The accounts that a new conversation may be sent from."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.known: list[Offer] = []

    async def load(self) -> list[Offer]:
        if not self.known:
            self.known = [Offer(each.name, each.address) for each in await self._desk.client.mailboxes()]
        return self.known

    def asked(self, before: str) -> Asked | None:
        return Asked(before.strip(), 0, len(before))

    async def find(self, asked: Asked) -> Sequence[Offer]:
        known = await self.load()
        if any(each.text == asked.text for each in known):
            return ()
        return ranked(asked.text, known, lambda each: (each.text, each.help), at_most=AT_ONCE) if asked.text else known


_MENTION = re.compile(r"(?<![\w@.])@([\w.+-]*)$")


class Mentions:
    """Reps, by `@` and a few letters."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._agents: list[Agent] = []

    def asked(self, before: str) -> Asked | None:
        match = _MENTION.search(before)
        return Asked(match[1], match.start(), len(before)) if match else None

    async def find(self, asked: Asked) -> Sequence[Offer]:
        if not self._agents:
            self._agents = await self._desk.client.agents()
        me = self._desk.me
        others = [Offer(f"@{agent.login} ", agent.name) for agent in self._agents if me is None or agent.id != me.id]
        if any(each.text.strip("@ ") == asked.text for each in others):
            return ()
        found = ranked(asked.text, others, lambda each: (each.text[1:], each.help), at_most=AT_ONCE)
        return found if asked.text else others[:AT_ONCE]
