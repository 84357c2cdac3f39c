"""The protocol of connectors that people come to: sites for visitors, beside those that go out and fetch.

A site knows nothing of the store. It asks the `House`, which Desk gives it, and shows its visitors what it answers.
A third party registers one like any other connector, in the group `desk.connectors`, naming a `SiteFactory`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from msgspec import Struct

from connectors.base import Account, File
from connectors.callbacks import CallingBack
from connectors.seeing import Seeing
from connectors.unwanted import Unwanted
from desk.clock import Millis
from desk.model import Glance, Line, Visitor


class Refused(Exception):
    """What a visitor asked for cannot be; `code` is stable, the message says what to do, `field` where."""

    def __init__(self, code: str, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class ShownArticle(Struct, frozen=True, kw_only=True):
    """A help article as its readers see it."""

    slug: str
    title: str
    language: str = ""
    html: str = ""
    """Made of Markdown, of harmless tags only; it stands below a heading with the title."""
    updated: Millis = 0


class FoundArticle(Struct, frozen=True, kw_only=True):
    """A help article in a list."""

    slug: str
    title: str
    excerpt: str = ""
    """Plain text, in one line."""
    folder: str = ""


class Found(Struct, frozen=True, kw_only=True):
    """What answers a question, best first."""

    articles: tuple[FoundArticle, ...] = ()
    ask: int = 0
    """By which the question is named from now on; 0: it is still being typed, and nothing of it is kept."""


class House(Seeing, CallingBack, Unwanted, Protocol):
    """What Desk does for the visitors of one site. Raises `Refused`."""

    async def known(self, token: str) -> Visitor | None:
        """Whose secret that is."""
        ...

    async def arrive(self, language: str) -> tuple[Visitor, str]:
        """A browser that was not here before, and the secret it shows from now on."""
        ...

    async def introduce(
        self, visitor: Visitor, *, name: str = "", email: str = "", told: Mapping[str, str] = {}
    ) -> Visitor:
        """What they say of themselves; what is empty stays as it was. `told`: what else they were asked, by name."""
        ...

    async def say(self, visitor: Visitor, id: str, text: str, files: Sequence[File] = ()) -> None:
        """Stored when it returns; once, however often it is said with that id."""
        ...

    async def file(self, visitor: Visitor, seq: int, number: int) -> File | None:
        """One of the files, from 0, of one of the lines between them and us; None if there is none in theirs."""
        ...

    async def lines(self, visitor: Visitor, after: int) -> list[Line]:
        """What was said between them and us after a line, in order."""
        ...

    async def glance(self, visitor: Visitor) -> Glance: ...
    async def mark(self, visitor: Visitor, *, delivered: int, read: int) -> None:
        """Up to which line their browser has, and shows, what was said."""
        ...

    async def end(self, visitor: Visitor) -> None: ...
    async def transcript(self, visitor: Visitor, *, subject: str, beginning: str, you: str, zone: str) -> None:
        """Send them what was said by mail, to the address they gave. `zone`: theirs (IANA)."""
        ...

    async def rate(self, visitor: Visitor, rating: int, comment: str) -> None: ...
    def typing(self, visitor: Visitor, *, typing: bool, text: str = "") -> None:
        """They are writing, or stopped; forgotten within seconds. `text`: what stands there, if reps may see that."""
        ...

    def news(self, visitor: Visitor) -> AbstractAsyncContextManager[AsyncIterator[bool]]:
        """True at once and whenever something may have changed for them; False every few seconds when nothing has."""
        ...

    # --- answers first ------------------------------------------------------------------------------------

    async def has_articles(self) -> bool:
        """Whether there is anything to read."""
        ...

    async def articles(self, language: str) -> list[FoundArticle]:
        """All that may be read, by folder and title."""
        ...

    async def article(
        self, slug: str, *, article_at: Callable[[str], str], picture_at: Callable[[str], str]
    ) -> ShownArticle | None:
        """One of them, its links and pictures at the addresses that are answered for slugs and paths."""
        ...

    async def picture(self, path: str) -> bytes | None:
        """A picture that lies beside the articles."""
        ...

    async def find(self, text: str, *, language: str, page: str = "", ask: int = 0, settled: bool = False) -> Found:
        """What answers it, as somebody types; `settled`: they have stopped, and that they asked is kept."""
        ...

    async def suggest(self, page: str, language: str) -> Found:
        """What is most likely needed on the page with that address."""
        ...

    async def opened(self, slug: str, *, ask: int, page: str, language: str) -> int:
        """Somebody reads an article; the ask to name from now on."""
        ...

    async def judged(self, slug: str, *, ask: int, solved: bool) -> None:
        """Whether it answered their question."""
        ...

    async def to_person(self, ask: int) -> None:
        """They went on to a person."""
        ...


Told = Callable[[str, str], None]
"""Hears of the site's state, `connected` or `retrying`, and why."""


class Site(Protocol):
    """One account's site. Made anew when its settings change."""

    account: Account

    async def serve(self, told: Told) -> None:
        """Serve until cancelled. Raises `ConnectorError`, such as for a port that somebody else has."""
        ...


@runtime_checkable
class SiteFactory(Protocol):
    """Makes sites of one kind; what an entry point in `desk.connectors` names."""

    name: str

    def validate(self, account: Account) -> list[str]:
        """What is wrong with the settings, as `option: what, and what to do`; empty if nothing."""
        ...

    def open_site(self, account: Account, house: House) -> Site: ...
