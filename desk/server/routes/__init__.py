"""The API's routes, one module a capability. `desk.client` has one method for each."""

from __future__ import annotations

from litestar.handlers import BaseRouteHandler

from desk.server.routes import conversations, events, messages, people, system

HANDLERS: list[BaseRouteHandler] = [
    *conversations.HANDLERS,
    *messages.HANDLERS,
    *people.HANDLERS,
    *events.HANDLERS,
    *system.HANDLERS,
]
