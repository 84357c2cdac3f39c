"""The options of a site, typed and checked.

In `desk.toml`:

    [accounts.shop]
    connector = "webchat"
    name = "Larkspur Cycles"
    key = "larkspur"
    origins = ["https://shop.example.com"]
    url = "https://chat.example.com"
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from connectors import options
from connectors.base import Account
from connectors.webchat import questions
from connectors.webchat.kinds import KINDS

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LAST_PORT = 65_535
FILES_MB_AT_MOST = 100
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


class SiteSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a site can be told."""

    key: str
    """What `data-site` on the page names."""
    origins: list[str] = []
    """The pages that may show it: scheme and host, such as `https://shop.example.com`."""
    host: str = "127.0.0.1"
    """The address of this machine it listens on."""
    port: int = 8765
    """0: any that is free."""
    url: str = ""
    """How browsers reach it, if a proxy stands before it; empty: by host and port."""
    proxies: list[str] = []
    """Addresses of proxies whose word on who asks (X-Forwarded-For) is taken."""
    preview: bool = False
    """Show reps what visitors type before they send it; the chat then tells visitors so."""
    mail: str = ""
    """The account whose mail goes on with chats whose visitor left and gave an address; empty: no mail does."""
    trail: Literal["off", "ask", "on"] = "off"
    """Whether reps see where visitors are: not at all, those who say yes, or those who do not say no."""
    callbacks: Literal["away", "always", "off"] = "away"
    """When visitors may ask to be called: while nobody is there, at any time, or never."""
    demo: bool = False
    """Serve a page of a shop that does not exist, with the chat on it, to try it; on this machine only."""
    colour: str = "#2f5d8a"
    """Of the bubble and what visitors say."""
    ink: str = "#ffffff"
    """Of what is written on it."""
    ask: list[questions.Question] = []
    """What visitors are asked before their first words."""
    files: tuple[str, ...] = ("png", "jpeg", "gif", "webp", "avif", "heic", "pdf", "text")
    """The kinds of files that visitors may send, of `kinds.KINDS`; none: they may send none."""
    files_mb: float = 10
    """What one of them may have, in millions of bytes."""


def parse(account: Account) -> tuple[SiteSettings | None, list[str]]:
    """The account's settings, and what is wrong, as `option: what, and what to do`."""
    given = account.options
    problems = [*options.unknown(given, SiteSettings)]
    if not str(given.get("key", "")).strip():
        problems.append('key: missing; write key = "my-shop", the name your page gives in data-site')
    if not given.get("origins") and given.get("demo") is not True:
        problems.append('origins: missing; write origins = ["https://www.example.com"], the site that shows the chat')
    if problems:
        return None, problems
    try:
        settings = msgspec.convert(dict(given), SiteSettings)
    except msgspec.ValidationError as error:
        return None, [options.in_words(error)]
    problems = _meaning(settings)
    return (None if problems else settings), problems


def _meaning(settings: SiteSettings) -> list[str]:
    problems = []
    if not _KEY.fullmatch(settings.key):
        problems.append("key: small letters, digits and '-', at most 63 of them")
    problems += [wrong for origin in settings.origins if (wrong := _wrong_origin("origins", origin))]
    if settings.url and (wrong := _wrong_origin("url", settings.url)):
        problems.append(wrong)
    if not 0 <= settings.port <= _LAST_PORT:
        problems.append("port: from 0 to 65535")
    if settings.demo and settings.host not in _THIS_MACHINE:
        problems.append("demo: for this machine only; take it out, or set host to 127.0.0.1")
    problems += questions.problems(settings.ask)
    if unknown := [each for each in settings.files if each not in KINDS]:
        problems.append(f"files: {', '.join(unknown)}: known are {', '.join(KINDS)}")
    if not 0 < settings.files_mb <= FILES_MB_AT_MOST:
        problems.append(f"files_mb: more than 0, at most {FILES_MB_AT_MOST}")
    for name in ("colour", "ink"):
        if not _COLOUR.fullmatch(getattr(settings, name)):
            problems.append(f'{name}: a colour is written like "#2f5d8a"')
    return problems


def _wrong_origin(name: str, origin: str) -> str:
    try:
        parts = urlsplit(origin)
        _ = parts.port
    except ValueError:
        return f"{name}: {origin!r} is no address; write it like https://www.example.com"
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        return f"{name}: {origin!r} should be scheme and host only, like https://www.example.com"
    if any(c in origin for c in " ;,'\"\t\r\n") or "@" in origin or "*" in origin:
        return f"{name}: {origin!r} holds what an origin cannot; write it like https://www.example.com"
    return ""
