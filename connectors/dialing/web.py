"""HTTP to those who call for us, and what an error says about whether a request was obeyed."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import httpx

from connectors.base import Permanent, SecretSource, Temporary
from connectors.dialing.live import line, parsed
from connectors.dialing.settings import LOOPBACK

_SECONDS = httpx.Timeout(10.0, connect=5.0)
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_GATEWAYS = (408, 502, 503, 504)
"""Said by what stands between us and who was asked, who may have heard it."""


class Unsent(Exception):
    """The request certainly reached nobody; the message says why."""


class Unclear(Exception):
    """The request may have been obeyed, but nobody said so; the message says why."""


async def secret_of(source: SecretSource, what: str) -> str:
    """The secret, asked for in a thread. Raises Permanent if there is none, Temporary if it could not be asked for."""
    try:
        secret = await asyncio.to_thread(source)
    except Exception as error:  # a password program or keyring raises whatever it does; it says so in plain words
        raise Temporary(line(str(error)) or type(error).__name__) from error
    if not secret:
        raise Permanent(f"there is no {what}; give it with password_cmd, the environment or the keyring")
    return secret


def client(url: str, user: str, secret: str) -> httpx.AsyncClient:
    """A client that logs in with every request, follows nobody elsewhere, and asks no proxy for this machine."""
    here = urlsplit(url).hostname in LOOPBACK
    return httpx.AsyncClient(base_url=url, auth=(user, secret), timeout=_SECONDS, trust_env=not here)


async def ask(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response:
    """The response, whatever it says. Raises Unsent or Unclear."""
    try:
        response = await client.request(method, path, **more)
    except _UNSENT as error:
        raise Unsent(_words(error)) from error
    except httpx.HTTPError as error:
        raise Unclear(_words(error)) from error
    if response.status_code in _GATEWAYS:
        raise Unclear(f"HTTP {response.status_code}")
    return response


def said(response: httpx.Response) -> str:
    """The error in a response: what its JSON calls `message`, or its status."""
    return line(str(fields(response).get("message") or "")) or f"HTTP {response.status_code}"


def rows(response: httpx.Response, name: str) -> list[dict[str, Any]]:
    """The objects in the list that is called so in a response."""
    found = fields(response).get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def fields(response: httpx.Response) -> dict[str, Any]:
    """The object in a response; an empty one if there is none."""
    body = parsed(response.content)
    return body if isinstance(body, dict) else {}


def _words(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return line(str(error)) or type(error).__name__
