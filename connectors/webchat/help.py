"""The help centre: the articles as plain pages, for people without scripts and for search engines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import parse_qs, quote

from litestar import Response, get, post
from msgspec import Struct

from connectors.sites import Found, FoundArticle, House, ShownArticle
from connectors.webchat import assets
from connectors.webchat.http import OWN_FORMS, SAFE, AnyRequest, Problem, as_html, as_json, body, static, token_of
from connectors.webchat.pieces import pieces

ROOT = "/help"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' https:; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'self'"
)
_SEEN = "; script-src 'self'; connect-src 'self'"
_PICTURES = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "avif": "image/avif",
}  # fmt: skip
_TONGUE = re.compile(r"[A-Za-z]{2,3}")


class Centre(Struct, frozen=True):
    """Whose help centre it is."""

    name: str
    """The shop's."""
    trail: str = ""
    """The key of the site that keeps trails of who agreed to it; empty: it keeps none."""


class Finding(Struct):
    text: str = ""
    language: str = ""
    page: str = ""
    ask: int = 0
    settled: bool = False


class Reading(Struct):
    slug: str
    language: str = ""
    page: str = ""
    ask: int = 0


class Verdict(Struct):
    slug: str
    ask: int
    solved: bool


class Onward(Struct):
    ask: int


Admit = Callable[[AnyRequest], None]
"""Raises `Problem` if a request may not be served now."""
AdmitTo = Callable[[AnyRequest, str], None]
"""The same for what our own panel asks of the site of that key."""


def article_at(slug: str) -> str:
    """The address of an article's page."""
    return f"{ROOT}/{quote(slug)}"


def picture_at(path: str) -> str:
    """The address of a picture that lies beside the articles."""
    return f"{ROOT}/picture/{quote(path)}"


def routes(house: House, centre: Centre, admit: Admit, admit_to: AdmitTo) -> list[Any]:
    """Pages below `/help`, and what the panel asks of articles."""
    return [*_pages(house, centre, admit), *_asked(house, admit_to)]


def _pages(house: House, centre: Centre, admit: Admit) -> list[Any]:
    @get("/help.css", sync_to_thread=False)
    def dress(request: AnyRequest) -> Response[bytes]:
        return static(request, assets.static("help.css"))

    @get(ROOT)
    async def shelf(request: AnyRequest, q: str = "") -> Response[bytes]:
        admit(request)
        language = _language(request)
        if q.strip():
            found = await house.find(q, language=language, settled=True)
            return _page(centre, f"“{q.strip()[:100]}”", _results(found, language), language, index=False, q=q)
        title = assets.words(language)["help-title"]
        return _page(centre, title, _shelf(await house.articles(language)), language)

    @get(ROOT + "/picture/{path:path}")
    async def picture(request: AnyRequest, path: str) -> Response[bytes]:
        admit(request)
        kind = _PICTURES.get(path.rpartition(".")[2].casefold())
        if kind is None or (data := await house.picture(path.lstrip("/"))) is None:
            raise Problem(404, "not-found", "there is no such picture")
        return Response(data, headers={**SAFE, "Cache-Control": "max-age=3600"}, media_type=kind)

    @get(ROOT + "/{slug:path}")
    async def page(request: AnyRequest, slug: str, ask: int = 0, told: str = "") -> Response[bytes]:
        admit(request)
        article = await _article(house, slug.lstrip("/"))
        language = article.language or _language(request)
        ask = await house.opened(article.slug, ask=ask, page="", language=language)
        return _page(centre, article.title, _shown(article, ask, told, language), language)

    @post(ROOT + "/{slug:path}", status_code=303)
    async def judge(request: AnyRequest, slug: str) -> Response[bytes]:
        admit(request)
        article = await _article(house, slug.lstrip("/"))
        form = parse_qs((await request.body())[:1_000].decode("latin-1"))
        ask, answer = form.get("ask", ["0"])[0], form.get("solved", [""])[0]
        if answer in ("yes", "no") and ask.isascii() and ask.isdigit() and len(ask) < 20:
            await house.judged(article.slug, ask=int(ask), solved=answer == "yes")
        return Response(b"", status_code=303, headers={**SAFE, "Location": f"{article_at(article.slug)}?told={answer}"})

    return [dress, shelf, picture, page, judge]


