"""The options of a baresip."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from connectors.base import Account
from connectors.dialing import numbers, settings


class BaresipSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be told of a baresip."""

    control: str = "127.0.0.1:4444"
    """Its `ctrl_tcp_listen`. It lets everybody in who reaches it, so it may only be on this machine."""
    uri: str = ""
    """Where calls go, such as `sip:{number}@sip.example.com`. Default: the number alone, at baresip's own account."""
    ring_seconds: float = 45.0
    """How long to let it ring."""
    answer_seconds: float = 10.0
    """How long it may take to answer a command; then it is not there, or nobody knows whether it obeyed."""

    @property
    def place(self) -> tuple[str, int]:
        """Host and port of the control connection."""
        host, _, port = self.control.rpartition(":")
        return host.strip("[]"), int(port)

    def target(self, number: str) -> str:
        """What baresip is told to dial."""
        return self.uri.replace("{number}", number) if self.uri else number


def parse(account: Account) -> tuple[BaresipSettings | None, list[str]]:
    """The account's settings and what is wrong with them, as `option: what, and what to do`."""
    return settings.read(account, BaresipSettings, _meaning)


def _meaning(given: BaresipSettings) -> Iterator[str]:
    host, _, port = given.control.rpartition(":")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        yield f'control: {given.control!r} is no place; write control = "127.0.0.1:4444"'
    elif host.strip("[]") not in settings.LOOPBACK:
        yield "control: it asks for no password, so it may only be on this machine; use 127.0.0.1"
    if given.uri and not numbers.is_sip_template(given.uri):
        yield 'uri: write it like uri = "sip:{number}@sip.example.com"'
    yield from settings.seconds("ring_seconds", given.ring_seconds, 0.1, 600)
    yield from settings.seconds("answer_seconds", given.answer_seconds, 0.1, 60)
