"""Visitors of sites: who is there now, where they were, and inviting them to chat."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct

from desk.model import Invitation, InvitationCounts, Trail, VisitorNow
from desk.server.routes.common import Before, Limit, Rep, TheDesk, found


class InviteBody(Struct, forbid_unknown_fields=True):
    text: str = ""
    """What they are asked with; empty: what `[visitors]` says."""


@get("/visitors/now")
async def visitors_now(desk: TheDesk, agent: Rep, limit: Limit = 1000) -> list[VisitorNow]:
    """Who is on the sites at this moment and agreed to be seen, whoever came last first."""
    return await desk.visitors.now(limit)


@get("/visitors/{id:int}/now")
async def visitor_now(desk: TheDesk, agent: Rep, id: int) -> VisitorNow:
    """One of them. 404 if they are not there."""
    return found(await desk.visitors.one(id), "visitor", id)


@get("/visitors/{id:int}/trail")
async def visitor_trail(desk: TheDesk, agent: Rep, id: int, before: Before = None, limit: Limit = 100) -> Trail:
    """Where a visitor was, the newest first."""
    return await desk.visitors.trail(id, limit, before)


@get("/conversations/{id:int}/trail")
async def conversation_trail(desk: TheDesk, agent: Rep, id: int, before: Before = None, limit: Limit = 100) -> Trail:
    """Where the visitor of a conversation was, the newest first; nothing if no visitor follows it."""
    found(desk.store.conversations.get(id), "conversation", id)
    return await desk.visitors.trail_of(id, limit, before)


@post("/visitors/{id:int}/invite", may="work")
async def invite(desk: TheDesk, agent: Rep, id: int, data: InviteBody) -> Invitation:
    """Ask a visitor whether they would like to chat.

    404 if they are not there; 409 `chatting` if they are in a chat, `invited` if they were asked in this visit,
    `declined` if they said no within the last 30 days.
    """
    return await desk.visitors.invite(agent, id, data.text)


@get("/invitations")
async def invitations(
    desk: TheDesk,
    agent: Rep,
    days: Annotated[int, Parameter(ge=1, le=10_000, description="How far back to look.")] = 30,
) -> list[InvitationCounts]:
    """What became of invitations, by rule; those by hand last, with an empty name."""
    return await desk.visitors.counts(days)


class NewSecret(Struct, frozen=True):
    """For the shop's server, which signs with it from now on. It is told this once."""

    secret: str
    kept: str
    """Where Desk has it, in words."""

    def __repr__(self) -> str:
        return f"NewSecret(…, {self.kept!r})"


@post("/accounts/{name:str}/identity", status_code=HTTP_200_OK, may="connect")
async def renew_identity(desk: TheDesk, agent: Rep, name: str) -> NewSecret:
    """Make a new secret by which a site's shop vouches for its customers. The one before it is good until the next."""
    account = found(desk.settings.accounts.get(name), "account", name)
    return NewSecret(*await desk.visitors.renew_secret(account))


HANDLERS = [renew_identity, visitors_now, visitor_now, visitor_trail, conversation_trail, invite, invitations]
