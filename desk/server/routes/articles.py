"""Help articles for reps: found, written, and what of them is missing."""

from __future__ import annotations

from typing import Annotated

from litestar import delete, get, post, put
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from msgspec import Struct

from desk.documents.finding import Finding
from desk.model import Article, ArticleCounts, ArticleHit, NewArticle, Unanswered
from desk.server.routes.common import Limit, Rep, TheDesk

Slug = Annotated[str, Parameter(max_length=1_000, description="Such as `orders/cancel`, or `orders/cancel.de`.")]
Rev = Annotated[str, Parameter(max_length=64, description="The revision seen; 409 `stale` if there is another.")]
Language = Annotated[str, Parameter(max_length=40, description="The reader's, a tag of BCP 47; empty: not known.")]


class SaveArticleBody(Struct, forbid_unknown_fields=True):
    article: NewArticle
    slug: str = ""
    """Empty: made from `folder`, the title and the language."""
    folder: str = ""
    rev: str = ""
    """The revision seen; empty: there is no such article yet."""


class MoveArticleBody(Struct, forbid_unknown_fields=True):
    slug: str
    to: str
    rev: str


@get("/articles")
async def articles(
    desk: TheDesk,
    agent: Rep,
    q: Annotated[str, Parameter(max_length=1_000)] = "",
    language: Language = "",
    limit: Limit = 10,
) -> list[ArticleHit]:
    """The articles that answer, best first, drafts too; the last word may be the beginning of one."""
    return await desk.articles.search(q, language=language, limit=limit, drafts=True)


@get("/articles/suggested")
async def suggested_articles(
    desk: TheDesk,
    agent: Rep,
    page: Annotated[str, Parameter(max_length=4_000, description="Its address.")],
    language: Language = "",
    limit: Limit = 5,
) -> list[ArticleHit]:
    """The articles that visitors of a page are offered before they ask."""
    return await desk.articles.suggest(page, language=language, limit=limit)


@get("/articles/all")
async def all_articles(desk: TheDesk, agent: Rep) -> list[Article]:
    """All articles, drafts too, by folder and title."""
    return await desk.articles.all()


@get("/articles/counts")
async def article_counts(desk: TheDesk, agent: Rep) -> list[ArticleCounts]:
    """For each article how often it was opened in the last year, and answered the question or did not."""
    return await desk.articles.counts()


@get("/articles/gaps")
async def article_gaps(
    desk: TheDesk,
    agent: Rep,
    days: Annotated[int, Parameter(ge=1, le=10_000, description="How far back to look.")] = 30,
    limit: Limit = 50,
) -> list[Unanswered]:
    """What visitors ask and no article answers: questions that are alike together, the most frequent first."""
    return await desk.articles.gaps(days=days, limit=limit)


@get("/articles/findings")
async def article_findings(desk: TheDesk, agent: Rep) -> list[Finding]:
    """What is wrong with the files, and with links and pictures in them: `file:line: what, and what to do`."""
    return await desk.articles.findings()


@get("/articles/one")
async def article(desk: TheDesk, agent: Rep, slug: Slug) -> Article:
    """One article as its file says now."""
    return await desk.articles.get(slug)


@put("/articles/one", may="publish")
async def save_article(desk: TheDesk, agent: Rep, data: SaveArticleBody) -> Article:
    """Write an article. 409 `stale` if its file has changed since `rev`, `exists` if there is one already."""
    return await desk.articles.save(data.article, slug=data.slug, folder=data.folder, rev=data.rev)


@delete("/articles/one", status_code=HTTP_204_NO_CONTENT, may="publish")
async def delete_article(desk: TheDesk, agent: Rep, slug: Slug, rev: Rev) -> None:
    """Remove an article. 409 `stale` if its file has changed since `rev`."""
    await desk.articles.delete(slug, rev)


@post("/articles/move", status_code=HTTP_200_OK, may="publish")
async def move_article(desk: TheDesk, agent: Rep, data: MoveArticleBody) -> Article:
    """Give an article another slug; what was counted goes along. 409 `exists` if there is one of that slug."""
    return await desk.articles.move(data.slug, data.to, data.rev)


HANDLERS = [
    articles,
    suggested_articles,
    all_articles,
    article_counts,
    article_gaps,
    article_findings,
    article,
    save_article,
    delete_article,
    move_article,
]
