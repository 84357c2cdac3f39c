"""Reading a Maildir as it grows: everything once, in the order of its coming, whatever happens between two looks."""

from __future__ import annotations

import errno
import logging
import os
import re
import stat
import time
from collections import deque
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct

from connectors.base import Batch, Inbound
from connectors.maildir.folder import is_delivered, unique, with_flag
from connectors.mailing.stand_in import HEADER_BYTES, OVERSIZE, header_of, stand_in, too_large
from desk import text

_log = logging.getLogger(__name__)

KEY = "incoming"
MOST_MESSAGES = 50
MOST_BYTES = 20 * 1024 * 1024
SETTLED_NS = 2_000_000_000
"""A folder changed longer ago than this shows it by a new time when it changes again, on any file system."""
WRITTEN_NS = 1_000_000_000
"""A file copied into the folder by hand is read when nobody has written to it for so long."""
_LOOK_AT_LEAST = 30.0
"""Seconds after which to look even if the folders' times say that nothing changed."""
_MASK = (1 << 64) - 1


class Entry(Struct, frozen=True, order=True):
    """One message's file. They are ordered by when it was written, then by name, numbers in it as numbers."""

    mtime_ns: int
    natural: tuple[str | int, ...]
    id: str
    size: int
    path: str


class Cursor(Struct, frozen=True):
    """How far a Maildir was read: up to a place, and which files those were, as a count and a sum of hashes.

    Files can appear before that place (a clock set back, an old file moved in). Then the sum differs, and everything
    is handed over again rather than anything missed.
    """

    mtime_ns: int = -1
    id: str = ""
    count: int = 0
    total: int = 0

    def __str__(self) -> str:
        return f"{self.mtime_ns}:{self.count}:{self.total:016x}:{self.id}"

    @classmethod
    def parse(cls, text: str | None) -> Cursor:
        """The start for what this module did not write."""
        try:
            mtime_ns, count, total, id = (text or "").split(":", 3)
            return cls(int(mtime_ns), id, int(count), int(total, 16))
        except ValueError:
            return cls()

    @property
    def place(self) -> tuple[int, tuple[str | int, ...], str]:
        return self.mtime_ns, natural(self.id), self.id

    def with_(self, entries: Iterable[Entry]) -> Cursor:
        """After these were taken too."""
        place, count, total = self.place, self.count, self.total
        for each in entries:
            place = max(place, (each.mtime_ns, each.natural, each.id))
            count, total = count + 1, (total + _hash(each.id)) & _MASK
        return Cursor(place[0], place[2], count, total)

    def without(self, ids: Iterable[str]) -> Cursor:
        """After these were taken away from the folder."""
        count, total = self.count, self.total
        for id in ids:
            count, total = count - 1, (total - _hash(id)) & _MASK
        return Cursor(self.mtime_ns, self.id, count, total)


def natural(name: str) -> tuple[str | int, ...]:
    """The name in pieces that sort as people count: texts and numbers in turn."""
    return tuple(int(piece) if odd % 2 else piece for odd, piece in enumerate(re.split("([0-9]+)", name)))


def _hash(id: str) -> int:
    return int.from_bytes(blake2b(id.encode(), digest_size=8).digest())


