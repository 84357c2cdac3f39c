"""Reports: the figures of any time, apart by what is asked for, from the same definitions as the live queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo

from desk.clock import SECOND, Millis
from desk.model import Report, ReportBy, ReportRow
from desk.service.live.metrics import Of, Tally
from desk.store.base import Store

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Named = Callable[[Of], str]


def report(store: Store, since: Millis, until: Millis, by: ReportBy = "day", zone: tzinfo | None = None) -> Report:
    """All that happened from `since` on and before `until`; days and hours are those of the zone."""
    name = _named(store, by, zone)
    total, rows = Tally(), dict[str, Tally]()
    for each in store.happenings.between(since, until):
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
    )


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
