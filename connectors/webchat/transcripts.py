"""What was said, as mail, for the visitor who asks for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import post
from msgspec import Struct

from connectors.sites import House
from connectors.webchat import assets
from connectors.webchat.http import AnyRequest, body
from desk.model import Visitor

Who = Callable[[AnyRequest, str], Awaitable[Visitor]]


class Wish(Struct):
    email: str = ""
    """Where to; empty: where they said before."""
    language: str = ""
    zone: str = ""
    """The browser's time zone (IANA)."""


def routes(house: House, name: str, who: Who) -> list[Any]:
    """`name`: the site's, as visitors know it."""

    @post("/{key:str}/transcript", status_code=204)
    async def transcript(request: AnyRequest, key: str) -> None:
        visitor = await who(request, key)
        wish = await body(request, Wish)
        if wish.email:
            visitor = await house.introduce(visitor, email=wish.email)
        words = assets.words(wish.language or visitor.language)
        subject, beginning = (words[each].replace("{name}", name) for each in ("mail-subject", "mail-beginning"))
        await house.transcript(visitor, subject=subject, beginning=beginning, you=words["you"], zone=wish.zone)

    return [transcript]
