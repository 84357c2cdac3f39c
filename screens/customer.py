"""The customer pane: who this is, what reps remember about them, and what else they wrote about."""

from __future__ import annotations

from collections.abc import Callable

from desk.keymap import Context
from desk.model import Conversation, Customer
from screens.desk import Desk
from screens.render import body, fit, shorten, wrap
from screens.rows import STATE_GLYPHS
from screens.times import span, stamp
from screens.widgets.ink import Inks
from screens.widgets.lines import BLANK, Line, LineView


class CustomerPane(LineView):
    """One person, in lines. The cursor walks through their conversations."""

    context: Context = "customer"

    def __init__(self, desk: Desk, inks: Callable[[], Inks], choose: Callable[[Conversation], None]) -> None:
        super().__init__(inks, id="customer")
        self.desk = desk
        self._choose = choose
        self.customer: Customer | None = None
        self.conversations: list[Conversation] = []
        self.current = 0
        self.cursor = 0

    async def open(self, customer_id: int, conversation_id: int) -> None:
        """Show a customer. Raises ClientError."""
        self.current = conversation_id
        if self.customer is not None and self.customer.id != customer_id:
            self.customer, self.conversations = None, []
            self.cursor = 0
        customer = await self.desk.client.customer(customer_id)
        conversations = await self.desk.client.customer_conversations(customer_id, limit=30)
        if self.current == conversation_id:
            self.customer, self.conversations = customer, conversations
            self.layout_lines(self.size.width)

    def clear(self) -> None:
        self.customer, self.conversations, self.current = None, [], 0
        self.show([], top=0)

    def layout_lines(self, width: int) -> None:
        customer = self.customer
        if customer is None or width < 4:
            self.unlaid(())
            return
        room = width - 2
        lines = [Line(((" ", "text"), (shorten(customer.name or "(no name)", room), "strong")))]
        lines += [Line(((" ", "text"), (shorten(identity.value, room), "link"))) for identity in customer.identities]
        if customer.first_seen_at:
            since = f"since {stamp(customer.first_seen_at, self.desk.clock.now())}"
            lines.append(Line(((" ", "text"), (since, "dim"))))
        for name, value in customer.attributes.items():
            lines.append(Line(((" ", "text"), (shorten(f"{name}: {value}", room), "text"))))
        lines.append(BLANK)
        if customer.notes:
            lines += [Line(((" ", "text"), (part, "note"))) for part in wrap(body(customer.notes), room)]
            lines.append(BLANK)
        lines += self._others(room)
        self.show(lines)

    def _others(self, room: int) -> list[Line]:
        now = self.desk.clock.now()
        count = len(self.conversations)
        lines = [Line(((f" {count}{'+' if count == 30 else ''} conversation{'s' if count != 1 else ''}", "dim"),))]
        for index, row in enumerate(self.conversations):
            glyph, ink = STATE_GLYPHS[row.state]
            here = self.has_focus and index == self.cursor
            on = "cursor" if here else ("cursor-away" if row.id == self.current else "")
            subject = fit(row.subject or "(no subject)", max(room - 7, 4))
            age = fit(span(now - row.last_at), 4, right=True)
            lines.append(
                Line((("▌" if here else " ", "accent"), (glyph + " ", ink), (subject, "text"), (age, "dim")), on)
            )
        return lines

    def act(self, action: str, count: int | None = None) -> bool:
        """Up and down walk through the conversations."""
        step = {"down": 1, "up": -1}.get(action)
        if step is None or not self.conversations:
            return super().act(action, count)
        self.cursor = min(max(self.cursor + step * (count or 1), 0), len(self.conversations) - 1)
        self.layout_lines(self.size.width)
        line = self.count - len(self.conversations) + self.cursor
        self.go(min(max(self.top, line - self.size.height + 1), line))
        return True

    def do_open(self) -> None:
        if self.cursor < len(self.conversations):
            self._choose(self.conversations[self.cursor])

    def on_focus(self) -> None:
        self.layout_lines(self.size.width)

    def on_blur(self) -> None:
        self.layout_lines(self.size.width)
