"""The board: what waits at this moment, in memory, and kept up to date one conversation at a time.

Each question is a stretch of a sorted list, so that counting costs nothing, and what is counted can be shown.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, get_args

from desk.clock import MINUTE, Millis
from desk.model import Channel, Standing, Waiting

Question = Literal["open", "unassigned", "waiting", "risk-5", "risk-15", "risk-60", "broken"]
QUESTIONS: tuple[Question, ...] = get_args(Question)

_SOON: dict[Question, Millis] = {"risk-5": 5 * MINUTE, "risk-15": 15 * MINUTE, "risk-60": 60 * MINUTE}
_Sorted = list[tuple[Millis, int]]
"""Instants and conversations."""


class Place(NamedTuple):
    """Which conversations are counted together."""

    queue_id: int
    """0: none."""
    channel: Channel


class _Group:
    """The conversations of one place."""

    def __init__(self) -> None:
        self.lists: dict[str, _Sorted] = {"open": [], "unassigned": [], "waiting": [], "due": []}

    def put(self, row: Standing) -> None:
        for name, at in _kept(row):
            insort(self.lists[name], (at, row.id))

    def take(self, row: Standing) -> None:
        for name, at in _kept(row):
            entries = self.lists[name]
            del entries[bisect_left(entries, (at, row.id))]

    def stretch(self, question: Question, now: Millis) -> tuple[_Sorted, int, int]:
        """Where the answer to a question begins and ends."""
        if question in ("open", "unassigned", "waiting"):
            entries = self.lists[question]
            return entries, 0, len(entries)
        due = self.lists["due"]
        ended = bisect_left(due, (now + 1, 0))
        if question == "broken":
            return due, 0, ended
        return due, ended, bisect_left(due, (now + _SOON[question] + 1, 0))

    def count(self, question: Question, now: Millis) -> int:
        _, begins, ends = self.stretch(question, now)
        return ends - begins

    def broken_since(self, since: Millis, now: Millis) -> int:
        """Of what is broken: what was promised for that time."""
        due, _, ends = self.stretch("broken", now)
        return ends - min(bisect_left(due, (since, 0)), ends)


class Board:
    """All conversations that are not done with."""

    def __init__(self) -> None:
        self._rows: dict[int, Standing] = {}
        self._groups: dict[Place, _Group] = {}
        self._of_agents: dict[int, Counter[str]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def update(self, ids: Iterable[int], rows: Iterable[Standing]) -> None:
        """These conversations stand like this by now; those without a row are done with."""
        for id in ids:
            self._take(id)
        for row in rows:
            self._take(row.id)
            self._put(row)

    def _put(self, row: Standing) -> None:
        self._rows[row.id] = row
        self._groups.setdefault(_place(row), _Group()).put(row)
        self._count(row, 1)

    def _take(self, id: int) -> None:
        row = self._rows.pop(id, None)
        if row is not None:
            self._groups[_place(row)].take(row)
            self._count(row, -1)

    def _count(self, row: Standing, by: int) -> None:
        if row.agent_id is not None and row.state == "open":
            has = self._of_agents.setdefault(row.agent_id, Counter())
            has[row.channel] += by
            has["unanswered"] += by if row.waiting_since is not None else 0

    # --- answers --------------------------------------------------------------------------------------------

    @property
    def queues(self) -> set[int]:
        """Those that anything is in; 0: no queue."""
        return {place.queue_id for place in self._groups}

    def has(self, agent_id: int) -> tuple[dict[str, int], int]:
        """How many open conversations a rep has, by channel, and how many of these wait."""
        has = Counter(self._of_agents.get(agent_id, {}))
        unanswered = has.pop("unanswered", 0)
        return {channel: number for channel, number in has.items() if number}, unanswered

    def waiting(self, now: Millis, since: Millis, queue_id: int | None = None) -> Waiting:
        """How a queue stands, or all; `since`: when today began."""
        counts: Counter[Question] = Counter()
        channels: Counter[str] = Counter()
        longest: list[Millis] = []
        today = 0
        for place, group in self._in(queue_id):
            counts.update({question: group.count(question, now) for question in QUESTIONS})
            channels[place.channel] += group.count("waiting", now)
            longest += [entry[0] for entry in group.lists["waiting"][:1]]
            today += group.broken_since(since, now)
        return Waiting(
            open=counts["open"],
            unassigned=counts["unassigned"],
            waiting={channel: number for channel, number in channels.items() if number},
            longest=min(longest, default=None),
            risk_5=counts["risk-5"],
            risk_15=counts["risk-15"],
            risk_60=counts["risk-60"],
            broken=counts["broken"],
            broken_today=today,
        )

    def behind(
        self,
        question: Question,
        now: Millis,
        *,
        queue_id: int | None = None,
        channel: Channel | None = None,
        agent_id: int | None = None,
        since: Millis = 0,
    ) -> list[int]:
        """The conversations that a number counts, the most pressing first; `since`: only from there on."""
        found: _Sorted = []
        for place, group in self._in(queue_id):
            if channel in (None, place.channel):
                entries, begins, ends = group.stretch(question, now)
                found += entries[begins:ends]
        return [id for at, id in sorted(found) if at >= since and agent_id in (None, self._rows[id].agent_id)]

    def _in(self, queue_id: int | None) -> Iterator[tuple[Place, _Group]]:
        return ((place, group) for place, group in self._groups.items() if queue_id in (None, place.queue_id))


def _place(row: Standing) -> Place:
    return Place(row.queue_id or 0, row.channel)


def _kept(row: Standing) -> Iterator[tuple[str, Millis]]:
    """In which lists a conversation stands, and where."""
    if row.state == "open":
        yield "open", row.waiting_since or 0
        if row.agent_id is None:
            yield "unassigned", row.waiting_since or 0
    if row.waiting_since is not None:
        yield "waiting", row.waiting_since
    if row.due_at is not None:
        yield "due", row.due_at
