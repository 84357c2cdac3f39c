"""Ways back: from a conversation to the customer it was opened from, from a merge that is undone to before it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from desk.model import Conversation

if TYPE_CHECKING:
    from screens.customers.screen import At, Leaving
    from screens.inbox import InboxScreen
    from screens.reader import PageName


class Trail:
    """Remembers where a conversation was opened, for the way back."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._before: Conversation | None = None
        """What was being read when another conversation was opened in the customer's pane."""
        self._at: At | None = None
        """How the screen of customers stood."""
        self._apart: tuple[int, int, PageName] | None = None
        """What was merged into last, what was being read before, and where."""

    def forget(self) -> None:
        """Something else was opened: going back leads to the list again."""
        self._before = self._at = None

    def read(self, row: Conversation) -> None:
        """Open a conversation of the customer in the pane."""
        before = self._before or self._inbox.conversation.conversation
        self._inbox.show_conversation(row)
        self._before = before

    def back(self) -> bool:
        """Back to the customer a conversation was opened from; False if it was not."""
        inbox, before, at = self._inbox, self._before, self._at
        if inbox.page_name != "conversation" or (before is None and at is None):
            return False
        self.forget()
        if at is not None:
            self.show_customers(at)
        elif before is not None:
            inbox.show_conversation(before)
            inbox.turn_to("customer")
        return True

    # --- merging ------------------------------------------------------------------------------------------

    def merged(self, row: Conversation, target: Conversation) -> None:
        """The conversation `row` went into the target, which is read now."""
        self._apart = (target.id, row.id, self._inbox.page_name)
        self._inbox.show_conversation(target)

    async def parted(self, ids: Collection[int]) -> None:
        """These are as they were: whoever reads what was merged into is where they were before. Raises ClientError."""
        inbox, apart, read = self._inbox, self._apart, self._inbox.conversation.conversation
        if apart is None or apart[0] not in ids or read is None or read.id != apart[0]:
            return
        self._apart = None
        _, id, page = apart
        await inbox.viewing.find(id)
        if page == "list":
            inbox.turn_to("list")
        else:
            inbox.show_conversation(await inbox.desk.client.conversation(id))

    # --- the screen of customers --------------------------------------------------------------------------

    def show_customers(self, at: At | None = None) -> None:
        """All customers, or as the screen stood."""
        from screens.customers.screen import CustomersScreen

        self._inbox.push_over(CustomersScreen(self._inbox.desk, at), self._left)

    def show_customer(self, customer_id: int) -> None:
        """One customer on a page of their own."""
        from screens.customers.screen import At

        self.show_customers(At("", customer_id, "customer"))

    def _left(self, leaving: Leaving | None) -> None:
        inbox = self._inbox
        if leaving is None:
            return
        if leaving.conversation is not None:
            inbox.show_conversation(leaving.conversation)
            self._at = leaving.at
        elif leaving.action:
            inbox.perform(leaving.action, leaving.argument)
