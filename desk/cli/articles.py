"""`desk articles …`: help articles on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

import click

from desk.cli.asking import interruptible
from desk.cli.body import body_options, read_body
from desk.cli.command import Desk, command
from desk.cli.failures import Failure
from desk.cli.output import Column, Styled
from desk.cli.times import local
from desk.documents.finding import Finding
from desk.model import Article, ArticleCounts, ArticleHit, NewArticle, Unanswered
from desk.workspace import Workspace

_LANGUAGE = click.option("--language", default="", help="The reader's, such as de.")


@click.group("articles")
def articles() -> None:
    """Help articles: what visitors read, and what they ask in vain.

    They are Markdown files in the folder that `articles.folder` of desk.toml names. SLUG is a file's path there
    without .md.
    """


@command("list")
@click.option("--folder", help="Only those in this folder.")
async def list_(desk: Desk, folder: str | None) -> None:
    """All articles, by folder and title, with how often they were opened and helped in the last year."""
    found = [each for each in await desk.client.all_articles() if folder is None or each.folder == folder.strip("/")]
    counts = {each.slug: each for each in await desk.client.article_counts()}
    desk.show(found, lambda: _table(desk, found, counts))


@command("find")
@click.argument("words", nargs=-1, required=True)
@_LANGUAGE
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
async def find(desk: Desk, words: tuple[str, ...], language: str, limit: int) -> None:
    """What a visitor finds who asks this, the best first; and drafts."""
    hits = await desk.client.articles(" ".join(words), language=language, limit=limit)
    desk.show(hits, lambda: _hits(desk, hits))


@command("suggest")
@click.argument("page")
@_LANGUAGE
async def suggest(desk: Desk, page: str, language: str) -> None:
    """What visitors of PAGE, an address, are offered before they ask."""
    hits = await desk.client.suggested_articles(page, language=language)
    desk.show(hits, lambda: _hits(desk, hits))


@command("gaps")
@click.option("--days", type=click.IntRange(1, 10_000), default=30, show_default=True, help="How far back to look.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
async def gaps(desk: Desk, days: int, limit: int) -> None:
    """What visitors ask and no article answers, the most frequent first; questions that are alike are one."""
    found = await desk.client.article_gaps(days=days, limit=limit)
    desk.show(found, lambda: _gaps(desk, found, days))


@command("show")
@click.argument("slug")
async def show(desk: Desk, slug: str) -> None:
    """One article."""
    article = await desk.client.article(slug.removesuffix(".md"))
    desk.show(article, lambda: _show(desk, article))


@command("new")
@click.argument("title")
@body_options
@click.option("--folder", default="", help="Where it belongs, such as orders.")
@click.option("--language", default="", help="What it is written in, such as de; without: for everybody.")
@click.option("--tag", "tags", multiple=True, metavar="TAG")
@click.option("--page", "pages", multiple=True, metavar="PATTERN", help="Where it is needed, such as /checkout*.")
@click.option("--question", "questions", multiple=True, metavar="TEXT", help="How people ask for it.")
@click.option("--draft", is_flag=True, help="Visitors do not see it yet.")
async def new(
    desk: Desk,
    title: str,
    body: str | None,
    file: IO[str] | None,
    folder: str,
    language: str,
    tags: tuple[str, ...],
    pages: tuple[str, ...],
    questions: tuple[str, ...],
    draft: bool,
) -> None:
    """Write an article, in Markdown."""
    text = read_body(body, file)
    article = NewArticle(
        title=title, body=text, language=language, tags=tags, pages=pages, questions=questions, draft=draft
    )
    saved = await desk.client.save_article(article, folder=folder)
    desk.said(saved, f"{saved.slug} is there{' as a draft' if saved.draft else ''}")


@command("edit")
@click.argument("slug")
async def edit(desk: Desk, slug: str) -> None:
    """Open an article's file in $EDITOR."""
    slug = slug.removesuffix(".md")
    name = f"{slug}.md"
    path = _folder(desk) / name
    if not path.is_file():
        await desk.client.article(slug)
    with interruptible():
        click.edit(filename=str(path))
    if wrong := [each for each in await desk.client.article_findings() if each.file == name]:
        raise _faulty(wrong)
    saved = await desk.client.article(slug)
    desk.said(saved, f"{saved.slug}: {saved.title}")


