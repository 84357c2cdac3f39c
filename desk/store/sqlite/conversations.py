"""The inbox: one row a conversation, ready to be shown, in an index that has each view's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from desk.clock import Millis
from desk.model import Channel, Conversation, Priority, State, View
from desk.store.base import StoreError
from desk.store.sqlite.activity import Row
from desk.store.sqlite.connection import Database
from desk.store.sqlite.conversation_rows import ConversationRows
from desk.store.sqlite.paces import NONE, USUAL, Paces
from desk.store.sqlite.partaking import Partaking
from desk.store.sqlite.rows import marks, portions
from desk.text import fold_subject
from desk.urgency import TAGS_OF_VALUE

COLUMNS = (
    "id, subject, channel, account, state, priority, customer_id, customer_name, customer_address, assignee_id,"
    " assignee_name, queue_id, queue_name, tags, snippet, messages, has_attachments, third_party, created_at,"
    " last_at, last_direction, waiting_since, due_at, snoozed_until, rev, merged_into"
)
TAG_SEPARATOR = "\x1f"

_TAG_WORTH = (
    "(SELECT ifnull(max(worth), 0) FROM conversation_tags t JOIN tags ON tags.id = t.tag_id"
    " WHERE t.conversation_id = conversations.id)"
)
_Due = tuple[Millis | None, int, Millis | None]

_CLAIM = (
    "UPDATE conversations SET assignee_id = a.id, assignee_name = a.name, rev = rev + 1"
    " FROM json_each(?) each JOIN agents a ON a.id = each.value ->> 1"
    " WHERE conversations.id = each.value ->> 0 AND assignee_id IS NULL RETURNING conversations.id"
)
_STATES: dict[str, View] = {
    "open": "open",
    "waiting": "waiting",
    "snoozed": "snoozed",
    "resolved": "resolved",
    "spam": "spam",
}


def conversation(row: tuple[Any, ...]) -> Conversation:
    """The struct of a row of `COLUMNS`."""
    return Conversation(
        id=row[0],
        subject=row[1],
        channel=row[2],
        account=row[3],
        state=row[4],
        priority=row[5],
        customer_id=row[6],
        customer_name=row[7],
        customer_address=row[8],
        assignee_id=row[9],
        assignee_name=row[10],
        queue_id=row[11],
        queue_name=row[12],
        tags=tuple(row[13].split(TAG_SEPARATOR)) if row[13] else (),
        snippet=row[14],
        messages=row[15],
        has_attachments=row[16] == 1,
        third_party=row[17] == 1,
        created_at=row[18],
        last_at=row[19],
        last_direction=row[20],
        waiting_since=row[21],
        due_at=row[22],
        snoozed_until=row[23],
        rev=row[24],
        merged_into=row[25],
    )


class SqliteConversations:
    """See `desk.store.base.Conversations`.

    `mine` and `unassigned` are the open ones; `all` is everything, spam too. Equal places are told apart by id,
    lower first. What was merged into another is in none of them.
    """

    def __init__(self, db: Database, rows: ConversationRows, partaking: Partaking) -> None:
        self._db = db
        self._rows = rows
        self._partaking = partaking
        self._paces = Paces(db)

    def create(
        self,
        *,
        subject: str,
        channel: Channel,
        account: str,
        customer_id: int,
        at: Millis,
        queue_id: int | None = None,
        state: State = "open",
    ) -> int:
        self._db.require_writing()
        customer = self._customer(customer_id)
        queue_name = None if queue_id is None else self._queue_name(queue_id)
        id = self._db.next_id("conversations")
        begun = (subject, channel, account, customer_id, *customer, queue_id, queue_name, at, fold_subject(subject))
        self._rows.begin(Row(id=id, state=state, last_at=at, begun=begun, changed=True))
        self._db.note("conversation", id, id, found_as_before=True)
        return id

    def _customer(self, id: int) -> tuple[str, str]:
        """Name and address of a customer."""
        customers = self._db.transaction.customers
        if id not in customers:
            row = self._db.aside.execute("SELECT name, address FROM customers WHERE id = ?", (id,)).fetchone()
            if row is None:
                raise StoreError(f"there is no customer {id} to begin a conversation with")
            customers[id] = row
        return customers[id]

    def _queue_name(self, id: int) -> str | None:
        row = self._db.aside.execute("SELECT name FROM queues WHERE id = ?", (id,)).fetchone()
        return None if row is None else row[0]

    def get(self, id: int) -> Conversation | None:
        row = self._db.reader.execute(f"SELECT {COLUMNS} FROM conversations WHERE id = ?", (id,)).fetchone()
        return None if row is None else conversation(row)

    def many(self, ids: Sequence[int]) -> list[Conversation]:
        found: dict[int, Conversation] = {}
        for some in portions(ids):
            rows = self._db.reader.execute(f"SELECT {COLUMNS} FROM conversations WHERE id IN ({marks(some)})", some)
            found.update((row[0], conversation(row)) for row in rows)
        return [found[id] for id in ids if id in found]

    def counts(self, *, agent_id: int | None = None) -> dict[View, int]:
        counts: dict[View, int] = dict.fromkeys(
            ("open", "mine", "unassigned", "waiting", "snoozed", "resolved", "spam", "all"), 0
        )
        rows = self._db.reader.execute("SELECT * FROM conversation_counts WHERE state <> 'merged'")
        for state, assignee, number in rows:
            counts["all"] += number
            counts[_STATES[state]] += number
            if state == "open" and assignee == 0:
                counts["unassigned"] += number
            elif state == "open" and assignee == agent_id:
                counts["mine"] += number
        return counts

    def of_customer(self, customer_id: int, limit: int = 50) -> list[Conversation]:
        rows = self._db.reader.execute(
            f"SELECT {COLUMNS} FROM conversations WHERE customer_id = ? AND state <> 'merged'"
            " ORDER BY last_at DESC, id DESC LIMIT ?",
            (customer_id, limit),
        )
        return [conversation(row) for row in rows]

    def ids_of_customer(self, customer_id: int) -> list[int]:
        rows = self._db.reader.execute("SELECT id FROM conversations WHERE customer_id = ? ORDER BY id", (customer_id,))
        return [id for (id,) in rows]

    def last_rep(self, id: int) -> int | None:
        row = self._db.reader.execute(
            "SELECT agent_id FROM messages WHERE conversation_id = ? AND direction = 'out' AND agent_id IS NOT NULL"
            " ORDER BY id DESC LIMIT 1",
            (id,),
        ).fetchone()
        return None if row is None else int(row[0])

    def snoozed_before(self, at: Millis, limit: int = 500) -> list[int]:
        rows = self._db.reader.execute(
            "SELECT id FROM conversations WHERE state = 'snoozed' AND snoozed_until <= ?"
            " ORDER BY snoozed_until LIMIT ?",
            (at, limit),
        )
        return [id for (id,) in rows]

    def of_subjects(
        self, account: str, folded_subjects: Sequence[str], since: Millis, limit: int = 20
    ) -> list[tuple[str, int, Millis, Millis]]:
        return self._db.reader.execute(
            "SELECT value, c.id, c.created_at, c.last_at FROM json_each(?1) JOIN conversations c ON c.id IN"
            " (SELECT id FROM conversations WHERE folded_subject = value AND account = ?2 AND last_at >= ?3"
            " AND state <> 'merged'"
            " ORDER BY last_at DESC, id DESC LIMIT ?4)",
            (msgspec.json.encode(folded_subjects).decode(), account, since, limit),
        ).fetchall()

    # --- edits, each one conditional statement ------------------------------------------------------------

    def claim(self, id: int, agent_id: int, at: Millis) -> bool:
        return bool(self.claim_all({id: agent_id})) or self._has(id, agent_id)

    def claim_all(self, reps: Mapping[int, int]) -> set[int]:
        rows = self._db.writer.execute(_CLAIM, (msgspec.json.encode([*reps.items()]).decode(),)).fetchall()
        for (id,) in rows:
            self._note(id)
        return {id for (id,) in rows}

    def _has(self, id: int, agent_id: int) -> bool:
        row = self._db.writer.execute("SELECT assignee_id FROM conversations WHERE id = ?", (id,)).fetchone()
        return row is not None and row[0] == agent_id

    def assign(self, id: int, agent_id: int | None, at: Millis) -> bool:
        return self._update(
            id, "assignee_id = ?1, assignee_name = (SELECT name FROM agents WHERE id = ?1)", (agent_id,)
        )

    def set_state(
        self, id: int, state: State, at: Millis, *, snoozed_until: Millis | None = None, rev: int | None = None
    ) -> bool:
        if state == "snoozed" and snoozed_until is None:
            raise StoreError("snoozing needs an instant to wake up at")
        return self._update(
            id,
            "state = ?1, snoozed_until = ?2,"
            " waiting_since = CASE WHEN ?1 IN ('resolved', 'spam') THEN NULL ELSE waiting_since END",
            (state, snoozed_until if state == "snoozed" else None, rev),
            "ifnull(rev = ?3, 1)",
        )

    def set_subject(self, id: int, subject: str, at: Millis) -> bool:
        return self._update(id, "subject = ?1, folded_subject = ?2", (subject, fold_subject(subject)))

    def set_priority(self, id: int, priority: Priority, at: Millis) -> bool:
        return self._update(id, "priority = ?1", (priority,))

    def set_queue(self, id: int, queue_id: int | None, at: Millis) -> bool:
        return self._update(id, "queue_id = ?1, queue_name = (SELECT name FROM queues WHERE id = ?1)", (queue_id,))

    def set_due(
        self,
        id: int,
        due_at: Millis | None,
        *,
        calendar: str = "",
        promised: Millis | None = None,
        due_work: Millis | None = None,
    ) -> None:
        if due_at is None:
            due: _Due = None, NONE, None
        else:
            pace = self._paces.of(calendar, USUAL if promised is None else promised)
            due = due_at, pace, due_at if due_work is None else due_work
        row = self._rows.at_hand(id)
        if row is None:
            unlike = "(due_at, pace, due_work) IS NOT (?1, ?2, ?3)"
            self._update(id, "due_at = ?1, pace = ?2, due_work = ?3", due, unlike)
        elif (row.due_at, row.pace, row.due_work) != due:
            row.due_at, row.pace, row.due_work = due
            self._rows.change(row)
            self._db.note("conversation", id, id, found_as_before=True)

    def tag(self, id: int, tag_id: int, at: Millis) -> bool:
        """False if there is no such conversation or tag, or it has the tag already."""
        tagged = self._db.writer.execute(
            "INSERT INTO conversation_tags SELECT c.id, t.id FROM conversations c, tags t WHERE c.id = ? AND t.id = ?"
            " ON CONFLICT DO NOTHING",
            (id, tag_id),
        )
        return bool(tagged.rowcount) and self._spell_tags(id)

    def untag(self, id: int, tag_id: int, at: Millis) -> bool:
        """False if it did not have the tag."""
        untagged = self._db.writer.execute(
            "DELETE FROM conversation_tags WHERE conversation_id = ? AND tag_id = ?", (id, tag_id)
        )
        return bool(untagged.rowcount) and self._spell_tags(id)

    def _spell_tags(self, id: int) -> bool:
        names = self._db.writer.execute(
            "SELECT name FROM conversation_tags JOIN tags ON tags.id = tag_id WHERE conversation_id = ?"
            " ORDER BY folded",
            (id,),
        ).fetchall()
        return self._update(
            id, f"tags = ?1, tag_worth = {_TAG_WORTH}", (TAG_SEPARATOR.join(name for (name,) in names),)
        )

    def value_tags(self, names: Sequence[str]) -> bool:
        worths = {
            name.strip().casefold(): max(TAGS_OF_VALUE - place, 1) for place, name in reversed([*enumerate(names)])
        }
        writer = self._db.writer
        writer.executemany(
            "INSERT INTO tags (name, folded) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(name.strip(), name.strip().casefold()) for name in names],
        )
        changed = [
            (worths.get(folded, 0), id)
            for id, folded, worth in writer.execute("SELECT id, folded, worth FROM tags").fetchall()
            if worth != worths.get(folded, 0)
        ]
        writer.executemany("UPDATE tags SET worth = ? WHERE id = ?", changed)
        writer.executemany(
            f"UPDATE conversations SET tag_worth = {_TAG_WORTH}"
            " WHERE id IN (SELECT conversation_id FROM conversation_tags WHERE tag_id = ?)",
            [(id,) for _, id in changed],
        )
        return bool(changed)

    def _update(self, id: int, what: str, values: tuple[object, ...], condition: str = "1") -> bool:
        """One statement on one row; `values` are `?1` and so on. True if the row was there and the condition met."""
        changed = self._db.writer.execute(
            f"UPDATE conversations SET {what}, rev = rev + 1 WHERE id = ?{len(values) + 1} AND {condition}",
            (*values, id),
        )
        if changed.rowcount:
            self._note(id)
        return bool(changed.rowcount)

    def _note(self, id: int) -> None:
        self._db.note("conversation", id, id)

    # --- who takes part -----------------------------------------------------------------------------------

    def participants(self, id: int) -> set[str]:
        return self._partaking.of("participants", id)

    def addressed(self, id: int) -> set[str]:
        return self._partaking.of("addressed", id)

    def add_participants(self, id: int, addresses: Iterable[str]) -> None:
        self._partaking.add("participants", id, addresses)
