"""Calls in words: who waits for one, how the rep's own stands, and what it can have come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from desk.clock import SECOND, Millis
from desk.model import Callback, Outcome
from desk.model.dialing import Call
from screens.desk import Desk
from screens.render import cells, one_line, shorten
from screens.times import ordinal, stamp
from screens.widgets.bars import key_glyph
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

PHONE = "✆"
_COUNTED: frozenset[Outcome] = frozenset({"reached", "no-answer", "busy", "unreachable", "voicemail", "wrong-number"})
"""Outcomes of attempts that count as such."""
_STAGES = {"dialling": "dialling", "ringing": "ringing", "answered": "connected"}


class Told(NamedTuple):
    """Something that a rep can say of a call."""

    name: str
    outcome: Outcome
    help: str
    resolves: bool = False


OUTCOMES = (
    Told("reached", "reached", "you spoke with them; the callback is done"),
    Told("resolved", "reached", "you spoke with them, and the conversation is resolved", resolves=True),
    Told("no-answer", "no-answer", "it rang, and nobody answered; another attempt follows"),
    Told("busy", "busy", "the line was engaged; another attempt follows"),
    Told("voicemail", "voicemail", "a machine answered; another attempt follows"),
    Told("unreachable", "unreachable", "switched off, or no way there; another attempt follows"),
    Told("wrong-number", "wrong-number", "nobody has that number; nobody calls it again"),
    Told("cancelled", "cancelled", "you hung up before it rang; it counts as no attempt"),
)


def offered(suggested: Outcome | None) -> list[Told]:
    """What can be said, what the call seems to have come to first."""
    return sorted(OUTCOMES, key=lambda each: each.outcome != suggested)


def attempts(callback: Callback) -> int:
    """How often it was tried so far."""
    return sum(each.outcome in _COUNTED for each in callback.attempts)


def call_back(callback: Callback, now: Millis) -> str:
    """How a callback stands, for the head of its conversation."""
    nth = attempts(callback) + 1
    again = f", {ordinal(nth)} attempt" if nth > 1 else ""
    match callback.state:
        case "calling":
            attempt = callback.under_way
            who = one_line(attempt.agent_name) if attempt is not None else ""
            return f"{PHONE} {shorten(who or 'somebody', 20)} is calling {callback.shown}"
        case "unclear":
            return f"{PHONE} {callback.shown}: nobody knows whether it rang"
        case _:
            return f"{PHONE} call back at {stamp(callback.due_at, now)}{again}: {callback.shown}"


def in_row(callback: Callback, now: Millis) -> str:
    """The same, for a line of the list."""
    nth = attempts(callback) + 1
    what = {"calling": "now", "unclear": "rang?"}.get(callback.state) or stamp(callback.due_at, now)
    return f"{PHONE} {what}{f' {ordinal(nth)}' if nth > 1 else ''} {callback.shown}"


def follows(callback: Callback, now: Millis) -> str:
    """What comes next after an outcome."""
    match callback.state:
        case "waiting":
            nth = attempts(callback) + 1
            return f"again at {stamp(callback.due_at, now)}{f', {ordinal(nth)} attempt' if nth > 1 else ''}"
        case "done":
            return "done" if callback.outcome in ("reached", "wrong-number") else "nobody calls again"
        case _:
            return callback.state


def clock_of(length: Millis) -> str:
    """How long a call lasts: `0:07`, `12:30`, `1:02:03`."""
    minutes, seconds = divmod(max(length, 0) // SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class CallBar(Bar):
    """The rep's call: number, state, time, and the keys that end it. Not there while there is none."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="call")
        self.desk = desk
        self.display = False

    def follow(self) -> None:
        """Say how the call stands now."""
        there = self.desk.call is not None
        if self.display != there:
            self.display = there
        if there:
            self.update()

    def bar_lines(self, width: int) -> Sequence[Line]:
        call = self.desk.call
        if call is None:
            return [Line()]
        keys = list(self._keys(call))
        room = width - sum(cells(text) for text, _ in keys) - 1
        said = shorten(f" {PHONE} {call.shown}  {self._state(call)}", max(room, 10))
        ink = "alarm" if call.stage == "lost" else "good" if call.stage == "answered" else "accent"
        gap = " " * max(room - cells(said), 0)
        return [Line(((said, ink), (gap, "bar"), *keys, (" ", "bar")), on="bar")]

    def _state(self, call: Call) -> str:
        now = self.desk.clock.now()
        since = call.answered_at or call.begun_at
        time = clock_of((call.ended_at or now) - since)
        words = f" · {one_line(call.words)}" if call.words else ""
        match call.stage:
            case "ended":
                seems = f", {call.suggested.replace('-', ' ')} it seems" if call.suggested else ""
                return f"ended {time}{seems}{words}"
            case "lost":
                return f"nobody knows whether it rang{words}"
            case _ if not call.tells:
                return f"on your phone {time}{words}"
            case stage:
                return f"{_STAGES[stage]} {time}{words if stage == 'dialling' else ''}"

    def _keys(self, call: Call) -> Iterator[tuple[str, str]]:
        wanted = [("outcome", "what became of it")]
        if not call.over and call.tells:
            wanted.insert(0, ("hang-up", "hang up"))
        for action, told in wanted:
            key = self.desk.keymap.key(action, "conversation")
            yield (f" {key_glyph(key) if key else f':{action}'}", "key")
            yield (f" {told} ", "bar")
