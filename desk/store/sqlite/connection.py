"""One connection that writes, one a thread that reads, and the transaction between them."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desk.clock import Clock
from desk.model import ChangeKind
from desk.store.base import StoreError
from desk.store.blobs import private_folder
from desk.store.sqlite.migrations import migrate
from desk.store.sqlite.rows import insert
from desk.store.sqlite.transaction import Transaction

log = logging.getLogger(__name__)

_BUSY_SECONDS = 30.0
_SETTINGS = (
    "PRAGMA temp_store = MEMORY",
    "PRAGMA foreign_keys = ON",
    "PRAGMA mmap_size = 268435456",
)
_WRITER_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -65536",
    "PRAGMA wal_autocheckpoint = 16000",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA secure_delete = FAST",
)
_READER_SETTINGS = ("PRAGMA query_only = ON", "PRAGMA cache_size = -8192")


class Reader:
    """A thread's own connection; it ends with the thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()


Step = Callable[[sqlite3.Connection, Transaction], None]


class Database:
    """The file, and who may write to it: one thread at a time."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self.settlers: list[Step] = []
        """Write what was put off, in this order."""
        self.before_commit: list[Step] = []
        self.after_commit: list[Callable[[int], None]] = []
        self._turn = threading.RLock()
        self._owner: int | None = None
        self._depth = 0
        self._transaction = Transaction()
        self._local = threading.local()
        self._readers: weakref.WeakSet[Reader] = weakref.WeakSet()
        self._closed = False
        self._writer = self._open()

    def _open(self) -> sqlite3.Connection:
        private_folder(self.path.parent)
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
            connection = self._connect(str(self.path))
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{self.path} cannot be opened: {error}. Check the folder's owner and mode.") from error
        try:
            migrate(connection, str(self.path))
            for statement in (*_SETTINGS, *_WRITER_SETTINGS):
                connection.execute(statement)
        except sqlite3.Error as error:
            connection.close()
            raise StoreError(f"{self.path} cannot be opened: {error}. Is another Desk using it?") from error
        except BaseException:
            connection.close()
            raise
        return connection

    @staticmethod
    def _connect(name: str, *, uri: bool = False) -> sqlite3.Connection:
        return sqlite3.connect(
            name,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
            uri=uri,
        )

    @property
    def reader(self) -> sqlite3.Connection:
        """The connection to read with in this thread; inside `write` the writer, so one reads what one wrote."""
        if self.writing:
            self.settle()
            return self._writer
        return self.committed

    @property
    def committed(self) -> sqlite3.Connection:
        """A connection of this thread that sees the last commit, inside `write` too."""
        mine: Reader | None = getattr(self._local, "reader", None)
        if mine is None:
            mine = self._local.reader = self._new_reader()
        return mine.connection

    def _new_reader(self) -> Reader:
        if self._closed:
            raise StoreError(f"the store at {self.path} is closed")
        reader = Reader(self._connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True))
        for statement in (*_SETTINGS, *_READER_SETTINGS):
            reader.connection.execute(statement)
        self._readers.add(reader)
        return reader

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read within is of one commit. May nest."""
        connection = self.reader
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("COMMIT")

    @property
    def writer(self) -> sqlite3.Connection:
        """The writing connection, with nothing put off; only inside `write`."""
        self.require_writing()
        self.settle()
        self._transaction.forget()
        return self._writer

    @property
    def aside(self) -> sqlite3.Connection:
        """The connection as it is: for rows that are never put off, or are known not to be."""
        return self._writer if self.writing else self.reader

    def require_writing(self) -> None:
        """Raises `StoreError` outside of `write`."""
        if not self.writing:
            raise StoreError("writing needs a transaction: use `with store.write():`")

    @property
    def writing(self) -> bool:
        """Whether this thread is inside `write`."""
        return self._owner == threading.get_ident()

    @property
    def transaction(self) -> Transaction:
        """What the running transaction collects."""
        return self._transaction

    def note(
        self, kind: ChangeKind, id: int, conversation_id: int | None = None, *, found_as_before: bool = False
    ) -> None:
        """Remember for `changes` that a thing changed; `found_as_before`: in nothing that a filter reads of it."""
        self._transaction.changes.append((kind, id, conversation_id))
        if not found_as_before and kind in self._transaction.stale:
            self._transaction.stale[kind].add(id)

    def later(self, statement: str, rows: Iterable[tuple[str | int | bytes, ...]]) -> None:
        """Put rows off until the transaction settles, all of a statement together and sorted; see `insert`."""
        self._transaction.rows.setdefault(statement, []).extend(rows)
        self._transaction.put_off = True

    def settle(self) -> None:
        """Write what was put off; outside of `write` there is nothing."""
        transaction = self._transaction
        if not transaction.put_off or not self.writing:
            return
        transaction.put_off = False
        for write in self.settlers:
            write(self._writer, transaction)
        pending, transaction.rows = transaction.rows, {}
        for statement, rows in pending.items():
            insert(self._writer, statement, sorted(rows))

    def next_id(self, table: str) -> int:
        """The next id of a table whose rows may have been put off."""
        ids = self._transaction.ids
        if table not in ids:
            [ids[table]] = self._writer.execute(f"SELECT ifnull(max(id), 0) FROM {table}").fetchone()
        ids[table] += 1
        return ids[table]

    @contextmanager
    def write(self) -> Iterator[None]:
        """See `Store.write`. Raises `StoreError` when closed, or when another process holds the lock too long."""
        with self._turn:
            if self._depth:
                with self._nested():
                    yield
                return
            with self._outermost() as transaction:
                yield
        if transaction.changes:
            self._tell()

    @contextmanager
    def _outermost(self) -> Iterator[Transaction]:
        if self._closed:
            raise StoreError(f"the store at {self.path} is closed")
        connection = self._writer
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise StoreError(f"{self.path} cannot be written to: {error}. Is another Desk using it?") from error
        transaction = self._transaction = Transaction()
        self._owner, self._depth = threading.get_ident(), 1
        try:
            yield transaction
            self.settle()
            for prepare in self.before_commit:
                prepare(connection, transaction)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            self._owner, self._depth = None, 0

    @contextmanager
    def _nested(self) -> Iterator[None]:
        self.settle()
        connection, name, mark = self._writer, f"nested_{self._depth}", self._transaction.mark()
        connection.execute(f"SAVEPOINT {name}")
        self._depth += 1
        try:
            yield
            self.settle()
        except BaseException:
            self._transaction.back_to(mark)
            if connection.in_transaction:
                connection.execute(f"ROLLBACK TO {name}")
            raise
        finally:
            self._depth -= 1
            if connection.in_transaction:
                connection.execute(f"RELEASE {name}")

    def _tell(self) -> None:
        [seq] = self.reader.execute("SELECT ifnull(max(seq), 0) FROM changes").fetchone()
        for callback in tuple(self.after_commit):
            try:
                callback(seq)
            except Exception:
                log.exception("a callback after commit %d failed; the commit stands", seq)

    def close(self) -> None:
        """Close every connection. Waits for the running transaction."""
        with self._turn:
            if self._depth:
                raise StoreError("the store cannot be closed inside a transaction")
            if self._closed:
                return
            self._closed = True
            for reader in tuple(self._readers):
                reader.connection.close()
            self._writer.close()
