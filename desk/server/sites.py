"""Sites for visitors: what the desk does for theirs, and each one kept running."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Concatenate, ParamSpec, TypeVar

from msgspec.structs import replace

from connectors.base import ConnectorError, File
from connectors.sites import Found, FoundArticle, Refused, ShownArticle, SiteFactory
from desk.articles.index import excerpt
from desk.articles.rendering import Places, render
from desk.clock import Clock
from desk.documents.errors import DocumentError
from desk.model import CUSTOMER, AccountStatus, Agent, ArticleHit, Attachment, Glance, Line, Visitor
from desk.saving import safe_name
from desk.server.accounts import connector_account
from desk.server.articles import Articles
from desk.server.callbacks import CallingVisitors
from desk.server.core import Core
from desk.server.expecting import Expecting
from desk.server.followers import Followers
from desk.server.presence import Presences
from desk.server.refusing import refusing
from desk.server.seeing import SeeingVisitors
from desk.server.tasks import end
from desk.server.unwanted import UnwantedMail
from desk.server.visitors import Visitors
from desk.service import chats, transcripts
from desk.service.callbacks import Rules
from desk.service.ingest import IngestOptions
from desk.service.mailing import SenderAccount
from desk.service.selfhelp import is_for
from desk.settings import AccountSettings
from desk.store.base import Store

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
WORDS_AT_MOST = 500
"""Characters of a question; more says no more."""


class Hosting:
    """What all sites of a server share."""

    def __init__(
        self,
        core: Core,
        presences: Presences,
        articles: Articles,
        visitors: Visitors,
        sender: Callable[[str], SenderAccount],
    ) -> None:
        """`sender`: who answers in conversations of an account come from; raises Invalid if nobody can send."""
        self.core = core
        self.sender = sender
        self.articles = articles
        self.presences = presences
        self.visitors = visitors
        self.followers = Followers(core)
        self.rules: Callable[[], Rules] = Rules
        """How callbacks are promised."""
        self.expecting = Expecting(core)


class VisitorsHouse(SeeingVisitors, CallingVisitors, UnwantedMail):
    """See `connectors.sites.House`: the service, for the visitors of one site."""

    def __init__(self, hosting: Hosting, account: str, queue_id: Callable[[], int | None]) -> None:
        super().__init__(hosting.core, hosting.visitors, account, queue_id)
        self._hosting = hosting
        self._rules = lambda: hosting.rules()
        self._sender = lambda: hosting.sender(account)
        self._articles = hosting.articles

    async def arrive(self, language: str) -> tuple[Visitor, str]:
        arrival = await self._write(chats.arrive, self._account, language=language)
        return arrival.visitor, arrival.token

    async def introduce(
        self, visitor: Visitor, *, name: str = "", email: str = "", told: Mapping[str, str] = {}
    ) -> Visitor:
        return await self._write(chats.introduce, visitor, name=name, email=email, told=told)

    async def say(self, visitor: Visitor, id: str, text: str, files: Sequence[File] = ()) -> None:
        if files and not await self._core.threads.read(_is_new, self._core.store, visitor, id):
            return
        kept = [await self._core.threads.read(_kept, self._core.store, each) for each in files]
        said = await self._write(chats.say, visitor, id, text, attachments=kept, queue_id=self._queue_id())
        self._hosting.followers.said(visitor.id, said.conversation_id)

    async def file(self, visitor: Visitor, seq: int, number: int) -> File | None:
        return await self._core.threads.read(_file, self._core.store, visitor.id, seq, number)

    async def lines(self, visitor: Visitor, after: int) -> list[Line]:
        return await self._core.threads.read(_lines, self._core.store, visitor.id, after)

    async def glance(self, visitor: Visitor) -> Glance:
        hosting, store = self._hosting, self._core.store
        here = hosting.followers.here
        id, stored = await self._core.threads.read(chats.glance, store, visitor, here)
        hosting.followers.stands(visitor.id, id, waiting=stored.state == "waiting")
        typing = any(each.doing == "replying" and each.agent_id != CUSTOMER for each in hosting.presences.of(id))
        minutes = None
        if stored.state in ("none", "waiting"):
            minutes = await hosting.expecting.minutes(self._account, stored.ahead)
        return replace(stored, attended=hosting.followers.attended, typing=typing, minutes=minutes)

    async def mark(self, visitor: Visitor, *, delivered: int, read: int) -> None:
        await self._write(chats.mark, visitor, delivered=delivered, read=read)

    async def end(self, visitor: Visitor) -> None:
        await self._write(chats.end, visitor)

    async def transcript(self, visitor: Visitor, *, subject: str, beginning: str, you: str, zone: str) -> None:
        wording = transcripts.Wording(subject=subject, beginning=beginning, you=you, zone=zone)
        with refusing():
            await self._core.write(transcripts.ask, visitor, self._hosting.sender(self._account), wording)

    async def rate(self, visitor: Visitor, rating: int, comment: str) -> None:
        await self._write(chats.rate, visitor, rating, comment)

    def typing(self, visitor: Visitor, *, typing: bool, text: str = "") -> None:
        chat = self._core.store.chats.newest_of(visitor.id)
        if chat is not None and chat.state != "ended":
            id = self._core.store.placing.target(chat.conversation_id)
            who = Agent(id=CUSTOMER, login="", name=visitor.name or "the visitor")
            self._hosting.presences.tell(who, id, "replying" if typing else "gone", chats.typed(text))

    def news(self, visitor: Visitor) -> AbstractAsyncContextManager[AsyncIterator[bool]]:
        return self._hosting.followers.news(visitor.id)

    # --- answers first ------------------------------------------------------------------------------------

    async def has_articles(self) -> bool:
        return await self._articles.any_published()

    async def articles(self, language: str) -> list[FoundArticle]:
        published = await self._articles.published()
        slugs = {each.slug for each in published}
        return [
            FoundArticle(slug=each.slug, title=each.title, excerpt=excerpt(each.body), folder=each.folder)
            for each in published
            if is_for(each, language, slugs)
        ]

    async def article(
        self, slug: str, *, article_at: Callable[[str], str], picture_at: Callable[[str], str]
    ) -> ShownArticle | None:
        try:
            found = await self._articles.article(slug)
        except DocumentError:
            return None
        known = {each.slug for each in await self._articles.published()}
        places = Places(
            article=lambda other: article_at(other) if other in known else "",
            picture=picture_at,
            remote_pictures=self._articles.remote_pictures,
        )
        html = await self._core.threads.read(lambda: render(found, places).html)
        return ShownArticle(slug=slug, title=found.title, language=found.language, html=html, updated=found.updated)

    async def picture(self, path: str) -> bytes | None:
        try:
            file = await self._articles.picture(path)
            return await self._core.threads.read(file.read_bytes)
        except (DocumentError, OSError):
            return None

    async def find(self, text: str, *, language: str, page: str = "", ask: int = 0, settled: bool = False) -> Found:
        if not settled:
            return Found(articles=_found(await self._articles.search(text[:WORDS_AT_MOST], language=language)))
        asked, hits = await self._articles.asked(text[:WORDS_AT_MOST], page=page, language=language, ask_id=ask)
        return Found(articles=_found(hits), ask=asked.id)

    async def suggest(self, page: str, language: str) -> Found:
        return Found(articles=_found(await self._articles.suggest(page, language=language)))

    async def opened(self, slug: str, *, ask: int, page: str, language: str) -> int:
        try:
            return (await self._articles.opened(slug, ask_id=ask, page=page, language=language)).id
        except DocumentError as error:
            raise Refused(error.code, error.message) from error

    async def judged(self, slug: str, *, ask: int, solved: bool) -> None:
        with refusing():
            await self._articles.judged(ask, slug, solved=solved)

    async def to_person(self, ask: int) -> None:
        with refusing():
            await self._articles.to_person(ask)

    async def _write(self, work: Callable[Concatenate[Store, Clock, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        with refusing():
            return await self._core.write(work, *args, **kwargs)


def _found(hits: Sequence[ArticleHit]) -> tuple[FoundArticle, ...]:
    return tuple(
        FoundArticle(slug=hit.article.slug, title=hit.article.title, excerpt=hit.excerpt, folder=hit.article.folder)
        for hit in hits
    )


def _is_new(store: Store, visitor: Visitor, id: str) -> bool:
    """Whether a file that is sent with that id is going to be taken in: of what is not, nothing is kept. Raises
    `Refused` if it cannot be."""
    with refusing():
        chats.require_id(id)
    return store.chats.line_of(visitor.id, id) is None


def _kept(store: Store, file: File) -> Attachment:
    name, sha256 = safe_name(file.name), store.blobs.put(file.data)
    return Attachment(name=name, media_type=file.media_type, size=len(file.data), sha256=sha256)


def _file(store: Store, visitor_id: int, seq: int, number: int) -> File | None:
    """Only what stands in the visitor's own lines is theirs, whatever content is known by."""
    found = store.chats.lines(visitor_id, after=seq - 1, limit=1)
    if not found or found[0].seq != seq or not 0 <= number < len(found[0].message.attachments):
        return None
    attachment = found[0].message.attachments[number]
    data = store.blobs.read(attachment.sha256)
    return None if data is None else File(name=attachment.name, media_type=attachment.media_type, data=data)


