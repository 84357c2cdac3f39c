"""The three lines around every screen: where you are, what was said, which keys work now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from desk.keymap import Action, Context
from desk.model import View
from screens.desk import Desk
from screens.render import cells, one_line, shorten
from screens.times import seconds_left
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

VIEWS: tuple[View, ...] = ("open", "mine", "unassigned", "waiting", "snoozed", "resolved", "spam", "all")

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


class TopBar(Bar):
    """The views with how much they hold, or a screen's title; on the right what needs looking after."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks], title: str = "") -> None:
        super().__init__(inks, id="top")
        self.desk = desk
        self.title = title
        self.view: View | None = None
        self.counts: dict[str, int] = {}

    def bar_lines(self, width: int) -> Sequence[Line]:
        left: list[tuple[str, str]] = [(" desk ", "accent"), (" ", "bar")]
        right = self._alarms()
        room = width - 7 - sum(cells(text) for text, _ in right)
        if self.view is None:
            left.append((shorten(self.title, room), "strong"))
        else:
            left += self._views(room)
        used = sum(cells(text) for text, _ in left)
        rest = width - used - sum(cells(text) for text, _ in right)
        return [Line((*left, (" " * max(rest, 0), "bar"), *right), on="bar")]

    def _views(self, room: int) -> list[tuple[str, str]]:
        spans: list[tuple[str, str]] = []
        for view in VIEWS:
            here = view == self.view
            count = self.counts.get(view, 0)
            text = f"{view} {count:,}" if view in self.counts else view
            if not here and not count and view not in ("open", "mine"):
                continue
            room -= len(text) + 2
            if room < 0:
                if here and spans:
                    spans[-2:] = [(text, "strong"), ("  ", "bar")]
                continue
            spans += [(text, "strong" if here else "dim"), ("  ", "bar")]
        return spans

    def _alarms(self) -> list[tuple[str, str]]:
        status = self.desk.status
        if status is None:
            return []
        alarms: list[tuple[str, str]] = []
        for state in ("failed", "bounced", "unknown"):
            if count := status.outbox.get(state, 0):
                alarms.append((f" {count} {state} ", "alarm"))
        if status.quarantined:
            alarms.append((f" {status.quarantined} quarantined ", "warn"))
        for account in status.accounts:
            if account.state not in ("connected", "starting"):
                alarms.append((f" {one_line(account.name)[:16]} {account.state} ", "warn"))
        if status.drafts:
            alarms.append((f" {status.drafts} draft{'s' if status.drafts > 1 else ''} ", "dim"))
        return alarms


class StatusLine(Bar):
    """What was said last; above it all that the server is away, and what can still be taken back."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="status")
        self.desk = desk
        self.resting = ""
        """What stands here when there is nothing to say."""
        self.pending = ""
        """Keys that wait for more: a count, the beginning of a sequence."""

    def bar_lines(self, width: int) -> Sequence[Line]:
        if not self.pending:
            return [Line(self._spans(width - 2))]
        spans = self._spans(width - 4 - cells(self.pending))
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
        news = desk.current_news()
        if news is not None and news.tone == "bad":
            return ((" ", "text"), (shorten(news.text, room), "bad"))
        if going := desk.takeable():
            left = seconds_left(going.until, desk.clock.now())
            key = key_glyph(desk.keymap.keys("undo-send")[0])
            said = f"sending in {left} s — {key} takes it back"
            return ((" ", "text"), (shorten(said, room), "accent"))
        if news is not None:
            return ((" ", "text"), (shorten(news.text, room), "good" if news.tone == "good" else "text"))
        return ((" ", "text"), (shorten(self.resting, room), "dim"))


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
        helping = next((a for a in shown if a.name == "help"), None)
        room = width - 1 - (self._cost(helping) if helping else 0)
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
