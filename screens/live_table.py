"""The live queue as lines: what stands in them, and which number is which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from desk.clock import HOUR, SECOND, Millis
from desk.model import Alert, Channel, Figures, Live, LiveAgent, LiveQueue
from screens.desk import ALERT
from screens.render import cells, fit, one_line, shorten
from screens.times import brief, span

BARS = " ▁▂▃▄▅▆▇█"
WIDE = 176
"""Columns from which on what is so now and what was today stand in one line."""
ROOMY = 106
"""Columns from which on all that was today stands in one line."""
BARS_BESIDE, HEADS_OF_PLOTS = 3, 3
"""Lines above and below the table, and lines of the plots that are none."""
PLOTS = 4
PLOT_LINES = 8
"""As high as a plot gets, where all of them are on the screen together."""
SCALE = 18
"""Columns beside a plot that say what it comes to."""
NAME = 12
NAME_AT_MOST = 28
"""However much room there is: a name is read beside its numbers."""


class Cell(NamedTuple):
    """A piece of a line; with a name it is a number that can be chosen."""

    text: str
    ink: str = "text"
    what: str = ""
    """What the number is: a name of `desk.definitions`."""
    queue: int | None = None
    channel: Channel | None = None
    agent: int | None = None
    conversation: int | None = None

    @property
    def place(self) -> tuple[object, ...]:
        """Which number it is, whatever it comes to."""
        return self.what, self.queue, self.channel, self.agent


class Row(NamedTuple):
    """A line. Two versions of one line have one key."""

    key: str
    cells: tuple[Cell, ...]
    queue: int | None = None
    """Whose plots are shown while the cursor is on it."""

    @property
    def numbers(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.what]

    @property
    def is_plot(self) -> bool:
        return self.key.startswith(("plot ", "hours"))


class _Column(NamedTuple):
    title: str
    width: int
    what: str
    text: Callable[[LiveQueue, Millis], str]
    ink: str = "text"
    """Of a number that is not zero."""
    channel: Channel | None = None


def rows_of(live: Live, width: int, height: int, chosen: int | None) -> list[Row]:
    """All lines; `chosen`: the queue whose plots are shown."""
    queues, fits = [live.total, *live.queues], width >= ROOMY
    rows = [_alert(each, live.at, width) for each in live.alerts]
    if width >= WIDE:
        rows += _table("now", [*_NOW, *_GAP, *_TODAY, *_MORE], queues, width, live.at)
    else:
        rows += _table("now", _NOW, queues, width, live.at)
        rows += [_blank("today"), *_table("today", [*_TODAY, *(_MORE if fits else ())], queues, width, live.at)]
    rows += [_blank("people"), *_people(live, width)]
    if not fits:
        rows += [_blank("more"), *_table("more", _MORE, queues, width, live.at)]
    shown = next((queue for queue in live.queues if queue.id == chosen), live.total)
    room = (height - BARS_BESIDE - len(rows) - HEADS_OF_PLOTS) // PLOTS
    return [*rows, _blank("plots"), *_plots(shown, width, min(max(room, 1), PLOT_LINES))]


def _alert(alert: Alert, now: Millis, width: int) -> Row:
    words = f" {ALERT} {alert.name}: {alert.words}, for {_short(now - alert.since)} "
    return Row(f"alert {alert.name}", (Cell(shorten(words, width - 2), "alarm"),))


def _blank(key: str) -> Row:
    return Row(f"blank {key}", ())


# --- queues -----------------------------------------------------------------------------------------------


def _number(number: int) -> str:
    return f"{number:,}" if number else "·"


def _percent(part: float | None) -> str:
    return "–" if part is None else f"{part:.0%}"


def _short(length: Millis | None) -> str:
    """Seconds, too: a chat is answered in some."""
    if length is None:
        return "–"
    return brief(length)


def _waits(queue: LiveQueue, channel: Channel | None = None) -> str:
    waiting = queue.now.waiting
    return _number(sum(waiting.values()) if channel is None else waiting.get(channel, 0))


_NOW = [
    _Column("waiting", 8, "waiting", lambda q, _: _waits(q), "strong"),
    _Column("chat", 6, "waiting", lambda q, _: _waits(q, "chat"), channel="chat"),
    _Column("mail", 6, "waiting", lambda q, _: _waits(q, "email"), channel="email"),
    _Column("call", 6, "waiting", lambda q, _: _waits(q, "callback"), channel="callback"),
    _Column("longest", 8, "longest", lambda q, now: _short(None if q.now.longest is None else now - q.now.longest)),
    _Column("5 m", 5, "risk-5", lambda q, _: _number(q.now.risk_5), "warn"),
    _Column("15 m", 5, "risk-15", lambda q, _: _number(q.now.risk_15), "warn"),
    _Column("60 m", 5, "risk-60", lambda q, _: _number(q.now.risk_60)),
    _Column("broken", 7, "broken", lambda q, _: _number(q.now.broken), "bad"),
    _Column("today", 6, "broken-today", lambda q, _: _number(q.now.broken_today), "bad"),
    _Column("open", 6, "open", lambda q, _: _number(q.now.open)),
]
_GAP = [_Column("", 2, "", lambda q, _: "")]
_TODAY = [
    _Column("arrived", 8, "arrived", lambda q, _: _number(q.today.arrived)),
    _Column("answers", 8, "answered", lambda q, _: _number(q.today.answered)),
    _Column("in time", 8, "promised", lambda q, _: _percent(q.today.service_level)),
    _Column("speed", 6, "first-answers", lambda q, _: _short(q.today.speed)),
    _Column("9/10", 6, "first-answers-90", lambda q, _: _short(q.today.speed_90)),
    _Column("left", 6, "abandoned", lambda q, _: _number(q.today.abandoned), "warn"),
    _Column("solved", 7, "resolved", lambda q, _: _number(q.today.resolved)),
    _Column("again", 6, "reopened", lambda q, _: _number(q.today.reopened), "warn"),
    _Column("at once", 8, "first-contact", lambda q, _: _percent(q.today.at_first_contact)),
]
_MORE = [
    _Column("rated", 6, "rated", lambda q, _: "–" if q.today.rating is None else f"{q.today.rating:.1f}"),
    _Column("calls", 6, "calls-kept", lambda q, _: _number(q.today.calls_kept), "good"),
    _Column("missed", 7, "calls-missed", lambda q, _: _number(q.today.calls_missed), "bad"),
    _Column("itself", 7, "self-service", lambda q, _: _percent(q.today.self_service)),
]


def _table(key: str, columns: Sequence[_Column], queues: Sequence[LiveQueue], width: int, now: Millis) -> Iterator[Row]:
    name = min(max(width - 2 - sum(column.width for column in columns), 10), NAME_AT_MOST)
    head = (
        Cell(fit(f" {key}", name), "dim"),
        *(Cell(fit(each.title, each.width, right=True), "dim") for each in columns),
    )
    yield Row(f"head {key}", head)
    for queue in queues:
        named = Cell(fit(f" {_name(queue, name - 1)}", name), "name")
        yield Row(f"{key} {queue.id}", (named, *_cells(queue, columns, now)), queue.id)


def _cells(queue: LiveQueue, columns: Sequence[_Column], now: Millis) -> Iterator[Cell]:
    for column in columns:
        text = column.text(queue, now)
        ink = "dim" if text in ("·", "–") else column.ink
        yield Cell(fit(text, column.width, right=True), ink, column.what, queue.id, column.channel)


def _name(queue: LiveQueue, room: int = 80) -> str:
    if queue.id is None:
        return "all"
    name = one_line(queue.name) or ("no queue" if queue.id == 0 else f"queue {queue.id}")
    if queue.open:
        return name
    return f"{name} (closed)" if cells(name) + 9 <= room else f"{shorten(name, room - 2)} ×"


# --- people -----------------------------------------------------------------------------------------------

STATE = 16
NUMBERS = 32
"""Columns of a rep's numbers."""
ON_AT_LEAST = 15
STATES = {"available": ("●", "good"), "busy": ("◐", "warn"), "away": ("○", "dim"), "offline": ("·", "dim")}


