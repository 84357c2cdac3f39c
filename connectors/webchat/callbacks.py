"""Callbacks on a site: what the panel asks, and the page where who asked sees theirs, moves it and cancels it.

The page needs no script. Its address holds a seal that nobody guesses, and is told to nobody but who asked.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from litestar import Response, get, post
from msgspec import Struct

from connectors.callbacks import CallForm, Letter, Promised
from connectors.sites import House, Refused
from connectors.webchat.http import OWN_FORMS, SAFE, AnyRequest, Problem, as_html, as_json, body
from connectors.webchat.limits import Limit, Rate
from connectors.webchat.settings import SiteSettings
from connectors.webchat.wording import Wording, asked_for, chosen, said_in
from desk.clock import Millis
from desk.model import CallSlot, Visitor
from desk.zones import zone_named

ASKING = Rate(5, 1 / 60)
"""Callbacks that one visitor asks for."""
ASKING_ADDRESS = Rate(20, 1 / 30)
LOOKING = Rate(60, 1)
"""Looks at callbacks by their links, from one address."""
ZONE_AT_MOST = 64
"""Characters of a zone's name."""
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {**OWN_FORMS, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_KIND = "calls"
_SOON = "soon"
_TOLD = ("moved", "slot-taken", "settled", "slow")


class Look(Struct):
    language: str = ""


class Ask(Struct):
    number: str
    country: str = ""
    reason: str = ""
    at: Millis | None = None
    language: str = ""
    zone: str = ""
    """The browser's time zone (IANA)."""


class Gate(Struct, frozen=True):
    """Who may ask: as the site decides it for all its routes."""

    who: Callable[[AnyRequest, str], Awaitable[Visitor]]
    """The visitor who asks of the site of that key. Raises `Problem`."""
    admit: Callable[[AnyRequest, str], None]
    """The same for somebody who need not be known."""
    address: Callable[[AnyRequest], str]


class Words(Wording):
    """What is said of callbacks, in one language."""

    def day(self, at: datetime) -> str:
        """`Monday, 24 November`."""
        weekday, month = self._said["weekdays"][at.weekday()], self._said["months"][at.month - 1]
        return self.say("day", weekday=weekday, day=at.day, month=month)

    def time(self, at: datetime) -> str:
        """`Monday, 24 November, 14:30`."""
        return f"{self.day(at)}, {at:%H:%M}"


@lru_cache
def words(language: str) -> Words:
    """In the language of a tag, or of the language it is a part of, or in English."""
    tag = chosen(_KIND, language)
    return Words(tag, said_in(_KIND, tag))


def routes(house: House, settings: SiteSettings, url: str, name: str, gate: Gate) -> list[Any]:
    """None where the site calls nobody. `url`: how browsers reach the site; `name`: the shop's."""
    if settings.callbacks == "off":
        return []
    return [*_asked(house, settings, url, name, gate), *_page(house, settings, url, name, gate)]


def _asked(house: House, settings: SiteSettings, url: str, name: str, gate: Gate) -> list[Any]:
    visitors = Limit(ASKING, time.monotonic)
    addresses = Limit(ASKING_ADDRESS, time.monotonic)

    @post("/{key:str}/callback-form", status_code=200)
    async def form(request: AnyRequest, key: str) -> Response[bytes]:
        visitor = await gate.who(request, key)
        given = await body(request, Look)
        language = given.language[:35]
        offered = await house.call_form(visitor, language)
        return as_json({"form": offered, "words": said_in(_KIND, words(language).tag)})

    @post("/{key:str}/callback", status_code=201)
    async def ask(request: AnyRequest, key: str) -> Response[bytes]:
        visitor = await gate.who(request, key)
        given = await body(request, Ask)
        if wait := visitors.wait(str(visitor.id)) or addresses.wait(gate.address(request)):
            raise Problem(429, "too-fast", "that is too much at once; try again in a moment", wait=wait)
        said, zone = words(given.language or visitor.language), given.zone[:ZONE_AT_MOST]

        letter = partial(_letter, said, name, f"{url}/{quote(settings.key)}", zone)
        promised = await house.ask_call(
            visitor, given.number, country=given.country, reason=given.reason, at=given.at, confirmed=letter
        )
        return as_json(promised, 201)

    return [form, ask]


def _letter(said: Words, name: str, site: str, zone: str, promised: Promised) -> Letter:
    """The promise, and where it is changed. Nothing that the visitor wrote: the address may be anybody's."""
    known = zone_named(zone)
    link = f"{site}{_below(promised.token, zone)}"
    at = datetime.fromtimestamp(promised.at / 1000, UTC).astimezone(known or UTC)
    sentence = said.say(_sentence(promised), number=promised.number, time=said.time(at))
    times = said.say("zone", zone=zone if known else "UTC")
    told = (sentence, times, "", said.say("mail-change"), link, "", said.say("mail-not-you"))
    return Letter(subject=said.say("mail-subject", name=name), body="\n".join(told))


def _sentence(promised: Promised) -> str:
    return "promised" if promised.until is not None else "promised-soon"


def _page(house: House, settings: SiteSettings, url: str, name: str, gate: Gate) -> list[Any]:
    looks = Limit(LOOKING, time.monotonic)

    def admit(request: AnyRequest, key: str) -> None:
        gate.admit(request, key)
        if wait := looks.wait(gate.address(request)):
            raise Problem(429, "too-fast", "that is too much at once; try again in a moment", wait=wait)

    @get("/{key:str}/callback/{token:str}")
    async def page(request: AnyRequest, key: str, token: str, zone: str = "", told: str = "") -> Response[bytes]:
        admit(request, key)
        said = words(asked_for(request))
        promised = await house.promised_call(token)
        if promised is None:
            return _document(said, name, f"<p>{escape(said.say('gone'))}</p>", 404)
        form = await house.call_form(None)
        return _document(said, name, _Shown(said, promised, form, _place(settings.key, token, zone), zone).main(told))

    @post("/{key:str}/callback/{token:str}", status_code=303)
    async def change(request: AnyRequest, key: str, token: str, zone: str = "") -> Response[bytes]:
        admit(request, key)
        form = parse_qs((await request.body())[:1_000].decode("latin-1"))
        letter = partial(_letter, words(asked_for(request)), name, f"{url}/{quote(settings.key)}", zone[:ZONE_AT_MOST])
        told = await _change(house, token, form.get("do", [""])[0], form.get("at", [""])[0], letter)
        where = _place(settings.key, token, zone, told)
        return Response(b"", status_code=303, headers={**SAFE, "Cache-Control": "no-store", "Location": where})

    return [page, change]


async def _change(house: House, token: str, do: str, at: str, letter: Callable[[Promised], Letter]) -> str:
    """What to tell of it."""
    try:
        if do == "cancel":
            await house.cancel_call(token)
            return ""
        if do == "move" and (at == _SOON or (at.isascii() and at.isdigit() and len(at) < 16)):
            await house.move_call(token, None if at == _SOON else int(at), confirmed=letter)
            return "moved"
    except Refused as refused:
        return refused.code if refused.code == "slot-taken" else "settled"
    return ""


def _place(key: str, token: str, zone: str, told: str = "") -> str:
    return f"/{quote(key)}{_below(token, zone, told)}"


def _below(token: str, zone: str, told: str = "") -> str:
    asked = {name: value for name, value in (("zone", zone), ("told", told)) if value}
    return f"/callback/{quote(token)}{'?' if asked else ''}{urlencode(asked)}"


# --- the page -----------------------------------------------------------------------------------------------


class _Shown:
    """One callback, in the words and the zone of who looks at it."""

    def __init__(self, said: Words, promised: Promised, form: CallForm, place: str, zone: str) -> None:
        self._said = said
        self._promised = promised
        self._form = form
        self._place = escape(place)
        self._zone_name = zone if zone_named(zone[:ZONE_AT_MOST]) else form.zone
        self._zone: tzinfo = zone_named(self._zone_name) or UTC

    def main(self, told: str) -> str:
        """What stands below the heading."""
        said, promised = self._said, self._promised
        note = f'<p class="told" role="status">{escape(said.say(told))}</p>' if told in _TOLD else ""
        reason = f"<p>{escape(said.say('about', reason=promised.reason))}</p>" if promised.reason else ""
        if promised.state != "waiting":
            return f"{note}<p>{escape(said.say(promised.state))}</p>{reason}"
        return f"{note}{self._when()}{reason}{self._moving()}{self._cancelling()}"

    def _when(self) -> str:
        said, promised = self._said, self._promised
        tried = ""
        if promised.tried is not None:
            tried = f"<p>{escape(said.say('tried', time=self._time(promised.tried)))}</p>"
        at = said.say(_sentence(promised), number=promised.number, time=self._time(promised.at))
        place = said.say("place", n=promised.place) if promised.until is None and promised.place > 1 else ""
        zone = said.say("zone", zone=self._zone_name)
        return f'{tried}<p class="promised">{escape(at)}</p><p class="quiet">{escape(f"{place} {zone}".strip())}</p>'

    def _moving(self) -> str:
        said = self._said
        soon = said.say("soon", time=self._time(self._form.at))
        choices = f'<option value="{_SOON}">{escape(soon)}</option>{self._slots()}'
        return (
            f'<form method="post" action="{self._place}"><label for="at">{escape(said.say("another"))}</label>'
            f'<select id="at" name="at">{choices}</select>'
            f'<button name="do" value="move">{escape(said.say("move"))}</button></form>'
        )

    def _slots(self) -> str:
        def day(slot: CallSlot) -> str:
            return self._said.day(self._local(slot.start))

        groups = groupby(self._form.slots, key=day)
        return "".join(
            f'<optgroup label="{escape(name)}">{"".join(map(self._option, slots))}</optgroup>' for name, slots in groups
        )

    def _option(self, slot: CallSlot) -> str:
        mine = " selected" if slot.start == self._promised.at and self._promised.until is not None else ""
        return (
            f'<option value="{slot.start}"{mine}>{self._local(slot.start):%H:%M}–{self._local(slot.end):%H:%M}</option>'
        )

    def _cancelling(self) -> str:
        cancel = escape(self._said.say("cancel"))
        return f'<form method="post" action="{self._place}"><button name="do" value="cancel">{cancel}</button></form>'

    def _local(self, at: Millis) -> datetime:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone)

    def _time(self, at: Millis) -> str:
        return self._said.time(self._local(at))


def _document(said: Words, name: str, main: str, status: int = 200) -> Response[bytes]:
    title = said.say("yours")
    page = (
        f'<!doctype html><html lang="{said.tag}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{escape(title)} – {escape(name)}</title><link rel="stylesheet" href="/help.css">'
        '<link rel="stylesheet" href="/static/callback.css"></head>'
        f"<body><header><strong>{escape(name)}</strong></header>"
        f'<main class="callback"><h1>{escape(title)}</h1>{main}</main></body></html>'
    )
    return as_html(page, _POLICY, status, headers=_HEADERS)
