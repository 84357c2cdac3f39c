"""`desk undo`, `redo`, `merge`, `bulk`: taking back, joining, and doing things to many."""

from __future__ import annotations

import asyncio
import signal

import click

from desk.cli.command import ID, Desk, command
from desk.cli.failures import Exit, Failure
from desk.model import BulkJob, Undone

_POLL = 0.25


@command("undo")
@click.argument("outbox", type=ID, required=False)
async def undo(desk: Desk, outbox: int | None) -> None:
    """Take back what I did last.

    Step by step, for half an hour. What somebody else changed since stays, and is told. With OUTBOX: take back that
    answer, which has not left yet; it becomes my draft again. Exit code 5 if there is nothing to undo, or
    the answer has left.
    """
    if outbox is not None:
        draft = await desk.client.undo_send(outbox)
        desk.said(draft, f"taken back; it is your draft in #{draft.conversation_id} again")
        return
    _tell(desk, "undone", await desk.client.undo())


@command("redo")
async def redo(desk: Desk) -> None:
    """Do again what I undid last.

    Exit code 5 if there is nothing to redo.
    """
    _tell(desk, "done again", await desk.client.redo())


def _tell(desk: Desk, what: str, undone: Undone) -> None:
    def text() -> None:
        desk.out.line(f"not {what}: {undone.label}" if undone.nothing else f"{what}: {undone.label}")
        for left in undone.left:
            desk.out.line(left.said if undone.nothing else f"but {left.said}")
        if undone.draft is not None:
            desk.out.line(f"it is your draft in #{undone.draft.conversation_id} again")

    desk.show(undone, text)


@command("merge")
@click.argument("into", type=ID)
@click.argument("sources", type=ID, nargs=-1, required=True)
@click.option("--customers", is_flag=True, help="The numbers are customers who are one person.")
async def merge(desk: Desk, into: int, sources: tuple[int, ...], customers: bool) -> None:
    """Put conversations into another, or make one of several customers.

    All that is in SOURCES goes into INTO. Later mail to one of them goes there too. `desk undo` takes it back. Exit
    code 5 if one has gone elsewhere.
    """
    if customers:
        person = await desk.client.merge_customers(into, list(sources))
        desk.said(
            person, f"customer {person.id} is {person.name or person.address}, {len(person.identities)} addresses"
        )
        return
    merged = await desk.client.merge(into, list(sources))
    desk.said(merged, f"#{merged.id} has {merged.messages} messages: {merged.subject or '(no subject)'}")


@command("bulk")
@click.argument("steps", nargs=-1, required=True)
@click.option("--id", "ids", type=ID, multiple=True, help="One of the conversations; may be repeated.")
@click.option("--view", help="Instead: all of a view …")
@click.option("--query", "-q", default="", help="… that match a query.")
async def bulk(desk: Desk, steps: tuple[str, ...], ids: tuple[int, ...], view: str | None, query: str) -> None:
    """Do things to many conversations at once.

    All STEPS are one thing to undo. A step is `resolve`, `reopen`, `spam`, `claim`, "tag +refund -old", "assign me",
    "snooze 3d", "priority high", "queue Returns" or "note TEXT". Ctrl+C ends it; what is done stays. Exit code 1 if
    a conversation was left out.
    """
    if bool(ids) == bool(view):
        raise click.UsageError("name conversations with --id, or a view with --view and perhaps --query")
    await follow(desk, await desk.client.bulk(list(steps), ids=list(ids) or None, view=view, q=query))


async def follow(desk: Desk, job: BulkJob) -> None:
    """Show how far an act on many is, and how it ended. Ctrl+C cancels it. Raises Failure unless all was done."""
    job = await _ended(desk, job)

    def text() -> None:
        desk.out.line(f"{job.label}: {job.done - job.failed:,} of {job.total:,} done in {job.seconds:.1f} s")
        for failure in job.failures:
            desk.out.line(f"#{failure.conversation_id}: {failure.message}")
        if job.failed > len(job.failures):
            desk.out.line(f"and {job.failed - len(job.failures):,} more")

    desk.show(job, text)
    if job.state == "cancelled":
        raise Failure("cancelled; what is done stays", code="cancelled", exit=Exit.INTERRUPTED, hint="desk undo")
    if job.state == "failed":
        raise Failure(job.error or "it failed", code="bulk-failed", hint="desk undo takes back what was done")
    if job.failed:
        raise Failure(f"{job.failed:,} of {job.total:,} were left as they are", code="some-failed")


async def _ended(desk: Desk, job: BulkJob) -> BulkJob:
    interrupted = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupted.set)
    asked = False
    try:
        while job.state == "running":
            desk.errors.status(f"{job.done:,} of {job.total:,}")
            if interrupted.is_set() and not asked:
                asked = True
                await desk.client.cancel_bulk(job.id)
            job = await desk.client.bulk_job(job.id, wait=_POLL)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        desk.errors.status("")
    return job
