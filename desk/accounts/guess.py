"""Where a mailbox's servers probably are, from its address."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dns.resolver import Resolver

_SECONDS = 3.0


class Servers(NamedTuple):
    """Where to receive and where to send. `options` are other settings such a provider wants."""

    imap: str
    smtp: str
    options: Mapping[str, Any] = MappingProxyType({})


_FILES_ITSELF = {"sent_copy": "server"}
_GMAIL = Servers("imap.gmail.com", "smtp.gmail.com", _FILES_ITSELF)
_MICROSOFT = Servers("outlook.office365.com", "smtp.office365.com:587", _FILES_ITSELF)
_PROVIDERS = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    "outlook.com": _MICROSOFT,
    "hotmail.com": _MICROSOFT,
    "live.com": _MICROSOFT,
    "icloud.com": Servers("imap.mail.me.com", "smtp.mail.me.com:587"),
    "me.com": Servers("imap.mail.me.com", "smtp.mail.me.com:587"),
    "yahoo.com": Servers("imap.mail.yahoo.com", "smtp.mail.yahoo.com"),
    "aol.com": Servers("imap.aol.com", "smtp.aol.com"),
    "fastmail.com": Servers("imap.fastmail.com", "smtp.fastmail.com"),
    "gmx.de": Servers("imap.gmx.net", "mail.gmx.net:587"),
    "gmx.net": Servers("imap.gmx.net", "mail.gmx.net:587"),
    "gmx.com": Servers("imap.gmx.com", "mail.gmx.com:587"),
    "web.de": Servers("imap.web.de", "smtp.web.de:587"),
    "t-online.de": Servers("secureimap.t-online.de", "securesmtp.t-online.de"),
    "posteo.de": Servers("posteo.de", "posteo.de"),
    "mailbox.org": Servers("imap.mailbox.org", "smtp.mailbox.org"),
    "zoho.com": Servers("imap.zoho.com", "smtp.zoho.com"),
    "orange.fr": Servers("imap.orange.fr", "smtp.orange.fr"),
    "free.fr": Servers("imap.free.fr", "smtp.free.fr"),
    "libero.it": Servers("imapmail.libero.it", "smtp.libero.it"),
    "yandex.com": Servers("imap.yandex.com", "smtp.yandex.com"),
}


_EXCHANGERS = {
    "google.com": "gmail.com",
    "googlemail.com": "gmail.com",
    "outlook.com": "outlook.com",
    "icloud.com": "icloud.com",
    "messagingengine.com": "fastmail.com",
    "mailbox.org": "mailbox.org",
    "posteo.de": "posteo.de",
    "zoho.com": "zoho.com",
}
"""Whoever takes a domain's mail keeps it, too."""


def servers(address: str, resolver: Resolver | None = None) -> Servers:
    """Where the mail of an address probably is.

    A provider's servers; the same for a domain whose mail that provider takes; what the domain itself names in DNS;
    the first usual name of the domain that exists; the most usual. Looks names up, which may take six seconds;
    connects to nothing.
    """
    from desk.accounts.published import published

    domain = address.rpartition("@")[2].lower()
    if domain in _PROVIDERS:
        return _PROVIDERS[domain]
    told = published(domain, resolver)
    for exchanger in told.exchangers:
        for suffix, provider in _EXCHANGERS.items():
            if exchanger == suffix or exchanger.endswith(f".{suffix}"):
                return _PROVIDERS[provider]
    if told.imap and told.smtp:
        return Servers(told.imap, told.smtp)
    usual = _usual(domain)
    return Servers(told.imap or usual.imap, told.smtp or usual.smtp)


def _usual(domain: str) -> Servers:
    imap = [f"imap.{domain}", f"mail.{domain}", domain]
    smtp = [f"smtp.{domain}", f"mail.{domain}", domain]
    known = _resolving({*imap, *smtp})
    return Servers(
        next((name for name in imap if name in known), imap[0]),
        next((name for name in smtp if name in known), smtp[0]),
    )


def _resolving(names: set[str]) -> set[str]:
    found: set[str] = set()

    def look_up(name: str) -> None:
        try:
            socket.getaddrinfo(name, None)
        except (OSError, UnicodeError):
            return
        found.add(name)

    threads = [threading.Thread(target=look_up, args=(name,), daemon=True) for name in names]
    deadline = time.monotonic() + _SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return set(found)
