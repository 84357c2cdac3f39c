"""Twilio's Calls resource (version 2010-04-01), as far as calls need it.

Twilio takes no key that would make a request harmless to repeat. So a request that nobody answered is never made again:
the call it may have made is looked for in the list of calls. Calls bear no mark of ours; what tells them is who called
whom, and since when.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from xml.sax.saxutils import quoteattr

import httpx

from connectors.base import Permanent, SecretSource, Temporary
from connectors.dialing import web
from connectors.dialing.live import line
from connectors.dialing.twilio.settings import TwilioSettings
from desk.clock import Millis

Resource = dict[str, Any]
Direction = Literal["outbound-api", "outbound-dial"]

_SLACK: Millis = 3_000
"""Twilio's instants are whole seconds, and a moment may pass until a call is in its list."""


class Twilio:
    """One account, logged in to once it is needed."""

    def __init__(self, settings: TwilioSettings, secret: SecretSource) -> None:
        self._settings = settings
        self._secret = secret
        self._client: httpx.AsyncClient | None = None
        self._turn = asyncio.Lock()

    async def token(self) -> str:
        """The Auth Token. Raises Permanent if there is none, Temporary if it could not be asked for."""
        return await web.secret_of(self._secret, "Auth Token of the Twilio account")

    async def _log_in(self) -> httpx.AsyncClient:
        async with self._turn:
            if self._client is None:
                given = self._settings
                base = f"{given.url.rstrip('/')}/2010-04-01/Accounts"
                self._client = web.client(base, given.account_sid, await self.token())
            return self._client

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Of the account's resource, or what is under it. Raises Unsent or Unclear, and Permanent if not let in."""
        response = await web.ask(await self._log_in(), method, f"/{self._settings.account_sid}{path}", **more)
        if response.status_code in (401, 403):
            await self.close()
            why = web.said(response)
            raise Permanent(f"Twilio does not let us in ({why}); check account_sid, and give the Auth Token anew")
        return response

    async def create(self, phone: str, number: str) -> str:
        """Call the rep's phone, and the customer once it is picked up; returns the SID of the rep's call.

        Raises Temporary or Permanent (certainly not called), Unsent or Unclear.
        """
        given = self._settings
        form: dict[str, Any] = {
            "To": phone,
            "From": given.caller_id,
            "Timeout": str(given.ring_seconds),
            "Twiml": self.twiml(number),
        }
        if given.status_url:
            form |= {"StatusCallback": given.status_url, "StatusCallbackEvent": ["answered", "completed"]}
        response = await self.ask("POST", "/Calls.json", data=form)
        if response.status_code == 429:
            raise Temporary("Twilio has too many requests at once; it did not take this one")
        if 400 <= response.status_code < 500:
            code = web.fields(response).get("code")
            raise Permanent(f"Twilio does not call: {web.said(response)}" + (f" (error {code})" if code else ""))
        sid = web.fields(response).get("sid")
        if response.status_code not in (200, 201) or not isinstance(sid, str) or not sid:
            raise web.Unclear(web.said(response))
        return sid

    def twiml(self, number: str) -> str:
        """What Twilio does when the rep has picked up."""
        given = self._settings
        more = ' machineDetection="Enable"' if given.machine_detection else ""
        if given.status_url:
            events = "initiated ringing answered completed"
            more += f" statusCallback={quoteattr(given.status_url)} statusCallbackEvent={quoteattr(events)}"
        return (
            f'<Response><Dial callerId="{given.caller_id}" timeout="{given.ring_seconds}">'
            f"<Number{more}>{number}</Number></Dial></Response>"
        )

    async def call(self, sid: str) -> Resource:
        """That call as it stands. Raises Unsent or Unclear, Permanent."""
        return _whole(await self.ask("GET", f"/Calls/{sid}.json"))

    async def child(self, sid: str) -> Resource | None:
        """The call that `<Dial>` made out of that one, None if there is none yet. Raises like `call`."""
        response = await self.ask("GET", "/Calls.json", params={"ParentCallSid": sid, "PageSize": "5"})
        _require_ok(response)
        found = web.rows(response, "calls")
        return found[0] if found else None

    async def look_for(
        self, to: str, direction: Direction, since: Millis, now: Millis, known: Collection[str] = ()
    ) -> list[Resource]:
        """Our calls to that phone that came into being since then, but for those that are known. Raises like `call`.

        Queued calls have no start time yet, so the list is not narrowed by it. Ages are reckoned by Twilio's own
        clock, against ours a call could seem older than its request.
        """
        params = {"To": to, "From": self._settings.caller_id, "PageSize": "50"}
        response = await self.ask("GET", "/Calls.json", params=params)
        _require_ok(response)
        there = _instant(response.headers.get("date")) or now
        age = now - since + _SLACK
        return [
            row
            for row in web.rows(response, "calls")
            if row.get("direction") == direction
            and row.get("sid") not in known
            and there - (_instant(row.get("date_created")) or there) <= age
        ]

    async def end(self, sid: str) -> None:
        """Hang up: `completed` ends what rings and what is answered, `canceled` only what rings. Raises Temporary."""
        try:
            response = await self.ask("POST", f"/Calls/{sid}.json", data={"Status": "completed"})
        except (web.Unsent, web.Unclear, Permanent) as error:
            raise Temporary(f"Twilio did not hang up ({error}); hang up the phone") from error
        if response.status_code >= 500 or response.status_code == 429:
            raise Temporary(f"Twilio did not hang up: {web.said(response)}")

    async def close(self) -> None:
        """Log out: the next request asks for the Auth Token anew."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def status_of(resource: Resource | None) -> str:
    """A call's status; empty if there is no call."""
    return line(str(resource.get("status", ""))) if resource else ""


def by_machine(resource: Resource) -> bool:
    """Whether Twilio's machine detection found a machine."""
    return str(resource.get("answered_by") or "").startswith(("machine", "fax"))


def _whole(response: httpx.Response) -> Resource:
    _require_ok(response)
    return web.fields(response)


def _require_ok(response: httpx.Response) -> None:
    if response.status_code != 200:
        raise web.Unclear(web.said(response))


def _instant(words: Any) -> Millis | None:
    """RFC 2822, as Twilio writes it."""
    try:
        return int(parsedate_to_datetime(str(words)).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None
