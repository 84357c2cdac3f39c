"""The API's routes, one module a capability. `desk.client` has one method for each."""

from __future__ import annotations

from litestar.handlers import BaseRouteHandler

from desk.server.routes import (
    accounts,
    answers,
    articles,
    automations,
    calls,
    chats,
    conversations,
    deeds,
    events,
    learning,
    ledger,
    live,
    macros,
    many,
    messages,
    outbox,
    people,
    rules,
    settings,
    staffing,
    system,
    taking,
    views,
    visitors,
)

HANDLERS: list[BaseRouteHandler] = [
    *views.HANDLERS,
    *conversations.HANDLERS,
    *taking.HANDLERS,
    *chats.HANDLERS,
    *deeds.HANDLERS,
    *many.HANDLERS,
    *messages.HANDLERS,
    *outbox.HANDLERS,
    *people.HANDLERS,
    *visitors.HANDLERS,
    *staffing.HANDLERS,
    *answers.HANDLERS,
    *articles.HANDLERS,
    *calls.HANDLERS,
    *macros.HANDLERS,
    *rules.HANDLERS,
    *automations.HANDLERS,
    *learning.HANDLERS,
    *ledger.HANDLERS,
    *live.HANDLERS,
    *accounts.HANDLERS,
    *settings.HANDLERS,
    *events.HANDLERS,
    *system.HANDLERS,
]
