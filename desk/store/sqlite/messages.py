"""Messages, their raw bytes and files, and what each does to its conversation's row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from desk.clock import Millis
from desk.mail.packing import unpack
from desk.model import Attachment, Direction, Message
from desk.store.base import StoreError
from desk.store.sqlite import activity, raw
from desk.store.sqlite.arrivals import Arrivals
from desk.store.sqlite.connection import Database
from desk.store.sqlite.conversation_rows import ConversationRows
from desk.store.sqlite.documents import decode, document
from desk.store.sqlite.partaking import Partaking
from desk.store.sqlite.rows import marks, portions
from desk.store.sqlite.search import forget_document, write_documents

_SELECT = (
    "SELECT m.id, m.conversation_id, m.direction, m.kind, m.at, m.files, m.third_party, m.channel, m.account,"
    " m.agent_id, m.agent_name, m.rule, m.rule_detail, m.size, m.rfc_message_id, m.subject, m.detail, m.body,"
    " o.id, o.state FROM messages m"
    " LEFT JOIN outbox o ON o.message_id = m.id AND m.direction = 'out'"
)


class SqliteMessages:
    """See `desk.store.base.Messages`."""

    def __init__(self, db: Database, rows: ConversationRows, partaking: Partaking) -> None:
        self._db = db
        self._rows = rows
        self._arrivals = Arrivals(db, partaking)

    # --- writing ------------------------------------------------------------------------------------------

    def add(self, message: Message, *, raw_packed: bytes = b"", sha256: str = "") -> int:
        self._db.require_writing()
        row = self._rows.find(message.conversation_id)
        if row is None:
            raise StoreError(f"there is no conversation {message.conversation_id} to add a message to")
        activity.add(row, message, self._rows.next_unanswered)
        id = self._arrivals.add(message, raw_packed, sha256)
        self._db.note("message", id, message.conversation_id, found_as_before=True)
        self._db.note("conversation", message.conversation_id, message.conversation_id, found_as_before=True)
        return id

    def expect(self, instants: Sequence[Millis], conversations: Iterable[int] = ()) -> None:
        self._db.require_writing()
        self._arrivals.expect(instants)
        self._rows.expect(conversations)

    def set_raw(self, id: int, raw_packed: bytes, sha256: str, size: int) -> None:
        writer = self._db.writer
        row = writer.execute("SELECT raw_id, conversation_id FROM messages WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise StoreError(f"there is no message {id} to keep bytes for")
        raw_id = raw.keep(self._db, id, raw_packed, sha256)
        writer.execute("UPDATE messages SET raw_id = ?, size = ? WHERE id = ?", (raw_id, size, id))
        if row[0] != raw_id:
            raw.drop(writer, row[0])
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
        write_documents(writer, self._db.transaction)
        if message.direction != "event":
            forget_document(writer, document(id, message))
        [raw_id] = writer.execute("SELECT raw_id FROM messages WHERE id = ?", (id,)).fetchone()
        for table, column in (("attachments", "message_id"), ("missing_parents", "message_id"), ("messages", "id")):
            writer.execute(f"DELETE FROM {table} WHERE {column} = ?", (id,))
        raw.drop(writer, raw_id)
        self._db.note("message", id, message.conversation_id)
        self._recount(message.conversation_id)
        activity.reopen_if_unanswered(writer, message.conversation_id)
        return True

    def _recount(self, conversation_id: int) -> None:
        """Bring a conversation's row up to date from all its messages."""
        activity.recount(self._db.writer, conversation_id)
        self._db.note("conversation", conversation_id, conversation_id)

    # --- reading ------------------------------------------------------------------------------------------

    def get(self, id: int) -> Message | None:
        found = self._messages(f"{_SELECT} WHERE m.id = ?", (id,))
        return found[0] if found else None

    def many(self, ids: Sequence[int]) -> list[Message]:
        found: dict[int, Message] = {}
        for some in portions(ids):
            rows = self._messages(f"{_SELECT} WHERE m.id IN ({marks(some)})", tuple(some))
            found.update((message.id, message) for message in rows)
        return [found[id] for id in ids if id in found]

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
        for some in portions(ids):
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
        for some in portions(map(bytes.fromhex, sha256s)):
            rows = self._db.reader.execute(f"SELECT sha256, message_id FROM raw WHERE sha256 IN ({marks(some)})", some)
            found.update((sha256.hex(), id) for sha256, id in rows)
        if self._db.writing:
            self._db.transaction.unkept.update(sha256 for sha256 in sha256s if sha256 not in found)
        return found

    def by_rfc_ids(self, rfc_ids: Sequence[str]) -> list[tuple[str, int, int]]:
        return self._by_rfc_ids(
            "SELECT rfc_message_id, id, conversation_id FROM messages"
            " WHERE rfc_message_id <> '' AND rfc_message_id IN ({}) ORDER BY id",
            rfc_ids,
        )

    def awaiting(self, rfc_ids: Sequence[str]) -> list[tuple[str, int, int]]:
        return self._by_rfc_ids(
            "SELECT rfc_id, id, conversation_id FROM missing_parents JOIN messages ON id = message_id"
            " WHERE rfc_id IN ({}) ORDER BY id",
            rfc_ids,
        )

    def _by_rfc_ids(self, sql: str, rfc_ids: Sequence[str]) -> list[tuple[str, int, int]]:
        found: list[tuple[str, int, int]] = []
        for some in portions(rfc_ids):
            found.extend(self._db.reader.execute(sql.format(marks(some)), some).fetchall())
        return found

    def directions(self, ids: Sequence[int]) -> dict[int, Direction]:
        found: dict[int, Direction] = {}
        if self._db.writing:
            wanted = frozenset(ids)
            found = {each.id: each.message.direction for each in self._db.transaction.added if each.id in wanted}
        for some in portions(ids):
            found.update(
                self._db.aside.execute(f"SELECT id, direction FROM messages WHERE id IN ({marks(some)})", some)
            )
        return found

    def count(self) -> int:
        [number] = self._db.reader.execute("SELECT count(*) FROM messages").fetchone()
        return int(number)

    def newest(self) -> int | None:
        [id] = self._db.reader.execute("SELECT max(id) FROM messages").fetchone()
        return None if id is None else int(id)


_NO_ID = (1 << 63) - 1


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
