"""Between those who read mail and the one who stores it: what came while he was busy is his next batch."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future

from msgspec import Struct

from desk.mail.pool import Answer


class Chunk(Struct, frozen=True):
    """Mails in their order, and the attachments among them on the way to the disk."""

    mails: list[Answer]
    files: Future[list[str]] | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the attachments are on the disk, or could not be put there."""
        return self.files is None or self.files.done()


class Batches:
    """One thread puts chunks, another takes batches of at most `size` mails, or of one chunk.

    A batch is worth a commit when there are `least` mails; it does not wait for more of them, nor for attachments of
    any but the first chunk.
    """

    def __init__(self, size: int, waiting_at_most: int, least: int = 1) -> None:
        self._size = size
        self._least = least
        self._waiting_at_most = waiting_at_most
        self._chunks: deque[Chunk] = deque()
        self._waiting = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, chunk: Chunk) -> bool:
        """Wait until there is room. False if nobody takes any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting < self._waiting_at_most)
            if not self._closed and chunk.mails:
                self._chunks.append(chunk)
                self._waiting += len(chunk.mails)
                self._changed.notify_all()
            return not self._closed

    def close(self) -> None:
        """Nothing is put any more; what waits can still be taken. Idempotent, for either side."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self) -> list[Answer]:
        """What waits, as soon as there is something; empty at the end.

        Raises what the attachments of the first chunk raised.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting >= self._least)
            if not self._chunks:
                return []
            first = self._chunks[0]
        if first.files is not None:
            first.files.result()
        with self._changed:
            batch = self._pop()
            while self._chunks and self._chunks[0].is_kept and len(batch) + len(self._chunks[0].mails) <= self._size:
                batch += self._pop()
            self._changed.notify_all()
            return batch

    def _pop(self) -> list[Answer]:
        chunk = self._chunks.popleft()
        if chunk.files is not None:
            chunk.files.result()
        self._waiting -= len(chunk.mails)
        return list(chunk.mails)
