"""Named values: where each account's reading stands, and what the workspace remembers of itself."""

from __future__ import annotations

from desk.store.sqlite.connection import Database


class SqliteCursors:
    """See `desk.store.base.Cursors`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, account: str, key: str) -> str | None:
        row = self._db.reader.execute(
            "SELECT value FROM cursors WHERE account = ? AND key = ?", (account, key)
        ).fetchone()
        return None if row is None else row[0]

    def set(self, account: str, key: str, value: str) -> None:
        self._db.writer.execute(
            "INSERT INTO cursors (account, key, value) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET value = excluded.value",
            (account, key, value),
        )

    def all(self, account: str) -> dict[str, str]:
        return dict(self._db.reader.execute("SELECT key, value FROM cursors WHERE account = ?", (account,)))


class SqliteMeta:
    """See `desk.store.base.Meta`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, name: str) -> str | None:
        row = self._db.reader.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def set(self, name: str, value: str) -> None:
        self._db.writer.execute(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (name, value),
        )
