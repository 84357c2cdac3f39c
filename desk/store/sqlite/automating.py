"""Mail of automations, and who wants none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from desk.clock import Millis
from desk.model import AutoMail, AutoMailState, Refusal, Unsubscribe
from desk.store.base.automating import Gone
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import marks, portions

_COLUMNS = (
    "id, automation, conversation_id, moment, due_at, next_at, state, why, account, address, url, mailto, outbox_id,"
    " updated_at"
)
_ANSWERED = (
    "(SELECT min(m.at) FROM messages m WHERE m.conversation_id = a.conversation_id AND m.direction = 'in'"
    " AND m.kind = 'message' AND m.id > o.message_id)"
)
_REFUSED = (
    "EXISTS (SELECT 1 FROM refusals r WHERE r.address = a.address AND r.conversation_id = a.conversation_id"
    " AND r.refuses AND r.at >= a.updated_at)"
)
_SHOWN = (
    f"SELECT {', '.join(f'a.{name}' for name in _COLUMNS.split(', '))}, c.subject,"
    f" ifnull(nullif(u.name, ''), ifnull(u.address, '')), o.state, {_ANSWERED}"
    " FROM auto_mails a JOIN conversations c ON c.id = a.conversation_id LEFT JOIN customers u ON u.id = c.customer_id"
    " LEFT JOIN outbox o ON o.id = a.outbox_id"
)
_GONE = (
    "SELECT CASE WHEN o.state IN ('held', 'sending') THEN ?2 ELSE o.updated_at END AS gone, a.account, a.address,"
    " c.customer_id, a.automation, c.id FROM auto_mails a JOIN outbox o ON o.id = a.outbox_id"
    " JOIN conversations c ON c.id = a.conversation_id"
    " WHERE a.state = 'queued' AND o.state NOT IN ('failed', 'cancelled') AND gone > ?1 ORDER BY gone DESC"
)
_CAME_BACK = (
    "SELECT o.message_id, o.updated_at FROM outbox o JOIN conversations c ON c.id = o.conversation_id"
    " WHERE c.customer_id = ?1 AND (o.state = 'bounced' OR (o.state = 'failed'"
    "  AND EXISTS (SELECT 1 FROM auto_mails a WHERE a.outbox_id = o.id)))"
    " AND NOT EXISTS (SELECT 1 FROM messages m JOIN conversations k ON k.id = m.conversation_id"
    "  WHERE k.customer_id = ?1 AND m.direction = 'in' AND m.kind = 'message' AND m.at > o.updated_at)"
    " ORDER BY o.updated_at DESC LIMIT 20"
)
_REFUSAL = "SELECT id, address, refuses, source, at, agent_name, conversation_id FROM refusals r"
_LAST = "id = (SELECT max(id) FROM refusals l WHERE l.address = r.address)"


class SqliteAutoMails:
    """See `desk.store.base.AutoMails`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def plan(self, mail: AutoMail) -> int | None:
        row = self._db.writer.execute(
            "INSERT INTO auto_mails (automation, conversation_id, moment, due_at, next_at, state, account, updated_at)"
            " VALUES (?, ?, ?, ?, ?, 'planned', ?, ?) ON CONFLICT (automation, conversation_id) DO UPDATE SET"
            " moment = excluded.moment, due_at = excluded.due_at, next_at = excluded.next_at, state = 'planned',"
            " why = '', account = excluded.account, updated_at = excluded.updated_at WHERE state <> 'queued'"
            " RETURNING id",
            (
                mail.automation,
                mail.conversation_id,
                mail.moment,
                mail.due_at,
                mail.due_at,
                mail.account,
                mail.updated_at,
            ),
        ).fetchone()
        return None if row is None else int(row[0])

    def get(self, id: int) -> AutoMail | None:
        return self._first("WHERE id = ?", id)

    def of(self, automation: str, conversation_id: int) -> AutoMail | None:
        return self._first("WHERE automation = ? AND conversation_id = ?", automation, conversation_id)

    def of_outbox(self, outbox_id: int) -> AutoMail | None:
        return self._first("WHERE outbox_id = ?", outbox_id)

    def due(self, at: Millis, limit: int) -> list[AutoMail]:
        return self._select(
            "WHERE state IN ('planned', 'held') AND next_at <= ? ORDER BY next_at, id LIMIT ?", at, limit
        )

    def settle(
        self, id: int, state: AutoMailState, at: Millis, *, why: str = "", next_at: Millis = 0, address: str = ""
    ) -> bool:
        updated = self._db.writer.execute(
            "UPDATE auto_mails SET state = ?, why = ?, next_at = ?, address = ?, updated_at = ?"
            " WHERE id = ? AND state IN ('planned', 'held')",
            (state, why, next_at, address, at, id),
        )
        return updated.rowcount == 1

    def queue(self, id: int, outbox_id: int, account: str, address: str, unsubscribe: Unsubscribe, at: Millis) -> bool:
        updated = self._db.writer.execute(
            "UPDATE auto_mails SET state = 'queued', why = '', outbox_id = ?, account = ?, address = ?, url = ?,"
            " mailto = ?, updated_at = ? WHERE id = ? AND state IN ('planned', 'held')",
            (outbox_id, account, address, unsubscribe.url, unsubscribe.mailto, at, id),
        )
        return updated.rowcount == 1

    def gone(self, since: Millis, now: Millis) -> list[Gone]:
        return [Gone(*row) for row in self._db.reader.execute(_GONE, (since, now)).fetchall()]

    def page(
        self, states: Sequence[AutoMailState], *, automation: str = "", before: int | None = None, limit: int = 100
    ) -> list[AutoMail]:
        rows = self._db.reader.execute(
            f"{_SHOWN} WHERE a.state IN ({marks(states)}) AND ? IN ('', a.automation) AND a.id < ifnull(?, a.id + 1)"
            " ORDER BY a.id DESC LIMIT ?",
            (*states, automation, before, limit),
        ).fetchall()
        return [_mail(row) for row in rows]

    def counts(self, since: Millis) -> Mapping[str, Mapping[str, int]]:
        rows = self._db.reader.execute(
            f"SELECT a.automation, a.state, count(*), count({_ANSWERED}), sum({_REFUSED})"
            " FROM auto_mails a"
            " LEFT JOIN outbox o ON o.id = a.outbox_id WHERE a.state IN ('planned', 'held') OR a.updated_at > ?"
            " GROUP BY 1, 2",
            (since,),
        ).fetchall()
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for automation, state, number, answered, refused in rows:
            found[automation][state] = number
            if state == "queued":
                found[automation] |= {"answered": answered, "refused": refused}
        return found

    def came_back(self, customer_id: int) -> list[tuple[int, Millis]]:
        return [(id, at) for id, at in self._db.reader.execute(_CAME_BACK, (customer_id,)).fetchall()]

    def _first(self, where: str, *values: object) -> AutoMail | None:
        found = self._select(where, *values)
        return found[0] if found else None

    def _select(self, where: str, *values: object) -> list[AutoMail]:
        rows = self._db.reader.execute(f"SELECT {_COLUMNS} FROM auto_mails {where}", values).fetchall()
        return [_mail((*row, "", "", None, None)) for row in rows]


