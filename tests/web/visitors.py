"""A site with a real server behind it, and visitors who ask it as the panel does."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline

SHOP = "https://shop.example"
SITE = f"""
[accounts.site]
connector = "webchat"
name = "Larkspur Cycles"
key = "larkspur"
origins = ["{SHOP}"]
port = 0

[accounts.support]
connector = "email"
address = "hello@larkspur.example"
name = "Larkspur Cycles"
imap = {{ host = "127.0.0.1", port = 1 }}
smtp = {{ host = "127.0.0.1", port = 1 }}
"""
"""A site, and a mailbox that reaches nobody."""


async def address_of(server: DeskServer, name: str = "site") -> str:
    """Where browsers reach the site."""
    deadline = Deadline(20)
    async with server.client() as client:
        while True:
            status = await client.status()
            found = next(each for each in status.accounts if each.name == name)
            if found.state == "connected":
                return found.url
            assert not deadline.passed(), found
            await asyncio.sleep(0.02)


class Browser:
    """One tab of a visitor."""

    def __init__(
        self, url: str, token: str = "", *, origin: str | None = "", key: str = "larkspur", address: str = ""
    ) -> None:
        """`origin`: that of the panel if it is empty, none at all if it is None; `address`: theirs, as a proxy says."""
        self.url = url
        self.key = key
        self.token = token
        self.lines: list[dict[str, Any]] = []
        self.glance: dict[str, Any] = {}
        self._origin = url if origin == "" else origin
        self._address = address
        self._http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=20)
        self._ids = itertools.count(1)

    @property
    def headers(self) -> dict[str, str]:
        said = {"Origin": self._origin} if self._origin is not None else {}
        said |= {"X-Forwarded-For": self._address} if self._address else {}
        return said | ({"Authorization": f"Bearer {self.token}"} if self.token else {})

    async def ask(self, what: str, body: object = None) -> httpx.Response:
        """Post to the site, whatever it answers."""
        return await self._http.post(f"/{self.key}/{what}", json=body or {}, headers=self.headers)

    async def done(self, what: str, body: object = None) -> Any:
        """Post, and have it done."""
        answer = await self.ask(what, body)
        assert answer.status_code in (200, 201, 204), (what, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def visit(self) -> Browser:
        """Begin, or come back."""
        told = await self.done("visit", {"language": "en"})
        self.token = told["token"] or self.token
        self.lines, self.glance = told["lines"], told["glance"]
        return self

    async def say(self, text: str, id: str = "") -> None:
        await self.done("messages", {"id": id or f"{text}/{next(self._ids)}", "text": text})

    async def send(self, name: str, data: bytes, id: str = "") -> httpx.Response:
        """Send a file, whatever is answered."""
        asked = {"name": name, "id": id or f"{name}/{next(self._ids)}"}
        return await self._http.post(f"/{self.key}/files", params=asked, content=data, headers=self.headers)

    async def get(self, seq: int, number: int = 0) -> httpx.Response:
        """A file of a line."""
        return await self._http.get(f"/{self.key}/files/{seq}/{number}", headers=self.headers)

    @property
    def said(self) -> list[str]:
        return [line["text"] for line in self.lines]

    @asynccontextmanager
    async def following(self) -> AsyncIterator[Browser]:
        """Lines and glances come in meanwhile, from the last line known on."""
        task = asyncio.create_task(self._follow())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _follow(self) -> None:
        last = self.lines[-1]["seq"] if self.lines else 0
        headers = {**self.headers, "Last-Event-ID": str(last)}
        async with self._http.stream("POST", f"/{self.key}/events", headers=headers, timeout=60) as stream:
            assert stream.status_code == 200
            kind = ""
            async for text in stream.aiter_lines():
                field, _, value = text.partition(": ")
                if field == "event":
                    kind = value
                elif field == "data" and kind == "line":
                    self.lines.append(json.loads(value))
                elif field == "data":
                    self.glance = json.loads(value)

    async def close(self) -> None:
        await self._http.aclose()


@asynccontextmanager
async def browser(url: str, token: str = "", **more: Any) -> AsyncIterator[Browser]:
    """A tab, open for a while."""
    tab = Browser(url, token, **more)
    try:
        yield tab
    finally:
        await tab.close()