def _people(live: Live, width: int) -> Iterator[Row]:
    wanted = max((cells(one_line(agent.name)) + 2 for agent in live.agents), default=0)
    spare = max(width - 2 - NAME - STATE - NUMBERS - ON_AT_LEAST, 0)
    name = NAME + min(max(min(wanted, NAME_AT_MOST) - NAME, 0), spare)
    on = max(min(width - 2 - name - STATE - NUMBERS, 46), 10)
    head = (
        (" people", name),
        ("", STATE),
        ("on", on),
        ("open", 6),
        ("chats", 6),
        ("wait", 6),
        ("answers", 8),
        ("speed", 6),
    )
    named, *others = (Cell(fit(text, size, right=size < 9), "dim") for text, size in head)
    busy = Cell(fit(f"occupied {_percent(live.occupancy)}", STATE), "dim", "occupancy")
    yield Row("head people", (named, busy, *others[1:]))
    order = list(STATES)
    for agent in sorted(live.agents, key=lambda each: (order.index(each.state), each.name.casefold())):
        yield _person(agent, live.at, name, on)


def _person(agent: LiveAgent, now: Millis, name_width: int, on: int) -> Row:
    mark, ink = STATES[agent.state]
    since = f" {span(now - agent.since)}" if agent.since is not None else ""
    what = f"{agent.doing} #{agent.on} {_short(now - agent.on_since)}" if agent.on and agent.on_since else ""
    figures: Figures = agent.today
    numbers = (
        (_number(sum(agent.has.values())), 6, "theirs"),
        (_number(agent.has.get("chat", 0)), 6, "theirs"),
        (_number(agent.unanswered), 6, "unanswered"),
        (_number(figures.answered), 8, "answered"),
        (_short(figures.speed), 6, "first-answers"),
    )
    cells = [
        Cell(fit(f" {shorten(one_line(agent.name), name_width - 2)}", name_width), "name"),
        Cell(fit(f"{mark} {agent.state}{since}", STATE), ink),
        Cell(fit(what, on), "text", "conversation" if agent.on else "", conversation=agent.on),
    ]
    for position, (text, size, name) in enumerate(numbers):
        channel: Channel | None = "chat" if position == 1 else None
        ink = "dim" if text in ("·", "–") else "text"
        cells.append(Cell(fit(text, size, right=True), ink, name, agent=agent.id, channel=channel))
    return Row(f"person {agent.id}", tuple(cells))


