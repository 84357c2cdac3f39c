"""Stores for tests, of which most are new."""

from __future__ import annotations

from pathlib import Path

from desk.clock import Clock
from desk.store.sqlite import SqliteStore, open_store
from tests.servers.schema import lay_schema


def store_in(folder: Path, clock: Clock) -> SqliteStore:
    """The store of a folder; an empty one with today's schema if there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "desk.db"
    lay_schema(database)
    return open_store(database, blobs=folder / "attachments", clock=clock)
