"""The client's part for help articles."""

from __future__ import annotations

from desk.client.connection import Connection
from desk.documents.finding import Finding
from desk.model import Article, ArticleCounts, ArticleHit, NewArticle, Unanswered


class ArticleCalls(Connection):
    """What `desk.client.Client` can do with help articles."""

    async def articles(self, q: str, *, language: str = "", limit: int = 10) -> list[ArticleHit]:
        """The articles that answer, best first, drafts too; the last word may be the beginning of one."""
        return await self._get("/articles", list[ArticleHit], q=q, language=language, limit=limit)

    async def suggested_articles(self, page: str, *, language: str = "", limit: int = 5) -> list[ArticleHit]:
        """The articles that visitors of the page with that address are offered before they ask."""
        return await self._get("/articles/suggested", list[ArticleHit], page=page, language=language, limit=limit)

    async def all_articles(self) -> list[Article]:
        """All articles, drafts too, by folder and title."""
        return await self._get("/articles/all", list[Article])

    async def article_counts(self) -> list[ArticleCounts]:
        """For each article how often it was opened in the last year, and answered the question or did not."""
        return await self._get("/articles/counts", list[ArticleCounts])

    async def article_gaps(self, *, days: int = 30, limit: int = 50) -> list[Unanswered]:
        """What visitors ask and no article answers, the most frequent first."""
        return await self._get("/articles/gaps", list[Unanswered], timeout=60.0, days=days, limit=limit)

    async def article_findings(self) -> list[Finding]:
        """What is wrong with the files, and with links and pictures in them."""
        return await self._get("/articles/findings", list[Finding], timeout=60.0)

    async def article(self, slug: str) -> Article:
        """One article as its file says now."""
        return await self._get("/articles/one", Article, slug=slug)

    async def save_article(self, article: NewArticle, *, slug: str = "", folder: str = "", rev: str = "") -> Article:
        """Write an article; without a slug it gets one of `folder`, title and language.

        `rev`: the one seen, empty for a new article. Refused with `stale` if the file has changed since, `exists`.
        """
        body = {"article": article, "slug": slug, "folder": folder, "rev": rev}
        return await self._send_as("PUT", "/articles/one", Article, body)

    async def delete_article(self, slug: str, rev: str) -> None:
        """Refused with `stale` if the file has changed since `rev`."""
        await self._send("DELETE", "/articles/one", params={"slug": slug, "rev": rev})

    async def move_article(self, slug: str, to: str, rev: str) -> Article:
        """Give an article another slug: another folder, another name. What was counted goes along."""
        return await self._post("/articles/move", Article, {"slug": slug, "to": to, "rev": rev})
