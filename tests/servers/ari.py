"""An Asterisk as its REST interface describes it, with one telephone line and one customer.

Source: https://github.com/asterisk/asterisk/tree/master/rest-api/api-docs, files channels, events, bridges, endpoints
and asterisk; and res/ari/resource_channels.c there for the order of its refusals. Debian 12 has no Asterisk to ask.
That an unknown endpoint is refused like a repeated id was seen on a real one.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qs, unquote

from tests.servers.exchange import Exchange, as_json, welcome
from tests.servers.web import Receive, Scope, Send, answer, hang_up

REP, TRUNK = "PJSIP/100", "trunk"
_MOST_ID = 149
"""AST_MAX_PUBLIC_UNIQUEID."""
_CAUSES = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    16: "Normal Clearing",
    17: "User busy",
    19: "User alerting, no answer",
    20: "Subscriber absent",
}
_ENDS = {"busy": 17, "absent": 20, "wrong": 1}
_EXISTS = "Channel with given unique ID already exists"

RepManner = Literal["answers", "rings", "busy"]


class Asterisk(Exchange):
    """Its channels outlive nothing: a crash forgets them all."""

    def __init__(self) -> None:
        super().__init__()
        self.rep: RepManner = "answers"
        self.bridged: list[set[str]] = []
        self.delay = 0.0
        """Seconds before a request for the customer's channel is heard."""
        self.offline: set[str] = set()
        self.channels: dict[str, dict[str, Any]] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._bridges: dict[str, set[str]] = {}
        self._apps: dict[str, tuple[asyncio.Queue[dict[str, Any] | None], asyncio.AbstractEventLoop]] = {}
        self.url = f"http://127.0.0.1:{self.served.port}/ari"

    def forget(self) -> None:
        self.channels.clear()
        self._timers.clear()
        self._bridges.clear()
        self._apps.clear()

    def cut_events(self) -> None:
        """Every WebSocket breaks; the channels live on."""
        for queue, loop in list(self._apps.values()):
            loop.call_soon_threadsafe(queue.put_nowait, None)

    @property
    def ringing(self) -> bool:
        return any(channel["role"] == "customer" for channel in list(self.channels.values()))

    # --- HTTP -----------------------------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        if scope["type"] == "websocket":
            return await self._websocket(scope, receive, send, query)
        path = unquote(scope["raw_path"].decode()).removeprefix("/ari")
        self.asked.append(f"{scope['method']} {path}")
        if self.garble is not None:
            return await answer(send, 200, self.garble)
        if not welcome(scope, "desk", "secret"):
            return await answer(send, 401, as_json({"error": "Authentication required"}))
        breaking = None
        if scope["method"] == "POST" and query.get("appArgs") == "customer":
            breaking = self.breaks()
            await asyncio.sleep(self.delay)
        if breaking == "before":
            return await hang_up(send)
        if breaking == "late":
            self.later(0.5, lambda: self._request(scope["method"], path, query))
            return await hang_up(send)
        status, body = self._request(scope["method"], path, query)
        if breaking == "after":
            return await hang_up(send)
        return await answer(send, status, as_json(body) if body is not None else b"")

    def _request(self, method: str, path: str, query: dict[str, str]) -> tuple[int, Any]:
        what, *rest = path.strip("/").split("/")
        if what == "channels" and rest:
            return self._channel(method, rest, query)
        if what == "bridges" and rest and method in ("POST", "DELETE"):
            return self._bridge(method, rest, query)
        if what == "endpoints" and len(rest) == 2:
            known = rest[0] == "PJSIP" and rest[1] in ("100", TRUNK)
            state = "offline" if rest[1] in self.offline else "online"
            found = {"technology": rest[0], "resource": rest[1], "state": state, "channel_ids": []}
            return (200, found) if known else (404, {"message": "Endpoint not found"})
        if path == "/asterisk/info":
            return 200, {"system": {"version": "20.9.0", "entity_id": "00:00:00:00:00:00"}}
        return 404, {"message": "Resource not found"}

    def _channel(self, method: str, rest: list[str], query: dict[str, str]) -> tuple[int, Any]:
        name = rest[0]
        if method == "POST" and len(rest) == 1:
            return self._originate(name, query)
        if name not in self.channels:
            return 404, {"message": "Channel not found"}
        if rest[1:] == ["ring"]:
            return (204, None) if self.channels[name]["in_app"] else (409, {"message": "Channel not in Stasis"})
        if method == "GET":
            return 200, self._shown(name)
        self._destroy(name, 16)
        return 204, None

    def _originate(self, name: str, query: dict[str, str]) -> tuple[int, Any]:
        if len(name) > _MOST_ID:
            return 400, {"message": f"Uniqueid length exceeds maximum of {_MOST_ID}"}
        endpoint = query.get("endpoint", "")
        technology, _, device = endpoint.partition("/")
        if not endpoint or not device:
            return 400, {"message": "Invalid endpoint specified" if endpoint else "Endpoint must be specified"}
        if not query.get("app"):
            return 400, {"message": "Application or extension must be specified"}
        if name in self.channels or technology != "PJSIP" or device.rpartition("@")[2] not in ("100", TRUNK):
            return 409, {"message": _EXISTS}
        self.channels[name] = {
            "role": "rep" if device == "100" else "customer",
            "state": "Down",
            "app": query["app"],
            "args": query.get("appArgs", ""),
            "endpoint": endpoint,
            "caller": query.get("callerId", ""),
            "in_app": False,
        }
        self._tell(name, "ChannelCreated")
        course = self._rep_course(name) if device == "100" else self._customer_course(name)
        self._timers[name] = self.spawn(course)
        self.later(float(query.get("timeout", 30)), lambda: self._give_up(name))
        return 200, self._shown(name)

    def _bridge(self, method: str, rest: list[str], query: dict[str, str]) -> tuple[int, Any]:
        name = rest[0]
        if method == "DELETE":
            return (204, None) if self._bridges.pop(name, None) is not None else (404, {"message": "Bridge not found"})
        if len(rest) == 1:
            if name in self._bridges:
                return 409, {"message": "Bridge with the same bridgeId already exists"}
            self._bridges[name] = set()
            return 200, {"id": name, "bridge_type": "mixing", "channels": []}
        members = set(query.get("channel", "").split(","))
        if not all(member in self.channels for member in members):
            return 400, {"message": "Channel not found"}
        if not all(self.channels[member]["in_app"] for member in members):
            return 422, {"message": "Channel not in Stasis application"}
        self._bridges[name] |= members
        self.bridged.append(self._bridges[name])
        return 204, None

    # --- calls ----------------------------------------------------------------------------------------------

    async def _rep_course(self, name: str) -> None:
        if self.rep == "busy":
            return self._destroy(name, 17)
        self._state(name, "Ringing")
        if self.rep == "answers":
            await asyncio.sleep(0.05)
            self._pick_up(name)
        return None

    async def _customer_course(self, name: str) -> None:
        self.rang += 1
        await asyncio.sleep(0.05)
        if self.manner in ("absent", "wrong"):
            return self._destroy(name, _ENDS[self.manner])
        self._state(name, "Ringing")
        await asyncio.sleep(0.05)
        if self.manner == "busy":
            return self._destroy(name, _ENDS["busy"])
        if self.manner == "rings":
            return None
        self._pick_up(name)
        if self.manner == "answers and hangs up":
            await asyncio.sleep(0.2)
            self._destroy(name, 16)
        return None

    def _pick_up(self, name: str) -> None:
        if name not in self.channels:
            return None
        self._state(name, "Up")
        if self.channels[name]["app"] not in self._apps:
            return self._destroy(name, 16)
        self.channels[name]["in_app"] = True
        self._tell(name, "StasisStart", args=self.channels[name]["args"].split(","))
        return None

    def _give_up(self, name: str) -> None:
        if name in self.channels and self.channels[name]["state"] != "Up":
            self._destroy(name, 19)

    def _state(self, name: str, state: str) -> None:
        if name in self.channels:
            self.channels[name]["state"] = state
            self._tell(name, "ChannelStateChange")

    def _destroy(self, name: str, cause: int) -> None:
        if name not in self.channels:
            return
        if (timer := self._timers.pop(name, None)) is not None and timer is not _current():
            timer.cancel()
        if self.channels[name]["in_app"]:
            self._tell(name, "StasisEnd")
        self._tell(name, "ChannelDestroyed", cause=cause, cause_txt=_CAUSES[cause])
        del self.channels[name]

    def _shown(self, name: str) -> dict[str, Any]:
        channel = self.channels[name]
        nobody = {"name": "", "number": ""}
        return {
            "id": name,
            "name": f"{channel['endpoint']}-00000001",
            "state": channel["state"],
            "caller": nobody,
            "connected": {"name": "", "number": channel["caller"]},
            "accountcode": "",
            "dialplan": {"context": "default", "exten": "s", "priority": 1, "app_name": "", "app_data": ""},
            "creationtime": _now(),
            "language": "en",
            "protocol_id": "",
        }

    # --- events ---------------------------------------------------------------------------------------------

    def _tell(self, name: str, kind: str, **more: Any) -> None:
        app = self.channels[name]["app"]
        if app in self._apps:
            event = {"type": kind, "application": app, "timestamp": _now(), "channel": self._shown(name), **more}
            self._apps[app][0].put_nowait(event)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send, query: dict[str, str]) -> None:
        await receive()
        if not welcome(scope, "desk", "secret"):
            await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
            return await send({"type": "websocket.http.response.body", "body": b""})
        app = query["app"]
        if app in self._apps:
            replaced = self._apps.pop(app)[0]
            replaced.put_nowait({"type": "ApplicationReplaced", "application": app, "timestamp": _now()})
            replaced.put_nowait(None)
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._apps[app] = queue, asyncio.get_running_loop()
        await send({"type": "websocket.accept"})
        gone = asyncio.ensure_future(_gone(receive, queue))
        while (event := await queue.get()) is not None:
            await send({"type": "websocket.send", "text": json.dumps(event)})
        gone.cancel()
        if self._apps.get(app, (None,))[0] is queue:
            del self._apps[app]
        await send({"type": "websocket.close", "code": 1011})
        return None


async def _gone(receive: Receive, queue: asyncio.Queue[dict[str, Any] | None]) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass
    queue.put_nowait(None)


def _current() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
