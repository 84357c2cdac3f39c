"""Asks other systems what they know of a customer: in time, within limits, and without anybody waiting for it."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from desk.clock import SECOND, Millis
from desk.lookups import Lookup, Missing, fill_url, rows
from desk.model import Customer, LookupResult
from desk.secrets import SecretError, Secrets
from desk.server.core import Core
from desk.settings import AccountSettings, Command
from desk.text import line

log = logging.getLogger(__name__)

BYTES_AT_MOST = 1_000_000
REDIRECTS_AT_MOST = 3
AT_ONCE = 8
CACHED_AT_MOST = 1_000
_FAILED_FOR: Millis = 5 * SECOND
"""How long a failure is remembered: as long as somebody scrolls past and back."""


class Refused(Exception):
    """No answer that can be shown; the message says why, in words."""


class Lookups:
    """Belongs to the running event loop. The same question asked twice at once is asked once."""

    def __init__(self, core: Core, secrets: Secrets) -> None:
        self._core = core
        self._secrets = secrets
        self._http: httpx.AsyncClient | None = None
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._cached: OrderedDict[tuple[str, str], tuple[Millis, Lookup, LookupResult]] = OrderedDict()
        self._asked: dict[tuple[str, str], asyncio.Task[LookupResult]] = {}

    async def ask(
        self, lookups: Mapping[str, Lookup], commands: Mapping[str, Command], customer: Customer
    ) -> list[LookupResult]:
        """What every system says; one that does not answer takes nothing from the others."""
        return list(
            await asyncio.gather(*(self.ask_one(each, commands.get(each.name), customer) for each in lookups.values()))
        )

    async def close(self) -> None:
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()

    async def ask_one(
        self, lookup: Lookup, command: Command | None, customer: Customer, *, fresh: bool = False
    ) -> LookupResult:
        """What one system says; with `fresh`, no earlier answer will do."""
        try:
            url = fill_url(lookup.url, customer)
        except Missing as missing:
            return LookupResult(name=lookup.name, error=f"the customer has no {missing}", at=self._core.clock.now())
        key = (lookup.name, url)
        known = self._cached.get(key)
        if known is not None and not fresh and known[0] > self._core.clock.now() and known[1] == lookup:
            self._cached.move_to_end(key)
            return known[2]
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(self._fetch(lookup, command, url))
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        return await asyncio.shield(task)

    async def _fetch(self, lookup: Lookup, command: Command | None, url: str) -> LookupResult:
        now, lasts = self._core.clock.now(), round(lookup.cache_seconds * SECOND)
        try:
            async with self._turns, asyncio.timeout(lookup.timeout_seconds):
                answer = await self._json(url, await self._headers(lookup, command))
            result = LookupResult(name=lookup.name, rows=rows(lookup.show, answer), at=now)
        except TimeoutError:
            result = self._failed(lookup, f"no answer within {lookup.timeout_seconds:g} s", now)
        except (Refused, SecretError) as error:
            result = self._failed(lookup, str(error), now)
        except httpx.HTTPError as error:
            result = self._failed(lookup, f"no answer: {error or type(error).__name__}", now)
        if result.error:
            log.warning("lookup %s: %s", lookup.name, result.error)
            lasts = min(lasts, _FAILED_FOR)
        self._cached[lookup.name, url] = self._core.clock.now() + lasts, lookup, result
        while len(self._cached) > CACHED_AT_MOST:
            self._cached.popitem(last=False)
        return result

    @staticmethod
    def _failed(lookup: Lookup, error: str, now: Millis) -> LookupResult:
        return LookupResult(name=lookup.name, error=line(error)[:300], at=now)

    async def _headers(self, lookup: Lookup, command: Command | None) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": "agent-desk"}
        secret = ""
        if lookup.secret:
            source = AccountSettings(name=f"lookup-{lookup.name}", connector="lookup", password_cmd=command)
            found = await asyncio.to_thread(self._secrets.find, source)
            if found is None:
                raise Refused(self._secrets.where(source))
            secret = found.secret
        return headers | {name: value.replace("{secret}", secret) for name, value in lookup.headers.items()}

    async def _json(self, url: str, headers: Mapping[str, str]) -> object:
        if self._http is None:
            self._http = httpx.AsyncClient(trust_env=False, timeout=httpx.Timeout(30.0), follow_redirects=False)
        for _ in range(REDIRECTS_AT_MOST + 1):
            async with self._http.stream("GET", url, headers=dict(headers)) as response:
                if not response.has_redirect_location:
                    return _decoded(response, await _body(response))
                url = _same_host(url, response.headers["location"])
        raise Refused(f"it redirects more than {REDIRECTS_AT_MOST} times")


async def _body(response: httpx.Response) -> bytes:
    data = bytearray()
    async for piece in response.aiter_bytes():
        data += piece
        if len(data) > BYTES_AT_MOST:
            raise Refused(f"its answer has more than {BYTES_AT_MOST // 1_000_000} MB")
    return bytes(data)


def _decoded(response: httpx.Response, body: bytes) -> object:
    if response.status_code >= 400:
        raise Refused(f"it answered {response.status_code} {response.reason_phrase}")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"its answer is no JSON that can be read: {error}") from error


def _same_host(url: str, location: str) -> str:
    """Where a redirect leads, unless that is to somebody else, who should get neither the customer nor the secret."""
    target = urljoin(url, location)
    here, there = urlsplit(url), urlsplit(target)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise Refused(f"it redirects to another host, {there.hostname or 'nowhere'}; that is refused")
    return target
