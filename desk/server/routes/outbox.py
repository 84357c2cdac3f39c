"""Answers, what is on its way out, and drafts."""

from __future__ import annotations

from typing import Annotated, cast, get_args

from litestar import delete, get, post, put
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from msgspec import Struct

from desk.clock import Clock
from desk.model import Agent, Draft, NewReply, OutboxItem, OutboxState
from desk.server.problems import BadRequest
from desk.server.routes.common import Before, Limit, Rep, TheDesk
from desk.service import drafts as written
from desk.service import inbox
from desk.service import outbox as going
from desk.store.base import Store

STATES: tuple[OutboxState, ...] = get_args(OutboxState)


class RetryBody(Struct, forbid_unknown_fields=True):
    even_if_unknown: bool = False
    """Send again what may have been sent already: the customer may get it twice."""


Now = Annotated[bool, Parameter(description="Leave at once, without an undo window.")]


@post("/conversations/{id:int}/reply", status_code=HTTP_200_OK, may="work")
async def reply(desk: TheDesk, agent: Rep, id: int, data: NewReply, now: Now = False) -> OutboxItem:
    """Put an answer in the outbox. 409 `moved-on` when somebody wrote since `seen_message_id`."""
    account = desk.sender(inbox.get(desk.store, id).account)
    held, here = desk.undo_window, desk.talks.here
    return await desk.write(going.reply, agent, id, data, account=account, hold_ms=held, now=now, here=here)


@post("/compose", status_code=HTTP_200_OK, may="work")
async def compose(desk: TheDesk, agent: Rep, data: NewReply, account: str, now: Now = False) -> OutboxItem:
    """Begin a conversation by writing first."""
    return await desk.write(going.compose, agent, data, account=desk.sender(account), hold_ms=desk.undo_window, now=now)


@get("/outbox", sync_to_thread=False)
def outbox(
    desk: TheDesk,
    states: Annotated[str | None, Parameter(description="With commas between; default: all.")] = None,
    before: Before = None,
    limit: Limit = 100,
) -> list[OutboxItem]:
    """What is on its way out, and what became of it, newest first."""
    return desk.store.outbox.in_states(_states(states), limit, before=before)


@post("/outbox/{id:int}/undo", status_code=HTTP_200_OK, may="work")
async def undo_send(desk: TheDesk, id: int) -> Draft:
    """Take a held message back: it is a draft again. 409 `too-late` once it left."""
    return await desk.write(going.undo, id)


@post("/outbox/{id:int}/retry", status_code=HTTP_200_OK, may="work")
async def retry(desk: TheDesk, agent: Rep, id: int, data: RetryBody) -> OutboxItem:
    """Try a failed message again now. An `unknown` one needs `even_if_unknown`."""
    return await desk.write(going.retry, agent, id, even_if_unknown=data.even_if_unknown)


@get("/drafts", sync_to_thread=False)
def drafts(desk: TheDesk, agent: Rep) -> list[Draft]:
    """The rep's drafts."""
    return desk.store.drafts.of_agent(agent.id)


Slot = Annotated[str, Parameter(max_length=written.SLOT_AT_MOST, description="See `NewReply.slot`.")]


@get("/drafts/{id:int}", sync_to_thread=False)
def draft(desk: TheDesk, agent: Rep, id: int, slot: Slot = "") -> Draft | None:
    """The rep's draft in a conversation (0: of a new one), null if there is none."""
    return desk.store.drafts.get(agent.id, id, slot)


@put("/drafts/{id:int}", may="work")
async def save_draft(desk: TheDesk, agent: Rep, id: int, data: NewReply) -> Draft:
    """Keep what the rep typed, in the slot it names; the last one written stays."""
    return await desk.write(written.save, agent, id, data)


@delete("/drafts/{id:int}", status_code=HTTP_204_NO_CONTENT, may="work")
async def delete_draft(desk: TheDesk, agent: Rep, id: int, slot: Slot = "") -> None:
    """Throw a draft away; without one nothing happens."""
    await desk.write(_delete, agent, id, slot)


def _delete(store: Store, _: Clock, agent: Agent, id: int, slot: str) -> None:
    written.delete(store, agent, id, slot)


def _states(text: str | None) -> tuple[OutboxState, ...]:
    if text is None:
        return STATES
    given = [part.strip() for part in text.split(",") if part.strip()]
    if unknown := [name for name in given if name not in STATES]:
        raise BadRequest("bad-request", f"states: {unknown[0]!r} is none of {', '.join(STATES)}")
    return tuple(cast("list[OutboxState]", given))


HANDLERS = [reply, compose, outbox, undo_send, retry, drafts, draft, save_draft, delete_draft]
