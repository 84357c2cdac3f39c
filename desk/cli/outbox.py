"""`desk outbox`: what is on its way out."""

from __future__ import annotations

from typing import get_args

import click

from desk.cli.command import ID, Desk, command
from desk.cli.output import Column, Piece, Styled
from desk.cli.reading import moment
from desk.clock import SystemClock
from desk.model import OutboxItem, OutboxState

_STYLES = {"sent": "green", "delivered": "green", "read": "green", "held": "yellow", "sending": "yellow"}
_COLUMNS = (
    Column("id", right=True),
    Column("conversation", right=True),
    Column("state"),
    Column("copy"),
    Column("tries", right=True),
    Column("next"),
    Column("account"),
    Column("error", flexible=True),
)


@command("outbox")
@click.argument("action", type=click.Choice(["list", "undo", "retry"]), default="list")
@click.argument("id", type=ID, required=False)
@click.option("--state", "states", multiple=True, type=click.Choice(get_args(OutboxState)), help="May be repeated.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@click.option("--even-if-unknown", is_flag=True, help="With retry: send again though it may have arrived already.")
async def outbox(
    desk: Desk, action: str, id: int | None, states: tuple[OutboxState, ...], limit: int, even_if_unknown: bool
) -> None:
    """What is on its way out, and what did not get there.

    `desk outbox undo ID` takes a held message back, `desk outbox retry ID` tries a failed one again now.
    """
    if action == "list":
        if id is not None:
            raise click.UsageError("name an action: desk outbox undo ID, desk outbox retry ID")
        await _list(desk, states, limit)
    elif id is None:
        raise click.UsageError(f"which one? desk outbox {action} ID")
    elif action == "undo":
        await _undo(desk, id)
    else:
        item = await desk.client.retry(id, even_if_unknown=even_if_unknown)
        desk.said(item, f"{item.id} is tried again")


async def _undo(desk: Desk, id: int) -> None:
    draft = await desk.client.undo_send(id)
    desk.said(draft, f"taken back; it is your draft in #{draft.conversation_id} again")


async def _list(desk: Desk, states: tuple[OutboxState, ...], limit: int) -> None:
    items = await desk.client.outbox(list(states) or None, limit=limit)
    now = SystemClock().now()

    def row(item: OutboxItem) -> tuple[Piece, ...]:
        waiting = item.next_attempt_at if item.state == "held" else None
        return (
            str(item.id),
            str(item.conversation_id),
            Styled(item.state, _STYLES.get(item.state, "red")),
            item.filing,
            str(item.attempts),
            moment(waiting, now, desk.out),
            item.account,
            item.error or item.filing_error,
        )

    desk.show(items, lambda: desk.out.table(_COLUMNS, map(row, items)))
