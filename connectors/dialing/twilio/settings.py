"""The options of a Twilio account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from connectors.base import Account
from connectors.dialing import settings

_SID = re.compile(r"AC[0-9a-f]{32}")
_STATUS_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}|client:[A-Za-z0-9_.-]{1,121}|sips?:[A-Za-z0-9_.+-]+@[A-Za-z0-9.-]+(:[0-9]+)?")


class TwilioSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be told of a Twilio account. Its secret is the account's Auth Token."""

    account_sid: str
    caller_id: str
    """The number that customers see: one of the account's, or one that it has verified."""
    phone: str = ""
    """The phone that reps speak into: a number, `client:NAME`, or a SIP address."""
    phones: Mapping[str, str] = {}
    """Each rep's own, by login."""
    ring_seconds: int = 45
    """How long to let either phone ring."""
    poll_seconds: float = 1.0
    """How often to ask how a call stands."""
    status_url: str = ""
    """An https address at which Twilio reaches Desk, to be told of changes at once. Default: only asking."""
    machine_detection: bool = False
    """Let Twilio find out whether a machine answered. It costs, and takes a moment."""
    url: str = "https://api.twilio.com"
    """Another for other regions."""

    def named_phones(self) -> Iterator[tuple[str, str]]:
        """Every phone with the option that names it."""
        if self.phone:
            yield "phone", self.phone
        for rep, phone in self.phones.items():
            yield f"phones.{rep}", phone


def parse(account: Account) -> tuple[TwilioSettings | None, list[str]]:
    """The account's settings and what is wrong with them, as `option: what, and what to do`."""
    return settings.read(account, TwilioSettings, _meaning)


def _meaning(given: TwilioSettings) -> Iterator[str]:
    if not _SID.fullmatch(given.account_sid):
        yield "account_sid: it is AC and 32 digits and letters a to f; copy it from Twilio's console"
    yield from settings.number("caller_id", given.caller_id)
    yield from settings.any_phone(given.phone, given.phones, "+491701111111")
    for name, phone in given.named_phones():
        if not _PHONE.fullmatch(phone):
            yield f"{name}: {phone!r} is no phone; write a number like +491701111111, client:NAME or sip:NAME@HOST"
    yield from settings.seconds("ring_seconds", given.ring_seconds, 1, 600)
    yield from settings.seconds("poll_seconds", given.poll_seconds, 0.05, 60)
    yield from settings.address("url", given.url, example="https://api.twilio.com")
    if given.status_url and not _STATUS_URL.fullmatch(given.status_url):
        yield "status_url: Twilio calls a public https address; write it like https://desk.example.com/calls"
