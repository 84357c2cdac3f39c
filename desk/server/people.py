"""The reps of a workspace, as the settings have them at this moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from msgspec.structs import replace

from desk.clock import Clock, Millis
from desk.model import Agent, Queue, QueueNow, Role, Staff
from desk.model.staffing import QueueRules, ranks
from desk.server.core import Core
from desk.service import promises
from desk.service.queues import Floor
from desk.service.taking import Taker
from desk.settings import Settings
from desk.store.base import Store
from desk.text import line


class People:
    """Who there is, what they may do and what they can do."""

    def __init__(self, core: Core, settings: Callable[[], Settings]) -> None:
        self._core = core
        self._settings = settings
        self._agents: dict[str, Agent] = {}
        """By login, as the store has them."""
        self._read: Settings | None = None
        """The settings that `_staff` was read from."""
        self._staff: dict[str, Staff] = {}
        self._first: int | None = None

    async def agent(self, login: str) -> Agent:
        """The rep of that login, made at the first request; their role is that of this moment."""
        known = self._agents.get(login)
        if known is None:
            settings = self._settings()
            known = await self._core.write(_ensure, login, settings.name_of(login), _named(settings))
            self._agents[login] = known
        return self._ranked(known)

    def all(self) -> list[Agent]:
        """All reps, with their roles."""
        return [self._ranked(each) for each in self._core.store.agents.all()]

    def known(self, ids: Collection[int]) -> list[Agent]:
        """Those of these reps who have asked for anything since the server began."""
        return [each for each in self._agents.values() if each.id in ids]

    def named(self, login: str) -> Agent | None:
        """The rep of that login, whatever its case."""
        return next((each for each in self.all() if each.login.casefold() == login.casefold()), None)

    def staff(self, agent: Agent) -> Staff:
        """What a rep may and can do."""
        settings = self._settings()
        if settings is not self._read:
            self._read, self._staff = settings, {}
        found = self._staff.get(agent.login)
        if found is None:
            found = settings.staff_of(agent.login, first=agent.id == self._founder())
            self._staff[agent.login] = found
        return found

    def who_may(self, least: Role) -> list[Agent]:
        """Whoever has at least that role."""
        return [each for each in self.all() if ranks(each.role, least)]

    async def heed(self, settings: Settings) -> None:
        """Have every queue and every rep that the settings name, and call the reps as they do.

        Before anybody came there are no reps: the first is who set the workspace up.
        """
        await self._core.write(_ensure_queues, [each.name for each in settings.queues.values()])
        known, named = {each.login for each in self._core.store.agents.all()}, _named(settings)
        if known and named.keys() - known:
            await self._core.write(_ensure_reps, named)
        for agent in self._core.store.agents.all():
            wanted = line(settings.name_of(agent.login))
            if wanted and wanted != agent.name:
                await self._core.write(_rename, agent.id, wanted)
                if agent.login in self._agents:
                    self._agents[agent.login] = replace(self._agents[agent.login], name=wanted)

    def floor(self) -> Floor:
        """The queues as they are now: what is open, and who works where."""
        store = self._core.store
        queues = [each for each in store.queues.all() if isinstance(each, Queue)]
        return Floor(queues, self._settings().queue_rules, store.queue_words.all(), self._opened)

    def queues(self) -> list[QueueNow]:
        """Every queue with who works there, by name."""
        floor, reps = self.floor(), [(agent, self.staff(agent)) for agent in self.all()]
        offered = Counter(each.queue_id for each in self._core.store.offers.open())
        queues = sorted(floor.queues.values(), key=_by_name)
        return [replace(floor.now(queue.id, reps), offered=offered[queue.id]) for queue in queues]

    def taker(self, floor: Floor, agent: Agent, skip: Collection[int] = ()) -> Taker:
        """A rep who takes work. `skip`: what they passed over."""
        staff = self.staff(agent)
        return Taker(agent=agent, capacity=staff.capacity, queues=floor.of(agent.id, staff, only_open=True), skip=skip)

    @property
    def push(self) -> bool:
        """Whether any queue hands out by itself."""
        return any(each.push != "off" for each in self._settings().queues.values())

    def returning(self) -> frozenset[int]:
        """The queues to which the unanswered work of who is not there goes back, open or not."""
        rules = self._settings().queue_rules
        return frozenset(each.id for each in self._core.store.queues.all() if rules(each.name).gives_back)

    def opens_at(self, rules: QueueRules) -> Millis | None:
        """When a queue's calendar has it open again; None if that is not what keeps it closed."""
        if not rules.open or self._opened(rules):
            return None
        return promises.of(self._core.store).clock(rules.calendar).after(self._core.clock.now(), 1) - 1

    def _opened(self, rules: QueueRules) -> bool:
        """Whether the queue's calendar has it open now; always where it names none that there is."""
        core = self._core
        return promises.of(core.store).clock(rules.calendar).open_at(core.clock.now())

    def _ranked(self, agent: Agent) -> Agent:
        role = self.staff(agent).role
        return agent if agent.role == role else replace(agent, role=role)

    def _founder(self) -> int:
        """The first rep there was, who set the workspace up."""
        if self._first is None:
            self._first = min(each.id for each in self._core.store.agents.all())
        return self._first


def _by_name(queue: Queue) -> str:
    return queue.name.casefold()


def _ensure_queues(store: Store, clock: Clock, names: Sequence[str]) -> None:
    known = {queue.name.casefold() for queue in store.queues.all()}
    missing = [name for name in map(line, names) if name and name.casefold() not in known]
    if missing:
        with store.write():
            for name in missing:
                store.queues.ensure(name)


def _rename(store: Store, clock: Clock, id: int, name: str) -> None:
    with store.write():
        store.agents.rename(id, name)


def _named(settings: Settings) -> dict[str, str]:
    """The reps that the settings have a table of, and what they are to be called."""
    return {login: line(settings.name_of(login)) for login in settings.reps}


def _ensure(store: Store, clock: Clock, login: str, name: str, others: Mapping[str, str]) -> Agent:
    """Who came, and after them whom the file names: they are given work and told of things before they come."""
    with store.write():
        agent = store.agents.ensure(login, name)
        for other, called in others.items():
            store.agents.ensure(other, called)
    return agent


def _ensure_reps(store: Store, clock: Clock, named: Mapping[str, str]) -> None:
    with store.write():
        for login, name in named.items():
            store.agents.ensure(login, name)