def _lines(store: Store, visitor_id: int, after: int) -> list[Line]:
    lines: list[Line] = []
    while more := store.chats.lines(visitor_id, lines[-1].seq if lines else after):
        lines += more
    return lines


class SiteRunner:
    """Serves one account's site until `stop`; whatever happens in it stays in it."""

    def __init__(
        self, hosting: Hosting, settings: AccountSettings, factory: SiteFactory, options: IngestOptions, number: int
    ) -> None:
        self.settings = settings
        self.options = options
        """May be replaced while it runs."""
        self.status = AccountStatus(
            name=settings.name, connector=settings.connector, address=settings.address, since=hosting.core.clock.now()
        )
        self._hosting = hosting
        self._core = hosting.core
        self._factory = factory
        self._number = number
        self._retry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to serve."""
        self._task = asyncio.create_task(self._run(), name=f"site {self.settings.name}")

    async def stop(self) -> None:
        """End at once."""
        if self._task is not None:
            await end(self._task)

    def retry(self) -> None:
        """Try again now."""
        self._retry.set()

    async def _run(self) -> None:
        account = connector_account(self.settings)
        house = VisitorsHouse(self._hosting, account.name, lambda: self.options.queue_id)
        pause = FIRST_PAUSE_SECONDS
        while True:
            self._retry.clear()
            try:
                if problems := self._factory.validate(account):
                    await self._say("stopped", f"[accounts.{account.name}] {'; '.join(problems)}")
                    return
                await self._factory.open_site(account, house).serve(self._told)
                why = "it ended by itself"
            except ConnectorError as error:
                why = f"{error} ({error.hint})" if error.hint else str(error)
            except Exception as error:
                log.exception("%s: the site failed in an unexpected way", account.name)
                why = f"the site failed ({type(error).__name__})"
            log.warning("%s: %s", account.name, why)
            await self._say("retrying", why)
            try:
                async with asyncio.timeout(pause * random.uniform(0.8, 1.2)):
                    await self._retry.wait()
            except TimeoutError:
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _told(self, state: str, where: str) -> None:
        """The site serves; `where` browsers reach it."""
        log.info("%s: %s at %s", self.settings.name, state, where)
        self.status = replace(self.status, url=where)
        self._later(self._say("connected"))

    def _later(self, work: Awaitable[None]) -> None:
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _say(self, state: Any, error: str = "") -> None:
        if (self.status.state, self.status.error) != (state, error):
            self.status = replace(self.status, state=state, error=error, since=self._core.clock.now())
            await self._core.threads.write(_note, self._core.store, self._number)


def _note(store: Store, number: int) -> None:
    with store.write():
        store.changes.note("account", number)
