"""Messages that a transaction added: their rows, raw bytes, files and what they refer to, written together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from desk.clock import Millis
from desk.model import Message, first_id_at
from desk.store.sqlite.connection import Database
from desk.store.sqlite.documents import detail, document, encode
from desk.store.sqlite.partaking import Partaking
from desk.store.sqlite.raw import keep_all
from desk.store.sqlite.rows import insert, marks, portions
from desk.store.sqlite.transaction import Added, Transaction
from desk.store.sqlite.upkeep import came_in

_LATEST: Millis = (1 << 42) - 1
"""The year 2109: the last instant whose ids stay below 2^53."""
_REFERENCES_AT_MOST = 100

_INSERT = (
    "INSERT INTO messages (id, conversation_id, direction, kind, at, raw_id, files, third_party, channel, account,"
    " agent_id, agent_name, rule, rule_detail, size, rfc_message_id, subject, detail, body) VALUES ROWS"
)
_INSERT_FILES = "INSERT INTO attachments (message_id, name, media_type, size, sha256, inline, content_id) VALUES ROWS"
_INSERT_MISSING = "INSERT INTO missing_parents (rfc_id, message_id) VALUES ROWS ON CONFLICT DO NOTHING"
_LAST_IDS = (
    "SELECT value, (SELECT max(id) FROM messages WHERE id BETWEEN value AND value + ?2 - 1),"
    " (SELECT max(message_id) FROM outbox WHERE message_id BETWEEN value AND value + ?2 - 1) FROM json_each(?1)"
)
"""The outbox remembers messages that were withdrawn: their ids are not given out again."""


class Arrivals:
    """Gives out ids of messages, and keeps what is to be written."""

    def __init__(self, db: Database, partaking: Partaking) -> None:
        self._db = db
        self._partaking = partaking
        db.settlers.append(self._write)
        db.before_commit.append(_forget_arrived)

    def add(self, message: Message, raw_packed: bytes, sha256: str) -> int:
        """The message's id; its row comes when the transaction settles."""
        id = self._free_id(message.at)
        transaction = self._db.transaction
        transaction.added.append(Added(id, message, sha256, raw_packed))
        transaction.put_off = True
        if message.direction == "in":
            transaction.came.add((message.conversation_id, message.at))
        if message.direction in ("in", "out"):
            if message.rfc_message_id:
                transaction.arrived.append((message.rfc_message_id,))
            addressed = (address.email for address in (*message.to, *message.cc))
            self._partaking.add("addressed", message.conversation_id, addressed)
        if message.direction != "event":
            transaction.documents.append(document(id, message))
        return id

    def expect(self, instants: Sequence[Millis]) -> None:
        """Learn at once which ids of these instants are taken."""
        known = self._db.transaction.last_ids
        wanted = {min(max(at, 0), _LATEST) for at in instants} - known.keys()
        of_one = first_id_at(1)
        firsts = ",".join(str(first_id_at(at)) for at in wanted)
        for first, last, withdrawn in self._db.aside.execute(_LAST_IDS, (f"[{firsts}]", of_one)):
            known[first // of_one] = max(first - 1, last or 0, withdrawn or 0)

    def _free_id(self, at: Millis) -> int:
        """The next id of an instant, or of the next one with room. Earlier than 1970 counts as 1970; 0 is no id."""
        known = self._db.transaction.last_ids
        at = min(max(at, 0), _LATEST)
        while True:
            if at not in known:
                self.expect((at,))
            free = max(known[at] + 1, 1)
            if free < first_id_at(at + 1):
                known[at] = free
                return free
            at += 1

    def _write(self, connection: sqlite3.Connection, transaction: Transaction) -> None:
        added, transaction.added = transaction.added, []
        if not added:
            return
        insert(connection, _INSERT_MISSING, sorted(_missing_parents(connection, added)))
        raw_ids = keep_all(self._db, connection, added)
        files = [(each.id, attachment) for each in added for attachment in each.message.attachments]
        insert(
            connection,
            _INSERT_FILES,
            [(id, a.name, a.media_type, a.size, a.sha256, int(a.inline), a.content_id) for id, a in files],
        )
        added.sort(key=attrgetter("id"))
        insert(connection, _INSERT, [_row(each.id, each.message, raw_ids.get(each.sha256)) for each in added])
        came_in(connection, [(each.id, each.message) for each in added])


def _missing_parents(connection: sqlite3.Connection, added: Sequence[Added]) -> Iterator[tuple[str, int]]:
    """What each mail refers to that was not here when it was added; before the rows of any of them are."""
    parents = [_parents(each.message) for each in added]
    here: set[str] = set()
    for some in portions(dict.fromkeys(rfc_id for each in parents for rfc_id in each)):
        rows = connection.execute(
            f"SELECT rfc_message_id FROM messages WHERE rfc_message_id IN ({marks(some)}) AND rfc_message_id <> ''",
            some,
        )
        here.update(rfc_id for (rfc_id,) in rows)
    for each, its_parents in zip(added, parents, strict=True):
        for rfc_id in its_parents:
            if rfc_id not in here:
                yield rfc_id, each.id
        here.add(each.message.rfc_message_id)


def _parents(message: Message) -> dict[str, None]:
    if message.direction not in ("in", "out"):
        return {}
    parents = dict.fromkeys((message.in_reply_to, *message.references[-_REFERENCES_AT_MOST:]))
    parents.pop("", None)
    return parents


def _forget_arrived(connection: sqlite3.Connection, transaction: Transaction) -> None:
    """Who waited for a message that arrived waits no longer; at commit, so that `awaiting` can still tell."""
    connection.executemany("DELETE FROM missing_parents WHERE rfc_id = ?", transaction.arrived)


def _row(id: int, m: Message, raw_id: int | None) -> tuple[Any, ...]:
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
