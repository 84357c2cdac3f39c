"""`check` in plain words."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from connectors.email import factory
from desk.model import Check
from tests.connectors.worlds import email_account
from tests.servers.common import free_port
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay
from tests.servers.wire import scripted


@pytest.fixture
def check(dovecot: Dovecot, smtp: SmtpRelay, new_user: Callable[..., str]) -> Callable[..., Any]:
    async def run(secret: str | None = "secret", **options: Any) -> dict[str, Check]:
        account = email_account(dovecot, smtp, new_user(), **options)
        assert factory.validate(account) == []
        found = await factory.open(account, lambda: secret).check()
        assert len({each.what for each in found}) == len(found)
        return {each.what: each for each in found}

    return run


async def test_all_is_well(check: Callable[..., Any]) -> None:
    found = await check()
    assert {each.status for each in found.values()} == {"ok"}
    assert list(found) == [
        "imap connection", "imap login", "folder INBOX", "sent folder", "smtp connection", "smtp login",
    ]  # fmt: skip


async def test_names_and_refusals(check: Callable[..., Any]) -> None:
    port = free_port()
    found = await check(imap={"host": "imap.nowhere.invalid"}, smtp={"port": port})
    assert "imap.nowhere.invalid could not be resolved" in found["imap connection"].message
    assert "imap.host" in found["imap connection"].hint
    assert f"127.0.0.1 refused the connection on port {port}" in found["smtp connection"].message
    assert "587" in found["smtp connection"].hint
    found = await check(imap={"port": port}, smtp={"host": "smtp.nowhere.invalid"})
    assert "refused the connection" in found["imap connection"].message
    assert "could not be resolved" in found["smtp connection"].message


async def test_a_name_with_several_addresses_refuses_as_well(check: Callable[..., Any]) -> None:
    found = await check(smtp={"host": "localhost", "port": free_port()})
    assert "refused the connection" in found["smtp connection"].message


async def test_logins(check: Callable[..., Any]) -> None:
    found = await check(secret="wrong")
    assert "refused the login" in found["imap login"].message
    assert "app password" in found["imap login"].hint
    assert found["imap connection"].status == found["smtp connection"].status == "ok"
    assert "535" in found["smtp login"].message
    assert not any("wrong" in f"{each.message}{each.hint}" for each in found.values())
    found = await check(secret=None)
    assert "there is no password" in found["imap login"].message
    assert "there is no password" in found["smtp login"].message


async def test_passwords_beyond_ascii_are_only_refused(check: Callable[..., Any]) -> None:
    found = await check(secret="pässwörd 漢")
    assert "refused the login" in found["imap login"].message
    assert "refused the login" in found["smtp login"].message


async def test_folders(check: Callable[..., Any]) -> None:
    found = await check(imap={"folders": ["INBOX", "Ordres"]}, after_store="move:Done", sent_folder="Gesendet")
    assert found["folder INBOX"].status == "ok"
    assert found["folder Ordres"].status == "failed"
    assert found["folder Ordres"].hint == "the folders are: Archive, Drafts, INBOX, Sent"
    assert found["after_store"].status == "warning"
    assert found["sent folder"].status == "warning"
    assert "called Gesendet" in found["sent folder"].message


@pytest.mark.parametrize(
    ("certificate", "said", "hint"),
    [
        ("wrong-host", "is for another name", "imap.host"),
        ("expired", "has expired", "clock"),
        ("self-signed", "self-signed or from an authority this machine does not trust", "imap.ca_file"),
    ],
)
async def test_certificates_are_told_apart(certificate: Any, said: str, hint: str, smtp: SmtpRelay) -> None:
    with Dovecot(certificate=certificate) as bad:
        account = email_account(bad, smtp, "support@example.test")
        found = {each.what: each for each in await factory.open(account, lambda: "secret").check()}
    assert said in found["imap connection"].message
    assert hint in found["imap connection"].hint
    assert found["smtp login"].status == "ok"


async def test_the_wrong_kind_of_port(check: Callable[..., Any], dovecot: Dovecot, smtp: SmtpRelay) -> None:
    found = await check(imap={"port": dovecot.imap_port}, smtp={"port": smtp.port, "security": "tls"})
    for name in ("imap connection", "smtp connection"):
        assert "does not speak TLS" in found[name].message
        assert "starttls" in found[name].hint


async def test_no_starttls(check: Callable[..., Any]) -> None:
    with scripted(b"220 hi\r\n", {b"EHLO": b"250-hi\r\n250 AUTH PLAIN\r\n"}, []) as server:
        found = await check(smtp={"port": server.port})
    assert "does not offer STARTTLS" in found["smtp connection"].message
    assert "smtp login" not in found


async def test_nonsense_servers(check: Callable[..., Any]) -> None:
    with scripted(b"SSH-2.0-OpenSSH\r\n", {}, []) as server:
        security = {"port": server.port, "security": "none"}
        found = await check(imap=security, smtp=security)
    assert found["imap connection"].status == found["smtp connection"].status == "failed"


async def test_a_silent_server_is_given_up_on(check: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.email.connection.CONNECT_SECONDS", 1.0)
    monkeypatch.setattr("connectors.email.smtp.CONNECT_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        found = await check(imap={"port": port}, smtp={"port": port})
        assert time.monotonic() - began < 15
    for name in ("imap connection", "smtp connection"):
        assert "did not answer in time" in found[name].message
