"""The page behind the link of an automatic mail, where more of them are refused, and what mail programs post to it.

Looking changes nothing: programs that look for harm follow every link (RFC 8058, section 1). What changes something is
a button on the page itself, or the one POST that RFC 8058 defines, which comes from anywhere, without cookies.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from email.message import Message
from html import escape
from typing import Any
from urllib.parse import parse_qs, quote

from litestar import Response, get, post
from msgspec import Struct

from connectors.sites import House
from connectors.unwanted import MailWanted
from connectors.webchat.http import OWN_FORMS, SAFE, AnyRequest, Problem, as_html
from connectors.webchat.limits import Limit, Rate
from connectors.webchat.settings import SiteSettings
from connectors.webchat.wording import Wording, asked_for, chosen, said_in

LOOKING = Rate(30, 0.5)
"""Looks and words, from one address."""
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {**OWN_FORMS, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_KIND = "mails"
_BODY_AT_MOST = 2_000


class Gate(Struct, frozen=True):
    """Who may ask: as the site decides it for all its routes."""

    admit: Callable[[AnyRequest, str], None]
    """Raises `Problem` for what does not come from the site of that key itself."""
    address: Callable[[AnyRequest], str]


def place(settings: SiteSettings, token: str = "") -> str:
    """Where the page of a token is, on the site."""
    return f"/{quote(settings.key)}/mail/{quote(token)}"


def routes(house: House, settings: SiteSettings, name: str, gate: Gate) -> list[Any]:
    """`name`: the shop's."""
    addresses = Limit(LOOKING, time.monotonic)

    def admit(request: AnyRequest, key: str) -> None:
        if key != settings.key:
            raise Problem(404, "no-such-site", "there is no such site here")
        if wait := addresses.wait(gate.address(request)):
            raise Problem(429, "too-fast", "that is too much at once; try again in a moment", wait=wait)

    @get("/{key:str}/mail/{token:str}")
    async def page(request: AnyRequest, key: str, token: str) -> Response[bytes]:
        admit(request, key)
        return _document(request, settings, name, token, await house.mail_wanted(token))

    @post("/{key:str}/mail/{token:str}", status_code=200)
    async def say(request: AnyRequest, key: str, token: str) -> Response[bytes]:
        admit(request, key)
        said = await _form(request)
        if said.get("List-Unsubscribe") == "One-Click":
            wanted = await house.refuse_mail(token, refuses=True, one_click=True)
            return _document(request, settings, name, token, wanted)
        gate.admit(request, key)
        if said.get("do") in ("stop", "again"):
            await house.refuse_mail(token, refuses=said["do"] == "stop")
        where = place(settings, token)
        return Response(b"", status_code=303, headers={**SAFE, "Cache-Control": "no-store", "Location": where})

    return [page, say]


async def _form(request: AnyRequest) -> dict[str, str]:
    """What was posted, in either form that RFC 8058, section 3.1, allows."""
    raw = (await request.body())[:_BODY_AT_MOST]
    kind = Message()
    kind["Content-Type"] = request.headers.get("content-type", "")[:200]
    boundary = kind.get_boundary()
    if kind.get_content_type() == "multipart/form-data" and boundary:
        return dict(filter(None, map(_part, raw.decode("latin-1").split(f"--{boundary}"))))
    return {name: values[0] for name, values in parse_qs(raw.decode("latin-1")).items()}


def _part(text: str) -> tuple[str, str] | None:
    """A field of RFC 7578."""
    head, _, value = text.partition("\r\n\r\n")
    field = Message()
    field["Content-Disposition"] = next(
        (line.partition(":")[2].strip() for line in head.split("\r\n") if line.lower().startswith("content-disp")), ""
    )
    name = field.get_param("name", header="Content-Disposition")
    return (name, value.strip()) if isinstance(name, str) else None


def _document(
    request: AnyRequest, settings: SiteSettings, name: str, token: str, wanted: MailWanted | None
) -> Response[bytes]:
    tag = chosen(_KIND, asked_for(request))
    said = Wording(tag, said_in(_KIND, tag))
    title, main = said.say("title"), _main(said, settings, name, token, wanted)
    page = (
        f'<!doctype html><html lang="{tag}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{escape(title)} – {escape(name)}</title><link rel="stylesheet" href="/help.css">'
        '<link rel="stylesheet" href="/static/callback.css"></head>'
        f"<body><header><strong>{escape(name)}</strong></header>"
        f'<main class="callback"><h1>{escape(title)}</h1>{main}</main></body></html>'
    )
    return as_html(page, _POLICY, 404 if wanted is None else 200, headers=_HEADERS)


def _main(said: Wording, settings: SiteSettings, name: str, token: str, wanted: MailWanted | None) -> str:
    if wanted is None:
        return f"<p>{escape(said.say('gone'))}</p>"
    state, do = ("stopped", "again") if wanted.refused else ("wanted", "stop")
    return (
        f'<p role="status">{escape(said.say(state, address=wanted.address, name=name))}</p>'
        f'<p class="quiet">{escape(said.say("answers"))}</p>'
        f'<form method="post" action="{escape(place(settings, token))}">'
        f'<button name="do" value="{do}">{escape(said.say(do))}</button></form>'
    )
