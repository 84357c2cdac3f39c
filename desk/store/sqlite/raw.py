"""The bytes of messages as they came or went; the same bytes are kept once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import insert, marks, portions
from desk.store.sqlite.transaction import Added

_INSERT = "INSERT INTO raw (id, message_id, sha256, packed) VALUES ROWS"


def keep_all(db: Database, connection: sqlite3.Connection, added: Sequence[Added]) -> dict[str, int]:
    """Keep the bytes of messages; returns the rows they are in, by hash."""
    with_bytes = [each for each in added if each.sha256]
    doubtful = [bytes.fromhex(each.sha256) for each in with_bytes if each.sha256 not in db.transaction.unkept]
    ids = {sha256.hex(): id for sha256, id in _kept(connection, doubtful)}
    db.transaction.unkept.difference_update(each.sha256 for each in with_bytes)
    new: list[tuple[int, int, bytes, bytes]] = []
    shared: list[tuple[int]] = []
    for each in with_bytes:
        if each.sha256 in ids:
            shared.append((ids[each.sha256],))
        else:
            id = ids[each.sha256] = db.next_id("raw")
            new.append((id, each.id, bytes.fromhex(each.sha256), each.raw_packed))
    insert(connection, _INSERT, new)
    connection.executemany("UPDATE raw SET shared = 1 WHERE id = ?", shared)
    return ids


def keep(db: Database, message_id: int, packed: bytes, sha256: str) -> int:
    """The row that has these bytes of a message that is stored already."""
    connection, digest = db.writer, bytes.fromhex(sha256)
    for _, id in _kept(connection, [digest]):
        connection.execute("UPDATE raw SET shared = shared OR message_id <> ? WHERE id = ?", (message_id, id))
        return id
    id = db.next_id("raw")
    insert(connection, _INSERT, [(id, message_id, digest, packed)])
    return id


def drop(connection: sqlite3.Connection, id: int | None) -> None:
    """Forget bytes, unless another message has the same."""
    connection.execute("DELETE FROM raw WHERE id = ? AND NOT shared", (id,))


def _kept(connection: sqlite3.Connection, digests: Sequence[bytes]) -> list[tuple[bytes, int]]:
    found: list[tuple[bytes, int]] = []
    for some in portions(digests):
        found += connection.execute(f"SELECT sha256, id FROM raw WHERE sha256 IN ({marks(some)})", some).fetchall()
    return found
