"""How one row of each list looks."""

from __future__ import annotations

from collections.abc import Callable

from textual.strip import Strip

from desk.clock import MINUTE, Millis
from desk.model import Conversation, Priority, State
from screens.render import cells, fit, shorten, strip
from screens.times import span
from screens.widgets.ink import Inks

STATE_GLYPHS: dict[State, tuple[str, str]] = {
    "open": ("●", "accent"),
    "waiting": ("○", "dim"),
    "snoozed": ("z", "dim"),
    "resolved": ("✓", "good"),
    "spam": ("✗", "bad"),
    "merged": ("↪", "dim"),
}
PRIORITY_GLYPHS: dict[Priority, tuple[str, str]] = {
    "low": ("↓", "dim"),
    "normal": (" ", "text"),
    "high": ("!", "warn"),
    "urgent": ("‼", "bad"),
}

Spans = list[tuple[str, str]]


def due(conversation: Conversation, now: Millis) -> tuple[str, str]:
    """When the next promise ends, else how long ago something happened; with its ink."""
    if conversation.due_at is not None:
        left = conversation.due_at - now
        return (f"-{span(-left)}" if left <= -MINUTE else "now", "bad") if left <= 0 else (f"in {span(left)}", "warn")
    return span(now - conversation.last_at), "dim"


class ConversationRow:
    """Paints a conversation: state, who, what, whose it is, how old. The narrower, the less of it."""

    def __init__(self, now: Callable[[], Millis], me: Callable[[], str | None], *, with_customer: bool = True) -> None:
        self._now = now
        self._me = me
        self._with_customer = with_customer

    def __call__(self, row: Conversation, width: int, inks: Inks, on: str) -> Strip:
        spans = self.spans(row, width, cursor=bool(on))
        return strip([(text, inks(ink, on)) for text, ink in spans], width, inks("text", on))

    def spans(self, row: Conversation, width: int, *, cursor: bool) -> Spans:
        urgent, urgent_ink = PRIORITY_GLYPHS[row.priority]
        state, state_ink = STATE_GLYPHS[row.state]
        age, age_ink = due(row, self._now())
        unanswered = row.state == "open"
        head: Spans = [("▌" if cursor else " ", "accent"), (state, state_ink), (urgent, urgent_ink)]
        name_width = (width * 22 // 100 if width < 90 else min(26, width // 5)) if self._with_customer else 0
        if name_width:
            who = row.customer_name or row.customer_address
            more = f" {row.messages}" if row.messages > 1 else ""
            head.append((fit(who, name_width - len(more)), "name" if unanswered else "text"))
            head.append((more + " ", "dim"))
        tail = self._tail(row, width, age, age_ink)
        room = width - 3 - (name_width + 1 if name_width else 0) - sum(len(text) for text, _ in tail)
        return [*head, *self._middle(row, room, unanswered), *tail]

    def _middle(self, row: Conversation, room: int, unanswered: bool) -> Spans:
        tags = "".join(f" {shorten(tag, 12)}" for tag in row.tags[:3]) if room > 34 else ""
        marks = (" ?" if row.third_party else "") + (" +" if row.has_attachments else "")
        room = max(room - cells(tags) - len(marks), 0)
        subject = shorten(row.subject or "(no subject)", room)
        spans: Spans = [(subject, "strong" if unanswered else "text")]
        left = room - cells(subject)
        if left > 12 and row.snippet:
            spans.append(("  " + fit(row.snippet, left - 2), "dim"))
        else:
            spans.append((" " * left, "text"))
        return [*spans, (tags, "tag"), (marks, "warn")]

    def _tail(self, row: Conversation, width: int, age: str, age_ink: str) -> Spans:
        spans: Spans = []
        if width >= 76:
            mine = row.assignee_name is not None and row.assignee_name == self._me()
            who = "me" if mine else (row.assignee_name or "")
            spans.append((" " + fit(who, 8), "good" if mine else "dim"))
        if width < 60:
            age = age.removeprefix("in ")
        spans.append((fit(age, 7 if width >= 60 else 5, right=True) + " ", age_ink))
        return spans
