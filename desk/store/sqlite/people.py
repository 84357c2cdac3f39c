"""Agents, customers and their identities, and the small sets of names: queues and tags."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar

import msgspec

from desk.clock import Millis
from desk.likeness import fold, keys
from desk.model import Agent, Customer, Identity, IdentityKind, Queue, Tag
from desk.store.base import StoreError
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import insert, marks, portions
from desk.store.sqlite.transaction import Transaction
from desk.text import fold_address

N = TypeVar("N", Queue, Tag)

TAG_SEPARATOR = "\x1f"
_CUSTOMER = "customers.id, name, notes, attributes, first_seen_at, rev, address, tags, zone, language, merged_into"
_CREATE = "INSERT INTO customers (id, name, address, haystack, first_seen_at) VALUES ROWS"
_FIND = "INSERT INTO customer_search (rowid, haystack) VALUES (?, ?)"
"""One by one: each other statement that writes several rows at once makes FTS5 write a segment of what it has."""
_OWN = "INSERT INTO identities (kind, value, customer_id, name) VALUES ROWS"
_LEARN = "INSERT INTO customer_keys (key, customer_id) VALUES ROWS"
_TRIGRAM = 3
"""FTS5's trigram index finds words of as many letters; shorter ones are so common that a look at the newest does."""


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

    def rename(self, id: int, name: str) -> None:
        writer = self._db.writer
        writer.execute("UPDATE agents SET name = ? WHERE id = ?", (name, id))
        theirs = writer.execute(
            "UPDATE conversations SET assignee_name = ?, rev = rev + 1 WHERE assignee_id = ? RETURNING id", (name, id)
        ).fetchall()
        self._db.note("agent", id)
        for (conversation_id,) in theirs:
            self._db.note("conversation", conversation_id, conversation_id)

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
        db.settlers.append(_write)

    def find(self, kind: IdentityKind, value: str) -> int | None:
        key = kind, fold_address(value)
        owners = self._db.transaction.owners
        if self._db.writing and key in owners:
            return owners[key]
        row = self._db.aside.execute("SELECT customer_id FROM identities WHERE kind = ? AND value = ?", key).fetchone()
        return None if row is None else row[0]

    def expect(self, kind: IdentityKind, values: Iterable[str]) -> None:
        self._db.require_writing()
        owners = self._db.transaction.owners
        unknown = {fold_address(value) for value in values} - {value for known, value in owners if known == kind}
        owners.update(((kind, value), None) for value in unknown)
        for some in portions(unknown):
            rows = self._db.aside.execute(
                f"SELECT kind, value, customer_id FROM identities WHERE kind = ? AND value IN ({marks(some)})",
                (kind, *some),
            )
            owners.update(((kind, value), id) for kind, value, id in rows)

    def create(self, name: str, identities: Sequence[Identity], at: Millis) -> int:
        self._db.require_writing()
        folded = [fold_address(identity.value) for identity in identities]
        owned = list(zip((identity.kind for identity in identities), folded, strict=True))
        if len(set(owned)) < len(owned) or any(self.find(*key) is not None for key in owned):
            raise StoreError(f"another customer has one of {', '.join(folded)}: look with `find` first")
        id = self._db.next_id("customers")
        address = folded[0] if folded else ""
        transaction = self._db.transaction
        transaction.owners.update(dict.fromkeys(owned, id))
        transaction.customers[id] = name, address
        transaction.created.append((id, name, address, _haystack(name, *folded), at))
        names = (identity.name for identity in identities)
        self._db.later(_OWN, ((*key, id, called) for key, called in zip(owned, names, strict=True)))
        self._db.later(_LEARN, ((key, id) for key in keys(name, identities)))
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
            "UPDATE customers SET rev = rev + 1, address = CASE address WHEN '' THEN ?1 ELSE address END WHERE id = ?2",
            (value, customer_id),
        )
        self._learn(customer_id)
        return True

    def remove_identity(self, customer_id: int, identity: Identity) -> bool:
        writer, value = self._db.writer, fold_address(identity.value)
        removed = writer.execute(
            "DELETE FROM identities WHERE kind = ? AND value = ? AND customer_id = ?",
            (identity.kind, value, customer_id),
        )
        if not removed.rowcount:
            return False
        writer.execute(
            "UPDATE customers SET rev = rev + 1, address = CASE address WHEN ?1 THEN ifnull("
            "(SELECT value FROM identities WHERE customer_id = ?2 ORDER BY kind, value LIMIT 1), '')"
            " ELSE address END WHERE id = ?2",
            (value, customer_id),
        )
        self._learn(customer_id)
        return True

    def get(self, id: int) -> Customer | None:
        row = self._settled(id).execute(f"SELECT {_CUSTOMER} FROM customers WHERE id = ?", (id,)).fetchone()
        return None if row is None else self._customer(row)

    def _settled(self, id: int) -> sqlite3.Connection:
        """The connection to read a customer with."""
        return self._db.reader if id in self._db.transaction.customers else self._db.aside

    def update(
        self,
        id: int,
        *,
        rev: int,
        name: str | None = None,
        notes: str | None = None,
        tags: Sequence[str] | None = None,
        attributes: Mapping[str, str] | None = None,
        zone: str | None = None,
        language: str | None = None,
        address: str | None = None,
        first_seen_at: Millis | None = None,
    ) -> bool:
        changed = self._db.writer.execute(
            "UPDATE customers SET name = ifnull(?1, name), notes = ifnull(?2, notes), tags = ifnull(?3, tags),"
            " attributes = ifnull(?4, attributes), zone = ifnull(?5, zone), language = ifnull(?6, language),"
            " address = ifnull(?7, address), first_seen_at = ifnull(?8, first_seen_at), rev = rev + 1"
            " WHERE id = ?9 AND rev = ?10",
            (
                name,
                notes,
                None if tags is None else TAG_SEPARATOR.join(tags),
                None if attributes is None else msgspec.json.encode(dict(attributes)),
                zone,
                language,
                None if address is None else fold_address(address),
                first_seen_at,
                id,
                rev,
            ),
        )
        if not changed.rowcount:
            return False
        self._learn(id)
        if name is not None:
            self._rename_in_conversations(id, name)
        return True

    def set_merged(self, id: int, into: int | None) -> None:
        self._db.writer.execute("UPDATE customers SET merged_into = ?, rev = rev + 1 WHERE id = ?", (into, id))
        self._learn(id)

    def _learn(self, id: int) -> None:
        """Bring up to date what a customer is found by; one who was merged is found by nothing."""
        customer, writer = self.get(id), self._db.writer
        if customer is None:
            return
        self._db.note("customer", id)
        found_by: set[str] = set()
        haystack = ""
        if customer.merged_into is None:
            found_by = keys(customer.name, customer.identities)
            haystack = _haystack(customer.name, *(each.value for each in customer.identities))
        writer.execute("UPDATE customers SET haystack = ?1 WHERE id = ?2 AND haystack <> ?1", (haystack, id))
        writer.execute("DELETE FROM customer_keys WHERE customer_id = ?", (id,))
        insert(writer, _LEARN, [(key, id) for key in found_by])

    def _rename_in_conversations(self, id: int, name: str) -> None:
        renamed = self._db.writer.execute(
            "UPDATE conversations SET customer_name = ?1, rev = rev + 1"
            " WHERE customer_id = ?2 AND customer_name <> ?1 RETURNING id",
            (name, id),
        ).fetchall()
        for (conversation_id,) in renamed:
            self._db.note("conversation", conversation_id, conversation_id)

    def search(self, text: str, limit: int = 20, *, before: int | None = None) -> list[Customer]:
        words = fold(text).split()[:20]
        if not words:
            return []
        indexed = [word for word in words if len(word) >= _TRIGRAM]
        short = [word for word in words if len(word) < _TRIGRAM]
        table = "customer_search f JOIN customers ON customers.id = f.rowid" if indexed else "customers"
        id = "f.rowid" if indexed else "id"
        where = " AND ".join(
            [
                *(["customer_search MATCH ?"] if indexed else []),
                *["instr(customers.haystack, ?)"] * len(short),
                *([f"{id} < ?"] if before is not None else []),
            ]
        )
        quoted = " ".join('"' + word.replace('"', '""') + '"' for word in indexed)
        rows = self._db.reader.execute(
            f"SELECT {_CUSTOMER} FROM {table} WHERE {where} ORDER BY {id} DESC LIMIT ?",
            (*([quoted] if indexed else []), *short, *([before] if before is not None else []), limit),
        ).fetchall()
        return [self._customer(row) for row in rows]

    def sharing(self, keys: Iterable[str], limit: int = 5_000) -> list[int]:
        wanted = list(keys)
        rows = self._db.reader.execute(
            f"SELECT customer_id FROM customer_keys WHERE key IN ({','.join('?' * len(wanted))})"
            " GROUP BY customer_id ORDER BY count(*) DESC, customer_id LIMIT ?",
            (*wanted, limit),
        )
        return [id for (id,) in rows]

    def names(self, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        found: dict[int, tuple[str, str]] = {}
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            rows = self._db.reader.execute(
                f"SELECT id, name, address FROM customers WHERE id IN ({','.join('?' * len(some))})", some
            )
            found.update({id: (name, address) for id, name, address in rows})
        return found

    def tags(self) -> list[str]:
        marked = distinct(self._db.reader, "tags")
        return sorted(
            {tag for each in marked for tag in each.split(TAG_SEPARATOR)}, key=lambda tag: (tag.casefold(), tag)
        )

    def languages(self) -> list[str]:
        return list(distinct(self._db.reader, "language"))

    def _customer(self, row: tuple[Any, ...]) -> Customer:
        id, name, notes, attributes, first_seen_at, rev, address, tags, zone, language, merged_into = row
        identities = self._settled(id).execute(
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
            address=address,
            tags=tuple(tags.split(TAG_SEPARATOR)) if tags else (),
            zone=zone,
            language=language,
            merged_into=merged_into,
        )


def distinct(reader: sqlite3.Connection, column: Literal["tags", "language"]) -> Iterator[str]:
    """What customers have there, each once: one look into the index for each."""
    step, value = f"SELECT min({column}) FROM customers WHERE {column} <> '' AND {column} > ?", ""
    while (value := reader.execute(step, (value,)).fetchone()[0]) is not None:
        yield value


def _write(connection: sqlite3.Connection, transaction: Transaction) -> None:
    created, transaction.created = transaction.created, []
    insert(connection, _CREATE, created)
    connection.executemany(_FIND, [(id, haystack) for id, _, _, haystack, _ in created])


def _haystack(*texts: str) -> str:
    """What a customer is found by: a line for the name, then one for each address."""
    return "".join(fold(text) + "\n" for text in texts)
