"""`desk serve`, `stop`, `status`, `schema`: the server itself."""

from __future__ import annotations

import time

import click

from desk.cli.command import Desk, command
from desk.cli.failures import Exit, Failure
from desk.cli.output import Column, Styled
from desk.cli.times import local, span
from desk.clock import SystemClock
from desk.launch import answers
from desk.model import Status
from desk.workspace import Workspace

_ENDING_SECONDS = 60.0
_POLL_SECONDS = 0.02

_ACCOUNT_STYLES = {"connected": "green", "starting": "yellow", "retrying": "red", "needs-secret": "red"}


@command("serve")
def serve(desk: Desk) -> None:
    """Run the server in the foreground.

    Not needed in everyday use: any command that needs a server starts one in the background.
    """
    from desk.server.run import serve as run

    if run(desk.workspace):
        raise click.exceptions.Exit(Exit.FAILED)


@command("stop", start=False)
async def stop(desk: Desk) -> None:
    """End the server; nothing is lost.

    What is under way is finished or safely recorded first; held messages leave when a server runs again.
    Returns when the server has ended, so that the workspace may be copied.
    """
    import asyncio

    home = Workspace(desk.workspace)
    await desk.client.stop()
    if not await asyncio.to_thread(_has_ended, home):
        raise Failure(
            f"the server has not ended within {_ENDING_SECONDS:.0f} s", hint=f"What it is doing stands in {home.log}."
        )
    desk.said({"stopped": True}, "the server has stopped")


@command("status", start=False)
async def status(desk: Desk) -> None:
    """What runs, and how the accounts are doing.

    Starts nothing: exit code 3 if no server runs.
    """
    found = await desk.client.status()
    desk.show(found, lambda: _tell(desk, found))


@command("schema")
async def schema(desk: Desk) -> None:
    """Print the API's OpenAPI document."""
    desk.out.json(await desk.client.schema())


def _has_ended(home: Workspace) -> bool:
    """Wait until the socket is gone, the last thing a server removes before it lets go of the workspace."""
    deadline = time.monotonic() + _ENDING_SECONDS
    while home.socket.exists():
        if time.monotonic() > deadline:
            return not answers(home.socket)
        time.sleep(_POLL_SECONDS)
    return True


def _tell(desk: Desk, found: Status) -> None:
    now = SystemClock().now()
    outbox = ", ".join(f"{count} {state}" for state, count in found.outbox.items() if count) or "empty"
    desk.out.table(
        (Column("what"), Column("value", flexible=True)),
        [
            ("server", f"Desk {found.version}, process {found.pid}, up {span(now - found.started_at)}"),
            ("workspace", found.workspace),
            ("conversations", f"{found.conversations:,} with {found.messages:,} messages"),
            ("outbox", outbox),
            ("drafts", str(found.drafts)),
            ("quarantined", Styled(str(found.quarantined), "red" if found.quarantined else "")),
        ],
    )
    for account in found.accounts:
        last = f", last mail {local(account.last_received_at)}" if account.last_received_at else ""
        desk.out.line(
            f"{account.name}  {account.address}  ",
            Styled(account.state, _ACCOUNT_STYLES.get(account.state, "")),
            Styled((f" since {local(account.since)}" if account.since else "") + last, "dim"),
            Styled(f"  {account.error}" if account.error else "", "red"),
        )
    for finding in found.settings_error.splitlines():
        desk.out.line(Styled(finding, "red"))
    if not found.accounts:
        desk.out.line("no mailbox is connected: desk connect email")
