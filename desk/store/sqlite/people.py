"""Agents, customers and their identities, and the small sets of names: queues and tags."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Generic, Literal, TypeVar

import msgspec

from desk.clock import Millis
from desk.model import Agent, Customer, Identity, IdentityKind, Queue, Tag
from desk.store.base import StoreError
from desk.store.sqlite.connection import Database
from desk.text import fold_address

N = TypeVar("N", Queue, Tag)


class SqliteAgents:
    """See `desk.store.base.Agents`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def ensure(self, login: str, name: str = "") -> Agent:
        found = self._one("login = ?", login)
        if found is None:
            cursor = self._db.writer.execute(
                "INSERT INTO agents (login, name, created_at) VALUES (?, ?, ?)",
                (login, name or login, self._db.clock.now()),
            )
            self._db.note("agent", cursor.lastrowid or 0)
            found = self._one("login = ?", login)
        assert found is not None
        return found

    def get(self, id: int) -> Agent | None:
        return self._one("id = ?", id)

    def all(self) -> list[Agent]:
        return [_agent(row) for row in self._db.reader.execute("SELECT * FROM agents ORDER BY id")]

    def _one(self, where: str, value: object) -> Agent | None:
        row = self._db.reader.execute(f"SELECT * FROM agents WHERE {where}", (value,)).fetchone()
        return None if row is None else _agent(row)


def _agent(row: tuple[Any, ...]) -> Agent:
    return Agent(id=row[0], login=row[1], name=row[2], created_at=row[3])


class SqliteNames(Generic[N]):
    """See `desk.store.base.Names`; one table of names compared without case."""

    def __init__(self, db: Database, kind: Literal["queue", "tag"], make: Callable[..., N]) -> None:
        self._db = db
        self._kind: Literal["queue", "tag"] = kind
        self._table = f"{kind}s"
        self._make: Callable[..., N] = make

    def ensure(self, name: str) -> int:
        folded = name.strip().casefold()
        if not folded:
            raise StoreError(f"a {self._kind} needs a name")
        row = self._db.reader.execute(f"SELECT id FROM {self._table} WHERE folded = ?", (folded,)).fetchone()
        if row is not None:
            return int(row[0])
        cursor = self._db.writer.execute(
            f"INSERT INTO {self._table} (name, folded) VALUES (?, ?)", (name.strip(), folded)
        )
        id = cursor.lastrowid or 0
        self._db.note(self._kind, id)
        return id

    def all(self) -> list[N]:
        rows = self._db.reader.execute(f"SELECT id, name FROM {self._table} ORDER BY folded")
        return [self._make(id=id, name=name) for id, name in rows]


class SqliteCustomers:
    """See `desk.store.base.Customers`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, kind: IdentityKind, value: str) -> int | None:
        row = self._db.aside.execute(
            "SELECT customer_id FROM identities WHERE kind = ? AND value = ?", (kind, fold_address(value))
        ).fetchone()
        return None if row is None else row[0]

    def create(self, name: str, identities: Sequence[Identity], at: Millis) -> int:
        self._db.require_writing()
        folded = [fold_address(identity.value) for identity in identities]
        address = folded[0] if folded else ""
        writer = self._db.aside
        cursor = writer.execute(
            "INSERT INTO customers (name, address, haystack, first_seen_at) VALUES (?, ?, ?, ?)",
            (name, address, _haystack(name, *folded), at),
        )
        id = cursor.lastrowid or 0
        try:
            for identity, value in zip(identities, folded, strict=True):
                writer.execute(
                    "INSERT INTO identities (kind, value, customer_id, name) VALUES (?, ?, ?, ?)",
                    (identity.kind, value, id, identity.name),
                )
        except sqlite3.IntegrityError as error:
            writer.execute("DELETE FROM identities WHERE customer_id = ?", (id,))
            writer.execute("DELETE FROM customers WHERE id = ?", (id,))
            raise StoreError(f"another customer has one of {', '.join(folded)}: look with `find` first") from error
        self._db.transaction.customers[id] = name, address
        self._db.note("customer", id)
        return id

    def add_identity(self, customer_id: int, identity: Identity) -> bool:
        writer, value = self._db.writer, fold_address(identity.value)
        added = writer.execute(
            "INSERT INTO identities (kind, value, customer_id, name) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (identity.kind, value, customer_id, identity.name),
        )
        if not added.rowcount:
            return self.find(identity.kind, value) == customer_id
        writer.execute(
            "UPDATE customers SET rev = rev + 1, haystack = haystack || ?1 || char(10),"
            " address = CASE address WHEN '' THEN ?1 ELSE address END WHERE id = ?2",
            (value, customer_id),
        )
        self._db.note("customer", customer_id)
        return True

    def get(self, id: int) -> Customer | None:
        row = self._db.aside.execute(
            "SELECT id, name, notes, attributes, first_seen_at, rev FROM customers WHERE id = ?", (id,)
        ).fetchone()
        return None if row is None else self._customer(row)

    def update(self, id: int, *, rev: int, name: str | None = None, notes: str | None = None) -> bool:
        writer = self._db.writer
        changed = writer.execute(
            "UPDATE customers SET name = ifnull(?1, name), notes = ifnull(?2, notes), rev = rev + 1,"
            " haystack = CASE WHEN ?1 IS NULL THEN haystack"
            " ELSE ?3 || substr(haystack, instr(haystack, char(10)) + 1) END"
            " WHERE id = ?4 AND rev = ?5",
            (name, notes, _haystack(name or ""), id, rev),
        )
        if not changed.rowcount:
            return False
        self._db.note("customer", id)
        if name is not None:
            self._rename_in_conversations(id, name)
        return True

    def _rename_in_conversations(self, id: int, name: str) -> None:
        renamed = self._db.writer.execute(
            "UPDATE conversations SET customer_name = ?1, rev = rev + 1"
            " WHERE customer_id = ?2 AND customer_name <> ?1 RETURNING id",
            (name, id),
        ).fetchall()
        for (conversation_id,) in renamed:
            self._db.note("conversation", conversation_id, conversation_id)

    def search(self, text: str, limit: int = 20) -> list[Customer]:
        words = text.casefold().split()
        if not words:
            return []
        where = " AND ".join(["instr(haystack, ?)"] * len(words[:20]))
        rows = self._db.reader.execute(
            "SELECT id, name, notes, attributes, first_seen_at, rev FROM customers"
            f" WHERE {where} ORDER BY id DESC LIMIT ?",
            (*words[:20], limit),
        ).fetchall()
        return [self._customer(row) for row in rows]

    def _customer(self, row: tuple[Any, ...]) -> Customer:
        id, name, notes, attributes, first_seen_at, rev = row
        identities = self._db.aside.execute(
            "SELECT kind, value, name FROM identities WHERE customer_id = ? ORDER BY kind, value", (id,)
        )
        return Customer(
            id=id,
            name=name,
            identities=tuple(Identity(kind=kind, value=value, name=called) for kind, value, called in identities),
            notes=notes,
            attributes=msgspec.json.decode(attributes, type=dict[str, str]) if attributes else {},
            first_seen_at=first_seen_at,
            rev=rev,
        )


def _haystack(*texts: str) -> str:
    """What a customer is found by: a line for the name, then one for each address."""
    return "".join(" ".join(text.casefold().split()) + "\n" for text in texts)
