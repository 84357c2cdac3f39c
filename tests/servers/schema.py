"""Databases of today's schema with nothing in them: laid once a process, and copied for each who wants one."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from desk.store.sqlite import open_store


def lay_schema(database: Path) -> None:
    """Put an empty one there if there is none."""
    if not database.exists():
        shutil.copy(_empty(), database)


@cache
def _empty() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="empty"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    open_store(folder / "desk.db", blobs=folder / "attachments").close()
    return folder / "desk.db"