# --- plots ------------------------------------------------------------------------------------------------


def _plots(queue: LiveQueue, width: int, lines: int) -> Iterator[Row]:
    """Quarters of an hour, the latest at the right."""
    room = max(width - 2 - NAME - SCALE, 8)
    quarters = queue.quarters[-room:]
    named = f" {_name(queue, NAME_AT_MOST)} "
    about = Cell(fit("today, by quarters of an hour", max(width - 2 - max(cells(named), NAME), 0)), "dim")
    yield Row(f"head plots {queue.id}", (Cell(fit(named, max(cells(named), NAME)), "name"), about))
    plots = (
        ("arrived", [each.arrived for each in quarters], str),
        ("answers", [each.answered for each in quarters], str),
        ("waiting", [each.waiting for each in quarters], str),
        ("speed", [each.speed or 0 for each in quarters], lambda length: _short(length or None)),
    )
    for title, values, told in plots:
        yield from _plot(title, values, told, room, lines if any(values) else 1)
    yield Row("hours", (Cell(" " * NAME), Cell(_hours([each.at for each in quarters], room), "dim")))


def _plot(title: str, values: Sequence[int], told: Callable[[int], str], room: int, lines: int) -> Iterator[Row]:
    most = max(values, default=0)
    steps = 8 * lines
    heights = [-(-value * steps // most) if most else 0 for value in values]
    for line in range(lines - 1, -1, -1):
        bars = "".join(BARS[min(max(height - 8 * line, 0), 8)] for height in heights)
        label = f" {title}" if line == lines - 1 else ""
        scale = (
            f" {told(most)} most" if line == lines - 1 else f" {told(values[-1])} now" if not line and values else ""
        )
        if lines == 1 and values:
            scale = f" {told(values[-1])} now, {told(most)} most"
        yield Row(
            f"plot {title} {line}", (Cell(fit(label, NAME), "dim"), Cell(fit(bars, room), "accent"), Cell(scale, "dim"))
        )


def _hours(instants: Sequence[Millis], room: int) -> str:
    """Where every third hour begins."""
    from datetime import datetime

    marks = [" "] * room
    for place, at in enumerate(instants):
        then = datetime.fromtimestamp(at / SECOND)
        if then.minute == 0 and then.hour % 3 == 0 and place + 2 <= room and at % HOUR == 0:
            marks[place : place + 2] = f"{then.hour:02}"
    return "".join(marks)
