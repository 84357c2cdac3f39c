"""What became of everything that came in, and the bytes of what could not be understood."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

from desk.clock import Millis
from desk.mail.packing import unpack
from desk.model import LedgerEntry, LedgerOutcome
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import insert, marks, portions
from desk.store.sqlite.transaction import Transaction

_COLUMNS = "id, at, account, external_id, outcome, message_id, conversation_id, rule, reason, subject, sender, size"
_OUTCOME = 4


class SqliteLedger:
    """See `desk.store.base.Ledger`. What is in it already is not added again: `add` returns the id it has."""

    def __init__(self, db: Database) -> None:
        self._db = db
        db.settlers.append(_write)

    def add(self, entry: LedgerEntry, *, raw_packed: bytes = b"", sha256: str = "") -> int:
        self._db.require_writing()
        key = entry.account, entry.external_id
        known = self._id_of(key)
        if known is not None:
            return known
        id = self._db.next_id("ledger")
        transaction = self._db.transaction
        transaction.entered[key] = id
        transaction.unseen.discard(key)
        transaction.entries.append(_row(id, entry))
        transaction.put_off = True
        if sha256:
            self._db.later(
                "INSERT INTO kept (ledger_id, sha256, packed) VALUES ROWS", [(id, bytes.fromhex(sha256), raw_packed)]
            )
        self._db.note("ledger", id, entry.conversation_id)
        return id

    def _id_of(self, key: tuple[str, str]) -> int | None:
        transaction = self._db.transaction
        if key in transaction.unseen:
            return None
        known = transaction.entered.get(key)
        if known is None:
            row = self._db.aside.execute("SELECT id FROM ledger WHERE account = ? AND external_id = ?", key).fetchone()
            known = None if row is None else int(row[0])
        return known

    def seen(self, account: str, external_ids: Sequence[str]) -> set[str]:
        seen: set[str] = set()
        for some in portions(external_ids):
            rows = self._db.reader.execute(
                f"SELECT external_id FROM ledger WHERE account = ? AND external_id IN ({marks(some)})", (account, *some)
            )
            seen.update(external_id for (external_id,) in rows)
        if self._db.writing:
            self._db.transaction.unseen.update((account, id) for id in external_ids if id not in seen)
        return seen

    def get(self, id: int) -> LedgerEntry | None:
        found = self._select("WHERE id = ?", (id,))
        return found[0] if found else None

    def page(
        self, *, outcome: LedgerOutcome | None = None, before: int | None = None, limit: int = 100
    ) -> list[LedgerEntry]:
        upto = (1 << 63) - 1 if before is None else before
        if outcome is None:
            return self._select("WHERE id < ? ORDER BY id DESC LIMIT ?", (upto, limit))
        return self._select("WHERE outcome = ? AND id < ? ORDER BY id DESC LIMIT ?", (outcome, upto, limit))

    def of_message(self, message_id: int) -> list[LedgerEntry]:
        return self._select("WHERE message_id = ? ORDER BY id", (message_id,))

    def _select(self, where: str, values: tuple[object, ...]) -> list[LedgerEntry]:
        return [_entry(row) for row in self._db.reader.execute(f"SELECT {_COLUMNS} FROM ledger {where}", values)]

    def kept_sha256s(self, sha256s: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in portions(map(bytes.fromhex, sha256s)):
            rows = self._db.reader.execute(
                f"SELECT sha256, ledger_id FROM kept WHERE sha256 IN ({marks(some)}) ORDER BY ledger_id DESC",
                some,
            )
            found.update((sha256.hex(), id) for sha256, id in rows)
        return found

    def raw(self, id: int) -> bytes | None:
        row = self._db.reader.execute(
            "SELECT packed FROM kept WHERE ledger_id = ?1 UNION ALL"
            " SELECT packed FROM ledger JOIN messages ON messages.id = ledger.message_id JOIN raw ON raw.id = raw_id"
            " WHERE ledger.id = ?1",
            (id,),
        ).fetchone()
        return None if row is None else unpack(row[0])

    def resolve_quarantine(self, id: int, *, message_id: int, conversation_id: int, at: Millis) -> bool:
        writer = self._db.writer
        resolved = writer.execute(
            "UPDATE ledger SET outcome = 'replayed', message_id = ?, conversation_id = ?"
            " WHERE id = ? AND outcome = 'quarantined'",
            (message_id, conversation_id, id),
        )
        if not resolved.rowcount:
            return False
        writer.execute("DELETE FROM kept WHERE ledger_id = ?", (id,))
        self._db.note("ledger", id, conversation_id)
        return True

    def counts(self) -> dict[LedgerOutcome, int]:
        counts: dict[LedgerOutcome, int] = dict.fromkeys(get_args(LedgerOutcome), 0)
        counts.update(self._db.reader.execute("SELECT outcome, number FROM ledger_counts"))
        return counts


def _write(connection: sqlite3.Connection, transaction: Transaction) -> None:
    entries, transaction.entries = transaction.entries, []
    insert(connection, f"INSERT INTO ledger ({_COLUMNS}) VALUES ROWS", entries)
    outcomes = Counter(entry[_OUTCOME] for entry in entries)
    connection.executemany(
        "INSERT INTO ledger_counts VALUES (?, ?) ON CONFLICT DO UPDATE SET number = number + excluded.number",
        outcomes.items(),
    )


def _row(id: int, entry: LedgerEntry) -> tuple[str | int | None, ...]:
    return (
        id,
        entry.at,
        entry.account,
        entry.external_id,
        entry.outcome,
        entry.message_id,
        entry.conversation_id,
        entry.rule,
        entry.reason,
        entry.subject,
        entry.sender,
        entry.size,
    )


def _entry(row: tuple[Any, ...]) -> LedgerEntry:
    return LedgerEntry(
        id=row[0],
        at=row[1],
        account=row[2],
        external_id=row[3],
        outcome=row[4],
        message_id=row[5],
        conversation_id=row[6],
        rule=row[7],
        reason=row[8],
        subject=row[9],
        sender=row[10],
        size=row[11],
    )
