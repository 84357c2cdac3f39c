"""The part of a `House` (see `connectors.sites`) that concerns visitors who agreed to be seen on the shop's pages."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Literal, Protocol

from msgspec import Struct

from desk.model import Invitation, Sighting, Visitor

Answer = Literal["shown", "accepted", "refused"]
"""What a browser says of an invitation: it stands on the page, and yes or no."""


class Beat(Struct, frozen=True, kw_only=True):
    """What the desk has to say to a page that somebody looks at."""

    again: float
    """In how many seconds to tell of it again."""
    invitation: Invitation | None = None
    """To be shown now."""


class Meeting(Struct, frozen=True, kw_only=True):
    """Who a browser is."""

    visitor: Visitor
    token: str = ""
    """The secret that it shows from now on; empty: the one it showed."""
    why: str = ""
    """Why the page's word for its customer does not count; empty: it does, or there is none."""


class Seeing(Protocol):
    """Raises `Refused`."""

    async def meet(self, token: str, *, language: str = "", customer: str = "") -> Meeting:
        """Who shows that secret on a page that vouches for `customer` (see `desk.service.vouching`); somebody new if
        it is nobody's, or stood on the word of a page that vouches no more."""
        ...

    async def sight(self, visitor: Visitor, sighting: Sighting) -> Beat:
        """They look at a page of the shop, or leave it."""
        ...

    def invited(self, visitor: Visitor) -> AsyncGenerator[Invitation | None, None]:
        """What they are to be asked, as soon as there is something, for as long as this is read; None every few
        seconds when there is nothing. Ends at once where too many are read for one visitor."""
        ...

    async def searched(self, visitor: Visitor, words: str) -> None:
        """They looked for help; kept only while they are seen."""
        ...

    async def read(self, visitor: Visitor, title: str) -> None:
        """They read an answer; kept only while they are seen."""
        ...

    async def answer(self, visitor: Visitor, invitation_id: int, answer: Answer) -> None:
        """What becomes of an invitation; a yes begins their chat with its words."""
        ...

    async def forget(self, visitor: Visitor) -> None:
        """They agree no more: where they were is known no more."""
        ...
