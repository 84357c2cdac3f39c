"""Finding the article that answers a question, while it is typed.

An article's weights for words, pairs and pieces (`profile`) are taken for what a question to it is likely made of: a
multinomial language model with a uniform prior for what it has never been asked (Zhai and Lafferty, *A study of
smoothing methods for language models*, 2004), each word of the question counting by its rarity. That costs no more
than bm25, needs no training, and improves with each question that an article has answered.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import nlargest
from itertools import accumulate
from math import inf, log
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from desk.articles.profile import Profile, plain, profile
from desk.articles.words import STEM, pairs, pieces, stem, words
from desk.model import Article, ArticleHit, LearnedQuestion
from desk.text import line

WORDS_AT_MOST = 40
"""Of a search; the rest is not looked at."""
_PRIOR_TOTAL = 600.0
_WORK = 60_000
"""Entries looked at for one search, the rarest words first: some 5 ms."""
_ENDS_AT_MOST = 40
"""Words that a word which is not finished may become."""
_SLIP_FROM = 4
_SLIP_ALIKE = 0.7
_SLIPS_AT_MOST = 4
_FITS = 0.2
"""The share of a question, by rarity, that has to be in an article which is found for it."""
_UNKNOWN = 0.3
"""What a word that no article holds is worth, of what one is that a single article holds: most are small words."""
_FOREIGN = 0.6
"""What an article in another language than the reader's is put back by."""
_LAST = "\U0010ffff"


class Postings(NamedTuple):
    """Numbers of articles, ascending, and how much better each fits for having the word."""

    numbers: array[int]
    gains: array[float]


class _Wanted(NamedTuple):
    """A part of a question: what it is worth, and which articles have it."""

    worth: float
    found: Postings
    word: int
    """Which word of the question; -1: a pair or a piece."""


