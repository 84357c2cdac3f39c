"""Visitors of sites, and what is said between them and us."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from desk.clock import Millis
from desk.model import Channel, Chat, ChatState, Line, Message, Talk, Visitor, Wait
from desk.store.sqlite.connection import Database
from desk.store.sqlite.rows import marks

_VISITOR = (
    "SELECT id, account, name, email, language, told, customer_id, vouched, first_seen_at, last_seen_at FROM visitors"
)
_CHAT = (
    "SELECT conversation_id, visitor_id, account, state, began_at, answered_at, ended_at, left_at, delivered, read,"
    " rating, comment FROM chats"
)
_MERGED_HERE = (
    "WITH RECURSIVE here (id) AS"
    " (VALUES (?) UNION SELECT c.id FROM conversations c JOIN here ON c.merged_into = here.id)"
)

_WAITS = (
    "SELECT began_at, answered_at, ended_at,"
    " (SELECT m.agent_id FROM chat_lines l JOIN messages m ON m.id = l.message_id"
    "  WHERE l.visitor_id = c.visitor_id AND m.at = c.answered_at AND m.direction = 'out' LIMIT 1)"
    " FROM chats c WHERE account = ?1"
    " AND (answered_at >= ?2 OR (answered_at IS NULL AND (state = 'waiting' OR ended_at >= ?2)))"
    " ORDER BY conversation_id DESC LIMIT ?3"
)
_TALKS = (
    "SELECT id, customer_name, last_in_at, waiting_since, due_at,"
    " (SELECT count(*) FROM messages m WHERE m.conversation_id = v.id AND m.direction = 'in' AND m.id >"
    "  ifnull((SELECT abs(r.message_id) FROM reads r WHERE r.conversation_id = v.id AND r.agent_id = ?1), 0))"
    " FROM conversations v WHERE assignee_id = ?1 AND channel = 'chat' AND state IN ('open', 'waiting', 'snoozed')"
    " ORDER BY id LIMIT ?2"
)


class SqliteVisitors:
    """See `desk.store.base.Visitors`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def create(self, account: str, token_sha256: str, at: Millis, *, language: str = "", vouched: str = "") -> int:
        made = self._db.writer.execute(
            "INSERT INTO visitors (account, token, language, vouched, first_seen_at, last_seen_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
            (account, bytes.fromhex(token_sha256), language, vouched, at),
        )
        assert made.lastrowid is not None
        return made.lastrowid

    def find(self, account: str, token_sha256: str) -> Visitor | None:
        return self._one(" WHERE account = ? AND token = ?", (account, bytes.fromhex(token_sha256)))

    def get(self, id: int) -> Visitor | None:
        return self._one(" WHERE id = ?", (id,))

    def _one(self, where: str, values: tuple[object, ...]) -> Visitor | None:
        row = self._db.reader.execute(_VISITOR + where, values).fetchone()
        if row is None:
            return None
        id, account, name, email, language, told, customer_id, vouched, first_seen_at, last_seen_at = row
        return Visitor(
            id=id,
            account=account,
            name=name,
            email=email,
            language=language,
            told=json.loads(told),
            customer_id=customer_id,
            vouched=vouched,
            first_seen_at=first_seen_at,
            last_seen_at=last_seen_at,
        )

    def update(
        self,
        id: int,
        *,
        name: str | None = None,
        email: str | None = None,
        told: Mapping[str, str] | None = None,
        customer_id: int | None = None,
    ) -> bool:
        done = self._db.writer.execute(
            "UPDATE visitors SET name = ifnull(?, name), email = ifnull(?, email), told = ifnull(?, told),"
            " customer_id = ifnull(?, customer_id) WHERE id = ?",
            (name, email, None if told is None else json.dumps(told, ensure_ascii=False), customer_id, id),
        )
        return done.rowcount > 0

    def seen(self, id: int, at: Millis) -> None:
        self._db.writer.execute("UPDATE visitors SET last_seen_at = max(last_seen_at, ?) WHERE id = ?", (at, id))

    def vouched(self, account: str, id: str) -> Visitor | None:
        return self._one(" WHERE account = ? AND vouched = ? AND vouched <> ''", (account, id))

    def open_session(self, visitor_id: int, token_sha256: str, expires_at: Millis) -> None:
        self._db.writer.execute(
            "INSERT INTO visitor_sessions (token, visitor_id, expires_at) VALUES (?, ?, ?)"
            " ON CONFLICT (token) DO UPDATE SET expires_at = max(expires_at, excluded.expires_at)",
            (bytes.fromhex(token_sha256), visitor_id, expires_at),
        )

    def of_session(self, account: str, token_sha256: str, at: Millis) -> Visitor | None:
        return self._one(
            " WHERE account = ? AND id = (SELECT visitor_id FROM visitor_sessions WHERE token = ? AND expires_at > ?)",
            (account, bytes.fromhex(token_sha256), at),
        )

    def close_session(self, token_sha256: str) -> bool:
        done = self._db.writer.execute("DELETE FROM visitor_sessions WHERE token = ?", (bytes.fromhex(token_sha256),))
        return done.rowcount > 0

    def forget_sessions(self, before: Millis, limit: int) -> int:
        done = self._db.writer.execute(
            "DELETE FROM visitor_sessions WHERE token IN"
            " (SELECT token FROM visitor_sessions WHERE expires_at < ? LIMIT ?)",
            (before, limit),
        )
        return done.rowcount

    def drop(self, id: int) -> bool:
        done = self._db.writer.execute(
            "DELETE FROM visitors WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM chats WHERE visitor_id = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM callbacks WHERE visitor_id = ?1)",
            (id,),
        )
        return done.rowcount > 0

    def prune(self, before: Millis, refused_since: Millis, limit: int) -> int:
        done = self._db.writer.execute(
            "DELETE FROM visitors WHERE id IN (SELECT id FROM visitors v WHERE last_seen_at < ?"
            " AND NOT EXISTS (SELECT 1 FROM chats WHERE visitor_id = v.id)"
            " AND NOT EXISTS (SELECT 1 FROM invitations WHERE visitor_id = v.id AND state = 'refused'"
            "  AND decided_at >= ?)"
            " AND id NOT IN (SELECT visitor_id FROM callbacks WHERE visitor_id IS NOT NULL)"
            " ORDER BY last_seen_at LIMIT ?)",
            (before, refused_since, limit),
        )
        return done.rowcount


