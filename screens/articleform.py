"""Writing a help article."""

from __future__ import annotations

from collections.abc import Mapping

from desk.model import Article, NewArticle
from screens.desk import Desk
from screens.documentform import DocumentForm

_BETWEEN = " | "
_DRAFT = ("yes", "y", "draft", "true", "1")


class ArticleForm(DocumentForm[Article]):
    """Ends with the article as it was kept, or None."""

    lines = (
        ("title", "Title", ""),
        ("questions", "Asked", "how people ask for it: one? | another?"),
        ("pages", "Pages", "where it is needed: /checkout* | shop.example/orders/*"),
        ("tags", "Tags", "orders | money"),
        ("language", "Language", "such as de or pt-BR; empty: for everybody"),
        ("draft", "Draft", "yes: visitors do not see it yet"),
        ("folder", "Folder", "such as shipping"),
    )

    def __init__(self, desk: Desk, article: Article | None, folder: str = "") -> None:
        super().__init__(desk, article)
        self._folder = folder

    def heading(self) -> str:
        return "New article" if self.document is None else f"Article {self.document.slug}"

    def values(self) -> Mapping[str, str]:
        article = self.document
        if article is None:
            return {"folder": self._folder}
        return {
            "title": article.title,
            "questions": _BETWEEN.join(article.questions),
            "pages": _BETWEEN.join(article.pages),
            "tags": _BETWEEN.join(article.tags),
            "language": article.language,
            "draft": "yes" if article.draft else "",
            "folder": article.folder,
            "body": article.body,
        }

    async def keep(self, texts: Mapping[str, str], body: str) -> Article:
        new = NewArticle(
            title=texts["title"],
            body=body,
            language=texts["language"],
            tags=_several(texts["tags"]),
            pages=_several(texts["pages"]),
            questions=_several(texts["questions"]),
            draft=texts["draft"].casefold() in _DRAFT,
        )
        old, client = self.document, self.desk.client
        if old is not None:
            return await client.save_article(new, slug=old.slug, rev=old.rev)
        return await client.save_article(new, folder=texts["folder"].strip("/ "))

    async def again(self, document: Article) -> Article:
        return await self.desk.client.article(document.slug)


def _several(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split("|") if each.strip())
