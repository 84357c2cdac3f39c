"""What reps remember about a customer, in as many lines as it takes."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from desk.client import Refused
from desk.keymap import Context
from desk.model import Customer
from desk.text import clean
from screens.base import DeskScreen
from screens.desk import Desk
from screens.render import one_line
from screens.sheet import SheetTitle
from screens.widgets.bars import StatusLine
from screens.widgets.entry import Editor


class CustomerNotes(DeskScreen[None], ModalScreen[None]):
    """One text; kept with the key that sends, left as it was with the key that leaves."""

    default_context: Context = "note"

    def __init__(self, desk: Desk, customer: Customer) -> None:
        super().__init__(desk, id="customer-notes")
        self._customer = customer
        self.editor = Editor(id="editor")

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, f"Notes on {one_line(self._customer.name)}")
            yield self.editor
            yield StatusLine(self.desk, self.inks)
            yield self.key_line()

    def on_mount(self) -> None:
        self.editor.put(self._customer.notes)
        self.editor.focus()

    async def do_send(self) -> None:
        text = clean(self.editor.text)
        try:
            await self.desk.client.set_customer_notes(self._customer.id, text, self._customer.rev)
        except Refused as error:
            if error.problem.code != "stale":
                raise
            self._customer = await self.desk.client.customer(self._customer.id)
            self.editor.put(f"{self._customer.notes}\n\n{text}")
            self.desk.say("somebody else wrote here meanwhile; both texts are here now", "bad")
            return
        self.desk.say("noted", "good")
        self.dismiss()

    def do_leave(self) -> None:
        self.dismiss()