class SqliteChats:
    """See `desk.store.base.Chats`."""

    def __init__(self, db: Database, messages: Callable[[Sequence[int]], list[Message]]) -> None:
        self._db = db
        self._messages = messages

    def begin(self, chat: Chat) -> None:
        self._db.writer.execute(
            "INSERT INTO chats (conversation_id, visitor_id, account, state, began_at) VALUES (?, ?, ?, ?, ?)",
            (chat.conversation_id, chat.visitor_id, chat.account, chat.state, chat.began_at),
        )
        self._note(chat.conversation_id)

    def newest_of(self, visitor_id: int) -> Chat | None:
        return self._one(" WHERE visitor_id = ? ORDER BY conversation_id DESC LIMIT 1", (visitor_id,))

    def within(self, conversation_id: int) -> Chat | None:
        return self._one(
            " WHERE conversation_id IN (SELECT id FROM here) ORDER BY conversation_id DESC LIMIT 1",
            (conversation_id,),
            _MERGED_HERE,
        )

    def _one(self, where: str, values: tuple[object, ...], beginning: str = "") -> Chat | None:
        row = self._db.reader.execute(f"{beginning} {_CHAT}{where}", values).fetchone()
        return None if row is None else _chat(row)

    def advance(self, conversation_id: int, expect: Sequence[ChatState], state: ChatState, at: Millis) -> bool:
        column = {"waiting": "began_at", "active": "answered_at", "ended": "ended_at"}[state]
        done = self._db.writer.execute(
            f"UPDATE chats SET state = ?, {column} = ? WHERE conversation_id = ? AND state IN ({marks(expect)})",
            (state, at, conversation_id, *expect),
        )
        return self._noted(done.rowcount, conversation_id)

    def leave(self, conversation_id: int, at: Millis) -> bool:
        done = self._db.writer.execute(
            "UPDATE chats SET left_at = ? WHERE conversation_id = ? AND state = 'waiting' AND left_at IS NULL",
            (at, conversation_id),
        )
        return self._noted(done.rowcount, conversation_id)

    def come_back(self, conversation_id: int) -> bool:
        done = self._db.writer.execute(
            "UPDATE chats SET left_at = NULL WHERE conversation_id = ? AND state = 'waiting' AND left_at IS NOT NULL",
            (conversation_id,),
        )
        return self._noted(done.rowcount, conversation_id)

    def mark(self, conversation_id: int, *, delivered: int = 0, read: int = 0) -> bool:
        done = self._db.writer.execute(
            "UPDATE chats SET delivered = max(delivered, ?1, ?2), read = max(read, ?2)"
            " WHERE conversation_id = ?3 AND (delivered < max(?1, ?2) OR read < ?2)",
            (delivered, read, conversation_id),
        )
        return self._noted(done.rowcount, conversation_id)

    def rate(self, conversation_id: int, rating: int, comment: str) -> bool:
        done = self._db.writer.execute(
            "UPDATE chats SET rating = ?, comment = ? WHERE conversation_id = ?", (rating, comment, conversation_id)
        )
        return self._noted(done.rowcount, conversation_id)

    def _noted(self, changed: int, conversation_id: int) -> bool:
        if changed > 0:
            self._note(conversation_id)
        return changed > 0

    def _note(self, conversation_id: int) -> None:
        self._db.note("chat", conversation_id, conversation_id)

    def waiting(self, account: str, limit: int = 1_000) -> list[tuple[int, int]]:
        return self._db.reader.execute(
            "SELECT conversation_id, visitor_id FROM chats WHERE account = ? AND state = 'waiting'"
            " ORDER BY began_at, conversation_id LIMIT ?",
            (account, limit),
        ).fetchall()

    def unanswered(self, since: Millis, limit: int = 10_000) -> list[int]:
        rows = self._db.reader.execute(
            "SELECT visitor_id FROM chats WHERE state = 'waiting' AND began_at >= ? AND left_at IS NULL LIMIT ?",
            (since, limit),
        )
        return [id for (id,) in rows.fetchall()]

    def waits(self, account: str, since: Millis, limit: int) -> list[Wait]:
        rows = self._db.reader.execute(_WAITS, (account, since, limit)).fetchall()
        return [
            Wait(began_at=began, answered_at=answered, left_at=left, agent_id=agent)
            for began, answered, left, agent in rows
        ]

    def of_agent(self, agent_id: int, limit: int = 50) -> list[tuple[Chat, Talk]]:
        talks = (_talk(row) for row in self._db.reader.execute(_TALKS, (agent_id, limit)).fetchall())
        found = [(self.within(talk.conversation_id), talk) for talk in talks]
        return [
            (chat, replace(talk, state=chat.state))
            for chat, talk in found
            if chat is not None and chat.state != "ended"
        ]

    def turn(self, conversation_id: int, was: Channel, to: Channel, address: str = "") -> bool:
        done = self._db.writer.execute(
            "UPDATE conversations SET channel = ?3, rev = rev + 1,"
            " customer_address = CASE ?4 WHEN '' THEN customer_address ELSE ?4 END"
            " WHERE id = ?1 AND channel = ?2",
            (conversation_id, was, to, address),
        )
        if done.rowcount > 0:
            self._db.note("conversation", conversation_id, conversation_id)
        return done.rowcount > 0

    def occupying(self, since: Millis) -> list[tuple[int, int | None]]:
        return self._db.reader.execute(
            "SELECT DISTINCT c.id, c.assignee_id FROM chats h INDEXED BY chats_under_way"
            " CROSS JOIN conversations c ON c.id = h.conversation_id"
            " WHERE h.state IN ('waiting', 'active') AND c.state IN ('open', 'waiting') AND c.last_at >= ?",
            (since,),
        ).fetchall()

    def hand_over(self, conversation_id: int, visitor_id: int, where: int) -> None:
        write = self._db.writer.execute
        write(
            "INSERT INTO chat_lines (visitor_id, seq, message_id, client_id)"
            " SELECT ?2, (SELECT ifnull(max(seq), 0) FROM chat_lines WHERE visitor_id = ?2)"
            "  + row_number() OVER (ORDER BY l.seq), l.message_id, l.client_id"
            " FROM chat_lines l JOIN chats c ON c.visitor_id = l.visitor_id"
            " JOIN messages m ON m.id = l.message_id"
            " WHERE c.conversation_id = ?1 AND c.visitor_id <> ?2 AND m.conversation_id = ?3",
            (conversation_id, visitor_id, where),
        )
        write(
            "DELETE FROM chat_lines WHERE visitor_id = (SELECT visitor_id FROM chats WHERE conversation_id = ?1)"
            " AND visitor_id <> ?2 AND message_id IN (SELECT message_id FROM chat_lines WHERE visitor_id = ?2)",
            (conversation_id, visitor_id),
        )
        write(
            "UPDATE chats SET visitor_id = ?2, delivered = 0, read = 0 WHERE conversation_id = ?1",
            (conversation_id, visitor_id),
        )
        self._note(conversation_id)

    # --- what is said -------------------------------------------------------------------------------------

    def add_line(self, visitor_id: int, message_id: int, client_id: str = "") -> int:
        [seq] = self._db.writer.execute(
            "INSERT INTO chat_lines (visitor_id, seq, message_id, client_id)"
            " SELECT ?1, ifnull(max(seq), 0) + 1, ?2, ?3 FROM chat_lines WHERE visitor_id = ?1 RETURNING seq",
            (visitor_id, message_id, client_id),
        ).fetchone()
        return int(seq)

    def line_of(self, visitor_id: int, client_id: str) -> int | None:
        row = self._db.reader.execute(
            "SELECT message_id FROM chat_lines WHERE visitor_id = ? AND client_id = ? AND client_id <> ''",
            (visitor_id, client_id),
        ).fetchone()
        return None if row is None else row[0]

    def attention(self, visitor_id: int, conversation_id: int) -> tuple[str, int]:
        [rep, seen] = self._db.reader.execute(
            "SELECT (SELECT m.agent_name FROM chat_lines l JOIN messages m ON m.id = l.message_id"
            "  WHERE l.visitor_id = ?1 AND m.direction = 'out' ORDER BY l.seq DESC LIMIT 1),"
            " (SELECT max(seq) FROM chat_lines WHERE visitor_id = ?1 AND message_id <="
            "  (SELECT max(abs(message_id)) FROM reads WHERE conversation_id = ?2))",
            (visitor_id, conversation_id),
        ).fetchone()
        return rep or "", seen or 0

    def lines(self, visitor_id: int, after: int = 0, limit: int = 200) -> list[Line]:
        rows = self._db.reader.execute(
            "SELECT seq, client_id, message_id FROM chat_lines WHERE visitor_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            (visitor_id, after, limit),
        ).fetchall()
        found = {message.id: message for message in self._messages([row[2] for row in rows])} if rows else {}
        return [Line(seq=seq, client_id=name, message=found[id]) for seq, name, id in rows if id in found]


def _talk(row: tuple[Any, ...]) -> Talk:
    id, name, said_at, waiting_since, due_at, unread = row
    return Talk(
        conversation_id=id,
        name=name,
        state="active",
        unread=unread,
        said_at=said_at,
        waiting_since=waiting_since,
        due_at=due_at,
    )


def _chat(row: tuple[Any, ...]) -> Chat:
    conversation_id, visitor_id, account, state, began_at, answered_at, ended_at, left_at, *marks_and_rating = row
    delivered, read, rating, said = marks_and_rating
    return Chat(
        conversation_id=conversation_id,
        visitor_id=visitor_id,
        account=account,
        state=state,
        began_at=began_at,
        answered_at=answered_at,
        ended_at=ended_at,
        left_at=left_at,
        delivered=delivered,
        read=read,
        rating=rating,
        comment=said,
    )
