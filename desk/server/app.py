"""The Litestar app: the API's routes under `/api/v1`, its errors and its description."""

from __future__ import annotations

from datetime import tzinfo
from functools import cache
from typing import Any
from urllib.parse import unquote

from litestar import Litestar, Request, Response, Router
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ASGIApp, Receive, Scope, Send

from desk import __version__
from desk.model import Agent, Problem
from desk.server.desk import Desk
from desk.server.problems import HANDLERS, AnyRequest, BadRequest, forbidden
from desk.server.routes import HANDLERS as ROUTES
from desk.server.routes.common import Rep, TheDesk
from desk.service.errors import Forbidden
from desk.service.permitting import Deed, require
from desk.text import line
from desk.zones import zone_named

API = "/api/v1"
LOGIN_AT_MOST = 64
BODY_AT_MOST = 32_000_000
"""Bytes of a JSON body; attachments have a limit of their own."""

AnyConnection = ASGIConnection[Any, Any, Any, Any]


def build(desk: Desk) -> ASGIApp:
    """The app over an open workspace. Whoever may connect to the socket is trusted to be who they say."""
    app = routes()

    async def over(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["desk"] = desk
        await app(scope, receive, send)

    return over


@cache
def routes() -> Litestar:
    """All that is the same over every workspace; to put it together takes a fifth of a second."""
    api = Router(
        path=API,
        route_handlers=ROUTES,
        guards=[_authenticate],
        dependencies={
            "desk": Provide(_desk, sync_to_thread=False),
            "agent": Provide(_agent, sync_to_thread=False),
            "zone": Provide(_zone, sync_to_thread=False),
        },
    )
    return Litestar(
        route_handlers=[api],
        exception_handlers={**HANDLERS, Forbidden: _forbidden},
        openapi_config=OpenAPIConfig(
            title="Desk",
            version=__version__,
            description="What a terminal, the command line and scripts use. Errors are `Problem`s with a stable code.",
            path=f"{API}/schema",
            render_plugins=[JsonRenderPlugin()],
        ),
        logging_config=None,
        request_max_body_size=BODY_AT_MOST,
    )


async def _authenticate(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    agent = await _of(connection).people.agent(_login(connection.headers.get("desk-agent", "")))
    connection.scope["user"] = agent
    require(agent, _deed(handler))


def _forbidden(request: AnyRequest, error: Forbidden) -> Response[Problem]:
    return forbidden(error, _desk(request).people.who_may(error.least))


def _desk(request: AnyRequest) -> Desk:
    return _of(request)


def _of(connection: AnyConnection) -> Desk:
    desk: Desk = connection.scope["state"]["desk"]
    return desk


def _deed(handler: BaseRouteHandler) -> Deed:
    """What one must be allowed to do who calls a route: `may` in its decorator. Reading is everybody's.

    Whoever forgets to say it for a route that changes something leaves it to admins.
    """
    reads = isinstance(handler, HTTPRouteHandler) and handler.http_methods <= {"GET", "HEAD", "OPTIONS"}
    deed: Deed = handler.opt.get("may", "work" if reads else "configure")
    return deed


def _agent(request: Request[Agent, Any, Any], desk: TheDesk) -> Agent:
    """Who asks. It names the desk because what depends on nothing of each other is resolved in tasks of its own, which
    cost a request a tenth of its time."""
    return request.user


def _zone(request: Request[Agent, Any, Any], agent: Rep) -> tzinfo | None:
    """That of the Desk-Time-Zone header, such as `Europe/Berlin`; without one, or an unknown one, the server's."""
    return zone_named(request.headers.get("desk-time-zone", ""))


def _login(header: str) -> str:
    login = line(unquote(header))
    if not login or len(login) > LOGIN_AT_MOST:
        raise BadRequest(
            "no-agent",
            f"the Desk-Agent header names the rep: a percent-encoded login of 1 to {LOGIN_AT_MOST} characters",
        )
    return login
