"""Where the mail of an address probably lies, for whoever connects a mailbox."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

_APP_PASSWORD = "this provider wants an app password made for Desk in its security settings, not the usual one"
_OAUTH_ONLY = "this provider may refuse passwords over IMAP altogether; an administrator has to allow them"

_Provider = tuple[str, str, Mapping[str, Any], str]
_GMAIL: _Provider = ("imap.gmail.com", "smtp.gmail.com", {"sent_copy": "server"}, _APP_PASSWORD)
_OUTLOOK: _Provider = ("outlook.office365.com", "smtp-mail.outlook.com", {"sent_copy": "server"}, _OAUTH_ONLY)
_YAHOO: _Provider = ("imap.mail.yahoo.com", "smtp.mail.yahoo.com", {}, _APP_PASSWORD)
_ICLOUD: _Provider = ("imap.mail.me.com", "smtp.mail.me.com", {}, _APP_PASSWORD)
_FASTMAIL: _Provider = ("imap.fastmail.com", "smtp.fastmail.com", {}, _APP_PASSWORD)
_GMX: _Provider = ("imap.gmx.net", "mail.gmx.net", {}, "IMAP has to be switched on in the mailbox's settings first")
_WEB_DE: _Provider = ("imap.web.de", "smtp.web.de", {}, "IMAP has to be switched on in the mailbox's settings first")

_PROVIDERS: dict[str, _Provider] = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), _GMAIL),
    **dict.fromkeys(("outlook.com", "hotmail.com", "live.com", "msn.com", "outlook.de", "hotmail.co.uk"), _OUTLOOK),
    **dict.fromkeys(("yahoo.com", "yahoo.co.uk", "yahoo.de", "yahoo.fr", "ymail.com"), _YAHOO),
    "aol.com": ("imap.aol.com", "smtp.aol.com", {}, _APP_PASSWORD),
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), _ICLOUD),
    **dict.fromkeys(("fastmail.com", "fastmail.fm"), _FASTMAIL),
    **dict.fromkeys(("gmx.de", "gmx.net", "gmx.at", "gmx.ch"), _GMX),
    "gmx.com": ("imap.gmx.com", "mail.gmx.com", {}, "IMAP has to be switched on in the mailbox's settings first"),
    "web.de": _WEB_DE,
    "t-online.de": ("secureimap.t-online.de", "securesmtp.t-online.de", {}, "it wants its separate e-mail password"),
    "mailbox.org": ("imap.mailbox.org", "smtp.mailbox.org", {}, ""),
    "posteo.de": ("posteo.de", "posteo.de", {}, ""),
    "zoho.com": ("imap.zoho.com", "smtp.zoho.com", {}, _APP_PASSWORD),
    "yandex.com": ("imap.yandex.com", "smtp.yandex.com", {}, _APP_PASSWORD),
    "mail.com": ("imap.mail.com", "smtp.mail.com", {}, ""),
    "orange.fr": ("imap.orange.fr", "smtp.orange.fr", {}, ""),
    "free.fr": ("imap.free.fr", "smtp.free.fr", {}, ""),
    "laposte.net": ("imap.laposte.net", "smtp.laposte.net", {}, ""),
    "libero.it": ("imapmail.libero.it", "smtp.libero.it", {}, ""),
}
_STARTTLS_SUBMISSION = {"smtp-mail.outlook.com", "smtp.mail.me.com"}

_IMAP_TRIES = (("imap", 993, "tls"), ("mail", 993, "tls"), ("", 993, "tls"), ("imap", 143, "starttls"))
_SMTP_TRIES = (
    ("smtp", 465, "tls"),
    ("mail", 465, "tls"),
    ("", 465, "tls"),
    ("smtp", 587, "starttls"),
    ("mail", 587, "starttls"),
    ("", 587, "starttls"),
)


async def guess(address: str, *, seconds: float = 4.0) -> dict[str, Any]:
    """Options for an account of that address, and under `note` what its owner should know ('' if nothing).

    Well-known providers are looked up without a connection. For others the usual host names are tried, all at once,
    for so many seconds; the first in order that takes a connection wins, or the most usual if none does.
    Raises ValueError for what is no address.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    if not local or not domain:
        raise ValueError(f"{address!r} is no e-mail address; write it like support@example.com")
    if known := _PROVIDERS.get(domain):
        imap, smtp, options, note = known
        security = {"security": "starttls"} if smtp in _STARTTLS_SUBMISSION else {}
        return {"imap": {"host": imap}, "smtp": {"host": smtp, **security}, **options, "note": note}
    imap_server, smtp_server = await asyncio.gather(
        _first(domain, _IMAP_TRIES, seconds), _first(domain, _SMTP_TRIES, seconds)
    )
    found = imap_server is not None and smtp_server is not None
    note = "" if found else f"no mail server of {domain} was found under the usual names; correct the hosts below"
    return {
        "imap": imap_server or {"host": f"imap.{domain}"},
        "smtp": smtp_server or {"host": f"smtp.{domain}"},
        "note": note,
    }


async def _first(domain: str, tries: tuple[tuple[str, int, str], ...], seconds: float) -> dict[str, Any] | None:
    hosts = [(f"{prefix}.{domain}" if prefix else domain, port, security) for prefix, port, security in tries]
    answers = await asyncio.gather(*(_answers(host, port, seconds) for host, port, _ in hosts))
    for (host, port, security), answered in zip(hosts, answers, strict=True):
        if answered:
            return {"host": host, "port": port, "security": security}
    return None


async def _answers(host: str, port: int, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, UnicodeError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
