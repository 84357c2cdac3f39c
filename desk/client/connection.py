"""One connection to the server, and how the API is spoken over it: JSON out, the structs of `desk.model` in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from desk.client.errors import Refused, Unreachable
from desk.model import Problem
from desk.wire import Answer, Reply, Wire, WireError
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
        self._timeout = timeout
        self._wire = Wire(
            socket, {"Desk-Agent": quote(agent), "Desk-Time-Zone": local_zone(), "Accept": "*/*"}, usual=timeout
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
        self._wire.close()

    async def _get(self, path: str, type: type[T], *, timeout: float | None = None, **params: Any) -> T:
        answer = await self._send("GET", path, params=params, timeout=timeout)
        return msgspec.json.decode(answer.body, type=type)

    async def _post(
        self, path: str, type: type[T], body: Any = None, *, timeout: float | None = None, **params: Any
    ) -> T:
        return await self._send_as("POST", path, type, body, timeout=timeout, **params)

    async def _send_as(
        self, method: str, path: str, type: type[T], body: Any = None, *, timeout: float | None = None, **params: Any
    ) -> T:
        answer = await self._send(method, path, json_body=body, params=params, timeout=timeout)
        return msgspec.json.decode(answer.body, type=type)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        content: bytes | None = None,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        if json_body is not None:
            content = msgspec.json.encode(json_body)
        try:
            answer = await self._wire.request(
                method,
                target(path, params or {}),
                body=content,
                type="" if json_body is None else "application/json",
                seconds=self._timeout if timeout is None else timeout,
            )
        except WireError as error:
            raise Unreachable(f"no answer from the server at {self.socket}: {error}") from error
        if answer.status >= 400:
            raise refusal(answer)
        return answer

    @asynccontextmanager
    async def _stream(self, method: str, path: str, *, seconds: float, **params: Any) -> AsyncIterator[Reply]:
        """An answer that goes on as long as there is something to say, and is silent for `seconds` at most."""
        async with self._wire.stream(method, target(path, params), seconds=seconds) as reply:
            if reply.status >= 400:
                raise refusal(Answer(reply.status, await reply.read()))
            yield reply


def target(path: str, params: Mapping[str, Any]) -> str:
    """The target of a request (RFC 9112 section 3.2.1); parameters that are None are left out."""
    given = {
        name: json.dumps(value) if isinstance(value, bool) else value
        for name, value in params.items()
        if value is not None
    }
    return API + quote(path, safe="/%") + ("?" + urlencode(given, doseq=True) if given else "")


def refusal(answer: Answer) -> Refused:
    """What the server said no with."""
    try:
        problem = msgspec.json.decode(answer.body, type=Problem)
    except (msgspec.DecodeError, msgspec.ValidationError):
        problem = Problem(code="error", message=f"the server answered {answer.status}")
    return Refused(answer.status, problem)
