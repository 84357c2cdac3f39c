"""All customers: found by a few letters, each with all there is about them beside or behind the list."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from desk.client import Refused
from desk.keymap import Action, Context
from desk.model import Conversation, Undone
from screens.acting import told
from screens.base import DeskScreen
from screens.customer import CustomerPane
from screens.customers.editing import CustomerEditing
from screens.customers.merging import CustomerMerging
from screens.customers.rows import Person, paint_person, person
from screens.desk import Desk
from screens.feed import Dirty
from screens.finder import Choosing
from screens.growing import Growing
from screens.widgets.bars import StatusLine, TopBar
from screens.widgets.entry import Entry
from screens.widgets.rowlist import RowList

if TYPE_CHECKING:
    from textual.widget import Widget

WIDE = 100
"""Columns from which on the list and the customer stand side by side."""
PAGE = 200
"""Customers asked for at a time."""
TYPING_SECONDS = 0.03
REST_SECONDS = 0.07
Page = Literal["list", "customer"]


class Leaving(Struct, frozen=True):
    """What the screen ends with: a conversation to read, or an action for the inbox; and how it stood."""

    at: At
    conversation: Conversation | None = None
    action: str = ""
    argument: str = ""


class At(Struct, frozen=True):
    """Where somebody was on this screen."""

    text: str = ""
    customer: int | None = None
    page: Page = "list"


class Find(Entry):
    """Where the name is typed. Typing narrows the list below."""

    context: Context = "finder"


class CustomersScreen(Choosing, DeskScreen[Leaving]):
    """Ends with `Leaving`."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    default_context: Context = "customers"

    def __init__(self, desk: Desk, at: At | None = None) -> None:
        super().__init__(desk, id="customers")
        self._at = at or At()
        self._page: Page = self._at.page
        self._wanted = self._at.customer
        self._words: str | None = None
        """What the rows were found by; None before the first."""
        self.source: Growing[Person] = Growing(self._after, self._more, self._arrived)
        self.list: RowList[Person] = RowList(
            self.source, paint_person, self.inks, context="customers", moved=self._moved
        )
        self.choices = self.list
        self.customer = CustomerPane(desk, self.inks, self.show_conversation)
        self.entry = Find(self._at.text, placeholder="a name, an address, a number", id="customers-find")
        self.status_line = StatusLine(desk, self.inks)
        self._helpers = [CustomerEditing(self), CustomerMerging(self)]

    def compose(self) -> ComposeResult:
        yield TopBar(self.desk, self.inks, "customers")
        with Horizontal(id="customers-panes"):
            with Vertical(id="customers-list"):
                yield self.entry
                yield self.list
            with Vertical(id="customers-one"):
                yield self.customer
        yield self.status_line
        yield self.key_line()

    def on_mount(self) -> None:
        self._arrange()
        self._focus(self.customer if self._page == "customer" else self.list if self._wanted else self.entry)
        self.take_keys()
        self.start(self._find(), group="find", alone=True)
        self.set_interval(1.0, self.update_bars)

    def helpers(self) -> list[object]:
        return [*self._helpers]

    # --- finding ------------------------------------------------------------------------------------------

    def on_input_changed(self, event: Entry.Changed) -> None:
        event.stop()
        self._wanted = None
        self.start(self._find(wait=True), group="find", alone=True)

    async def _find(self, *, wait: bool = False) -> None:
        if wait:
            await asyncio.sleep(TYPING_SECONDS)
        words = self.entry.value.strip()
        await self.source.reload(anew=wait)
        self._words = words
        await self._stand(self._wanted)
        self._tell()

    async def _after(self, row: Person | None) -> tuple[list[Person], bool]:
        """The customers met before that one, and whether these are the last."""
        before = row.id if row is not None else None
        found = await self.desk.client.find_customers(self.entry.value.strip(), PAGE, before=before)
        return [person(each) for each in found], len(found) < PAGE

    def _more(self, work: Coroutine[Any, Any, None]) -> None:
        self.start(work, group="more", alone=True)

    def _arrived(self) -> None:
        self.list.refresh_changed()
        self._tell()

    def _tell(self) -> None:
        text, source = self.entry.value.strip(), self.source
        shown = f"{source.total:,}{'' if source.complete else ' and more'}"
        self.status_line.resting = f"{shown} found for {text}" if text else f"{shown}, met last first"
        self.list.empty = f"nobody is called {text}" if text else "no customers yet"
        self.update_bars()

    async def _stand(self, id: int | None) -> None:
        """The cursor on that one, whom the words may not find."""
        found = self.source.rows
        if id is not None and id not in [each.id for each in found]:
            try:
                found = [person(await self.desk.client.customer(id)), *found]
            except Refused:
                id = None
        self.source.rows = found
        index = next((place for place, each in enumerate(found) if each.id == id), 0)
        self.list.repaint()
        self.list.settle(index, max(0, index - self.list.size.height // 2))

    def _moved(self) -> None:
        row = self.list.current
        if row is None:
            self.customer.clear()
        elif self.customer.customer is None or self.customer.customer.id != row.id:
            self.start(self._rested(row), group="show", alone=True)
        self.update_bars()

    async def _rested(self, row: Person) -> None:
        if self.customer.customer is not None:
            await asyncio.sleep(REST_SECONDS)
        await self.customer.open(row.id)
        self.update_bars()

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        self.open_for_typing(self._take(), group="find", alone=True)

    async def _take(self) -> None:
        """Go to the one the words find, and not to who was under the cursor before they were looked for."""
        if self._words != self.entry.value.strip():
            await self._find()
        await self._to_current()

    async def _to_current(self) -> None:
        """The keys go to the customer under the cursor once it is them who are shown."""
        row, shown = self.list.current, self.customer.customer
        if row is not None and (shown is None or shown.id != row.id):
            await self.customer.open(row.id)
        self.turn_to("list" if row is None else "customer")
        self.release_keys()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.perform("open")

    # --- pages of a narrow screen -------------------------------------------------------------------------

    @property
    def wide(self) -> bool:
        """Whether there is room for both."""
        return self.app.size.width >= WIDE

    def _arrange(self) -> None:
        self.query_one("#customers-list").display = self.wide or self._page == "list"
        self.query_one("#customers-one").display = self.wide or self._page == "customer"

    def turn_to(self, page: Page) -> None:
        """Bring the list or the customer to the front, and the keys to it."""
        self._page = page
        self._arrange()
        self._focus(self.customer if page == "customer" else self.list)
        self.update_bars()

    def _focus(self, widget: Widget) -> None:
        self.set_focus(widget, scroll_visible=False)

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()

    # --- what is meant ------------------------------------------------------------------------------------

    def customer_meant(self) -> int | None:
        """The one under the cursor."""
        row = self.list.current
        if self.context == "customer" and self.customer.customer is not None:
            return self.customer.customer.id
        return row.id if row is not None else None

    def can(self, action: str) -> bool:
        known = self.desk.keymap.action(action)
        places = (self, *self._helpers, self.everywhere(), self.app)
        carried_out = known.runs or known.group == "Move" or any(hasattr(place, known.method) for place in places)
        if not carried_out or action == "customer-page":
            return False
        if action.startswith("customer-") or action in ("open", "merge-customer"):
            return self.customer_meant() is not None
        return super().can(action)

    def word(self, action: Action) -> str:
        edits = self.context == "customer" and self.customer.edits
        return "edit" if action.name == "open" and edits else action.label

    # --- what is done -------------------------------------------------------------------------------------

    def do_open(self) -> None:
        if self.context == "customer":
            self.customer.do_open()
        elif self.list.current is not None:
            self.open_for_typing(self._to_current())

    def do_pane(self) -> None:
        self.do_open()

    def do_customers(self) -> None:
        """They are here."""
        self.turn_to("list")

    def do_search(self, argument: str | None = None) -> None:
        """Type a name."""
        if argument is not None:
            self.entry.put(argument)
            self.turn_to("list")
            return
        self._page = "list"
        self._arrange()
        self._focus(self.entry)
        self.release_keys()

    def do_back(self) -> None:
        if self.desk.hush():
            return
        if self.context == "customer":
            self.turn_to("list")
        else:
            self._leave()

    def do_cancel(self) -> None:
        """From typing to the list; from an empty line away."""
        if self.entry.value or self.source.rows or self._words is None:
            self.turn_to("list")
        else:
            self._leave()

    def show_conversation(self, row: Conversation) -> None:
        """Read it in the inbox; going back leads here."""
        self.dismiss(Leaving(self.at(), conversation=row))

    def show_customer(self, customer_id: int) -> None:
        """Bring a customer to the front."""
        self._wanted = customer_id
        self.start(self._shown(customer_id), group="find", alone=True)

    async def _shown(self, id: int) -> None:
        await self._stand(id)
        await self.customer.open(id)
        self.turn_to("customer")

    def do_compose(self, argument: str | None = None) -> None:
        """Write to them, in the inbox."""
        self.dismiss(Leaving(self.at(), action="compose", argument=argument or ""))

    def _leave(self) -> None:
        self.dismiss(Leaving(self.at()))

    def at(self) -> At:
        """Where we are, to come back to."""
        return At(self.entry.value, self.customer_meant(), self._page)

    async def do_undo(self) -> None:
        self._say_what("undone", await self.desk.client.undo())
        self.release_keys()

    async def do_redo(self) -> None:
        self._say_what("done again", await self.desk.client.redo())

    def _say_what(self, what: str, undone: Undone) -> None:
        self.desk.say(told(what, undone), "bad" if undone.left else "good")
        self.desk.feed.everything()

    async def absorb(self, dirty: Dirty) -> None:
        if dirty.touches("customer"):
            row = self.list.current
            self._wanted = row.id if row is not None else None
            await self._find()
        await self.customer.absorb(dirty)
