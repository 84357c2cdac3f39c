"""Calls through an Asterisk: the rep's phone, then the customer's, then both in a bridge."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct
from websockets.asyncio.client import ClientConnection

from connectors.base import Account, Permanent, SecretSource, SendError, Temporary, Uncertain
from connectors.dialing import reasons, web
from connectors.dialing.asterisk import check
from connectors.dialing.asterisk.ari import Ari, events, state_of
from connectors.dialing.asterisk.settings import AsteriskSettings, parse
from connectors.dialing.base import Attempt, Progress, Reason
from connectors.dialing.live import Dialing, LiveCall
from connectors.dialing.settings import phone_of
from connectors.options import settled
from desk.model import Check

_PREFIX = "desk-"
_REP = ".rep"
"""No reference holds a dot, so no customer's channel is ever called so."""
_SLACK = 10.0
"""Seconds by which Asterisk's own limit is later than ours: only a safeguard, should we be gone."""
_RESUME_SECONDS = 6.0
_RESUME_PAUSE = 0.3
_CLOSE_SECONDS = 2.0
_END_SECONDS = 10.0
"""How long Asterisk may take to tell of an end that it was asked for."""


class Legs(Struct):
    """The two channels of a call."""

    call: LiveCall
    phone: str
    called: bool = False
    """Whether the customer's phone was, or may have been, asked to ring."""
    joined: bool = False
    unseen: bool = False
    """It goes on, though we lost sight of it."""

    @property
    def customer(self) -> str:
        return customer_of(self.call.attempt)

    @property
    def rep(self) -> str:
        return self.customer + _REP


def customer_of(attempt: Attempt) -> str:
    """The id of the channel to the customer."""
    return _PREFIX + attempt.reference


