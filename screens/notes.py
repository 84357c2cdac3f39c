"""What reps remember about a customer, in as many lines as it takes."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from desk.client import Refused
from desk.keymap import Context
from desk.model import Customer, CustomerEdit
from desk.text import clean
from screens.base import Overlay
from screens.desk import Begun, Desk
from screens.render import one_line
from screens.sheet import SheetTitle
from screens.widgets.bars import StatusLine
from screens.widgets.entry import Editor


class CustomerNotes(Overlay[None]):
    """One text; kept with the key that sends, left as it was with the key that leaves."""

    default_context: Context = "note"

    def __init__(self, desk: Desk, customer: Customer) -> None:
        super().__init__(desk, id="customer-notes")
        self._customer = customer
        self.editor = Editor(id="editor")

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, f"Notes on {one_line(self._customer.name or self._customer.address)}")
            yield self.editor
            yield StatusLine(self.desk, self.inks)
            yield self.key_line()

    def on_mount(self) -> None:
        begun = self.desk.begun.pop(self._customer.id, None)
        self.editor.put(self._customer.notes if begun is None else begun.text)
        self.set_focus(self.editor)
        self.take_keys()
        if begun is not None:
            self._settle(begun.on)

    def _settle(self, seen: str) -> None:
        """What was begun on other notes than those there are now: both are here."""
        if seen != self._customer.notes:
            self.editor.put(f"{self._customer.notes}\n\n{self.editor.text}")
            self.desk.say("somebody else wrote here meanwhile; their text stands above yours", "bad")

    async def do_send(self) -> None:
        text = clean(self.editor.text).strip("\n")
        while True:
            try:
                change = CustomerEdit(notes=text, rev=self._customer.rev)
                await self.desk.client.edit_customer(self._customer.id, change)
            except Refused as error:
                if error.problem.code != "stale":
                    raise
                seen, self._customer = self._customer.notes, await self.desk.client.customer(self._customer.id)
                if self._customer.notes != seen:
                    self._settle(seen)
                    return
            else:
                break
        self.desk.did()
        self.desk.say("noted", "good")
        self.dismiss()

    def do_leave(self) -> None:
        if self.editor.text.strip("\n") != self._customer.notes.strip("\n"):
            self.desk.begun[self._customer.id] = Begun(self.editor.text, self._customer.notes)
            self.desk.say("not kept yet: what you began is here again until you leave Desk")
        self.dismiss()
