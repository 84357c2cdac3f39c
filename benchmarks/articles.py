"""Help articles: 5,000 of them searched letter by letter, and how often the first that is found is the right one.

Speed: titles of five words, three questions of six, texts of 120, from 8,000 words that occur as words do (Zipf), two
languages, and 10,000 questions that articles have answered; searches are questions of one to eight of these words, some
mistyped, typed to the end. "In the server": found and excerpts made. "Over the socket": into the client's objects.

Quality: banking77 (PolyAI, CC BY 4.0), 10,003 questions of customers on 77 topics. Each topic is an article whose title
is the topic's name, with no text. Of each topic's questions a fifth, drawn by chance (seed 77) is held back; of the
others some or all are what visitors asked and the article answered. The held-back ones are then asked whole, each once;
a hit is the right article in the first place. Constants of the search were chosen on a fifth of the others, never on
what is held back. For comparison the same titles and questions in SQLite's FTS5, any of the words, ranked by bm25: one
row an article, and one row a question (the article of the best row counts).
"""

from __future__ import annotations

import asyncio
import csv
import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.answers import all_words, figure, queries, some_words, timed
from benchmarks.corpora import Absent, unpack
from desk.articles.files import Folder
from desk.articles.index import Index
from desk.articles.words import words as words_of
from desk.model import Article, LearnedQuestion
from tests.servers.desk import DeskServer

Asked = tuple[str, str]
"""Words, and the topic they are about."""

ARTICLES = 5_000
LEARNED = 10_000
CORPUS = "faq-banking77-train"
HELD_BACK = 0.2
LEVELS = (0, 1, 5, 20)


def run() -> Iterator[tuple[str, str]]:
    """Yield each figure with its name."""
    yield from _speed()
    try:
        with tempfile.TemporaryDirectory() as folder:
            asked = _questions(unpack(CORPUS, Path(folder)))
    except Absent as absent:
        yield "banking77", f"not measured: {absent}"
        return
    yield from _quality(*_split(asked))


# --- speed -----------------------------------------------------------------------------------------------


def _speed() -> Iterator[tuple[str, str]]:
    dice = random.Random(12)
    vocabulary = all_words(dice)
    with DeskServer() as server:
        root = server.home.folder / "articles"
        _write(root, dice, vocabulary)
        folder = Folder(root)
        reading, snapshot = timed(folder.scan)
        yield f"{ARTICLES:,} articles read from disk, ms", f"{reading * 1e3:,.0f}"
        yield "  looked at again, nothing changed, ms", f"{timed(lambda: folder.scan(snapshot))[0] * 1e3:,.0f}"
        articles = list(snapshot.documents.values())
        learned = [
            LearnedQuestion(slug=dice.choice(articles).slug, words=some_words(dice, vocabulary, 6), count=1)
            for _ in range(LEARNED)
        ]
        making, index = timed(lambda: Index(articles, learned))
        yield f"  made searchable, with {LEARNED:,} learned questions, ms", f"{making * 1e3:,.0f}"
        yield "  made anew after one solved, ms", f"{timed(lambda: Index(articles, learned[1:], index))[0] * 1e3:,.0f}"
        typed = [*queries(dice, vocabulary), *_long(dice, vocabulary)]
        yield figure("a letter typed, in the server", [timed(lambda q=q: index.search(q))[0] for q in typed])
        server.start()
        yield figure("a letter typed, over the socket", asyncio.run(_over_the_socket(server, typed)))


async def _over_the_socket(server: DeskServer, typed: Sequence[str]) -> list[float]:
    import time

    seconds = []
    async with server.client("mia") as client:
        await client.articles("warm")
        for text in typed:
            started = time.perf_counter()
            await client.articles(text)
            seconds.append(time.perf_counter() - started)
    return seconds


def _long(dice: random.Random, vocabulary: list[str]) -> Iterator[str]:
    for _ in range(20):
        text = some_words(dice, vocabulary, dice.randint(4, 8))
        yield from (text[:end] for end in range(1, len(text) + 1, 2))


