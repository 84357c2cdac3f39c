"""Which conversations have a text in their row of the list, as somebody types it letter by letter."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from desk.store.sqlite.connection import Database
from desk.store.sqlite.fulltext import like
from desk.store.sqlite.words import bare

FEW = 5_000
"""Conversations that are looked up and sorted rather than walked to."""
_REMEMBERED = 32

_ALL = "SELECT conversation_id FROM haystacks WHERE text LIKE ? ESCAPE '\\'"
_SOME = (
    "SELECT conversation_id FROM haystacks WHERE text LIKE ? ESCAPE '\\' AND conversation_id IN"
    " (SELECT value FROM json_each(?) UNION SELECT conversation_id FROM changes WHERE seq > ?)"
)


class Rows:
    """Remembers what was found of late: a longer text can only be there, or in what has changed since."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._found: OrderedDict[str, tuple[int, str]] = OrderedDict()
        """Up to which change, and the ids as JSON."""
        self._turn = Lock()

    def with_text(self, text: str) -> list[int] | None:
        """The ids, or None if they are more than `FEW`."""
        reader, folded = self._db.reader, bare(text)
        [seq] = reader.execute("SELECT ifnull(max(seq), 0) FROM changes").fetchone()
        known = None if self._db.writing else self._shorter(folded)
        question, values = (_ALL, ()) if known is None else (_SOME, (known[1], known[0]))
        rows = reader.execute(f"{question} LIMIT {FEW + 1}", (like(text), *values)).fetchall()
        if len(rows) > FEW:
            return None
        ids = [id for (id,) in rows]
        if not self._db.writing:
            self._remember(folded, seq, ids)
        return ids

    def knows(self, text: str) -> bool:
        """Whether few are left that can have it."""
        return not self._db.writing and self._shorter(bare(text)) is not None

    def _shorter(self, text: str) -> tuple[int, str] | None:
        with self._turn:
            within = [known for known in self._found if known in text]
            return self._found[max(within, key=len)] if within else None

    def _remember(self, text: str, seq: int, ids: list[int]) -> None:
        with self._turn:
            self._found[text] = (seq, f"[{','.join(map(str, ids))}]")
            self._found.move_to_end(text)
            while len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
