"""The filter of the list: narrows it while it is typed, and completes fields and their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.reactive import Reactive

from desk.client import ClientError
from desk.keymap import Context
from desk.model import Problem
from desk.query import FIELDS, QueryError, complete, parse, word_at
from screens.desk import Desk
from screens.render import cells
from screens.widgets.entry import Entry
from screens.widgets.hint import Hint
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

NAMED_AT_MOST = 12
"""Completions told at once; `tab` goes through all of them."""


MOVES = {"next-row": "down", "previous-row": "up", "next-rows": "page-down", "previous-rows": "page-up"}


class Closed(Protocol):
    """Told when the line is left; with `keep` the filter stays."""

    def __call__(self, *, keep: bool) -> None: ...


class _Backslash(Bar):
    def bar_lines(self, width: int) -> Sequence[Line]:
        return [Line(((" \\", "accent"),))]


class _FilterEntry(Entry):
    """Typed in while the list below changes: the screen is not laid out again for each letter as well."""

    virtual_size = Reactive(Size(0, 0))


class FilterLine(Vertical):
    """One line to type in, and one that says what could follow or which word makes no sense.

    `changed` is told each query that makes sense; `act` carries out movements in the list.
    """

    context: Context = "filter"

    def __init__(
        self,
        desk: Desk,
        inks: Callable[[], Inks],
        changed: Callable[[str], None],
        closed: Closed,
        act: Callable[[str, int | None], bool],
    ) -> None:
        super().__init__(id="filter")
        self._desk = desk
        self._changed = changed
        self._left = closed
        self._move = act
        self._mark = _Backslash(inks, id="filter-mark")
        self.entry = _FilterEntry(id="filter-entry")
        self.entry.ends_with_enter()
        self.hint = Hint(inks, id="filter-hint")
        self._known: Mapping[str, Sequence[str]] = {}
        self._offered: list[str] = []
        self._word = (0, 0)
        self._at = -1
        """Which completion stands in the line; -1 if none."""
        self._put = ""
        self._base = ""
        """The line as it was typed, before anything was completed."""

    def compose(self) -> ComposeResult:
        with Horizontal(id="filter-row"):
            yield self._mark
            yield self.entry
        yield self.hint

    def open(self, q: str) -> None:
        """Type here; what is filtered by already stands there."""
        self._appear(True)
        self._write(q)
        self.entry.focus(scroll_visible=False)
        self._look()
        self.run_worker(self._load(), group="filter", exclusive=True, exit_on_error=False)

    def _appear(self, open: bool) -> None:
        """Stand in the place of the status line."""
        self.display = open
        self.screen.query_one("#status").display = not open

    async def _load(self) -> None:
        client = self._desk.client
        try:
            tags, queues, agents = await client.tags(), await client.queues(), await client.agents()
            policies, customers = await client.policies(), await client.customer_words()
        except ClientError:
            return
        self._known = {
            "tag": [tag.name for tag in tags],
            "queue": [queue.name for queue in queues],
            "assignee": [agent.login for agent in agents],
            "policy": [policy.name for policy in policies if policy.name],
            "customer": customers.tags,
            "language": customers.languages,
        }
        if self._at < 0:
            self._look()

    def _write(self, text: str, cursor: int | None = None) -> None:
        self._put = text
        self.entry.value = text
        self.entry.cursor_position = len(text) if cursor is None else cursor

    # --- while it is typed --------------------------------------------------------------------------------

    def on_input_changed(self, event: Entry.Changed) -> None:
        event.stop()
        if self.entry.value != self._put:
            self._put = self.entry.value
            self._at = -1
        self._judge()
        if self._at < 0:
            self._look()

    def _judge(self) -> None:
        """Filter, if it makes sense; an unfinished word waits for its end before it is called wrong."""
        text = self.entry.value
        error = problem(text, self._desk.clock.now())
        if error is not None and unfinished(error, text, self.entry.cursor_position):
            text = text[: text.rfind(" ", 0, error.start + 1) + 1]
            error = problem(text, self._desk.clock.now())
        if error is None:
            self._changed(text.strip())

    def _look(self) -> None:
        """Say what is wrong, or else what could stand at the cursor."""
        text, cursor = self.entry.value, self.entry.cursor_position
        self._base = text
        self._word = word_at(text, cursor)
        typed = text[self._word[0] : cursor]
        self._offered = [each for each in complete(text, cursor, self._known) if each != typed] if typed else []
        error = problem(text, self._desk.clock.now())
        if error is not None and not (unfinished(error, text, cursor) and self._offered):
            if not unfinished(error, text, cursor):
                self.hint.tell(error.message, "warn", self._columns(error.start, error.end))
                return
            self.hint.tell(error.message)
            return
        self._offer(text)

    def _offer(self, text: str) -> None:
        if self._offered:
            shown = " · ".join(self._offered[:NAMED_AT_MOST])
            more = " …" if len(self._offered) > NAMED_AT_MOST else ""
            self.hint.tell(f"tab: {shown}{more}")
        elif text.strip():
            self.hint.tell("⏎ keeps it · esc takes it off · ↑↓ move · -word without · (a or b)")
        else:
            self.hint.tell("words, or " + " ".join(f"{name}:" for name in FIELDS))

    def _columns(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of the text stands on the screen."""
        text, at = self.entry.value, 2 - round(self.entry.scroll_offset.x)
        return max(at + cells(text[:start]), 0), max(at + cells(text[:end]), 0)

    def refused(self, found: Problem) -> None:
        """The server could make no sense of it."""
        try:
            under = self._columns(int(found.detail["start"]), int(found.detail["end"]))
        except (KeyError, ValueError):
            under = None
        self.hint.tell(found.message, "warn", under)

    # --- keys ---------------------------------------------------------------------------------------------

    def act(self, action: str, count: int | None = None) -> bool:
        if action in MOVES:
            return self._move(MOVES[action], count)
        if action in ("complete", "complete-back"):
            self._complete(1 if action == "complete" else -1)
        elif action == "cancel":
            self._leave(keep=False)
        else:
            return False
        return True

    def _complete(self, by: int) -> None:
        if self.entry.value != self._put:
            self._put, self._at = self.entry.value, -1
            self._look()
        if self._at < 0 and not self._offered:
            self._look()
        if not self._offered:
            return
        self._at = (self._at + by) % len(self._offered) if self._at >= 0 or by > 0 else len(self._offered) - 1
        word, (start, end) = self._offered[self._at], self._word
        only = len(self._offered) == 1
        written = word + (" " if only and not word.endswith(":") and end == len(self._base) else "")
        self._write(self._base[:start] + written + self._base[end:], start + len(written))
        if only:
            self._at = -1
            self._look()
        self._judge()

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        error = problem(self.entry.value, self._desk.clock.now())
        if error is not None:
            self.hint.tell(error.message, "bad", self._columns(error.start, error.end))
        else:
            self._judge()
            self._leave(keep=bool(self.entry.value.strip()))
        self.screen.release_keys()  # type: ignore[attr-defined]

    def _leave(self, *, keep: bool) -> None:
        self._appear(False)
        self._left(keep=keep)


def problem(text: str, now: int) -> QueryError | None:
    """Why a text is no query."""
    try:
        parse(text, now=now)
    except QueryError as error:
        return error
    return None


def unfinished(error: QueryError, text: str, cursor: int) -> bool:
    """Whether the word at fault is the one being typed."""
    return error.end >= cursor and cursor >= error.start and error.end >= len(text.rstrip()) and text[-1:] != " "
