"""Help articles, what visitors asked of them, and what became of it."""

from __future__ import annotations

from desk.clock import Millis
from desk.model.words import Model


class NewArticle(Model, frozen=True, kw_only=True):
    """What a person writes of a help article."""

    title: str
    body: str
    """Markdown, without HTML."""
    language: str = ""
    """A tag of BCP 47, such as `de` or `pt-BR`; empty: for everybody."""
    tags: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    """Patterns of addresses of pages on which it is likely needed, such as `/checkout*`."""
    questions: tuple[str, ...] = ()
    """How people ask for it."""
    draft: bool = False
    """Visitors do not see it yet."""


class Article(NewArticle, frozen=True, kw_only=True):
    """A help article: one Markdown file below the folder of articles."""

    slug: str
    """Its path there without `.md`, such as `orders/cancel` or `orders/cancel.de`."""
    folder: str = ""
    updated: Millis = 0
    """What its file says, else when the file was written."""
    rev: str = ""
    """Of the file's bytes; a save names the one it saw."""


class ArticleHit(Model, frozen=True, kw_only=True):
    """An article that fits what was asked, or the page on which somebody is."""

    article: Article
    score: float = 0.0
    """Higher is better; comparable within one search only."""
    excerpt: str = ""
    """Where the words stand, else how it begins; plain text in one line."""


class ArticleCounts(Model, frozen=True, kw_only=True):
    """What became of an article: how often it was opened, and answered the question or did not."""

    slug: str
    opened: int = 0
    solved: int = 0
    unsolved: int = 0


class Ask(Model, frozen=True, kw_only=True):
    """Somebody looked for help once. Nothing tells who."""

    id: int
    """By chance, so that nobody can name another's."""
    at: Millis
    page: str = ""
    """Host and path of the page, nothing of what may be a person's in it."""
    language: str = ""
    words: str = ""
    """What was asked, without addresses and numbers; empty if an article was opened that stood there."""
    found: int = 0
    """How many articles were shown for it."""
    opened: int = 0
    solved: bool = False
    unsolved: int = 0
    """Articles of which they said that they did not help."""
    person: bool = False
    """They went on to a person."""


class LearnedQuestion(Model, frozen=True, kw_only=True):
    """Words that were asked, and the article that answered them."""

    slug: str
    words: str
    count: int
    """How often it did, less how often it did not."""


class Unanswered(Model, frozen=True, kw_only=True):
    """What is asked and not answered: questions that are alike."""

    words: str
    """The one asked most, or, of those, last."""
    asked: int
    """How often, all together, without an answer."""
    unfound: int = 0
    """Of these: nothing was found."""
    unsolved: int = 0
    """Of these: an article was read, and it did not help."""
    person: int = 0
    """Of these: they went on to a person."""
    last_at: Millis = 0
    examples: tuple[str, ...] = ()
    """Other ways in which it was asked, the most frequent first."""
    pages: tuple[str, ...] = ()
    """Where it was asked, the most frequent first."""
    nearest: str = ""
    """The article that is found for it now; empty if there is none."""
