"""The options of an Asterisk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from connectors.base import Account
from connectors.dialing import settings

_ENDPOINT = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9_.@:/+-]*\{(number|digits)\}[A-Za-z0-9_.@:/;=+-]*")
_PHONE = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9_.@:/+-]+")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class AsteriskSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be told of an Asterisk."""

    user: str
    """A user of its ari.conf, who may write; the secret is that user's password."""
    endpoint: str
    """How customers are called: `{number}` with its plus sign, or `{digits}` without, as the line wants it."""
    url: str = "http://127.0.0.1:8088/ari"
    """Where ARI answers."""
    app: str = "desk"
    """The name under which Desk listens. No other program may use it."""
    phone: str = ""
    """The phone that reps speak into, such as `PJSIP/100`."""
    phones: Mapping[str, str] = {}
    """Each rep's own, by login."""
    caller_id: str = ""
    """The number that customers see; default: the line's."""
    ring_seconds: float = 45.0
    """How long to let either phone ring."""

    def target(self, number: str) -> str:
        """The endpoint that calls a customer."""
        return self.endpoint.replace("{number}", number).replace("{digits}", number[1:])

    def named_phones(self) -> Iterator[tuple[str, str]]:
        """Every phone with the option that names it."""
        if self.phone:
            yield "phone", self.phone
        for rep, phone in self.phones.items():
            yield f"phones.{rep}", phone

    @property
    def line(self) -> tuple[str, str]:
        """Technology and name of the endpoint that leads outside."""
        technology, _, resource = self.endpoint.partition("/")
        return technology, resource.rpartition("@")[2].partition("/")[0]


def parse(account: Account) -> tuple[AsteriskSettings | None, list[str]]:
    """The account's settings and what is wrong with them, as `option: what, and what to do`."""
    return settings.read(account, AsteriskSettings, _meaning)


def _meaning(given: AsteriskSettings) -> Iterator[str]:
    yield from settings.address("url", given.url, example="http://127.0.0.1:8088/ari")
    if not _ENDPOINT.fullmatch(given.endpoint):
        yield 'endpoint: write it like endpoint = "PJSIP/{number}@trunk"'
    if not _NAME.fullmatch(given.app):
        yield 'app: letters, digits, - and _ only; write app = "desk"'
    yield from settings.any_phone(given.phone, given.phones, "PJSIP/100")
    for name, phone in given.named_phones():
        if not _PHONE.fullmatch(phone):
            yield f'{name}: {phone!r} is no endpoint; write it like "PJSIP/100"'
    if given.caller_id:
        yield from settings.number("caller_id", given.caller_id)
    yield from settings.seconds("ring_seconds", given.ring_seconds, 1, 600)