def _write(root: Path, dice: random.Random, vocabulary: list[str]) -> None:
    for number in range(ARTICLES):
        file = root / f"topic-{number % 50}" / f"article-{number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        questions = ", ".join(f'"{some_words(dice, vocabulary, 6)}?"' for _ in range(3))
        title = some_words(dice, vocabulary, 5)
        matter = f'title = "{title}"\nlanguage = "{("en", "de")[number % 2]}"\nquestions = [{questions}]'
        text = "\n\n".join(some_words(dice, vocabulary, 30) for _ in range(4))
        file.write_text(f"+++\n{matter}\n+++\n\n{text}\n")


# --- quality ---------------------------------------------------------------------------------------------


def _questions(folder: Path) -> list[Asked]:
    [file] = folder.rglob("train.csv")
    with file.open(encoding="utf-8", newline="") as text:
        return [(row["text"], row["category"]) for row in csv.DictReader(text)]


def _split(asked: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """What was asked and answered before, and what is held back."""
    dice = random.Random(77)
    by_topic: dict[str, list[Asked]] = {}
    for each in asked:
        by_topic.setdefault(each[1], []).append(each)
    before: list[Asked] = []
    held: list[Asked] = []
    for _, theirs in sorted(by_topic.items()):
        dice.shuffle(theirs)
        count = round(len(theirs) * HELD_BACK)
        held += theirs[:count]
        before += theirs[count:]
    return before, held


def _quality(before: Sequence[Asked], held: Sequence[Asked]) -> Iterator[tuple[str, str]]:
    topics = sorted({topic for _, topic in before})
    yield "banking77: topics, questions answered before, held back", f"{len(topics)}, {len(before):,}, {len(held):,}"
    for level in (*LEVELS, len(before)):
        known = _first(before, level)
        said = "all" if level == len(before) else str(level)
        index = _desk(topics, known)
        yield (
            f"first answer right, {said} questions answered before an article, %",
            f"{_hits(held, lambda text, n, index=index: _asked(index, text, n), 1):.1f}"
            f" (among the first three {_hits(held, lambda text, n, index=index: _asked(index, text, n), 3):.1f})"
            f"  plain full text: {_hits(held, _by_article(topics, known), 1):.1f} a row an article, "
            f"{_hits(held, _by_question(topics, known), 1):.1f} a row a question",
        )


def _first(before: Sequence[Asked], level: int) -> list[Asked]:
    """So many of each topic."""
    count: dict[str, int] = {}
    kept = []
    for each in before:
        count[each[1]] = count.get(each[1], 0) + 1
        if count[each[1]] <= level:
            kept.append(each)
    return kept


def _title(topic: str) -> str:
    return topic.replace("_", " ")


def _desk(topics: Sequence[str], known: Sequence[Asked]) -> Index:
    articles = [Article(slug=topic, title=_title(topic), body="") for topic in topics]
    return Index(articles, [LearnedQuestion(slug=topic, words=text, count=1) for text, topic in known])


def _asked(index: Index, text: str, limit: int) -> list[str]:
    return [hit.article.slug for hit in index.search(text, limit=limit, typing=False)]


def _by_article(topics: Sequence[str], known: Sequence[Asked]) -> Callable[[str, int], list[str]]:
    texts = {topic: [_title(topic)] for topic in topics}
    for text, topic in known:
        texts[topic].append(text)
    return _full_text([(topic, "\n".join(lines)) for topic, lines in texts.items()])


def _by_question(topics: Sequence[str], known: Sequence[Asked]) -> Callable[[str, int], list[str]]:
    return _full_text([*((topic, _title(topic)) for topic in topics), *((topic, text) for text, topic in known)])


def _full_text(rows: Sequence[tuple[str, str]]) -> Callable[[str, int], list[str]]:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE plain USING fts5 (topic UNINDEXED, text, tokenize='porter unicode61')")
    db.executemany("INSERT INTO plain VALUES (?, ?)", rows)

    def find(text: str, limit: int) -> list[str]:
        query = " OR ".join(f'"{word}"' for word in words_of(text))
        found = db.execute("SELECT topic FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT ?", (query, limit))
        return [topic for (topic,) in found]

    return find


def _hits(held: Sequence[Asked], find: Callable[[str, int], list[str]], limit: int) -> float:
    return 100 * sum(topic in find(text, limit) for text, topic in held) / len(held)
