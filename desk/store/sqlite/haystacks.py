"""Which conversations have a text in their row of the list, as somebody types it letter by letter.

The texts are short and asked for at each letter, so they are kept in memory, some 200 bytes a conversation, and
brought up to date from `changes`. What was found of late is remembered: a longer text can only be there.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from desk.store.sqlite.connection import Database
from desk.store.sqlite.fulltext import like
from desk.store.sqlite.rows import marks, portions
from desk.store.sqlite.words import bare

TEXTS_AT_MOST = 400_000
"""Of a larger store each letter is looked for in the table."""
_FELT = 5_000
"""To read fewer takes some milliseconds."""
_REMEMBERED = 32
_CHANGED_AT_MOST = 20_000
"""If more has changed, all is read again."""

_LIKE = "SELECT conversation_id FROM haystacks WHERE text LIKE ? ESCAPE '\\'"


class Rows:
    """The rows of all conversations as texts, for every thread."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._texts: dict[int, str] = {}
        self._upto = 0
        """The change that the texts are as of; 0 before they were read."""
        self._found: OrderedDict[str, set[int]] = OrderedDict()
        """By folded text. A set that was handed out is never changed."""
        self._turn = Lock()

    def texts(self) -> Mapping[int, str] | None:
        """Every conversation's, folded; None inside a transaction, and if they are too many to be kept."""
        if self._db.writing:
            return None
        with self._turn:
            self._catch_up(self._db.reader)
        return self._texts or None

    def warm(self) -> None:
        """Read the texts before somebody asks, if they are so many that the first letter would wait."""
        some = self._db.reader.execute("SELECT count(*) FROM (SELECT 1 FROM haystacks LIMIT ?)", (_FELT,))
        if some.fetchone()[0] == _FELT:
            self.texts()

    def with_text(self, text: str, among: set[int] | None = None) -> set[int]:
        """The ids of all that have it, of these or of all."""
        reader, folded = self._db.reader, bare(text)
        if self._db.writing:
            return {id for (id,) in reader.execute(_LIKE, (like(text),))}
        with self._turn:
            self._catch_up(reader)
            if not self._texts:
                return {id for (id,) in reader.execute(_LIKE, (like(text),))}
            if among is not None and folded not in self._found:
                return {id for id in among if folded in self._texts.get(id, "")}
            return self._in_texts(folded)

    def _in_texts(self, folded: str) -> set[int]:
        if folded not in self._found:
            texts = self._texts
            within = [known for known in self._found if known in folded]
            if within:
                candidates = self._found[max(within, key=len)]
                found = {id for id in candidates if folded in texts[id]}
            else:
                found = {id for id, text in texts.items() if folded in text}
            self._found[folded] = found
            if len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
        self._found.move_to_end(folded)
        return self._found[folded]

    # --- keeping up ---------------------------------------------------------------------------------------

    def _catch_up(self, reader: sqlite3.Connection) -> None:
        newest, oldest = reader.execute(
            "SELECT ifnull((SELECT max(seq) FROM changes), 0), ifnull((SELECT min(seq) FROM changes), 0)"
        ).fetchone()
        if newest == self._upto:
            return
        changed = reader.execute(
            "SELECT DISTINCT id FROM changes WHERE seq > ? AND kind = 'conversation' LIMIT ?",
            (self._upto, _CHANGED_AT_MOST + 1),
        ).fetchall()
        if self._upto < max(oldest - 1, 1) or len(changed) > _CHANGED_AT_MOST:
            self._read_all(reader)
        else:
            self._read_again(reader, [id for (id,) in changed])
        self._upto = newest

    def _read_all(self, reader: sqlite3.Connection) -> None:
        self._found.clear()
        rows = reader.execute("SELECT conversation_id, text FROM haystacks LIMIT ?", (TEXTS_AT_MOST + 1,))
        self._texts = dict(rows)
        if len(self._texts) > TEXTS_AT_MOST:
            self._texts = {}

    def _read_again(self, reader: sqlite3.Connection, ids: list[int]) -> None:
        for some in portions(ids):
            rows = reader.execute(
                f"SELECT conversation_id, text FROM haystacks WHERE conversation_id IN ({marks(some)})", some
            )
            for id, text in rows:
                if self._texts.get(id) != text:
                    self._texts[id] = text
                    self._find_again(id, text)

    def _find_again(self, id: int, text: str) -> None:
        for known, found in self._found.items():
            if (known in text) != (id in found):
                self._found[known] = found ^ {id}
