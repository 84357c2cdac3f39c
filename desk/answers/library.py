"""Finding an answer while somebody types: shortcut first, then title, then text, forgiving a slip of the finger.

An index is made once a change and never altered, so searches need no lock. Words are looked up by prefix in a sorted
list; rapidfuzz is asked about the few thousand distinct words and titles, never about whole texts.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from typing import NamedTuple

from rapidfuzz import fuzz, process

from desk.answers.model import Answer
from desk.text import fold

WORDS_AT_MOST = 8
"""Of a search; the rest is not looked at."""

_WORD = re.compile(r"\w+")
_SURE = 80.0
"""How alike (0 to 100) a mistyped word has to be."""
_FUZZY_FROM = 3
"""Shorter words are never taken for mistyped ones."""
_ALIKE_AT_MOST = 12
_TEXT_FROM = 2
"""A single letter is not looked for in texts."""
_LAST = "\U0010ffff"


class _Known(NamedTuple):
    """An answer with what searches compare."""

    answer: Answer
    shortcut: str
    title: str
    number: int


class Index:
    """All answers at one moment."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self._known = [
            _Known(answer, fold(answer.shortcut), fold(answer.title), number) for number, answer in enumerate(answers)
        ]
        self._by_key = {known.answer.key: known for known in self._known}
        self._shortcuts = sorted((known.shortcut, known.number) for known in self._known)
        self._titles = _Words((known.number, known.title) for known in self._known)
        self._texts = _Words((known.number, _text(known)) for known in self._known)
        self._foreign: dict[str, Sequence[int]] = {}
        self.languages = frozenset(_primary(known.answer.language) for known in self._known) - {""}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: str, login: str) -> Answer | None:
        """The answer of that key, unless it is another rep's own."""
        known = self._by_key.get(key)
        return known.answer if known and _visible(known.answer, login) else None

    def by_shortcut(self, shortcut: str, login: str, language: str = "") -> Answer | None:
        """The answer that `::shortcut` means to a rep: their own before everybody's, in the customer's language."""
        folded = fold(shortcut)
        at = bisect_left(self._shortcuts, (folded, -1))
        meant = []
        for name, number in self._shortcuts[at:]:
            if name != folded:
                break
            if _visible(self._known[number].answer, login):
                meant.append(self._known[number].answer)
        return min(meant, key=lambda each: (_foreign(each, language), not each.owner, each.key), default=None)

    def all(self, login: str) -> list[Answer]:
        """What a rep may see, by folder and title."""
        seen = [known.answer for known in self._visible(login)]
        return sorted(seen, key=lambda answer: (answer.owner, answer.folder, fold(answer.title), answer.key))

    def search(
        self, text: str, login: str, *, language: str = "", uses: Mapping[str, int] | None = None, limit: int = 20
    ) -> list[Answer]:
        """The answers that fit, best first; without text those that are used most.

        Exact shortcut, its beginning, title, text, then what is only alike; within each the customer's language
        first, then a rep's own, then the most used.
        """
        used = uses or {}
        wanted = fold(text.strip().removeprefix("::"))
        foreign = self._foreignness(_primary(language))
        seen: set[int] = set()
        found: list[Answer] = []

        def order(number: int) -> tuple[int, bool, int, str, str]:
            answer, _, title, _ = self._known[number]
            return foreign[number], not answer.owner, -used.get(answer.key, 0), title, answer.key

        for tier in self._tiers(wanted) if wanted else (range(len(self._known)),):
            fits = [n for n in tier if n not in seen and _visible(self._known[n].answer, login)]
            seen.update(fits)
            found += [self._known[number].answer for number in nsmallest(limit - len(found), fits, key=order)]
            if len(found) >= limit:
                break
        return found

    def _visible(self, login: str) -> Iterable[_Known]:
        return (known for known in self._known if _visible(known.answer, login))

    def _foreignness(self, language: str) -> Sequence[int]:
        """For each answer how far it is from a language."""
        known = self._foreign.get(language)
        if known is None:
            known = self._foreign[language] = [_foreign(each.answer, language) for each in self._known]
        return known

    def _tiers(self, wanted: str) -> Iterator[Iterable[int]]:
        """The answers that fit, kind by kind, the best kind first; looked for while there are too few."""
        first = bisect_left(self._shortcuts, (wanted, -1))
        exact = bisect_left(self._shortcuts, (wanted, len(self._known)), first)
        end = bisect_left(self._shortcuts, (wanted + _LAST, -1), first)
        yield (number for _, number in self._shortcuts[first:exact])
        yield (number for _, number in self._shortcuts[exact:end])
        words = _WORD.findall(wanted)[:WORDS_AT_MOST]
        if not words:
            return
        titled = self._titles.with_all(words)
        yield (number for number in titled if self._known[number].title.startswith(wanted))
        yield titled
        if len(words[-1]) >= _TEXT_FROM:
            yield self._texts.with_all(words)
        if len(wanted) >= _FUZZY_FROM:
            meant = [self._texts.alike(word) for word in words]
            yield self._titles.with_one_of_each(meant)
            yield self._texts.with_one_of_each(meant)
            begin = bisect_left(self._shortcuts, (wanted[0], -1))
            close = bisect_left(self._shortcuts, (wanted[0] + _LAST, -1), begin)
            yield (number for shortcut, number in self._shortcuts[begin:close] if _in_order(wanted, shortcut))


