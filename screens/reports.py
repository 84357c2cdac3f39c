"""Reports of any time: a table of figures, with bars of what came, to look at and to take away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec

from desk.model import Channel, Report, ReportBy, ReportRow
from desk.reporting import FIGURES, as_csv, heading, period
from desk.saving import free_path, safe_name, write_new
from screens.desk import Desk
from screens.figures import FiguresScreen
from screens.keeping import downloads, files_and_folders, judge_target, path_of
from screens.render import cells, fit, one_line, shorten
from screens.widgets.lines import BLANK, Line, text_of

_NAME = 16
_BAR = 12


class Wanted(NamedTuple):
    """What is asked for, as it is typed: `last-week by queue channel chat rep ada`."""

    when: str = "week"
    by: ReportBy = "day"
    channel: Channel | None = None
    rep: str = ""

    def __str__(self) -> str:
        more = [f"channel {self.channel}" if self.channel else "", f"rep {self.rep}" if self.rep else ""]
        return " ".join(part for part in (self.when, f"by {self.by}", *more) if part)


def asked(text: str, now: int) -> Wanted:
    """What a text asks for. Raises ValueError with what to write."""
    found, words = Wanted(), text.split()
    when: list[str] = []
    while words:
        word = words.pop(0)
        if word in ("by", "channel", "rep") and not words:
            raise ValueError(f"what follows {word}?")
        if word == "by":
            found = found._replace(by=_one_of("by", words.pop(0), get_args(ReportBy)))
        elif word == "channel":
            found = found._replace(channel=_one_of("channel", words.pop(0), get_args(Channel)))
        elif word == "rep":
            found = found._replace(rep=words.pop(0))
        else:
            when.append(word)
    found = found._replace(when=" ".join(when) or found.when)
    period(found.when, now)
    return found


def _one_of(what: str, word: str, choices: Sequence[Any]) -> Any:
    if word not in choices:
        raise ValueError(f"{what} is one of {', '.join(choices)}, not {word}")
    return word


USUAL = Wanted()


async def judged(desk: Desk, text: str) -> Wanted | None:
    """What a text asks for; None if that cannot be, which is told."""
    try:
        found = asked(text, desk.clock.now())
        if found.rep:
            await rep_of(desk, found.rep)
    except ValueError as error:
        desk.say(str(error), "bad")
        return None
    return found


async def rep_of(desk: Desk, login: str) -> int:
    """Who that is. Raises ValueError."""
    reps = [each.agent for each in await desk.client.reps()]
    found = next((each.id for each in reps if each.login.casefold() == login.casefold()), None)
    if found is None:
        raise ValueError(f"there is no rep {login}; there are: {', '.join(each.login for each in reps)}")
    return found


class ReportScreen(FiguresScreen[Report]):
    """Of one queue, or of all."""

    title_text = "report — figures of any time"

    def __init__(self, desk: Desk, queue: int | None = None, wanted: Wanted = USUAL) -> None:
        super().__init__(desk, queue)
        self.wanted = wanted

    async def fetch(self) -> Report:
        wanted = self.wanted
        agent = await rep_of(self.desk, wanted.rep) if wanted.rep else None
        since, until = period(wanted.when, self.desk.clock.now())
        return await self.desk.client.report(
            since, until, by=wanted.by, queue=self.queue, channel=wanted.channel, agent=agent
        )

    def lines_for(self, width: int, height: int) -> Sequence[Line]:
        return [] if self.told is None else list(lines_of(self.told, width))

    def can(self, action: str) -> bool:
        if action == "save-report":
            return self.told is not None
        return action == "report" or super().can(action)

    async def do_report(self, argument: str | None = None) -> None:
        """Another time, or told apart by something else."""
        text = argument
        if text is None:
            text = await self.ask("report of", str(self.wanted), self._judge, placeholder="last-week by queue")
        found = await judged(self.desk, text) if text is not None and text.strip() else None
        if found is not None:
            self.wanted = found
            self.again()

    def _judge(self, text: str) -> tuple[str, bool]:
        try:
            return str(asked(text, self.desk.clock.now())), True
        except ValueError as error:
            return str(error), False

    async def do_save_report(self, argument: str | None = None) -> None:
        """As comma-separated values, as JSON or as text, by how the file's name ends."""
        told = self.told
        if told is None:
            return
        proposed = free_path(downloads(), safe_name(f"report {self.wanted}.csv".replace(" ", "-")))
        answer = argument or await self.ask("save as", str(proposed), judge_target, complete=files_and_folders)
        if answer is None or not answer.strip():
            return
        try:
            path = path_of(answer, proposed.name)
            write_new(path, _bytes(told, path))
        except (OSError, RuntimeError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else error
            self.desk.say(f"nothing was written: {why}: {answer}", "bad")
        else:
            self.desk.say(f"saved as {path}", "good")


def _bytes(told: Report, path: Path) -> bytes:
    if path.suffix == ".json":
        return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
    if path.suffix == ".txt":
        return "".join(f"{text_of(line).rstrip()}\n" for line in lines_of(told, 160)).encode()
    return as_csv(told).encode()


def lines_of(told: Report, width: int) -> Iterator[Line]:
    """The table in as many parts as it needs, then what became of promises. Hours are those of this machine."""
    yield Line(((f" {shorten(one_line(heading(told)), width - 2)}", "name"),))
    yield BLANK
    rows = [*told.rows, ReportRow(name="all", figures=told.total)]
    most = max((row.figures.arrived for row in told.rows), default=0)
    for place, titles in enumerate(_parts(width - _NAME - 2 - _BAR)):
        head = [
            (" " + fit(told.by, _NAME - 1), "dim"),
            *((fit(title, size, right=True), "dim") for title, size in titles),
        ]
        yield Line(tuple(head))
        for row in rows:
            yield _row(row, titles, most if not place else 0)
        yield BLANK
    yield from _promises(told)


def _parts(room: int) -> list[list[tuple[str, int]]]:
    """The columns, with what each takes, in groups that fit."""
    parts: list[list[tuple[str, int]]] = [[]]
    for title in FIGURES:
        size = max(cells(title), 8) + 2
        if parts[-1] and sum(each for _, each in parts[-1]) + size > room:
            parts.append([])
        parts[-1].append((title, size))
    return parts


def _row(row: ReportRow, titles: Sequence[tuple[str, int]], most: int) -> Line:
    ink = "strong" if row.name == "all" else "text"
    spans = [(" " + fit(shorten(one_line(row.name) or "–", _NAME - 2), _NAME - 1), "name")]
    for title, size in titles:
        text = FIGURES[title](row.figures) or "–"
        spans.append((fit(text, size, right=True), "dim" if text in ("0", "–") else ink))
    if most and row.name != "all":
        spans.append((f"  {_bar(row.figures.arrived, most)}", "accent"))
    return Line(tuple(spans))


def _bar(number: int, most: int) -> str:
    """How many came, beside the others."""
    eighths = -(-number * (_BAR - 2) * 8 // most)
    return ("█" * (eighths // 8) + "▏▎▍▌▋▊▉"[eighths % 8 - 1]) if eighths % 8 else "█" * (eighths // 8)


def _promises(told: Report) -> Iterator[Line]:
    rows = [each for each in told.promises if each.kept or each.broken]
    if not rows:
        return
    kept, broken = fit("kept", 8, right=True), fit("broken", 8, right=True)
    yield Line(((" " + fit("promises that ended", 31) + kept + broken, "dim"),))
    for each in rows:
        name = shorten(f"{one_line(each.policy) or 'by channel'}, {each.kind}", 30)
        kept, broken = fit(str(each.kept), 8, right=True), fit(str(each.broken), 8, right=True)
        yield Line(((" " + fit(name, 31), "text"), (kept, "good"), (broken, "bad" if each.broken else "dim")))
