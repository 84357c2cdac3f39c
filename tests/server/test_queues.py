"""Where new conversations begin: in their account's queue, else in the one that asks for their channel."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.server.test_mail import until
from tests.server.test_rules import deliver
from tests.servers.desk import DeskServer

MAILBOX = """
[accounts.support]
connector = "maildir"
address = "support@shop.example"
incoming = "in"
outgoing = "out"
poll_seconds = 0.05
{}
[queues.Chats]
channels = ["chat"]
[queues.Mail]
channels = ["email"]
"""


@pytest.mark.parametrize(("own", "queue"), [("", "Mail"), ('queue = "Own"', "Own")])
async def test_mail_begins_in_a_queue(new_desk: Callable[..., DeskServer], own: str, queue: str) -> None:
    server = new_desk(MAILBOX.format(own)).start()
    deliver(server.home.folder / "in", "1", "Hello")
    async with server.client() as client:
        counts = await until(client.counts, lambda counts: counts["all"])
        assert counts[f"queue:{queue}"] == 1
