"""Importing an archive from the terminal: a path, and then how far it is, in the status line."""

from __future__ import annotations

import asyncio
from pathlib import Path

from desk.model import ImportJob
from screens.desk import Desk

ASK_EVERY_SECONDS = 1.0


def judge_path(text: str) -> tuple[str, bool]:
    """Whether something lies there that could be imported."""
    path = Path(text.strip()).expanduser() if text.strip() else None
    if path is None:
        return "an mbox, a Maildir, an .eml file, or a folder of them", False
    return ("", True) if path.exists() else ("nothing there", False)


async def follow(desk: Desk, job: ImportJob, what: str) -> None:
    """Tell how an import goes until it has ended. Raises ClientError."""
    while job.state == "running":
        desk.say(progress(job, what))
        before = job
        job = await desk.client.import_job(job.id, wait=ASK_EVERY_SECONDS)
        if job == before:
            await asyncio.sleep(ASK_EVERY_SECONDS / 5)
    if job.state == "done":
        told = f"{what}: {job.new:,} new, {job.duplicate:,} known already, {job.conversations:,} conversations"
        if job.quarantined:
            told += f"; {job.quarantined:,} quarantined, the ledger ({desk.keymap.keys('ledger')[0]}) says why"
        desk.say(told, "good")
    else:
        desk.say(f"{what}: import {job.state}: {job.error}", "bad")
    desk.feed.everything()


def progress(job: ImportJob, what: str) -> str:
    """Count, rate, time left and quarantined so far."""
    told = f"importing {what}: {job.messages:,}"
    if job.total:
        told += f" of {job.total:,}"
    if job.seconds > 0 and job.messages:
        rate = job.messages / job.seconds
        told += f", {rate:,.0f}/s"
        if job.total and job.total > job.messages:
            told += f", {(job.total - job.messages) / rate:,.0f} s left"
    return told + (f", {job.quarantined:,} quarantined" if job.quarantined else "")
