"""`desk report`, `desk staff`: the figures of any time, and how many people the next hours take."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from typing import get_args

import click

from desk.cli.command import Desk, command
from desk.cli.output import Column
from desk.cli.times import local
from desk.clock import MINUTE, SECOND, Millis, SystemClock
from desk.model import Figures, Report, ReportBy, ReportRow, StaffHour, Staffing
from desk.query.dates import DATE_HINT, instant

_Told = Callable[[Figures], str]
_SHADES = " ░▒▓█"
_BAR = 40
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet may take for the beginning of a formula (OWASP, CSV injection)."""


def _percent(part: float | None) -> str:
    return "" if part is None else f"{part:.1%}"


def _length(length: Millis | None) -> str:
    if length is None:
        return ""
    return f"{length // SECOND} s" if length < 2 * MINUTE else f"{length / MINUTE:.1f} min"


FIGURES: Mapping[str, _Told] = {
    "arrived": lambda each: str(each.arrived),
    "answered": lambda each: str(each.answered),
    "in time": lambda each: _percent(each.service_level),
    "broken": lambda each: str(each.broken),
    "speed": lambda each: _length(each.speed),
    "9 of 10": lambda each: _length(each.speed_90),
    "left": lambda each: str(each.abandoned),
    "resolved": lambda each: str(each.resolved),
    "at once": lambda each: _percent(each.at_first_contact),
    "reopened": lambda each: str(each.reopened),
    "calls kept": lambda each: str(each.calls_kept),
    "missed": lambda each: str(each.calls_missed),
    "rating": lambda each: "" if each.rating is None else f"{each.rating:.2f}",
    "by itself": lambda each: _percent(each.self_service),
}
"""The columns of the table."""


def _when(context: click.Context, parameter: click.Parameter, text: str) -> Millis:
    now = SystemClock().now()
    at = now if text == "now" else instant(text, now, None)
    if at is None:
        raise click.BadParameter(DATE_HINT, context, parameter)
    return at


@command("report")
@click.option("--since", default="7d", show_default=True, callback=_when, metavar="DATE", help="The beginning.")
@click.option(
    "--until", default="now", show_default=True, callback=_when, metavar="DATE", help="The end, not included."
)
@click.option("--by", type=click.Choice(get_args(ReportBy)), default="day", show_default=True, help="A line for each.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values; times in seconds.")
@click.option("--plot", type=click.Choice(("arrived", "answered", "broken", "speed")), help="Bars of one figure.")
async def report(desk: Desk, since: Millis, until: Millis, by: ReportBy, as_csv: bool, plot: str | None) -> None:
    """Figures of any time: what came, what was answered, how soon.

    What each means exactly stands in docs/metrics.md.
    """
    found = await desk.client.report(since, until, by=by)
    if as_csv:
        desk.out.text(_csv(found).rstrip("\n"))
    elif plot is not None and by == "weekday-hour":
        desk.show(found, lambda: _heat(desk, found, plot))
    elif plot is not None:
        desk.show(found, lambda: _bars(desk, found, plot))
    else:
        desk.show(found, lambda: _table(desk, found))


def _table(desk: Desk, found: Report) -> None:
    columns = (Column(found.by, flexible=True), *(Column(title, right=True) for title in FIGURES))
    rows = [*found.rows, ReportRow(name="all", figures=found.total)]
    desk.errors.line(f"{local(found.since)} to {local(found.until)}")
    desk.out.table(columns, [(each.name or "–", *(told(each.figures) for told in FIGURES.values())) for each in rows])


def _csv(found: Report) -> str:
    """Numbers as they are; times in seconds, shares from 0 to 1. No cell is a formula."""
    fields = Figures.__struct_fields__
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([found.by, *(f"{name}_seconds" if name in _TIMES else name for name in fields)])
    for row in (*found.rows, ReportRow(name="all", figures=found.total)):
        writer.writerow([harmless(row.name), *(_value(row.figures, name) for name in fields)])
    return out.getvalue()


_TIMES = ("speed", "speed_90")


def _value(figures: Figures, name: str) -> object:
    value = getattr(figures, name)
    return value / SECOND if name in _TIMES and value is not None else value


def harmless(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _number(figures: Figures, plot: str) -> int:
    value = getattr(figures, plot)
    return int(value or 0)


def _bars(desk: Desk, found: Report, plot: str) -> None:
    most = max((_number(each.figures, plot) for each in found.rows), default=0)
    for each in found.rows:
        number = _number(each.figures, plot)
        told = _length(number) if plot == "speed" else str(number)
        desk.out.line(f"{each.name or '–':>16}  {'█' * round(_BAR * number / most) if most else '':<{_BAR}}  {told}")


def _heat(desk: Desk, found: Report, plot: str) -> None:
    """Weekdays from above, hours from the left."""
    values = {each.name: _number(each.figures, plot) for each in found.rows}
    most = max(values.values(), default=0)
    desk.out.line("     " + "".join(f"{hour:02} " for hour in range(24)))
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
        shades = [_shade(values.get(f"{day} {hour:02}:00", 0), most) for hour in range(24)]
        desk.out.line(f"{day}  " + " ".join(shade * 2 for shade in shades))
    desk.out.line(f"     {_SHADES[-1]} {_length(most) if plot == 'speed' else most}")


def _shade(value: int, most: int) -> str:
    return _SHADES[-(-value * (len(_SHADES) - 1) // most)] if most else " "


@command("staff")
@click.option("--hours", type=click.IntRange(1, 168), default=8, show_default=True, help="How many hours ahead.")
@click.option("--level", type=click.FloatRange(0.01, 0.999), default=0.8, show_default=True, help="Answered in time.")
@click.option("--busy", type=click.FloatRange(0.1, 1), default=0.85, show_default=True, help="Busy at most.")
async def staff(desk: Desk, hours: int, level: float, busy: float) -> None:
    """How many people the next hours take, and who is to be there.

    From what came at the same hour of the same weekday in the last eight weeks, by Erlang C for mail and calls and
    Erlang A for chats. docs/metrics.md says what is assumed.
    """
    found = await desk.client.staffing(hours, level=level, occupancy=busy)
    for note in found.notes:
        desk.errors.line(note)
    desk.show(found, lambda: _staffing(desk, found))


def _staffing(desk: Desk, found: Staffing) -> None:
    if not found.hours:
        desk.errors.line("Nothing came at these hours of the last weeks: nothing can be told.")
        return
    titles = ("hour", "queue", "likely", "from", "to", "people", "at most", "rostered", "spare", "there now", "who")
    columns = [
        Column(title, flexible=title in ("queue", "who"), right=title not in ("hour", "queue", "who"))
        for title in titles
    ]
    desk.out.table(columns, [_staff_row(each, found.available) for each in found.hours])


def _staff_row(each: StaffHour, available: Mapping[int, int]) -> tuple[str, ...]:
    likely = (f"{each.likely:.1f}", f"{each.low:.0f}", f"{each.high:.0f}", str(each.people), str(each.people_high))
    rostered = "" if each.rostered is None else f"{each.rostered:g}"
    spare = "" if each.spare is None else f"{each.spare:+g}"
    there = str(available.get(each.queue_id, 0))
    return (local(each.at), each.queue or "–", *likely, rostered, spare, there, ", ".join(each.reps))
