"""What the settings of all dialers have in common: read into their struct, judged in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from connectors import options
from connectors.base import Account
from connectors.dialing.numbers import is_e164

S = TypeVar("S", bound=Struct)

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def read(account: Account, kind: type[S], judge: Callable[[S], Iterator[str]]) -> tuple[S | None, list[str]]:
    """The account's settings, and what is wrong with them as `option: what, and what to do`.

    `judge` yields what the types alone do not show.
    """
    problems = list(options.unknown(account.options, kind))
    problems += [f"{name}: missing; {how}" for name, how in _missing(account, kind)]
    if problems:
        return None, problems
    try:
        settings = msgspec.convert(dict(account.options), kind)
    except msgspec.ValidationError as error:
        return None, [options.in_words(error)]
    problems = list(judge(settings))
    return (None if problems else settings), problems


def _missing(account: Account, kind: type[Struct]) -> Iterator[tuple[str, str]]:
    for field in msgspec.structs.fields(kind):
        if field.required and account.options.get(field.name) in (None, ""):
            yield field.name, "the dialer cannot do without it"


def seconds(name: str, value: float, least: float, most: float) -> Iterator[str]:
    """A finding if a time lies outside what makes sense."""
    if not least <= value <= most:
        yield f"{name}: {value:g} is out of range; write {least:g} to {most:g} seconds"


def number(name: str, value: str) -> Iterator[str]:
    """A finding if it is no international number."""
    if not is_e164(value):
        yield f"{name}: {value!r} is no international number; write it like +491701234567"


def address(name: str, url: str, *, example: str) -> Iterator[str]:
    """A finding unless it is an address of the web, and a safe one to send secrets to."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.query or parts.fragment:
        yield f"{name}: {url!r} is no address; write it like {example}"
    elif parts.scheme == "http" and host not in LOOPBACK:
        yield f"{name}: the login would go over the network in plain text; use https, or http on this machine only"


def phone_of(rep: str, phone: str, phones: Mapping[str, str]) -> str:
    """The phone of who will speak: their own, else everybody's."""
    return phones.get(rep, "") or phone


def any_phone(phone: str, phones: Mapping[str, str], example: str) -> Iterator[str]:
    """A finding if there is no phone that the rep could speak into."""
    if not phone and not phones:
        yield f'phone: missing; write the phone that reps speak into, phone = "{example}", or phones for each of them'
