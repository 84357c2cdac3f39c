"""An account that logs in with access tokens, which expire while the server runs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from desk.model import NewReply
from tests.server.test_mail import account, arrives, mail, outcome, until
from tests.servers import oauth
from tests.servers.desk import DeskServer, email_account
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpRelay

SUPPORT, CUSTOMER = "support@example.test", "customer@example.test"


async def test_a_token_that_expired_is_followed_by_a_fresh_one(new_desk: Callable[..., DeskServer]) -> None:
    good, stale = oauth.token(SUPPORT), oauth.token(SUPPORT, seconds=-60)
    with tempfile.TemporaryDirectory(prefix="dk") as folder:
        place = Path(folder)
        place.chmod(0o755)
        now = place / "token"
        now.write_text(stale)
        with Dovecot(extra=oauth.prepare(place)) as dovecot, SmtpRelay(None, dovecot, token=good) as smtp:
            settings = f'auth = "xoauth2"\npassword_cmd = "cat {now}"\n'
            toml = "[desk]\nundo_seconds = 0.1\n" + email_account("shop", SUPPORT, dovecot, smtp, extra=settings)
            async with new_desk(toml).start().client() as client:
                told = await account(client, "shop", "retrying")
                assert "refused the access token" in told.error
                now.write_text(good)
                await account(client, "shop", "connected")
                conversation = await arrives(client, dovecot, mail(CUSTOMER, SUPPORT), SUPPORT)
                now.write_text(stale)
                item = await client.reply(conversation.id, NewReply(body="It is on its way."))
                await until(client.outbox, lambda items: items[0].attempts == 1 and "access token" in items[0].error)
                now.write_text(good)
                await outcome(client, item, "sent")
                assert smtp.count(item.rfc_message_id) == 1
