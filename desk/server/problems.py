"""Every error a client can meet, as a `Problem` with the fitting status."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from desk.documents.errors import DocumentError, NoSuchDocument, StaleDocument
from desk.model import Agent, Problem
from desk.secrets import SecretError
from desk.service.errors import Forbidden, Invalid, Lost, NotFound, ServiceError
from desk.settings import SettingsError
from desk.store.base import StoreError

log = logging.getLogger(__name__)

AnyRequest = Request[Any, Any, Any]

_CODES = {400: "bad-request", 404: "not-found", 405: "not-allowed", 413: "too-large", 415: "bad-request"}


class BadRequest(ServiceError):
    """The request itself is wrong (400)."""


class TooLarge(ServiceError):
    """More bytes than this server takes (413)."""


_STATUSES: Mapping[type[ServiceError], int] = {
    NotFound: 404,
    Lost: 409,
    Invalid: 422,
    BadRequest: 400,
    TooLarge: 413,
    Forbidden: 403,
}


def answer(status: int, code: str, message: str, detail: Mapping[str, str] | None = None) -> Response[Problem]:
    """The response that tells of a problem."""
    return Response(Problem(code=code, message=message, detail=dict(detail or {})), status_code=status)


def _service(_: AnyRequest, error: ServiceError) -> Response[Problem]:
    status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), 422)
    return answer(status, error.code, error.message, error.detail)


def forbidden(error: Forbidden, able: Sequence[Agent]) -> Response[Problem]:
    """What answers a rep whose role does not reach: it says who is able."""
    names = [f"{agent.name} ({agent.login})" for agent in able]
    remedy = f"ask {' or '.join(names)}" if names else "nobody here has that role: set `role` in [reps.LOGIN]"
    return answer(403, error.code, f"{error.message}; {remedy}", error.detail)


def _documents(_: AnyRequest, error: DocumentError) -> Response[Problem]:
    status = 404 if isinstance(error, NoSuchDocument) else 409 if isinstance(error, StaleDocument) else 422
    return answer(status, error.code, error.message, error.detail)


def _validation(_: AnyRequest, error: ValidationException) -> Response[Problem]:
    findings = error.extra if isinstance(error.extra, list) else []
    detail = {str(each.get("key", "body")): str(each.get("message", "")) for each in findings if isinstance(each, dict)}
    words = "; ".join(f"{key}: {message}" for key, message in detail.items()) or error.detail
    return answer(400, "bad-request", words, detail)


def _http(_: AnyRequest, error: HTTPException) -> Response[Problem]:
    code = _CODES.get(error.status_code, "error")
    return answer(error.status_code, code, error.detail or code)


def _words(status: int, code: str) -> Any:
    def handle(_: AnyRequest, error: Exception) -> Response[Problem]:
        return answer(status, code, str(error))

    return handle


def _unexpected(request: AnyRequest, error: Exception) -> Response[Problem]:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(500, "internal", f"the server failed at this ({type(error).__name__}); its log says where")


HANDLERS: ExceptionHandlersMap = {
    ServiceError: _service,
    DocumentError: _documents,
    ValidationException: _validation,
    HTTPException: _http,
    SettingsError: _words(422, "bad-settings"),
    SecretError: _words(422, "no-secret"),
    StoreError: _words(503, "store"),
    Exception: _unexpected,
}
