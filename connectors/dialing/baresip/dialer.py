"""Calls through a baresip, one at a time, as one speaks."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Any

from connectors.base import Account, Temporary, Uncertain
from connectors.dialing import reasons
from connectors.dialing.baresip.control import Answer, Control, Event
from connectors.dialing.baresip.settings import parse
from connectors.dialing.base import Attempt, CallState, Progress, Reason
from connectors.dialing.live import Dialing, LiveCall, line
from connectors.options import settled
from desk.model import Check

_ACTIVE = re.compile(r"Active calls \((\d+)\)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FINAL = re.compile(r"(\d{3}) ")
_STATES: dict[str, CallState] = {
    "CALL_RINGING": "ringing",
    "CALL_PROGRESS": "ringing",
    "CALL_ESTABLISHED": "answered",
}
_LISTED: dict[str, CallState] = {"RINGING": "ringing", "EARLY": "ringing", "ESTABLISHED": "answered"}
"""States in `listcalls`; any other is `dialling`."""
_CLOSE_SECONDS = 40.0
"""How long baresip may take to end a call when told to: SIP gives a server up after 32 s (RFC 3261, timer F)."""

_TAKEN_SECONDS = 5.0
"""Who takes the control connection again so soon wants to keep it."""


class BaresipDialer(Dialing):
    """Dials, follows and hangs up over the control connection, which is held only while there is something to do."""

    def __init__(self, account: Account) -> None:
        """Raises ConnectorError if the settings are not valid."""
        super().__init__(account)
        self._settings = settled(parse(account))
        self._control: Control | None = None
        self._turn = asyncio.Lock()
        self._call: LiveCall | None = None
        self._id = ""
        self._past: set[str] = set()
        """Ids of calls that are over, about which word may still come."""
        self._reconnected_at = -_TAKEN_SECONDS

    @property
    def _where(self) -> str:
        return f"baresip on {self._settings.control}"

    # --- dialling -------------------------------------------------------------------------------------------

    async def place(self, call: LiveCall) -> None:
        async with self._turn:
            if self._call is not None and not self._call.over:
                raise Temporary(f"the phone is in use: {self._where} is calling {self._call.attempt.number}")
            control = await self._idle()
            self._call, self._id = call, ""
            self.spawn(self._let_go_after(call), call)
            await self._dial(control, call)
        self.spawn(self.give_up_after(call, self._settings.ring_seconds), call)

    async def _idle(self) -> Control:
        """A connection to a baresip that is not in a call. Raises Temporary: nothing was dialled yet."""
        try:
            control = await self._connection()
            listed = await control.ask("listcalls")
        except OSError as error:
            raise Temporary(f"{self._where} does not answer ({_words(error)}); start it") from error
        if _count(listed) > 0:
            raise Temporary(f"the phone is in use: {self._where} is in a call")
        return control

    async def _dial(self, control: Control, call: LiveCall) -> None:
        call.tell("dialling", "baresip is calling")
        try:
            answer = await control.ask("dial", self._settings.target(call.attempt.number))
        except OSError as error:
            raise Uncertain(f"{self._where} did not say whether it dialled ({_words(error)})") from error
        if not answer.ok:
            raise Temporary(f"{self._where} did not dial: {line(answer.data) or 'no word why'}")

    # --- following ------------------------------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        call = self._call
        if call is None or not self._is_of(call, event):
            return
        self._id = str(event.get("id", "")) or self._id
        kind = str(event.get("type", ""))
        if kind == "CALL_CLOSED":
            self._past.add(self._id)
            reason, words = _closed(str(event.get("param", "")))
            call.end(reason, words)
        elif state := _STATES.get(kind):
            call.tell(state)

    def _is_of(self, call: LiveCall, event: Event) -> bool:
        known = str(event.get("id", ""))
        if known and (known in self._past or (self._id and known != self._id)):
            return False
        outgoing = event.get("direction") == "outgoing"
        return outgoing and f":{call.attempt.number}@" in str(event.get("peeruri", ""))

    def _gone(self) -> None:
        self._control = None
        if self._call is not None and not self._call.over:
            self.spawn(self._find_again(self._call), self._call)

    async def _find_again(self, call: LiveCall) -> None:
        """Not at once again: two programs that want it would take the connection from each other for ever."""
        if time.monotonic() - self._reconnected_at < _TAKEN_SECONDS:
            call.lose(f"the connection to {self._where} broke again; another program may be using it")
            return
        self._reconnected_at = time.monotonic()
        try:
            control = await self._connection()
            listed = await control.ask("listcalls")
        except OSError:
            call.lose(f"{self._where} ended during the call; it may have rung")
            return
        if call.over:
            return
        state = _listed(listed, call.attempt.number)
        if state is None:
            call.lose(f"the call ended while the connection to {self._where} was broken; it may have rung")
        else:
            call.tell(state)

    # --- ending ---------------------------------------------------------------------------------------------

    async def hang_up(self, call: LiveCall) -> None:
        if call is not self._call:
            return
        try:
            async with self._turn:
                control = await self._connection()
                if call.over or not await self._choose(control):
                    return
                await control.ask("hangup")
        except OSError as error:
            raise Temporary(f"{self._where} does not answer ({_words(error)}); hang up there") from error
        self.spawn(self._close_after(call), call)

    async def _choose(self, control: Control) -> bool:
        """Make ours the call that is hung up, and not one that came in meanwhile; False: it is over already."""
        if self._id:
            found = await control.ask("callfind", self._id)
            return "not found" not in found.data
        if _count(await control.ask("listcalls")) > 1:
            raise Temporary(f"{self._where} has several calls; hang up there")
        return True

    async def _close_after(self, call: LiveCall) -> None:
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await call.until_over()
        except TimeoutError:
            call.lose(f"{self._where} did not end the call")

    # --- the connection -------------------------------------------------------------------------------------

    async def _connection(self) -> Control:
        """Raises OSError."""
        if self._control is None or not self._control.open:
            given = self._settings
            self._control = await Control.connect(given.place, self._hear, self._gone, given.answer_seconds)
        return self._control

    async def _let_go_after(self, call: LiveCall) -> None:
        """Others may want the control connection while nobody calls."""
        await call.until_over()
        async with self._turn:
            if self._call is call:
                self._call = None
                await self._disconnect()

    async def _disconnect(self) -> None:
        control, self._control = self._control, None
        if control is not None:
            await control.close()

    async def became_of(self, attempt: Attempt) -> Progress | None:
        """Whether baresip is calling that number now; of calls that are over it knows nothing."""
        try:
            async with self._turn:
                listed = await (await self._connection()).ask("listcalls")
                if self._call is None:
                    await self._disconnect()
        except OSError:
            return None
        state = _listed(listed, attempt.number)
        return None if state is None else Progress(state=state, at=self.clock.now())

    async def check(self) -> Sequence[Check]:
        """Whether baresip is there, with an account that may call. Never raises."""
        try:
            async with self._turn:
                agents = await (await self._connection()).ask("reginfo")
                if self._call is None:
                    await self._disconnect()
        except OSError as error:
            message = f"{self._where} does not answer ({_words(error)})"
            hint = f"start it, with module_app ctrl_tcp.so and ctrl_tcp_listen {self._settings.control} in its config"
            return [Check(what="baresip", status="failed", message=message, hint=hint)]
        return [Check(what="baresip", status="ok", message=f"{self._where} answers"), _agents(agents)]

    async def close(self) -> None:
        await super().close()
        await self._disconnect()


def _count(answer: Answer) -> int:
    """How many calls `listcalls` listed."""
    return sum(int(number) for number in _ACTIVE.findall(answer.data))


def _listed(answer: Answer, number: str) -> CallState | None:
    """The state of the call to that number in what `listcalls` answered."""
    for row in answer.data.splitlines():
        if f":{number}@" in row:
            return next((state for word, state in _LISTED.items() if word in row.split()), "dialling")
    return None


def _closed(words: str) -> tuple[Reason, str]:
    """What ended a call: a SIP status, or libre's text for an error number."""
    if status := _FINAL.match(words):
        return reasons.of_sip(int(status[1])), words
    if words == "Connection reset by user":
        return "cancelled", "hung up"
    if words == "Connection reset by peer":
        return "failed", "the other side hung up"
    if "timed out" in words:
        return "unreachable", "no answer from the SIP server"
    return "unreachable", words or "no word why"


def _agents(answer: Answer) -> Check:
    plain = _COLOUR.sub("", answer.data)
    rows = [line(row.lstrip("> ")) for row in plain.splitlines() if "sip:" in row or "sips:" in row]
    if not rows:
        hint = "add one to baresip's accounts file"
        return Check(what="account", status="failed", message="baresip has no account to call from", hint=hint)
    failed = [row for row in rows if "ERR" in row.split()]
    if failed:
        hint = "look at the account's server, user and password in baresip's accounts file"
        return Check(what="account", status="failed", message=f"baresip is not registered: {failed[0]}", hint=hint)
    return Check(what="account", status="ok", message=f"calls go out as {rows[0]}")


def _words(error: Any) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return line(getattr(error, "strerror", "") or str(error)) or type(error).__name__
