"""Sending over a real relay: what each answer means, and that nothing is said before the line is safe."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Connector, ConnectorError, Permanent, Temporary, Uncertain, Wire
from connectors.email import factory
from connectors.trial import Stream
from tests.connectors.worlds import EmailWorld, email_account
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay
from tests.servers.wire import Listener, cutting, scripted


@pytest.fixture
def world(dovecot: Dovecot, smtp: SmtpRelay) -> EmailWorld:
    return EmailWorld(dovecot, smtp)


@pytest.fixture
def connector(world: EmailWorld) -> Connector:
    return factory.open(world.account, world.secret)


def wire(world: EmailWorld, *to: str, raw: bytes = b"", number: int = 1) -> Wire:
    rfc_id = f"{world.user.partition('@')[0]}.{number}@example.test"
    raw = raw or f"Message-ID: <{rfc_id}>\r\nSubject: Hello\r\n\r\nHello\r\n".encode()
    return Wire(raw=raw, sender=world.user, recipients=to or (world.customer,), rfc_message_id=rfc_id)


# --- answers ----------------------------------------------------------------------------------------------


async def test_refused_recipients_are_named_and_the_others_served(world: EmailWorld, connector: Connector) -> None:
    sent = wire(world, "ghost@example.test", world.customer, "later@example.test")
    receipt = await connector.send(sent)
    assert receipt.refused == {
        "ghost@example.test": "550 5.1.1 no such user",
        "later@example.test": "451 4.7.1 greylisted, try again",
    }
    assert len(world.received()) == 1


@pytest.mark.parametrize(
    ("recipients", "kind"),
    [
        (("ghost@example.test", "ghost2@example.test"), Permanent),
        (("later@example.test",), Temporary),
        (("ghost@example.test", "later@example.test"), Temporary),
    ],
)
async def test_no_recipient_left(
    world: EmailWorld, connector: Connector, recipients: tuple[str, ...], kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=r"no recipient was accepted: (ghost|later)@example\.test: "):
        await connector.send(wire(world, *recipients))


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("554 5.7.1 looks like spam", Permanent),
        ("552 5.2.2 mailbox full", Permanent),
        ("451 4.3.0 try later", Temporary),
        ("421 4.3.2 going down", Temporary),
    ],
)
async def test_content_refused(world: EmailWorld, connector: Connector, reply: str, kind: type[Exception]) -> None:
    world.smtp.set(data_reply=reply)
    with pytest.raises(kind, match=reply[:9]):
        await connector.send(wire(world))
    assert world.received() == []


@pytest.mark.parametrize(("drop", "delivered"), [("before-accept", 0), ("after-accept", 1)])
async def test_a_break_after_the_content_is_uncertain(
    world: EmailWorld, connector: Connector, drop: str, delivered: int
) -> None:
    world.smtp.set(drop=drop)
    with pytest.raises(Uncertain, match="may have been accepted"):
        await connector.send(wire(world))
    assert len(world.received()) == delivered


async def test_a_break_after_the_answer_is_no_failure(world: EmailWorld, connector: Connector) -> None:
    world.smtp.set(drop="after-reply")
    assert (await connector.send(wire(world))).response.startswith("250")
    assert len(world.received()) == 1


async def test_a_relay_killed_while_it_thinks_is_uncertain(own_dovecot: Dovecot, own_smtp: SmtpRelay) -> None:
    world = EmailWorld(own_dovecot, own_smtp)
    connector = factory.open(world.account, world.secret)
    own_smtp.set(delay=30)
    sending = asyncio.ensure_future(connector.send(wire(world)))
    await asyncio.sleep(0.5)
    own_smtp.kill()
    with pytest.raises((Uncertain, Temporary)) as caught:
        await sending
    assert world.received() == []
    assert isinstance(caught.value, Uncertain), "the content was handed over long before"


@pytest.mark.parametrize("command", [b"EHLO", b"AUTH", b"MAIL FROM", b"RCPT TO", b"DATA"])
async def test_a_break_before_the_content_is_temporary(world: EmailWorld, command: bytes) -> None:
    with plain_submission() as port, cutting(port, lambda line: line.upper().startswith(command)) as proxy:
        account = email_account(world.dovecot, None, world.user, smtp={"port": proxy.port, "security": "none"})
        with pytest.raises(Temporary, match="closed the connection"):
            await factory.open(account, world.secret).send(wire(world))


async def test_a_break_in_the_middle_of_the_content_is_temporary(world: EmailWorld) -> None:
    """The line that ends the content never left, so nobody can have accepted it."""
    raw = b"Subject: x\r\n\r\n" + b"".join(b"line %d\r\n" % number for number in range(1_500_000))
    with plain_submission() as port, cutting(port, lambda line: line == b"line 1000\r\n") as proxy:
        account = email_account(world.dovecot, None, world.user, smtp={"port": proxy.port, "security": "none"})
        with pytest.raises(Temporary):
            await factory.open(account, world.secret).send(wire(world, raw=raw))


@contextmanager
def plain_submission() -> Iterator[int]:
    """The port of a submission server that wants no TLS and takes any login, until it is to take content."""
    answers = {
        b"EHLO": b"250-hello\r\n250 AUTH PLAIN\r\n",
        b"AUTH": b"235 ok\r\n",
        b"MAIL": b"250 ok\r\n",
        b"RCPT": b"250 ok\r\n",
        b"DATA": b"354 go on\r\n",
    }
    with scripted(b"220 hello\r\n", answers, []) as listener:
        yield listener.port


async def test_a_slow_answer_is_waited_for(world: EmailWorld, connector: Connector) -> None:
    world.smtp.set(delay=1.5)
    await connector.send(wire(world))
    assert len(world.received()) == 1


async def test_too_large_is_said_before_it_is_sent(own_dovecot: Dovecot) -> None:
    with SmtpRelay(None, own_dovecot, size_limit=10_000) as relay:
        world = EmailWorld(own_dovecot, relay)
        with pytest.raises(Permanent, match=r"0\.0 MB"):
            await factory.open(world.account, world.secret).send(wire(world, raw=b"x" * 20_000))


async def test_addresses_beyond_ascii_need_a_server_that_takes_them(
    world: EmailWorld, connector: Connector, own_dovecot: Dovecot
) -> None:
    with pytest.raises(Permanent, match="SMTPUTF8"):
        await connector.send(wire(world, "zoë@elsewhere.test"))
    with SmtpRelay(None, own_dovecot, smtputf8=True) as relay:
        able = EmailWorld(own_dovecot, relay)
        await factory.open(able.account, able.secret).send(wire(able, "zoë@elsewhere.test"))
        [delivery] = relay.deliveries()
        assert delivery.recipients == ["zoë@elsewhere.test"]
        assert "SMTPUTF8" in delivery.mail_options


# --- content ----------------------------------------------------------------------------------------------


async def test_dots_bare_line_ends_and_long_lines_arrive(world: EmailWorld, connector: Connector) -> None:
    body = b".\r\n..\r\n.leading\r\nbare\nreturn\rend\r\n" + b"x" * 990 + b"\r\n.\r\nlast"
    sent = wire(world, raw=b"Subject: dots\r\nMessage-ID: <dots@example.test>\r\n\r\n" + body)
    await connector.send(sent)
    [raw] = world.received()
    expected = body.replace(b"bare\nreturn\rend", b"bare\r\nreturn\r\nend") + b"\r\n"
    assert raw.partition(b"\r\n\r\n")[2] == expected


async def test_a_smuggled_end_of_data_stays_content(world: EmailWorld, connector: Connector) -> None:
    smuggled = b"a\n.\nMAIL FROM:<evil@example.test>\r.\rRCPT TO:<x@example.test>\r\n"
    await connector.send(wire(world, raw=b"Subject: one\r\n\r\n" + smuggled))
    [raw] = world.received()
    assert b"\r\n.\r\nMAIL FROM" in raw
    assert len(world.smtp.deliveries()) == len({delivery.at for delivery in world.smtp.deliveries()})


# --- safety of the line -----------------------------------------------------------------------------------


@pytest.fixture
def stripped_smtp() -> Iterator[tuple[Listener, list[bytes]]]:
    heard: list[bytes] = []
    answers = {b"EHLO": b"250-hello\r\n250 AUTH PLAIN LOGIN\r\n", b"": b"250 ok\r\n"}
    with scripted(b"220 hello\r\n", answers, heard) as listener:
        yield listener, heard


async def test_smtp_without_starttls_hears_no_password(
    dovecot: Dovecot, stripped_smtp: tuple[Listener, list[bytes]]
) -> None:
    listener, heard = stripped_smtp
    account = email_account(dovecot, None, "support@example.test", smtp={"port": listener.port})
    connector = factory.open(account, lambda: "a very secret word")
    sent = Wire(raw=b"x", sender="a@example.test", recipients=("b@example.test",), rfc_message_id="x")
    with pytest.raises(Temporary, match="does not offer STARTTLS"):
        await connector.send(sent)
    assert [line.split()[0] for line in heard] == [b"EHLO"]


@pytest.mark.parametrize(
    "greeting", [b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n", b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n"]
)
async def test_imap_without_starttls_hears_no_password(dovecot: Dovecot, greeting: bytes) -> None:
    """Stripped from the capabilities, or made impossible by pretending to be logged in already."""
    heard: list[bytes] = []
    capabilities = greeting.partition(b"[")[2].partition(b"]")[0]
    answers = {b"CAPABILITY": b"* " + capabilities + b"\r\n%s OK done\r\n", b"": b"%s OK done\r\n"}
    with scripted(greeting, answers, heard) as listener:
        imap = {"port": listener.port, "security": "starttls"}
        account = email_account(dovecot, None, "support@example.test", imap=imap)
        connector = factory.open(account, lambda: "a very secret word")
        with pytest.raises(ConnectorError):
            await Stream(connector, {}).outcome()
    assert not any(word in line.upper() for line in heard for word in (b"LOGIN", b"AUTHENTICATE", b"SECRET"))


@pytest.mark.parametrize("certificate", ["wrong-host", "expired", "self-signed"])
async def test_a_bad_certificate_stops_everything(
    dovecot: Dovecot, certificate: Any, new_user: Callable[..., str]
) -> None:
    words = {"wrong-host": "for another name", "expired": "has expired", "self-signed": "self-signed or from"}
    with Dovecot(certificate=certificate) as bad, SmtpRelay(None, dovecot, certificate=certificate) as relay:
        for port, security in ((relay.port, "starttls"), (relay.tls_port, "tls")):
            account = email_account(bad, relay, new_user(), smtp={"port": port, "security": security})
            connector = factory.open(account, lambda: "secret")
            sent = Wire(raw=b"x", sender="a@example.test", recipients=("b@example.test",), rfc_message_id="x")
            with pytest.raises(Temporary, match=words[certificate]):
                await connector.send(sent)
        for port, security in ((bad.imap_port, "starttls"), (bad.imaps_port, "tls")):
            account = email_account(bad, relay, new_user(), imap={"port": port, "security": security})
            with pytest.raises(ConnectorError, match=words[certificate]) as caught:
                await Stream(factory.open(account, lambda: "secret"), {}).outcome()
            assert caught.value.hint
        assert relay.deliveries() == []


async def test_an_authority_that_cannot_be_read(world: EmailWorld, tmp_path: Path) -> None:
    broken = tmp_path / "ca.pem"
    broken.write_text("no certificate")
    options = {"ca_file": str(broken)}
    account = email_account(world.dovecot, world.smtp, world.user, imap=options, smtp=options)
    connector = factory.open(account, world.secret)
    with pytest.raises(Temporary, match="cannot be read"):
        await connector.send(wire(world))
    with pytest.raises(ConnectorError, match="cannot be read"):
        await Stream(connector, {}).outcome()
    assert {check.status for check in await connector.check()} == {"failed"}


# --- the Sent folder --------------------------------------------------------------------------------------


async def test_filing_is_seen_and_once(world: EmailWorld, connector: Connector) -> None:
    sent = wire(world)
    assert await connector.was_sent(sent.rfc_message_id) is None, "its absence proves nothing"
    for _ in range(2):
        await connector.file_copy(sent)
    [copy] = world.dovecot.mailbox(world.user).mails("Sent")
    assert copy.raw == sent.raw
    assert r"\Seen" in copy.flags
    assert await connector.was_sent(sent.rfc_message_id) is True


async def test_where_the_server_files_absence_is_an_answer(dovecot: Dovecot, smtp: SmtpRelay) -> None:
    world = EmailWorld(dovecot, smtp, sent_copy="server")
    connector = factory.open(world.account, world.secret)
    assert await connector.was_sent("never@example.test") is False
    await connector.file_copy(wire(world))
    assert dovecot.mailbox(world.user).mails("Sent") == []


async def test_filing_into_a_named_folder_and_into_none(dovecot: Dovecot, smtp: SmtpRelay) -> None:
    world = EmailWorld(dovecot, smtp, sent_folder="Archive")
    await factory.open(world.account, world.secret).file_copy(wire(world))
    assert len(dovecot.mailbox(world.user).mails("Archive")) == 1
    with Dovecot(sent_folder=None) as bare:
        world = EmailWorld(bare, smtp)
        connector = factory.open(world.account, world.secret)
        with pytest.raises(Permanent, match="set sent_folder to one of: Archive, Drafts, INBOX"):
            await connector.file_copy(wire(world))
        assert await connector.was_sent("x@example.test") is None


async def test_our_own_bytes_arrive_as_composed(world: EmailWorld, connector: Connector) -> None:
    from connectors.trial import answer

    outgoing = answer(world, body="Grüße\n.\nFrom here\n" + "ü" * 3000, subject="Größe: " + "ä" * 300)
    sent = connector.prepare(outgoing)
    await connector.send(sent)
    [raw] = world.received()
    assert sent.raw in raw, "below what the delivering server put on top, nothing has changed"
    parsed = message_from_bytes(raw)
    text = parsed.get_payload(0).get_payload(decode=True).decode()
    assert text.replace("\r\n", "\n").startswith("Grüße\n.\nFrom here\n" + "ü" * 3000)
