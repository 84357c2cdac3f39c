"""Addresses of pages: what is kept of them, and the patterns that say where an article is likely needed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from desk.text import line

_LONG_AT_MOST = 300
_PATTERN_AT_MOST = 200
_SCHEME = re.compile(r"^(?:https?:)?//", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:(?!\d+(?:/|$))", re.IGNORECASE)
_PERSONAL = re.compile(r"@|\d.*\d.*\d.*\d|^(?=.*\d)[\w.~-]{16,}$|^[\w.~-]{40,}$", re.ASCII)
"""A part of a path that may be somebody's: an address, a number of four digits or more, a key."""


@lru_cache(maxsize=4_096)
def page_of(address: str) -> str:
    """What is kept of a page's address: `shop.example/orders/*` of `https://shop.example/orders/10023?token=…`.

    Neither query nor fragment, and `*` for whatever in the path may be a person's. Empty for what is no address.
    """
    text = address.strip()
    if _OTHER_SCHEME.match(text):
        return ""
    if text.startswith("/") and not text.startswith("//"):
        host, path = "", text.partition("?")[0].partition("#")[0]
    else:
        try:
            parts = urlsplit(text if _SCHEME.match(text) else f"//{text}")
            host, path = parts.hostname or "", parts.path
        except ValueError:
            return ""
        if not host:
            return ""
    kept = "/".join("*" if _PERSONAL.search(part) else part for part in unquote(path).split("/"))
    return line(f"{host}{kept.rstrip('/') or '/'}")[:_LONG_AT_MOST]


def check_pattern(pattern: str) -> str:
    """What is wrong with a pattern, empty if nothing is."""
    if not pattern.strip() or len(pattern) > _PATTERN_AT_MOST:
        return f"a pattern has 1 to {_PATTERN_AT_MOST} characters, such as /checkout*"
    bare = _SCHEME.sub("", pattern)
    if "?" in bare or "#" in bare:
        return f"{pattern!r}: pages are told apart by host and path; leave out what begins with ? or #"
    if not bare.startswith(("/", "*")) and "." not in bare.partition("/")[0] and not bare.startswith("localhost"):
        return f"{pattern!r} begins with neither a host nor /; write /{bare}"
    return ""


def fits(patterns: Iterable[str], page: str) -> int:
    """How closely a page, as `page_of` has it, is meant by the closest pattern: the letters that it names; 0: not."""
    return max((len(each.replace("*", "")) + 1 for each in patterns if page and _matches(each, page)), default=0)


def _matches(pattern: str, page: str) -> bool:
    whole = _SCHEME.sub("", pattern)
    compared = page[page.find("/") :] if whole.startswith("/") else page
    return _compiled(whole).fullmatch(compared) is not None


@lru_cache(maxsize=4_096)
def _compiled(pattern: str) -> re.Pattern[str]:
    trimmed = pattern.rstrip("/") or "/"
    return re.compile("[^\n]*".join(re.escape(part) for part in re.split(r"\*+", trimmed)), re.IGNORECASE)
