"""What reps did, step by step, with what each step changed: the journal that undo reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from desk.clock import Millis
from desk.model import Deed, Delta
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import insert
from desk.store.sqlite.sql import as_json

_COLUMNS = "id, group_id, agent_id, agent_name, at, kind, label, group_label, deltas, undone_at"
_INSERT = "INSERT INTO deeds (id, group_id, agent_id, agent_name, at, kind, label, group_label, deltas) VALUES ROWS"
_INSERT_FACTS = "INSERT INTO deed_facts (subject, subject_id, field, deed_id) VALUES ROWS ON CONFLICT DO NOTHING"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Delta, ...]).decode


class SqliteDeeds:
    """See `desk.store.base.Deeds`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, deed: Deed, *, again: bool = False) -> int:
        [id] = self.add_all([deed], again=again)
        return id

    def add_all(self, deeds: Sequence[Deed], *, again: bool = False) -> list[int]:
        writer = self._db.writer
        [last] = writer.execute("SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'deeds'").fetchone()
        numbered = [*enumerate(deeds, last + 1)]
        insert(writer, _INSERT, [_row(id, deed) for id, deed in numbered])
        if not again:
            writer.execute(
                "UPDATE deeds SET redone = 1 WHERE agent_id IN (SELECT value FROM json_each(?))"
                " AND undone_at IS NOT NULL AND NOT redone",
                (as_json({deed.agent_id for deed in deeds}),),
            )
        facts = [(delta.subject, delta.id, delta.field, id) for id, deed in numbered for delta in deed.deltas]
        insert(writer, _INSERT_FACTS, facts)
        return [id for id, _ in numbered]

    def newest(self, agent_id: int, since: Millis) -> int | None:
        row = self._db.reader.execute(
            "SELECT group_id, at FROM deeds WHERE agent_id = ? AND undone_at IS NULL ORDER BY id DESC LIMIT 1",
            (agent_id,),
        ).fetchone()
        return row[0] if row and row[1] >= since else None

    def of_group(self, group_id: int, agent_id: int, limit: int = 100) -> list[Deed]:
        return self._deeds(
            "group_id = ? AND agent_id = ? AND undone_at IS NULL ORDER BY id DESC LIMIT ?", group_id, agent_id, limit
        )

    def undone(self, agent_id: int, since: Millis) -> int | None:
        row = self._db.reader.execute(
            "SELECT group_id, undone_at FROM deeds WHERE agent_id = ? AND undone_at IS NOT NULL AND NOT redone"
            " ORDER BY undone_order DESC LIMIT 1",
            (agent_id,),
        ).fetchone()
        return row[0] if row and row[1] >= since else None

    def undone_of_group(self, group_id: int, agent_id: int, limit: int = 100) -> list[Deed]:
        return self._deeds(
            "agent_id = ? AND undone_at IS NOT NULL AND NOT redone AND group_id = ? ORDER BY id LIMIT ?",
            agent_id,
            group_id,
            limit,
        )

    def mark_undone(self, id: int, at: Millis) -> bool:
        marked = self._db.writer.execute(
            "UPDATE deeds SET undone_at = ?1, undone_order = (SELECT ifnull(max(undone_order), 0) + 1 FROM deeds d"
            " WHERE d.agent_id = deeds.agent_id AND d.undone_at IS NOT NULL AND NOT d.redone)"
            " WHERE id = ?2 AND undone_at IS NULL",
            (at, id),
        )
        return bool(marked.rowcount)

    def mark_redone(self, id: int) -> bool:
        marked = self._db.writer.execute(
            "UPDATE deeds SET redone = 1 WHERE id = ? AND undone_at IS NOT NULL AND NOT redone", (id,)
        )
        return bool(marked.rowcount)

    def with_fact(self, subject: str, id: int, field: str) -> Deed | None:
        found = self._deeds(
            "undone_at IS NULL AND id = (SELECT max(deed_id) FROM deed_facts"
            " WHERE subject = ? AND subject_id = ? AND field = ?)",
            subject,
            id,
            field,
        )
        return found[0] if found else None

    def about(self, subject: str, id: int, limit: int = 100) -> list[Deed]:
        return self._deeds(
            "id IN (SELECT deed_id FROM deed_facts WHERE subject = ? AND subject_id = ?) ORDER BY id DESC LIMIT ?",
            subject,
            id,
            limit,
        )

    def kinds(self, agent_id: int) -> dict[str, int]:
        return dict(
            self._db.reader.execute(
                "SELECT kind, count(*) FROM deeds WHERE agent_id = ? GROUP BY kind", (agent_id,)
            ).fetchall()
        )

    def changed_since(self, deed: Deed) -> dict[tuple[str, int, str], str]:
        rows = self._db.reader.execute(
            "SELECT theirs.subject, theirs.subject_id, theirs.field, deeds.agent_name"
            " FROM deed_facts mine JOIN deed_facts theirs"
            " ON theirs.subject = mine.subject AND theirs.subject_id = mine.subject_id AND theirs.field = mine.field"
            " AND theirs.deed_id > mine.deed_id JOIN deeds ON deeds.id = theirs.deed_id"
            " WHERE mine.deed_id = ?1 AND deeds.agent_id <> ?2 AND deeds.undone_at IS NULL ORDER BY theirs.deed_id",
            (deed.id, deed.agent_id),
        )
        return {(subject, id, field): name for subject, id, field, name in rows}

    def touched_since(self, deed: Deed, subject: str, id: int) -> str | None:
        row = self._db.reader.execute(
            "SELECT deeds.agent_name FROM deed_facts JOIN deeds ON deeds.id = deed_id WHERE subject = ?"
            " AND subject_id = ? AND deed_id > ? AND deeds.agent_id <> ? AND undone_at IS NULL"
            " ORDER BY deed_id DESC LIMIT 1",
            (subject, id, deed.id, deed.agent_id),
        ).fetchone()
        return None if row is None else str(row[0])

    def forget_before(self, at: Millis, limit: int = 50) -> int:
        forgotten = self._db.writer.execute(
            "DELETE FROM deeds WHERE at < ?2 AND id IN (SELECT id FROM deeds ORDER BY id LIMIT ?1)",
            (limit, at),
        )
        return forgotten.rowcount

    def _deeds(self, where: str, *values: object) -> list[Deed]:
        rows = self._db.reader.execute(f"SELECT {_COLUMNS} FROM deeds WHERE {where}", values).fetchall()
        return [_deed(row) for row in rows]


def _row(id: int, deed: Deed) -> tuple[Any, ...]:
    return (
        id,
        deed.group_id or id,
        deed.agent_id,
        deed.agent_name,
        deed.at,
        deed.kind,
        deed.label,
        deed.group_label,
        _encode(deed.deltas),
    )


def _deed(row: tuple[Any, ...]) -> Deed:
    id, group_id, agent_id, agent_name, at, kind, label, group_label, deltas, undone_at = row
    return Deed(
        id=id,
        group_id=group_id,
        agent_id=agent_id,
        agent_name=agent_name,
        at=at,
        kind=kind,
        label=label,
        group_label=group_label,
        deltas=_decode(deltas),
        undone_at=undone_at,
    )
