"""The messages of a conversation as a view that scrolls: as much of them as is near the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from re import Pattern
from typing import Protocol

from textual import events
from textual.cache import LRUCache

from desk.keymap import Context
from desk.model import Message, OutboxItem
from screens.base import DeskScreen
from screens.desk import Desk
from screens.stretch import Stretch
from screens.transcript import Look, Named, clicked, event_lines, hides, message_lines, new_line, put_off, stands_in
from screens.widgets.ink import Inks
from screens.widgets.lines import Line, LineView, marked, text_of


class Supply(Protocol):
    """Whoever has more of the conversation. Each asks for it and returns at once; `put` shows it when it is here."""

    def older(self) -> None:
        """The reader is near the oldest message that is here."""

    def newer(self) -> None:
        """The reader is near the newest message that is here."""

    def to_beginning(self) -> None:
        """The reader wants the first message of all."""

    def to_end(self) -> None:
        """The reader wants the last one."""


class Transcript(LineView):
    """The messages, oldest at the top. The newest are here first; others come when the reader gets there."""

    context: Context = "conversation"

    def __init__(self, desk: Desk, inks: Callable[[], Inks], supply: Supply) -> None:
        super().__init__(inks, id="transcript")
        self.desk = desk
        self._supply = supply
        self.stretch = Stretch()
        self.outbox: dict[int, OutboxItem] = {}
        self.selected = 0
        self.unfolded: set[int] = set()
        self.all_unfolded = False
        self.seen: int | None = None
        """The newest message the rep had seen when they looked last; None if nothing is new to them."""
        self.moved: Callable[[], None] = lambda: None
        """Called when another part is in sight, or something came."""
        self._reached = 0
        """The newest message that was in sight, or came while the end was."""
        self._places: list[tuple[int, int]] = []
        """Of each message its first line, and the line after its last. Events that are joined share theirs."""
        self._blocks: LRUCache[tuple[tuple[Message, ...], Look], list[Line]] = LRUCache(256)
        self.wanted: Pattern[str] | None = None
        """What is being found here: it is marked, and leads out of folds."""
        self._at: tuple[int, int] | None = None
        """Where it was gone to: a message, and the line from its first."""

    @property
    def messages(self) -> tuple[Message, ...]:
        return self.stretch.messages

    @property
    def message(self) -> Message | None:
        """The message the reader is at."""
        return self.messages[self.selected] if 0 <= self.selected < len(self.messages) else None

    @property
    def first_new(self) -> int | None:
        """Where the first message stands that the rep had not seen; None if there is none, or it is not here."""
        if self.seen is None or (self.stretch.first > self.seen and not self.stretch.begins):
            return None
        return next((n for n, each in enumerate(self.messages) if each.id > self.seen and self._counts(each)), None)

    def _counts(self, message: Message) -> bool:
        """Whether a message can be new to the rep: it is neither their own nor Desk's."""
        me = self.desk.me
        return message.direction != "event" and (me is None or message.agent_id != me.id)

    def newest_on_screen(self) -> int:
        """The conversation's newest message, if the last that somebody wrote is in sight; else 0."""
        if not self._places or not self.stretch.ends:
            return 0
        return self.stretch.last if self._places[self._newest()][0] < self.top + self.size.height else 0

    @property
    def below(self) -> int:
        """How many messages came below what is in sight, that the rep did not write themself."""
        if not self._places or not self.stretch.ends:
            return 0
        bottom = self.top + self.size.height
        return sum(
            each.id > self._reached and start >= bottom and self._counts(each)
            for each, (start, _) in zip(self.messages, self._places, strict=True)
        )

    def _look(self) -> None:
        """Something else is in sight."""
        if self._places and self.stretch.ends:
            bottom = self.top + self.size.height
            seen = [each.id for each, (start, _) in zip(self.messages, self._places, strict=True) if start < bottom]
            self._reached = max(self._reached, *seen, 0)
        self.moved()

    # --- what it shows ------------------------------------------------------------------------------------

    def put(self, stretch: Stretch, *, stay: bool) -> None:
        """Show these. With `stay` the reader keeps their place, or their end; else what is new comes into sight."""
        before = self.message.id if stay and self.message else None
        was_last = self.stretch.last
        stuck = stay and self.stretch.ends and (self.at_end or self.selected == len(self.messages) - 1)
        offset = self.top - self._places[self.selected][0] if stay and self._places and before else 0
        if not stay:
            self._reached = stretch.last
        self.stretch = stretch
        ids = [message.id for message in stretch.messages]
        if before in ids and not (stuck and stretch.ends and stretch.last != was_last):
            self._show(ids.index(before), offset)
        else:
            new = None if stay else self.first_new
            self.selected = self._newest() if new is None else new
            self.lay_out()
            self._to_selected()
        self._look()
        self.refresh()

    def show_at(self, stretch: Stretch, index: int) -> None:
        """Show these, with one of them at the upper edge, below what stands above it."""
        self.stretch = stretch
        self._show(index, -1)
        self.refresh()

    def _show(self, index: int, offset: int) -> None:
        self.selected = min(max(index, 0), max(len(self.messages) - 1, 0))
        self.lay_out()
        self.top = self._clamped(self._places[self.selected][0] + offset if self._places else 0)

    def _newest(self) -> int:
        for index in range(len(self.messages) - 1, -1, -1):
            if self.messages[index].direction != "event":
                return index
        return max(len(self.messages) - 1, 0)

    def _to_selected(self) -> None:
        """The selected message's heading in sight, and as much of it as fits; of what is new, as much as fits."""
        if not self._places:
            self.top = 0
            return
        start, end = self._places[self.selected]
        if self.selected == self.first_new:
            self.top = self._clamped(start - 1)
            return
        below = end > self.top + self.size.height
        self.top = self._clamped(min(start, max(end - self.size.height, 0)) if below else min(self.top, start))

    def lay_out(self) -> None:
        """Make the lines of all messages; those of unchanged messages are kept."""
        width = self.size.width
        lines: list[Line] = []
        self._places = []
        if not width:
            self.unlaid(lines)
            return
        new = self.first_new
        if not self.stretch.begins:
            unseen = self.seen is not None and new is None
            lines.append(Line(((f" ⋯ older messages{', some of them new' if unseen else ''}", "dim"),)))
        for first, after in self._runs(new):
            if first == new:
                lines.append(new_line(width))
            start = len(lines)
            lines += self._block(first, after, width)
            self._places += [(start, len(lines))] * (after - first)
        if not self.stretch.ends:
            lines.append(Line(((" ⋯ newer messages", "dim"),)))
        self.found = None
        if self.wanted is not None:
            lines = [marked(line, self.wanted, "found") for line in lines]
            self.found = self._found_line(lines)
        self.show(lines)

    def _runs(self, new: int | None) -> Iterator[tuple[int, int]]:
        """Each message by itself, and events that follow each other together."""
        index, messages = 0, self.messages
        while index < len(messages):
            after = index + 1
            if messages[index].direction == "event":
                while after < len(messages) and after != new and messages[after].direction == "event":
                    after += 1
            yield index, after
            index = after

    def _block(self, first: int, after: int, width: int) -> list[Line]:
        run = self.messages[first:after]
        item = self.outbox.get(run[0].outbox_id or 0)
        now = self.desk.clock.now()
        counting = item is not None and item.state == "held" and not put_off(item)
        look = Look(
            width=width,
            now=now if counting else now - now % 60_000,
            unfolded=self._unfolded(run),
            selected=first <= self.selected < after,
            outbox=item,
            mine=self.desk.me is not None and run[0].agent_id == self.desk.me.id,
            keys=self._named(),
        )
        block = self._blocks.get((run, look))
        if block is None:
            event = run[0].direction == "event"
            block = self._blocks[(run, look)] = event_lines(run, look) if event else message_lines(run[0], look)
        return block

    def _unfolded(self, run: Sequence[Message]) -> bool:
        if self.wanted is not None and any(hides(message, self.wanted) for message in run):
            return True
        return any(message.id in self.unfolded for message in run) != self.all_unfolded

    def _named(self) -> Named:
        keymap = self.desk.keymap
        return Named(keymap.key("fold"), keymap.key("undo"), keymap.key("outbox"))

    def layout_lines(self, width: int) -> None:
        at_end = self.at_end
        self.lay_out()
        if at_end:
            self._to_selected()

    def laid_out_again(self) -> None:
        """Something about the look changed; the reader keeps their place."""
        top = self.top
        self.lay_out()
        self.top = self._clamped(top)

    # --- moving -------------------------------------------------------------------------------------------

    def act(self, action: str, count: int | None = None) -> bool:
        """The ends are the conversation's, be they here or not."""
        if count is None and action == "top" and not self.stretch.begins:
            self._supply.to_beginning()
            return True
        if count is None and action == "bottom" and not self.stretch.ends:
            self._supply.to_end()
            return True
        return super().act(action, count)

    def select(self, index: int) -> None:
        """Go to another message."""
        if index < 0:
            self._supply.older()
        elif index >= len(self.messages):
            self._supply.newer()
        index = min(max(index, 0), len(self.messages) - 1)
        if self.messages and index != self.selected:
            self.selected = index
            self.lay_out()
            if self._places:
                self.go(self._places[index][0])

    def step(self, by: int) -> None:
        """Go that many messages on; events are passed over, for there is nothing to do with them."""
        index, forward = self.selected, 1 if by > 0 else -1
        for _ in range(abs(by)):
            after = index + forward
            while 0 <= after < len(self.messages) and self.messages[after].direction == "event":
                after += forward
            if not 0 <= after < len(self.messages):
                (self._supply.newer if forward > 0 else self._supply.older)()
                break
            index = after
        self.select(index)

    def on_click(self, event: events.Click) -> None:
        """Go to the message; a link, a file or what is folded does what its key would."""
        self.focus(scroll_visible=False)
        line = self.top + event.y
        index = next((n for n, (start, end) in enumerate(self._places) if start <= line < end), None)
        if index is None:
            return
        if index != self.selected:
            self.selected = index
            self.laid_out_again()
        what = clicked(self._lines[line])
        if what is not None:
            assert isinstance(self.screen, DeskScreen)
            self.screen.perform(*what)

    def scrolled(self) -> None:
        height = self.size.height
        if self.top < height:
            self._supply.older()
        if self.top > self.count - 2 * height:
            self._supply.newer()
        self._follow()
        self._look()

    def _follow(self) -> None:
        """Select what is being read: the message at the upper edge, or the last one when the end is in sight."""
        if not self._places:
            return
        bottom = self.top + self.size.height
        start, end = self._places[self.selected]
        if start < bottom and end > self.top:
            return
        inside = [n for n, (start, _) in enumerate(self._places) if self.top <= start < bottom]
        above = [n for n, (start, _) in enumerate(self._places) if start <= self.top]
        self.selected = inside[0] if inside else max(above, default=0)
        self.laid_out_again()

    # --- finding ------------------------------------------------------------------------------------------

    def mark(self, wanted: Pattern[str] | None) -> None:
        """Mark what is wanted; with None nothing any more. The reader keeps their place."""
        if (self.wanted, self._at) != (wanted, None):
            self.wanted, self._at = wanted, None
            offset = self.top - self._places[self.selected][0] if self._places else 0
            self._show(self.selected, offset)
            self.refresh()

    def to_found(self, by: int) -> bool:
        """Go to the next line (1) that has it, or the one before (-1); the first time from what is on the screen."""
        lines = self._found_lines(self._lines)
        if self.found is not None:
            beyond = [line for line in lines if (line > self.found if by > 0 else line < self.found)]
        else:
            beyond = [line for line in lines if (line >= self.top if by > 0 else line < self.top)]
        return self._go_to_found(beyond, by)

    def to_found_in(self, id: int, by: int) -> bool:
        """Go to the first line (1) or the last (-1) of a message that has it."""
        index = next((n for n, message in enumerate(self.messages) if message.id == id), None)
        if index is None or not self._places:
            return False
        start, end = self._places[index]
        lines = [line for line in self._found_lines(self._lines) if start <= line < end]
        return self._go_to_found(lines or [start], by)

    def _go_to_found(self, lines: Sequence[int], by: int) -> bool:
        if not lines:
            return False
        line = lines[0] if by > 0 else lines[-1]
        self.selected = next(n for n, (start, end) in enumerate(self._places) if start <= line < end)
        start, _ = self._places[self.selected]
        self._at = (self.messages[self.selected].id, line - start)
        self.laid_out_again()
        if self.found is not None and not self.top <= self.found < self.top + self.size.height - 1:
            self.top = self._clamped(self.found - self.size.height // 3)
        self.refresh()
        return True

    def _found_lines(self, lines: Sequence[Line]) -> list[int]:
        """The lines that have it; of a message in which it lies across lines, the heading."""
        found: list[int] = []
        if self.wanted is None:
            return found
        for message, (start, end) in zip(self.messages, self._places, strict=True):
            here = [n for n in range(start, end) if self.wanted.search(text_of(lines[n]))]
            if not here and stands_in(message, self.wanted):
                here = [start]
            found += [n for n in here if not found or n > found[-1]]
        return found

    def _found_line(self, lines: Sequence[Line]) -> int | None:
        """Where the line that was gone to stands now."""
        if self._at is None:
            return None
        id, offset = self._at
        place = next(
            (place for message, place in zip(self.messages, self._places, strict=True) if message.id == id), None
        )
        return min(place[0] + offset, place[1] - 1) if place is not None else None

    # --- folding ------------------------------------------------------------------------------------------

    def toggle_fold(self) -> None:
        """Unfold the message the reader is at, or fold it again."""
        if self.message is None:
            return
        runs = self._runs(self.first_new)
        first, after = next(run for run in runs if self.selected < run[1])
        run = {message.id for message in self.messages[first:after]}
        opened = run & self.unfolded
        self.unfolded = self.unfolded - run if opened else self.unfolded | run
        self.lay_out()

    def toggle_all_folds(self) -> None:
        """Unfold all messages, or fold all of them."""
        self.all_unfolded = not self.all_unfolded
        self.unfolded.clear()
        self._show(self.selected, 0)
        self.refresh()
