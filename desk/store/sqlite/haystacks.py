"""Which conversations have a text in their row of the list, as somebody types it letter by letter.

The texts are short and asked for at each letter, so they are kept in memory, some 200 bytes a conversation, and
brought up to date from `changes`. What was found of late is remembered: a longer text can only be there.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from itertools import islice
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

_SAMPLE = 500
"""Texts that tell which of several words is the rarest."""

_LIKE = "SELECT conversation_id FROM haystacks WHERE"

Words = frozenset[str]
"""Folded texts, which all occur."""


class Rows:
    """The rows of all conversations as texts, for every thread."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._texts: dict[int, str] = {}
        self._upto = 0
        """The change that the texts are as of; 0 before they were read."""
        self._found: OrderedDict[Words, set[int]] = OrderedDict()
        """By what was looked for. A set that was handed out is never changed."""
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

    def with_all(self, texts: Collection[str], among: set[int] | None = None) -> set[int]:
        """The ids of all rows that have each of these texts, at least one; perhaps only of `among`."""
        reader, words = self._db.reader, frozenset(map(bare, texts))
        if self._db.writing:
            return _in_table(reader, texts)
        with self._turn:
            self._catch_up(reader)
            if not self._texts:
                return _in_table(reader, texts)
            if among is not None and words not in self._found:
                return _having(self._texts, among & self._texts.keys(), words)
            return self._in_texts(words)

    def _in_texts(self, words: Words) -> set[int]:
        if words not in self._found:
            known = [ids for other, ids in self._found.items() if _narrows(words, other)]
            among = min(known, key=len, default=None)
            texts = self._texts
            if among is not None and len(among) < len(texts) // 2:
                found = _having(texts, among, words)
            else:
                found = _everywhere(texts, words)
            self._found[words] = found
            if len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
        self._found.move_to_end(words)
        return self._found[words]

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
        for words, found in self._found.items():
            if all(word in text for word in words) != (id in found):
                self._found[words] = found ^ {id}


def _narrows(words: Words, other: Words) -> bool:
    """Whether what has the words can only be among what has the others."""
    return all(any(part in word for word in words) for part in other)


def _everywhere(texts: Mapping[int, str], words: Words) -> set[int]:
    """Those that have all words; the rarest is looked for first."""
    sample = list(islice(texts.values(), _SAMPLE)) if len(words) > 1 else ()
    rarest, *others = sorted(words, key=lambda word: sum(word in text for text in sample))
    return _having(texts, {id for id, text in texts.items() if rarest in text}, others)


def _having(texts: Mapping[int, str], among: set[int], words: Iterable[str]) -> set[int]:
    """Those of `among` that have all words, one word after the other: that is the quickest."""
    for word in words:
        among = {id for id in among if word in texts[id]}
    return among


def _in_table(reader: sqlite3.Connection, texts: Collection[str]) -> set[int]:
    conditions = " AND ".join("text LIKE ? ESCAPE '\\'" for _ in texts)
    return {id for (id,) in reader.execute(f"{_LIKE} {conditions}", tuple(map(like, texts)))}
