"""Reports count what happened by the same definitions, apart by anything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from desk.clock import DAY, HOUR, MINUTE
from desk.model import Figures, ReportBy
from desk.service import inbox
from desk.service.errors import NotFound
from desk.service.live.reports import Part, report
from tests.service.world import World, mail


def test_a_report_adds_up_whatever_it_is_by(world: World) -> None:
    begun = world.clock.now()
    for number in range(4):
        id = world.one(mail(subject=f"matter {number}", salt=f"{number}")).conversation_id
        inbox.set_queue(world.store, world.clock, world.ada, id, "Returns" if number % 2 else None)
        world.clock.advance(10 * MINUTE)
        if number:
            world.answered(id)
        world.clock.advance(DAY)
    until = world.clock.now()
    for by in get_args(ReportBy):
        told = report(world.store, begun, until, by, UTC)
        assert told.total.arrived == sum(row.figures.arrived for row in told.rows) == 4
        assert told.total.answered == sum(row.figures.answered for row in told.rows) == 3
    assert [row.name for row in report(world.store, begun, until, "queue").rows] == ["Returns", ""]
    assert [row.name for row in report(world.store, begun, until, "rep").rows] == ["Ada", ""]
    assert report(world.store, begun, begun + HOUR).total.arrived == 1


def test_days_are_those_of_the_zone(world: World) -> None:
    world.clock.advance(int(datetime(2026, 3, 1, 23, 30, tzinfo=UTC).timestamp() * 1000) - world.clock.now())
    world.one(mail())
    rows = [report(world.store, 0, 2**45, by, ZoneInfo("Europe/Berlin")).rows[0].name for by in ("day", "weekday-hour")]
    assert rows == ["2026-03-02", "Mon 00:00"]


def test_a_part_of_it_adds_up_to_the_whole(world: World) -> None:
    for number in range(4):
        id = world.one(mail(subject=f"matter {number}", salt=f"{number}")).conversation_id
        inbox.set_queue(world.store, world.clock, world.ada, id, "Returns" if number % 2 else None)
        world.clock.advance(10 * MINUTE)
        world.answered(id)
    until = world.clock.now() + 1
    [queue] = world.store.queues.all()
    parts = [report(world.store, 0, until, "day", UTC, Part(queue_id=id)) for id in (queue.id, 0)]
    assert [(part.total.answered, part.queue, part.promises) for part in parts] == [(2, "Returns", ()), (2, "-", ())]
    hers = report(world.store, 0, until, "channel", UTC, Part(agent_id=world.ada.id, channel="email"))
    assert (hers.total.answered, hers.rep, hers.channel) == (4, "ada", "email")
    assert report(world.store, 0, until, "day", UTC, Part(channel="chat")).total == Figures()
    with pytest.raises(NotFound):
        report(world.store, 0, until, "day", UTC, Part(queue_id=queue.id + 1))
