"""The rep's chats in one line: a number for each, what is new in it, and how long its customer has waited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual import events

from desk.clock import HOUR, MINUTE, SECOND, Millis
from desk.model import ChatNow, Presence, Talk
from screens.desk import Desk
from screens.render import cells, one_line, shorten
from screens.times import ordinal, span
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

NUMBERED = range(1, 10)
NAME_AT_MOST, NAME_AT_LEAST = 20, 6
Room = tuple[int, bool]
"""Cells for a name, and whether there is room for words beside it: `left`, `late`."""
ROOMS: Sequence[Room] = (
    *((name, True) for name in range(NAME_AT_MOST, NAME_AT_LEAST - 1, -1)),
    *((name, False) for name in range(NAME_AT_MOST, NAME_AT_LEAST - 3, -1)),
    (0, False),
)
"""From what is told where there is plenty of room to the least."""
LATE = " late"
WARN_AFTER = 0.5
"""Of the time that was promised."""


def numbered(talks: Sequence[Talk], before: Mapping[int, int]) -> dict[int, int]:
    """The chats' numbers, by conversation: each keeps the one it had, a new one gets the lowest that is free."""
    kept = {talk.conversation_id: before[talk.conversation_id] for talk in talks if talk.conversation_id in before}
    free = (number for number in NUMBERED if number not in set(kept.values()))
    new = (talk.conversation_id for talk in talks if talk.conversation_id not in kept)
    return kept | dict(zip(new, free, strict=False))


def clocked(length: Millis) -> str:
    """How long somebody waits: `0:07`, `12:40`, then `3h`."""
    seconds = max(length, 0) // SECOND
    return f"{seconds // 60}:{seconds % 60:02}" if length < HOUR else span(length)


def timer(talk: Talk, now: Millis) -> tuple[str, str]:
    """How long the customer has waited for an answer, with an ink for how much of the promise that is; once they have
    one, how long ago they said something."""
    if talk.waiting_since is None:
        return (clocked(now - talk.said_at) if talk.said_at is not None else ""), "dim"
    waited = now - talk.waiting_since
    promised = talk.due_at - talk.waiting_since if talk.due_at is not None else None
    if promised is None:
        return clocked(waited), "strong"
    if waited >= promised:
        return f"{clocked(waited)}{LATE}", "alarm"
    return clocked(waited), "warn" if waited >= promised * WARN_AFTER else "good"


