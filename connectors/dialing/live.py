"""A call that somebody follows, and what all dialers have in common."""

from __future__ import annotations

import asyncio
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from typing import Any

from connectors.base import Account, Permanent, SendError, Temporary, Uncertain
from connectors.dialing import numbers
from connectors.dialing.base import Attempt, CallState, Progress, Reason
from desk import text
from desk.clock import Clock, SystemClock

_ORDER: dict[CallState, int] = {"dialling": 0, "ringing": 1, "answered": 2, "ended": 3}
_OURS: frozenset[Reason] = frozenset({"cancelled", "failed", "no-answer", "unknown"})
"""What a network may say of a call that was ended from our side."""
_REMEMBERED = 10_000
_log = logging.getLogger(__name__)


def line(words: str, limit: int = 300) -> str:
    """What somebody said, as one harmless line."""
    return text.line(words)[:limit]


def parsed(raw: str | bytes) -> Any:
    """JSON from outside; None for what is none, or is nested to do harm."""
    try:
        return json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        return None


class LiveCall:
    """One call's steps, in order and each once, for any number of followers.

    `dialer` makes the steps by `tell`, `end` and `lose`; only that which moves the call on counts.
    """

    def __init__(self, dialer: Dialing, attempt: Attempt, clock: Clock) -> None:
        self.attempt = attempt
        self.answered = False
        self.wanted: Reason | None = None
        """The end that was asked for on our side."""
        self._dialer = dialer
        self._clock = clock
        self._steps: list[Progress] = []
        self._failure: SendError | None = None
        self._moved = asyncio.Event()

    # --- for those who follow -------------------------------------------------------------------------------

    @property
    def latest(self) -> Progress:
        """The last step; `dialling` if there is none yet."""
        return self._steps[-1] if self._steps else Progress(state="dialling", at=self.attempt.at)

    @property
    def over(self) -> bool:
        """Whether nothing will come any more."""
        return self._failure is not None or (bool(self._steps) and self._steps[-1].state == "ended")

    @property
    def failure(self) -> SendError | None:
        """What `progress` raises at its end."""
        return self._failure

    async def progress(self) -> AsyncIterator[Progress]:
        """See `connectors.dialing.base.Call.progress`."""
        told = 0
        while True:
            moved = self._moved
            for step in self._steps[told:]:
                told += 1
                yield step
            if told == len(self._steps):
                if self._failure is not None:
                    raise self._failure
                if self.over:
                    return
                await moved.wait()

    async def until_answered(self) -> None:
        """Wait until somebody answered, or nobody will any more."""
        while not (self.answered or self.over):
            await self._moved.wait()

    async def until_over(self) -> None:
        """Wait for the end, whatever it is."""
        while not self.over:
            await self._moved.wait()

    async def hang_up(self) -> None:
        """See `connectors.dialing.base.Call.hang_up`."""
        await self.give_up("cancelled")

    async def give_up(self, reason: Reason) -> None:
        """Hang up; if it was not answered, `reason` is why. Raises Temporary."""
        if self.over:
            return
        self.wanted = self.wanted or reason
        await self._dialer.hang_up(self)

    # --- for the dialer -------------------------------------------------------------------------------------

    def tell(self, state: CallState, words: str = "") -> None:
        """The call has come so far. What it has passed already is no news, unless `dialling` has new words."""
        if self.over or (self._steps and not self._is_news(state, words)):
            return
        self.answered = self.answered or state == "answered"
        self._add(Progress(state=state, at=self._clock.now(), words=line(words)))

    def _is_news(self, state: CallState, words: str) -> bool:
        latest = self._steps[-1]
        if state == latest.state == "dialling":
            return line(words) != latest.words
        return _ORDER[state] > _ORDER[latest.state]

    def end(self, reason: Reason, words: str = "") -> None:
        """The call is over. Answered means reached, whatever ended it; and our own hanging up gets our own reason."""
        if self.over:
            return
        if self.answered and reason != "voicemail":
            reason = "reached"
        elif reason == "failed" and self.latest.state == "ringing":
            reason = self.wanted or "no-answer"
        elif self.wanted is not None and reason in _OURS:
            reason = self.wanted
        self._add(Progress(state="ended", at=self._clock.now(), reason=reason, words=line(words)))

    def lose(self, words: str) -> None:
        """The call is out of sight: reached if it was answered, uncertain if not."""
        if self.answered:
            self.end("reached", words)
        else:
            self.fail(Uncertain(line(words)))

    def fail(self, error: SendError) -> None:
        """Nothing more will come, and this is why."""
        if not self.over:
            self._failure = error
            self._move()

    def _add(self, step: Progress) -> None:
        self._steps.append(step)
        self._move()

    def _move(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


class Dialing(ABC):
    """The frame of a dialer: each reference once, and no task left behind. Its kinds `place` and `hang_up`."""

    tells = True

    def __init__(self, account: Account, clock: Clock | None = None) -> None:
        self.account = account
        self.clock: Clock = clock or SystemClock()
        self._calls: dict[str, LiveCall] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def place(self, call: LiveCall) -> None:
        """Begin the call. Raises `Temporary`, `Permanent` or `Uncertain`; anything else counts as uncertain."""

    @abstractmethod
    async def hang_up(self, call: LiveCall) -> None:
        """Ask for its end. Raises Temporary."""

    async def dial(self, attempt: Attempt) -> LiveCall:
        """See `connectors.dialing.base.Dialer.dial`."""
        numbers.require(attempt)
        known = self._calls.get(attempt.reference)
        if known is not None:
            return self._again(known, attempt)
        call = self._calls[attempt.reference] = LiveCall(self, attempt, self.clock)
        try:
            await self.place(call)
        except (Temporary, Permanent) as error:
            del self._calls[attempt.reference]
            call.fail(error)
            raise
        except Uncertain as error:
            call.fail(error)
            raise
        except BaseException as error:
            call.fail(Uncertain("dialling was broken off; it may have rung"))
            if isinstance(error, Exception):
                raise Uncertain(f"dialling broke off ({line(str(error)) or type(error).__name__})") from error
            raise
        self._forget_oldest()
        if call.wanted is not None and not call.over:
            self.spawn(self._end_at_once(call), call)
        return call

    async def _end_at_once(self, call: LiveCall) -> None:
        """Somebody hung up while there was nothing to hang up yet."""
        await self.hang_up(call)

    def _again(self, known: LiveCall, attempt: Attempt) -> LiveCall:
        if known.attempt.number != attempt.number:
            raise Permanent(f"the reference {attempt.reference} belongs to a call to another number")
        if known.failure is not None:
            raise known.failure
        return known

    def _forget_oldest(self) -> None:
        for reference in list(self._calls)[: max(0, len(self._calls) - _REMEMBERED)]:
            if self._calls[reference].over:
                del self._calls[reference]

    @property
    def live(self) -> list[LiveCall]:
        """The calls that are under way."""
        return [call for call in self._calls.values() if not call.over]

    def spawn(self, work: Coroutine[Any, Any, None], *calls: LiveCall) -> None:
        """Run it beside, until `close`. Should it fail, those calls are lost; all of them if none is named."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(partial(self._ended, calls))

    def _ended(self, calls: tuple[LiveCall, ...], task: asyncio.Task[None]) -> None:
        """Nobody waits for a call whose follower has died."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if not isinstance(error, SendError):
            _log.error("following a call failed", exc_info=error)
        for call in calls or self.live:
            call.lose(f"following the call failed ({line(str(error)) or type(error).__name__})")

    async def give_up_after(self, call: LiveCall, seconds: float) -> None:
        """Hang up if nobody has answered by then."""
        try:
            async with asyncio.timeout(seconds):
                await call.until_answered()
        except TimeoutError:
            await self._stop_ringing(call)

    async def _stop_ringing(self, call: LiveCall) -> None:
        try:
            await call.give_up("no-answer")
        except Temporary as error:
            call.lose(f"nobody answered, and it could not be hung up: {error}")

    async def close(self) -> None:
        """See `connectors.dialing.base.Dialer.close`."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for call in self.live:
            call.lose("Desk let go of the call, which may go on")
