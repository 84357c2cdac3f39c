"""Visitors of a site, as far as a measurement needs them: what a browser sends, without a browser."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

SITE = """
[accounts.site]
connector = "webchat"
key = "bench"
origins = ["https://shop.example"]
port = 0
proxies = ["127.0.0.1"]
"""


class Browser:
    """One visitor: requests by short connections, and a stream that stays."""

    def __init__(self, url: str, number: int) -> None:
        parts = urlsplit(url)
        self.host, self.port, self.url = str(parts.hostname), int(parts.port or 80), url
        self.address = f"10.{number >> 16}.{(number >> 8) & 255}.{number & 255}"
        self.token = ""
        self.conversation = 0
        self._stream: asyncio.StreamWriter | None = None
        self._draining: asyncio.Task[None] | None = None

    def _request(self, what: str, body: object) -> bytes:
        data = json.dumps(body).encode()
        head = (
            f"POST /bench/{what} HTTP/1.1\r\nHost: desk\r\nOrigin: {self.url}\r\nX-Forwarded-For: {self.address}\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + data

    async def ask(self, what: str, body: object) -> bytes:
        """Post, and the whole answer. Raises RuntimeError when the site says no."""
        answer = await self.say(what, body)
        if not answer.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(answer[:300].decode(errors="replace"))
        return answer

    async def say(self, what: str, body: object) -> bytes:
        """Post, and the whole answer, whatever it is."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        writer.write(self._request(what, body))
        answer = await reader.read()
        writer.close()
        return answer

    async def arrive(self) -> None:
        """Get a secret, and follow."""
        answer = await self.ask("visit", {"language": "en"})
        self.token = json.loads(answer.partition(b"\r\n\r\n")[2])["token"]
        reader, self._stream = await asyncio.open_connection(self.host, self.port)
        self._stream.write(self._request("events", {}))
        self._draining = asyncio.create_task(_drain(reader))

    async def leave(self) -> None:
        if self._draining is not None:
            self._draining.cancel()
        if self._stream is not None:
            self._stream.close()


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass
