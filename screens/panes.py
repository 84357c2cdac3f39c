"""The list, the conversation and the customer: as many side by side as there is room for."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from desk.model import Conversation
from screens.conversation import ConversationPane
from screens.customer import CustomerPane
from screens.reader import PageName
from screens.widgets.rowlist import RowList
from screens.widgets.views import ViewsColumn

TWO = 120
"""Columns from which on two of the three stand side by side,"""
THREE = 140
"""and all of them;"""
WITH_VIEWS = 180
"""and all views beside them;"""
WIDE = 230
"""and all of it without anything being narrow."""
BEHIND: Mapping[PageName, PageName] = {"list": "list", "conversation": "list", "customer": "conversation"}
"""What each of the three leads back to."""
BEFORE: Mapping[PageName, PageName] = {"list": "conversation", "conversation": "customer", "customer": "customer"}
"""What stands to the right of each."""


class Panes(Horizontal):
    """Holds the panes and shows nothing itself. Where two have room, the customer comes in the place of the list."""

    BLANK = True

    def __init__(
        self,
        views: ViewsColumn,
        rows: RowList[Conversation],
        conversation: ConversationPane,
        customer: CustomerPane,
    ) -> None:
        super().__init__(id="panes")
        self._views = views
        self._customer = Vertical(id="customer-pane")
        self._pages: Mapping[PageName, Widget] = {
            "list": rows,
            "conversation": conversation,
            "customer": self._customer,
        }
        self._takers: Mapping[PageName, Widget] = {
            "list": rows, "conversation": conversation.transcript, "customer": customer,
        }  # fmt: skip
        self.front: PageName = "list"
        """The one that the keys go to."""

    def compose(self) -> ComposeResult:
        yield self._views
        yield from (self._pages["list"], self._pages["conversation"])
        with self._customer:
            yield self._takers["customer"]

    @property
    def _columns(self) -> int:
        return self.app.size.width

    @property
    def conversation_beside(self) -> bool:
        """Whether the conversation stands beside the list."""
        return self._columns >= TWO

    def make_room(self) -> None:
        """Show those that there is room for. Not by classes: those have the styles of everything made anew."""
        shown = self._shown()
        for name, page in self._pages.items():
            page.display = name in shown
        self._views.display = self._columns >= WITH_VIEWS

    def _shown(self) -> set[PageName]:
        if self._columns >= THREE:
            return {"list", "conversation", "customer"}
        if self._columns >= TWO:
            return {"conversation", "customer" if self.front == "customer" else "list"}
        return {self.front}

    def turn_to(self, page: PageName) -> Widget:
        """Bring one of the three to the front; what the keys are to go to."""
        if page != self.front:
            self.front = page
            self.make_room()
        return self._takers[page]

    @property
    def behind(self) -> PageName:
        """Where the way back leads: to the list at once if it is in sight."""
        return "list" if self._columns >= THREE else BEHIND[self.front]
