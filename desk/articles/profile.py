"""What an article is found by, weighed: its title, the questions it names, those it has answered, its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import log

from msgspec import Struct

from desk.articles.words import prose, question
from desk.model import Article, LearnedQuestion

_TITLE, _QUESTION, _LEARNED, _TEXT = 3.0, 2.0, 1.0, 1.5
LEARNED_AT_MOST = 200
"""Questions an article is known to answer, of those asked most."""
_PARAGRAPH = re.compile(r"\n\s*\n")
_PARAGRAPHS_AT_MOST = 60
_SYNTAX = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`#>|~]+|^\s*(?:[-+]|\d+[.)])\s+", re.MULTILINE)
_RULE = re.compile(r"^[ \t|:-]*--[ \t|:-]*\n?", re.MULTILINE)
"""A thematic break, or what stands beneath the head of a table."""
_ROW = re.compile(r"^[ \t]*\|(.*?)\|?[ \t]*$", re.MULTILINE)
"""Of a table."""


PRIOR = 0.03
"""How much of a word, pair or piece is in an article that does not hold it."""


class Profile(Struct, frozen=True):
    """By word, pair or piece: how much better an article fits for holding it; and how much it holds in all."""

    gains: Mapping[str, float]
    total: float


def profile(article: Article, learned: Iterable[LearnedQuestion] = ()) -> Profile:
    """What an article is found by."""
    weights: dict[str, float] = {}
    _add(weights, question(" ".join((article.title, *article.tags))), _TITLE)
    for asked in article.questions:
        _add(weights, question(asked), _QUESTION)
    for known in list(learned)[:LEARNED_AT_MOST]:
        _add(weights, question(known.words), _LEARNED * (1 + log(known.count)))
    paragraphs = _PARAGRAPH.split(plain(article.body))[:_PARAGRAPHS_AT_MOST]
    for paragraph in paragraphs:
        _add(weights, prose(paragraph), _TEXT / max(len(paragraphs), 3))
    return Profile({name: log(1 + weight / PRIOR) for name, weight in weights.items()}, sum(weights.values()))


def plain(body: str) -> str:
    """Markdown without its signs, for searching and for excerpts."""
    rows = _ROW.sub(lambda row: " · ".join(map(str.strip, row[1].split("|"))), _RULE.sub("", body))
    return _SYNTAX.sub(lambda found: found[1] or "", rows)


def _add(weights: dict[str, float], more: Mapping[str, float], factor: float) -> None:
    for name, weight in more.items():
        weights[name] = weights.get(name, 0.0) + weight * factor
