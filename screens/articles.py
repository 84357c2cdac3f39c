"""The help articles: found, read, written, thrown away; and what visitors ask that none of them answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desk.keymap import Context
from desk.model import Article, ArticleCounts, NewArticle, Unanswered
from screens.articleform import ArticleForm
from screens.desk import Desk
from screens.listing import Spans
from screens.pager import Pager
from screens.render import fit, shorten
from screens.shelf import FOUND_AT_MOST, ShelfScreen
from screens.widgets.lines import BLANK, Line

GAPS_AT_MOST = 200


class ArticlesScreen(ShelfScreen[Article]):
    """The help articles, with how they served."""

    title_text = "help articles"
    empty_text = "no articles yet"
    asks = "what a visitor asks"
    default_context: Context = "articles"
    kinds = ("article",)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._counts: Mapping[str, ArticleCounts] = {}

    def key(self, document: Article) -> str:
        return document.slug

    def called(self, document: Article) -> str:
        return document.slug

    def form(self, document: Article | None, folder: str) -> ArticleForm:
        return ArticleForm(self.desk, document, folder)

    async def save(self, document: Article, body: str, *, new: bool = False) -> Article:
        rev = "" if new else document.rev
        return await self.desk.client.save_article(_written(document, body), slug=document.slug, rev=rev)

    async def throw_away(self, document: Article) -> None:
        await self.desk.client.delete_article(document.slug, document.rev)

    async def fetch(self) -> list[Article]:
        client = self.desk.client
        if self.q:
            return [hit.article for hit in await client.articles(self.q, limit=FOUND_AT_MOST)]
        every = await client.all_articles()
        self._counts = {each.slug: each for each in await client.article_counts()}
        return every

    def spans(self, row: Article, width: int) -> Spans:
        counts = self._counts.get(row.slug, ArticleCounts(slug=row.slug))
        where = max(12, width // 4)
        room = max(width - where - 26, 8)
        return (
            (fit(row.title, room) + " ", "text"),
            (fit(row.slug, where) + " ", "dim"),
            (fit("draft" if row.draft else row.language, 6), "note" if row.draft else "dim"),
            (fit(f"{counts.opened}×" if counts.opened else "", 6, right=True), "dim"),
            (fit(f"{counts.solved} ✓" if counts.solved else "", 6, right=True), "good"),
            (fit(f"{counts.unsolved} ✗" if counts.unsolved else "", 6, right=True), "bad"),
        )

    async def do_gaps(self) -> None:
        found = await self.desk.client.article_gaps(limit=GAPS_AT_MOST)
        pager = Pager(self.desk, "Asked in vain, in the last 30 days", lambda width: _gaps(found, width))
        self.app.push_screen(pager)


def _written(article: Article, body: str) -> NewArticle:
    """What a person writes of an article, with this text."""
    return NewArticle(
        title=article.title,
        body=body,
        language=article.language,
        tags=article.tags,
        pages=article.pages,
        questions=article.questions,
        draft=article.draft,
    )


def _gaps(found: Sequence[Unanswered], width: int) -> list[Line]:
    """What is asked in vain, with how else it was asked and the article that is nearest."""
    if not found:
        return [Line(((" nothing was asked in vain", "dim"),))]
    lines = []
    for each in found:
        parts = ((each.unfound, "nothing found"), (each.unsolved, "did not help"), (each.person, "went on to a person"))
        why = ", ".join(f"{count} {what}" for count, what in parts if count)
        lines.append(Line(((f" {each.asked:>4}×  ", "accent"), (shorten(each.words, width - 10), "text"))))
        for said in (why, f"also: {' · '.join(each.examples)}" if each.examples else "",
                     f"nearest: {each.nearest}" if each.nearest else ""):  # fmt: skip
            if said:
                lines.append(Line(((" " * 8, "text"), (shorten(said, width - 10), "dim"))))
        lines.append(BLANK)
    return lines
