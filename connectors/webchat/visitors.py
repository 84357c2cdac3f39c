"""What shops' pages tell of visitors who agreed to it: a frame that nobody sees, and what it asks.

Nothing is taken in from a site that does not ask for trails, nor from a browser that does not want it (`DNT`, and
`Sec-GPC` of Global Privacy Control, whose request headers say so).
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from html import escape
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.response import Stream
from msgspec import Struct

from connectors.seeing import Answer
from connectors.sites import House
from connectors.webchat import assets
from connectors.webchat.http import AnyRequest, Problem, as_events, as_html, as_json, body, token_of
from connectors.webchat.limits import Limit, Rate
from connectors.webchat.settings import SiteSettings
from desk.model import Invitation, Sighting, Visitor

ARRIVALS = Rate(60, 0.5)
"""Visitors never seen before, from one address."""
NEVER_SECONDS = 3_600
_DAY = 86_400_000


class Sight(Struct):
    """A page that somebody looks at."""

    key: str
    url: str = ""
    title: str = ""
    referrer: str = ""
    lasted: float = 0
    idle: float = 0
    cart: float | None = None
    currency: str = ""
    gone: bool = False
    language: str = ""
    customer: str = ""
    """Whom the page vouches for."""
    ours: bool = False
    """It is one of the help centre: it vouches for nobody, and takes nobody's word back."""


class Said(Struct):
    """What they say to an invitation."""

    id: int
    did: Answer


class Gate(Struct, frozen=True):
    """Who may ask: as the site decides it for all its routes."""

    admit: Callable[[AnyRequest, str, str], None]
    """Raises `Problem` if a request for the site of that key, by the visitor with that secret, may not be served."""
    who: Callable[[AnyRequest, str], Awaitable[Visitor]]
    """The same, for the visitor who asks. Raises `Problem` if nobody knows them."""
    address: Callable[[AnyRequest], str]


def routes(house: House, settings: SiteSettings, origins: Sequence[str], gate: Gate) -> list[Any]:
    """The frame beside shops' pages, and what it asks."""
    arrivals = Limit(ARRIVALS, time.monotonic)

    @get("/{key:str}/trail", sync_to_thread=False)
    def frame(request: AnyRequest, key: str) -> Response[bytes]:
        gate.admit(request, key, "")
        if settings.trail == "off":
            raise Problem(404, "not-found", "this site keeps no trails")
        return _frame(settings.key, " ".join(origins))

    @post("/{key:str}/sight", status_code=200)
    async def sight(request: AnyRequest, key: str) -> Response[bytes]:
        token = token_of(request)
        gate.admit(request, key, token)
        given = await body(request, Sight)
        if settings.trail == "off" or unwilling(request):
            return as_json({"again": NEVER_SECONDS})
        visitor, new = await house.known(token), ""
        if visitor is None:
            if given.gone or given.ours:
                return as_json({"again": NEVER_SECONDS})
            if wait := arrivals.wait(gate.address(request)):
                raise Problem(429, "too-many", "too many visitors at once; try again in a moment", wait=wait)
        if visitor is None or ((given.customer or visitor.vouched) and not (given.gone or given.ours)):
            met = await house.meet(token, language=given.language, customer=given.customer)
            visitor, new = met.visitor, met.token
        beat = await house.sight(visitor, _sighting(given))
        return as_json(
            {
                "token": new,
                "again": beat.again,
                "invitation": _asked(beat.invitation, given.language or visitor.language),
            }
        )

    @post("/{key:str}/invited", status_code=200)
    async def invited(request: AnyRequest, key: str, language: str = "") -> Stream:
        visitor = await gate.who(request, key)
        return as_events(_asking(house.invited(visitor), language or visitor.language))

    @post("/{key:str}/invitation", status_code=204)
    async def invitation(request: AnyRequest, key: str) -> None:
        visitor = await gate.who(request, key)
        given = await body(request, Said)
        await house.answer(visitor, given.id, given.did)

    @post("/{key:str}/forget", status_code=204)
    async def forget(request: AnyRequest, key: str) -> None:
        token = token_of(request)
        gate.admit(request, key, token)
        if visitor := await house.known(token):
            await house.forget(visitor)

    return [frame, sight, invited, invitation, forget]


def unwilling(request: AnyRequest) -> bool:
    """Whether the browser says that it does not want to be followed."""
    return request.headers.get("dnt") == "1" or request.headers.get("sec-gpc") == "1"


def _sighting(given: Sight) -> Sighting:
    return Sighting(
        key=given.key,
        url=given.url,
        title=given.title,
        referrer=given.referrer,
        lasted=_millis(given.lasted),
        idle=_millis(given.idle),
        cart=given.cart,
        currency=given.currency,
        gone=given.gone,
    )


def _millis(value: float) -> int:
    return round(min(max(value, 0), _DAY)) if value == value else 0


async def _asking(invited: AsyncGenerator[Invitation | None, None], language: str) -> AsyncIterator[bytes]:
    """Server-sent events, a comment where there is nothing to ask."""
    async with aclosing(invited):
        async for invitation in invited:
            asked = _asked(invitation, language)
            yield b"data: %b\n\n" % msgspec.json.encode(asked) if asked else b":\n\n"


def _asked(invitation: Invitation | None, language: str) -> dict[str, object] | None:
    if invitation is None:
        return None
    yes, no = assets.invitation(language)
    return {"id": invitation.id, "text": invitation.text, "yes": yes, "no": no}


def _frame(key: str, origins: str) -> Response[bytes]:
    page = (
        f'<!doctype html><html lang="en" data-key="{escape(key)}" data-origins="{escape(origins)}">'
        '<head><meta charset="utf-8"><title></title><script defer src="/static/trail.js"></script></head></html>'
    )
    policy = (
        "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
        f" frame-ancestors {origins}"
    )
    return as_html(page, policy)
