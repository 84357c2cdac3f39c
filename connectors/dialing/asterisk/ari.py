"""Asterisk's REST interface, as far as calls need it.

What it promises, and what not (channels.json, `originateWithId`): a channel's id may be chosen, and as long as that
channel lives a second one of the same id is refused with 409. It lives no longer than the call, so an id alone makes
nothing happen only once. 409 may also come where the endpoint does not exist.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal
from urllib.parse import quote

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from connectors.base import Permanent, SecretSource, Temporary
from connectors.dialing import web
from connectors.dialing.asterisk.settings import AsteriskSettings
from connectors.dialing.base import CallState
from connectors.dialing.live import parsed

_OPEN_SECONDS = 10.0
_STATES: dict[str, CallState] = {"Up": "answered", "Ringing": "ringing", "Ring": "ringing"}
_LOOKS = 3
_LOOK_SECONDS = 0.7

Channel = dict[str, Any]


class Ari:
    """One Asterisk, logged in to once it is needed."""

    def __init__(self, settings: AsteriskSettings, secret: SecretSource) -> None:
        self._settings = settings
        self._secret = secret
        self._client: httpx.AsyncClient | None = None
        self._authorization = ""
        self._turn = asyncio.Lock()

    @property
    def where(self) -> str:
        return f"Asterisk at {self._settings.url}"

    async def _log_in(self) -> httpx.AsyncClient:
        """Raises Permanent without a password, Temporary if it cannot be asked for."""
        async with self._turn:
            if self._client is None:
                user, url = self._settings.user, self._settings.url
                password = await web.secret_of(self._secret, f"password of {user}")
                self._authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
                self._client = web.client(url.rstrip("/"), user, password)
            return self._client

    async def ask(self, method: str, path: str, **params: str) -> httpx.Response:
        """Raises Unsent or Unclear, and Permanent if not let in."""
        response = await web.ask(await self._log_in(), method, path, params=params)
        if response.status_code in (401, 403):
            await self.close()
            raise self._not_let_in()
        return response

    def _not_let_in(self) -> Permanent:
        user = self._settings.user
        return Permanent(f"{self.where} does not let {user} in; check user and password, and that it may write")

    # --- events ---------------------------------------------------------------------------------------------

    async def listen(self) -> ClientConnection:
        """A connection to the events of our application, which exists as long as it does (events.json).

        Raises Temporary or Permanent.
        """
        await self._log_in()
        url = f"ws{self._settings.url.removeprefix('http').rstrip('/')}/events?app={quote(self._settings.app)}"
        try:
            return await connect(
                url,
                additional_headers={"Authorization": self._authorization},
                open_timeout=_OPEN_SECONDS,
                ping_interval=10,
                ping_timeout=10,
                close_timeout=1,
                proxy=None,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            if status in (401, 403):
                await self.close()
                raise self._not_let_in() from error
            if status == 404:
                raise Permanent(f"{self.where}: there is no ARI; check url, http.conf and ari.conf") from error
            raise Temporary(f"{self.where} refused to tell events: HTTP {status}") from error
        except (OSError, InvalidHandshake, WebSocketException) as error:
            raise Temporary(f"{self.where} does not answer ({_words(error)})") from error

    # --- channels -------------------------------------------------------------------------------------------

    async def originate(
        self, channel: str, endpoint: str, *, seconds: float, caller_id: str = "", role: str = ""
    ) -> Literal["begun", "exists"]:
        """Call an endpoint under an id of ours, and put it into our application once it answers.

        `exists`: refused because the id is in use, or as if it were. Raises Unsent or Unclear, Permanent or Temporary.
        """
        params = {"endpoint": endpoint, "app": self._settings.app, "appArgs": role, "timeout": f"{seconds:.0f}"}
        if caller_id:
            params["callerId"] = caller_id
        response = await self.ask("POST", f"/channels/{channel}", **params)
        if response.status_code == 409:
            return "exists"
        if response.status_code >= 500:
            raise Temporary(f"{self.where} did not call {endpoint}: {web.said(response)}")
        if response.status_code >= 400:
            raise Permanent(f"{self.where} cannot call {endpoint}: {web.said(response)}")
        return "begun"

    async def channel(self, channel: str) -> Channel | None:
        """The channel, None if there is none of that id now. Raises Unsent or Unclear, or Permanent."""
        response = await self.ask("GET", f"/channels/{channel}")
        if response.status_code == 404:
            return None
        if response.status_code != 200:
            raise web.Unclear(web.said(response))
        return web.fields(response)

    async def look_for(self, channel: str) -> Channel | None:
        """Like `channel`, again for a while: a request that timed out here may still be under way there."""
        for look in range(_LOOKS):
            if look:
                await asyncio.sleep(_LOOK_SECONDS)
            try:
                if found := await self.channel(channel):
                    return found
            except (web.Unsent, web.Unclear, Permanent, Temporary):
                continue
        return None

    async def has_endpoint(self, endpoint: str) -> bool | None:
        """Whether that phone or line exists; None if Asterisk does not say. Its name stands behind the last `@`."""
        technology, _, resource = endpoint.partition("/")
        name = resource.rpartition("@")[2].partition("/")[0]
        try:
            response = await self.ask("GET", f"/endpoints/{technology}/{quote(name, safe='')}")
        except (web.Unsent, web.Unclear, Permanent, Temporary):
            return None
        return {200: True, 404: False}.get(response.status_code)

    async def drop(self, channel: str) -> None:
        """Hang up, if there is anything to. Raises Temporary."""
        try:
            response = await self.ask("DELETE", f"/channels/{channel}")
        except (web.Unsent, web.Unclear, Permanent) as error:
            raise Temporary(f"{self.where} did not hang up ({error}); hang up there") from error
        if response.status_code >= 400 and response.status_code != 404:
            raise Temporary(f"{self.where} did not hang up: {web.said(response)}")

    async def join(self, bridge: str, *channels: str) -> str:
        """Let them hear each other (bridges.json). The reason if it was not possible, else empty."""
        try:
            made = await self.ask("POST", f"/bridges/{bridge}", type="mixing")
            if made.status_code not in (200, 409):
                return web.said(made)
            added = await self.ask("POST", f"/bridges/{bridge}/addChannel", channel=",".join(channels))
        except (web.Unsent, web.Unclear, Permanent, Temporary) as error:
            return str(error)
        return "" if added.status_code < 400 else web.said(added)

    async def tidy(self, *paths: tuple[str, str]) -> None:
        """Requests that may fail."""
        for method, path in paths:
            try:
                await self.ask(method, path)
            except (web.Unsent, web.Unclear, Permanent, Temporary):
                return

    async def close(self) -> None:
        """Log out: the next request asks for the password anew."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def state_of(channel: Channel) -> CallState:
    """How far a channel has come."""
    return _STATES.get(str(channel.get("state")), "dialling")


async def events(connection: ClientConnection, hear: Callable[[dict[str, Any]], None]) -> None:
    """Hand over every event until the connection ends."""
    async for event in _parsed(connection):
        hear(event)


async def _parsed(connection: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    try:
        async for raw in connection:
            if isinstance(event := parsed(raw), dict):
                yield event
    except (WebSocketException, OSError):
        return


def _words(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200]
