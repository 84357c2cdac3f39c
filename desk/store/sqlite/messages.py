"""Messages, their raw bytes and files, and what each does to its conversation's row."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from desk.clock import Millis
from desk.mail.packing import unpack
from desk.model import Attachment, Direction, Message, first_id_at
from desk.store.base import StoreError
from desk.store.sqlite import activity
from desk.store.sqlite.connection import Database, Transaction
from desk.store.sqlite.conversations import marks
from desk.store.sqlite.documents import decode, detail, document, encode
from desk.store.sqlite.search import forget_document, write_documents
from desk.text import fold_address

_LATEST: Millis = (1 << 42) - 1
"""The year 2109: the last instant whose ids stay below 2^53."""
_REFERENCES_AT_MOST = 100
_MANY = 500


_INSERT = (
    "INSERT INTO messages (id, conversation_id, direction, kind, at, raw_id, files, third_party, channel, account,"
    " agent_id, agent_name, rule, rule_detail, size, rfc_message_id, subject, detail, body)"
    f" VALUES ({marks(range(19))})"
)
_LAST_ID = (
    "SELECT max(id) FROM (SELECT max(id) AS id FROM messages WHERE id BETWEEN ?1 AND ?2 UNION ALL"
    " SELECT max(message_id) FROM outbox WHERE message_id BETWEEN ?1 AND ?2)"
)
"""The outbox remembers messages that were withdrawn: their ids are not given out again."""
_SELECT = (
    "SELECT m.id, m.conversation_id, m.direction, m.kind, m.at, m.files, m.third_party, m.channel, m.account,"
    " m.agent_id, m.agent_name, m.rule, m.rule_detail, m.size, m.rfc_message_id, m.subject, m.detail, m.body,"
    " o.id, o.state FROM messages m"
    " LEFT JOIN outbox o ON o.message_id = m.id AND m.direction = 'out'"
)


class SqliteMessages:
    """See `desk.store.base.Messages`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        db.before_commit.append(_forget_arrived)

    # --- writing ------------------------------------------------------------------------------------------

    def add(self, message: Message, *, raw_packed: bytes = b"", sha256: str = "") -> int:
        writer = self._db.writer
        activity.add(writer, message)
        id = self._free_id(message.at)
        raw_id = _keep_raw(writer, id, raw_packed, sha256) if sha256 else None
        writer.execute(_INSERT, _row(message, id, raw_id))
        if message.attachments:
            self._add_attachments(id, message.attachments)
        if message.direction in ("in", "out"):
            self._connect(id, message)
        if message.direction != "event":
            self._db.transaction.documents.append(document(id, message))
        self._db.note("message", id, message.conversation_id)
        self._db.note("conversation", message.conversation_id, message.conversation_id)
        return id

    def _free_id(self, at: Millis) -> int:
        """The next id of an instant, or of the next one with room. Earlier than 1970 counts as 1970."""
        at = min(max(at, 0), _LATEST)
        while True:
            first, beyond = first_id_at(at), first_id_at(at + 1)
            [last] = self._db.writer.execute(_LAST_ID, (first, beyond - 1)).fetchone()
            free = max(first, 1) if last is None else int(last) + 1
            if free < beyond:
                return free
            at += 1

    def _add_attachments(self, id: int, attachments: Sequence[Attachment]) -> None:
        self._db.writer.executemany(
            "INSERT INTO attachments (message_id, name, media_type, size, sha256, inline, content_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(id, a.name, a.media_type, a.size, a.sha256, int(a.inline), a.content_id) for a in attachments],
        )

    def _connect(self, id: int, message: Message) -> None:
        """Remember whom a mail was written to, and which of the mails it refers to are not here."""
        self._db.later(
            "INSERT INTO addressed (conversation_id, address) VALUES (?, ?) ON CONFLICT DO NOTHING",
            ((message.conversation_id, fold_address(address.email)) for address in (*message.to, *message.cc)),
        )
        if message.rfc_message_id:
            self._db.transaction.arrived.append((message.rfc_message_id,))
        parents = dict.fromkeys((message.in_reply_to, *message.references[-_REFERENCES_AT_MOST:]))
        parents.pop("", None)
        if parents:
            here = self._db.writer.execute(
                f"SELECT rfc_message_id FROM messages WHERE rfc_message_id IN ({marks(tuple(parents))})"
                " AND rfc_message_id <> ''",
                tuple(parents),
            )
            for (rfc_id,) in here:
                parents.pop(rfc_id, None)
            self._db.later(
                "INSERT INTO missing_parents (rfc_id, message_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                ((rfc_id, id) for rfc_id in parents),
            )

    def set_raw(self, id: int, raw_packed: bytes, sha256: str, size: int) -> None:
        writer = self._db.writer
        row = writer.execute("SELECT raw_id, conversation_id FROM messages WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise StoreError(f"there is no message {id} to keep bytes for")
        raw_id = _keep_raw(writer, id, raw_packed, sha256)
        writer.execute("UPDATE messages SET raw_id = ?, size = ? WHERE id = ?", (raw_id, size, id))
        if row[0] != raw_id:
            _drop_raw(writer, row[0])
        self._db.note("message", id, row[1])

    def move(self, ids: Sequence[int], conversation_id: int, *, rule: str, detail: str, at: Millis) -> None:
        writer = self._db.writer
        if writer.execute("SELECT 1 FROM conversations WHERE id = ?", (conversation_id,)).fetchone() is None:
            raise StoreError(f"there is no conversation {conversation_id} to move messages to")
        left: set[int] = set()
        for id in ids:
            row = writer.execute("SELECT conversation_id FROM messages WHERE id = ?", (id,)).fetchone()
            if row is None or row[0] == conversation_id:
                continue
            left.add(row[0])
            writer.execute(
                "UPDATE messages SET conversation_id = ?, rule = ?, rule_detail = ? WHERE id = ?",
                (conversation_id, rule, detail, id),
            )
            writer.execute("UPDATE outbox SET conversation_id = ? WHERE message_id = ?", (conversation_id, id))
            writer.execute("UPDATE ledger SET conversation_id = ? WHERE message_id = ?", (conversation_id, id))
            self._db.note("message", id, row[0])
            self._db.note("message", id, conversation_id)
        for touched in (*left, conversation_id) if left else ():
            self._recount(touched)

    def withdraw(self, id: int, at: Millis) -> bool:
        message = self.get(id)
        if message is None:
            return False
        writer = self._db.writer
        self._db.settle()
        write_documents(writer, self._db.transaction)
        if message.direction != "event":
            forget_document(writer, document(id, message))
        [raw_id] = writer.execute("SELECT raw_id FROM messages WHERE id = ?", (id,)).fetchone()
        for table, column in (("attachments", "message_id"), ("missing_parents", "message_id"), ("messages", "id")):
            writer.execute(f"DELETE FROM {table} WHERE {column} = ?", (id,))
        _drop_raw(writer, raw_id)
        self._db.note("message", id, message.conversation_id)
        self._recount(message.conversation_id)
        activity.reopen_if_unanswered(writer, message.conversation_id)
        return True

    def _recount(self, conversation_id: int) -> None:
        """Bring a conversation's row up to date from all its messages."""
        writer = self._db.writer
        self._db.settle()
        activity.recount(writer, conversation_id)
        rows = writer.execute(
            "SELECT detail FROM messages WHERE conversation_id = ? AND direction IN ('in', 'out')", (conversation_id,)
        )
        details = [decode(detail) for (detail,) in rows]
        addressed = {fold_address(address.email) for detail in details for address in (*detail.to, *detail.cc)}
        writer.execute("DELETE FROM addressed WHERE conversation_id = ?", (conversation_id,))
        writer.executemany(
            "INSERT INTO addressed (conversation_id, address) VALUES (?, ?)",
            [(conversation_id, address) for address in addressed],
        )
        self._db.note("conversation", conversation_id, conversation_id)

    # --- reading ------------------------------------------------------------------------------------------

    def get(self, id: int) -> Message | None:
        found = self._messages(f"{_SELECT} WHERE m.id = ?", (id,))
        return found[0] if found else None

    def of_conversation(
        self, conversation_id: int, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> list[Message]:
        if after is not None:
            return self._messages(
                f"{_SELECT} WHERE m.conversation_id = ? AND m.id > ? AND m.id < ? ORDER BY m.id LIMIT ?",
                (conversation_id, after, _NO_ID if before is None else before, limit),
            )
        newest_first = self._messages(
            f"{_SELECT} WHERE m.conversation_id = ? AND m.id < ? ORDER BY m.id DESC LIMIT ?",
            (conversation_id, _NO_ID if before is None else before, limit),
        )
        return newest_first[::-1]

    def _messages(self, sql: str, values: tuple[object, ...]) -> list[Message]:
        rows = self._db.reader.execute(sql, values).fetchall()
        with_files = [row[0] for row in rows if row[5]]
        files = self._attachments(with_files) if with_files else {}
        return [_message(row, files.get(row[0], ())) for row in rows]

    def _attachments(self, ids: Sequence[int]) -> dict[int, tuple[Attachment, ...]]:
        files: dict[int, tuple[Attachment, ...]] = {}
        for start in range(0, len(ids), _MANY):
            some = ids[start : start + _MANY]
            rows = self._db.reader.execute(
                "SELECT id, message_id, name, media_type, size, sha256, inline, content_id FROM attachments"
                f" WHERE message_id IN ({marks(some)}) ORDER BY id",
                some,
            )
            for row in rows:
                files[row[1]] = (*files.get(row[1], ()), _attachment(row))
        return files

    def raw(self, id: int) -> bytes | None:
        row = self._db.reader.execute(
            "SELECT packed FROM messages JOIN raw ON raw.id = raw_id WHERE messages.id = ?", (id,)
        ).fetchone()
        return None if row is None else unpack(row[0])

    def by_sha256(self, sha256: str) -> int | None:
        return self.by_sha256s((sha256,)).get(sha256)

    def by_sha256s(self, sha256s: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(sha256s), _MANY):
            some = [bytes.fromhex(sha256) for sha256 in sha256s[start : start + _MANY]]
            rows = self._db.reader.execute(f"SELECT sha256, message_id FROM raw WHERE sha256 IN ({marks(some)})", some)
            found.update((sha256.hex(), id) for sha256, id in rows)
        return found

    def by_rfc_ids(self, rfc_ids: Sequence[str]) -> list[tuple[str, int, int]]:
        return self._by_rfc_ids(
            "SELECT rfc_message_id, id, conversation_id FROM messages"
            " WHERE rfc_message_id <> '' AND rfc_message_id IN ({}) ORDER BY id",
            rfc_ids,
        )

    def awaiting(self, rfc_ids: Sequence[str]) -> list[tuple[str, int, int]]:
        self._db.settle()
        return self._by_rfc_ids(
            "SELECT rfc_id, id, conversation_id FROM missing_parents JOIN messages ON id = message_id"
            " WHERE rfc_id IN ({}) ORDER BY id",
            rfc_ids,
        )

    def _by_rfc_ids(self, sql: str, rfc_ids: Sequence[str]) -> list[tuple[str, int, int]]:
        found: list[tuple[str, int, int]] = []
        for start in range(0, len(rfc_ids), _MANY):
            some = rfc_ids[start : start + _MANY]
            found.extend(self._db.reader.execute(sql.format(marks(some)), some).fetchall())
        return found

    def directions(self, ids: Sequence[int]) -> dict[int, Direction]:
        found: dict[int, Direction] = {}
        for start in range(0, len(ids), _MANY):
            some = ids[start : start + _MANY]
            found.update(
                self._db.reader.execute(f"SELECT id, direction FROM messages WHERE id IN ({marks(some)})", some)
            )
        return found

    def count(self) -> int:
        [number] = self._db.reader.execute("SELECT count(*) FROM messages").fetchone()
        return int(number)


_NO_ID = (1 << 63) - 1


def _forget_arrived(connection: sqlite3.Connection, transaction: Transaction) -> None:
    """Who waited for a message that arrived waits no longer; at commit, so that `awaiting` can still tell."""
    connection.executemany("DELETE FROM missing_parents WHERE rfc_id = ?", transaction.arrived)


def _keep_raw(writer: sqlite3.Connection, message_id: int, packed: bytes, sha256: str) -> int:
    """The id of the row that has these bytes; the same bytes are kept once."""
    digest = bytes.fromhex(sha256)
    kept = writer.execute(
        "INSERT INTO raw (message_id, sha256, packed) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (message_id, digest, packed),
    )
    if kept.rowcount:
        return kept.lastrowid or 0
    [(id,)] = writer.execute(
        "UPDATE raw SET shared = shared OR message_id <> ? WHERE sha256 = ? RETURNING id", (message_id, digest)
    ).fetchall()
    return int(id)


def _drop_raw(writer: sqlite3.Connection, id: int | None) -> None:
    writer.execute("DELETE FROM raw WHERE id = ? AND NOT shared", (id,))


def _row(m: Message, id: int, raw_id: int | None) -> tuple[Any, ...]:
    return (
        id,
        m.conversation_id,
        m.direction,
        m.kind,
        m.at,
        raw_id,
        len(m.attachments),
        int(m.third_party),
        m.channel,
        m.account,
        m.agent_id,
        m.agent_name,
        m.rule,
        m.rule_detail,
        m.size,
        m.rfc_message_id,
        m.subject,
        encode(detail(m)),
        m.body,
    )


def _message(row: tuple[Any, ...], attachments: tuple[Attachment, ...]) -> Message:
    rest = decode(row[16])
    return Message(
        id=row[0],
        conversation_id=row[1],
        direction=row[2],
        kind=row[3],
        at=row[4],
        third_party=row[6] == 1,
        channel=row[7],
        account=row[8],
        agent_id=row[9],
        agent_name=row[10],
        rule=row[11],
        rule_detail=row[12],
        size=row[13],
        rfc_message_id=row[14],
        subject=row[15],
        body=row[17],
        outbox_id=row[18],
        outbox_state=row[19],
        attachments=attachments,
        sender=rest.sender,
        to=rest.to,
        cc=rest.cc,
        bcc=rest.bcc,
        reply_to=rest.reply_to,
        folds=rest.folds,
        links=rest.links,
        in_reply_to=rest.in_reply_to,
        references=rest.references,
        recipients=rest.recipients,
    )


def _attachment(row: tuple[Any, ...]) -> Attachment:
    id, message_id, name, media_type, size, sha256, inline, content_id = row
    return Attachment(
        id=id,
        message_id=message_id,
        name=name,
        media_type=media_type,
        size=size,
        sha256=sha256,
        inline=inline == 1,
        content_id=content_id,
    )
