"""`desk promises`: what is promised to whom, what runs, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

import click

from desk.cli.command import Desk, command
from desk.cli.output import Column, Styled
from desk.cli.times import local, relative
from desk.clock import SECOND, Millis, SystemClock
from desk.model import CalendarInfo, PolicyInfo, Promise, PromiseBoard, PromiseState, PromiseTally
from desk.times import length

_STYLES: dict[PromiseState, str] = {"kept": "green", "broken": "red", "void": "dim", "paused": "dim", "running": ""}


@command("promises")
@click.option("--conversation", type=click.IntRange(min=1), help="Those of this conversation, the ended ones too.")
@click.option("--days", type=click.IntRange(1, 10_000), default=7, show_default=True, help="How far back to count.")
async def promises(desk: Desk, conversation: int | None, days: int) -> None:
    """What is promised to whom, what runs, what was kept."""
    if conversation is not None:
        given = await desk.client.promises_of(conversation)
        desk.show(given, lambda: _given(desk, given))
        return
    board = await desk.client.promises(days)
    desk.show(board, lambda: _board(desk, board, days))


def _board(desk: Desk, board: PromiseBoard, days: int) -> None:
    columns = (
        Column("policy"),
        Column("for", flexible=True),
        Column("first", right=True),
        Column("next", right=True),
        Column("resolution", right=True),
        Column("by", flexible=True),
    )
    desk.out.table(columns, [_policy(each) for each in board.policies])
    for each in board.unread:
        desk.errors.line(each)
    if board.tallies:
        counts = ("running", "late", "paused", "kept", "broken", "void")
        desk.out.line("")
        heads = (Column("policy"), Column("promise"), *(Column(name, right=True) for name in counts))
        desk.out.table(heads, [_tally(each) for each in board.tallies])
    else:
        desk.errors.line(f"Nothing is promised now, and nothing was in the last {days} days.")
    if board.calendars:
        desk.out.line("")
        stand = (Column("calendar"), Column("today"), Column("now"), Column("closed next", flexible=True))
        desk.out.table(stand, [_calendar(each) for each in board.calendars])


def _policy(policy: PolicyInfo) -> tuple[str, ...]:
    lengths = tuple("" if each is None else length(each) for each in (policy.first, policy.next, policy.resolution))
    by = policy.calendar or "all time"
    return (
        policy.name or "-",
        ", ".join(policy.when) or "everybody",
        *lengths,
        by if policy.pause else f"{by}, no pause",
    )


def _calendar(calendar: CalendarInfo) -> tuple[str, ...]:
    state = "open" if calendar.open else "closed"
    until = f" until {local(calendar.until)}" if calendar.until is not None else ""
    closed = ", ".join(f"{each.first} {each.name}".strip() for each in calendar.holidays)
    return calendar.name, ", ".join(calendar.today) or "closed", f"{state}{until}", closed


def _tally(tally: PromiseTally) -> tuple[str | Styled, ...]:
    late, broken = (Styled(str(each), "red" if each else "") for each in (tally.late, tally.broken))
    kept, void = str(tally.kept), str(tally.void)
    return (tally.policy or "-", tally.kind, str(tally.running), late, str(tally.paused), kept, broken, void)


def _given(desk: Desk, given: Sequence[Promise]) -> None:
    now = SystemClock().now()
    columns = (
        Column("promise"),
        Column("policy"),
        Column("within", right=True),
        Column("from"),
        Column("state"),
        Column("until", flexible=True),
    )
    desk.out.table(columns, [_row(each, now) for each in given])


def _row(promise: Promise, now: Millis) -> tuple[str | Styled, ...]:
    until = ""
    if promise.ended_at is not None:
        until = local(promise.ended_at)
    elif promise.due_at is not None:
        until = f"{local(promise.due_at)} ({relative(promise.due_at, now)})"
    state = Styled("late" if promise.open and promise.broken_at else promise.state, _STYLES[promise.state])
    promised = length(promise.promised // SECOND * SECOND)
    return (promise.kind, promise.policy or "-", promised, local(promise.began_at), state, until)