@command("rm")
@click.argument("slug")
async def rm(desk: Desk, slug: str) -> None:
    """Remove an article."""
    article = await desk.client.article(slug.removesuffix(".md"))
    await desk.client.delete_article(article.slug, article.rev)
    desk.said(article, f"{article.slug} is gone")


@command("mv")
@click.argument("slug")
@click.argument("to")
async def mv(desk: Desk, slug: str, to: str) -> None:
    """Give an article another slug; what was counted and learned goes along."""
    article = await desk.client.article(slug.removesuffix(".md"))
    moved = await desk.client.move_article(article.slug, to.removesuffix(".md"), article.rev)
    desk.said(moved, f"{article.slug} is {moved.slug} now")


@command("check")
async def check(desk: Desk) -> None:
    """Say what is wrong with the files, links and pictures, by file and line. Exit code 1 if anything is."""
    findings = await desk.client.article_findings()
    desk.show(findings, lambda: desk.out.line("nothing is wrong") if not findings else None)
    if findings:
        raise _faulty(findings)


def _folder(desk: Desk) -> Path:
    from desk.settings import load

    home = Workspace(desk.workspace)
    return home.folder / Path(load(home.settings).articles.folder).expanduser()


def _faulty(findings: Sequence[Finding]) -> Failure:
    return Failure("\n".join(map(str, findings)), code="faulty-articles")


def _table(desk: Desk, found: Sequence[Article], counts: dict[str, ArticleCounts]) -> None:
    columns = (
        Column("slug", flexible=True),
        Column("title", flexible=True),
        Column("language"),
        Column("opened", right=True),
        Column("solved", right=True),
        Column("not", right=True),
        Column(""),
    )
    rows = []
    for each in found:
        known = counts.get(each.slug, ArticleCounts(slug=each.slug))
        mark = Styled("draft", "yellow") if each.draft else ""
        numbers = (str(known.opened), str(known.solved), str(known.unsolved))
        rows.append((each.slug, each.title, each.language, *numbers, mark))
    desk.out.table(columns, rows)


def _hits(desk: Desk, hits: Sequence[ArticleHit]) -> None:
    columns = (Column("slug"), Column("title"), Column("text", flexible=True))
    desk.out.table(columns, [(hit.article.slug, hit.article.title, Styled(hit.excerpt, "dim")) for hit in hits])


def _gaps(desk: Desk, found: Sequence[Unanswered], days: int) -> None:
    if not found:
        desk.out.line(f"nothing was asked in vain in the last {days} days")
        return
    columns = (
        Column("asked", right=True),
        Column("question", flexible=True),
        Column("unfound", right=True),
        Column("unsolved", right=True),
        Column("person", right=True),
        Column("last"),
        Column("nearest"),
    )
    rows = [
        (str(each.asked), each.words, str(each.unfound), str(each.unsolved), str(each.person), local(each.last_at),
         Styled(each.nearest, "dim"))
        for each in found
    ]  # fmt: skip
    desk.out.table(columns, rows)


def _show(desk: Desk, article: Article) -> None:
    desk.out.line(Styled(article.title, "bold"), Styled(f"  {article.slug}", "dim"))
    said = (
        ("draft", "visitors do not see it yet" if article.draft else ""),
        ("language", article.language),
        ("tags", ", ".join(article.tags)),
        ("pages", ", ".join(article.pages)),
        ("updated", local(article.updated)),
    )
    for what, value in said:
        if value:
            desk.out.line(Styled(f"{what}  ", "dim"), value)
    for question in article.questions:
        desk.out.line(Styled("asked  ", "dim"), question)
    desk.out.text("")
    desk.out.text(article.body)


for each in (list_, find, suggest, gaps, show, new, edit, rm, mv, check):
    articles.add_command(each)
