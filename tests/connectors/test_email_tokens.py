"""Logging in with an access token (XOAUTH2) instead of a password, at real servers."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.base import Connector, ConnectorError, SecretSource, Temporary
from connectors.email import factory
from connectors.trial import answer, mail, streaming
from tests.connectors.worlds import EmailWorld, email_account
from tests.servers import oauth
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay

USER = "support@example.test"
TOKEN = oauth.token(USER)


@pytest.fixture(scope="module")
def tokens() -> Iterator[tuple[Dovecot, SmtpRelay]]:
    with tempfile.TemporaryDirectory(prefix="dk") as folder:
        Path(folder).chmod(0o755)
        with Dovecot(extra=oauth.prepare(Path(folder))) as dovecot, SmtpRelay(None, dovecot, token=TOKEN) as smtp:
            yield dovecot, smtp


@pytest.fixture
def open_(tokens: tuple[Dovecot, SmtpRelay]) -> Callable[[SecretSource], Connector]:
    account = email_account(*tokens, USER, auth="xoauth2")
    assert factory.validate(account) == []
    return lambda secret: factory.open(account, secret)


async def test_mail_comes_and_goes_with_a_token(
    tokens: tuple[Dovecot, SmtpRelay], open_: Callable[[SecretSource], Connector]
) -> None:
    dovecot, smtp = tokens
    connector = open_(lambda: TOKEN)
    assert {check.status for check in await connector.check()} == {"ok"}
    async with streaming(connector) as stream:
        await asyncio.to_thread(dovecot.deliver, mail(1), USER)
        await stream.until_has(1)
    world = EmailWorld(dovecot, smtp)
    wire = connector.prepare(answer(world))
    await connector.send(wire)
    await connector.file_copy(wire)
    assert len(smtp.deliveries(wire.rfc_message_id)) == 1
    assert await connector.was_sent(wire.rfc_message_id)
    await connector.close()


@pytest.mark.parametrize("bad", [oauth.token(USER, seconds=-60), "no token at all"], ids=["expired", "none"])
async def test_a_refused_token_is_told_and_tried_again(
    bad: str, tokens: tuple[Dovecot, SmtpRelay], open_: Callable[[SecretSource], Connector]
) -> None:
    given = [bad]
    connector = open_(lambda: given[0])
    found = {check.what: check for check in await connector.check()}
    for step in ("imap login", "smtp login"):
        assert found[step].status == "failed"
        assert "refused the access token" in found[step].message
        assert "password_cmd" in found[step].hint
    with pytest.raises(ConnectorError) as raised:
        await anext(connector.receive({}))
    assert not raised.value.final, "the next token may be a good one"
    with pytest.raises(Temporary):
        await connector.send(connector.prepare(answer(EmailWorld(*tokens))))
    given[0] = TOKEN
    await anext(connector.receive({}))
    await connector.close()


async def test_a_server_that_takes_no_tokens_says_so(dovecot: Dovecot, new_user: Callable[..., str]) -> None:
    connector = factory.open(email_account(dovecot, None, new_user(), auth="xoauth2"), lambda: TOKEN)
    found = {check.what: check for check in await connector.check()}
    assert "takes no access tokens" in found["imap login"].message
