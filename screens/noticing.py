"""What the terminal itself is told: its title, its bell, a notice of the desktop. In Desk's own words, or not at all.

The only text from outside that may get into these is a customer's name, if `desk.notice_names` says so, and it passes
`own` first: an escape sequence ends where its text says it does, so nothing may be in it that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from desk.model import ViewInfo
from desk.text import line

TEXT_AT_MOST = 120
NAME_AT_MOST = 40
BELL = "\x07"
SAVE_TITLE = "\x1b[22;2t"
RESTORE_TITLE = "\x1b]2;\x07\x1b[23;2t"
"""XTWINOPS: the title that was pushed comes back; a terminal that keeps no stack has an empty one instead of ours."""

Wanted = Literal["off", "mentions", "mine", "all"]


class Counts(Struct, frozen=True):
    """What a rep is called for."""

    unread: int = 0
    """Unread conversations of theirs."""
    mentions: int = 0
    """Conversations in which a colleague named them, not seen yet."""
    waiting: int = 0
    """Conversations of nobody."""


def counts(views: Sequence[ViewInfo]) -> Counts:
    """The counts in the list of views."""
    by_name = {view.name: view for view in views}

    def unread(name: str) -> int:
        return by_name[name].unread if name in by_name else 0

    waiting = by_name["unassigned"].count if "unassigned" in by_name else 0
    return Counts(unread("mine"), unread("mentions"), waiting)


def news(before: Counts, now: Counts, wanted: Wanted) -> str:
    """What to call the rep for, in words; '' if nothing that is wanted grew."""
    grown = []
    if wanted != "off" and now.mentions > before.mentions:
        grown.append("a colleague named you")
    if wanted in ("mine", "all") and now.unread > before.unread:
        grown.append(f"{now.unread} of yours unread")
    if wanted == "all" and now.waiting > before.waiting:
        grown.append(f"{now.waiting} unassigned")
    return ", ".join(grown)


def title(now: Counts) -> str:
    """The terminal's title."""
    told = [f"{now.unread} unread"] if now.unread else []
    if now.mentions:
        told.append(f"{now.mentions} mention{'s' if now.mentions > 1 else ''}")
    return f"desk ({', '.join(told)})" if told else "desk"


def own(text: str, at_most: int = TEXT_AT_MOST) -> str:
    """Text that may stand in an escape sequence: one line, nothing that controls, no `;`, which parts fields."""
    cleaned = line(text).replace(";", ",")
    return "".join(char for char in cleaned if char.isprintable())[:at_most]


def title_sequence(text: str) -> str:
    """OSC 2: the window's title."""
    return f"\x1b]2;{own(text)}\x07"


def notice_sequence(form: Literal["osc9", "osc777"], text: str) -> str:
    """A notice of the desktop. OSC 9 begins with no digit: `4;` is something else there (progress, ConEmu)."""
    if form == "osc777":
        return f"\x1b]777;notify;Desk;{own(text)}\x07"
    return f"\x1b]9;Desk: {own(text)}\x07"


class Noticing:
    """Compares what there is with what there was, and tells the terminal through `write`."""

    def __init__(self, write: Callable[[str], None], entitle: Callable[[str | None], None]) -> None:
        """`entitle` sets the terminal's title; None restores the one it had."""
        self._write = write
        self._entitle = entitle
        self._before: Counts | None = None
        self._title: str | None = None

    def show_title(self, now: Counts, *, wanted: bool, quiet: bool) -> None:
        """Have the title say it, or have it as it was."""
        text = title(Counts() if quiet else now) if wanted else None
        if text != self._title:
            self._title = text
            self._entitle(text)

    @property
    def known(self) -> bool:
        """Whether there is something to compare with."""
        return self._before is not None

    def grown(self, now: Counts, wanted: Wanted) -> str:
        """`news` since the last time `passed` was called. The first counts are no news."""
        return news(self._before, now, wanted) if self._before is not None else ""

    def passed(self, now: Counts) -> None:
        """These counts are known now."""
        self._before = now

    def ring(self) -> None:
        """The bell."""
        self._write(BELL)

    def notify(self, form: Literal["osc9", "osc777"], text: str) -> None:
        """A notice of the desktop."""
        self._write(notice_sequence(form, text))
