"""The live queue: a board in memory that is fed with what changes, for as long as anybody looks at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from desk.alerts import Alarm, AlertRule, number_of
from desk.clock import DAY, SECOND, Clock, Millis
from desk.model import Alert, Change, Channel, Happening, Live, LiveAgent, LiveQueue, Plots, RepNow, Standing
from desk.server.availability import Availabilities
from desk.server.core import Core
from desk.server.people import People
from desk.server.tasks import end, keep_running
from desk.service.errors import NotFound
from desk.service.live.board import QUESTIONS, Board, Question
from desk.service.live.days import Day
from desk.service.live.metrics import answers_to, occupancy
from desk.service.live.past import Past
from desk.service.queues import Floor
from desk.store.base import Store

_ALERTS = "alerts"
PAUSE_SECONDS = 0.25
"""What changes within this time is read together."""
QUIET_SECONDS = 1.0
"""What leaves no change, such as a question to the articles, is read after this at the latest."""
AT_ONCE = 5_000
DAYS_AT_MOST = 4
"""Time zones in which a day is counted at the same time."""
WATCHED_FOR: Millis = 120 * SECOND
"""How long after somebody asked last the board is kept up to date."""


class LiveQueues:
    """Belongs to the running event loop. Nothing is read until somebody asks."""

    def __init__(
        self,
        core: Core,
        people: People,
        availabilities: Availabilities,
        alerts: Callable[[], Mapping[str, AlertRule]] = dict,
    ) -> None:
        self._core = core
        self._people = people
        self._availabilities = availabilities
        self._alerts = alerts
        self._alarms: dict[str, Alarm] = {}
        self._standing: dict[str, Millis] = {}
        """What is too high and since when, as it is kept for a server that is started again."""
        self._before: dict[str, Millis] = {}
        """What was, when the server before this one ended."""
        self._board = Board()
        self._days: dict[Millis, Day] = {}
        self._pasts: dict[tuple[Millis, tzinfo | None], Past] = {}
        self._read_to = 0
        self._task: asyncio.Task[None] | None = None
        self._asked_at: Millis = 0
        self._turn = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Look for what is too high from now on, whoever looks at the live queue. What was so before is not new."""
        self._standing = _standing_alerts(self._core.store)
        self._before = dict(self._standing)
        self._looking = asyncio.create_task(keep_running("looking for what is too high", self._look_on))

    async def close(self) -> None:
        await end(*filter(None, (self._looking, self._task)))

    # --- alerts ---------------------------------------------------------------------------------------------

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """What is too high, as of the last look."""
        return tuple(_alert(each) for each in self._alarms.values() if each.since is not None)

    async def _look_on(self) -> None:
        while True:
            if self._alerts() or self._alarms:
                await self._watch()
                now = self._core.clock.now()
                floor = await self._core.threads.read(self._people.floor)
                self._look(now, await self._day(day_of(now)), floor)
                await self._keep_standing()
            await asyncio.sleep(QUIET_SECONDS)

    async def _keep_standing(self) -> None:
        standing = {name: each.since for name, each in self._alarms.items() if each.since is not None}
        if standing != self._standing:
            await self._core.write(_keep_alerts, standing)
            self._standing = standing

    # --- answers --------------------------------------------------------------------------------------------

    async def now(self, zone: tzinfo | None = None) -> Live:
        """How everything stands; days begin in that zone."""
        await self._watch()
        now = self._core.clock.now()
        since = day_of(now, zone)
        day = await self._day(since)
        floor = await self._core.threads.read(self._people.floor)
        reps = await self._availabilities.all(zone)
        self._look(now, day, floor)
        agents = tuple(self._person(rep, day) for rep in reps)
        ids = sorted(floor.queues, key=lambda id: floor.queues[id].name.casefold())
        queues = [self._queue(id, now, day, floor.queues[id].name, open=floor.is_open(id)) for id in ids]
        if ids and 0 in self._board.queues | day.queues:
            queues.append(self._queue(0, now, day))
        return Live(
            at=now,
            since=since,
            total=self._queue(None, now, day),
            queues=tuple(queues),
            agents=agents,
            occupancy=occupancy(agents),
            alerts=self.alerts,
        )

    def _look(self, now: Millis, day: Day, floor: Floor) -> None:
        """See what is too high, by the rules there are now; what begins or ends by that is told to terminals."""
        ids = {queue.name.casefold(): id for id, queue in floor.queues.items()}
        rules = self._alerts()
        self._alarms = {
            name: self._alarms.get(name) or Alarm(rule, self._before.pop(name, None)) for name, rule in rules.items()
        }
        for name, rule in rules.items():
            if self._alarms[name].rule != rule:
                self._alarms[name] = Alarm(rule)
            queue = self._queue(ids.get(rule.queue.casefold(), 0) if rule.queue else None, now, day)
            if self._alarms[name].look(number_of(rule, queue.now, now), now):
                self._core.feed.tell(Change(at=now, kind="alert", id=0))

    def _queue(self, id: int | None, now: Millis, day: Day, name: str = "", *, open: bool = True) -> LiveQueue:
        waiting = self._board.waiting(now, day.since, id)
        today = day.of_queue(id)
        return LiveQueue(
            id=id,
            name=name,
            open=open,
            now=replace(waiting, broken_today=waiting.broken_today + today.broken),
            today=today,
            quarters=day.quarters(id, now, sum(waiting.waiting.values())),
        )

    def _person(self, rep: RepNow, day: Day) -> LiveAgent:
        has, unanswered = self._board.has(rep.agent.id)
        seen = max(rep.on, key=lambda each: (each.doing == "replying", each.since), default=None)
        return LiveAgent(
            id=rep.agent.id,
            name=rep.agent.name,
            login=rep.agent.login,
            state=rep.state,
            reason=rep.reason,
            since=rep.since,
            spent=rep.today,
            on=seen.conversation_id if seen else None,
            on_since=seen.since if seen else None,
            doing=seen.doing if seen else "",
            has=has,
            unanswered=unanswered,
            today=day.of_agent(rep.agent.id),
        )

    async def plots(self, queue_id: int | None = None, zone: tzinfo | None = None) -> Plots:
        """A queue, or all together, today by quarters of an hour and as it usually is. Raises `NotFound`."""
        await self._watch()
        now = self._core.clock.now()
        since = day_of(now, zone)
        queues = {0: "", **{each.id: each.name for each in self._core.store.queues.all()}}
        if queue_id is not None and queue_id not in queues:
            raise NotFound("queue", queue_id)
        day, past = await self._day(since), await self._past(since, zone)
        waiting = sum(self._board.waiting(now, since, queue_id).waiting.values())
        return Plots(
            at=now,
            since=since,
            queue_id=queue_id,
            name=queues.get(queue_id or 0, ""),
            days=len(past.days),
            quarters=day.quarters(queue_id, now, waiting),
            usual=past.usual(queue_id, waiting - day.waiting_since(queue_id)),
            week=past.week(queue_id),
        )

    async def behind(
        self,
        what: str,
        *,
        queue_id: int | None = None,
        channel: Channel | None = None,
        agent_id: int | None = None,
        zone: tzinfo | None = None,
        limit: int = 1_000,
    ) -> list[int]:
        """The conversations that a number counts: the most pressing first, or, of what happened today, the newest.

        `what`: one of `desk.service.live.board.QUESTIONS` or of `desk.service.live.metrics.ANSWERED_BY`.
        """
        await self._watch()
        now = self._core.clock.now()
        since = day_of(now, zone)
        if what in QUESTIONS:
            question: Question = what
            return self._board.behind(question, now, queue_id=queue_id, channel=channel, agent_id=agent_id)[:limit]
        wanted = _Wanted(what, queue_id, channel, agent_id)
        found = await self._core.threads.read(_happened, self._core.store, wanted, since, now + 1)
        if what == "broken-today":
            still = self._board.behind(
                "broken", now, queue_id=queue_id, channel=channel, agent_id=agent_id, since=since
            )
            found = [*still, *found]
        return list(dict.fromkeys(found))[:limit]

    # --- keeping up -----------------------------------------------------------------------------------------

    async def _day(self, since: Millis) -> Day:
        day = self._days.get(since)
        if day is None:
            async with self._turn:
                read = self._core.threads.read(_day_since, self._core.store, since, self._read_to)
                day = self._days[since] = await read
                for old in sorted(self._days)[:-DAYS_AT_MOST]:
                    del self._days[old]
        return day

    async def _past(self, since: Millis, zone: tzinfo | None) -> Past:
        past = self._pasts.get((since, zone))
        if past is None:
            async with self._turn:
                read = self._core.threads.read(_past_before, self._core.store, since, zone, self._read_to)
                past = self._pasts[since, zone] = await read
                for old in list(self._pasts)[:-DAYS_AT_MOST]:
                    del self._pasts[old]
        return past

    async def _watch(self) -> None:
        self._asked_at = self._core.clock.now()
        if self._task is not None and self._task.done():
            self._task = None
        if self._task is None:
            ready = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(keep_running("keeping the live queue", lambda: self._follow(ready)))
            self._ready = ready
        await asyncio.shield(self._ready)

    async def _follow(self, ready: asyncio.Future[None]) -> None:
        core = self._core
        since, self._read_to, self._board = await core.threads.read(_everything, core.store)
        self._days.clear()
        self._pasts.clear()
        if not ready.done():
            ready.set_result(None)
        while core.clock.now() - self._asked_at < WATCHED_FOR:
            mark = core.feed.mark()
            since = await self._catch_up(since)
            await core.feed.after(mark, QUIET_SECONDS)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _catch_up(self, since: int) -> int:
        core = self._core
        async with self._turn:
            read = core.threads.read(_news, core.store, since, self._read_to)
            since, ids, rows, happened = await read
            self._board.update(ids, rows)
            for each in happened:
                self._read_to = each.id
                for day in self._days.values():
                    day.add(each)
                for past in self._pasts.values():
                    past.add(each)
        return since


