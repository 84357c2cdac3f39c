"""What visitors asked, what they opened for it, and what answered it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from desk.clock import Millis
from desk.model import ArticleCounts, Ask, Happening, HappeningKind, LearnedQuestion
from desk.store.sqlite.connection import Database

_ASK = (
    "SELECT a.id, a.at, a.page, a.language, a.words, a.found, count(o.slug),"
    " ifnull(sum(o.verdict = 1), 0), ifnull(sum(o.verdict = -1), 0), a.person"
    " FROM asks a LEFT JOIN ask_articles o ON o.ask_id = a.id"
)
_COUNTED = (
    "INSERT INTO article_counts (slug, page, month, opened, solved, unsolved) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET opened = opened + excluded.opened, solved = solved + excluded.solved,"
    " unsolved = unsolved + excluded.unsolved"
)
_LEARNED = (
    "INSERT INTO learned_questions (slug, words, count, last_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)"
)


class SqliteSelfHelp:
    """See `desk.store.base.SelfHelp`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def ask(self, ask: Ask) -> None:
        is_new = self._db.writer.execute("SELECT 1 FROM asks WHERE id = ?", (ask.id,)).fetchone() is None
        self._db.writer.execute(
            "INSERT INTO asks (id, at, page, language, words, found, person) VALUES (?, ?, ?, ?, ?, ?, 0)"
            " ON CONFLICT (id) DO UPDATE SET at = excluded.at, page = excluded.page, language = excluded.language,"
            " words = excluded.words, found = excluded.found"
            " WHERE NOT EXISTS (SELECT 1 FROM ask_articles WHERE ask_id = excluded.id)",
            (ask.id, ask.at, ask.page, ask.language, ask.words, ask.found),
        )
        if is_new:
            self._happened("asked", ask.at)

    def get(self, id: int) -> Ask | None:
        row = self._db.reader.execute(f"{_ASK} WHERE a.id = ? GROUP BY a.id", (id,)).fetchone()
        return None if row is None else _ask(row)

    def opened(self, id: int, slug: str) -> bool:
        done = self._db.writer.execute(
            "INSERT OR IGNORE INTO ask_articles (ask_id, slug, verdict) SELECT id, ?, 0 FROM asks WHERE id = ?",
            (slug, id),
        )
        if done.rowcount < 1:
            return False
        self._count(id, slug, opened=1)
        return True

    def judged(self, id: int, slug: str, *, solved: bool, at: Millis) -> bool:
        with self._noticing_help(id):
            return self._judged(id, slug, solved=solved, at=at)

    def _judged(self, id: int, slug: str, *, solved: bool, at: Millis) -> bool:
        verdict = 1 if solved else -1
        row = self._db.writer.execute(
            "SELECT verdict FROM ask_articles WHERE ask_id = ? AND slug = ?", (id, slug)
        ).fetchone()
        done = self._db.writer.execute(
            "UPDATE ask_articles SET verdict = ? WHERE ask_id = ? AND slug = ? AND verdict <> ?",
            (verdict, id, slug, verdict),
        )
        if done.rowcount < 1:
            return False
        before = row[0]
        self._count(id, slug, solved=int(solved) - int(before == 1), unsolved=int(not solved) - int(before == -1))
        [words] = self._db.writer.execute("SELECT words FROM asks WHERE id = ?", (id,)).fetchone()
        if words:
            self._db.writer.execute(_LEARNED, (slug, words, verdict - before, at))
        return True

    def _count(self, id: int, slug: str, *, opened: int = 0, solved: int = 0, unsolved: int = 0) -> None:
        page, at = self._db.writer.execute("SELECT page, at FROM asks WHERE id = ?", (id,)).fetchone()
        self._db.writer.execute(_COUNTED, (slug, page, _month(at), opened, solved, unsolved))

    def to_person(self, id: int) -> bool:
        with self._noticing_help(id):
            done = self._db.writer.execute("UPDATE asks SET person = 1 WHERE id = ? AND person = 0", (id,))
        return done.rowcount > 0

    @contextmanager
    def _noticing_help(self, id: int) -> Iterator[None]:
        """Tell the log whether an article has answered an ask by then, or no longer has.

        It counts for the time of the ask: a share of what was asked that day is of the same questions.
        """
        before = self._helped(id)
        yield
        after = self._helped(id)
        if before is not None and after is not None and before[1] != after[1]:
            self._happened("helped", after[0], after[1] - before[1])

    def _helped(self, id: int) -> tuple[Millis, int] | None:
        """When it was asked, and 1 if an article answered it."""
        found: tuple[Millis, int] | None = self._db.writer.execute(
            "SELECT at, NOT person AND EXISTS (SELECT 1 FROM ask_articles WHERE ask_id = id AND verdict = 1)"
            " FROM asks WHERE id = ?",
            (id,),
        ).fetchone()
        return found

    def _happened(self, kind: HappeningKind, at: Millis, value: int | None = None) -> None:
        self._db.transaction.happened.append(Happening(at=at, kind=kind, value=value))

    def counts(self, since: Millis = 0, page: str | None = None) -> dict[str, ArticleCounts]:
        where, values = ("", ()) if page is None else (" AND page = ?", (page,))
        rows = self._db.reader.execute(
            "SELECT slug, sum(opened), sum(solved), sum(unsolved) FROM article_counts"
            f" WHERE month >= ?{where} GROUP BY slug",
            (_month(since), *values),
        )
        return {
            slug: ArticleCounts(slug=slug, opened=opened, solved=solved, unsolved=unsolved)
            for slug, opened, solved, unsolved in rows
        }

    def learned(self, *, limit: int = 20_000) -> list[LearnedQuestion]:
        rows = self._db.reader.execute(
            "SELECT slug, words, count FROM learned_questions WHERE count > 0"
            " ORDER BY count DESC, last_at DESC, slug, words LIMIT ?",
            (limit,),
        )
        return [LearnedQuestion(slug=slug, words=words, count=count) for slug, words, count in rows]

    def unanswered(self, since: Millis, *, limit: int = 20_000) -> list[Ask]:
        rows = self._db.reader.execute(
            f"{_ASK} WHERE a.at >= ? AND a.words <> '' GROUP BY a.id HAVING ifnull(sum(o.verdict = 1), 0) = 0"
            " ORDER BY a.at DESC, a.id LIMIT ?",
            (since, limit),
        )
        return [_ask(row) for row in rows]

    def move(self, slug: str, to: str) -> None:
        if slug == to:
            return
        writer = self._db.writer
        writer.execute(
            "INSERT INTO article_counts (slug, page, month, opened, solved, unsolved)"
            " SELECT ?, page, month, opened, solved, unsolved FROM article_counts WHERE slug = ?"
            " ON CONFLICT DO UPDATE SET opened = opened + excluded.opened, solved = solved + excluded.solved,"
            " unsolved = unsolved + excluded.unsolved",
            (to, slug),
        )
        writer.execute(
            "INSERT INTO learned_questions (slug, words, count, last_at)"
            " SELECT ?, words, count, last_at FROM learned_questions WHERE slug = ?"
            " ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)",
            (to, slug),
        )
        writer.execute("DELETE FROM article_counts WHERE slug = ?", (slug,))
        writer.execute("DELETE FROM learned_questions WHERE slug = ?", (slug,))
        writer.execute("UPDATE OR IGNORE ask_articles SET slug = ? WHERE slug = ?", (to, slug))

    def forget_before(self, at: Millis, counts: Millis, limit: int) -> int:
        writer = self._db.writer
        dropped = writer.execute(
            "DELETE FROM asks WHERE id IN (SELECT id FROM asks WHERE at < ? ORDER BY at LIMIT ?)", (at, limit)
        ).rowcount
        dropped += writer.execute("DELETE FROM learned_questions WHERE last_at < ? AND count < 2", (at,)).rowcount
        return dropped + writer.execute("DELETE FROM article_counts WHERE month < ?", (_month(counts),)).rowcount


def _ask(row: tuple[int, int, str, str, str, int, int, int, int, int]) -> Ask:
    id, at, page, language, words, found, opened, solved, unsolved, person = row
    return Ask(
        id=id,
        at=at,
        page=page,
        language=language,
        words=words,
        found=found,
        opened=opened,
        solved=solved > 0,
        unsolved=unsolved,
        person=bool(person),
    )


def _month(at: Millis) -> int:
    """`202601` of an instant, UTC."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return moment.year * 100 + moment.month
