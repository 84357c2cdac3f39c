"""What visitors asked of the help articles, and what became of it."""

from __future__ import annotations

from typing import Protocol

from desk.clock import Millis
from desk.model import ArticleCounts, Ask, LearnedQuestion


class SelfHelp(Protocol):
    """Nothing in here tells who asked. Nobody looks at it live, so it leaves no changes.

    Counts are kept by month, pages and articles; they and learned questions stay when what was asked is forgotten.
    """

    def ask(self, ask: Ask) -> None:
        """Keep what was asked. If it is there already and no article was opened for it, it is asked anew."""
        ...

    def get(self, id: int) -> Ask | None: ...
    def opened(self, id: int, slug: str) -> bool:
        """An article was opened for it; False if it was before, or there is no such ask."""
        ...

    def judged(self, id: int, slug: str, *, solved: bool, at: Millis) -> bool:
        """Whether an opened article answered it. A later word takes the place of the earlier one.

        False if that was said already, or the article was not opened for this.
        """
        ...

    def to_person(self, id: int) -> bool:
        """They went on to a person; False if that is known, or there is no such ask."""
        ...

    def counts(self, since: Millis = 0, page: str | None = None) -> dict[str, ArticleCounts]:
        """By slug, since the month of that instant; `page`: only what was opened on it."""
        ...

    def learned(self, *, limit: int = 20_000) -> list[LearnedQuestion]:
        """What was asked and answered more often than not, the most frequent first."""
        ...

    def unanswered(self, since: Millis, *, limit: int = 20_000) -> list[Ask]:
        """Questions in words that no article solved, newest first."""
        ...

    def move(self, slug: str, to: str) -> None:
        """The article has another slug now; what was counted under both adds up."""
        ...

    def forget_before(self, at: Millis, counts: Millis, limit: int) -> int:
        """Drop what was asked before `at`, `limit` at most, learned questions that answered a single one till then,
        and months before that of `counts`. How many were dropped."""
        ...
