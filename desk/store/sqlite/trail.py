"""Where visitors were, and how they were invited to chat."""

from __future__ import annotations

from collections.abc import Sequence

from desk.clock import Millis
from desk.model import Invitation, InvitationCounts, InvitationState, TrailStep
from desk.store.base.trail import Standing
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import marks

_STEP = "id, visitor_id, visit, kind, at, lasted, url, title, referrer, cart, currency"
_INVITATION = "id, visitor_id, account, rule, agent_id, text, state, at, decided_at, conversation_id"


class SqliteTrails:
    """See `desk.store.base.Trails`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def step(self, step: TrailStep, key: str, *, at_most: int) -> int:
        [id] = self._db.writer.execute(
            "INSERT INTO trail (visitor_id, visit, kind, key, at, lasted, url, title, referrer, cart, currency)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (visitor_id, key) DO UPDATE SET lasted = max(lasted, excluded.lasted),"
            " title = CASE excluded.title WHEN '' THEN title ELSE excluded.title END,"
            " cart = ifnull(excluded.cart, cart),"
            " currency = CASE excluded.currency WHEN '' THEN currency ELSE excluded.currency END RETURNING id",
            (
                step.visitor_id,
                step.visit,
                step.kind,
                key,
                step.at,
                step.lasted,
                step.url,
                step.title,
                step.referrer,
                step.cart,
                step.currency,
            ),
        ).fetchone()
        self._db.writer.execute(
            "DELETE FROM trail WHERE visitor_id = ?1 AND id <="
            " (SELECT id FROM trail WHERE visitor_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            (step.visitor_id, at_most),
        )
        return int(id)

    def of(self, visitor_id: int, limit: int = 100, *, before: int | None = None) -> list[TrailStep]:
        rows = self._db.reader.execute(
            f"SELECT {_STEP} FROM trail WHERE visitor_id = ?1 AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3",
            (visitor_id, before, limit),
        )
        names = _STEP.split(", ")
        return [TrailStep(**dict(zip(names, row, strict=True))) for row in rows]

    def standing(self, visitor_id: int) -> Standing:
        visit, visits = self._db.reader.execute(
            "SELECT ifnull(max(visit), 0), count(DISTINCT visit) FROM trail WHERE visitor_id = ?", (visitor_id,)
        ).fetchone()
        if not visits:
            return Standing()
        last_at, pages = self._db.reader.execute(
            "SELECT max(at + lasted), sum(kind = 'page') FROM trail WHERE visitor_id = ? AND visit = ?",
            (visitor_id, visit),
        ).fetchone()
        led = self._db.reader.execute(
            "SELECT referrer FROM trail WHERE visitor_id = ? AND visit = ? AND referrer <> '' ORDER BY id LIMIT 1",
            (visitor_id, visit),
        ).fetchone()
        return Standing(visit=visit, last_at=last_at, pages=pages, visits=visits, referrer=led[0] if led else "")

    def hand_over(self, visitor_id: int, to: int, visit: Millis) -> None:
        self._db.writer.execute(
            "UPDATE OR IGNORE trail SET visitor_id = ? WHERE visitor_id = ? AND visit = ?", (to, visitor_id, visit)
        )

    def forget_of(self, visitor_id: int) -> None:
        self._db.writer.execute("DELETE FROM trail WHERE visitor_id = ?", (visitor_id,))

    def forget_before(self, at: Millis, limit: int) -> int:
        done = self._db.writer.execute(
            "DELETE FROM trail WHERE id IN (SELECT id FROM trail WHERE at < ? ORDER BY at LIMIT ?)", (at, limit)
        )
        return done.rowcount


class SqliteInvitations:
    """See `desk.store.base.Invitations`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def offer(self, invitation: Invitation, *, visit: Millis, refused_since: Millis) -> int | None:
        made = self._db.writer.execute(
            "INSERT INTO invitations (visitor_id, account, rule, agent_id, text, state, at)"
            " SELECT ?1, ?2, ?3, ?4, ?5, 'offered', ?6 WHERE NOT EXISTS"
            " (SELECT 1 FROM invitations WHERE visitor_id = ?1"
            "  AND (at >= ?7 OR (state = 'refused' AND decided_at >= ?8))) RETURNING id",
            (
                invitation.visitor_id,
                invitation.account,
                invitation.rule,
                invitation.agent_id,
                invitation.text,
                invitation.at,
                visit,
                refused_since,
            ),
        ).fetchone()
        return None if made is None else int(made[0])

    def advance(
        self,
        id: int,
        visitor_id: int,
        expect: Sequence[InvitationState],
        state: InvitationState,
        at: Millis,
        *,
        conversation_id: int | None = None,
    ) -> bool:
        decided = at if state in ("accepted", "refused") else None
        done = self._db.writer.execute(
            "UPDATE invitations SET state = ?, decided_at = ifnull(?, decided_at),"
            " conversation_id = ifnull(?, conversation_id)"
            f" WHERE id = ? AND visitor_id = ? AND state IN ({marks(expect)})",
            (state, decided, conversation_id, id, visitor_id, *expect),
        )
        return done.rowcount > 0

    def hand_over(self, visitor_id: int, to: int) -> None:
        self._db.writer.execute("UPDATE invitations SET visitor_id = ? WHERE visitor_id = ?", (to, visitor_id))

    def get(self, id: int) -> Invitation | None:
        return self._one("WHERE id = ?", id)

    def newest_of(self, visitor_id: int) -> Invitation | None:
        return self._one("WHERE visitor_id = ? ORDER BY id DESC LIMIT 1", visitor_id)

    def _one(self, where: str, value: int) -> Invitation | None:
        row = self._db.reader.execute(f"SELECT {_INVITATION} FROM invitations {where}", (value,)).fetchone()
        return None if row is None else Invitation(**dict(zip(_INVITATION.split(", "), row, strict=True)))

    def undecided(self, since: Millis) -> int:
        [number] = self._db.reader.execute(
            "SELECT count(*) FROM invitations WHERE at >= ? AND state IN ('offered', 'shown')", (since,)
        ).fetchone()
        return int(number)

    def counts(self, since: Millis = 0) -> list[InvitationCounts]:
        rows = self._db.reader.execute(
            "SELECT i.rule, sum(i.state <> 'offered'), sum(i.state = 'accepted'), sum(i.state = 'refused'),"
            " ifnull(sum(EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = i.conversation_id"
            "  AND m.direction = 'in')), 0),"
            " ifnull(sum(c.state = 'resolved'), 0), count(h.rating), avg(h.rating)"
            " FROM invitations i LEFT JOIN conversations c ON c.id = i.conversation_id"
            " LEFT JOIN chats h ON h.conversation_id = i.conversation_id"
            " WHERE i.at >= ? GROUP BY i.rule ORDER BY i.rule = '', i.rule",
            (since,),
        )
        names = ("rule", "shown", "accepted", "refused", "talked", "resolved", "rated", "rating")
        return [InvitationCounts(**dict(zip(names, row, strict=True))) for row in rows]

    def forget_before(self, at: Millis, limit: int) -> int:
        done = self._db.writer.execute(
            "DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE at < ? ORDER BY at LIMIT ?)",
            (at, limit),
        )
        return done.rowcount
