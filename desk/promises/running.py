"""What becomes of promises as things happen: for one conversation, the rows as they are to be after it.

A promise is known by its conversation, its kind and what it counts from. So one that ended and whose end is taken back
goes on as if nothing had been, and whatever order things are told in, each is given once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from desk.clock import MINUTE, Millis
from desk.model import CallbackState, Promise, PromiseKind, PromiseState, State
from desk.promises.calendar import WorkingClock
from desk.promises.policies import Case, Plan

CALL: Millis = 15 * MINUTE
"""What is left until a promised call is told as a share of this: it is wanted then, and not before."""
_LIVE: frozenset[State] = frozenset({"open", "waiting", "snoozed"})
_OWED: frozenset[CallbackState] = frozenset({"waiting", "calling", "unclear"})


class Call(Struct, frozen=True, kw_only=True):
    """What promises depend on, of a callback."""

    id: int
    asked_at: Millis
    promised_at: Millis
    """Until when we said that we would call."""
    due_at: Millis
    """When the next attempt is due."""
    state: CallbackState
    called_at: Millis | None = None
    """The first attempt at which a phone rang, or may have."""
    agent_id: int | None = None
    """Whose that was."""


class Facts(Struct, frozen=True, kw_only=True):
    """What promises depend on, of a conversation."""

    id: int
    case: Case = Case()
    state: State = "open"
    waiting_since: Millis | None = None
    """The earliest message of the customer's that nobody has answered."""
    last_in_at: Millis | None = None
    last_out_at: Millis | None = None
    assignee_id: int | None = None
    due_at: Millis | None = None
    calls: tuple[Call, ...] = ()

    @property
    def waits(self) -> Millis | None:
        """Since when the customer waits for an answer that we owe."""
        return self.waiting_since if self.state in _LIVE else None


class Answer(Struct, frozen=True):
    """What we wrote, when, and who."""

    at: Millis
    agent_id: int | None = None


class Moment(Struct, frozen=True, kw_only=True):
    """What is known while promises are brought up to date."""

    plan: Plan
    now: Millis
    answer: Callable[[int, Millis], Answer | None] = lambda id, since: None
    """The first answer in a conversation from an instant on."""
    begin: bool = True
    """Whether promises begin at all; none does for old mail."""
    arrival: bool = False
    """Whether the customer wrote: then a promise may be late from its beginning, as after an outage. One that begins
    because something else changed has to be one that can be kept."""
    taken_back: bool = False
    """Whether what happened is taken back: then it did not happen, and all the time since counts."""
    agent_id: int | None = None
    """Who does it."""
    before: Plan | None = None
    """The plan until now, by whose calendars time was spent that has passed; None: the same."""


class Course(Struct, frozen=True, kw_only=True):
    """What follows."""

    changed: tuple[Promise, ...] = ()
    """Rows that are others now, or new."""
    due: Promise | None = None
    """The one that is due first."""


class Beside(Struct, frozen=True, kw_only=True):
    """The other conversations that the same act changes: messages may have come from there, or gone there."""

    facts: Sequence[Facts] = ()
    promises: Sequence[Promise] = ()
    """As they were before."""
    waits: frozenset[Millis] = field(default_factory=frozenset)

    @staticmethod
    def of(facts: Sequence[Facts], promises: Sequence[Promise]) -> Beside:
        waits = frozenset(each.waits for each in facts if each.waits is not None)
        return Beside(facts=facts, promises=promises, waits=waits)


NOTHING_BESIDE = Beside()


def course_of(facts: Facts, promises: Sequence[Promise], moment: Moment, beside: Beside = NOTHING_BESIDE) -> Course:
    """What becomes of a conversation's promises."""
    course = _Course(facts, promises, moment, beside)
    rows = [*course.answers(), *course.resolution(), *course.callbacks()]
    known = {each.id: each for each in promises}
    changed = [each for each in rows if known.get(each.id) != each]
    now = {**known, **{each.id: each for each in rows if each.id}}
    new = [each for each in rows if not each.id]
    return Course(changed=tuple(changed), due=course.due([*now.values(), *new]))


