"""The options of an e-mail account, typed and checked.

In `desk.toml`:

    [accounts.support]
    address = "support@example.com"
    imap = { host = "imap.example.com", folders = ["INBOX", "Orders"] }
    smtp = { host = "smtp.example.com" }
    after_store = "move:Archive"
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from connectors import options
from connectors.base import Account

Security = Literal["tls", "starttls", "none"]
"""`tls`: from the first byte. `starttls`: upgraded before anything else is said. `none`: to this very machine only."""

Auth = Literal["password", "xoauth2"]
"""What the account's secret is: a password, or an access token as Google and Microsoft take them (XOAUTH2)."""

_IMAP_PORTS: dict[str, int] = {"tls": 993, "starttls": 143, "none": 143}
_SMTP_PORTS: dict[str, int] = {"tls": 465, "starttls": 587, "none": 25}


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a server is and how to log in."""

    host: str
    port: int = 0
    """0: the usual one for the protocol and `security`."""
    security: Security = "tls"
    user: str = ""
    """The login; default: the account's address."""
    auth: Auth | Literal[""] = ""
    """Default: the account's."""
    ca_file: str = ""
    """A PEM file with the authority to trust beside the system's own."""


class Imap(Server, frozen=True, kw_only=True, forbid_unknown_fields=True):
    folders: tuple[str, ...] = ("INBOX",)
    """Watched for mail, each on a connection of its own."""


class Smtp(Server, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class EmailSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything an e-mail account can be told."""

    imap: Imap
    smtp: Smtp
    auth: Auth = "password"
    """What the secret is. Tokens last an hour or so: have `password_cmd` print a fresh one each time."""
    after_store: str = "keep"
    """What becomes of mail on the server once it is stored: `keep`, `seen` or `move:FOLDER`."""
    since_days: int = 0
    """How many days back the first look into a folder reaches; 0: to its beginning."""
    poll_seconds: float = 30.0
    """How often to look on servers without IDLE (RFC 2177)."""
    sent_folder: str = "auto"
    """Where copies of answers go: a folder's name, `auto` for the one the server marks as such, empty for none."""
    sent_copy: Literal["desk", "server"] = "desk"
    """Who files them there. Some servers (Gmail, Outlook) do for whatever passes their SMTP."""
    plus_token: bool = False
    """Put our token into the reply address too (`support+desk.…@`); the mail system must deliver such addresses."""
    auto_reply: str = ""
    """Text of the automatic answer to the first mail of a conversation; empty: none is sent."""

    @property
    def move_to(self) -> str | None:
        """The folder stored mail is moved to."""
        kind, _, folder = self.after_store.partition(":")
        return folder.strip() if kind == "move" else None


def parse(account: Account) -> tuple[EmailSettings | None, list[str]]:
    """The account's settings and what is wrong with them, as `option: what, and what to do`."""
    problems = _unknown(account.options)
    known = {name: value for name, value in account.options.items() if name in options.names(EmailSettings)}
    for name in ("imap", "smtp"):
        server = known.get(name)
        if isinstance(server, str):
            known[name] = {"host": server}
        elif isinstance(server, Mapping):
            inner = options.names(Imap if name == "imap" else Smtp)
            known[name] = {key: value for key, value in server.items() if key in inner}
            if not str(server.get("host", "")).strip():
                problems.append(f'{name}.host: missing; write {name} = {{ host = "{name}.example.com" }}')
        elif server is None:
            problems.append(f'{name}: missing; write {name} = {{ host = "{name}.example.com" }}')
    if problems:
        return None, problems
    try:
        settings = msgspec.convert(known, EmailSettings)
    except msgspec.ValidationError as error:
        return None, [options.in_words(error)]
    settings = _complete(settings, account)
    problems = _meaning(settings, account)
    return (None if problems else settings), problems


def is_loopback(host: str) -> bool:
    """Whether a name or address can only mean this machine."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _unknown(given: Mapping[str, Any]) -> list[str]:
    found = [*options.unknown(given, EmailSettings)]
    for name, kind in (("imap", Imap), ("smtp", Smtp)):
        server = given.get(name)
        found += options.unknown(server, kind, f"{name}.") if isinstance(server, Mapping) else ()
    return found


def _complete(settings: EmailSettings, account: Account) -> EmailSettings:
    imap, smtp = settings.imap, settings.smtp
    replace = msgspec.structs.replace
    return replace(
        settings,
        imap=replace(
            imap,
            port=imap.port or _IMAP_PORTS[imap.security],
            user=imap.user or account.address,
            auth=imap.auth or settings.auth,
        ),
        smtp=replace(
            smtp,
            port=smtp.port or _SMTP_PORTS[smtp.security],
            user=smtp.user or account.address,
            auth=smtp.auth or settings.auth,
        ),
    )


def _meaning(settings: EmailSettings, account: Account) -> list[str]:
    problems = [*options.address(account)]
    for name, server in (("imap", settings.imap), ("smtp", settings.smtp)):
        if server.security == "none" and not is_loopback(server.host):
            problems.append(f'{name}.security: "none" is only for servers on this machine; use "tls" or "starttls"')
        if not 0 < server.port < 65536:
            problems.append(f"{name}.port: {server.port} is no port; leave it out for the usual one")
        if server.ca_file and not Path(server.ca_file).is_file():
            problems.append(f"{name}.ca_file: there is no file {server.ca_file}; name the authority's PEM file")
    if not settings.imap.folders or not all(name.strip() for name in settings.imap.folders):
        problems.append('imap.folders: name at least one, such as ["INBOX"]')
    if len(set(settings.imap.folders)) != len(settings.imap.folders):
        problems.append("imap.folders: a folder stands there twice; keep one")
    if settings.after_store not in ("keep", "seen") and not settings.move_to:
        problems.append(f'after_store: {settings.after_store!r} is unknown; use "keep", "seen" or "move:FOLDER"')
    if settings.move_to in settings.imap.folders:
        problems.append(f"after_store: {settings.move_to} is watched itself; move mail to a folder that is not")
    if settings.since_days < 0:
        problems.append("since_days: cannot be negative; 0 takes everything")
    if settings.poll_seconds < 1:
        problems.append("poll_seconds: at least 1")
    return problems
