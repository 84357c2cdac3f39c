"""Options of an e-mail account: defaults, and what is said of wrong ones."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import Account, ConnectorError
from connectors.email import factory
from connectors.email.settings import EmailSettings, is_loopback, parse


def account(address: str = "support@example.test", **options: Any) -> Account:
    return Account(name="shop", address=address, options=options)


def good(**options: Any) -> EmailSettings:
    servers = {"imap": {"host": "imap.example.test"}, "smtp": {"host": "smtp.example.test"}}
    settings, problems = parse(account(**{**servers, **options}))
    assert problems == []
    assert settings is not None
    return settings


def problems(**options: Any) -> list[str]:
    servers = {"imap": {"host": "imap.example.test"}, "smtp": {"host": "smtp.example.test"}}
    return factory.validate(account(**{**servers, **options}))


def test_defaults() -> None:
    settings = good()
    assert (settings.imap.port, settings.imap.security, settings.imap.user) == (993, "tls", "support@example.test")
    assert (settings.smtp.port, settings.smtp.security) == (465, "tls")
    assert settings.imap.folders == ("INBOX",)
    assert settings.after_store == "keep"
    assert settings.auto_reply == ""


def test_ports_follow_security() -> None:
    assert good(imap={"host": "x", "security": "starttls"}).imap.port == 143
    assert good(smtp={"host": "x", "security": "starttls"}).smtp.port == 587
    assert good(imap={"host": "x", "port": 10993}).imap.port == 10993


def test_a_host_alone_may_be_written_as_text() -> None:
    assert good(imap="mail.example.test", smtp="mail.example.test").smtp.host == "mail.example.test"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"imap": None}, "imap: missing"),
        ({"smtp": {}}, "smtp.host: missing"),
        ({"impa": {}}, "impa: there is no such option; did you mean imap?"),
        ({"imap": {"host": "x", "prot": 1}}, "imap.prot: there is no such option; did you mean imap.port?"),
        ({"imap": {"host": "x", "port": "993"}}, "imap.port: expected `int`"),
        ({"imap": {"host": "x", "port": 99999}}, "imap.port: 99999 is no port"),
        ({"smtp": {"host": "x", "security": "ssl"}}, "smtp.security: invalid enum value 'ssl'"),
        ({"smtp": {"host": "mail.example.test", "security": "none"}}, 'smtp.security: "none" is only for servers on'),
        ({"imap": {"host": "x", "ca_file": "/no/such.pem"}}, "imap.ca_file: there is no file /no/such.pem"),
        ({"imap": {"host": "x", "folders": []}}, "imap.folders: name at least one"),
        ({"imap": {"host": "x", "folders": ["A", "A"]}}, "imap.folders: a folder stands there twice"),
        ({"after_store": "delete"}, "after_store: 'delete' is unknown"),
        ({"after_store": "move:"}, "after_store: 'move:' is unknown"),
        ({"after_store": "move:INBOX"}, "after_store: INBOX is watched itself"),
        ({"since_days": -1}, "since_days: cannot be negative"),
        ({"poll_seconds": 0}, "poll_seconds: at least 1"),
    ],
)
def test_what_is_wrong_is_said(options: dict[str, Any], said: str) -> None:
    found = problems(**options)
    assert any(problem.startswith(said) for problem in found), found


@pytest.mark.parametrize("address", ["", "support", "@example.test", "a@b@c"])
def test_the_address_has_to_be_one(address: str) -> None:
    options = {"imap": {"host": "x"}, "smtp": {"host": "x"}}
    assert any(problem.startswith("address: ") for problem in factory.validate(account(address, **options)))


def test_opening_a_wrong_account_is_refused_for_good() -> None:
    with pytest.raises(ConnectorError) as caught:
        factory.open(account(), lambda: None)
    assert caught.value.final


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost.example.test", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        ("mail", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
