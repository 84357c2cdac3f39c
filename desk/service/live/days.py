"""What was counted since a day began, ready to be shown: only what changed is computed anew."""

from __future__ import annotations

from collections.abc import Iterable

from desk.clock import Millis
from desk.model import Figures, Happening, Quarter
from desk.service.live.metrics import QUARTER, Tally


class Sum:
    """A tally that remembers its figures."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._figures: Figures | None = None

    def add(self, each: Happening) -> None:
        self.tally.add(each)
        self._figures = None

    @property
    def figures(self) -> Figures:
        if self._figures is None:
            self._figures = self.tally.figures()
        return self._figures


class Day:
    """One day from its beginning on, by queue, by rep and by quarter of an hour."""

    def __init__(self, since: Millis, happenings: Iterable[Happening] = ()) -> None:
        self.since = since
        self._queues: dict[int | None, Sum] = {}
        self._agents: dict[int, Sum] = {}
        self._quarters: dict[tuple[int | None, Millis], Sum] = {}
        for each in happenings:
            self.add(each)

    def add(self, each: Happening) -> None:
        """Count it, if it happened on this day."""
        if each.at < self.since:
            return
        if each.agent_id is not None:
            self._agents.setdefault(each.agent_id, Sum()).add(each)
        begins = each.at - each.at % QUARTER
        for queue in (None, each.queue_id or 0):
            self._queues.setdefault(queue, Sum()).add(each)
            self._quarters.setdefault((queue, begins), Sum()).add(each)

    def of_queue(self, queue_id: int | None) -> Figures:
        """None: of all together; 0: of what was in no queue."""
        return self._queues[queue_id].figures if queue_id in self._queues else Figures()

    def of_agent(self, agent_id: int) -> Figures:
        return self._agents[agent_id].figures if agent_id in self._agents else Figures()

    @property
    def queues(self) -> set[int]:
        """Those in which anything happened; 0: in none."""
        return {queue for queue in self._queues if queue is not None}

    def waiting_since(self, queue_id: int | None) -> int:
        """By how much more wait now than when the day began."""
        return self._queues[queue_id].tally.counts["waiting"] if queue_id in self._queues else 0

    def quarters(self, queue_id: int | None, now: Millis, waiting: int) -> tuple[Quarter, ...]:
        """From the beginning of the day to now, in which so many wait: backwards from there."""
        found: list[Quarter] = []
        begins = now - now % QUARTER
        while begins + QUARTER > self.since:
            each = self._quarters.get((queue_id, begins))
            figures = each.figures if each is not None else Figures()
            found.append(
                Quarter(
                    at=begins,
                    arrived=figures.arrived,
                    answered=figures.answered,
                    waiting=max(waiting, 0),
                    speed=figures.speed,
                    speed_90=figures.speed_90,
                )
            )
            waiting -= each.tally.counts["waiting"] if each is not None else 0
            begins -= QUARTER
        return tuple(reversed(found))
