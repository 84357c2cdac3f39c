"""A mail account as it is typed, on its way to a table of desk.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

Security = Literal["tls", "starttls", "none"]

FIELDS = (
    ("address", "the address customers write to"),
    ("display_name", "whom customers see as the sender"),
    ("user", "the login, if it is not the address"),
    ("imap", "where mail is received, HOST or HOST:PORT"),
    ("imap_security", "tls, starttls or none"),
    ("smtp", "where mail is sent, HOST or HOST:PORT"),
    ("smtp_security", "tls, starttls or none"),
    ("ca_file", "an authority to trust besides the usual (PEM)"),
)
"""What can be changed one by one when a try failed."""

_STARTTLS_PORTS = {"imap": (143,), "smtp": (25, 587)}


@dataclass
class MailAccount:
    """Values as given; `complete` fills in the usual ones, `table` is what the server is told."""

    address: str = ""
    name: str = ""
    display_name: str = ""
    user: str = ""
    imap: str = ""
    imap_security: str = ""
    smtp: str = ""
    smtp_security: str = ""
    ca_file: str = ""
    auth: str = ""
    folders: tuple[str, ...] = ()
    after_store: str = ""
    queue: str = ""
    password_cmd: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, given: dict[str, Any]) -> MailAccount:
        """From the options of the command line; None is not given."""
        return cls(**{name: value for name, value in given.items() if value is not None})

    def complete(self, taken: Mapping[str, str] = MappingProxyType({})) -> None:
        """Guess what was not given: the name, and the servers by the address.

        `taken`: the addresses of the accounts there are, by name. One with the same address is this one.
        """
        if not self.name:
            self.name = self._free_name(taken)
        if self.imap and self.smtp:
            return
        from desk.accounts.guess import servers

        guessed = servers(self.address)
        self.imap = self.imap or guessed.imap
        self.smtp = self.smtp or guessed.smtp
        self.options = {**guessed.options, **self.options}

    def _free_name(self, taken: Mapping[str, str]) -> str:
        """`support`, or `support-example.org` if another mailbox is called that."""
        local, _, domain = self.address.partition("@")
        candidates = [_as_name(local), _as_name(f"{local}-{domain}")]
        candidates += [f"{candidates[1][:60]}-{number}" for number in range(2, len(taken) + 3)]
        return next(name for name in candidates if taken.get(name, self.address) == self.address)

    def table(self) -> dict[str, Any]:
        """The account's table in desk.toml."""
        table: dict[str, Any] = {
            "address": self.address,
            "name": self.display_name,
            "queue": self.queue,
            "auth": self.auth,
            "password_cmd": self.password_cmd,
            "after_store": self.after_store,
            **self.options,
            "imap": {**self._server("imap"), **({"folders": list(self.folders)} if self.folders else {})},
            "smtp": self._server("smtp"),
        }
        return {name: value for name, value in table.items() if value not in ("", None)}

    def _server(self, protocol: Literal["imap", "smtp"]) -> dict[str, Any]:
        place, said = split_security(getattr(self, protocol))
        host, port = split_port(place)
        usual = "starttls" if port in _STARTTLS_PORTS[protocol] else "tls"
        security = getattr(self, f"{protocol}_security") or said or usual
        server: dict[str, Any] = {"host": host}
        if port:
            server["port"] = port
        if security != "tls":
            server["security"] = security
        if self.user and self.user != self.address:
            server["user"] = self.user
        if self.ca_file:
            server["ca_file"] = self.ca_file
        return server


def _as_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-._")[:64] or "mail"


def split_security(text: str) -> tuple[str, str]:
    """`mail.example.org:2525 starttls` as place and security, which may be missing. Raises ValueError."""
    place, _, security = text.strip().partition(" ")
    if security.strip() not in ("", *get_args(Security)):
        raise ValueError(f"after {place} may stand one of {', '.join(get_args(Security))}, not {security.strip()!r}")
    return place, security.strip()


def split_port(text: str) -> tuple[str, int | None]:
    """`host:993` or `[::1]:993` as host and port. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or (host.count(":") > 0 and not host.startswith("[")):
        return text.strip("[]"), None
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{port!r} is no port, which is a number from 1 to 65535")
    return host.strip("[]"), int(port)
