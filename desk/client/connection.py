"""One connection to the server, and how the API is spoken over it: JSON out, the structs of `desk.model` in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote

import msgspec

from desk.client.errors import Refused, Unreachable
from desk.light_httpx import httpx
from desk.model import Problem
from desk.wire import SocketTransport
from desk.zones import local_zone

T = TypeVar("T")

API = "/api/v1"


class Connection:
    """Requests to one workspace's server. Close it, or use it as a context manager.

    Every request raises `Refused` when the server said no, `Unreachable` when there was no answer within `timeout`
    seconds.
    """

    def __init__(self, socket: Path, agent: str, *, timeout: float = 10.0) -> None:
        self.socket = socket
        self.agent = agent
        self._wire = SocketTransport(socket, usual=timeout)
        self._http = httpx.AsyncClient(
            transport=self._wire,
            base_url="http://desk",
            headers={"Desk-Agent": quote(agent), "Desk-Time-Zone": local_zone()},
            timeout=timeout,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def silence(self) -> float:
        """For how many seconds the server has owed an answer to the oldest request that has none."""
        return self._wire.silence

    async def close(self) -> None:
        """Give up what is under way; nothing can be asked afterwards."""
        await self._http.aclose()

    async def _get(self, path: str, type: type[T], *, timeout: float | None = None, **params: Any) -> T:
        response = await self._send("GET", path, params=params, timeout=timeout)
        return msgspec.json.decode(response.content, type=type)

    async def _post(
        self, path: str, type: type[T], body: Any = None, *, timeout: float | None = None, **params: Any
    ) -> T:
        return await self._send_as("POST", path, type, body, timeout=timeout, **params)

    async def _send_as(
        self, method: str, path: str, type: type[T], body: Any = None, *, timeout: float | None = None, **params: Any
    ) -> T:
        response = await self._send(method, path, json_body=body, params=params, timeout=timeout)
        return msgspec.json.decode(response.content, type=type)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        content: bytes | None = None,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> httpx.Response:
        headers = {}
        if json_body is not None:
            content = msgspec.json.encode(json_body)
            headers["Content-Type"] = "application/json"
        given = {
            name: json.dumps(value) if isinstance(value, bool) else value
            for name, value in (params or {}).items()
            if value is not None
        }
        try:
            response = await self._http.request(
                method,
                API + path,
                params=given,
                content=content,
                headers=headers,
                timeout=httpx.USE_CLIENT_DEFAULT if timeout is None else timeout,
            )
        except httpx.HTTPError as error:
            raise Unreachable(f"no answer from the server at {self.socket}: {error or type(error).__name__}") from error
        if response.status_code >= 400:
            raise refusal(response)
        return response


def refusal(response: httpx.Response) -> Refused:
    """What the server said no with."""
    try:
        problem = msgspec.json.decode(response.content, type=Problem)
    except (msgspec.DecodeError, msgspec.ValidationError):
        problem = Problem(code="error", message=f"the server answered {response.status_code}")
    return Refused(response.status_code, problem)
