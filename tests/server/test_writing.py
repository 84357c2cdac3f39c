"""What reps write, through real mail servers: a forward with its files, an answer for later, words with joiners."""

from __future__ import annotations

import time
from email.message import Message

from desk.model import Address, NewReply
from tests.screens.conftest import shows, terminal
from tests.screens.test_writing import burst, composing
from tests.server.test_mail import Setting, account, outcome, setting

__all__ = ["setting"]


def plain(mail: Message) -> str:
    part = next(each for each in mail.walk() if each.get_content_type() == "text/plain")
    return bytes(part.get_payload(decode=True)).decode().replace("\r\n", "\n")


PERSIAN = "نمی\u200cخواهم 👩\u200d💻"


async def test_a_forward_written_by_keys_reaches_whom_it_is_for(setting: Setting, new_user: object) -> None:
    carrier = new_user("carrier")  # type: ignore[operator]
    async with setting.server.client() as client:
        await account(client, "shop", "connected")
        row = await setting.conversation(client)
        async with terminal(setting.server, size=(120, 40)) as (app, pilot):
            await shows(app, "Where is it?")
            await pilot.press("f")
            await composing(app)
            burst(app, *carrier, "tab", "tab", *"Can you see it?", "alt+j")
            await shows(app, "on its way")
        [arrived] = setting.dovecot.mailbox(carrier).wait()
        text = plain(arrived.parsed)
        assert arrived.parsed["Subject"] == "Fwd: Where is it?"
        assert text.startswith("Can you see it?\n\n---------- Forwarded message ----------\n")
        assert "I am waiting. (1)" in text
        assert (await client.conversation(row.id)).state == "open"


async def test_an_answer_for_later_leaves_at_its_time_though_the_server_was_killed(setting: Setting) -> None:
    async with setting.server.client() as client:
        await account(client, "shop", "connected")
        row = await setting.conversation(client)
        at = int(time.time() * 1000) + 4_000
        item = await client.reply(row.id, NewReply(body=PERSIAN, send_at=at, cc=(Address(email=setting.support),)))
        assert (item.state, item.hold_until) == ("held", at)
    setting.server.kill()
    setting.server.start()
    async with setting.server.client() as client:
        sent = await outcome(client, item, "sent", seconds=40)
        assert sent.updated_at >= at
    [arrived] = setting.dovecot.mailbox(setting.customer).wait()
    assert PERSIAN in plain(arrived.parsed)
