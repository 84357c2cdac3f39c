"""Every message of the real corpora imports: none lost, none crashing, every raw byte kept.

The normal run takes the hostile and odd collections, `make torture` all of them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from benchmarks.corpora import Absent, unpack
from desk.client import Client
from desk.launch import ensure_server
from desk.model import ImportJob
from desk.store.sqlite import open_store
from desk.workspace import Workspace
from tests.mail.archives import find, read

ODD = ("mail-fixtures-rubymail", "mail-fixtures-mime4j", "mail-fixtures-nodemailer", "mail-fixtures-flufl.bounce")
ALL = (*ODD, "mail-fixtures-sisimai", "mail-ham", "mail-spam", "replies-email_reply_parser", "replies-talon")


@pytest.mark.parametrize(
    "names", [pytest.param(ODD, id="odd"), pytest.param(ALL, id="all", marks=[pytest.mark.torture])]
)
async def test_import_keeps_every_byte(names: tuple[str, ...], tmp_path: Path) -> None:
    corpora = tmp_path / "corpora"
    try:
        for name in names:
            unpack(name, corpora / name)
    except Absent as absent:
        pytest.skip(str(absent))
    workspace = Workspace(tmp_path / "w")
    async with Client(ensure_server(workspace), "rep") as client:
        first = await _import(client, corpora)
        second = await _import(client, corpora)
        await client.stop()
    contents = _contents(corpora)
    distinct = {hashlib.sha256(content).hexdigest() for content in contents}
    assert first.state == "done", first.error
    assert first.messages == len(contents)
    assert first.new + first.duplicate + first.quarantined == first.messages
    assert (second.new, second.duplicate) == (0, len(contents))
    _assert_kept(workspace, distinct)


async def _import(client: Client, folder: Path) -> ImportJob:
    job = await client.start_import([folder])
    while job.state == "running":
        job = await client.import_job(job.id, wait=1.0)
    return job


def _contents(folder: Path) -> list[bytes]:
    return [read(source.slice) for source in find([folder])[0]]


def _assert_kept(workspace: Workspace, distinct: set[str]) -> None:
    store = open_store(workspace.database, blobs=workspace.attachments)
    try:
        in_quarantine = store.ledger.kept_sha256s(list(distinct))
        for sha256 in distinct:
            message, quarantined = store.messages.by_sha256(sha256), in_quarantine.get(sha256)
            kept = store.messages.raw(message) if message else quarantined and store.ledger.raw(quarantined)
            assert kept, f"{sha256} is neither a message nor quarantined"
            assert hashlib.sha256(kept).hexdigest() == sha256
        assert store.check() == []
    finally:
        store.close()