class Incoming:
    """One reading of a Maildir, from a cursor on. Call it from one thread at a time; raises OSError."""

    def __init__(self, folder: Path, cursor: str | None) -> None:
        self._folder = folder
        self._cursor = Cursor.parse(cursor)
        self._taken: set[str] | None = None
        self._pending: deque[Entry] = deque()
        self._known: dict[str, Entry] = {}
        self._stamps: tuple[tuple[int, int], ...] = ()
        self._look_at = 0.0

    def next(self) -> Batch | None:
        """The next batch; None if there is nothing new."""
        before = self._cursor
        events: list[Inbound] = []
        try:
            if not self._pending:
                self._look()
            while self._pending and not events:
                events = self._read_group()
        except OSError:
            self._pending.clear()
            self._stamps = ()
            raise
        if events or (self._cursor != before and not self._pending):
            return Batch(key=KEY, cursor=str(self._cursor), events=tuple(events))
        return None

    def mark_seen(self, ids: Iterable[str]) -> None:
        """Move these files to `cur` with the flag S. Those that have gone are left alone."""
        for entry in [self._known[id] for id in ids if id in self._known]:
            path = Path(entry.path)
            target = self._folder / "cur" / with_flag(path.name, "S")
            try:
                path.rename(target)
            except FileNotFoundError:
                continue
            except OSError as error:
                _log.warning("%s cannot be marked as seen: %s", text.line(entry.id), error.strerror)

    def _read_group(self) -> list[Inbound]:
        assert self._taken is not None
        group = list(self._group())
        read = [(entry, inbound) for entry in group if (inbound := _read(entry)) is not None]
        self._taken.update(entry.id for entry, _ in read)
        self._cursor = self._cursor.with_(entry for entry, _ in read)
        return [inbound for _, inbound in read]

    def _group(self) -> Iterator[Entry]:
        size = 0
        for count in range(MOST_MESSAGES):
            if not self._pending:
                return
            entry = self._pending[0]
            size += entry.size if entry.size <= OVERSIZE else HEADER_BYTES
            if count and size > MOST_BYTES:
                return
            yield self._pending.popleft()

    # --- looking ------------------------------------------------------------------------------------------

    def _look(self) -> None:
        stamps = tuple((found.st_ino, found.st_mtime_ns) for found in map(os.stat, self._parts()))
        if stamps == self._stamps and time.monotonic() < self._look_at:
            return
        now = time.time_ns()
        found, unfinished = self._scan(now)
        settled = not unfinished and all(now - mtime > SETTLED_NS for _, mtime in stamps)
        self._stamps = stamps if settled else ()
        self._look_at = time.monotonic() + _LOOK_AT_LEAST
        self._known = found
        if self._taken is None:
            self._taken = self._taken_before(found)
        elif gone := self._taken - found.keys():
            self._taken -= gone
            self._cursor = self._cursor.without(gone)
        self._pending.extend(sorted(entry for id, entry in found.items() if id not in self._taken))

    def _taken_before(self, found: dict[str, Entry]) -> set[str]:
        """What the cursor stands behind, or nothing if the folder no longer holds just that."""
        place = self._cursor.place
        before = [each for each in found.values() if (each.mtime_ns, each.natural, each.id) <= place]
        if Cursor(self._cursor.mtime_ns, self._cursor.id).with_(before) == self._cursor:
            return {each.id for each in before}
        self._cursor = Cursor()
        return set()

    def _scan(self, now: int) -> tuple[dict[str, Entry], bool]:
        """The messages there are, and whether one is still being written. `new` first: mail moves on to `cur`."""
        found: dict[str, Entry] = {}
        unfinished = False
        for part in self._parts():
            with os.scandir(part) as files:
                for file in files:
                    entry = None if file.name.startswith(".") else self._entry(file)
                    if entry is None:
                        continue
                    if not is_delivered(file.name) and 0 <= now - entry.mtime_ns < WRITTEN_NS:
                        unfinished = True
                    else:
                        found[entry.id] = entry
        return found, unfinished

    def _entry(self, file: os.DirEntry[str]) -> Entry | None:
        """The file as an entry; None if it is none, or has vanished."""
        id = unique(file.name)
        known = self._known.get(id)
        if known is not None and is_delivered(file.name):
            return known if known.path == file.path else Entry(known.mtime_ns, known.natural, id, known.size, file.path)
        try:
            facts = file.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(facts.st_mode):
            return None
        if not is_delivered(file.name):  # people use a name again for another message
            id = f"{id}/{facts.st_mtime_ns}"
        return Entry(facts.st_mtime_ns, natural(id), id, facts.st_size, file.path)

    def _parts(self) -> tuple[Path, Path]:
        return self._folder / "new", self._folder / "cur"


# --- reading ----------------------------------------------------------------------------------------------


def _read(entry: Entry) -> Inbound | None:
    """The message, or a stand-in for one that cannot be taken; None if it has vanished."""
    try:
        raw = _bytes(entry)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EIO, errno.ELOOP):
            raise
        raw = _stand_in(entry, b"", f"could not be read ({text.line(error.strerror or str(error))})")
    arrived = min(entry.mtime_ns, time.time_ns()) // 1_000_000
    return Inbound(external_id=entry.id, raw=raw, received_at=arrived)


def _bytes(entry: Entry) -> bytes:
    descriptor = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        size = os.fstat(descriptor).st_size
        if size > OVERSIZE:
            return _stand_in(entry, header_of(file.read(HEADER_BYTES)), too_large(size))
        return file.read(OVERSIZE)


def _stand_in(entry: Entry, header: bytes, why: str) -> bytes:
    words = f"[This message {why}. It is still in the Maildir, as {text.line(entry.id)}.]"
    return stand_in(header, f"size={entry.size}", words)
