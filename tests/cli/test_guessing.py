"""Where a mailbox's servers are, as a real DNS server on loopback tells it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from desk.accounts.guess import servers

ZONE = {
    ("_imaps._tcp.shop.test.", "SRV"): ["20 1 993 backup.shop.test.", "10 1 993 post.shop.test."],
    ("_submission._tcp.shop.test.", "SRV"): ["0 1 587 post.shop.test."],
    ("_submissions._tcp.shop.test.", "SRV"): ["0 0 0 ."],
    ("_imaps._tcp.odd.test.", "SRV"): ["0 1 10993 odd.test."],
    ("_imaps._tcp.forged.test.", "SRV"): ["0 1 993 imap.thief.test."],
    ("hosted.test.", "MX"): ["10 backup.elsewhere.test.", "1 aspmx.l.google.com."],
    ("company.test.", "MX"): ["0 company-test.mail.protection.outlook.com."],
    ("lookalike.test.", "MX"): ["0 mx.notgoogle.com."],
}


@pytest.fixture
def resolver() -> Iterator[dns.resolver.Resolver]:
    """Asks a server that knows `ZONE` and nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=serve, args=(sock,))
        thread.start()
        asking = dns.resolver.Resolver(configure=False)
        asking.nameservers, asking.port = ["127.0.0.1"], sock.getsockname()[1]
        yield asking
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"", sock.getsockname())
        thread.join(10)


def serve(sock: socket.socket) -> None:
    while True:
        wire, peer = sock.recvfrom(4096)
        if not wire:
            return
        query = dns.message.from_wire(wire)
        [question] = query.question
        kind = dns.rdatatype.to_text(question.rdtype)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if found := ZONE.get((question.name.to_text(), kind)):
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        sock.sendto(reply.to_wire(), peer)


def test_the_domain_says_it_itself(resolver: dns.resolver.Resolver) -> None:
    found = servers("help@shop.test", resolver)
    assert (found.imap, found.smtp) == ("post.shop.test", "post.shop.test:587 starttls")


def test_an_unusual_port_comes_with_its_security(resolver: dns.resolver.Resolver) -> None:
    assert servers("help@odd.test", resolver).imap == "odd.test:10993 tls"


@pytest.mark.parametrize(
    ("address", "imap"), [("a@hosted.test", "imap.gmail.com"), ("a@COMPANY.test", "outlook.office365.com")]
)
def test_a_domain_of_ones_own_at_a_provider(resolver: dns.resolver.Resolver, address: str, imap: str) -> None:
    found = servers(address, resolver)
    assert found.imap == imap
    assert found.options == {"sent_copy": "server"}


@pytest.mark.parametrize("domain", ["forged.test", "lookalike.test", "silent.test"])
def test_nobody_elses_server_is_guessed(resolver: dns.resolver.Resolver, domain: str) -> None:
    found = servers(f"help@{domain}", resolver)
    assert (found.imap, found.smtp) == (f"imap.{domain}", f"smtp.{domain}")


def test_a_silent_resolver_holds_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.accounts.published.SECONDS", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        asking = dns.resolver.Resolver(configure=False)
        asking.nameservers, asking.port = ["127.0.0.1"], deaf.getsockname()[1]
        assert servers("help@shop.invalid", asking).imap == "imap.shop.invalid"
