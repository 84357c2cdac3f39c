"""What a domain says of its mail in DNS: where its services are (RFC 6186, RFC 8314), and who takes its mail (MX)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from dns.resolver import Resolver

SECONDS = 3.0
_SERVICES = {
    "imaps": (993, "tls"),
    "imap": (143, "starttls"),
    "submissions": (465, "tls"),
    "submission": (587, "starttls"),
}
"""Service -> its usual port, and the security that goes with it."""


class Published(Struct, frozen=True):
    """What was found in time; empty where nothing was."""

    imap: str = ""
    smtp: str = ""
    exchangers: tuple[str, ...] = ()
    """Names of the servers that take the domain's mail, the preferred first."""


def published(domain: str, resolver: Resolver | None = None) -> Published:
    """Ask DNS, for `SECONDS` at most. Servers outside the domain are left out.

    Records can be forged on the way here, and a forged one would get the password: a server of another name, with a
    certificate for that name, is only used when somebody typed it (RFC 6186 section 6).
    """
    ask = resolver or _resolver()
    if ask is None:
        return Published()
    jobs: dict[str, Callable[[], tuple[str, ...]]] = {
        service: partial(_service, ask, service, domain) for service in _SERVICES
    }
    found = _run({**jobs, "mx": partial(_exchangers, ask, domain)})
    places = {service: next(iter(found.get(service, ())), "") for service in _SERVICES}
    return Published(
        imap=places["imaps"] or places["imap"],
        smtp=places["submissions"] or places["submission"],
        exchangers=found.get("mx", ()),
    )


def _resolver() -> Resolver | None:
    from dns.exception import DNSException
    from dns.resolver import Resolver

    try:
        return Resolver()
    except (DNSException, OSError):
        return None


def _run(jobs: Mapping[str, Callable[[], tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """What they find, all at the same time, each in a thread that may be left behind."""
    from dns.exception import DNSException

    found: dict[str, tuple[str, ...]] = {}

    def work(name: str, job: Callable[[], tuple[str, ...]]) -> None:
        try:
            found[name] = job()
        except (DNSException, OSError, UnicodeError, ValueError):
            return

    threads = [threading.Thread(target=work, args=each, daemon=True) for each in jobs.items()]
    deadline = time.monotonic() + SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return dict(found)


def _service(ask: Resolver, service: str, domain: str) -> tuple[str, ...]:
    """`HOST`, or `HOST:PORT SECURITY` where the port is not the usual one; nothing if the domain offers none."""
    answers = ask.resolve(f"_{service}._tcp.{domain}.", "SRV", lifetime=SECONDS)
    best = min(answers, key=lambda record: (record.priority, -record.weight))
    host, (usual, security) = str(best.target).rstrip(".").lower(), _SERVICES[service]
    if not (host == domain or host.endswith(f".{domain}")):
        return ()
    return (host if (best.port, security) == (usual, "tls") else f"{host}:{best.port} {security}",)


def _exchangers(ask: Resolver, domain: str) -> tuple[str, ...]:
    answers = ask.resolve(f"{domain}.", "MX", lifetime=SECONDS)
    ordered = sorted(answers, key=lambda record: int(record.preference))
    return tuple(str(record.exchange).rstrip(".").lower() for record in ordered)
