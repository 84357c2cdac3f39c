"""The three lines around every screen: where you are, what was said, which keys work now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from textual import events

from desk.keymap import Action, Context
from desk.model import View, ViewInfo
from screens.desk import Desk, News
from screens.render import cells, one_line, shorten
from screens.times import seconds_left
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

PINNED: tuple[View, ...] = ("open", "mine")
"""Views that the top bar shows though they are empty."""
UNPINNED: tuple[View, ...] = ("quarantined", "failed", "all")
"""Views that it shows only while one is in them: alarms of their own tell of the first two."""

KEY_GLYPHS = {
    "enter": "⏎",
    "escape": "esc",
    "space": "spc",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "shift+tab": "⇧tab",
}


def key_glyph(key: str) -> str:
    """A key as the footer shows it."""
    if key in KEY_GLYPHS:
        return KEY_GLYPHS[key]
    if " " in key:
        return "".join(map(key_glyph, key.split()))
    return "^" + key[5:] if key.startswith("ctrl+") else key


ENTER: Mapping[Context, str] = {"finder": "choose", "prompt": "done"}
"""What enter does where it is no action of the keymap: it ends typing."""


REASON_AT_MOST = 20
"""Cells of the reason why the rep is away."""


class TopBar(Bar):
    """The views with how much they hold, or a screen's title; on the right what needs looking after."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks], title: str = "") -> None:
        super().__init__(inks, id="top")
        self.desk = desk
        self.title = title
        self.view: View | None = None
        self.q = ""
        """The filter of the list."""
        self.alone = True
        """Whether no column beside the list shows the views."""

    def bar_lines(self, width: int) -> Sequence[Line]:
        left: list[tuple[str, str]] = [(" desk ", "accent"), (" ", "bar")]
        right = self._alarms()
        room = width - 7 - sum(cells(text) for text, _ in right)
        if self.view is None:
            left.append((self._titled(room), "strong"))
        else:
            left += self._filtered(room) if self.q or not self.alone else self._views(room)
        used = sum(cells(text) for text, _ in left)
        rest = width - used - sum(cells(text) for text, _ in right)
        return [Line((*left, (" " * max(rest, 0), "bar"), *right), on="bar")]

    def _titled(self, room: int) -> str:
        """The title with what explains it, where there is room for all of that."""
        return shorten(self.title if cells(self.title) <= room else self.title.split(" — ")[0], room)

    def _filtered(self, room: int) -> list[tuple[str, str]]:
        """The view, and what of it is shown."""
        here = next((view for view in self.desk.views if view.name == self.view), None)
        title = shorten(here.title if here else self.view or "", room)
        spans = [(title, "strong")]
        if here is not None:
            spans.append((f" {_count(here)}", "dim"))
        left = room - sum(cells(text) for text, _ in spans) - 3
        if self.q and left > 4:
            spans.append((f"  \\{shorten(self.q, left)}", "accent"))
        return spans

    def _views(self, room: int) -> list[tuple[str, str]]:
        """The view between others that hold something, in the order of the list of views."""
        views = [view for view in self.desk.views if self._told(view)]
        if not views:
            return [(shorten(self.view or "", room), "strong")]
        shown = [view.name for view in sorted(views, key=self._weight)]
        while sum(_cost(view) for view in views if view.name in shown) > room and len(shown) > 1:
            shown.pop()
        spans: list[tuple[str, str]] = []
        for view in views:
            if view.name in shown:
                here = view.name == self.view
                spans.append((f"{one_line(view.title)} {_count(view)}", "strong" if here else "dim"))
                spans += [(_new(view), "accent"), ("  ", "bar")]
        return spans

    def _told(self, view: ViewInfo) -> bool:
        return view.name == self.view or view.name in PINNED or (view.count > 0 and view.name not in UNPINNED)

    def _weight(self, view: ViewInfo) -> int:
        """What has to give way last is lowest."""
        return 0 if view.name == self.view else 1 if view.name in PINNED else 2 if view.unread else 3

    def _alarms(self) -> list[tuple[str, str]]:
        status = self.desk.status
        if status is None:
            return []
        alarms = [*self._absence(), *self._handed_out()]
        for state in ("failed", "bounced", "unknown"):
            if count := status.outbox.get(state, 0):
                alarms.append((f" {count} {state} ", "alarm"))
        if status.quarantined:
            alarms.append((f" {status.quarantined} quarantined ", "warn"))
        if status.settings_error:
            alarms.append((" desk.toml is wrong ", "alarm"))
        for account in status.accounts:
            if account.state == "needs-secret":
                key = key_glyph(self.desk.keymap.key("provide-secret", "list")) or ":provide-secret"
                alarms.append((f" {key}: password of {one_line(account.name)[:16]} ", "alarm"))
            elif account.state not in ("connected", "starting", "paused"):
                alarms.append((f" {one_line(account.name)[:16]} {account.state} ", "warn"))
        if drafts := self.desk.draft_count:
            alarms.append((f" {drafts} draft{'s' if drafts > 1 else ''} ", "dim"))
        return alarms

    def _handed_out(self) -> list[tuple[str, str]]:
        """What is offered, where no line of its own tells, and what went back."""
        alarms, offers = [], self.desk.offers
        if offers.open and self.title:
            left = seconds_left(min(each.offer.until for each in offers.open), self.desk.clock.now())
            alarms.append((f" offered to you {left // 60}:{left % 60:02} ", "alarm"))
        if offers.returned:
            key = key_glyph(self.desk.keymap.key("returned", "list")) or ":returned"
            alarms.append((f" {key}: {len(offers.returned)} went back ", "warn"))
        return alarms

    def _absence(self) -> list[tuple[str, str]]:
        """That the rep gets no new work, by their own word."""
        now = self.desk.availability
        if now is None or now.state not in ("busy", "away"):
            return []
        said = f"{now.state}: {shorten(one_line(now.reason), REASON_AT_MOST)}" if now.reason else now.state
        return [(f" {said} ", "warn")]


