"""Reports: the figures of any time, apart by what is asked for, from the same definitions as the live queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import NamedTuple

from desk.clock import SECOND, Millis
from desk.model import Channel, Happening, Report, ReportBy, ReportRow
from desk.service.errors import NotFound
from desk.service.keeping import tallies
from desk.service.live.metrics import Of, Tally
from desk.store.base import Store

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Named = Callable[[Of], str]


class Part(NamedTuple):
    """What of a time is told."""

    queue_id: int | None = None
    """0: what is in no queue. None: all."""
    channel: Channel | None = None
    agent_id: int | None = None

    def has(self, each: Happening) -> bool:
        return (
            self.queue_id in (None, each.queue_id or 0)
            and self.channel in (None, each.channel)
            and self.agent_id in (None, each.agent_id)
        )


ALL = Part()


def report(
    store: Store,
    since: Millis,
    until: Millis,
    by: ReportBy = "day",
    zone: tzinfo | None = None,
    part: Part = ALL,
) -> Report:
    """What happened from `since` on and before `until`; days and hours are those of the zone. Raises `NotFound`."""
    name = _named(store, by, zone)
    total, rows = Tally(), dict[str, Tally]()
    for each in store.happenings.between(since, until):
        if not part.has(each):
            continue
        of = Of(each.at, each.queue_id, each.channel, each.agent_id)
        total.add(each)
        rows.setdefault(name(of), Tally()).add(each)
    ordered = sorted(rows.items(), key=_order(by))
    return Report(
        since=since,
        until=until,
        by=by,
        rows=tuple(ReportRow(name=called, figures=tally.figures()) for called, tally in ordered),
        total=total.figures(),
        queue=_called("queue", part.queue_id, {0: "-", **{each.id: each.name for each in store.queues.all()}}),
        channel=part.channel or "",
        rep=_called("rep", part.agent_id, {each.id: each.login for each in store.agents.all()}),
        promises=tallies(store, since, until) if part == ALL else (),
    )


def _called(what: str, id: int | None, names: Mapping[int, str]) -> str:
    if id is None:
        return ""
    if id not in names:
        raise NotFound(what, id)
    return names[id]


def _named(store: Store, by: ReportBy, zone: tzinfo | None) -> Named:
    def at(of: Of) -> datetime:
        return datetime.fromtimestamp(of.quarter / SECOND, zone)

    if by in ("queue", "rep"):
        names = _names(store, by)
        return lambda of: names.get((of.queue_id if by == "queue" else of.agent_id) or 0, "")
    ways: Mapping[ReportBy, Named] = {
        "day": lambda of: f"{at(of):%Y-%m-%d}",
        "week": lambda of: f"{at(of):%G-W%V}",
        "month": lambda of: f"{at(of):%Y-%m}",
        "hour": lambda of: f"{at(of):%H}:00",
        "weekday": lambda of: _WEEKDAYS[at(of).weekday()],
        "weekday-hour": lambda of: f"{_WEEKDAYS[at(of).weekday()]} {at(of):%H}:00",
        "channel": lambda of: of.channel or "",
    }
    return ways[by]


def _names(store: Store, by: ReportBy) -> dict[int, str]:
    if by == "queue":
        return {queue.id: queue.name for queue in store.queues.all()}
    return {agent.id: agent.name for agent in store.agents.all()}


def _order(by: ReportBy) -> Callable[[tuple[str, Tally]], tuple[object, ...]]:
    if by in ("weekday", "weekday-hour"):
        return lambda row: (_WEEKDAYS.index(row[0][:3]), row[0])
    return lambda row: (row[0] == "", row[0].casefold())
