"""The help articles: found, read, written, thrown away; and what visitors ask that none of them answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal

from desk.keymap import Context
from desk.model import Article, ArticleCounts, NewArticle, Unanswered
from screens.articleform import ArticleForm
from screens.composing.canned import Preview
from screens.composing.editing import EditorFailed, edit_outside
from screens.desk import Desk
from screens.listing import ListScreen, Spans
from screens.pager import Pager
from screens.render import fit, shorten
from screens.widgets.bars import TopBar, key_glyph
from screens.widgets.lines import BLANK, Line

FOUND_AT_MOST = 200
GAPS_AT_MOST = 200
WIDE = 100


class ArticlesScreen(ListScreen[Article]):
    """All articles, or those that a search found, beside what the chosen one says."""

    title_text = "help articles"
    empty_text = "no articles yet"
    default_context: Context = "articles"
    kinds = ("article",)

    def __init__(self, desk: Desk) -> None:
        self.preview = Preview(self.inks)
        super().__init__(desk)
        self.list.moved = self._moved
        self.q = ""
        self._counts: Mapping[str, ArticleCounts] = {}
        self._asked = ""
        self._gone: Article | None = None
        """The one thrown away last."""

    def compose(self) -> ComposeResult:
        self.top = TopBar(self.desk, self.inks, self.title_text)
        yield self.top
        with Horizontal(id="answers-box"):
            yield self.list
            yield self.preview
        yield self.status_line
        yield self.key_line()

    def on_resize(self) -> None:
        self.preview.display = self.app.size.width >= WIDE

    async def fetch(self) -> list[Article]:
        client = self.desk.client
        if self.q:
            return [hit.article for hit in await client.articles(self.q, limit=FOUND_AT_MOST)]
        every = await client.all_articles()
        self._counts = {each.slug: each for each in await client.article_counts()}
        return every

    def same(self, row: Article, other: Article | None) -> bool:
        return other is not None and row.slug == other.slug

    async def reload(self) -> None:
        await super().reload()
        found = f" — {len(self.source.rows):,} for {self.q}" if self.q else f" — {len(self.source.rows):,}"
        self.top.title = f"{self.title_text}{found}"
        self.top.update()
        self._moved()

    def _moved(self) -> None:
        row = self.list.current
        self.preview.put(row.body if row is not None else "")
        self.update_bars()

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

    def can(self, action: str) -> bool:
        if action in ("edit-answer", "edit-answer-outside", "delete-answer"):
            return self.list.current is not None
        if action == "restore-answer":
            return self._gone is not None
        if action == "back":
            return True
        return super().can(action)

    def do_back(self) -> None:
        if self.desk.hush():
            return
        if self.q:
            self.q = ""
            self.start(self.reload())
        else:
            self.dismiss(None)

    # --- finding ------------------------------------------------------------------------------------------

    async def do_find_answer(self, argument: str | None = None) -> None:
        if argument is None:
            before = self.q
            argument = await self.ask("find", self.q, self._look, placeholder="what a visitor asks")
            if argument is None:
                argument = before
        self.q = argument.strip()
        await self.reload()

    def _look(self, text: str) -> tuple[str, bool]:
        """Show what is found while it is typed."""
        if text.strip() != self.q:
            self.q = text.strip()
            self.start(self.reload(), group="find", alone=True)
        return f"{len(self.source.rows):,} found" if self.q else "", True

    async def do_gaps(self) -> None:
        found = await self.desk.client.article_gaps(limit=GAPS_AT_MOST)
        pager = Pager(self.desk, "Asked in vain, in the last 30 days", lambda width: _gaps(found, width))
        self.app.push_screen(pager)

    # --- writing ------------------------------------------------------------------------------------------

    def do_open(self) -> None:
        self.do_edit_answer()

    def do_edit_answer(self) -> None:
        row = self.list.current
        if row is not None:
            self._form(row)

    def do_new_answer(self) -> None:
        row = self.list.current
        self._form(None, folder=row.folder if row is not None else "")

    def _form(self, article: Article | None, folder: str = "") -> None:
        def closed(saved: Article | None) -> None:
            if saved is not None:
                self.start(self._saved(saved))

        self.push_over(ArticleForm(self.desk, article, folder), closed)

    async def _saved(self, article: Article) -> None:
        await self.reload()
        at = next((n for n, row in enumerate(self.source.rows) if row.slug == article.slug), None)
        if at is not None:
            self.list.move_to(at)
        self.desk.say(f"kept as {article.slug}", "good")

    async def do_edit_answer_outside(self) -> None:
        row = self.list.current
        if row is None:
            return
        try:
            body = edit_outside(self.app, row.body, suffix=".md")
        except EditorFailed as error:
            self.desk.say(str(error), "bad")
            return
        if body != row.body:
            await self._saved(await self.desk.client.save_article(_written(row, body), slug=row.slug, rev=row.rev))

    # --- throwing away ------------------------------------------------------------------------------------

    async def do_delete_answer(self) -> None:
        row, keymap = self.list.current, self.desk.keymap
        if row is None:
            return
        if self._asked != row.slug:
            self._asked = row.slug
            key = key_glyph(keymap.key("delete-answer", "articles"))
            self.desk.say(f"{key} again throws {row.slug} away", "bad")
            return
        await self.desk.client.delete_article(row.slug, row.rev)
        self._asked, self._gone = "", row
        await self.reload()
        self.desk.say(f"thrown away; {key_glyph(keymap.key('restore-answer', 'articles'))} brings it back", "good")

    async def do_restore_answer(self) -> None:
        article, self._gone = self._gone, None
        if article is not None:
            await self._saved(await self.desk.client.save_article(_written(article, article.body), slug=article.slug))


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