def _mail(row: tuple[Any, ...]) -> AutoMail:
    id, automation, of, moment, due, next_at, state, why, account, address, url, mailto, outbox, updated, *shown = row
    subject, customer_name, outbox_state, answered_at = shown
    return AutoMail(
        id=id,
        automation=automation,
        conversation_id=of,
        moment=moment,
        due_at=due,
        next_at=next_at,
        state=state,
        why=why,
        account=account,
        address=address,
        unsubscribe=Unsubscribe(url=url, mailto=mailto),
        outbox_id=outbox,
        updated_at=updated,
        subject=subject,
        customer_name=customer_name,
        outbox_state=outbox_state,
        answered_at=answered_at,
    )


class SqliteRefusals:
    """See `desk.store.base.Refusals`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, refusal: Refusal) -> int:
        cursor = self._db.writer.execute(
            "INSERT INTO refusals (address, refuses, source, at, agent_name, conversation_id)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                refusal.address,
                refusal.refuses,
                refusal.source,
                refusal.at,
                refusal.agent_name,
                refusal.conversation_id,
            ),
        )
        return cursor.lastrowid or 0

    def newest(self, addresses: Sequence[str]) -> list[Refusal]:
        return [
            each
            for some in portions(addresses)
            for each in self._select(f"WHERE address IN ({marks(some)}) AND {_LAST}", *some)
        ]

    def standing(self, *, before: int | None = None, limit: int = 100) -> list[Refusal]:
        older, values = ("", ()) if before is None else ("AND id < ?", (before,))
        return self._select(f"WHERE {_LAST} AND refuses {older} ORDER BY id DESC LIMIT ?", *values, limit)

    def of(self, address: str) -> list[Refusal]:
        return self._select("WHERE address = ? ORDER BY id DESC", address)

    def _select(self, where: str, *values: object) -> list[Refusal]:
        rows = self._db.reader.execute(f"{_REFUSAL} {where}", values).fetchall()
        return [
            Refusal(
                id=id,
                address=address,
                refuses=bool(refuses),
                source=source,
                at=at,
                agent_name=agent_name,
                conversation_id=conversation_id,
            )
            for id, address, refuses, source, at, agent_name, conversation_id in rows
        ]
