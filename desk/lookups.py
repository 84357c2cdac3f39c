"""`[lookup.NAME]`: where another system is asked for what it knows of a customer, and what of its answer is shown.

A template is text with places such as `{customer.email}` in a URL, `{orders[0].status|none yet}` in a row: a path into
the JSON, names with dots, `[n]` for the nth, `|` before what stands there instead of nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec import Struct

from desk.model import Customer, LookupRow
from desk.text import line

ROWS_AT_MOST = 50
LABEL_AT_MOST = 60
VALUE_AT_MOST = 500
_PLACE = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")
_PATH = re.compile(r"\.?[^.\[\]]+|\[-?\d+\]")
_CUSTOMER = ("id", "email", "phone", "name", "language", "zone")


class Show(Struct, frozen=True, kw_only=True):
    """One row of what is shown, or one for every item of a list."""

    label: str
    value: str
    each: str = ""
    """The path of a list; label and value then speak of its items."""


class Lookup(Struct, frozen=True, kw_only=True):
    """One system to ask."""

    name: str
    url: str
    headers: Mapping[str, str] = {}
    """`{secret}` in a value is the secret."""
    secret: bool = False
    """Whether a header asks for the secret."""
    timeout_seconds: float = 5.0
    cache_seconds: float = 60.0
    show: tuple[Show, ...] = ()


class Missing(Exception):
    """The customer lacks what the URL needs; the argument says what."""


def check_url(url: str) -> str:
    """What is wrong with a URL template, in words; empty if nothing is."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc:
        return 'url begins with https:// (or http://) and a host: "https://shop.example/orders?email={customer.email}"'
    for match in _PLACE.finditer(url):
        name = match[1].removeprefix("customer.")
        if name == match[1] or (name not in _CUSTOMER and not name.startswith("attribute.")):
            known = ", ".join(f"{{customer.{each}}}" for each in _CUSTOMER)
            return f"there is no {match[0]}; known: {known}, {{customer.attribute.NAME}}"
    return ""


def fill_url(url: str, customer: Customer) -> str:
    """The URL for a customer, whatever they are called safely encoded (RFC 3986). Raises Missing."""

    def value(match: re.Match[str]) -> str:
        name = match[1].removeprefix("customer.")
        text = _of_customer(customer, name) or (match[2] or "")
        if not text and match[2] is None:
            raise Missing(name)
        return quote(text, safe="")

    return _PLACE.sub(value, url)


def _of_customer(customer: Customer, name: str) -> str:
    if name.startswith("attribute."):
        return customer.attributes.get(name.removeprefix("attribute."), "")
    if name in ("email", "phone"):
        own = [each.value for each in customer.identities if each.kind == name]
        return customer.address if customer.address in own else (own[0] if own else "")
    return str(getattr(customer, name))


# --- what is shown ----------------------------------------------------------------------------------------


def rows(show: tuple[Show, ...], answer: Any) -> tuple[LookupRow, ...]:
    """What the answer's JSON says, safe to be shown; a row without anything to say is left out."""
    found: list[LookupRow] = []
    for each in show:
        items = at(answer, each.each) if each.each else [answer]
        for item in (items if isinstance(items, list) else [])[:ROWS_AT_MOST]:
            if (row := _row(each, item)) is not None:
                found.append(row)
    return tuple(found[:ROWS_AT_MOST])


def _row(show: Show, item: Any) -> LookupRow | None:
    value = line(fill(show.value, item))[:VALUE_AT_MOST]
    if not value.strip():
        return None
    return LookupRow(label=line(fill(show.label, item))[:LABEL_AT_MOST], value=value)


def fill(template: str, answer: Any) -> str:
    """A template with what the JSON has at its places; empty if all of them are."""
    places = list(_PLACE.finditer(template))
    texts = [_words(at(answer, place[1])) or (place[2] or "") for place in places]
    if places and not any(texts):
        return ""
    given = iter(texts)
    return _PLACE.sub(lambda _: next(given), template)


def at(answer: Any, path: str) -> Any:
    """What lies at `a.b[0].c`; None if nothing does. An empty path or `.` is all of it."""
    for step in _PATH.findall(path if path != "." else ""):
        if step.startswith("["):
            index = int(step[1:-1])
            inside = isinstance(answer, list) and -len(answer) <= index < len(answer)
            answer = answer[index] if inside else None
        else:
            answer = answer.get(step.removeprefix(".")) if isinstance(answer, dict) else None
    return answer


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(filter(None, (_words(each) for each in value[:20] if not isinstance(each, list))))
    return "" if value is None or isinstance(value, dict) else str(value)
