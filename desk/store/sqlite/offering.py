"""Offers, each changed by one conditional statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from desk.clock import Millis
from desk.model import Channel, Offer, OfferState
from desk.store.sqlite.connection import Database
from desk.store.sqlite.sql import as_json

_SELECT = "SELECT id, conversation_id, agent_id, queue_id, offered_at, until, state, ended_at FROM offers"
_RECENT = 10
"""Offers to a rep among which is the one they were done with last."""
_THEIRS = "conversations INDEXED BY conversations_open WHERE state = 'open' AND assignee_id = ?"


class SqliteOffers:
    """See `desk.store.base.Offers`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, offer: Offer) -> bool:
        begun = self._db.writer.execute(
            "INSERT INTO offers (conversation_id, agent_id, queue_id, offered_at, until, state)"
            " SELECT id, ?, queue_id, ?, ?, 'open' FROM conversations"
            " WHERE id = ? AND queue_id = ? AND state = 'open' AND assignee_id IS NULL ON CONFLICT DO NOTHING",
            (offer.agent_id, offer.offered_at, offer.until, offer.conversation_id, offer.queue_id),
        )
        if begun.rowcount > 0:
            self._db.note("offer", offer.agent_id, offer.conversation_id)
        return begun.rowcount > 0

    def end(self, id: int, state: OfferState, at: Millis) -> bool:
        ended = self._db.writer.execute(
            "UPDATE offers SET state = ?, ended_at = ? WHERE id = ? AND state = 'open'"
            " RETURNING agent_id, conversation_id",
            (state, at, id),
        ).fetchall()
        for agent_id, conversation_id in ended:
            self._db.note("offer", agent_id, conversation_id)
        return bool(ended)

    def open(self) -> list[Offer]:
        return self._offers("INDEXED BY offers_open WHERE state = 'open' ORDER BY until, id")

    def to(self, agent_id: int) -> list[Offer]:
        return self._offers("INDEXED BY offers_open WHERE state = 'open' AND agent_id = ? ORDER BY until, id", agent_id)

    def passed_on(self, since: Millis) -> set[tuple[int, int]]:
        rows = self._db.reader.execute(
            "SELECT conversation_id, agent_id FROM offers WHERE ended_at > ?1 OR done_at > ?1", (since,)
        )
        return set(rows.fetchall())

    def missed(self, agent_id: int, since: Millis) -> int:
        rows = self._db.reader.execute(
            "SELECT offered_at, until FROM offers WHERE agent_id = ?1 AND state = 'expired' AND offered_at >= ?2"
            " AND id > ifnull((SELECT max(id) FROM offers WHERE agent_id = ?1"
            "  AND state IN ('accepted', 'declined', 'returned')), 0) ORDER BY id",
            (agent_id, since),
        )
        times, over = 0, 0
        for offered_at, until in rows.fetchall():
            if offered_at >= over:
                times, over = times + 1, until
        return times

    def declined(self, agent_id: int, since: Millis) -> bool:
        [found] = self._db.reader.execute(
            "SELECT EXISTS (SELECT 1 FROM offers INDEXED BY offers_ended"
            " WHERE ended_at > ? AND ended_at < until AND agent_id = ? AND state = 'declined')",
            (since, agent_id),
        ).fetchone()
        return bool(found)

    def last_in(self, queue_id: int) -> int | None:
        row = self._db.reader.execute(
            "SELECT agent_id FROM offers WHERE queue_id = ? ORDER BY id DESC LIMIT 1", (queue_id,)
        ).fetchone()
        return None if row is None else int(row[0])

    def idle_since(self, agent_ids: Collection[int]) -> dict[int, Millis]:
        rows = self._db.reader.execute(
            "SELECT value, (SELECT max(max(offered_at, ifnull(done_at, 0))) FROM (SELECT offered_at, done_at"
            " FROM offers WHERE agent_id = value ORDER BY id DESC LIMIT ?)) AS since FROM json_each(?)"
            " WHERE since IS NOT NULL",
            (_RECENT, as_json(agent_ids)),
        )
        return dict(rows.fetchall())

    def undone(self) -> list[Offer]:
        return self._offers("INDEXED BY offers_undone WHERE state = 'accepted' AND done_at IS NULL")

    def done(self, ids: Collection[int], at: Millis) -> None:
        self._db.writer.execute(
            "UPDATE offers SET done_at = ? WHERE id IN (SELECT value FROM json_each(?))", (at, as_json(ids))
        )

    def give_back(self, offer: Offer) -> None:
        self._db.writer.execute(
            "INSERT INTO offers (conversation_id, agent_id, queue_id, offered_at, until, state, ended_at)"
            " VALUES (?, ?, ?, ?, ?, 'returned', ?)",
            (
                offer.conversation_id,
                offer.agent_id,
                offer.queue_id,
                offer.offered_at,
                offer.until,
                offer.ended_at,
            ),
        )
        self._db.note("offer", offer.agent_id, offer.conversation_id)

    def returned(self, agent_id: int) -> list[Offer]:
        found = self._offers(
            "INDEXED BY offers_unseen WHERE state = 'returned' AND seen_at IS NULL AND agent_id = ? ORDER BY id DESC",
            agent_id,
        )
        return list({each.conversation_id: each for each in reversed(found)}.values())[::-1]

    def seen(self, agent_id: int, at: Millis) -> bool:
        seen = self._db.writer.execute(
            "UPDATE offers SET seen_at = ? WHERE state = 'returned' AND seen_at IS NULL AND agent_id = ?",
            (at, agent_id),
        )
        if seen.rowcount:
            self._db.note("offer", agent_id)
        return bool(seen.rowcount)

    def unanswered(self, agent_id: int, channel: Channel, at_most: int) -> int:
        [number] = self._db.reader.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {_THEIRS} AND channel = ? AND waiting_since IS NOT NULL LIMIT ?)",
            (agent_id, channel, at_most),
        ).fetchone()
        return int(number)

    def calls(self, agent_ids: Collection[int], until: Millis) -> dict[int, list[Millis]]:
        found: dict[int, list[Millis]] = {}
        rows = self._db.reader.execute(
            "SELECT c.assignee_id, k.due_at FROM callbacks k INDEXED BY callbacks_state"
            " CROSS JOIN conversations c ON c.id = k.conversation_id WHERE k.state = 'waiting' AND k.due_at <= ?"
            " AND c.state = 'open' AND c.assignee_id IN (SELECT value FROM json_each(?)) ORDER BY k.due_at",
            (until, as_json(agent_ids)),
        )
        for agent_id, due_at in rows:
            found.setdefault(agent_id, []).append(due_at)
        return found

    def theirs(self, agent_id: int, queue_ids: Collection[int]) -> Sequence[int]:
        rows = self._db.reader.execute(
            f"SELECT id FROM {_THEIRS} AND (waiting_since IS NOT NULL OR EXISTS"
            " (SELECT 1 FROM callbacks k WHERE k.conversation_id = conversations.id AND k.state = 'waiting'))"
            " AND queue_id IN (SELECT value FROM json_each(?)) ORDER BY lane DESC, turn, id",
            (agent_id, as_json(queue_ids)),
        )
        return [id for (id,) in rows]

    def left_behind(self, queue_ids: Collection[int]) -> dict[int, list[int]]:
        rows = self._db.reader.execute(
            "SELECT a.agent_id, c.id FROM availability a INDEXED BY availability_now CROSS JOIN"
            " conversations c INDEXED BY conversations_open ON c.state = 'open' AND c.assignee_id = a.agent_id"
            " WHERE a.ended_at IS NULL AND a.state IN ('away', 'offline') AND c.waiting_since >= a.began_at"
            " AND c.queue_id IN (SELECT value FROM json_each(?)) ORDER BY a.agent_id, c.id",
            (as_json(queue_ids),),
        )
        found: dict[int, list[int]] = {}
        for agent_id, id in rows:
            found.setdefault(agent_id, []).append(id)
        return found

    def forget_before(self, at: Millis, limit: int) -> int:
        dropped = self._db.writer.execute(
            "DELETE FROM offers WHERE id IN (SELECT id FROM offers WHERE ended_at < ? LIMIT ?)", (at, limit)
        )
        return dropped.rowcount

    def _offers(self, where: str, *values: int) -> list[Offer]:
        rows = self._db.reader.execute(f"{_SELECT} {where}", values).fetchall()
        return [
            Offer(
                id=id,
                conversation_id=conversation_id,
                agent_id=agent_id,
                queue_id=queue_id,
                offered_at=offered_at,
                until=until,
                state=state,
                ended_at=ended_at,
            )
            for id, conversation_id, agent_id, queue_id, offered_at, until, state, ended_at in rows
        ]
