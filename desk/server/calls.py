"""Calls of reps while they are made: stored first, then dialled, followed, and never dialled again by a program.

Where the rep's own machine has to dial, it is told what, once, and tells how it goes. What nobody follows any more,
after a crash or because that machine fell silent, is said to be unclear, unless the dialer can tell.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from connectors.base import Permanent, SendError, Temporary
from connectors.dialing.base import Attempt, Dialer, Factory, Progress
from connectors.dialing.base import Call as Line
from desk.clock import SECOND, Millis
from desk.model import Agent, CallAttempt, Callback, Change, Outcome
from desk.model.dialing import Call, PhoneNews, PhoneOrder, PhoneWish
from desk.server.core import Core
from desk.server.dialers import Dialers, factory
from desk.server.tasks import end
from desk.service import calls
from desk.service.callbacks import Rules, get
from desk.service.errors import Invalid, Lost, NotFound, ServiceError
from desk.settings import DialerSettings
from desk.telephone import international
from desk.text import line

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""How often a dialer is asked what became of a call of before a crash."""


class Patience(Struct, frozen=True, kw_only=True):
    """How long a rep's machine that is to dial may keep us waiting, in seconds."""

    begin: float = 20.0
    """Until it asks what it is to dial."""
    silent: float = 30.0
    """During a call; it speaks every ten seconds."""


class Made:
    """One call, from the key that dials to the outcome."""

    def __init__(self, call: Call, rep: str, settings: DialerSettings) -> None:
        self.call = call
        self.rep = rep
        self.settings = settings
        self.line: Line | None = None
        self.taken = False
        """The rep's machine has been told to dial."""
        self.hang_up = False
        self.heard_at: Millis = 0
        self.task: asyncio.Task[None] | None = None
        self.moved = asyncio.Event()

    @property
    def attempt(self) -> Attempt:
        """As dialers are told of it."""
        call = self.call
        return Attempt(reference=call.reference, number=call.number, rep=self.rep, at=call.begun_at)


