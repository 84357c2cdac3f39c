"""Where messages, conversations and identities belong, set as a whole: for merging, and for putting things back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from desk.clock import Millis
from desk.model import State
from desk.store.base import Place
from desk.store.sqlite import activity
from desk.store.sqlite.connection import Database
from desk.store.sqlite.documents import decode, document
from desk.store.sqlite.messages import SqliteMessages
from desk.store.sqlite.search import forget_document, write_documents
from desk.text import fold_address

_MANY = 500
_ALONG = (
    "UPDATE {table} SET conversation_id = json_extract(moved.value, '$[1]') FROM json_each(?) AS moved"
    " WHERE message_id = json_extract(moved.value, '$[0]')"
)
"""What refers to messages follows them; given are pairs of message and conversation."""


class SqlitePlacing:
    """See `desk.store.base.Placing`."""

    def __init__(self, db: Database, messages: SqliteMessages) -> None:
        self._db = db
        self._messages = messages

    # --- messages -----------------------------------------------------------------------------------------

    def places(self, message_ids: Sequence[int]) -> dict[int, Place]:
        found: dict[int, Place] = {}
        for start in range(0, len(message_ids), _MANY):
            some = message_ids[start : start + _MANY]
            found |= self._places(f"id IN ({','.join('?' * len(some))})", some)
        return found

    def places_in(self, conversation_id: int) -> dict[int, Place]:
        return self._places("conversation_id = ?", (conversation_id,))

    def _places(self, where: str, values: Sequence[object]) -> dict[int, Place]:
        rows = self._db.reader.execute(
            f"SELECT id, conversation_id, rule, rule_detail FROM messages WHERE {where}", tuple(values)
        )
        return {id: (conversation_id, rule, detail) for id, conversation_id, rule, detail in rows}

    def place(self, places: Mapping[int, Place]) -> None:
        writer, before = self._db.writer, self.places(list(places))
        rows = [(*places[id], id) for id in before]
        writer.executemany("UPDATE messages SET conversation_id = ?, rule = ?, rule_detail = ? WHERE id = ?", rows)
        moved = [(id, places[id][0]) for id, was in before.items() if was[0] != places[id][0]]
        for table in ("outbox", "ledger"):
            writer.execute(_ALONG.format(table=table), (msgspec.json.encode(moved).decode(),))
        for id, was in before.items():
            self._db.note("message", id, was[0])
            self._db.note("message", id, places[id][0])

    def recount(self, conversation_id: int) -> None:
        activity.recount(self._db.writer, conversation_id)
        self._note(conversation_id)

    def mails(self, conversation_id: int) -> int:
        [number] = self._db.reader.execute(
            "SELECT count(*) FROM messages WHERE conversation_id = ? AND direction IN ('in', 'out')",
            (conversation_id,),
        ).fetchone()
        return int(number)

    def senders(self, conversation_id: int) -> set[str]:
        rows = self._db.reader.execute(
            "SELECT detail FROM messages WHERE conversation_id = ? AND direction = 'in' AND NOT third_party",
            (conversation_id,),
        )
        senders = (decode(detail).sender for (detail,) in rows)
        return {fold_address(sender.email) for sender in senders if sender}

    def erase(self, message_id: int) -> bool:
        message = self._messages.get(message_id)
        if message is None or message.direction not in ("note", "event"):
            return False
        writer = self._db.writer
        if message.direction == "note":
            write_documents(writer, self._db.transaction)
            forget_document(writer, document(message_id, message))
        writer.execute("DELETE FROM attachments WHERE message_id = ?", (message_id,))
        writer.execute("DELETE FROM messages WHERE id = ?", (message_id,))
        writer.execute("UPDATE conversations SET rev = rev + 1 WHERE id = ?", (message.conversation_id,))
        self._db.note("message", message_id, message.conversation_id)
        self._note(message.conversation_id)
        return True

    # --- conversations ------------------------------------------------------------------------------------

    def set_state(self, id: int, state: State, snoozed_until: Millis | None, merged_into: int | None) -> None:
        self._update(id, "state = ?, snoozed_until = ?, merged_into = ?", state, snoozed_until, merged_into)

    def set_waiting(self, id: int, since: Millis | None) -> None:
        self._update(id, "waiting_since = ?", since)

    def set_customer(self, id: int, customer_id: int, name: str, address: str) -> None:
        self._update(id, "customer_id = ?, customer_name = ?, customer_address = ?", customer_id, name, address)

    def remove_participants(self, id: int, addresses: Iterable[str]) -> None:
        self._db.writer.executemany(
            "DELETE FROM participants WHERE conversation_id = ? AND address = ?",
            [(id, fold_address(address)) for address in addresses],
        )

    def target(self, id: int) -> int:
        seen: set[int] = set()
        while id not in seen:
            seen.add(id)
            row = self._db.reader.execute(
                "SELECT merged_into FROM conversations WHERE id = ? AND state = 'merged'", (id,)
            ).fetchone()
            if row is None or row[0] is None:
                break
            id = row[0]
        return id

    def _update(self, id: int, what: str, *values: object) -> None:
        self._db.writer.execute(f"UPDATE conversations SET {what}, rev = rev + 1 WHERE id = ?", (*values, id))
        self._note(id)

    def _note(self, id: int) -> None:
        self._db.note("conversation", id, id)
