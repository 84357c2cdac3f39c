"""What came in: the ledger, where connectors go on, attachments' bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from desk.clock import Millis
from desk.model import LedgerEntry, LedgerOutcome


class Ledger(Protocol):
    def add(self, entry: LedgerEntry, *, raw_packed: bytes = b"", sha256: str = "") -> int:
        """`raw_packed`, with its `sha256`, for bytes that live nowhere else: quarantined, or a duplicate's own."""
        ...

    def seen(self, account: str, external_ids: Sequence[str]) -> set[str]:
        """Those of the given ids that are in the ledger already."""
        ...

    def get(self, id: int) -> LedgerEntry | None: ...
    def page(
        self, *, outcome: LedgerOutcome | None = None, before: int | None = None, limit: int = 100
    ) -> list[LedgerEntry]:
        """Newest first, below id `before`."""
        ...

    def of_message(self, message_id: int) -> list[LedgerEntry]: ...
    def kept_sha256s(self, sha256s: Sequence[str]) -> dict[str, int]:
        """For each hash, the newest entry that keeps these very bytes itself, as no message does."""
        ...

    def raw(self, id: int) -> bytes | None: ...
    def resolve_quarantine(self, id: int, *, message_id: int, conversation_id: int, at: Millis) -> bool:
        """`quarantined` -> `replayed`; the bytes then live with the message."""
        ...

    def counts(self) -> dict[LedgerOutcome, int]: ...


class Cursors(Protocol):
    def get(self, account: str, key: str) -> str | None: ...
    def set(self, account: str, key: str, value: str) -> None: ...
    def all(self, account: str) -> dict[str, str]: ...


class Blobs(Protocol):
    """Attachment bytes on disk by content hash."""

    def put(self, data: bytes) -> str:
        """Write durably unless present; returns the SHA-256, hex."""
        ...

    def put_many(self, files: Sequence[bytes]) -> list[str]:
        """`put` of several, much quicker than one by one; returns the SHA-256s in their order."""
        ...

    def path(self, sha256: str) -> Path | None: ...
    def read(self, sha256: str) -> bytes | None: ...
