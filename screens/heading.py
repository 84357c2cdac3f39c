"""The two lines above a conversation: what it is about, how it stands, and who else is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from desk.model import CUSTOMER, ChatNow, Conversation, Presence, Promise
from screens.callbar import call_back
from screens.chatbar import standing
from screens.desk import Desk
from screens.promised import in_the_head, running, time_left
from screens.render import cells, one_line, shorten
from screens.rows import PRIORITY_GLYPHS, STATE_GLYPHS
from screens.times import stamp
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

NAMED_AT_MOST = 3


class Heading(Bar):
    """What the conversation is about, and how it stands."""

    conversation: Conversation | None = None
    others: Sequence[Presence] = ()
    chat: ChatNow | None = None
    """How the visitor's chat stands, if the conversation is one."""
    promises: Sequence[Promise] = ()
    """Those of the conversation, as soon as they are here."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, classes="heading")
        self.desk = desk

    def bar_lines(self, width: int) -> Sequence[Line]:
        row = self.conversation
        if row is None:
            return [Line()]
        here = company(self.others, max(width - 24, 20))
        subject = shorten(row.subject or "(no subject)", width - 2 - (cells(here[0]) + 2 if here else 0))
        title = [(" ", "text"), (subject, "strong")]
        if here:
            gap = width - 2 - cells(subject) - cells(here[0])
            title += [(" " * gap, "text"), here]
        return [Line(tuple(title)), Line(tuple(_fitting(self._facts(row), width - 1)))]

    def _facts(self, row: Conversation) -> Iterator[tuple[str, str]]:
        glyph, ink = STATE_GLYPHS[row.state]
        now = self.desk.clock.now()
        if (callback := self.desk.callbacks.get(row.id)) is not None:
            yield (f" {call_back(callback, now)} ·", "bad" if callback.state == "unclear" else "accent")
        until = f" until {stamp(row.snoozed_until, now)}" if row.snoozed_until and row.state == "snoozed" else ""
        yield (f" {glyph} {row.state}{until}", ink)
        promise = running(self.promises)
        if row.due_at is not None:
            yield (f" · {time_left(row.due_at, now)}", "warn" if row.due_at > now else "bad")
        if self.chat is not None:
            yield from standing(self.chat, now)
        if promise is not None and promise.due_at == row.due_at:
            yield from in_the_head(promise, now)
        if row.priority != "normal":
            yield (f" · {row.priority}", PRIORITY_GLYPHS[row.priority][1])
        yield (" · " + (shorten(row.assignee_name, 24) if row.assignee_name else "nobody's"), "text")
        if row.queue_name:
            yield (f" · {shorten(row.queue_name, 20)}", "dim")
        if row.account:
            yield (f" · {shorten(row.account, 24)}", "dim")
        if row.messages > 1:
            yield (f" · {row.messages:,} messages", "dim")
        for tag in row.tags[:8]:
            yield (f" #{shorten(tag, 20)}", "tag")


def _fitting(facts: Iterable[tuple[str, str]], room: int) -> Iterator[tuple[str, str]]:
    """As many as there is room for; where some are missing, an ellipsis tells."""
    told = list(facts)
    for number, (text, ink) in enumerate(told):
        room -= cells(text)
        if room < (2 if number + 1 < len(told) else 0):
            yield (shorten(text, room + cells(text)) if number == 0 else " …", ink if number == 0 else "dim")
            return
        yield (text, ink)


def company(others: Sequence[Presence], width: int) -> tuple[str, str] | None:
    """Who else is here, in at most `width` cells with its ink; whoever writes an answer is named first, and loudly."""
    if not others:
        return None
    customers = [each for each in others if each.agent_id == CUSTOMER]
    writing = [each for each in others if each.doing == "replying" and each not in customers]
    listening = [each for each in others if each.doing == "listening"]
    reading = [each for each in others if each.doing == "viewing" and each not in customers]
    told = [
        f"{_names(who)} {'is' if len(who) == 1 else 'are'} {what}"
        for who, what in (
            (writing, "writing an answer"),
            (customers, "writing"),
            (listening, "listening in"),
            (reading, "reading"),
        )
        if who
    ]
    return shorten(", ".join(told), width), "alarm" if writing else "accent"


def _names(who: Sequence[Presence]) -> str:
    names = [shorten(one_line(each.agent_name) or "somebody", 20) for each in who]
    if len(names) > NAMED_AT_MOST:
        names[NAMED_AT_MOST - 1 :] = [f"{len(names) - NAMED_AT_MOST + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
