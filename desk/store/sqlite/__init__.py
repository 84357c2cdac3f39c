"""The store in SQLite: one database file, one process that writes, one connection that does."""

from desk.store.sqlite.store import SqliteStore, open_store

__all__ = ["SqliteStore", "open_store"]
