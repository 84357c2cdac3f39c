"""Where new conversations begin: in their account's queue, else in the one that asks for their channel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from desk.hours import DAYS
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


async def test_a_queue_is_open_by_its_calendar_unless_a_supervisor_says_otherwise(
    new_desk: Callable[..., DeskServer],
) -> None:
    other_day = DAYS[(datetime.now().weekday() + 3) % 7]
    settings = f'[calendars.once]\n{other_day} = "9:00-10:00"\n' + "".join(
        f'{day} = ""\n' for day in DAYS if day != other_day
    )
    server = new_desk(settings + '[queues.Rare]\ncalendar = "once"\n[queues.Usual]\n').start()
    async with server.client() as client:
        assert [(each.queue.name, each.open) for each in await client.queues_now()] == [
            ("Rare", False),
            ("Usual", True),
        ]
        rare, _ = await client.open_queue("Rare")
        assert (rare.open, rare.rules.open) == (True, True)