class Index:
    """All articles at one moment, never altered. `before`: an earlier one, of which is kept what is as it was."""

    def __init__(
        self,
        articles: Iterable[Article] = (),
        learned: Iterable[LearnedQuestion] = (),
        before: Index | None = None,
    ) -> None:
        self.articles = {article.slug: article for article in articles}
        self._list = list(self.articles.values())
        self._learned = _by_slug(learned, self.articles)
        self._profiles = {slug: self._profile(article, before) for slug, article in self.articles.items()}
        self._postings = _turned(list(self._profiles.values()))
        self._put_back = [log(1 + each.total / _PRIOR_TOTAL) for each in self._profiles.values()]
        self._stems = sorted(name for name in self._postings if " " not in name and not name.startswith("~"))
        self._siblings = _siblings(self._list)
        self._meant = lru_cache(maxsize=2_000)(self._slips)
        self._begun = lru_cache(maxsize=200)(self._ends)
        self._read = lru_cache(maxsize=1_000)(_paragraphs)
        self._back = lru_cache(maxsize=50)(self._put_back_for)

    def __len__(self) -> int:
        return len(self._list)

    def _profile(self, article: Article, before: Index | None) -> Profile:
        if before is not None and before.articles.get(article.slug) == article:
            learned = self._learned.get(article.slug)
            if before._learned.get(article.slug) == learned:
                return before._profiles[article.slug]
        return profile(article, self._learned.get(article.slug, ()))

    def search(
        self, text: str, *, language: str = "", limit: int = 10, drafts: bool = False, typing: bool = True
    ) -> list[ArticleHit]:
        """The articles that answer, best first. `typing`: the last word may be the beginning of one.

        Of an article that there is in several languages only that in the reader's is shown.
        """
        asked = words(text)[:WORDS_AT_MOST]
        if not asked or not self._list:
            return []
        open_end = typing and text[-1:].isalnum()
        wanted = list(self._wanted(asked, open_end))
        scores = self._scores(wanted, primary(language))
        best = nlargest(limit * 3 + 10, range(len(scores)), key=scores.__getitem__)
        fitting = [(scores[number], number) for number in best if self._fits(number, asked, wanted)]
        hits: dict[str, ArticleHit] = {}
        for score, number in fitting:
            article = self._in_language(self._list[number], language)
            if (drafts or not article.draft) and article.slug not in hits:
                hits[article.slug] = ArticleHit(
                    article=article, score=round(score, 4), excerpt=_excerpt(self._read(article.body), asked)
                )
        return list(hits.values())[:limit]

    def nearest(self, text: str) -> str:
        """The slug of the article that is found first for a whole question; empty if there is none."""
        hits = self.search(text, limit=1, typing=False)
        return hits[0].article.slug if hits else ""

    # --- what is wanted -----------------------------------------------------------------------------------

    def _wanted(self, asked: Sequence[str], open_end: bool) -> Iterator[_Wanted]:
        last = len(asked) - 1
        for at, word in enumerate(asked):
            open = open_end and at == last
            for found, sure in self._words(word, open=open):
                yield _Wanted(sure * self._rarity(len(found.numbers)), found, at)
            for piece in pieces(word, whole=not open):
                yield from self._part(piece)
        for pair in pairs(asked[:-1] if open_end and last else asked):
            if not pair.endswith("$") or not open_end:
                yield from self._part(pair)

    def _part(self, name: str) -> Iterator[_Wanted]:
        found = self._postings.get(name)
        if found is not None:
            yield _Wanted(self._rarity(len(found.numbers)), found, -1)

    def _words(self, word: str, *, open: bool) -> Iterator[tuple[Postings, float]]:
        """Where a word stands, or what it begins, or those it may be a slip of, and how surely."""
        name = stem(word)
        if open and len(name) < STEM:
            ends = self._begun(name)
            if ends is not None:
                yield ends, 1.0
                return
        if name in self._postings:
            yield self._postings[name], 1.0
            return
        for other, alike in self._meant(name):
            yield self._postings[other], alike

    def _ends(self, name: str) -> Postings | None:
        """Where words stand that begin so, the most frequent of them; None if there is none."""
        known = [self._postings[each] for each in self._beginning(name)]
        many = nlargest(_ENDS_AT_MOST, known, key=lambda each: len(each.numbers))
        work = list(accumulate(len(each.numbers) for each in many))
        return _joined(many[: max(1, bisect_left(work, _WORK // 4))]) if many else None

    def _slips(self, name: str) -> list[tuple[str, float]]:
        """The words that one may be a slip of: they begin with the same letter, or the first two are swapped."""
        if len(name) < _SLIP_FROM:
            return []
        known = [each for letter in dict.fromkeys(name[:2]) for each in self._beginning(letter)]
        scorer = OSA.normalized_similarity
        found = process.extract(name, known, scorer=scorer, score_cutoff=_SLIP_ALIKE, limit=_SLIPS_AT_MOST)
        return [(each, alike * alike) for each, alike, _ in found]

    def _beginning(self, letters: str) -> list[str]:
        at = bisect_left(self._stems, letters)
        return self._stems[at : bisect_left(self._stems, letters + _LAST, at)]

    def _rarity(self, holding: int) -> float:
        return log((len(self._list) + 1) / (holding + 0.5)) + 0.1

    # --- who has it ---------------------------------------------------------------------------------------

    def _scores(self, wanted: Sequence[_Wanted], tongue: str) -> list[float]:
        """How well each article fits, by its number; minus infinity: not at all."""
        sums = [0.0] * len(self._list)
        work, worth = 0, 0.0
        for each in sorted(wanted, key=lambda one: len(one.found.numbers)):
            numbers, gains = each.found
            work += len(numbers)
            if work > _WORK and worth:
                break
            value = each.worth
            worth += value
            for number, gain in zip(numbers, gains, strict=True):
                sums[number] += value * gain
        return [each / worth - back if each else -inf for each, back in zip(sums, self._back(tongue), strict=True)]

    def _put_back_for(self, tongue: str) -> list[float]:
        """What each article is put back by, for readers of a language: for its length, and for another language."""
        languages = (primary(article.language) for article in self._list)
        foreign = (_FOREIGN if tongue and theirs and theirs != tongue else 0.0 for theirs in languages)
        return [back + more for back, more in zip(self._put_back, foreign, strict=True)]

    def _fits(self, number: int, asked: Sequence[str], wanted: Sequence[_Wanted]) -> bool:
        """Whether enough of the question is in the article for it to be more than chance."""
        held = [0.0] * len(asked)
        worth = [_UNKNOWN * self._rarity(1)] * len(asked)
        for each in wanted:
            if each.word >= 0:
                worth[each.word] = max(worth[each.word], each.worth)
                if _holds(each.found.numbers, number):
                    held[each.word] = max(held[each.word], each.worth)
        return any(held) and sum(held) >= _FITS * sum(worth)

    def _in_language(self, article: Article, language: str) -> Article:
        if not language or primary(article.language) == primary(language):
            return article
        return self._siblings.get((_root(article), primary(language)), article)


def excerpt(body: str) -> str:
    """How a text begins, in a line."""
    return _excerpt(_paragraphs(body), ())


Paragraphs = Sequence[tuple[str, frozenset[str]]]
"""Each in a line, with its words."""


def _paragraphs(body: str) -> Paragraphs:
    lines = [tidy for each in plain(body).split("\n\n") if (tidy := line(each))]
    return [(each, frozenset(map(stem, words(each)))) for each in lines]


def _excerpt(paragraphs: Paragraphs, asked: Sequence[str], length: int = 160) -> str:
    """The paragraph that holds most of the words, else the first."""
    stems = frozenset(map(stem, asked))
    best, _ = max(paragraphs, key=lambda each: len(stems & each[1]), default=("", stems))
    return best if len(best) <= length else f"{best[: length - 1].rsplit(' ', 1)[0]}…"


def primary(language: str) -> str:
    """`pt` of `pt-BR` (BCP 47)."""
    return language.partition("-")[0].casefold()


def _turned(profiles: Sequence[Profile]) -> dict[str, Postings]:
    found: dict[str, Postings] = {}
    for number, each in enumerate(profiles):
        for name, gain in each.gains.items():
            entry = found.get(name)
            if entry is None:
                entry = found[name] = Postings(array("I"), array("f"))
            entry.numbers.append(number)
            entry.gains.append(gain)
    return found


def _joined(several: Sequence[Postings]) -> Postings:
    """Where any of them stands, the best for each article."""
    if len(several) == 1:
        return several[0]
    best: dict[int, float] = {}
    for numbers, gains in several:
        for number, gain in zip(numbers, gains, strict=True):
            if gain > best.get(number, 0.0):
                best[number] = gain
    held = sorted(best)
    return Postings(array("I", held), array("f", [best[number] for number in held]))


def _holds(numbers: array[int], number: int) -> bool:
    at = bisect_left(numbers, number)
    return at < len(numbers) and numbers[at] == number


def _by_slug(
    learned: Iterable[LearnedQuestion], articles: Mapping[str, Article]
) -> dict[str, tuple[LearnedQuestion, ...]]:
    found: dict[str, list[LearnedQuestion]] = {}
    for each in learned:
        if each.slug in articles:
            found.setdefault(each.slug, []).append(each)
    return {slug: tuple(questions) for slug, questions in found.items()}


def _root(article: Article) -> str:
    """`orders/cancel` of `orders/cancel.de`: what the same article in all languages has in common."""
    return article.slug.removesuffix(f".{article.language}") if article.language else article.slug


def _siblings(articles: Sequence[Article]) -> dict[tuple[str, str], Article]:
    return {(_root(each), primary(each.language)): each for each in articles if each.language and not each.draft}