class _Words:
    """Which texts hold which words."""

    def __init__(self, texts: Iterable[tuple[int, str]]) -> None:
        found: dict[str, set[int]] = {}
        for number, text in texts:
            for word in set(_WORD.findall(text)):
                found.setdefault(word, set()).add(number)
        self._texts = found
        self._sorted = sorted(found)

    def with_all(self, words: Sequence[str]) -> set[int]:
        """The texts in which every one of these begins a word."""
        return self.with_one_of_each(self._beginning(word) for word in words)

    def alike(self, word: str) -> list[str]:
        """The words that this one begins or, if it begins none, those it may be a slip of."""
        beginning = self._beginning(word)
        if beginning or len(word) < _FUZZY_FROM:
            return beginning
        found = process.extract(word, self._sorted, scorer=fuzz.ratio, score_cutoff=_SURE, limit=_ALIKE_AT_MOST)
        return [each for each, _, _ in found]

    def with_one_of_each(self, meant: Iterable[Sequence[str]]) -> set[int]:
        """The texts that hold one word of each list."""
        return _in_all(set().union(*(self._texts.get(word, ()) for word in words)) for words in meant)

    def _beginning(self, word: str) -> list[str]:
        at = bisect_left(self._sorted, word)
        return self._sorted[at : bisect_left(self._sorted, word + _LAST, at)]


def _in_order(letters: str, word: str) -> bool:
    """Whether a word holds these letters in this order, others between: `rfnd` of `refund`."""
    rest = iter(word)
    return all(letter in rest for letter in letters)


def _text(known: _Known) -> str:
    answer = known.answer
    return " ".join((known.shortcut, known.title, fold(" ".join((answer.folder, *answer.tags, answer.body)))))


def _in_all(sets: Iterable[set[int]]) -> set[int]:
    common: set[int] | None = None
    for each in sets:
        common = each if common is None else common & each
        if not common:
            return set()
    return common or set()


def _visible(answer: Answer, login: str) -> bool:
    return not answer.owner or answer.owner == login


def _foreign(answer: Answer, language: str) -> int:
    """How far an answer is from a customer's language: 0 in it, 1 in none, 2 in another."""
    if not answer.language:
        return 1
    return 0 if language and _primary(answer.language) == _primary(language) else 2


def _primary(language: str) -> str:
    """`pt` of `pt-BR` (BCP 47)."""
    return language.partition("-")[0].casefold()
