"""The same days, worked off with Desk itself: its store, its promises, what it hands out, on a clock that is told.

Mail is taken in, visitors write, calls are promised; reps take work, write answers, make calls, all by the service's
own acts; and which promises were kept is read from the records that this left behind, not from the model. How a rep
comes by their work is what differs: by the key that takes what is next, pushed by a queue, or by claiming one
conversation (`desk.simulation.serving`).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from desk.clock import MINUTE, ManualClock, Millis
from desk.mail.packing import pack
from desk.mail.parsed import Parsed, Source
from desk.model import Address, Agent, Channel, NewReply, PromiseState, Visitor
from desk.model.staffing import Capacity
from desk.promises import Plan
from desk.promises import Policy as Promised
from desk.service import asking, calls, capacity, chats, inbox, ingest, outbox, promises, replies
from desk.service.callbacks import Rules
from desk.service.ingest import IngestOptions
from desk.service.outbox import SenderAccount
from desk.service.taking import Team
from desk.simulation.policies import Policy
from desk.simulation.reps import Rep
from desk.simulation.week import Shop, Task
from desk.store.sqlite import open_store

_OURS = "help@shop.example"
_SENDER = SenderAccount(name="shop", address=_OURS)
_OPTIONS = IngestOptions(own=frozenset({_OURS}))
_RULES = Rules(per_slot=1_000_000)
SILENCE: Millis = 9 * MINUTE
"""How long a rep says nothing in a chat: less than what makes it one in which Desk sees no work."""
LEAD: Millis = 15 * MINUTE
"""How long before the time that was promised a call may be made; a shop that is served has the same."""


class Served(Policy):
    """Reps work with Desk; use it as a context manager. How they come by their work: `_taken`."""

    def __init__(self, shop: Shop, beneath: Path | None = None) -> None:
        """`beneath`: the folder in which its workspace is made, for as long as it is worked with.

        Raises ValueError for a shop that calls earlier than Desk would.
        """
        if shop.callback != LEAD:
            raise ValueError("calls are promised, and may be made, fifteen minutes ahead")
        self._shop = shop
        self._beneath = beneath
        self._room = Capacity()
        self._clock = ManualClock()
        self._began = self._clock.now()
        self._closing = ExitStack()
        self._reps: Sequence[Rep] = ()
        self._tasks: dict[int, Task] = {}
        """By conversation."""
        self._ids: dict[int, int] = {}
        """Conversations, by task."""
        self._waiting: dict[Channel, set[int]] = defaultdict(set)
        """What nobody has begun, by channel."""
        self._visitors: dict[int, Visitor] = {}
        self._said: dict[int, Millis] = {}
        """When a rep said something last, by task."""
        self._calling: dict[int, str] = {}
        """References of attempts, by task."""

    def __enter__(self) -> Served:
        folder = Path(self._closing.enter_context(tempfile.TemporaryDirectory(dir=self._beneath)))
        self._store = open_store(folder / "desk.db", blobs=folder / "blobs", clock=self._clock)
        self._closing.callback(self._store.close)
        store, shop = self._store, self._shop
        with store.write():
            self._agents = [store.agents.ensure(f"rep{number}", f"Rep {number}") for number in range(shop.reps)]
        vips = Promised(name="vip", customer=("@vip.example",), first=shop.vip)
        promises.keep(store, self._clock, Plan(policies=(vips,), plain={"email": shop.email, "chat": shop.chat}))
        calls.keep_lead(store, self._clock, LEAD)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    # --- what happens -------------------------------------------------------------------------------------

    def came(self, task: Task, reps: Sequence[Rep]) -> None:
        self._reps = reps
        self._now(task.free_at)
        begin = {"email": self._mail, "chat": self._chat, "callback": self._call}[task.channel]
        id = begin(task)
        self._tasks[id], self._ids[task.id] = task, id
        self._waiting[task.channel].add(id)

    def left(self, task: Task, now: Millis) -> None:
        self._now(now)
        id = self._ids[task.id]
        self._waiting[task.channel].discard(id)
        chats.end(self._store, self._clock, self._visitors[task.id])
        inbox.set_state(self._store, self._clock, self._agents[0], id, "resolved")

    def next(self, rep: Rep, now: Millis) -> Task | None:
        """Who sees that nothing waits which they have room for asks for nothing."""
        if not any(rep.room(channel) for channel, some in self._waiting.items() if some):
            return None
        self._now(now)
        self._talk(now)
        id = self._taken(rep)
        return None if id is None else self._begun(id, self._agents[rep.number], now)

    def _taken(self, rep: Rep) -> int | None:
        """The conversation that a rep does now, made theirs; None: nothing that they have room for."""
        raise NotImplementedError

    def done(self, task: Task, rep: Rep) -> None:
        assert task.ended_at is not None
        self._now(task.ended_at)
        agent, id = self._agents[rep.number], self._ids[task.id]
        if task.channel == "chat":
            chats.end(self._store, self._clock, self._visitors[task.id])
        elif task.channel == "email":
            self._answer(agent, task, task.ended_at)
        else:
            reference = self._calling.pop(task.id)
            calls.end(self._store, self._clock, reference, "reached", agent=agent, rules=_RULES)
        inbox.set_state(self._store, self._clock, agent, id, "resolved")

    def became(self) -> dict[int, PromiseState]:
        """What the records say of the first promise of each task."""
        given = self._store.promises.of(list(self._tasks))
        first = {each.conversation_id: each for each in reversed(given)}
        return {task.id: first[id].state for id, task in self._tasks.items() if id in first}

    def _talk(self, now: Millis) -> None:
        """Chats go on: in one of which nothing is said for long, Desk sees no work."""
        for rep in self._reps:
            for task in rep.doing:
                if task.channel == "chat" and now - self._said[task.id] >= SILENCE:
                    self._answer(self._agents[rep.number], task, now)

    # --- what all ways of handing out need to know ------------------------------------------------------------

    def _writing(self) -> list[tuple[int, int]]:
        """Reps, and the conversations in which they write an answer."""
        return [
            (self._agents[each.number].id, self._ids[task.id])
            for each in self._reps
            for task in each.doing
            if task.channel == "email"
        ]

    def _team(self) -> Team:
        load = capacity.load(self._store, self._clock, self._writing())
        return Team(load=load, capacities={each.id: self._room for each in self._agents})

    def _doing(self, rep: Rep) -> set[int]:
        return {self._ids[task.id] for task in rep.doing}

    # --- how it is done -----------------------------------------------------------------------------------

    def _now(self, at: Millis) -> None:
        self._clock.advance(max(self._began + at - self._clock.now(), 0))

    def _mail(self, task: Task) -> int:
        domain = "vip.example" if task.promised == self._shop.vip else "mail.example"
        raw = b"%d" % task.id
        mail = Parsed(
            sha256=hashlib.sha256(raw).hexdigest(),
            size=len(raw),
            raw_packed=pack(raw),
            message_id=f"{task.id}@mail.example",
            subject=f"Matter {task.id}",
            sender=Address(email=f"c{task.id}@{domain}"),
            to=(Address(email=_OURS),),
            body="Where is it?",
        )
        came = [(Source(external_id=f"INBOX/1/{task.id}"), mail)]
        [id] = ingest.apply(self._store, self._clock, "shop", came, options=_OPTIONS).messages
        message = self._store.messages.get(id)
        assert message is not None
        assert message.conversation_id is not None
        return message.conversation_id

    def _chat(self, task: Task) -> int:
        visitor = chats.arrive(self._store, self._clock, "site").visitor
        self._visitors[task.id] = visitor
        return chats.say(self._store, self._clock, visitor, "0", "Is somebody there?").conversation_id

    def _call(self, task: Task) -> int:
        wish = asking.Wish(number=f"+4930{task.id:07}", at=self._began + task.due_at, until=None)
        noted = asking.ask(self._store, self._clock, wish, rules=_RULES, agent=self._agents[0])
        return noted.conversation_id

    def _begun(self, id: int, agent: Agent, now: Millis) -> Task:
        task = self._tasks[id]
        self._waiting[task.channel].discard(id)
        if task.channel == "chat":
            self._answer(agent, task, now)
        elif task.channel == "callback":
            [mine] = [each for each in self._store.callbacks.of_conversation(id) if each.state == "waiting"]
            attempt = calls.take(self._store, self._clock, agent, mine.id).attempts[-1]
            self._calling[task.id] = attempt.reference
        return task

    def _answer(self, agent: Agent, task: Task, now: Millis) -> None:
        self._said[task.id], id = now, self._ids[task.id]
        new = NewReply(body="Here it is.")
        replies.reply(self._store, self._clock, agent, id, new, account=_SENDER, now=True)
        for work in outbox.take_due(self._store, self._clock):
            outbox.record_sent(self._store, self._clock, work.item.id)


def counts(states: dict[int, PromiseState], tasks: Sequence[Task]) -> Counter[tuple[str, PromiseState]]:
    """How many promises of each channel became what."""
    return Counter((task.channel, states[task.id]) for task in tasks if task.id in states)
