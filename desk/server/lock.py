"""One server per workspace, by a lock that a crash releases."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from desk.workspace import PRIVATE_FILE


class AlreadyRuns(Exception):
    """Another server holds the workspace."""


class Lock:
    """A record lock (fcntl(2)) on the workspace's lock file.

    A record lock belongs to this process alone. One of flock(2) would be shared with every process forked from it, so
    a parser that outlived a killed server would keep the next one out.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def acquire(self, *lines: str) -> None:
        """Take the lock and write the lines into its file. Raises AlreadyRuns, OSError."""
        while True:
            descriptor = self._open()
            if is_at(os.fstat(descriptor), self._path):
                break
            os.close(descriptor)  # the file was removed in between: a lock on it would keep nobody out
        os.ftruncate(descriptor, 0)
        os.write(descriptor, "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
        self._descriptor = descriptor

    def _open(self) -> int:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError | PermissionError):
                raise AlreadyRuns(f"a server runs already for {self._path.parent}") from error
            raise
        return descriptor

    def holds(self) -> bool:
        """Whether the file with our lock is still the one that others would try to lock."""
        return self._descriptor >= 0 and is_at(os.fstat(self._descriptor), self._path)

    def release(self) -> None:
        """Give the lock up. The file stays: removing it could take away a lock just won by another."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


def is_at(file: os.stat_result, path: Path) -> bool:
    """Whether that very file lies there now."""
    try:
        return os.path.samestat(file, path.lstat())
    except OSError:
        return False
