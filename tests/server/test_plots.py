"""What is plotted, over the API: of the same figures as the live queue."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk.client import Refused
from tests.servers.desk import DeskServer
from tests.servers.shop import fill_with_sample


async def test_what_is_plotted_is_what_the_live_queue_tells(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk()
    fill_with_sample(server.home)
    async with server.start().client() as client:
        live = await client.live()
        for queue in (live.total, *live.queues):
            told = await client.plots(queue.id)
            assert (told.queue_id, told.since, told.name) == (queue.id, live.since, queue.name)
            assert told.quarters[-1].waiting == sum(queue.now.waiting.values())
            assert sum(each.arrived for each in told.quarters) == queue.today.arrived
            assert len(told.usual) in (0, 96)
            assert len(told.week) % 24 == 0
        with pytest.raises(Refused) as caught:
            await client.plots(10_000)
        assert caught.value.status == 404