class Calls:
    """Belongs to the running event loop."""

    def __init__(
        self, core: Core, dialers: Dialers, rules: Callable[[], Rules], *, patience: Patience | None = None
    ) -> None:
        self._patience = patience or Patience()
        self._core = core
        self._dialers = dialers
        self._rules = rules
        self._made: dict[str, Made] = {}
        self._beginning: set[int] = set()

    # --- the whole ----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Find out, in the background, what became of the calls that a crash has left behind."""
        for callback in await self._core.threads.read(calls.under_way, self._core.store):
            if callback.under_way is not None:
                self._resume(callback, callback.under_way)

    async def apply(self) -> None:
        """The settings may be others."""
        await self._dialers.keep([made.settings for made in self._made.values()])

    async def close(self) -> None:
        """Let go of all calls; what they came to is asked when Desk starts again."""
        await end(*(made.task for made in self._made.values() if made.task is not None))
        await self._dialers.close()

    # --- what reps ask for --------------------------------------------------------------------------------

    def of(self, agent: Agent) -> Call | None:
        """The call that a rep is on, or has to say the outcome of; or the last one, if that was settled without."""
        mine = [made.call for made in self._made.values() if made.call.agent_id == agent.id]
        return mine[-1] if mine else None

    async def begin(
        self, agent: Agent, callback_id: int, *, dialer: str = "", early: bool = False, even_if_unclear: bool = False
    ) -> Call:
        """Win the callback for the rep, store the attempt, then dial: by the dialer of that name, or else the rep's.

        Raises Lost, Taken, Invalid, NotFound.
        """
        self._forget_settled(agent)
        current = self.of(agent)
        if current is not None or agent.id in self._beginning:
            number = f" to {current.shown}" if current is not None else ""
            raise Lost("on-a-call", f"there is your call{number}; say first what became of it")
        self._beginning.add(agent.id)
        try:
            settings, made_by = await self._dialers.of(agent.login, dialer)
            callback = await self._core.write(
                calls.take, agent, callback_id, dialer=settings.name, early=early, even_if_unclear=even_if_unclear
            )
            made = self._register(callback, callback.attempts[-1], agent.login, settings, made_by)
        finally:
            self._beginning.discard(agent.id)
        work = self._await_phone(made) if made.call.at_the_rep else self._dial(made, made_by)
        made.task = asyncio.create_task(work, name=f"call {made.call.reference}")
        return made.call

    async def hang_up(self, agent: Agent, reference: str) -> Call:
        """Ask for the end of a call; how it ended is told then. Raises NotFound, Lost."""
        made = self._mine(agent, reference)
        await self._hang_up(made)
        return made.call

    async def outcome(
        self,
        agent: Agent,
        callback_id: int,
        became: Outcome,
        *,
        reference: str,
        words: str = "",
        again_at: Millis | None = None,
    ) -> Callback:
        """What became of a call, as its rep says; it is hung up if it is not over. `reference`: of the attempt that is
        meant; empty: a call that the rep made by other means. Raises Lost, Taken, NotFound."""
        made = self._made.get(reference)
        if made is not None:
            self._mine(agent, reference)
        before = await self._core.threads.read(get, self._core.store, callback_id)
        last = before.attempts[-1].reference if before.attempts and before.state != "waiting" else ""
        if last != reference:
            raise Lost("stale", "another call has been made since; look again")
        if made is not None and not made.call.over:
            await self._hang_up(made)
        callback = await self._core.write(
            calls.outcome, agent, callback_id, became, words=words, rules=self._rules(), again_at=again_at
        )
        if made is not None:
            self._tell(made, outcome=became)
            self._made.pop(reference, None)
        return callback

    # --- where the rep's machine dials --------------------------------------------------------------------

    def take(self, agent: Agent, reference: str) -> PhoneOrder:
        """What the rep's machine is to dial; for the first that asks. Raises Lost, NotFound."""
        made = self._mine(agent, reference)
        if made.taken or made.call.over or not made.call.at_the_rep:
            raise Lost("taken", "that call is dialled already, or over")
        made.taken, made.heard_at = True, self._core.clock.now()
        self._move(made)
        settings = made.settings
        return PhoneOrder(
            kind=settings.dialer,
            name=settings.name,
            folder=settings.folder,
            options=dict(settings.options),
            reference=reference,
            number=made.call.number,
            rep=made.rep,
            at=made.call.begun_at,
        )

    async def hear(self, agent: Agent, reference: str, news: PhoneNews) -> PhoneWish:
        """What the rep's machine tells of a call. Raises NotFound, Lost."""
        made = self._mine(agent, reference)
        made.taken, made.heard_at = True, self._core.clock.now()
        if not made.call.over:
            self._tell(made, tells=news.tells)
            if news.stage == "lost":
                await (self._settle(made, "failed", news.words) if news.certain else self._lose(made, news.words))
            else:
                step = Progress(state=news.stage, at=news.at, reason=news.reason, words=news.words)
                await self._step(made, step)
        return PhoneWish(hang_up=made.hang_up)

    async def wish(self, agent: Agent, reference: str, wait: float) -> PhoneWish:
        """What is wanted of the rep's machine, as soon as something is, and after `wait` seconds. Raises NotFound."""
        made = self._mine(agent, reference)
        made.heard_at = self._core.clock.now()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                while not (made.hang_up or made.call.outcome):
                    await made.moved.wait()
        return PhoneWish(hang_up=made.hang_up or made.call.outcome is not None)

    async def _await_phone(self, made: Made) -> None:
        """Until it has asked, nothing was dialled; after that, silence means that nobody knows."""
        try:
            async with asyncio.timeout(self._patience.begin):
                while not (made.taken or made.call.over):
                    await made.moved.wait()
        except TimeoutError:
            made.taken = True
            await self._settle(made, "failed", "your machine did not begin to dial")
            return
        while not made.call.over and made.call.tells:
            await asyncio.sleep(min(1.0, self._patience.silent))
            if not made.call.over and self._core.clock.now() - made.heard_at > self._patience.silent * SECOND:
                await self._out_of_sight(made, "the machine that dialled fell silent")

    # --- where we dial ------------------------------------------------------------------------------------

    async def _dial(self, made: Made, by: Factory) -> None:
        try:
            dialer = self._dialers.open(made.settings, by)
            self._tell(made, tells=dialer.tells)
            made.line = await dialer.dial(made.attempt)
            if made.hang_up:
                await made.line.hang_up()
            async for step in made.line.progress():
                await self._step(made, step)
        except (Temporary, Permanent) as error:
            await self._settle(made, "failed", str(error))
        except SendError as error:
            await self._lose(made, str(error))
        except Exception as error:
            log.exception("call %s failed in an unexpected way", made.call.reference)
            await self._out_of_sight(made, f"following the call failed ({type(error).__name__})")

    async def _hang_up(self, made: Made) -> None:
        made.hang_up = True
        self._move(made)
        if not made.call.tells and not made.call.over:
            self._tell(made, stage="ended", ended_at=self._core.clock.now())
        elif made.line is not None:
            try:
                await made.line.hang_up()
            except SendError as error:
                raise Lost("not-hung-up", str(error)) from error

    # --- after a crash ------------------------------------------------------------------------------------

    def _resume(self, callback: Callback, attempt: CallAttempt) -> None:
        agent = next(each for each in self._core.store.agents.all() if each.id == attempt.agent_id)
        settings = self._dialers.named(attempt.dialer) or DialerSettings(name=attempt.dialer)
        try:
            made_by = factory(settings.dialer)
            made = self._register(callback, attempt, agent.login, settings, made_by)
        except Invalid:
            made_by = None
            made = self._register(callback, attempt, agent.login, settings, None)
        made.taken = True
        made.heard_at = self._core.clock.now()
        work = self._await_phone(made) if made.call.at_the_rep else self._look_for(made, made_by)
        made.task = asyncio.create_task(work, name=f"call {made.call.reference}")

    async def _look_for(self, made: Made, by: Factory | None) -> None:
        """What the dialer knows of a call that it does not follow. It is not dialled, whatever it knows."""
        words = "Desk ended during the call; it may have rung"
        try:
            dialer: Dialer | None = self._dialers.open(made.settings, by) if by is not None else None
            while dialer is not None and (found := await dialer.became_of(made.attempt)) is not None:
                await self._step(made, found)
                if made.call.over:
                    return
                await asyncio.sleep(LOOK_SECONDS)
        except Exception:
            log.exception("what became of %s cannot be found out", made.call.reference)
        await self._out_of_sight(made, words)

    # --- steps --------------------------------------------------------------------------------------------

    def _register(
        self, callback: Callback, attempt: CallAttempt, rep: str, settings: DialerSettings, by: Factory | None
    ) -> Made:
        call = Call(
            reference=attempt.reference,
            callback_id=callback.id,
            conversation_id=callback.conversation_id,
            number=attempt.number,
            shown=international(attempt.number),
            agent_id=attempt.agent_id,
            dialer=settings.name,
            at_the_rep=by is not None and by.at_the_rep,
            begun_at=attempt.begun_at,
        )
        made = self._made[attempt.reference] = Made(call, rep, settings)
        self._tell(made)
        return made

    async def _step(self, made: Made, step: Progress) -> None:
        """It has come so far."""
        call = made.call
        if call.over:
            return
        answered = step.at if step.state == "answered" else call.answered_at
        if step.state != "ended":
            self._tell(made, stage=step.state, answered_at=answered, words=line(step.words))
        elif step.reason == "failed":
            await self._settle(made, "failed", step.words)
        else:
            suggested = None if step.reason == "unknown" else step.reason
            self._tell(made, stage="ended", ended_at=step.at, suggested=suggested, words=line(step.words))

    async def _out_of_sight(self, made: Made, words: str) -> None:
        if made.call.answered_at is not None:
            self._tell(made, stage="ended", ended_at=self._core.clock.now(), suggested="reached", words=words)
        else:
            await self._lose(made, words)

    async def _lose(self, made: Made, words: str) -> None:
        """Nobody knows whether it rang: that is stored, and waits for a rep to say."""
        if made.call.over:
            return
        try:
            await self._core.write(calls.lose, made.call.reference, line(words))
        except ServiceError as error:
            log.warning("%s: %s", made.call.reference, error)
        self._tell(made, stage="lost", ended_at=self._core.clock.now(), words=line(words))

    async def _settle(self, made: Made, outcome: Outcome, words: str) -> None:
        """It is certain what it came to: no rep has to say so."""
        if made.call.over:
            return
        try:
            await self._core.write(calls.end, made.call.reference, outcome, words=line(words), rules=self._rules())
        except ServiceError as error:
            log.warning("%s: %s", made.call.reference, error)
        self._tell(made, stage="ended", ended_at=self._core.clock.now(), outcome=outcome, words=line(words))

    def _tell(self, made: Made, **changes: object) -> None:
        """It stands otherwise now: whoever waits for that, and the terminals, are told."""
        made.call = replace(made.call, **changes)
        call = made.call
        self._move(made)
        self._core.feed.tell(
            Change(at=self._core.clock.now(), kind="call", id=call.callback_id, conversation_id=call.conversation_id)
        )

    @staticmethod
    def _move(made: Made) -> None:
        moved, made.moved = made.moved, asyncio.Event()
        moved.set()

    def _mine(self, agent: Agent, reference: str) -> Made:
        made = self._made.get(reference)
        if made is None:
            raise NotFound("call", line(reference)[:80])
        if made.call.agent_id != agent.id:
            raise Lost("not-yours", "that is another rep's call")
        return made

    def _forget_settled(self, agent: Agent) -> None:
        for reference, made in list(self._made.items()):
            if made.call.agent_id == agent.id and made.call.outcome is not None:
                del self._made[reference]
