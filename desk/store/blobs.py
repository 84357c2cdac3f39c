"""Attachments on disk, named by what is in them."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from desk.clock import Millis
from desk.store.base import StoreError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_AT_ONCE = 8
"""Files written at the same time; a journalling file system commits them together."""


class DiskBlobs:
    """See `desk.store.base.Blobs`. A file appears under its name only once it is whole and durable."""

    def __init__(self, root: Path) -> None:
        self.root = root
        private_folder(root)

    def put(self, data: bytes) -> str:
        return self.put_many([data])[0]

    def put_many(self, files: Sequence[bytes]) -> list[str]:
        names = [hashlib.sha256(data).hexdigest() for data in files]
        places = {self._place(name): data for name, data in zip(names, files, strict=True)}
        missing = {place: data for place, data in places.items() if not place.exists()}
        try:
            self._make_folders({target.parent for target in missing})
            self._write(missing)
        except OSError as error:
            raise StoreError(f"an attachment could not be written below {self.root}: {error}") from error
        return names

    def _make_folders(self, folders: set[Path]) -> None:
        new = [folder for folder in folders if not folder.exists()]
        for folder in new:
            folder.mkdir(mode=0o700, exist_ok=True)
        if new:
            _sync(self.root)

    @staticmethod
    def _write(files: Mapping[Path, bytes]) -> None:
        """Several at once, step by step: the file system then makes them durable together, not one by one."""
        if len(files) < 2:
            written = {target: _write_beside(target, data) for target, data in files.items()}
        else:
            with ThreadPoolExecutor(min(len(files), _AT_ONCE), thread_name_prefix="blobs") as writers:
                written = dict(zip(files, writers.map(_write_beside, *zip(*files.items(), strict=True)), strict=True))
        for target, temporary in written.items():
            os.rename(temporary, target)
        for folder in {target.parent for target in files}:
            _sync(folder)

    def path(self, sha256: str) -> Path | None:
        if not _SHA256.fullmatch(sha256):
            return None
        place = self._place(sha256)
        return place if place.is_file() else None

    def read(self, sha256: str) -> bytes | None:
        place = self.path(sha256)
        return None if place is None else place.read_bytes()

    def all(self) -> Iterator[str]:
        """The SHA-256 of everything kept."""
        for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f]*"):
            if _SHA256.fullmatch(path.parent.name + path.name):
                yield path.parent.name + path.name

    def modified_at(self, sha256: str) -> Millis:
        """When a file that is kept was written."""
        return self._place(sha256).stat().st_mtime_ns // 1_000_000

    def _place(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:]


def private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner only (0700).

    Raises `StoreError` if it cannot be made.
    """
    try:
        for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be opened: {error}. Check the owner and mode of its folder.") from error


def _write_beside(target: Path, data: bytes) -> str:
    """Durable, under a name of its own in the same folder; returns it."""
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return temporary


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
