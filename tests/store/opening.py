"""Stores for tests, of which most are new: the schema is laid once a process, and copied."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from desk.clock import Clock
from desk.store.sqlite import SqliteStore, open_store


def store_in(folder: Path, clock: Clock) -> SqliteStore:
    """The store of a folder; an empty one with today's schema if there is none."""
    database = folder / "desk.db"
    if not database.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(_empty(), database)
    return open_store(database, blobs=folder / "attachments", clock=clock)


@cache
def _empty() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="empty"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    open_store(folder / "desk.db", blobs=folder / "attachments").close()
    return folder / "desk.db"
