"""The customer pane: who this is, what reps and other systems know of them, and all they wrote about."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from textual import events
from textual.strip import Strip

from desk.clock import MINUTE
from desk.keymap import Context
from desk.model import Conversation, Customer, Trail
from screens.base import DeskScreen
from screens.customers.card import Card, Item, Key, items, parts
from screens.customers.known import Dossier
from screens.desk import Desk
from screens.feed import Dirty
from screens.widgets.ink import Inks
from screens.widgets.lines import Line, LineView, destination

NEAR = 12
"""Conversations from the end of those that are here at which older ones are asked for."""


class CustomerPane(LineView):
    """One person, in lines. The cursor walks through all that can be opened or changed."""

    context: Context = "customer"

    def __init__(self, desk: Desk, inks: Callable[[], Inks], choose: Callable[[Conversation], None]) -> None:
        super().__init__(inks, id="customer")
        self.desk = desk
        self._choose = choose
        self.dossier = Dossier(lambda: desk.client, lambda *work, **how: self._start(*work, **how), self._came)
        self.current = 0
        """The conversation that is being read."""
        self.cursor: Key = ("name",)
        self._items: list[Item] = []
        self._firsts: list[int] = []
        self._asked = 0
        self._minute = 0
        self._trail: Trail | None = None

    def _start(self, work: Coroutine[Any, Any, None], *, group: str = "", alone: bool = False) -> None:
        if not self.is_attached:  # it was closed while what leads on to this was on its way
            work.close()
            return
        assert isinstance(self.screen, DeskScreen)
        self.screen.start(work, group=group, alone=alone)

    @property
    def customer(self) -> Customer | None:
        """Who is shown."""
        return self.dossier.customer

    def on_mount(self) -> None:
        self.set_interval(1.0, self._tick)

    # --- what is shown ------------------------------------------------------------------------------------

    async def open(self, customer_id: int, conversation_id: int = 0) -> None:
        """Show a customer, and which of their conversations is being read. Raises ClientError."""
        self.current = conversation_id
        self._asked += 1
        asked = self._asked
        other = self.customer is None or self.customer.id != customer_id
        summary = await self.dossier.load(customer_id)
        if asked != self._asked or not self.is_attached:
            return
        self.dossier.take(summary)
        if other:
            self.cursor = ("name",)
            self._trail = None
        self._lay(top=0 if other else None)
        await self._follow()

    async def _follow(self) -> None:
        """Where the visitor was, and is, whose conversation is read. Raises ClientError."""
        customer, id = self.customer, self.current
        visits = customer is not None and any(each.kind == "visitor" for each in customer.identities)
        trail = await self.desk.client.trail(id) if visits and id else None
        if id == self.current and trail != self._trail and self.is_attached:
            self._trail = trail
            self._lay()

    async def reload(self) -> None:
        """Ask for the customer again. Raises ClientError."""
        if self.customer is not None:
            await self.open(self.customer.id, self.current)

    async def absorb(self, dirty: Dirty) -> None:
        """Something changed on the server."""
        if self.customer is not None and (
            dirty.touches("customer") or any(dirty.holds(each.conversation.id) for each in self.dossier.chapters)
        ):
            await self.reload()
        elif dirty.touches("visitor") and dirty.holds(self.current):
            await self._follow()

    def clear(self) -> None:
        self._asked += 1
        self.dossier.forget()
        self.current, self._trail = 0, None
        self._items, self._firsts = [], []
        self.show([], top=0)

    def _came(self) -> None:
        if self.is_attached:
            self._lay()

    def _tick(self) -> None:
        minute = self.desk.clock.now() // MINUTE
        if minute != self._minute and self.size.width:
            self._minute = minute
            self._lay()

    def layout_lines(self, width: int) -> None:
        self._lay(width=width)

    def _lay(self, *, width: int | None = None, top: int | None = None) -> None:
        width = self.size.width if width is None else width
        dossier = self.dossier
        if dossier.summary is None or width < 4:
            self._items, self._firsts = [], []
            self.unlaid(())
            return
        card = Card(
            dossier.summary,
            tuple(dossier.chapters),
            tuple(dossier.alike),
            tuple(dossier.lookups.items()),
            self.current,
            self._trail,
        )
        before = self._seat()
        self._items = items(card, width, self.desk.clock.now())
        lines: list[Line] = []
        self._firsts = []
        for item in self._items:
            self._firsts.append(len(lines))
            lines += item.lines
        self._keep_cursor(before)
        self.show(lines, top=top)

    def _keep_cursor(self, before: int) -> None:
        """What the cursor was on may be gone: then it is on what stands there now."""
        if self.cursor not in [item.key for item in self._items]:
            near = [index for index, item in enumerate(self._items) if item.key is not None]
            index = min(near, key=lambda index: abs(index - before), default=None)
            self.cursor = (index is not None and self._items[index].key) or ("name",)

    def line(self, y: int) -> Strip:
        index = self.top + y
        if self.has_focus and self._on_cursor(index):
            spans = self._lines[index].spans
            mark = (("▌", "accent"), (spans[0][0][1:], spans[0][1]), *spans[1:])
            return self.finished(Line(mark, on="cursor").paint(self.size.width, self.inks()))
        return super().line(y)

    def _on_cursor(self, index: int) -> bool:
        seat = self._seat()
        if seat >= len(self._items) or self._items[seat].key is None:
            return False
        first = self._firsts[seat]
        return first <= index < first + len(self._items[seat].lines)

    def _seat(self) -> int:
        """The index of the item under the cursor."""
        return next((index for index, item in enumerate(self._items) if item.key == self.cursor), 0)

    # --- moving -------------------------------------------------------------------------------------------

    def act(self, action: str, count: int | None = None) -> bool:
        """Up and down go from one thing to the next, pages by what is seen."""
        stops = [index for index, item in enumerate(self._items) if item.key is not None]
        if not stops:
            return super().act(action, count)
        if action in ("down", "up", "top", "bottom"):
            seat = self._seat()
            at = stops.index(seat) if seat in stops else 0
            there = destination(action, count, at=at, total=len(stops), height=2)
            assert there is not None
            self._go_to(stops[min(max(there, 0), len(stops) - 1)])
            return True
        line = destination(
            action, count, at=self._firsts[self._seat()], total=self.count, height=max(self.size.height, 2)
        )
        if line is None:
            return False
        self._go_to(min(stops, key=lambda index: abs(self._firsts[index] - line)))
        return True

    def turn(self, by: int) -> None:
        """To the next part: who it is, notes, lookups, who may be the same, conversations."""
        begins = parts(self._items)
        if begins:
            seat = self._seat()
            here = max((place for place, index in enumerate(begins) if index <= seat), default=0)
            self._go_to(begins[(here + by) % len(begins)])

    def _go_to(self, index: int) -> None:
        item = self._items[index]
        assert item.key is not None
        self.cursor = item.key
        first = self._firsts[index]
        last = first + len(item.lines)
        if index == next(place for place, each in enumerate(self._items) if each.key is not None):
            first = 0
        self.go(min(max(self.top, last - self.size.height), first))
        self.refresh()
        here = len(self._items) - index
        if item.key[0] == "chapter" and here <= NEAR:
            self.dossier.more()
        if isinstance(self.screen, DeskScreen):
            self.screen.update_bars()

    def do_open(self) -> None:
        """Open what the cursor is on, or change it."""
        match self.cursor:
            case ("chapter", id):
                chosen = [each.conversation for each in self.dossier.chapters if each.conversation.id == int(id)]
                if chosen:
                    self._choose(chosen[0])
            case _:
                assert isinstance(self.screen, DeskScreen)
                self.screen.perform("customer-edit")

    @property
    def edits(self) -> bool:
        """Whether opening what the cursor is on means changing it."""
        return self.cursor[0] not in ("chapter", "alike", "lookup")

    def on_click(self, event: events.Click) -> None:
        line = self.top + event.y
        for index, item in enumerate(self._items):
            first = self._firsts[index]
            if first <= line < first + len(item.lines) and item.key is not None:
                again = item.key == self.cursor and self.has_focus
                self.focus(scroll_visible=False)
                self._go_to(index)
                if again:
                    self.do_open()
                return

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