class AsteriskDialer(Dialing):
    """Listens to Asterisk's events while it has calls, and decides by them."""

    def __init__(self, account: Account, secret: SecretSource) -> None:
        """Raises ConnectorError if the settings are not valid."""
        super().__init__(account)
        self._settings: AsteriskSettings = settled(parse(account))
        self._ari = Ari(self._settings, secret)
        self._legs: dict[str, Legs] = {}
        self._events: ClientConnection | None = None
        self._turn = asyncio.Lock()
        self._replaced = False

    # --- the rep's phone ------------------------------------------------------------------------------------

    async def place(self, call: LiveCall) -> None:
        phone = phone_of(call.attempt.rep, self._settings.phone, self._settings.phones)
        if not phone:
            raise Permanent(f"{call.attempt.rep or 'this rep'} has no phone; set phone, or phones.{call.attempt.rep}")
        await self._listen()
        legs = self._legs[customer_of(call.attempt)] = Legs(call, phone)
        call.tell("dialling", f"ringing {phone}")
        try:
            await self._ring_rep(legs)
        except BaseException:
            self._legs.pop(legs.customer, None)
            raise
        self.spawn(self._tidy_after(legs), call)
        self.spawn(self._expect_rep(legs), call)

    async def _ring_rep(self, legs: Legs) -> None:
        """Until the customer is called, whatever goes wrong is certain."""
        seconds, number = self._settings.ring_seconds, legs.call.attempt.number
        try:
            begun = await self._ari.originate(legs.rep, legs.phone, seconds=seconds, caller_id=number, role="rep")
        except web.Unsent as error:
            raise Temporary(f"{self._ari.where} does not answer ({error})") from error
        except web.Unclear as error:
            with suppress(Temporary):
                await self._ari.drop(legs.rep)
            raise Temporary(f"{self._ari.where} did not say whether it rings {legs.phone} ({error})") from error
        if begun == "exists":
            await self._refuse_repeat(legs.phone)

    async def _expect_rep(self, legs: Legs) -> None:
        """Asterisk gives the rep's phone up by itself, and says so; should we never hear of it, here is the end."""
        await asyncio.sleep(self._settings.ring_seconds + _SLACK)
        if not legs.called:
            legs.call.end("failed", f"{legs.phone} was not picked up; the customer was not called")

    async def _refuse_repeat(self, endpoint: str) -> None:
        """The id is in use, so this attempt was made before; unless there is no such endpoint: that is a 409 too."""
        if await self._ari.has_endpoint(endpoint) is False:
            raise Permanent(f"{self._ari.where} knows no {endpoint}; correct phone, phones or endpoint")
        raise Uncertain(f"{self._ari.where} has this very call already, from before; it may have rung")

    # --- the customer's phone -------------------------------------------------------------------------------

    async def _call_customer(self, legs: Legs) -> None:
        """The rep has picked up."""
        call = legs.call
        if legs.called or call.over:
            return
        legs.called = True
        call.tell("dialling", "calling the customer")
        try:
            await self._ring_customer(legs)
        except Uncertain as error:
            call.lose(str(error))
        except SendError as error:
            call.end("failed", str(error))
        else:
            if call.wanted is not None and not call.over:
                await self.hang_up(call)
            await self._ari.tidy(("POST", f"/channels/{legs.rep}/ring"))
            self.spawn(self.give_up_after(call, self._settings.ring_seconds), call)

    async def _ring_customer(self, legs: Legs) -> None:
        given, number = self._settings, legs.call.attempt.number
        endpoint, seconds = given.target(number), given.ring_seconds + _SLACK
        try:
            begun = await self._ari.originate(
                legs.customer, endpoint, seconds=seconds, caller_id=given.caller_id, role="customer"
            )
        except web.Unsent as error:
            raise Temporary(f"{self._ari.where} does not answer any more ({error})") from error
        except web.Unclear as error:
            found = await self._ari.look_for(legs.customer)
            if found is None and not legs.call.over and legs.call.latest.state == "dialling":
                raise Uncertain(f"{self._ari.where} did not say whether it called ({error})") from error
            return
        if begun == "exists":
            await self._refuse_repeat(endpoint)

    async def _join(self, legs: Legs) -> None:
        """The customer has picked up."""
        if legs.joined:
            return
        legs.joined = True
        await self._ari.tidy(("DELETE", f"/channels/{legs.rep}/ring"))
        trouble = await self._ari.join(legs.customer, legs.rep, legs.customer)
        if trouble:
            legs.call.end("reached", f"they could not be put through: {trouble}")

    # --- following ------------------------------------------------------------------------------------------

    def _hear(self, event: dict[str, Any]) -> None:
        kind = str(event.get("type"))
        if kind == "ApplicationReplaced":
            self._replaced = True
            return
        channel = event.get("peer") if kind == "Dial" else event.get("channel")
        if not isinstance(channel, dict):
            return
        name = str(channel.get("id"))
        legs = self._legs.get(name.removesuffix(_REP))
        if legs is not None:
            (self._hear_rep if name == legs.rep else self._hear_customer)(legs, kind, event, channel)
        elif name.startswith(_PREFIX) and kind in ("ChannelCreated", "StasisStart"):
            self.spawn(self._ari.tidy(("DELETE", f"/channels/{name}")))

    def _hear_rep(self, legs: Legs, kind: str, event: dict[str, Any], _: dict[str, Any]) -> None:
        if kind == "StasisStart":
            self.spawn(self._call_customer(legs), legs.call)
        elif kind == "ChannelDestroyed" and not legs.called:
            why = event.get("cause_txt")
            legs.call.end("failed", f"{legs.phone} was not picked up ({why}); the customer was not called")
        elif kind == "ChannelDestroyed":
            self.spawn(self._rep_is_gone(legs), legs.call)

    async def _rep_is_gone(self, legs: Legs) -> None:
        try:
            await legs.call.give_up("cancelled")
        except Temporary as error:
            legs.call.lose(str(error))

    def _hear_customer(self, legs: Legs, kind: str, event: dict[str, Any], channel: dict[str, Any]) -> None:
        if kind == "ChannelDestroyed":
            legs.call.end(_reason(event.get("cause")), str(event.get("cause_txt", "")))
        elif kind == "ChannelStateChange":
            legs.call.tell(state_of(channel))
        elif kind == "Dial" and event.get("dialstatus") in ("RINGING", "PROGRESS"):
            legs.call.tell("ringing")
        elif kind == "StasisStart":
            legs.call.tell("answered")
            self.spawn(self._join(legs), legs.call)

    # --- ending ---------------------------------------------------------------------------------------------

    async def hang_up(self, call: LiveCall) -> None:
        legs = self._legs.get(customer_of(call.attempt))
        if legs is None:
            return
        if legs.called:
            await self._ari.drop(legs.customer)
            self.spawn(self._expect_end(call), call)
        else:
            await self._ari.drop(legs.rep)
            call.end("cancelled", "hung up before the customer was called")

    async def _expect_end(self, call: LiveCall) -> None:
        try:
            async with asyncio.timeout(_END_SECONDS):
                await call.until_over()
        except TimeoutError:
            call.lose(f"{self._ari.where} did not say how the call ended; it may have rung")

    async def _tidy_after(self, legs: Legs) -> None:
        """Nobody is left in a call of one, and nobody's phone rings for nobody."""
        await legs.call.until_over()
        if not legs.unseen:
            names = (legs.customer, legs.rep)
            await self._ari.tidy(*(("DELETE", f"/channels/{name}") for name in names))
            await self._ari.tidy(("DELETE", f"/bridges/{legs.customer}"))
        self._legs.pop(legs.customer, None)

    # --- events ---------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Have a connection. Raises Temporary or Permanent."""
        async with self._turn:
            if self._events is None:
                self._events = await self._ari.listen()
                self._replaced = False
                self.spawn(self._follow(self._events))

    async def _follow(self, connection: ClientConnection) -> None:
        try:
            await events(connection, self._hear)
        finally:
            self._events = None
            await connection.close()
        if self._replaced:
            self._lose_all(f"another program listens to {self._ari.where} as {self._settings.app}")
        elif self._legs:
            await self._resume()

    async def _resume(self) -> None:
        try:
            async with asyncio.timeout(_RESUME_SECONDS):
                await self._reconnected()
                for legs in list(self._legs.values()):
                    await self._catch_up(legs)
        except (TimeoutError, Permanent, web.Unsent, web.Unclear):
            self._lose_all(f"{self._ari.where} is gone; it may have rung")

    async def _reconnected(self) -> None:
        while True:
            try:
                return await self._listen()
            except Temporary:
                await asyncio.sleep(_RESUME_PAUSE)

    async def _catch_up(self, legs: Legs) -> None:
        """Raises Unsent or Unclear, or Permanent."""
        channel = await self._ari.channel(legs.customer if legs.called else legs.rep)
        if channel is None and legs.called:
            legs.call.lose("the call ended while the connection to Asterisk was broken; it may have rung")
        elif channel is None:
            legs.call.end("failed", f"{legs.phone} was not picked up; the customer was not called")
        elif not legs.called:
            if state_of(channel) == "answered":
                self.spawn(self._call_customer(legs), legs.call)
        else:
            legs.call.tell(state_of(channel))
            if legs.call.answered:
                self.spawn(self._join(legs), legs.call)

    def _lose_all(self, words: str) -> None:
        for legs in list(self._legs.values()):
            legs.unseen = legs.call.answered
            legs.call.lose(words)

    # --- the rest -------------------------------------------------------------------------------------------

    async def became_of(self, attempt: Attempt) -> Progress | None:
        """Whether it is under way; a channel that is gone leaves no trace in Asterisk."""
        name = customer_of(attempt)
        try:
            if channel := await self._ari.channel(name):
                return Progress(state=state_of(channel), at=self.clock.now())
            if await self._ari.channel(name + _REP):
                return Progress(state="dialling", at=self.clock.now(), words="ringing the rep's phone")
        except (web.Unsent, web.Unclear, SendError):
            return None
        return None

    async def check(self) -> Sequence[Check]:
        """Login, line and phones. Never raises."""
        return await check.check(self._ari, self._settings)

    async def close(self) -> None:
        """A call that is not put through yet cannot be without us, so it is hung up."""
        unjoined = [name for legs in self._legs.values() if not legs.joined for name in (legs.customer, legs.rep)]
        self._legs.clear()
        await super().close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._ari.tidy(*(("DELETE", f"/channels/{name}") for name in unjoined))
        await self._ari.close()


def _reason(cause: Any) -> Reason:
    """A cause that says nothing, such as normal clearing, is what Asterisk gives when it stops ringing by itself."""
    return (reasons.of_q850(cause) if isinstance(cause, int) else None) or "no-answer"
