"""The help articles of a workspace: for visitors, who read and ask, and for reps, who write and see what is missing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from desk.articles.files import Folder
from desk.articles.index import Index
from desk.articles.reading import slug_for
from desk.clock import DAY, Clock
from desk.documents.errors import NoSuchDocument
from desk.documents.finding import Finding
from desk.documents.folder import Snapshot
from desk.model import Article, ArticleCounts, ArticleHit, Ask, NewArticle, Unanswered
from desk.server.core import Core
from desk.server.shelf import Shelf
from desk.server.tasks import end, keep_running
from desk.service import selfhelp
from desk.settings import ArticleSettings
from desk.store.base import Store

LEARN_EVERY_SECONDS = 15.0
"""How soon after an article solved something it is found by the words that were asked."""
LEARNING_AT_MOST = 0.05
"""The share of the time that may go into that; with thousands of articles it takes a second or two."""
FORGET_SECONDS = 600.0
_PAUSE_SECONDS = 0.1


class Articles:
    """One workspace's help articles. `settings` tells what `desk.toml` says of them now."""

    def __init__(self, core: Core, home: Path, settings: Callable[[], ArticleSettings]) -> None:
        self._core = core
        self._home = home
        self._settings = settings
        self._folder = Folder(home / settings().folder)
        self._shelf: Shelf[Article, Index] = Shelf(core, self._folder, "article", Index(), self._index)
        self._learning: asyncio.Task[None] | None = None
        self._learn_from = float("-inf")
        self._tidying: asyncio.Task[None] | None = None
        self._solved = 0
        self._known_solved = 0

    def begin(self) -> None:
        """Read the articles, and begin to forget what was asked long ago; nobody waits for it."""
        self.shelf.begin()
        self._tidying = asyncio.create_task(keep_running("forgetting what was asked", self._tidy))

    async def close(self) -> None:
        await end(*filter(None, (self._tidying, self._learning)))
        await self._shelf.close()

    @property
    def shelf(self) -> Shelf[Article, Index]:
        """The folder that the settings name, in memory."""
        root = self._home / Path(self._settings().folder).expanduser()
        if root != self._folder.root:
            self._folder = Folder(root)
            self._shelf.move_to(self._folder)
        return self._shelf

    @property
    def folder(self) -> Folder:
        """The folder that the settings name."""
        _ = self.shelf
        return self._folder

    def _index(self, snapshot: Snapshot[Article], before: Index) -> Index:
        return Index(snapshot.documents.values(), self._core.store.self_help.learned(), before)

    # --- for visitors -------------------------------------------------------------------------------------

    async def search(
        self, text: str, *, language: str = "", limit: int = 10, drafts: bool = False, typing: bool = True
    ) -> list[ArticleHit]:
        """The articles that answer, best first, while somebody types. Nothing is kept of it; see `asked`."""
        index = await self.shelf.ready()
        self._learn_soon()
        return await self._core.threads.read(
            lambda: index.search(text, language=language, limit=limit, drafts=drafts, typing=typing)
        )

    async def asked(
        self, text: str, *, page: str = "", language: str = "", ask_id: int = 0, limit: int = 10
    ) -> tuple[Ask, list[ArticleHit]]:
        """`search`, once somebody has stopped typing: what was asked is kept, and what is found for it.

        `page`: the address of the page they are on; `ask_id`: the ask before, of which this one is the next wording.
        """
        hits = await self.search(text, language=language, limit=limit)
        ask = await self._core.write(selfhelp.asked, text, page=page, language=language, found=len(hits), ask_id=ask_id)
        return ask, hits

    async def suggest(self, page: str, *, language: str = "", limit: int = 5) -> list[ArticleHit]:
        """The articles most likely needed on the page with that address."""
        index = await self.shelf.ready()
        return await self._core.threads.read(
            lambda: selfhelp.suggest(
                self._core.store, self._core.clock, index.articles, page, language=language, limit=limit
            )
        )

    async def article(self, slug: str, *, drafts: bool = False) -> Article:
        """An article as it is shown. Raises NoSuchDocument; so do drafts, unless they are asked for."""
        found = (await self.shelf.ready()).articles.get(slug)
        if found is None or (found.draft and not drafts):
            raise NoSuchDocument("article", slug)
        return found

    async def published(self) -> list[Article]:
        """All that visitors may read, by folder and title."""
        return _in_order(each for each in (await self.shelf.ready()).articles.values() if not each.draft)

    async def any_published(self) -> bool:
        """Whether visitors may read any."""
        return any(not each.draft for each in (await self.shelf.ready()).articles.values())

    @property
    def remote_pictures(self) -> bool:
        """Whether pictures may come from elsewhere, over https."""
        return self._settings().remote_pictures

    async def picture(self, path: str) -> Path:
        """A picture's file, by its path below the folder. Raises BadDocument."""
        return await self._core.threads.read(self.folder.picture, path)

    async def opened(self, slug: str, *, ask_id: int = 0, page: str = "", language: str = "") -> Ask:
        """A visitor opened an article, for an ask or because it stood there. Raises NoSuchDocument."""
        await self.article(slug)
        return await self._core.write(selfhelp.opened, slug, ask_id=ask_id, page=page, language=language)

    async def judged(self, ask_id: int, slug: str, *, solved: bool) -> Ask:
        """Whether an opened article answered the question. Raises NotFound."""
        ask = await self._core.write(selfhelp.judged, ask_id, slug, solved=solved)
        self._solved += 1
        return ask

    async def to_person(self, ask_id: int) -> Ask:
        """The visitor went on to a person. Raises NotFound."""
        return await self._core.write(selfhelp.to_person, ask_id)

    # --- learning and forgetting --------------------------------------------------------------------------

    def _learn_soon(self) -> None:
        due = self._solved != self._known_solved and time.monotonic() > self._learn_from
        if due and (self._learning is None or self._learning.done()):
            self._learning = asyncio.create_task(self.learn())

    async def learn(self) -> None:
        """Make what was solved meanwhile count in searches."""
        shelf, solved = self.shelf, self._solved
        began = time.monotonic()
        if shelf.snapshot is not None:
            snapshot = shelf.snapshot
            index = await self._core.threads.read(self._index, snapshot, shelf.index)
            if shelf.snapshot is snapshot:
                shelf.index = index
                self._known_solved = solved
        ended = time.monotonic()
        self._learn_from = ended + max(LEARN_EVERY_SECONDS, (ended - began) / LEARNING_AT_MOST)

    async def _tidy(self) -> None:
        while True:
            kept = round(self._settings().keep_days * DAY)
            forgotten = await self._core.write(selfhelp.forget, kept)
            await asyncio.sleep(_PAUSE_SECONDS if forgotten >= selfhelp.PORTION else FORGET_SECONDS)

    # --- for reps -----------------------------------------------------------------------------------------

    async def all(self) -> list[Article]:
        """All articles, drafts too, by folder and title."""
        return _in_order((await self.shelf.look()).articles.values())

    async def get(self, slug: str) -> Article:
        """The article as its file says now. Raises NoSuchDocument, BadDocument."""
        return await self._core.threads.read(self.folder.get, slug)

    async def save(self, new: NewArticle, *, slug: str = "", folder: str = "", rev: str = "") -> Article:
        """Write an article; without a slug it gets one from its title. Raises StaleDocument, BadDocument."""
        slug = slug or slug_for(new.title, folder, new.language)
        saved = await self._core.threads.read(lambda: self.folder.save(slug, new, rev=rev))
        await self.shelf.look()
        return saved

    async def delete(self, slug: str, rev: str) -> None:
        await self._core.threads.read(lambda: self.folder.delete(slug, rev=rev))
        await self.shelf.look()

    async def move(self, slug: str, to: str, rev: str) -> Article:
        """Give an article another slug; what was counted and learned goes along."""
        moved = await self._core.threads.read(lambda: self.folder.move(slug, to, rev=rev))
        await self._core.write(_move, slug, to)
        await self.shelf.look()
        return moved

    async def findings(self) -> list[Finding]:
        """What is wrong with the files, and with links and pictures in them."""
        index = await self.shelf.look()
        remote = self._settings().remote_pictures
        folder, snapshot = self.folder, self.shelf.snapshot
        faults = await self._core.threads.read(lambda: list(folder.faults(index.articles.values(), remote=remote)))
        return [*(snapshot.findings if snapshot else ()), *faults]

    async def put(self, path: str, data: bytes) -> bool:
        """Write an article's or a picture's file, unless there is one; whether it was written. Raises BadDocument."""
        folder = self.folder
        if (folder.root / path).exists():
            return False
        await self._core.threads.read(folder.put, path, data)
        return True

    async def counts(self) -> list[ArticleCounts]:
        """What became of each article in the last year; of those that are there."""
        index = await self.shelf.ready()
        counted = await self._core.threads.read(
            self._core.store.self_help.counts, self._core.clock.now() - selfhelp.COUNTED_DAYS * DAY
        )
        return [counted.get(slug, ArticleCounts(slug=slug)) for slug in index.articles]

    async def gaps(self, *, days: int = 30, limit: int = 50) -> list[Unanswered]:
        """What is asked and not answered, the most frequent first."""
        index = await self.shelf.ready()
        core = self._core
        return await core.threads.read(
            lambda: selfhelp.gaps(core.store, core.clock, days=days, nearest=index.nearest, limit=limit)
        )


def _in_order(articles: Iterable[Article]) -> list[Article]:
    return sorted(articles, key=lambda each: (each.folder, each.title.casefold(), each.slug))


def _move(store: Store, _: Clock, slug: str, to: str) -> None:
    with store.write():
        store.self_help.move(slug, to)
