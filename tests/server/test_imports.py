"""Archives through the server: all of it, once, with progress, beside everything else."""

from __future__ import annotations

import asyncio
import textwrap
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from desk import client as client_module
from desk.client import Client
from desk.clock import SystemClock
from desk.mail.packing import pack
from desk.mail.parsed import Refused, Source
from desk.model import ImportJob
from desk.service import ingest
from desk.store.sqlite import open_store
from tests.servers.desk import DeskServer


async def finish(client: Client, job: ImportJob) -> ImportJob:
    while job.state == "running":
        job = await client.import_job(job.id, wait=5)
    return job


def archive(path: Path, count: int) -> Path:
    """A mailbox file of that many mails, ten to a conversation."""
    path.write_text("".join(map(_mail, range(count))))
    return path


def _mail(number: int) -> str:
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(1_750_000_000 + number))
    text = textwrap.fill(f"Text of mail {number}. " * 20, 78)
    answers = f"In-Reply-To: <{number - 1}@customer.test>\n" if number % 10 else ""
    return (
        "From MAILER-DAEMON Sun Jun 15 15:06:40 2025\n"
        f"From: Customer {number // 10} <c{number // 10}@customer.test>\nTo: shop@example.test\n"
        f"Subject: Order {number // 10}\nDate: {date}\nMessage-ID: <{number}@customer.test>\n{answers}\n{text}\n\n"
    )


async def test_all_of_it_once(desk_server: DeskServer, tmp_path: Path) -> None:
    path = archive(tmp_path / "archive.mbox", 600)
    (tmp_path / "readme.pdf").write_bytes(b"%PDF-1.4 no mail")
    async with desk_server.client() as client:
        job = await finish(client, await client.start_import([tmp_path]))
        assert (job.state, job.messages, job.new, job.duplicate, job.quarantined) == ("done", 600, 600, 0, 0)
        assert (job.conversations, job.skipped, job.total) == (60, 1, 600)
        assert job.seconds > 0
        assert job.parse_seconds > 0
        assert job.store_seconds > 0
        again = await finish(client, await client.start_import([path]))
        assert (again.state, again.new, again.duplicate, again.conversations) == ("done", 0, 600, 0)
        status = await client.status()
        assert (status.messages, status.conversations) == (600, 60)


async def test_a_folder_of_everything(desk_server: DeskServer, tmp_path: Path) -> None:
    """Single mails, mailbox files, one mail in a mailbox file, what cannot be read, what is no mail; with its times."""
    archive(tmp_path / "many", 40)
    archive(tmp_path / "one", 1)
    alone = b"From: a@b.test\nSubject: alone\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nhi\n"
    (tmp_path / "single.eml").write_bytes(alone)
    late = b"From a@b.test Tue Jan  2 10:00:00 2024\nFrom: a@b.test\nTo: b@c.test\nSubject: came late\n"
    (tmp_path / "late").write_bytes(late + b"Date: Mon, 1 Jan 2024 10:00:00 +0000\n\nhi\n")
    (tmp_path / "picture").write_bytes(bytes(range(256)) * 8_000)
    (tmp_path / "empty").write_bytes(b"")
    async with desk_server.client() as client:
        job = await finish(client, await client.start_import([tmp_path]))
        assert (job.state, job.messages, job.new, job.duplicate) == ("done", 43, 42, 1)
        assert (job.skipped, job.total, job.quarantined) == (2, 43, 0)
        [found] = (await client.search("came late")).hits
        assert found.at == 1_704_189_600_000


async def test_cancelled_and_resumed(desk_server: DeskServer, tmp_path: Path) -> None:
    path = archive(tmp_path / "archive.mbox", 5_000)
    async with desk_server.client() as client:
        job = await client.start_import([path])
        while job.state == "running" and not job.new:
            job = await client.import_job(job.id, wait=5)
        await client.cancel_import(job.id)
        job = await finish(client, job)
        assert job.state == "cancelled"
        assert 0 < job.new < 5_000
        assert (await client.status()).messages == job.new
        again = await finish(client, await client.start_import([path]))
        assert (again.new, again.duplicate) == (5_000 - job.new, job.new)


