"""Which questions are alike, so that what a hundred people ask in a hundred ways is seen as one thing."""

from __future__ import annotations

from collections.abc import Mapping
from math import log, log10, sqrt

from desk.articles.words import pairs, pieces, stem, words

_ALIKE, _ALIKE_OF_MANY = 0.26, 0.06
"""The cosine from which a question belongs to a group: among a hundred, and how much more for ten times as many."""
_PAIR = 0.25
_UNSEEN = 100
"""Other questions that are thought to be there, so that of a few a word they share is not taken for a small one."""
_COMMON = 100
"""Groups that share a word beyond which the word alone brings nothing together."""


def groups(asked: Mapping[str, int]) -> list[list[str]]:
    """Questions, with how often each was asked, put together; each group begins with the one asked most.

    Each question goes to the group it is most like, or begins one: the frequent before the rare. What a group is
    compared by is all that is in it, so that what its questions have in common counts most.
    """
    vectors = _vectors(asked)
    alike = _ALIKE + _ALIKE_OF_MANY * max(log10(len(asked) / 100), 0.0) if asked else _ALIKE
    found: list[_Group] = []
    holding: dict[str, list[int]] = {}
    for text in sorted(asked, key=lambda each: (-asked[each], each)):
        vector = vectors[text]
        products: dict[int, float] = {}
        for name, weight in vector.items():
            some = holding.get(name, ())
            for number in some if len(some) <= _COMMON else ():
                products[number] = products.get(number, 0.0) + weight * found[number].weights[name]
        likeness = {number: product / found[number].length for number, product in products.items()}
        best = max(likeness, key=lambda number: (likeness[number], -number), default=None)
        if best is None or likeness[best] < alike:
            best = len(found)
            found.append(_Group())
        for name in vector.keys() - found[best].weights.keys():
            holding.setdefault(name, []).append(best)
        found[best].add(text, vector)
    return [group.texts for group in found]


class _Group:
    """Questions, and the sum of what they are compared by."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.weights: dict[str, float] = {}
        self.length = 0.0

    def add(self, text: str, vector: Mapping[str, float]) -> None:
        self.texts.append(text)
        square = self.length * self.length
        for name, weight in vector.items():
            before = self.weights.get(name, 0.0)
            self.weights[name] = before + weight
            square += weight * (2 * before + weight)
        self.length = sqrt(square)


def _vectors(asked: Mapping[str, int]) -> dict[str, dict[str, float]]:
    parts = {text: _parts(text) for text in asked}
    holding: dict[str, int] = {}
    for weights in parts.values():
        for name in weights:
            holding[name] = holding.get(name, 0) + 1
    return {text: _vector(weights, holding, len(asked)) for text, weights in parts.items()}


def _parts(text: str) -> dict[str, float]:
    """Words, the short ones for less; pieces, for their endings; pairs."""
    found = words(text)
    weights = {pair: _PAIR for pair in pairs(found) if not pair.startswith("^") and not pair.endswith("$")}
    for word in found:
        size = min(len(word), 5) / 5 if word.isascii() else 1.0
        weights |= dict.fromkeys(pieces(word), 0.5 * size)
        weights[stem(word)] = size * size
    return weights


def _vector(weights: Mapping[str, float], holding: Mapping[str, int], count: int) -> dict[str, float]:
    worth = {name: log((count + _UNSEEN) / holding[name]) * weight for name, weight in weights.items()}
    length = sqrt(sum(each * each for each in worth.values())) or 1.0
    return {name: each / length for name, each in worth.items()}
