"""Looks for damage, and says what it found in words."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from desk.clock import DAY
from desk.model import NewReply
from desk.store.base import StoreError
from desk.store.blobs import DiskBlobs
from desk.store.sqlite.connection import Database

_ORPHANS = {
    "messages without a conversation": (
        "SELECT count(*) FROM messages WHERE conversation_id NOT IN (SELECT id FROM conversations)"
    ),
    "messages whose raw bytes are gone": (
        "SELECT count(*) FROM messages WHERE raw_id IS NOT NULL AND raw_id NOT IN (SELECT id FROM raw)"
    ),
    "attachments without a message": (
        "SELECT count(*) FROM attachments WHERE message_id NOT IN (SELECT id FROM messages)"
    ),
    "quarantined entries whose bytes are gone": (
        "SELECT count(*) FROM ledger WHERE outcome = 'quarantined' AND id NOT IN (SELECT ledger_id FROM kept)"
    ),
    "conversation counts that are wrong": (
        "SELECT count(*) FROM (SELECT state, ifnull(assignee_id, 0) AS assignee, count(*) FROM conversations"
        " GROUP BY 1, 2 EXCEPT SELECT state, assignee_id, number FROM conversation_counts)"
    ),
}
_NAMED = 5
_UNCLAIMED = 7 * DAY
"""A file is written before what refers to it; one that a crash left over, or an upload, does no harm so long."""


def findings(db: Database, blobs: DiskBlobs) -> list[str]:
    """What is wrong; empty when all is well. Reads everything: seconds for a large store."""
    return [*_damage(db), *_search_damage(db), *_orphans(db), *_blobs(db, blobs)]


def _damage(db: Database) -> Iterator[str]:
    for (line,) in db.reader.execute("PRAGMA quick_check"):
        if line != "ok":
            yield f"the database {db.path} is damaged: {line}. Restore it from a backup."


def _search_damage(db: Database) -> Iterator[str]:
    try:
        with db.write():
            db.writer.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    except StoreError:
        raise
    except Exception as error:
        yield f"the search index of {db.path} is damaged: {error}"


def _orphans(db: Database) -> Iterator[str]:
    for what, sql in _ORPHANS.items():
        [number] = db.reader.execute(sql).fetchone()
        if number:
            yield f"{number} {what} in {db.path}"


def _blobs(db: Database, blobs: DiskBlobs) -> Iterator[str]:
    wanted = {sha256 for (sha256,) in db.reader.execute("SELECT DISTINCT sha256 FROM attachments")}
    kept = set(blobs.all())
    yield from _named("attachments are missing from", wanted - kept, blobs)
    since = db.clock.now() - _UNCLAIMED
    forgotten = {sha256 for sha256 in kept - wanted - _being_written(db) if blobs.modified_at(sha256) < since}
    yield from _named("files that nothing refers to lie in", forgotten, blobs)


def _being_written(db: Database) -> set[str]:
    """Files of drafts and of what waits to be sent."""
    contents = db.reader.execute("SELECT content FROM drafts UNION ALL SELECT content FROM outbox WHERE content <> ''")
    replies = (msgspec.json.decode(content, type=NewReply) for (content,) in contents)
    return {attachment.partition(":")[0] for reply in replies for attachment in reply.attachments}


def _named(what: str, hashes: set[str], blobs: DiskBlobs) -> Iterator[str]:
    if hashes:
        some = ", ".join(sorted(hashes)[:_NAMED]) + (", …" if len(hashes) > _NAMED else "")
        yield f"{len(hashes)} {what} {blobs.root}: {some}"
