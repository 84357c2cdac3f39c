"""`desk available`, `busy`, `away`, `reps`, `queues`, `offers`: who is there, who works where and gets what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from desk.cli.command import Desk, command, shared
from desk.cli.output import Column, Styled
from desk.cli.times import span
from desk.clock import SECOND, Millis, SystemClock
from desk.model import Availability, OffersNow, QueueNow, QueueRep, RepNow

_FOR = click.option("--for", "rep", metavar="LOGIN", help="Say it for this rep; for supervisors.")
_STYLES: dict[Availability, str] = {"available": "green", "busy": "yellow", "away": "yellow", "offline": "dim"}


@command("available")
@_FOR
async def available(desk: Desk, rep: str | None) -> None:
    """Say that I am there, and take new work."""
    await _say(desk, "available", (), rep)


@command("busy")
@click.argument("reason", nargs=-1)
@_FOR
async def busy(desk: Desk, reason: tuple[str, ...], rep: str | None) -> None:
    """Say that I go on with what I have, and take nothing new."""
    await _say(desk, "busy", reason, rep)


@command("away")
@click.argument("reason", nargs=-1)
@_FOR
async def away(desk: Desk, reason: tuple[str, ...], rep: str | None) -> None:
    """Say that I am not at the desk, with a reason if I like."""
    await _say(desk, "away", reason, rep)


async def _say(desk: Desk, state: Availability, reason: Sequence[str], rep: str | None) -> None:
    now = await desk.client.set_availability(state, " ".join(reason), agent=rep)
    desk.show(now, lambda: desk.out.line(f"{now.agent.name} is ", *_state(now)))


@command("reps")
async def reps(desk: Desk) -> None:
    """Who is there, what they are on, and for how long."""
    found = await desk.client.reps()
    desk.show(found, lambda: _reps(desk, found))


def _reps(desk: Desk, found: Sequence[RepNow]) -> None:
    now = SystemClock().now()
    columns = (
        Column("rep", flexible=True),
        Column("role"),
        Column("state"),
        Column("for", right=True),
        Column("reason", flexible=True),
        Column("on", flexible=True),
        Column("available", right=True),
        Column("busy", right=True),
        Column("away", right=True),
    )
    desk.out.table(columns, [_rep(each, now) for each in found])


def _rep(rep: RepNow, now: Millis) -> tuple[str | Styled, ...]:
    before = [f"#{each.conversation_id} {each.doing} {span(now - each.since)}" for each in rep.on]
    on = ", ".join([*before, *(f"#{id} offered" for id in rep.offered)])
    today = (span(rep.today[state]) if state in rep.today else "" for state in ("available", "busy", "away"))
    lasted = "" if rep.since is None else span(now - rep.since)
    state = Styled(rep.state, _STYLES[rep.state])
    return (rep.agent.login, rep.agent.role, state, lasted, rep.reason, on, *today)


def _state(now: RepNow) -> tuple[str | Styled, ...]:
    said = Styled(now.state, _STYLES[now.state])
    return (said, f": {now.reason}") if now.reason else (said,)


# --- queues -----------------------------------------------------------------------------------------------


@click.group("queues", invoke_without_command=True)
@shared
@click.pass_context
def queues(ctx: click.Context, /, **given: Any) -> None:
    """Who works in which queue; open, close, move people.

    What is said here stands over desk.toml until `desk queues default`, or an undo.
    """
    ctx.find_root().obj.update({name: value for name, value in given.items() if value})
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@command("list")
async def list_(desk: Desk) -> None:
    """All queues, with who works there."""
    _show(desk, await desk.client.queues_now())


@command("open")
@click.argument("queue")
async def open_(desk: Desk, queue: str) -> None:
    """Open a queue: its work is handed out."""
    _show(desk, await desk.client.open_queue(queue), queue)


@command("close")
@click.argument("queue")
async def close(desk: Desk, queue: str) -> None:
    """Close a queue: nothing of it is handed out."""
    _show(desk, await desk.client.open_queue(queue, False), queue)


@command("default")
@click.argument("queue")
@click.argument("reps", nargs=-1)
async def default(desk: Desk, queue: str, reps: tuple[str, ...]) -> None:
    """Let desk.toml say again whether a queue is open, or whether these REPS work there."""
    own = desk.client.put_into_queue(*reps, queue=queue, value=None) if reps else desk.client.open_queue(queue, None)
    _show(desk, await own, queue)


@command("add")
@click.argument("queue")
@click.argument("reps", nargs=-1, required=True)
@click.option("--from", "source", metavar="QUEUE", help="Where they do not work any more.")
async def add(desk: Desk, queue: str, reps: tuple[str, ...], source: str | None) -> None:
    """Have REPS work in a queue, whatever skills it asks for."""
    if source is not None:
        found = await desk.client.move_to_queue(reps, source, queue)
    else:
        found = await desk.client.put_into_queue(*reps, queue=queue)
    _show(desk, found, queue)


@command("remove")
@click.argument("queue")
@click.argument("reps", nargs=-1, required=True)
async def remove(desk: Desk, queue: str, reps: tuple[str, ...]) -> None:
    """Have REPS not work in a queue."""
    _show(desk, await desk.client.put_into_queue(*reps, queue=queue, value=False), queue)


def _show(desk: Desk, found: Sequence[QueueNow], only: str | None = None) -> None:
    shown = [each for each in found if only is None or each.queue.name.casefold() == only.casefold()]
    desk.show(shown, lambda: _table(desk, shown))


def _table(desk: Desk, found: Sequence[QueueNow]) -> None:
    if not found:
        desk.errors.line("There is no queue yet.")
        return
    columns = (
        Column("queue", flexible=True),
        Column("state"),
        Column("push"),
        Column("who works there", flexible=True),
    )
    desk.out.table(columns, [_row(each) for each in found])


def _row(now: QueueNow) -> tuple[str | Styled, ...]:
    state = ("open" if now.open else "closed") + (f" by {now.word.by_name}" if now.word else "")
    out = [f"-{each.agent_name} by {each.by_name}" for each in now.words if not each.value]
    people = ", ".join([*map(_person, now.reps), *out])
    return (now.queue.name, Styled(state, "green" if now.open else "yellow"), _push(now), people)


def _push(now: QueueNow) -> str:
    if now.rules.push == "off":
        return "off"
    offered = f", {now.offered} offered" if now.offered else ""
    return f"{now.rules.push}, {now.rules.accept_seconds:g} s{offered}"


def _person(rep: QueueRep) -> str:
    return f"{rep.agent.login} by {rep.word.by_name}" if rep.word else rep.agent.login


# --- offers -----------------------------------------------------------------------------------------------


@click.group("offers", invoke_without_command=True)
@shared
@click.pass_context
def offers(ctx: click.Context, /, **given: Any) -> None:
    """What queues have for me, and what went back.

    `desk next` takes what is offered first.
    """
    ctx.find_root().obj.update({name: value for name, value in given.items() if value})
    if ctx.invoked_subcommand is None:
        ctx.invoke(mine)


@command("list")
async def mine(desk: Desk) -> None:
    """What is offered to me now, and what went back."""
    found = await desk.client.offers()
    desk.show(found, lambda: _offers(desk, found))


@command("accept")
@click.argument("conversation", type=int)
async def accept(desk: Desk, conversation: int) -> None:
    """Take what is offered to me."""
    row = await desk.client.accept_offer(conversation)
    desk.show(row, lambda: desk.out.line(f"#{row.id} is {row.assignee_name}'s"))


@command("decline")
@click.argument("conversation", type=int)
async def decline(desk: Desk, conversation: int) -> None:
    """Leave to others what is offered to me."""
    await desk.client.decline_offer(conversation)
    desk.show({"id": conversation}, lambda: desk.out.line(f"#{conversation} is left to others"))


@command("seen")
async def seen(desk: Desk) -> None:
    """I have seen what went back: it is not told again."""
    await desk.client.see_returned()
    found = await desk.client.offers()
    desk.show(found, lambda: _offers(desk, found))


def _offers(desk: Desk, found: OffersNow) -> None:
    if not found.open and not found.returned:
        desk.errors.line("Nothing is offered to you, and nothing went back.")
        return
    now = SystemClock().now()
    columns = (
        Column("id", right=True),
        Column("what"),
        Column("channel"),
        Column("customer", flexible=True),
        Column("subject", flexible=True),
    )
    left = [(each, f"{max(each.offer.until - now, 0) // SECOND} s left") for each in found.open]
    back = [(each, f"went back {span(now - (each.offer.ended_at or now))} ago") for each in found.returned]
    rows = [
        (
            str(each.conversation.id),
            what,
            each.conversation.channel,
            each.conversation.customer_name,
            each.conversation.subject,
        )
        for each, what in (*left, *back)
    ]
    desk.out.table(columns, rows)


for _each in (mine, accept, decline, seen):
    offers.add_command(_each)
for _each in (list_, open_, close, default, add, remove):
    queues.add_command(_each)
