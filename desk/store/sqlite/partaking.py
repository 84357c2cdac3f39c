"""Who takes part in a conversation, and whom its mail was addressed to: kept in the transaction, written together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Literal

from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import insert
from desk.store.sqlite.transaction import Transaction
from desk.text import fold_address

Table = Literal["participants", "addressed"]


class Partaking:
    """Folded addresses by conversation, in two tables of one shape."""

    def __init__(self, db: Database) -> None:
        self._db = db
        db.settlers.append(_write)

    def of(self, table: Table, conversation_id: int) -> set[str]:
        rows = self._db.aside.execute(f"SELECT address FROM {table} WHERE conversation_id = ?", (conversation_id,))
        found = {address for (address,) in rows}
        if self._db.writing:
            found |= self._db.transaction.partaking[table].get(conversation_id, set())
        return found

    def add(self, table: Table, conversation_id: int, addresses: Iterable[str]) -> None:
        self._db.require_writing()
        transaction = self._db.transaction
        transaction.partaking[table].setdefault(conversation_id, set()).update(map(fold_address, addresses))
        transaction.put_off = True


def _write(connection: sqlite3.Connection, transaction: Transaction) -> None:
    for table, people in transaction.partaking.items():
        rows = sorted((id, address) for id, addresses in people.items() for address in addresses)
        insert(connection, f"INSERT INTO {table} (conversation_id, address) VALUES ROWS ON CONFLICT DO NOTHING", rows)
        people.clear()