async def test_a_kill_in_the_middle_loses_and_doubles_nothing(desk_server: DeskServer, tmp_path: Path) -> None:
    path = archive(tmp_path / "archive.mbox", 5_000)
    async with desk_server.client() as client:
        job = await client.start_import([path])
        while not job.new:
            job = await client.import_job(job.id, wait=5)
    desk_server.kill()
    desk_server.start()
    async with desk_server.client() as client:
        stored = (await client.status()).messages
        assert 0 < stored < 5_000
        again = await finish(client, await client.start_import([path]))
        assert (again.new, again.duplicate) == (5_000 - stored, stored)


async def test_the_desk_answers_while_it_imports(desk_server: DeskServer, tmp_path: Path) -> None:
    path = archive(tmp_path / "archive.mbox", 5_000)
    async with desk_server.client() as client:
        job = await client.start_import([path])
        slowest = 0.0
        while job.state == "running":
            begun = time.monotonic()
            await client.conversations()
            [first, *_] = (await client.conversations("all", limit=1)).items or [None]
            if first is not None:
                await client.note(first.id, "meanwhile")
            slowest = max(slowest, time.monotonic() - begun)
            job = await client.import_job(job.id, wait=0.05)
        assert job.new == 5_000
        assert slowest < 5


async def test_stopping_ends_an_import_between_two_batches(desk_server: DeskServer, tmp_path: Path) -> None:
    path = archive(tmp_path / "archive.mbox", 5_000)
    async with desk_server.client() as client:
        job = await client.start_import([path])
        while not job.new:
            job = await client.import_job(job.id, wait=5)
    begun = time.monotonic()
    assert await asyncio.to_thread(desk_server.stop) == 0
    assert time.monotonic() - begun < 15


async def test_what_a_better_reader_can_read_is_replayed(new_desk: Callable[..., DeskServer]) -> None:
    """A mail that an older Desk could not read, as it would lie in its store."""
    raw = b"From: ada@customer.test\r\nTo: b@c.test\r\nSubject: At last\r\n\r\nReadable after all.\r\n"
    server = new_desk()
    store = open_store(server.home.database, blobs=server.home.attachments)
    refused = Refused(
        sha256=sha256(raw).hexdigest(), size=len(raw), raw_packed=pack(raw), reason="took longer than 2 s to read"
    )
    ingest.apply(store, SystemClock(), "import", [(Source(external_id="old/1"), refused)])
    store.close()
    server.start()
    async with server.client() as client:
        [entry] = await client.ledger(outcome="quarantined")
        replayed = await client.replay(entry.id)
        assert (replayed.outcome, replayed.id) == ("replayed", entry.id)
        assert replayed.message_id is not None
        assert (await client.message(replayed.message_id)).body.strip() == "Readable after all."
        assert await client.raw(replayed.message_id) == raw
        with pytest.raises(client_module.Refused) as refused_again:
            await client.replay(entry.id)
        assert refused_again.value.problem.code == "not-quarantined"


async def test_what_cannot_be_read_is_kept_and_can_be_tried_again(desk_server: DeskServer, tmp_path: Path) -> None:
    bomb = b"From: a@customer.test\r\nTo: b@c.test\r\nSubject: x\r\nX-Long: " + b"x" * 400_000 + b"\r\n\r\nbody\r\n"
    (tmp_path / "bomb.eml").write_bytes(bomb)
    (tmp_path / "next.eml").write_bytes(b"From: a@customer.test\r\nTo: b@c.test\r\nSubject: fine\r\n\r\nbody\r\n")
    async with desk_server.client() as client:
        job = await finish(client, await client.start_import([tmp_path]))
        assert (job.new, job.quarantined) == (1, 1)
        [entry] = await client.ledger(outcome="quarantined")
        assert entry.reason
        assert (await client.status()).quarantined == 1
        with pytest.raises(client_module.Refused) as refused:
            await client.replay(entry.id)
        assert (refused.value.status, refused.value.problem.code) == (409, "still-quarantined")
        assert [each.id for each in await client.ledger(outcome="quarantined")] == [entry.id]
