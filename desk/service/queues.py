"""Queues at work: which are open, and who works in them. What supervisors say stands over what `desk.toml` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from desk.clock import Clock
from desk.model import Agent, Delta, Queue, QueueNow, QueueRep, QueueRules, QueueWord, Staff
from desk.service import journal, permitting
from desk.service.errors import Invalid, NotFound
from desk.store.base import Store

AT_ONCE = 100

Key = tuple[int, int | None]
"""A queue, and a rep or the queue as a whole."""


class Saying(Struct, frozen=True):
    """What is to stand over `desk.toml` from now on."""

    queue_id: int
    agent_id: int | None
    """Whether that rep works there; None: whether it is open."""
    value: bool | None
    """None: as `desk.toml` has it."""


class Floor:
    """The queues at one moment: who works where, and what is open."""

    def __init__(
        self,
        queues: Sequence[Queue],
        rules: Callable[[str], QueueRules],
        words: Sequence[QueueWord],
        opened: Callable[[QueueRules], bool] = lambda rules: True,
    ) -> None:
        """`opened`: whether a queue's calendar has it open now."""
        self.queues = {queue.id: queue for queue in queues}
        self._rules = {queue.id: rules(queue.name) for queue in queues}
        self._words: Mapping[Key, QueueWord] = {(word.queue_id, word.agent_id): word for word in words}
        self._opened = opened

    def rules(self, queue_id: int) -> QueueRules:
        """What `desk.toml` says of it."""
        return self._rules[queue_id]

    def is_open(self, queue_id: int) -> bool:
        """Whether its work is handed out now: by word, else by `desk.toml` and the calendar."""
        word = self._words.get((queue_id, None))
        rules = self._rules[queue_id]
        return word.value if word is not None else rules.open and self._opened(rules)

    def works(self, agent_id: int, staff: Staff, queue_id: int) -> bool:
        """Whether a rep works there."""
        word = self._words.get((queue_id, agent_id))
        return word.value if word is not None else self._rules[queue_id].worked_by(staff)

    def of(self, agent_id: int, staff: Staff, *, only_open: bool = False) -> frozenset[int]:
        """All queues in which a rep works."""
        return frozenset(
            id for id in self.queues if self.works(agent_id, staff, id) and (not only_open or self.is_open(id))
        )

    def now(self, queue_id: int, reps: Sequence[tuple[Agent, Staff]]) -> QueueNow:
        """A queue with who of these reps works there."""
        there = [
            (agent, self._words.get((queue_id, agent.id)))
            for agent, staff in reps
            if self.works(agent.id, staff, queue_id)
        ]
        return QueueNow(
            queue=self.queues[queue_id],
            rules=self._rules[queue_id],
            open=self.is_open(queue_id),
            word=self._words.get((queue_id, None)),
            reps=tuple(QueueRep(agent=agent, word=word) for agent, word in there),
            words=tuple(word for (id, rep), word in self._words.items() if id == queue_id and rep is not None),
        )


def say(store: Store, clock: Clock, agent: Agent, sayings: Sequence[Saying]) -> None:
    """Open or close queues, put reps into them or take them out, all at once; one deed, which undo takes back.

    Raises `Forbidden`, `NotFound`, `Invalid`.
    """
    permitting.require(agent, "direct")
    if not sayings or len(sayings) > AT_ONCE:
        raise Invalid("bad-request", f"say from 1 to {AT_ONCE} things of queues at once")
    with store.write():
        names = {queue.id: queue.name for queue in store.queues.all()}
        logins = {rep.id: rep.login for rep in store.agents.all()}
        for saying in sayings:
            if saying.queue_id not in names:
                raise NotFound("queue", saying.queue_id)
            if saying.agent_id is not None and saying.agent_id not in logins:
                raise NotFound("rep", saying.agent_id)
        before = {(word.queue_id, word.agent_id): word.value for word in store.queue_words.all()}
        deltas = []
        for saying in sayings:
            was = before.get((saying.queue_id, saying.agent_id))
            if was == saying.value:
                continue
            store.queue_words.say(saying.queue_id, saying.agent_id, saying.value, by_id=agent.id, at=clock.now())
            deltas.append(_delta(saying, was))
        said = ", ".join(_in_words(saying, names, logins) for saying in sayings)
        journal.record(store, clock, agent, "queues", said, deltas)


def named(store: Store, name: str) -> Queue:
    """The queue of that name, whatever its case. Raises `NotFound`."""
    wanted = name.casefold()
    found = next((each for each in store.queues.all() if each.name.casefold() == wanted), None)
    if not isinstance(found, Queue):
        raise NotFound("queue", name)
    return found


def _delta(saying: Saying, was: bool | None) -> Delta:
    field = "open" if saying.agent_id is None else f"works:{saying.agent_id}"
    return Delta(subject="queue", id=saying.queue_id, field=field, before=was, after=saying.value)


def _in_words(saying: Saying, names: Mapping[int, str], logins: Mapping[int, str]) -> str:
    name = names[saying.queue_id]
    if saying.agent_id is None:
        state = {True: "open", False: "closed", None: "as desk.toml has it"}[saying.value]
        return f"{name} {state}"
    where = {True: "in", False: "out of", None: "as desk.toml has it in"}[saying.value]
    return f"{logins[saying.agent_id]} {where} {name}"
