"""The visitors' application: pages, what browsers load, and what they say. Apart from the reps' API in everything.

Nobody is known by a cookie, so that no other page can speak in a visitor's name: each request shows the visitor's
secret, and those that change something come from our own panel (Origin, RFC 6454).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Litestar, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Stream
from msgspec import Struct

from connectors.sites import House, Refused
from connectors.webchat import assets, callbacks, files, help, page, transcripts, unwanted, visitors
from connectors.webchat.files import ShownFile, shown
from connectors.webchat.http import (
    SAFE,
    AnyRequest,
    Problem,
    as_events,
    as_json,
    body,
    failed,
    refused,
    static,
    token_of,
    told,
    wrong,
)
from connectors.webchat.limits import Limits, Rate
from connectors.webchat.questions import introduction, unanswered
from connectors.webchat.settings import SiteSettings
from desk.model import Glance, Line, Visitor

BODY_AT_MOST = 100_000
STREAMS_OF_ONE = 8
"""Tabs of one visitor that follow at the same time."""

VISITOR = Rate(30, 2)
ADDRESS = Rate(120, 10)
EVERYBODY = Rate(2_000, 1_000)

_DEMO_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


class Visit(Struct):
    language: str = ""
    customer: str = ""
    """Whom the page vouches for (`data-customer`)."""


class Post(Struct):
    id: str
    text: str


class Marks(Struct):
    delivered: int = 0
    read: int = 0


class Me(Struct):
    name: str = ""
    email: str = ""


class Told(Struct):
    answers: dict[str, str] = {}


class Typing(Struct):
    typing: bool = False
    text: str = ""
    """What stands there; only a panel that has told its visitor so sends it."""


class Rating(Struct):
    rating: int
    comment: str = ""


class Said(Struct, frozen=True):
    """A line as the visitor's browser gets it."""

    seq: int
    mine: bool
    id: str
    name: str
    text: str
    at: int
    files: tuple[ShownFile, ...] = ()


def said(line: Line) -> Said:
    """Nothing of a message but what was said, by whom, and when."""
    message = line.message
    mine = message.direction == "in"
    carried = tuple(shown(each) for each in message.attachments)
    name = (message.sender.name if message.sender else "") if mine else (message.agent_name or "")
    return Said(seq=line.seq, mine=mine, id=line.client_id, name=name, text=message.body, at=message.at, files=carried)


def known(visitor: Visitor) -> dict[str, Any]:
    """What a visitor has said of themself."""
    return {"name": visitor.name, "email": visitor.email, "told": visitor.told}