def _count(view: ViewInfo) -> str:
    return f"{view.count:,}" + ("" if view.exact else "+")


def _new(view: ViewInfo) -> str:
    return f" •{view.unread:,}" if view.unread else ""


def _cost(view: ViewInfo) -> int:
    return cells(one_line(view.title)) + 1 + len(_count(view)) + len(_new(view)) + 2


SILENT_SECONDS = 2.5
"""How long the server may take for an answer before people are told."""


class StatusLine(Bar):
    """What was said last; above it all that the server is away, and what can still be taken back."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="status")
        self.desk = desk
        self.resting = ""
        """What stands here when there is nothing to say."""
        self.pending = ""
        """Keys that wait for more: a count, the beginning of a sequence."""
        self.selected = ""
        """How many are selected, in words."""

    def bar_lines(self, width: int) -> Sequence[Line]:
        head = ((" ", "text"), (f" {self.selected} ", "alarm")) if self.selected else ()
        left = width - sum(cells(text) for text, _ in head)
        if not self.pending:
            return [Line((*head, *self._spans(left - 2)))]
        spans = (*head, *self._spans(left - 4 - cells(self.pending)))
        gap = width - 1 - cells(self.pending) - sum(cells(text) for text, _ in spans)
        return [Line((*spans, (" " * gap, "text"), (self.pending, "accent")))]

    def _spans(self, room: int) -> tuple[tuple[str, str], ...]:
        desk = self.desk
        if desk.link == "away":
            told = "server away, reconnecting… what you type is kept"
            reason = desk.away_reason.split("; ")[0]
            return (
                (" ", "text"),
                (shorten(told, room), "warn"),
                ("  ", "text"),
                (shorten(reason, room - len(told) - 2), "dim"),
            )
        if (silence := desk.client.silence) > SILENT_SECONDS:
            told = f"no answer from the server for {silence:.0f} s; what you type is kept"
            return ((" ", "text"), (shorten(told, room), "warn"))
        news = desk.current_news()
        if news is not None and news.tone == "bad":
            return ((" ", "text"), (shorten(news.text, room), "bad"))
        if going := desk.takeable():
            left = seconds_left(going.until, desk.clock.now())
            said = f"sending in {left} s — {self._taking_back()} takes it back"
            if news is None:
                return ((" ", "text"), (shorten(said, room), "accent"))
            told = shorten(news.text, max(room - cells(said) - 3, room // 3))
            rest = shorten(said, room - cells(told) - 3)
            return ((" ", "text"), (told, _tone(news)), (" · ", "dim"), (rest, "accent"))
        if news is not None:
            return ((" ", "text"), (shorten(news.text, room), _tone(news)))
        return ((" ", "text"), (shorten(self.resting, room), "dim"))

    def _taking_back(self) -> str:
        """What takes an answer back: `undo`, unless something else was done since."""
        undo = self.desk.keymap.key("undo")
        return key_glyph(undo) if undo and self.desk.sent_last else ":undo-send"


def _tone(news: News) -> str:
    """The ink of what was said."""
    return "good" if news.tone == "good" else "text"


class KeyLine(Bar):
    """The keys that work now, most useful first, as many as fit; the last one always tells where all are."""

    def __init__(
        self,
        desk: Desk,
        inks: Callable[[], Inks],
        where: Callable[[], Context],
        can: Callable[[str], bool],
        word: Callable[[Action], str],
    ) -> None:
        super().__init__(inks, id="keys")
        self.desk = desk
        self._where = where
        self._can = can
        self._word = word
        self.begun = ""
        """Keys pressed already, of some that go one after the other."""

    def bar_lines(self, width: int) -> Sequence[Line]:
        context = self._where()
        keymap = self.desk.keymap
        if self.begun:
            return [Line(tuple(self._after(context, width)), on="bar")]
        shown = [a for a in keymap.here(context) if a.label and keymap.key(a.name, context) and self._can(a.name)]
        spans: list[tuple[str, str]] = [(" ", "bar")]
        if context in ENTER:
            spans += [(key_glyph("enter"), "key"), (f" {ENTER[context]}  ", "dim")]
        helping = next((a for a in shown if a.name == "help"), None)
        used = sum(cells(text) for text, _ in spans)
        room = width - used - (self._cost(helping) if helping else 0)
        for action in shown:
            if action is helping:
                continue
            room -= self._cost(action)
            if room < 0:
                break
            spans += self._key(action)
        if helping:
            spans += self._key(helping)
        return [Line(tuple(spans), on="bar")]

    def on_click(self, event: events.Click) -> None:
        """A key that is clicked does what it does when pressed."""
        context, keymap = self._where(), self.desk.keymap
        at = 0
        for (text, ink), (told, _) in pairwise((*self.bar_lines(self.size.width)[0].spans, ("", ""))):
            width = cells(text) + cells(told)
            if ink == "key" and at <= event.x < at + width:
                here = (a for a in keymap.here(context) if key_glyph(keymap.key(a.name, context)) == text)
                action = next((a for a in here if told.strip() in (self._word(a), a.label)), None)
                perform = getattr(self.screen, "perform", None)
                if action is not None and perform is not None and not self.begun:
                    perform(action.name)
                return
            at += cells(text)

    def _after(self, context: Context, width: int) -> Iterator[tuple[str, str]]:
        """What the keys pressed already may go on with."""
        yield (" ", "bar")
        room = width - 1
        for key, action in self.desk.keymap.after(context, self.begun):
            told = f" {action.runs or self._word(action) or action.name}  "
            room -= cells(key_glyph(key)) + cells(told)
            if room < 0:
                return
            yield (key_glyph(key), "key")
            yield (told, "dim")

    def _key(self, action: Action) -> list[tuple[str, str]]:
        key = key_glyph(self.desk.keymap.key(action.name, self._where()))
        return [(key, "key"), (f" {self._word(action)}  ", "dim")]

    def _cost(self, action: Action) -> int:
        return sum(cells(text) for text, _ in self._key(action))
