"""A folder of documents, which people edit here or with whatever they like.

Nothing is remembered elsewhere, so the folder can live in git. A scan asks only what has changed since the one
before; a save names the revision it saw and never overwrites another.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from desk.documents.errors import BadDocument, DocumentError, NoSuchDocument, StaleDocument
from desk.documents.finding import Finding
from desk.documents.paths import FILES, SUFFIX
from desk.documents.reading import BYTES_AT_MOST, Read, revision
from desk.text import line

D = TypeVar("D")

FILES_AT_MOST = 20_000
_NOT_DOCUMENTS = frozenset({"readme.md", "license.md", "contributing.md", "changelog.md"})
"""What a folder in git holds besides."""

Stamp = tuple[int, int, int]
"""Modified (ns), size, inode: what tells a changed file from one that is as it was."""


class Entry(Struct, Generic[D], frozen=True):
    """A file as the last scan found it."""

    stamp: Stamp
    read: Read[D]


class Snapshot(Struct, Generic[D], frozen=True):
    """All documents there were at one moment, and what was wrong."""

    documents: Mapping[str, D] = {}
    findings: tuple[Finding, ...] = ()
    entries: Mapping[str, Entry[D]] = {}


class Folder(Generic[D]):
    """Raises DocumentError for what cannot be done, OSError for what the disk refuses."""

    what = "document"
    """What one of them is called."""
    keeps_last_good = False
    """A file that cannot be understood any more stands for what it said before."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()

    # --- what each kind says ------------------------------------------------------------------------------

    def check(self, key: str) -> str:
        """The key, if a document's file may be called so. Raises BadDocument."""
        raise NotImplementedError

    def read(self, key: str, data: bytes, stamp: Stamp) -> Read[D]:
        """The document of that key in a file's bytes. Nothing raises: what is wrong is among the findings."""
        raise NotImplementedError

    def together(self, documents: Sequence[D]) -> Sequence[Finding]:
        """What is wrong with several that are each right."""
        return ()

    def absent(self, key: str) -> NoSuchDocument:
        """What is raised when there is none of that key."""
        return NoSuchDocument(self.what, key)

    # --- reading ------------------------------------------------------------------------------------------

    def scan(self, before: Snapshot[D] | None = None) -> Snapshot[D]:
        """What is there now; `before` itself if nothing has changed since."""
        known: Mapping[str, Entry[D]] = before.entries if before else {}
        found: dict[str, Entry[D]] = {}
        for key, stamp in self._walk():
            old = known.get(key)
            found[key] = old if old and old.stamp == stamp else self._entry(key, stamp, old)
        if before and len(found) == len(known) and all(found[key] is known.get(key) for key in found):
            return before
        in_order = sorted(found.items())
        documents = {key: entry.read.document for key, entry in in_order if entry.read.document is not None}
        findings = [each for _, entry in in_order for each in entry.read.findings]
        return Snapshot(documents, (*findings, *self.together(list(documents.values()))), found)

    def _entry(self, key: str, stamp: Stamp, before: Entry[D] | None) -> Entry[D]:
        now = self._read(key, stamp)
        if self.keeps_last_good and now.document is None and before is not None:
            now = replace(now, document=before.read.document)
        return Entry(stamp, now)

    def get(self, key: str) -> D:
        """The document as its file says now. Raises NoSuchDocument, BadDocument."""
        data = self.content(self.check(key))
        found = self.read(key, data, _stamp(self.path(key).stat()))
        if found.document is None:
            raise BadDocument(f"bad-{self.what}", str(found.findings[0]), {"key": key})
        return found.document

    def expect(self, key: str, rev: str) -> bytes:
        """The file's bytes, if it is still at that revision. Raises StaleDocument, NoSuchDocument."""
        data = self.content(key)
        if revision(data) != rev:
            raise StaleDocument("stale", f"{key}{SUFFIX} has changed since; look at it again", {"rev": revision(data)})
        return data

    def content(self, key: str) -> bytes:
        """What the file holds. Raises NoSuchDocument."""
        try:
            with self.path(key).open("rb") as file:
                return file.read(BYTES_AT_MOST + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise self.absent(key) from error

    def path(self, key: str) -> Path:
        """Where the document's file is."""
        return self.root / f"{key}{SUFFIX}"

    # --- writing ------------------------------------------------------------------------------------------

    def write(self, key: str, text: bytes, *, over: bool) -> None:
        """Write a document's file; `self.lock` is held. Raises StaleDocument, BadDocument."""
        if len(text) > BYTES_AT_MOST:
            raise BadDocument("too-long", f"a file has at most {BYTES_AT_MOST:,} bytes", {"field": "body"})
        put(self.path(key), text, over=over)

    @property
    def lock(self) -> threading.Lock:
        """Held by whoever writes."""
        return self._lock

    def delete(self, key: str, *, rev: str) -> None:
        """Remove a document that is still at `rev`. Raises StaleDocument, NoSuchDocument."""
        with self._lock:
            self.expect(self.check(key), rev)
            self.remove(key)

    def remove(self, key: str) -> None:
        """Remove a document's file, and folders that hold nothing any more."""
        path = self.path(key)
        path.unlink()
        self._tidy(path.parent)

    # --- small things -------------------------------------------------------------------------------------

    def _read(self, key: str, stamp: Stamp) -> Read[D]:
        try:
            return self.read(key, self.content(self.check(key)), stamp)
        except (OSError, DocumentError) as error:
            why = getattr(error, "strerror", None) or str(error)
            file = line(f"{key}{SUFFIX}")
            return Read(None, (Finding(file=file, line=1, message=f"it cannot be read: {why}"),))

    def _walk(self) -> Iterator[tuple[str, Stamp]]:
        pending = [("", self.root)]
        count = 0
        while pending:
            above, folder = pending.pop()
            for entry in _entries(folder):
                key = f"{above}{entry.name}"
                if entry.name.startswith(".") or (entry.name.startswith("@") and above):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.endswith(FILES):
                        pending.append((f"{key}/", Path(entry.path)))
                elif self._is_document(entry, above) and (count := count + 1) <= FILES_AT_MOST:
                    yield key.removesuffix(SUFFIX), _stamp(entry.stat())

    def _is_document(self, entry: os.DirEntry[str], above: str) -> bool:
        if not entry.name.endswith(SUFFIX) or (not above and entry.name.casefold() in _NOT_DOCUMENTS):
            return False
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(self.root.resolve()):
            return False
        return entry.is_file()

    def _tidy(self, folder: Path) -> None:
        """Remove folders that hold nothing any more."""
        while folder != self.root and folder.is_relative_to(self.root):
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent


def put(path: Path, data: bytes, *, over: bool) -> None:
    """Write in one step; without `over` a file that is there stays (StaleDocument)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if over:
            os.replace(temporary, path)
        else:
            os.link(temporary, path)
    except FileExistsError as error:
        raise StaleDocument("exists", f"there is a file {path.name} already; choose another name") from error
    finally:
        temporary.unlink(missing_ok=True)


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_mtime_ns, found.st_size, found.st_ino


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
