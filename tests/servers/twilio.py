"""Twilio as its documentation describes it, with one account, one rep's phone and one customer's.

Source: https://www.twilio.com/docs/voice/api/call-resource (creating, statuses, listing, changing),
https://www.twilio.com/docs/voice/twiml/dial and …/number (the customer's call, with `ParentCallSid`),
https://www.twilio.com/docs/usage/requests-to-twilio and …/twilios-response (login, errors, pages).
"""

from __future__ import annotations

import asyncio
import secrets
import time
from email.utils import formatdate
from typing import Any, Literal
from urllib.parse import parse_qs
from xml.etree import ElementTree

from tests.servers.exchange import Exchange, as_json, welcome
from tests.servers.web import Receive, Scope, Send, answer, body_of, hang_up

SID = "AC" + "0123456789abcdef" * 2
TOKEN = "secret"
CALLER_ID, REP = "+4930123456", "+491701111111"
_PREFIX = f"/2010-04-01/Accounts/{SID}"
_OVER = ("completed", "busy", "failed", "no-answer", "canceled")
_ENDS: dict[str, str] = {"busy": "busy", "absent": "failed", "wrong": "failed"}

RepManner = Literal["answers", "rings", "busy", "hangs up at once"]


class Twilio(Exchange):
    """Calls stay in the list for ever, as they do; `kill` is an outage in which everything was forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.rep: RepManner = "answers"
        self.machine = False
        self.status: str = "active"
        self.refuse: tuple[int, dict[str, Any]] | None = None
        """What is said to requests to create a call."""
        self.down = False
        """Everything is answered with 503."""
        self.calls: list[dict[str, Any]] = []
        self.url = f"http://127.0.0.1:{self.served.port}"

    def forget(self) -> None:
        self.calls.clear()

    def remember(self, to: str, *, age: float) -> None:
        """Somebody else's call to that phone, so many seconds ago."""
        call = self._call(to, CALLER_ID, "outbound-api", None)
        call["date_created"] = formatdate(time.time() - age)

    @property
    def ringing(self) -> bool:
        return any(call["direction"] == "outbound-dial" and call["status"] not in _OVER for call in list(self.calls))

    @property
    def created(self) -> int:
        """How many calls were asked for, as requests that reached us."""
        return sum(method == "POST" and path == "/Calls.json" for method, path, _ in self.asked)

    # --- HTTP -----------------------------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        form = parse_qs((await body_of(receive)).decode())
        query = parse_qs(scope["query_string"].decode())
        path = scope["path"].removeprefix(_PREFIX)
        self.asked.append((scope["method"], path, form or query))
        if not welcome(scope, SID, TOKEN) or not scope["path"].startswith(_PREFIX):
            return await answer(send, 401, as_json({"code": 20003, "message": "Authenticate", "status": 401}))
        if self.garble is not None:
            return await answer(send, 200, self.garble)
        if self.down:
            return await answer(send, 503, as_json({"code": 20503, "message": "Service unavailable", "status": 503}))
        if scope["method"] == "POST" and path == "/Calls.json":
            return await self._creation(send, {name: values[0] for name, values in form.items()})
        status, body = self._request(scope["method"], path, form, query)
        return await answer(send, status, as_json(body))

    async def _creation(self, send: Send, form: dict[str, str]) -> None:
        breaking = self.breaks()
        if self.refuse is not None:
            return await answer(send, self.refuse[0], as_json(self.refuse[1]))
        if breaking == "before":
            return await hang_up(send)
        if breaking == "late":
            self.later(0.3, lambda: self._create(form))
            return await hang_up(send)
        status, body = self._create(form)
        if breaking == "after":
            return await hang_up(send)
        return await answer(send, status, as_json(body))

    def _request(
        self, method: str, path: str, form: dict[str, list[str]], query: dict[str, list[str]]
    ) -> tuple[int, dict[str, Any]]:
        if path == ".json":
            return 200, {"sid": SID, "friendly_name": "The Shop", "status": self.status, "type": "Full"}
        if path == "/Calls.json":
            return 200, self._list(query)
        if path in ("/IncomingPhoneNumbers.json", "/OutgoingCallerIds.json"):
            name = "incoming_phone_numbers" if path.startswith("/Incoming") else "outgoing_caller_ids"
            mine = path.startswith("/Incoming") and query.get("PhoneNumber") == [CALLER_ID]
            return 200, {name: [{"phone_number": CALLER_ID}] if mine else []}
        sid = path.removeprefix("/Calls/").removesuffix(".json")
        call = next((call for call in self.calls if call["sid"] == sid), None)
        if call is None:
            return 404, {"code": 20404, "message": "The requested resource was not found", "status": 404}
        if method == "POST":
            self._change(call, form["Status"][0])
        return 200, call

    def _list(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """Newest first."""
        names = {"To": "to", "From": "from", "ParentCallSid": "parent_call_sid", "Status": "status"}
        wanted = [(names[name], values[0]) for name, values in query.items() if name in names]
        found = [call for call in reversed(self.calls) if all(call[name] == value for name, value in wanted)]
        size = int(query.get("PageSize", ["50"])[0])
        return {"calls": found[:size], "page_size": size, "page": 0, "next_page_uri": None}

    # --- calls ----------------------------------------------------------------------------------------------

    def _create(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if form.get("From") != CALLER_ID:
            message = f"The source phone number provided, {form.get('From')}, is not yet verified for your account."
            return 400, {"code": 21210, "message": message, "status": 400}
        if not form.get("To"):
            return 400, {"code": 21201, "message": "No 'To' number is specified", "status": 400}
        dial = ElementTree.fromstring(form["Twiml"]).find("Dial")
        assert dial is not None
        call = self._call(form["To"], form["From"], "outbound-api", None)
        self.spawn(self._rep_course(call, float(form.get("Timeout", 60)), dial))
        return 201, call

    def _call(self, to: str, sender: str, direction: str, parent: str | None) -> dict[str, Any]:
        call: dict[str, Any] = {
            "sid": "CA" + secrets.token_hex(16),
            "account_sid": SID,
            "parent_call_sid": parent,
            "to": to,
            "from": sender,
            "direction": direction,
            "status": "queued",
            "date_created": formatdate(time.time(), usegmt=False),
            "start_time": None,
            "end_time": None,
            "duration": None,
            "answered_by": None,
        }
        self.calls.append(call)
        return call

    async def _rep_course(self, call: dict[str, Any], timeout: float, dial: ElementTree.Element) -> None:
        await asyncio.sleep(0.03)
        if not _move(call, "ringing"):
            return
        if self.rep == "busy":
            _move(call, "busy")
            return
        if self.rep == "rings":
            await asyncio.sleep(timeout)
            _move(call, "no-answer")
            return
        await asyncio.sleep(0.05)
        if not _move(call, "in-progress"):
            return
        if self.rep == "hangs up at once":
            _move(call, "completed")
            return
        number = dial.find("Number")
        assert number is not None
        assert number.text
        child = self._call(number.text, dial.get("callerId", call["to"]), "outbound-dial", call["sid"])
        await self._customer_course(child, float(dial.get("timeout", 30)), number.get("machineDetection") is not None)
        _move(call, "completed")

    async def _customer_course(self, call: dict[str, Any], timeout: float, detecting: bool) -> None:
        self.rang += 1
        await asyncio.sleep(0.03)
        if self.manner in ("absent", "wrong"):
            _move(call, _ENDS[self.manner])
            return
        if not _move(call, "ringing"):
            return
        await asyncio.sleep(0.1)
        if self.manner == "busy":
            _move(call, "busy")
        elif self.manner == "rings":
            await self._until_over(call, timeout)
            _move(call, "no-answer")
        elif _move(call, "in-progress"):
            call["answered_by"] = ("machine_start" if self.machine else "human") if detecting else None
            await self._until_over(call, 0.2 if self.manner == "answers and hangs up" else 3600)
            _move(call, "completed")

    @staticmethod
    async def _until_over(call: dict[str, Any], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while call["status"] not in _OVER and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    def _change(self, call: dict[str, Any], status: str) -> None:
        """`canceled` ends what is queued or ringing, `completed` whatever is not over; the children end with it."""
        if status == "completed" or call["status"] in ("queued", "ringing"):
            for each in [call, *(child for child in self.calls if child["parent_call_sid"] == call["sid"])]:
                _move(each, "completed" if each["status"] == "in-progress" else "canceled")


def _move(call: dict[str, Any], status: str) -> bool:
    """Whether it could still change."""
    if call["status"] in _OVER:
        return False
    call["status"] = status
    return True
