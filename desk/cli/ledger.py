"""`desk ledger`: nothing is lost, and one can see it."""

from __future__ import annotations

from typing import get_args

import click

from desk.cli.command import ID, Desk, command
from desk.cli.output import Column, Piece, Styled
from desk.cli.times import local
from desk.model import LedgerEntry, LedgerOutcome

_STYLES = {"stored": "green", "duplicate": "dim", "quarantined": "red", "replayed": "green", "refusal": "dim"}
_COLUMNS = (
    Column("id", right=True),
    Column("at"),
    Column("outcome"),
    Column("conversation", right=True),
    Column("rule"),
    Column("from", flexible=True),
    Column("subject", flexible=True),
    Column("reason", flexible=True),
    Column("external id", flexible=True),
)


@command("ledger")
@click.argument("action", type=click.Choice(["list", "replay"]), default="list")
@click.argument("id", type=ID, required=False)
@click.option("--outcome", type=click.Choice(get_args(LedgerOutcome)))
@click.option("--message", type=ID, help="Only how this message came in.")
@click.option("--before", type=ID, help="Only entries below this one.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
async def ledger(
    desk: Desk,
    action: str,
    id: int | None,
    outcome: LedgerOutcome | None,
    message: int | None,
    before: int | None,
    limit: int,
) -> None:
    """What came in, where it went and why; try quarantined mail again.

    Newest first. `desk ledger replay ID` tries a quarantined message again.
    """
    if action == "replay":
        if id is None:
            raise click.UsageError("which one? desk ledger replay ID")
        entry = await desk.client.replay(id)
        desk.said(entry, f"read at last: it is in #{entry.conversation_id}")
        return
    if id is not None:
        raise click.UsageError("to try one again: desk ledger replay ID")
    if message is not None:
        entries = await desk.client.provenance(message)
    else:
        entries = await desk.client.ledger(outcome=outcome, before=before, limit=limit)
    desk.show(entries, lambda: desk.out.table(_COLUMNS, map(_row, entries)))


def _row(entry: LedgerEntry) -> tuple[Piece, ...]:
    return (
        str(entry.id),
        local(entry.at),
        Styled(entry.outcome, _STYLES.get(entry.outcome, "")),
        "" if entry.conversation_id is None else str(entry.conversation_id),
        entry.rule or "",
        entry.sender,
        entry.subject,
        entry.reason,
        entry.external_id,
    )
