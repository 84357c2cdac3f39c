"""How a conversation looks in the list."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from textual.strip import Strip

from desk.clock import MINUTE, Millis
from desk.model import Callback, Conversation, Priority, State
from screens.callbar import in_row
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

ROOMY = 76
"""Columns from which on marks need not touch the name."""
Spans = list[tuple[str, str]]


class Look(NamedTuple):
    """What the list shows of a conversation that the conversation itself does not tell."""

    selected: bool = False
    draft: bool = False
    """The rep began an answer."""
    failed: bool = False
    """An answer of ours did not get there, or nobody knows."""
    later: bool = False
    """An answer waits for its time."""
    mine: bool = False
    """It is the rep's own."""
    callback: Callback | None = None
    """Who waits for a call here."""


class Columns(NamedTuple):
    """Cells of each column in a line; 0 for those there is no room for."""

    name: int
    counted: bool
    """Whether there is room to tell how many messages there are."""
    queue: int
    assignee: int
    due: int
    tags: int
    """How many tags are told."""


@lru_cache(maxsize=32)
def columns(width: int, *, with_customer: bool = True) -> Columns:
    """The columns of a line that wide."""
    return Columns(
        name=_name(width) if with_customer else 0,
        counted=width >= 60,
        queue=12 if width >= 104 else 0,
        assignee=0 if width < 60 else 6 if width < 76 else 8 if width < 104 else 12,
        due=7 if width >= 60 else 5,
        tags=0 if width < 76 else 2 if width < 104 else 4,
    )


def _name(width: int) -> int:
    """Names are what people look for: the fewer columns, the larger the part of them."""
    return width * 30 // 100 if width < 60 else width * 22 // 100 if width < 90 else min(26, width // 5)


def due(conversation: Conversation, now: Millis) -> tuple[str, str]:
    """When the next promise ends, else how long ago something happened; with its ink."""
    if conversation.due_at is not None:
        left = conversation.due_at - now
        if left <= 0:
            return f"-{span(-left)}" if left <= -MINUTE else "now", "bad"
        return f"in {span(left)}" if left >= MINUTE else "now", "warn"
    return span(now - conversation.last_at), "dim"


class ConversationRow:
    """Paints a conversation: state, who, what, whose it is, how old. The narrower, the less of it.

    What the rep has not read is bold.
    """

    def __init__(
        self,
        now: Callable[[], Millis],
        look: Callable[[Conversation], Look] = lambda row: Look(),
        *,
        with_customer: bool = True,
    ) -> None:
        self._now = now
        self._look = look
        self._with_customer = with_customer

    def __call__(self, row: Conversation, width: int, inks: Inks, on: str) -> Strip:
        spans = self.spans(row, width, cursor=bool(on))
        return strip([(text, inks(ink, on)) for text, ink in spans], width, inks("text", on))

    def spans(self, row: Conversation, width: int, *, cursor: bool) -> Spans:
        look, cut = self._look(row), columns(width, with_customer=self._with_customer)
        selected = ("■", "accent") if look.selected else ("•", "accent") if row.unread else (" ", "text")
        head: Spans = [("▌" if cursor else " ", "accent"), selected, STATE_GLYPHS[row.state]]
        head.append(PRIORITY_GLYPHS[row.priority])
        if width >= ROOMY:
            head.append((" ", "text"))
        if cut.name:
            who = row.customer_name or row.customer_address
            more = f" {row.messages}" if row.messages > 1 and cut.counted else ""
            head.append((fit(who, cut.name - len(more)), "name" if row.unread else "text"))
            head.append((more + " ", "dim"))
        tail = self._tail(row, look, cut)
        room = width - sum(cells(text) for text, _ in (*head, *tail))
        return [*head, *self._middle(row, room, look, cut), *tail]

    def _middle(self, row: Conversation, room: int, look: Look, cut: Columns) -> Spans:
        tags = "".join(f" {shorten(tag, 12)}" for tag in row.tags[: cut.tags])
        marks = _marks(row, look)
        room = max(room - cells(tags) - sum(cells(text) for text, _ in marks), 0)
        spans: Spans = []
        if look.callback is not None:
            waits = shorten(in_row(look.callback, self._now()), max(room - 1, 0)) + " "
            spans.append((waits, "bad" if look.callback.state == "unclear" else "accent"))
            room = max(room - cells(waits), 0)
        subject = shorten(row.subject or "(no subject)", room)
        spans.append((subject, "strong" if row.unread else "text"))
        left = room - cells(subject)
        if left > 12 and row.snippet:
            spans.append(("  " + fit(row.snippet, left - 2), "dim"))
        else:
            spans.append((" " * left, "text"))
        return [*spans, (tags, "tag"), *marks]

    def _tail(self, row: Conversation, look: Look, cut: Columns) -> Spans:
        spans: Spans = []
        if cut.queue:
            spans.append((" " + fit(row.queue_name or "", cut.queue), "dim"))
        if cut.assignee:
            who = "me" if look.mine else (row.assignee_name or "")
            spans.append((" " + fit(who, cut.assignee), "good" if look.mine else "dim"))
        age, ink = due(row, self._now())
        if cut.due < 7:
            age = age.removeprefix("in ")
        age = shorten(age, cut.due)
        return [*spans, (" " * (cut.due - cells(age)), "text"), (age, ink), (" ", "text")]


def _marks(row: Conversation, look: Look) -> Spans:
    told = (
        (look.failed, "!", "bad"),
        (look.draft, "✎", "note"),
        (look.later, "»", "accent"),
        (row.mentioned, "@", "accent"),
        (row.third_party, "?", "warn"),
        (row.has_attachments, "+", "dim"),
    )
    shown: Spans = [(mark, ink) for there, mark, ink in told if there]
    return [(" ", "text"), *shown] if shown else []
