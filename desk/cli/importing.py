"""`desk import` and `desk sample`: archives into the store, with progress."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click

from desk.cli.command import Desk, command
from desk.cli.failures import Exit, Failure
from desk.cli.output import Output
from desk.model import ImportJob

_POLL = 0.25
_BAR = 24


@command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
async def import_(desk: Desk, paths: tuple[Path, ...]) -> None:
    """Take in mbox files, Maildirs, .eml files and folders of them.

    Safe to repeat: what is in already is not added again, so an import that was interrupted is resumed by
    giving the same command. Mail that cannot be read is quarantined: see `desk ledger --outcome quarantined`.
    """
    from desk.client import Unreachable

    job = await desk.client.start_import(list(paths))
    try:
        job = await _follow(desk, job)
    except Unreachable as error:
        raise Failure(
            f"the server went away in the middle of it; what was taken in stays ({error})",
            code="unreachable",
            exit=Exit.UNREACHABLE,
            hint="Give the same command again: it starts a server and goes on where it was.",
        ) from error
    await _finish(desk, job)


@command("sample")
async def sample(desk: Desk) -> None:
    """Fill an empty workspace with a sample shop.

    Customers, orders and mail threads, so that every screen has life. Its post goes through two folders of the
    workspace: what is answered lies in post/outgoing/new, and mail put into post/incoming/new arrives.
    """
    await _finish(desk, await _follow(desk, await desk.client.load_sample()))
    post = desk.workspace / "post"
    if not desk.as_json and post.is_dir():
        desk.out.line(f"answers are written to {post / 'outgoing' / 'new'}")
        desk.out.line(f"mail arrives from {post / 'incoming' / 'new'}")
    if not desk.as_json and (page := await desk.client.site()):
        desk.out.line(f"chat with yourself from {page} in a browser")


async def _follow(desk: Desk, job: ImportJob) -> ImportJob:
    """Show progress until the job ends. Ctrl+C cancels it: what is in stays in."""
    interrupted = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupted.set)
    try:
        while job.state == "running" and not interrupted.is_set():
            desk.errors.status(progress(job))
            job = await desk.client.import_job(job.id, wait=_POLL)
        if job.state == "running":
            job = await desk.client.cancel_import(job.id)
            while job.state == "running":
                job = await desk.client.import_job(job.id, wait=_POLL)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        desk.errors.status("")
    return job


async def _finish(desk: Desk, job: ImportJob) -> None:
    desk.show(summary(job), lambda: _tell(desk.out, job))
    if job.state == "cancelled":
        raise Failure(
            "cancelled; what was taken in stays",
            code="cancelled",
            exit=Exit.INTERRUPTED,
            hint="Give the same command again to resume.",
        )
    if job.state == "failed":
        raise Failure(job.error or "the import failed", code="import-failed", hint="It can be repeated safely.")


def summary(job: ImportJob) -> dict[str, int | float]:
    """The one object that `desk import --json` ends with."""
    return {
        "messages": job.messages,
        "new": job.new,
        "duplicate": job.duplicate,
        "quarantined": job.quarantined,
        "conversations": job.conversations,
        "seconds": round(job.seconds, 3),
        "parse_seconds": round(job.parse_seconds, 3),
        "store_seconds": round(job.store_seconds, 3),
    }


def progress(job: ImportJob) -> str:
    """One line: a bar if the total is known, the count, the rate, the time left, what was quarantined."""
    rate = job.messages / job.seconds if job.seconds > 0 else 0.0
    parts = [f"{rate:,.0f}/s"]
    if job.total:
        done = min(1.0, job.messages / job.total)
        filled = round(done * _BAR)
        parts = [f"{'█' * filled}{'░' * (_BAR - filled)} {job.messages:,} of {job.total:,}", *parts]
        if rate > 0:
            parts.append(f"{_clock((job.total - job.messages) / rate)} left")
    else:
        parts = [f"{job.messages:,} messages", *parts]
    if job.quarantined:
        parts.append(f"{job.quarantined:,} quarantined")
    return " · ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes}:{rest:02}"


def _tell(out: Output, job: ImportJob) -> None:
    out.line(
        f"{job.messages:,} messages in {job.seconds:.1f} s: {job.new:,} new in {job.conversations:,} conversations, "
        f"{job.duplicate:,} known already, {job.quarantined:,} quarantined"
    )
    if job.skipped:
        out.line(f"{job.skipped:,} files held no mail")
    if job.quarantined:
        out.line("see them: desk ledger --outcome quarantined")
