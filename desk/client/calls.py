"""The client's part for callbacks, and for the calls that reps make for them."""

from __future__ import annotations

from urllib.parse import quote

from desk import launch
from desk.client.connection import Connection
from desk.clock import Millis
from desk.model import Callback, Outcome
from desk.model.dialing import Call, DialerStatus, PhoneNews, PhoneOrder, PhoneWish

LINGERS = 15.0
"""Seconds that an answer may take beyond what was asked to be waited for."""


class CallCalls(Connection):
    """What `desk.client.Client` can do with callbacks."""

    async def callbacks(self, *, offset: int = 0, limit: int = 100) -> list[Callback]:
        """Those in which we still owe something, what is due first first."""
        return await self._get("/callbacks", list[Callback], offset=offset, limit=limit)

    async def callback(self, id: int) -> Callback:
        """One, whatever became of it. Refused with `not-found`."""
        return await self._get(f"/callbacks/{id}", Callback)

    async def callbacks_of(self, conversation_id: int) -> list[Callback]:
        """Those of a conversation, newest first."""
        return await self._get(f"/conversations/{conversation_id}/callbacks", list[Callback])

    async def ask_callback(
        self,
        number: str,
        *,
        country: str = "",
        at: Millis | None = None,
        reason: str = "",
        name: str = "",
        conversation_id: int = 0,
    ) -> Callback:
        """Note that somebody wants to be called, at a time or as soon as possible: in that conversation, or in one of
        its own. `country`: of a number without `+`. Refused with `number-wrong` and the like."""
        body = {"number": number, "country": country, "at": at, "reason": reason, "name": name}
        if conversation_id:
            return await self._post(f"/conversations/{conversation_id}/callbacks", Callback, body)
        return await self._post("/callbacks", Callback, body)

    async def callback_to_call(self, number: str, *, country: str = "", reason: str = "") -> Callback:
        """Whom a rep calls who calls that number: who waits for a call there, else it is noted now."""
        body = {"number": number, "country": country, "reason": reason}
        return await self._post("/callbacks/to-call", Callback, body)

    async def move_callback(self, id: int, at: Millis, *, rev: int | None = None) -> Callback:
        """Promise another time."""
        return await self._post(f"/callbacks/{id}/move", Callback, {"at": at, "rev": rev})

    async def cancel_callback(self, id: int, *, reason: str = "") -> Callback:
        """Nobody is to call any more."""
        return await self._post(f"/callbacks/{id}/cancel", Callback, {"reason": reason})

    async def call(
        self, callback_id: int, *, early: bool = False, even_if_unclear: bool = False, dialer: str = ""
    ) -> Call:
        """Win the callback and dial, by the rep's dialer or the one that is named. Never repeat it blindly: ask
        `my_call` what became of it. Where the call is `at_the_rep`, `dial_here` has to follow."""
        body = {"early": early, "even_if_unclear": even_if_unclear, "dialer": dialer}
        return await self._post(f"/callbacks/{callback_id}/call", Call, body)

    async def dial_here(self, call: Call) -> None:
        """Have this machine make a call, in a process that outlives us; that it cannot is told the server."""
        try:
            launch.dial(self.socket, self.agent, call.reference)
        except OSError as error:
            words = f"this machine cannot dial: {error.strerror or error}"
            await self.tell_call(call.reference, PhoneNews(stage="lost", at=call.begun_at, words=words, certain=True))

    async def say_outcome(
        self, callback_id: int, outcome: Outcome, *, reference: str, words: str = "", again_at: Millis | None = None
    ) -> Callback:
        """What a call came to; without `reference`, one that was made by other means."""
        body = {"outcome": outcome, "reference": reference, "words": words, "again_at": again_at}
        return await self._post(f"/callbacks/{callback_id}/outcome", Callback, body)

    async def my_call(self) -> Call | None:
        """The call that the rep is on, or has to say the outcome of."""
        return await self._get("/call", Call | None)  # type: ignore[arg-type]

    async def hang_up(self, reference: str) -> Call:
        """Ask for the end of a call."""
        return await self._post(f"/calls/{quote(reference, safe='')}/hang-up", Call)

    async def take_call(self, reference: str) -> PhoneOrder:
        """What this machine is to dial; for the first that asks."""
        return await self._post(f"/calls/{quote(reference, safe='')}/take", PhoneOrder)

    async def tell_call(self, reference: str, news: PhoneNews) -> PhoneWish:
        """How a call stands that this machine makes."""
        return await self._post(f"/calls/{quote(reference, safe='')}/news", PhoneWish, news)

    async def call_wish(self, reference: str, wait: float) -> PhoneWish:
        """What the rep wants of this machine, as soon as something is, or after `wait` seconds."""
        seconds = wait + LINGERS
        return await self._get(f"/calls/{quote(reference, safe='')}/wish", PhoneWish, wait=wait, timeout=seconds)

    async def dialers(self) -> list[DialerStatus]:
        """The ways to call, with what is wrong with each."""
        return await self._get("/dialers", list[DialerStatus])
