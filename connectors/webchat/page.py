"""The page that the panel is: nothing in it but our own script and styles, and only within the shop's pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import msgspec
from litestar import Response

from connectors.webchat import assets, files
from connectors.webchat.http import as_html
from connectors.webchat.settings import SiteSettings


def panel(settings: SiteSettings, name: str, origins: Sequence[str], *, answers: bool) -> Response[bytes]:
    """The panel of the shop with that name. `origins`: of the pages that may show it; `answers`: there are articles.

    What scripts and styles are asked for by names their version, so that no browser joins parts of two versions.
    """
    version = assets.version()
    told = {
        "key": settings.key,
        "name": name,
        "version": version,
        "languages": " ".join(assets.languages()),
        "origins": " ".join(origins),
        "ask": _json(settings.ask),
        "files": _json(files.taken(settings)),
        "callbacks": settings.callbacks,
    }
    switches = {"answers": answers, "preview": settings.preview, "mail": bool(settings.mail)}
    data = [f' data-{each}="{escape(value)}"' for each, value in told.items()]
    data += [f" data-{each}" for each, on in switches.items() if on]
    page = (
        f'<!doctype html><html lang="en"{"".join(data)}>'
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(name)}</title>"
        f'<link rel="stylesheet" href="/static/panel.css?{version}">'
        f'<link rel="stylesheet" href="/{escape(settings.key)}/theme.css">'
        f'<script defer src="/static/panel.js?{version}"></script></head>'
        f'<body><main id="desk" aria-label="{escape(name)}"></main></body></html>'
    )
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:;"
        f" base-uri 'none'; form-action 'none'; frame-ancestors {' '.join(origins)}"
    )
    return as_html(page, policy)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
