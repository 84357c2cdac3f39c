"""Calls through Twilio: followed by asking, sooner when Twilio says that something happened."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

from msgspec import Struct

from connectors.base import Account, Permanent, SecretSource, SendError, Temporary, Uncertain
from connectors.dialing import web
from connectors.dialing.base import Attempt, CallState, Progress, Reason
from connectors.dialing.live import Dialing, LiveCall
from connectors.dialing.settings import phone_of
from connectors.dialing.twilio import signature
from connectors.dialing.twilio.api import Resource, Twilio, by_machine, status_of
from connectors.dialing.twilio.check import check
from connectors.dialing.twilio.settings import TwilioSettings, parse
from connectors.options import settled
from desk.clock import Millis
from desk.model import Check

_LOOKS = 4
_PATIENCE_SECONDS = 60.0
"""How long a call that cannot be asked about is not given up."""
_LATE = 5
"""How often to ask for the customer's call after the rep's has ended: it may come into the list a moment late."""

_REASONS: dict[str, Reason] = {
    "completed": "reached",
    "busy": "busy",
    "no-answer": "no-answer",
    "canceled": "cancelled",
    "failed": "unreachable",
}
_STATES: dict[str, CallState] = {"ringing": "ringing", "in-progress": "answered"}


class Line(Struct):
    """A call with its SID at Twilio."""

    call: LiveCall
    phone: str
    sid: str
    wake: asyncio.Event
    late: int = 0


class TwilioDialer(Dialing):
    """Makes a call once, and asks how it stands until it is over."""

    def __init__(self, account: Account, secret: SecretSource) -> None:
        """Raises ConnectorError if the settings are not valid."""
        super().__init__(account)
        self._settings: TwilioSettings = settled(parse(account))
        self._twilio = Twilio(self._settings, secret)
        self._lines: dict[str, Line] = {}

    # --- dialling -------------------------------------------------------------------------------------------

    async def place(self, call: LiveCall) -> None:
        attempt = call.attempt
        phone = phone_of(attempt.rep, self._settings.phone, self._settings.phones)
        if not phone:
            raise Permanent(f"{attempt.rep or 'this rep'} has no phone; set phone, or phones.{attempt.rep}")
        since = self.clock.now()
        call.tell("dialling", f"ringing {phone}")
        try:
            sid = await self._twilio.create(phone, attempt.number)
        except web.Unsent as error:
            raise Temporary(f"Twilio cannot be reached ({error})") from error
        except web.Unclear as error:
            sid = await self._found(phone, since, str(error))
        line = self._lines[sid] = Line(call, phone, sid, asyncio.Event())
        self.spawn(self._follow(line), call)

    async def _found(self, phone: str, since: Millis, why: str) -> str:
        """The SID of the call that a request without an answer made. Raises Uncertain if there is none to be seen."""
        for look in range(_LOOKS):
            if look:
                await asyncio.sleep(self._settings.poll_seconds)
            with suppress(web.Unsent, web.Unclear, SendError):
                found = await self._twilio.look_for(phone, "outbound-api", since, self.clock.now(), self._lines)
                if len(found) == 1:
                    return str(found[0]["sid"])
                if found:
                    break
        raise Uncertain(f"Twilio did not say whether it calls ({why}), and its list does not show; it may have rung")

    # --- following ------------------------------------------------------------------------------------------

    async def _follow(self, line: Line) -> None:
        patience = time.monotonic() + _PATIENCE_SECONDS
        while not line.call.over:
            try:
                await self._look(line)
                patience = time.monotonic() + _PATIENCE_SECONDS
            except Permanent as error:
                line.call.lose(str(error))
            except (web.Unsent, web.Unclear, Temporary) as error:
                if time.monotonic() > patience:
                    line.call.lose(f"Twilio cannot be asked what became of the call ({error})")
            if not line.call.over:
                await self._pause(line)

    async def _pause(self, line: Line) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.poll_seconds):
                await line.wake.wait()
        line.wake.clear()

    async def _look(self, line: Line) -> None:
        """Raises Unsent or Unclear, Permanent or Temporary."""
        rep = await self._twilio.call(line.sid)
        customer = await self._twilio.child(line.sid)
        if customer is not None:
            _tell(line.call, customer)
        elif status_of(rep) in ("busy", "no-answer", "failed", "canceled"):
            words = f"{line.phone} was not picked up ({status_of(rep)}); the customer was not called"
            line.call.end("failed", words)
        elif status_of(rep) == "completed":
            self._ended_early(line)
        elif status_of(rep) == "in-progress":
            line.call.tell("dialling", "calling the customer")

    def _ended_early(self, line: Line) -> None:
        """The rep's phone was picked up and hung up, and no call to the customer is in the list, perhaps not yet."""
        line.late += 1
        if line.late <= _LATE:
            return
        if line.call.wanted:
            line.call.end("cancelled", "hung up before the customer was called")
        else:
            line.call.lose("Twilio ended the call without a trace of one to the customer; it may have rung")

    async def heard(self, url: str, fields: Iterable[tuple[str, str]], sign: str) -> bool:
        """Twilio called `status_url`: look at once. False, and nothing is done, if it was not Twilio.

        `url` is the address as Twilio knows it, `fields` the form it sent, `sign` its `X-Twilio-Signature`. What it
        says is only a hint: such requests may come late, twice and in any order.
        """
        known = list(fields)
        try:
            token = await self._twilio.token()
        except SendError:
            return False
        if not signature.is_genuine(token, url, known, sign):
            return False
        named = dict(known)
        for sid in (named.get("CallSid", ""), named.get("ParentCallSid", "")):
            if line := self._lines.get(sid):
                line.wake.set()
        return True

    # --- ending ---------------------------------------------------------------------------------------------

    async def hang_up(self, call: LiveCall) -> None:
        """The customer's call ends with the rep's."""
        for line in self._lines.values():
            if line.call is call:
                await self._twilio.end(line.sid)
                line.wake.set()

    # --- the rest -------------------------------------------------------------------------------------------

    async def became_of(self, attempt: Attempt) -> Progress | None:
        """What Twilio's list says of calls to that number since the attempt was made; None if that is not one call."""
        phone = phone_of(attempt.rep, self._settings.phone, self._settings.phones)
        now = self.clock.now()
        try:
            calls = await self._twilio.look_for(attempt.number, "outbound-dial", attempt.at, now)
            if len(calls) == 1:
                return _progress(calls[0], now)
            reps = await self._twilio.look_for(phone, "outbound-api", attempt.at, now) if phone and not calls else []
        except (web.Unsent, web.Unclear, SendError):
            return None
        under_way = [row for row in reps if status_of(row) in ("queued", "ringing", "in-progress")]
        if len(under_way) == 1:
            return Progress(state="dialling", at=now, words=f"ringing {phone}")
        return None

    async def check(self) -> Sequence[Check]:
        """Login, and that the caller's number may be used. Never raises."""
        return await check(self._twilio, self._settings)

    async def close(self) -> None:
        await super().close()
        await self._twilio.close()


def _tell(call: LiveCall, customer: Resource) -> None:
    status = status_of(customer)
    if status in _REASONS:
        if status == "completed":
            call.tell("answered")
        machine = status == "completed" and by_machine(customer)
        call.end("voicemail" if machine else _REASONS[status], _words(status))
    else:
        call.tell(_STATES.get(status, "dialling"), "" if status in _STATES else "calling the customer")


def _progress(customer: Resource, now: Millis) -> Progress:
    status = status_of(customer)
    reason = _REASONS.get(status)
    if reason == "reached" and by_machine(customer):
        reason = "voicemail"
    state: CallState = "ended" if reason else _STATES.get(status, "dialling")
    return Progress(state=state, at=now, reason=reason, words=_words(status) if reason else "")


def _words(status: str) -> str:
    """Twilio's statuses that are not clear in themselves ("Call status values")."""
    if status == "failed":
        return "it could not be put through; most likely there is no such number"
    return status