def _standing_alerts(store: Store) -> dict[str, Millis]:
    return msgspec.json.decode(store.meta.get(_ALERTS) or "{}", type=dict[str, Millis])


def _keep_alerts(store: Store, clock: Clock, standing: Mapping[str, Millis]) -> None:
    with store.write():
        store.meta.set(_ALERTS, msgspec.json.encode(standing).decode())


def _alert(alarm: Alarm) -> Alert:
    rule, since = alarm.rule, alarm.since
    where = " ".join(part for part in (rule.channel or "", rule.queue) if part)
    words = f"{rule.number}{f' {where}' if where else ''} {alarm.number:g}, {rule.above:g} or more is too high"
    return Alert(name=rule.name, words=words, since=since or 0)


def day_of(now: Millis, zone: tzinfo | None = None) -> Millis:
    """When the day began that an instant is on, in a zone; None: this machine's."""
    there = datetime.fromtimestamp(now / SECOND, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return round(there.timestamp()) * SECOND


def _everything(store: Store) -> tuple[int, int, Board]:
    last, told, board = store.changes.last(), store.happenings.last(), Board()
    board.update((), store.standings.all())
    return last, told, board


def _day_since(store: Store, since: Millis, up_to: int) -> Day:
    return Day(since, (each for each in store.happenings.between(since, since + 2 * DAY) if each.id <= up_to))


def _past_before(store: Store, since: Millis, zone: tzinfo | None, up_to: int) -> Past:
    past = Past(since, zone)
    for each in store.happenings.between(past.begins, since):
        if each.id <= up_to:
            past.add(each)
    return past


def _news(store: Store, since: int, told: int) -> tuple[int, list[int], list[Standing], list[Happening]]:
    """What changed after a number, and what happened after another."""
    changes = store.changes.since(since, AT_ONCE)
    happened = store.happenings.after(told, AT_ONCE)
    ids = list({each.id for each in changes if each.kind == "conversation"})
    return changes[-1].seq if changes else since, ids, store.standings.of(ids), happened


class _Wanted(NamedTuple):
    """Which of what happened is asked for."""

    what: str
    queue_id: int | None
    channel: Channel | None
    agent_id: int | None

    def __call__(self, each: Happening) -> bool:
        return (
            answers_to(self.what, each)
            and self.queue_id in (None, each.queue_id or 0)
            and self.channel in (None, each.channel)
            and self.agent_id in (None, each.agent_id)
        )


def _happened(store: Store, wanted: _Wanted, since: Millis, until: Millis) -> list[int]:
    """The conversations in which it happened, the newest first."""
    found: dict[int | None, None] = {}
    for each in store.happenings.between(since, until):
        if wanted(each) or each.kind == "returned":
            found.pop(each.conversation_id, None)
        if wanted(each):
            found[each.conversation_id] = None
    return [id for id in reversed(found) if id is not None]