def _asked(house: House, admit_to: AdmitTo) -> list[Any]:
    @post("/{key:str}/find", status_code=200)
    async def find(request: AnyRequest, key: str) -> Response[bytes]:
        admit_to(request, key)
        given = await body(request, Finding)
        if not given.text.strip():
            return as_json(await house.suggest(given.page, given.language))
        if given.settled and (visitor := await house.known(token_of(request))):
            await house.searched(visitor, given.text)
        found = await house.find(
            given.text, language=given.language, page=given.page, ask=given.ask, settled=given.settled
        )
        return as_json(found)

    @post("/{key:str}/read", status_code=200)
    async def read(request: AnyRequest, key: str) -> Response[bytes]:
        admit_to(request, key)
        given = await body(request, Reading)
        article = await _article(house, given.slug)
        ask = await house.opened(article.slug, ask=given.ask, page=given.page, language=given.language)
        if visitor := await house.known(token_of(request)):
            await house.read(visitor, article.title)
        return as_json({"ask": ask, "title": article.title, "language": article.language, "text": pieces(article.html)})

    @post("/{key:str}/judge", status_code=204)
    async def judge(request: AnyRequest, key: str) -> None:
        admit_to(request, key)
        given = await body(request, Verdict)
        await house.judged(given.slug, ask=given.ask, solved=given.solved)

    @post("/{key:str}/person", status_code=204)
    async def person(request: AnyRequest, key: str) -> None:
        admit_to(request, key)
        await house.to_person((await body(request, Onward)).ask)

    return [find, read, judge, person]


async def _article(house: House, slug: str) -> ShownArticle:
    article = await house.article(slug, article_at=article_at, picture_at=picture_at)
    if article is None:
        raise Problem(404, "not-found", "there is no such article")
    return article


def _language(request: AnyRequest) -> str:
    """The first language that the browser asks for (RFC 9110, section 12.5.4)."""
    match = _TONGUE.match(request.headers.get("accept-language", ""))
    return match[0].lower() if match else ""


# --- pages ------------------------------------------------------------------------------------------------


def _page(
    centre: Centre,
    title: str,
    main: str,
    language: str,
    *,
    index: bool = True,
    q: str = "",
) -> Response[bytes]:
    search = escape(assets.words(language)["help-search"])
    name = centre.name
    whole = title if title == name else f"{title} – {name}"
    seen = f' data-key="{escape(centre.trail)}"' if centre.trail else ""
    script = '<script defer src="/static/trail.js"></script>' if centre.trail else ""
    robots = "" if index else '<meta name="robots" content="noindex">'
    page = (
        f'<!doctype html><html lang="{escape(language or "en")}"{seen}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(whole)}</title>{robots}<link rel="stylesheet" href="/help.css">{script}</head><body>'
        f'<header><a href="{ROOT}">{escape(name)}</a><form role="search" action="{ROOT}">'
        f'<input type="search" name="q" value="{escape(q)}" aria-label="{search}" maxlength="200">'
        f"<button>{search}</button></form></header>"
        f"<main><h1>{escape(title)}</h1>{main}</main></body></html>"
    )
    return as_html(page, _POLICY + (_SEEN if centre.trail else ""), headers=OWN_FORMS)


def _shelf(articles: Sequence[FoundArticle]) -> str:
    parts = []
    for folder, inside in groupby(articles, key=lambda each: each.folder):
        heading = f"<h2>{escape(folder.rpartition('/')[2].replace('-', ' ').capitalize())}</h2>" if folder else ""
        parts.append(f"<section>{heading}{_list(tuple(inside))}</section>")
    return "".join(parts)


def _results(found: Found, language: str) -> str:
    if not found.articles:
        return f"<p>{escape(assets.words(language)['help-nothing'])}</p>"
    return _list(found.articles, ask=found.ask)


def _list(articles: Sequence[FoundArticle], *, ask: int = 0) -> str:
    named = f"?ask={ask}" if ask else ""
    return (
        "<ul>"
        + "".join(
            f'<li><a href="{escape(article_at(each.slug))}{named}">{escape(each.title)}</a>'
            f"<p>{escape(each.excerpt)}</p></li>"
            for each in articles
        )
        + "</ul>"
    )


def _shown(article: ShownArticle, ask: int, told: str, language: str) -> str:
    said = {name: escape(text) for name, text in assets.words(language).items()}
    if told in ("yes", "no"):
        asked = f'<p class="told" role="status">{said["help-thanks"]}</p>'
    else:
        asked = (
            f'<form class="judge" method="post" action="{escape(article_at(article.slug))}">'
            f'<input type="hidden" name="ask" value="{ask}"><span>{said["help-solved"]}</span> '
            f'<button name="solved" value="yes">{said["help-yes"]}</button> '
            f'<button name="solved" value="no">{said["help-no"]}</button></form>'
        )
    return f"<article>{article.html}</article>{asked}"
