"""Help articles while writing: found as visitors find them, put in as a link to the help centre or as their text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote

from textual.strip import Strip

from desk.model import Article, Conversation
from screens.desk import Desk
from screens.picker import Picker, result_of
from screens.render import body, fit, one_line, strip, typed, wrap
from screens.widgets.ink import Inks
from screens.widgets.lines import Line

if TYPE_CHECKING:
    from screens.composer import Composer
    from screens.inbox import InboxScreen

FOUND_AT_MOST = 50
LINES_OF_TEXT = 6


class Articles:
    """One method an action that puts in an article."""

    _inbox: InboxScreen
    _desk: Desk
    composer: Composer | None

    async def do_insert_article(self, argument: str | None = None) -> None:
        """Its title and where it is read; its text where no site shows it."""
        article = await self._article(argument)
        if article is not None and self.composer is not None:
            site = help_centre(self._desk, self.composer.conversation)
            told = f"{one_line(article.title)}: {site}/help/{quote(article.slug)}" if site else article.body
            self.composer.editor.insert(typed(told).strip("\n"))

    async def do_insert_article_text(self, argument: str | None = None) -> None:
        """All it says."""
        article = await self._article(argument)
        if article is not None and self.composer is not None:
            self.composer.editor.insert(typed(article.body).strip("\n"))

    async def _article(self, words: str | None) -> Article | None:
        """The one that is meant: the best for some words, or else one that is picked. Drafts are nobody's to read."""
        composer, client = self.composer, self._desk.client
        if composer is None:
            return None

        async def find(text: str) -> list[Article]:
            hits = await client.articles(text, limit=FOUND_AT_MOST) if text else []
            found = [hit.article for hit in hits] if text else await client.all_articles()
            return [each for each in found if not each.draft]

        composer.go_to(composer.editor)
        if words is not None:
            best = next(iter(await find(words)), None)
            if best is None:
                self._desk.say(f"no article answers {one_line(words)[:40]}", "bad")
            return best
        picker = Picker(self._desk, "Put in an article", find, _paint, _told, empty="no article answers that",
                        hint="what the customer asks")  # fmt: skip
        return await result_of(self._inbox.app, picker)


def help_centre(desk: Desk, row: Conversation | None) -> str:
    """Where articles are read: on the site of the conversation, or else on the first there is; empty if on none."""
    sites = [each for each in (desk.status.accounts if desk.status else ()) if each.url]
    own = (each.url for each in sites if row is not None and each.name == row.account)
    return next(own, None) or next((each.url for each in sites), "")


def _paint(row: Article, width: int, inks: Inks, on: str) -> Strip:
    ground = "cursor" if on else ""
    title = max(width * 2 // 3, 10)
    spans = (
        ("▌" if on else " ", "accent"),
        (fit(row.title, title) + " ", "strong"),
        (fit(row.slug, max(width - title - 2, 0)), "dim"),
    )
    return strip([(text, inks(ink, ground)) for text, ink in spans], width, inks("text", ground))


def _told(row: Article, width: int) -> Sequence[Line]:
    return [Line(((f" {part}", "dim"),)) for part in islice(wrap(body(row.body), max(width - 2, 8)), LINES_OF_TEXT)]