class ChatBar(Bar):
    """The rep's chats under way; gone while there are none."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks], chosen: Callable[[int], None]) -> None:
        super().__init__(inks, id="chats")
        self.desk = desk
        self._chosen = chosen
        self.talks: Sequence[Talk] = ()
        self.numbers: Mapping[int, int] = {}
        self.here: int | None = None
        """The conversation that is read."""
        self._ends: list[tuple[int, int]] = []
        """The column after each chat, and its number."""
        self.display = False

    def tell(self, talks: Sequence[Talk]) -> None:
        """These are under way now."""
        self.numbers = numbered(talks, self.numbers)
        self.talks = sorted((each for each in talks if each.conversation_id in self.numbers), key=self._number)
        self.more = len(talks) - len(self.talks)
        self.display = bool(talks)
        self.update()

    more = 0
    """Chats beyond those that have a number."""

    def _number(self, talk: Talk) -> int:
        return self.numbers[talk.conversation_id]

    def numbered(self, number: int) -> int | None:
        """The conversation of the chat with that number."""
        return next((id for id, each in self.numbers.items() if each == number), None)

    def longest_waiting(self) -> int | None:
        """The conversation whose customer has waited longest for an answer."""
        waiting = [talk for talk in self.talks if talk.waiting_since is not None]
        return min(waiting, key=lambda talk: talk.waiting_since or 0).conversation_id if waiting else None

    def bar_lines(self, width: int) -> Sequence[Line]:
        shown, room = self._fitting(width)
        self._ends = []
        spans: list[tuple[str, str]] = []
        for talk in shown:
            spans += self._part(talk, room)
            self._ends.append((_width(spans), self.numbers[talk.conversation_id]))
        if hidden := len(self.talks) - len(shown) + self.more:
            spans.append((f" +{hidden}", "dim"))
        return [Line(tuple(spans), on="bar")]

    def _fitting(self, width: int) -> tuple[Sequence[Talk], Room]:
        """The chats there is room for, and for what of them. Where there is none for all, those stay away who wait
        least for an answer."""
        left = width - (len(" +99") if self.more else 0)
        for room in ROOMS:
            if sum(_width(self._part(talk, room)) for talk in self.talks) <= left:
                return self.talks, room
        least, shown, left = ROOMS[-1], set[int](), width - len(" +99")
        for talk in sorted(self.talks, key=self._urgency):
            left -= _width(self._part(talk, least))
            if left < 0:
                break
            shown.add(talk.conversation_id)
        return [talk for talk in self.talks if talk.conversation_id in shown], least

    def _urgency(self, talk: Talk) -> tuple[bool, float]:
        """What is read first, then who has waited longest."""
        return talk.conversation_id != self.here, talk.waiting_since or float("inf")

    def _part(self, talk: Talk, room: Room) -> list[tuple[str, str]]:
        width, wordy = room
        reading = talk.conversation_id == self.here
        told, ink = timer(talk, self.desk.clock.now())
        name = shorten(talk.name or "visitor", width)
        gap = " " if name else ""
        news = f"{gap}•{talk.unread}" if talk.unread else ""
        draft = f"{gap}✎" if talk.conversation_id in self.desk.drafts else ""
        return [
            ("▌" if reading else " ", "accent"),
            (f"{self.numbers[talk.conversation_id]} ", "key"),
            (name, "strong" if talk.unread or reading else "text"),
            (news, "accent"),
            (draft, "note"),
            (" left" if wordy and not talk.here else "", "dim"),
            (" " if name or news or draft else "", "bar"),
            (f"{told if wordy else told.removesuffix(LATE)} ", ink),
        ]

    def on_click(self, event: events.Click) -> None:
        number = next((number for end, number in self._ends if event.x < end), None)
        if number is not None:
            self._chosen(number)


def _width(part: Sequence[tuple[str, str]]) -> int:
    return sum(cells(text) for text, _ in part)


# --- one of them ------------------------------------------------------------------------------------------


def standing(chat: ChatNow, now: Millis) -> list[tuple[str, str]]:
    """How a chat stands, for the head of its conversation."""
    told: list[tuple[str, str]] = []
    if chat.state == "ended":
        told.append((" · the visitor ended the chat", "dim"))
    elif chat.place:
        told.append((f" · {_place(chat)}", "warn"))
        told.append((f" · {_told(chat.minutes)}", "dim"))
    if chat.state != "ended" and not chat.here:
        told.append((f" · left{_since(chat.left_at, now)}", "warn"))
    return told


def _since(at: Millis | None, now: Millis) -> str:
    if at is None:
        return ""
    return " just now" if now - at < MINUTE else f" {span(now - at)} ago"


def _place(chat: ChatNow) -> str:
    return "next to be answered" if chat.waiting <= 1 else f"{ordinal(chat.place)} of {chat.waiting:,} waiting"


def _told(minutes: int | None) -> str:
    """What the visitor is told of how long it takes."""
    if minutes is None:
        return "wait unknown"
    return "told over an hour" if minutes > 60 else f"told about {minutes} min"


class Typing(Bar):
    """What the visitor has typed so far, where the site tells them that it is seen."""

    def __init__(self, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="typing")
        self.who = self.text = ""
        self.display = False

    def tell(self, visitor: Presence | None) -> None:
        """What they have typed; nothing of anybody who types nothing."""
        text = visitor.text if visitor is not None else ""
        if visitor is not None:
            self.who = visitor.agent_name
        if text != self.text:
            self.text = text
            self.display = bool(text.strip())
            self.update()

    def bar_lines(self, width: int) -> Sequence[Line]:
        who = shorten(self.who or "the visitor", 16)
        return [Line(((f" {who} types: ", "accent"), (tail(self.text, width - cells(who) - 9), "dim")))]


def tail(text: str, width: int) -> str:
    """The end of a text, in one line of at most so many cells."""
    whole = one_line(text)
    if cells(whole) <= width:
        return whole
    end = whole[-width:]
    while cells(end) > width - 1:
        end = end[1:]
    return f"…{end}"


class Below(Bar):
    """How much came below what is read."""

    def __init__(self, inks: Callable[[], Inks], key: Callable[[], str], chosen: Callable[[], object]) -> None:
        super().__init__(inks, id="below")
        self._key = key
        self._chosen = chosen
        self.count = 0
        self.display = False

    def tell(self, count: int) -> None:
        """So much came."""
        if count != self.count:
            self.count = count
            self.display = bool(count)
            self.update()

    def bar_lines(self, width: int) -> Sequence[Line]:
        key = self._key()
        goes = f" · {key} goes there" if key else ""
        return [Line(((f" ↓ {self.count:,} new below", "accent"), (goes, "dim")))]

    def on_click(self, event: events.Click) -> None:
        self._chosen()
