"""What every test may ask for, and where they put their files."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings

from tests.servers.desk import desk_server, new_desk
from tests.servers.fixtures import dovecot, new_user, own_dovecot, own_smtp, shared_smtp, smtp

__all__ = ["desk_server", "dovecot", "new_desk", "new_user", "own_dovecot", "own_smtp", "shared_smtp", "smtp"]

MEMORY = Path("/dev/shm")
ROOM = 2_000_000_000
"""Bytes that have to be free there."""


def pytest_configure() -> None:
    """Files lie in memory where there is room: that they outlive a power cut is not what waiting for a disk proves.

    Nor is an example wrong because a busy machine took long for it. `make torture` tries many times as many.
    """
    times = int(os.environ.get("DESK_EXAMPLES", "1"))
    settings.register_profile("patient", deadline=None, max_examples=50 * times)
    settings.load_profile("patient")
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
