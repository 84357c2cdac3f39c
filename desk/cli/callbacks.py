"""`desk callbacks …`: who is to be called, on the command line."""

from __future__ import annotations

from typing import get_args

import click

from desk.cli.command import ID, Desk, command
from desk.cli.output import Column, Piece, Styled
from desk.cli.times import local, relative
from desk.clock import Millis, SystemClock
from desk.model import Callback, Outcome
from desk.times import parse_until

_COLUMNS = (
    Column("id", right=True),
    Column("#", right=True),
    Column("due"),
    Column("when"),
    Column("number"),
    Column("state"),
    Column("tries", right=True),
    Column("last"),
    Column("reason", flexible=True),
)
_STYLES = {"waiting": "", "calling": "green", "unclear": "red", "done": "dim", "cancelled": "dim"}


@click.group("callbacks")
def callbacks() -> None:
    """Who is to be called, when, and what became of it.

    ID is the callback's own number, the first column of the list. Times are written as for `desk snooze`.
    """


@command("list")
@click.option("--conversation", type=ID, help="All of this conversation, the settled ones too.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
async def list_(desk: Desk, conversation: int | None, limit: int) -> None:
    """Those who are still to be called, what is due first first."""
    if conversation is not None:
        found = await desk.client.callbacks_of(conversation)
    else:
        found = await desk.client.callbacks(limit=limit)
    now = SystemClock().now()
    desk.show(found, lambda: desk.out.table(_COLUMNS, (_row(each, now) for each in found)))


@command("ask")
@click.argument("number")
@click.option("--country", default="", metavar="CC", help="Of a number that does not begin with +, such as DE.")
@click.option("--at", "when", help="When; without: as soon as possible.")
@click.option("--reason", default="", help="What it is about.")
@click.option("--conversation", type=ID, help="In this conversation; without: in one of its own.")
@click.option("--name", default="", help="Of a customer whom nobody knows by that number.")
async def ask(
    desk: Desk, number: str, country: str, when: str | None, reason: str, conversation: int | None, name: str
) -> None:
    """Note that somebody wants to be called."""
    made = await desk.client.ask_callback(
        number, country=country, at=_time(when), reason=reason, name=name, conversation_id=conversation or 0
    )
    desk.said(made, f"callback {made.id} in #{made.conversation_id}: {made.shown}, {local(made.due_at)}")


@command("move")
@click.argument("id", type=ID)
@click.argument("when")
@click.option("--rev", type=ID, help="Only if it is still at this revision (`rev`); else exit code 5.")
async def move(desk: Desk, id: int, when: str, rev: int | None) -> None:
    """Promise another time."""
    at = _time(when)
    assert at is not None
    moved = await desk.client.move_callback(id, at, rev=rev)
    desk.said(moved, f"callback {id}: {moved.shown}, {local(moved.due_at)}")


@command("cancel")
@click.argument("id", type=ID)
@click.option("--reason", default="")
async def cancel(desk: Desk, id: int, reason: str) -> None:
    """Nobody is to call any more. Safe to repeat."""
    cancelled = await desk.client.cancel_callback(id, reason=reason)
    desk.said(cancelled, f"callback {id} is cancelled: {cancelled.shown}")


@command("outcome")
@click.argument("id", type=ID)
@click.argument(
    "became", metavar="OUTCOME", type=click.Choice([each for each in get_args(Outcome) if each != "unknown"])
)
@click.option("--words", default="", help="What else there is to say of it.")
@click.option("--again", help="When to try again; without: when the rules say.")
async def outcome(desk: Desk, id: int, became: Outcome, words: str, again: str | None) -> None:
    """Say what became of a call: the one under way, the last one if that is unclear, or one made by other means.

    OUTCOME is reached, no-answer, busy, unreachable, voicemail, wrong-number, cancelled (hung up before an answer) or
    failed (not put through). Exit code 5 if somebody else calls, or it is settled.
    """
    before = await desk.client.callback(id)
    reference = before.attempts[-1].reference if before.attempts and before.state != "waiting" else ""
    after = await desk.client.say_outcome(id, became, reference=reference, words=words, again_at=_time(again))
    follows = f"again at {local(after.due_at)}" if after.open else after.state
    desk.said(after, f"callback {id}: {became}; {follows}")


def _time(text: str | None) -> Millis | None:
    try:
        return None if text is None else parse_until(text, SystemClock().now())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="WHEN") from error


def _row(callback: Callback, now: Millis) -> tuple[Piece, ...]:
    return (
        str(callback.id),
        str(callback.conversation_id),
        local(callback.due_at),
        relative(callback.due_at, now) if callback.open else "",
        callback.shown,
        Styled(callback.state, _STYLES[callback.state]),
        str(len(callback.attempts)),
        callback.outcome or "",
        callback.reason,
    )


for each in (list_, ask, move, cancel, outcome):
    callbacks.add_command(each)
