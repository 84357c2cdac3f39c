"""`desk report`, `desk staff`: the figures of any time, and how many people the next hours take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import click

from desk import plotting
from desk.cli.command import Desk, command
from desk.cli.output import Column
from desk.cli.times import local
from desk.clock import SystemClock
from desk.model import Channel, Figures, Report, ReportBy, ReportRow, StaffHour, Staffing
from desk.reporting import FIGURES, Period, heading, length, period
from desk.reporting import as_csv as as_csv_text

_BAR = 40


def _period(context: click.Context, parameter: click.Parameter, text: str) -> Period:
    try:
        return period(text, SystemClock().now())
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None


@command("report")
@click.argument("when", default="30d", callback=_period, metavar="[TIME]")
@click.option("--by", type=click.Choice(get_args(ReportBy)), default="day", show_default=True, help="A line for each.")
@click.option("--queue", metavar="QUEUE", help="Only of this queue; - for what is in none.")
@click.option("--channel", type=click.Choice(get_args(Channel)), help="Only of this channel.")
@click.option("--rep", metavar="LOGIN", help="Only what this rep did.")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values; times in seconds.")
@click.option("--plot", type=click.Choice(("arrived", "answered", "broken", "speed")), help="Bars of one figure.")
async def report(
    desk: Desk,
    when: Period,
    by: ReportBy,
    queue: str | None,
    channel: Channel | None,
    rep: str | None,
    as_csv: bool,
    plot: str | None,
) -> None:
    """Figures of any time: what came, what was answered, how soon.

    TIME is today, yesterday, week, last-week, month, last-month, 2026-11, 2026-11-01, 2026, 30d for so long until now
    (the default), or FROM..TO, of which TO is part. What each figure means stands in docs/metrics.md.
    """
    client = desk.client
    queue_id = None if queue is None else 0 if queue == "-" else await _queue(desk, queue)
    agent = None if rep is None else await _rep(desk, rep)
    found = await client.report(*when, by=by, queue=queue_id, channel=channel, agent=agent)
    if as_csv:
        desk.out.text(as_csv_text(found).rstrip("\n"))
    elif plot is not None and by == "weekday-hour":
        desk.show(found, lambda: _heat(desk, found, plot))
    elif plot is not None:
        desk.show(found, lambda: _bars(desk, found, plot))
    else:
        desk.show(found, lambda: _table(desk, found))


async def _queue(desk: Desk, name: str) -> int:
    queues = [each.queue for each in await desk.client.queues_now()]
    found = next((each.id for each in queues if each.name.casefold() == name.casefold()), None)
    if found is None:
        raise click.BadParameter(f"there is no queue {name}; there are: {', '.join(each.name for each in queues)}")
    return found


async def _rep(desk: Desk, login: str) -> int:
    reps = [each.agent for each in await desk.client.reps()]
    found = next((each.id for each in reps if each.login.casefold() == login.casefold()), None)
    if found is None:
        raise click.BadParameter(f"there is no rep {login}; there are: {', '.join(each.login for each in reps)}")
    return found


def _table(desk: Desk, found: Report) -> None:
    columns = (Column(found.by, flexible=True), *(Column(title, right=True) for title in FIGURES))
    rows = [*found.rows, ReportRow(name="all", figures=found.total)]
    desk.errors.line(heading(found))
    desk.out.table(columns, [(each.name or "–", *(told(each.figures) for told in FIGURES.values())) for each in rows])
    for each in found.promises:
        if each.kept or each.broken:
            desk.out.line(
                f"promises {each.policy or 'by channel'}, {each.kind}: {each.kept} kept, {each.broken} broken"
            )


def _number(figures: Figures, plot: str) -> int:
    value = getattr(figures, plot)
    return int(value or 0)


def _told(value: float, plot: str) -> str:
    return length(round(value)) if plot == "speed" else f"{value:g}"


def _bars(desk: Desk, found: Report, plot: str) -> None:
    most = max((_number(each.figures, plot) for each in found.rows), default=0)
    for each in found.rows:
        number = _number(each.figures, plot)
        bar = "█" * round(_BAR * number / most) if most else ""
        desk.out.line(f"{each.name or '–':>16}  {bar:<{_BAR}}  {_told(number, plot)}")


def _heat(desk: Desk, found: Report, plot: str) -> None:
    """Weekdays from above, hours from the left."""
    values = {
        (plotting.DAYS.index(each.name[:3]), int(each.name[4:6])): float(_number(each.figures, plot))
        for each in found.rows
    }
    for spans in plotting.week(plot, values, lambda value: _told(value, plot), 79):
        desk.out.line("".join(text for text, _ in spans).rstrip())


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
