"""Requests taken apart and answers put together, for all of a site's routes."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Stream

from connectors.sites import Refused
from connectors.webchat import assets

log = logging.getLogger(__name__)

T = TypeVar("T")

AnyRequest = Request[Any, Any, Any]

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""On every answer."""
OWN_FORMS = {"Referrer-Policy": "same-origin"}
"""On pages with forms: with no referrer at all, browsers do not say that a form is our own."""


class Problem(Exception):
    """An answer that is none; `code` is stable, `field` says where, `wait` in how many seconds to try again."""

    def __init__(self, status: int, code: str, message: str, *, field: str = "", wait: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field
        self.wait = wait


def token_of(request: AnyRequest) -> str:
    """The secret that the visitor's browser shows (RFC 6750, section 2.1); empty if it shows none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip()[:200] if scheme.lower() == "bearer" else ""


async def body(request: AnyRequest, kind: type[T]) -> T:
    """What was posted as JSON; nothing at all is an object without members. Raises `Problem` for anything else."""
    raw = await request.body()
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.DecodeError as error:
        raise Problem(400, "bad-request", f"this cannot be understood: {error}") from error


def as_json(value: object, status: int = 200) -> Response[bytes]:
    """JSON for one visitor, which nobody keeps."""
    headers = {**SAFE, "Cache-Control": "no-store"}
    return Response(msgspec.json.encode(value), status_code=status, headers=headers, media_type="application/json")


def as_html(page: str, policy: str, status: int = 200, *, headers: Mapping[str, str] = {}) -> Response[bytes]:
    """A page that may do no more than its policy says (Content Security Policy, level 3); asked for anew each time.

    `headers`: more of them, or others.
    """
    given = {**SAFE, "Content-Security-Policy": policy, "Cache-Control": "no-cache", **headers}
    return Response(page.encode(), status_code=status, headers=given, media_type="text/html")


def as_events(events: AsyncIterator[bytes]) -> Stream:
    """Server-sent events (HTML standard, section 9.2), which nobody keeps or holds back on their way."""
    headers = {**SAFE, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(events, media_type="text/event-stream", headers=headers)


def told(_: AnyRequest, problem: Problem) -> Response[bytes]:
    """A problem as `{"code", "message", "field"}`, with Retry-After in whole seconds (RFC 9110, section 10.2.3)."""
    answer = as_json({"code": problem.code, "message": str(problem), "field": problem.field}, problem.status)
    if problem.wait:
        answer.headers["Retry-After"] = str(max(1, round(problem.wait + 0.5)))
    return answer


def refused(request: AnyRequest, error: Refused) -> Response[bytes]:
    """What the house refuses: understood, and not to be (422)."""
    return told(request, Problem(422, error.code, str(error), field=error.field))


def wrong(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What the application itself refuses: an address that is none, a body too large."""
    return told(request, Problem(error.status_code, "bad-request", error.detail))


def failed(request: AnyRequest, error: Exception) -> Response[bytes]:
    """A fault of ours: told to the log, not to the visitor."""
    log.exception("a visitor's request failed", exc_info=error)
    return told(request, Problem(500, "failed", "something went wrong here; try again"))


def static(request: AnyRequest, asset: assets.Asset | None) -> Response[bytes]:
    """A file, compressed where the browser takes that, and not at all if it has it. Raises `Problem` for None."""
    if asset is None:
        raise Problem(404, "not-found", "there is no such file here")
    headers = {
        **SAFE,
        "Cache-Control": "max-age=300",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": asset.tag,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == asset.tag:
        return Response(b"", status_code=304, headers=headers, media_type=asset.media_type)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(asset.body, headers=headers, media_type=asset.media_type)
    headers["Content-Encoding"] = "gzip"
    return Response(asset.compressed, headers=headers, media_type=asset.media_type)
