"""The fixtures themselves: what other tests rely on."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable

import pytest

from tests.servers.common import Certificate, Port
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay

MAIL = b"From: a@elsewhere.test\r\nSubject: Hello\r\nMessage-ID: <one@elsewhere.test>\r\n\r\nHello\r\n"


def submit(smtp: SmtpRelay, *to: str) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(smtp.host, smtp.port, timeout=10) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(smtp.ca_file)))
        client.login("rep@example.test", smtp.password)
        return client.sendmail("rep@example.test", list(to), MAIL)


def test_mail_survives_a_kill(own_dovecot: Dovecot) -> None:
    own_dovecot.deliver(MAIL, "support@example.test")
    ports = own_dovecot.imap_port, own_dovecot.imaps_port
    own_dovecot.restart()
    assert (own_dovecot.imap_port, own_dovecot.imaps_port) == ports
    [mail] = own_dovecot.mailbox("support@example.test").mails()
    assert mail.message_id == "one@elsewhere.test"


def test_a_lock_whose_holder_was_killed_holds_up_nobody(own_dovecot: Dovecot) -> None:
    """A lock that names no process is what Dovecot leaves if it is killed between making and writing the file."""
    box = own_dovecot.mailbox("support@example.test")
    own_dovecot.deliver(MAIL, box.user)
    lock = own_dovecot.dir / "mail" / box.user / "Maildir" / "dovecot-uidlist.lock"
    lock.touch()
    own_dovecot.restart()
    assert not lock.exists()
    own_dovecot.deliver(MAIL, box.user)
    assert len(box.mails()) == 2


def test_its_ports_are_given_to_nobody_else_while_it_is_down(own_dovecot: Dovecot) -> None:
    own_dovecot.kill()
    ports = {own_dovecot.imap_port, own_dovecot.imaps_port, own_dovecot.lmtp_port}
    others = [Port() for _ in range(500)]
    assert ports.isdisjoint(other.number for other in others)
    for other in others:
        other.release()
    with pytest.raises(ConnectionRefusedError):
        own_dovecot.deliver(MAIL, "support@example.test")
    own_dovecot.start()
    own_dovecot.deliver(MAIL, "support@example.test")


def test_a_user_made_later_can_log_in(dovecot: Dovecot, new_user: Callable[..., str]) -> None:
    for _ in range(3):
        user = new_user()
        dovecot.deliver(MAIL, user)
        assert dovecot.mailbox(user).count("one@elsewhere.test") == 1


def test_the_relay_delivers_and_counts(dovecot: Dovecot, smtp: SmtpRelay, new_user: Callable[..., str]) -> None:
    user = new_user()
    before = smtp.count("one@elsewhere.test")
    refused = submit(smtp, user, "ghost@example.test", "later@example.test")
    assert {address: code for address, (code, _) in refused.items()} == {
        "ghost@example.test": 550,
        "later@example.test": 451,
    }
    assert smtp.count("one@elsewhere.test") == before + 1
    assert dovecot.mailbox(user).count("one@elsewhere.test") == 1


@pytest.mark.parametrize(("drop", "delivered"), [("before-accept", 0), ("after-accept", 1)])
def test_the_relay_hangs_up(
    dovecot: Dovecot, smtp: SmtpRelay, new_user: Callable[..., str], drop: str, delivered: int
) -> None:
    user = new_user()
    smtp.set(drop=drop)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        submit(smtp, user)
    assert len(dovecot.mailbox(user).mails()) == delivered


@pytest.mark.parametrize("certificate", ["wrong-host", "expired", "self-signed"])
def test_bad_certificates_are_bad(certificate: Certificate) -> None:
    with Dovecot(certificate=certificate) as server, pytest.raises(ssl.SSLCertVerificationError):
        server.mailbox("support@example.test").folders()
