"""The protocol of connectors that people come to: sites for visitors, beside those that go out and fetch.

A site knows nothing of the store. It asks the `House`, which Desk gives it, and shows its visitors what it answers.
A third party registers one like any other connector, in the group `desk.connectors`, naming a `SiteFactory`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from connectors.base import Account, File
from desk.model import ChatState, Line, Visitor


class Refused(Exception):
    """What a visitor asked for cannot be; `code` is stable, the message says what to do, `field` where."""

    def __init__(self, code: str, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.field = field


class Glance(Struct, frozen=True, kw_only=True):
    """How a visitor's chat stands at this moment."""

    state: ChatState | Literal["none"] = "none"
    attended: bool = False
    """Somebody is there who may answer."""
    ahead: int = 0
    """How many have waited longer, while nobody has answered yet."""
    rep: str = ""
    """Who answered last."""
    typing: bool = False
    """A rep is writing an answer."""
    delivered: int = 0
    read: int = 0
    seen: int = 0
    """Up to which of their lines a rep has them."""
    rating: int | None = None


class House(Protocol):
    """What Desk does for the visitors of one site. Raises `Refused`."""

    async def known(self, token: str) -> Visitor | None:
        """Whose secret that is."""
        ...

    async def arrive(self, language: str) -> tuple[Visitor, str]:
        """A browser that was not here before, and the secret it shows from now on."""
        ...

    async def introduce(self, visitor: Visitor, *, name: str = "", email: str = "") -> Visitor:
        """What they say of themselves; what is empty stays as it was."""
        ...

    async def say(self, visitor: Visitor, id: str, text: str, files: Sequence[File] = ()) -> None:
        """Stored when it returns; once, however often it is said with that id."""
        ...

    async def lines(self, visitor: Visitor, after: int) -> list[Line]:
        """What was said between them and us after a line, in order; the first few hundred, and none after the last."""
        ...

    async def glance(self, visitor: Visitor) -> Glance: ...
    async def mark(self, visitor: Visitor, *, delivered: int, read: int) -> None:
        """Up to which line their browser has, and shows, what was said."""
        ...

    async def end(self, visitor: Visitor) -> None: ...
    async def rate(self, visitor: Visitor, rating: int, comment: str) -> None: ...
    def typing(self, visitor: Visitor, *, typing: bool) -> None:
        """They are writing, or stopped; forgotten within seconds."""
        ...

    def news(self, visitor: Visitor) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """Goes on whenever something may have changed for them, and at least every few seconds."""
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