def late(promise: Promise, at: Millis) -> bool:
    """Whether something done at an instant is too late for it."""
    if promise.broken_at is not None:
        return at > promise.broken_at
    return promise.due_at is not None and at > promise.due_at


def as_broken(promise: Promise, now: Millis) -> Promise:
    """The same, and that it is broken if its time has passed."""
    if promise.broken_at is None and promise.state == "running" and promise.due_at is not None and promise.due_at < now:
        return replace(promise, broken_at=promise.due_at)
    return promise


class _Course:
    def __init__(self, facts: Facts, promises: Sequence[Promise], moment: Moment, beside: Beside) -> None:
        self.facts = facts
        self.promises = promises
        self.moment = moment
        self.beside = beside
        self.now = moment.now
        self.plan = moment.plan
        self.policy = moment.plan.policy(facts.case) if facts.state in _LIVE else None

    # --- answers --------------------------------------------------------------------------------------------

    def answers(self) -> list[Promise]:
        """The promise of an answer to what waits, and what became of those to what does not any more."""
        waits = self.facts.waits
        own = [each for each in self.promises if each.kind in ("first", "next")]
        here = None if waits is None else self._answer_to(waits, own)
        rows = [self._answered(each) for each in own if each.open and each is not here]
        if here is None:
            return rows
        return [*rows, self._kept_up(self._reopened(here), paused=self.facts.state == "waiting")]

    def _answer_to(self, waits: Millis, own: Sequence[Promise]) -> Promise | None:
        """The promise of an answer to what waits since then. If something older turns up, the one that runs stands."""
        there = [each for each in self.beside.promises if each.kind in ("first", "next") and each.began_at == waits]
        carried = _latest([each for each in there if each.open])
        known = _latest([each for each in own if each.began_at == waits])
        if known is None and carried is not None:
            return replace(carried, id=0, conversation_id=self.facts.id)
        known = known or _latest([each for each in own if each.open and each.began_at > waits])
        if known is not None or self.facts.state == "waiting":
            return known
        return self._given("first" if self.facts.last_out_at is None else "next", waits)

    def _answered(self, promise: Promise) -> Promise:
        """What became of a promise whose message does not wait any more."""
        waits, gone = self.facts.waits, promise.began_at in self.beside.waits or self.facts.state == "merged"
        superseded = waits is not None and waits < promise.began_at
        answer = None if gone or superseded else self.moment.answer(self.facts.id, promise.began_at)
        if answer is not None:
            return self._ended(promise, answer.at, answer.agent_id)
        return self._void(promise, spared=gone or superseded)

    # --- resolution -----------------------------------------------------------------------------------------

    def resolution(self) -> list[Promise]:
        """The promise that the matter is resolved."""
        facts, own = self.facts, [each for each in self.promises if each.kind == "resolution"]
        if not own and self._promised("resolution") is None:
            return []
        current = _latest([each for each in own if each.open])
        if facts.state == "resolved":
            who = self.moment.agent_id or facts.assignee_id
            return [] if current is None else [self._ended(current, self.now, who)]
        if facts.state not in _LIVE:
            return [] if current is None else [self._void(current, spared=True)]
        rows = []
        if current is not None and self._went_back(current):
            rows.append(self._void(current, spared=True))
            own, current = [each for each in own if each is not current], None
        current = current or self._resumed(own) or self._new_resolution(own)
        paused = facts.state == "waiting" or (facts.state == "snoozed" and facts.waits is None)
        return rows if current is None else [*rows, self._kept_up(current, paused=paused)]

    def _went_back(self, promise: Promise) -> bool:
        """Whether it came from another conversation, where it runs again: a merge was taken back."""
        live = {each.id for each in self.beside.facts if each.state in _LIVE}
        return any(
            each.kind == "resolution" and each.began_at == promise.began_at and 0 < each.id < promise.id
            for each in self.beside.promises
            if each.conversation_id in live
        )

    def _resumed(self, own: Sequence[Promise]) -> Promise | None:
        """The last one again, if a rep has reopened the matter, and not the customer: time while it was closed does
        not count."""
        last = _latest(own)
        if last is None or last.ended_at is None or (self.facts.last_in_at or 0) > last.ended_at:
            return None
        again = self._reopened(last)
        if not again.open or again.since is None or again.state == "paused" or self.moment.taken_back:
            return again
        spent = again.spent + self._clock(again).between(again.since, last.ended_at)
        return replace(again, spent=spent, since=self.now, due_at=None)

    def _new_resolution(self, own: Sequence[Promise]) -> Promise | None:
        there = [each for each in self.beside.promises if each.kind == "resolution" and each.open]
        merged = {each.id for each in self.beside.facts if each.state == "merged"}
        carried = min((each for each in there if each.conversation_id in merged), key=_began, default=None)
        if carried is not None:
            return replace(carried, id=0, conversation_id=self.facts.id)
        waits = self.facts.waits
        if waits is None or self.facts.state == "waiting" or any(each.began_at == waits for each in own):
            return None
        return self._given("resolution", waits)

    # --- callbacks ------------------------------------------------------------------------------------------

    def callbacks(self) -> list[Promise]:
        """The promises to call."""
        if self.facts.state == "merged":
            return []  # where it went they are told of
        all_of_them = (*self.promises, *self.beside.promises)
        known = {each.callback_id: each for each in reversed(all_of_them) if each.callback_id is not None}
        rows = [self._call(call, known.get(call.id)) for call in self.facts.calls]
        return [each for each in rows if each is not None]

    def _call(self, call: Call, known: Promise | None) -> Promise | None:
        owed = call.state in _OWED and call.called_at is None
        if known is None and not (owed and self.moment.begin):
            return None
        promise = known or Promise(
            conversation_id=self.facts.id,
            kind="callback",
            promised=max(call.promised_at - call.asked_at, 0),
            began_at=call.asked_at,
            since=call.asked_at,
            due_at=call.promised_at,
            callback_id=call.id,
        )
        promise = as_broken(replace(promise, conversation_id=self.facts.id), self.now)
        if call.called_at is not None:
            return self._ended(promise, call.called_at, call.agent_id)
        if not owed:
            return self._void(promise)
        promised = max(call.promised_at - call.asked_at, 0)
        again = replace(promise, due_at=call.promised_at, promised=promised, state="running")
        return as_broken(replace(again, ended_at=None, agent_id=None), self.now)

    # --- what all of them have in common --------------------------------------------------------------------

    def _promised(self, kind: PromiseKind) -> Millis | None:
        return None if self.policy is None else self.policy.promised(kind)

    def _given(self, kind: PromiseKind, began_at: Millis) -> Promise | None:
        """A new one, if there is such a promise in this case and it may begin."""
        policy, promised = self.policy, self._promised(kind)
        if policy is None or promised is None or not self.moment.begin:
            return None
        due_at = self.plan.clock(policy.calendar).after(began_at, promised)
        promised_there = any(each.kind != "callback" for each in self.beside.promises)
        if due_at <= self.now and not (self.moment.arrival or promised_there):
            return None
        return Promise(
            conversation_id=self.facts.id,
            kind=kind,
            policy=policy.name,
            calendar=policy.calendar,
            promised=promised,
            began_at=began_at,
            since=began_at,
            due_at=due_at,
        )

    def _kept_up(self, promise: Promise, *, paused: bool) -> Promise:
        """One that is open, by the policy of today: what was spent by another one counts."""
        policy, promised = self.policy, self._promised(promise.kind)
        if policy is None or promised is None:
            return self._void(promise)
        promise, stands = as_broken(promise, self.now), paused and policy.pause
        terms = (policy.name, policy.calendar, promised)
        same = terms == (promise.policy, promise.calendar, promise.promised) and not self._counts_anew(promise)
        if same and (promise.state == "paused" if stands else promise.due_at is not None):
            return promise
        went_on = stands if promise.state == "paused" else not stands
        promise = self._settled(promise)
        since = promise.since if went_on or self.moment.taken_back else self.now
        since = self.now if since is None else since
        return replace(
            promise,
            policy=policy.name,
            calendar=policy.calendar,
            promised=promised,
            since=since,
            due_at=None if stands else self._due_at(promise, since, promised, policy.calendar),
            state="paused" if stands else "running",
        )

    def _settled(self, promise: Promise) -> Promise:
        """With what was spent until now written down."""
        if promise.since is None or promise.state == "paused":
            return promise
        now = max(promise.since, self.now)
        return replace(promise, spent=promise.spent + self._clock(promise).between(promise.since, now), since=now)

    def _due_at(self, promise: Promise, since: Millis, promised: Millis, calendar: str) -> Millis:
        left = promised - promise.spent
        if left <= 0 and promise.broken_at is not None:
            return promise.broken_at
        return self.plan.clock(calendar).after(since, left)

    def _counts_anew(self, promise: Promise) -> bool:
        """Whether its calendar is another than the one by which its end was foreseen."""
        before = self.moment.before
        return before is not None and before.calendars.get(promise.calendar) != self.plan.calendars.get(
            promise.calendar
        )

    def _clock(self, promise: Promise) -> WorkingClock:
        return (self.moment.before or self.plan).clock(promise.calendar)

    def _ended(self, promise: Promise, at: Millis, agent_id: int | None) -> Promise:
        """Kept, or too late."""
        broken = late(promise, at)
        state: PromiseState = "broken" if broken else "kept"
        broken_at = (promise.broken_at or promise.due_at) if broken else None
        return replace(promise, state=state, broken_at=broken_at, ended_at=at, agent_id=agent_id)

    def _void(self, promise: Promise, *, spared: bool = False) -> Promise:
        """Nobody waits for it any more; broken if its time had passed by then, unless that is told elsewhere."""
        if not promise.open:
            return promise
        if spared or self.facts.state == "spam" or not late(promise, self.now):
            return replace(promise, state="void", ended_at=self.now)
        return self._ended(promise, self.now, None)

    def _reopened(self, promise: Promise) -> Promise:
        """As if it had never ended; what is not promised any more stays as it ended."""
        if promise.open or self._promised(promise.kind) is None:
            return promise
        state: PromiseState = "paused" if promise.due_at is None else "running"
        return replace(promise, state=state, ended_at=None, agent_id=None)

    # --- when something is due ------------------------------------------------------------------------------

    def due(self, promises: Sequence[Promise]) -> Promise | None:
        """The one that is due first; where a call is what it is all about, that call."""
        running = [each for each in promises if each.kind != "callback" and each.state == "running"]
        calls = [each for each in self.facts.calls if each.state in _OWED] if self.facts.state in _LIVE else []
        soonest = min(calls, key=lambda each: each.due_at, default=None)
        first = min(running, key=_due, default=None)
        if soonest is None or (first is not None and _due(first) < soonest.due_at and not self._about_calls):
            return first
        return Promise(
            conversation_id=self.facts.id,
            kind="callback",
            promised=CALL,
            began_at=soonest.asked_at,
            due_at=soonest.due_at,
            callback_id=soonest.id,
        )

    @property
    def _about_calls(self) -> bool:
        return self.facts.case.channel == "callback"


def _latest(promises: Sequence[Promise]) -> Promise | None:
    """The one that counts from the latest, one that is open before one that is not."""
    return max(promises, key=lambda each: (each.open, each.began_at, each.id), default=None)


def _began(promise: Promise) -> Millis:
    return promise.began_at


def _due(promise: Promise) -> Millis:
    assert promise.due_at is not None, "what runs is due"
    return promise.due_at