class App:
    """One site's application: `asgi`, reached at `url`, for the shop of that name."""

    def __init__(self, house: House, settings: SiteSettings, url: str, name: str) -> None:
        self._house = house
        self._settings = settings
        self._url = url
        self._name = name
        self._origins = [*settings.origins, *([url] if settings.demo else [])]
        """The pages that may show the panel."""
        self._limits = Limits(time.monotonic, visitor=VISITOR, address=ADDRESS, everybody=EVERYBODY)
        self._streams: dict[int, int] = {}
        self._ended = asyncio.Event()
        self.asgi = Litestar(
            route_handlers=self._routes(),
            exception_handlers={Problem: told, Refused: refused, HTTPException: wrong, Exception: failed},
            openapi_config=None,
            logging_config=None,
            request_max_body_size=BODY_AT_MOST,
        )

    def end(self) -> None:
        """Let the streams end."""
        self._ended.set()

    # --- who asks -----------------------------------------------------------------------------------------

    def _address(self, request: AnyRequest) -> str:
        """Whose request it is; what a proxy says of that is believed of our own only."""
        peer = request.client.host if request.client else ""
        if peer not in self._settings.proxies:
            return peer
        told = [each.strip() for each in request.headers.get("x-forwarded-for", "").split(",") if each.strip()]
        return next((each for each in reversed(told) if each not in self._settings.proxies), peer)

    def _admit(self, request: AnyRequest, key: str, visitor: str = "") -> None:
        if key != self._settings.key:
            raise Problem(404, "no-such-site", "there is no such site here")
        self._admit_anybody(request, visitor)

    def _admit_anybody(self, request: AnyRequest, visitor: str = "") -> None:
        if request.method == "POST" and request.headers.get("origin") != self._url:
            raise Problem(403, "foreign-origin", "only the panel itself may ask this")
        if wait := self._limits.wait(self._address(request), visitor):
            raise Problem(429, "too-fast", "that is too much at once; try again in a moment", wait=wait)

    async def _who(self, request: AnyRequest, key: str) -> Visitor:
        token = token_of(request)
        self._admit(request, key, token)
        visitor = await self._house.known(token)
        if visitor is None:
            raise Problem(401, "unknown-visitor", "this browser is not known here; begin anew")
        return visitor

    async def _begin(self, visitor: Visitor) -> None:
        """Raises `Problem` for a first word before what has to be answered."""
        going = ("waiting", "active")
        if unanswered(self._settings.ask, visitor) and (await self._house.glance(visitor)).state not in going:
            raise Problem(422, "required", "answer what is asked first", field="ask")

    # --- routes -------------------------------------------------------------------------------------------

    def _routes(self) -> list[Any]:
        script = assets.loader(self._settings)

        @get("/desk.js", sync_to_thread=False)
        def loader(request: AnyRequest) -> Response[bytes]:
            return static(request, script)

        @get("/static/{name:str}", sync_to_thread=False)
        def asset(request: AnyRequest, name: str) -> Response[bytes]:
            return static(request, assets.static(name))

        @get("/static/languages/{name:str}", sync_to_thread=False)
        def language(request: AnyRequest, name: str) -> Response[bytes]:
            return static(request, assets.language(name))

        @get("/", sync_to_thread=False)
        def shop(request: AnyRequest) -> Response[bytes]:
            answer = static(request, assets.demo("page.html") if self._settings.demo else None)
            answer.headers["Content-Security-Policy"] = _DEMO_POLICY
            return answer

        @get("/demo.css", sync_to_thread=False)
        def dress(request: AnyRequest) -> Response[bytes]:
            return static(request, assets.demo("demo.css") if self._settings.demo else None)

        @get("/{key:str}/panel")
        async def panel(request: AnyRequest, key: str) -> Response[bytes]:
            self._admit(request, key)
            return page.panel(self._settings, self._name, self._origins, answers=await self._house.has_articles())

        @get("/{key:str}/theme.css", sync_to_thread=False)
        def theme(request: AnyRequest, key: str) -> Response[bytes]:
            self._admit(request, key)
            css, kind = assets.theme(self._settings), assets.TYPES["css"]
            return Response(css, headers={**SAFE, "Cache-Control": "max-age=300"}, media_type=kind)

        def admit_to(request: AnyRequest, key: str) -> None:
            self._admit(request, key, token_of(request))

        centre = help.Centre(self._name, self._settings.key if self._settings.trail != "off" else "")
        answers = help.routes(self._house, centre, self._admit_anybody, admit_to)
        seen = visitors.routes(
            self._house, self._settings, self._origins, visitors.Gate(self._admit, self._who, self._address)
        )
        gate = callbacks.Gate(self._who, self._admit, self._address)
        called = callbacks.routes(self._house, self._settings, self._url, self._name, gate)
        own = unwanted.Gate(self._admit, self._address)
        mails = unwanted.routes(self._house, self._settings, self._name, own)
        return [shop, dress, loader, asset, language, panel, theme, *answers, *seen, *called, *mails, *self._talk()]

    def _talk(self) -> list[Any]:
        house = self._house

        @post("/{key:str}/visit", status_code=200)
        async def visit(request: AnyRequest, key: str) -> Response[bytes]:
            token = token_of(request)
            self._admit(request, key, token)
            asked = await body(request, Visit)
            met = await house.meet(token, language=asked.language, customer=asked.customer)
            visitor = met.visitor
            return as_json(
                {
                    "token": met.token or None,
                    "why": met.why,
                    "visitor": known(visitor),
                    "lines": [said(each) for each in await house.lines(visitor, 0)],
                    "glance": await house.glance(visitor),
                }
            )

        @post("/{key:str}/events", status_code=200)
        async def events(request: AnyRequest, key: str) -> Stream:
            visitor, token = await self._who(request, key), token_of(request)
            last = request.headers.get("last-event-id", "0")
            if self._streams.get(visitor.id, 0) >= STREAMS_OF_ONE:
                raise Problem(429, "too-many-tabs", "this chat is open in too many tabs; close some", wait=5)
            after = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else 0
            return as_events(self._follow(visitor, token, after))

        @post("/{key:str}/messages", status_code=201)
        async def messages(request: AnyRequest, key: str) -> Response[bytes]:
            visitor = await self._who(request, key)
            given = await body(request, Post)
            await self._begin(visitor)
            await house.say(visitor, given.id, given.text)
            return as_json({}, 201)

        @post("/{key:str}/marks", status_code=204)
        async def marks(request: AnyRequest, key: str) -> None:
            visitor = await self._who(request, key)
            given = await body(request, Marks)
            await house.mark(visitor, delivered=given.delivered, read=given.read)

        @post("/{key:str}/me", status_code=200)
        async def me(request: AnyRequest, key: str) -> Response[bytes]:
            visitor = await self._who(request, key)
            given = await body(request, Me)
            now = await house.introduce(visitor, name=given.name, email=given.email)
            return as_json(known(now))

        @post("/{key:str}/told", status_code=200)
        async def told(request: AnyRequest, key: str) -> Response[bytes]:
            visitor = await self._who(request, key)
            said = introduction(self._settings.ask, (await body(request, Told)).answers)
            return as_json(known(await house.introduce(visitor, name=said.name, email=said.email, told=said.told)))

        @post("/{key:str}/typing", status_code=204)
        async def typing(request: AnyRequest, key: str) -> None:
            visitor = await self._who(request, key)
            given = await body(request, Typing)
            text = given.text if given.typing and self._settings.preview else ""
            house.typing(visitor, typing=given.typing, text=text)

        @post("/{key:str}/end", status_code=204)
        async def end(request: AnyRequest, key: str) -> None:
            await house.end(await self._who(request, key))

        @post("/{key:str}/rating", status_code=204)
        async def rating(request: AnyRequest, key: str) -> None:
            visitor = await self._who(request, key)
            given = await body(request, Rating)
            await house.rate(visitor, given.rating, given.comment)

        carried = files.routes(house, self._settings, self._who, self._address, self._begin)
        return [
            visit,
            events,
            messages,
            marks,
            me,
            told,
            typing,
            end,
            rating,
            *carried,
            *transcripts.routes(house, self._name, self._who),
        ]

    # --- the stream ---------------------------------------------------------------------------------------

    async def _follow(self, visitor: Visitor, token: str, after: int) -> AsyncIterator[bytes]:
        """Lines after one, then each as it comes, and how the chat stands whenever that changes."""
        house = self._house
        self._streams[visitor.id] = self._streams.get(visitor.id, 0) + 1
        glance: Glance | None = None
        try:
            async with house.news(visitor) as news:
                async for changed in news:
                    if self._ended.is_set():
                        return
                    if visitor.vouched and await house.known(token) is None:
                        return  # they signed out, or the page's word for them is no longer good
                    if not changed:
                        yield b":\n\n"
                        continue
                    for line in await house.lines(visitor, after):
                        after = line.seq
                        yield b"event: line\nid: %d\ndata: %b\n\n" % (after, msgspec.json.encode(said(line)))
                    now = await house.glance(visitor)
                    if now != glance:
                        glance = now
                        yield b"event: glance\ndata: %b\n\n" % msgspec.json.encode(now)
        finally:
            left = self._streams.pop(visitor.id) - 1
            if left:
                self._streams[visitor.id] = left
