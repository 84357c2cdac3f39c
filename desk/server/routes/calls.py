"""Callbacks and the calls that reps make for them."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct

from desk.clock import Millis
from desk.model import OPEN_CALLBACKS, Callback, Outcome
from desk.model.dialing import Call, DialerStatus, PhoneNews, PhoneOrder, PhoneWish
from desk.server.routes.common import Limit, Offset, Rep, TheDesk
from desk.service import asking, callbacks
from desk.service.asking import Wish

Wait = Annotated[float, Parameter(ge=0, le=60, description="Seconds to wait for something to be wanted.")]


class MoveBody(Struct, forbid_unknown_fields=True):
    at: Millis
    until: Millis | None = None
    rev: int | None = None
    """Only if it has not changed since this one."""


class CancelBody(Struct, forbid_unknown_fields=True):
    reason: str = ""


class CallBody(Struct, forbid_unknown_fields=True):
    early: bool = False
    """Though a later time was chosen."""
    even_if_unclear: bool = False
    """Though the last attempt may have rung."""
    dialer: str = ""
    """By which of `[dialers]`; empty: by the rep's."""


class OutcomeBody(Struct, forbid_unknown_fields=True):
    outcome: Outcome
    reference: str = ""
    """Of the attempt that is meant; empty: a call that the rep made by other means."""
    words: str = ""
    again_at: Millis | None = None
    """When to try again; without it, when the rules say."""


@get("/callbacks")
async def open_callbacks(desk: TheDesk, offset: Offset = 0, limit: Limit = 100) -> list[Callback]:
    """Those in which we still owe something, what is due first first."""
    return await desk.threads.read(lambda: desk.store.callbacks.page(OPEN_CALLBACKS, offset=offset, limit=limit))


@get("/callbacks/{callback_id:int}")
async def one_callback(desk: TheDesk, callback_id: int) -> Callback:
    """One callback, whatever became of it."""
    return await desk.threads.read(callbacks.get, desk.store, callback_id)


@get("/conversations/{conversation_id:int}/callbacks")
async def callbacks_of(desk: TheDesk, conversation_id: int) -> list[Callback]:
    """Those of a conversation, newest first."""
    return await desk.threads.read(desk.store.callbacks.of_conversation, conversation_id)


@post("/callbacks", may="work")
async def ask_callback(desk: TheDesk, agent: Rep, data: Wish) -> Callback:
    """Note that somebody wants to be called: in a conversation of its own, with the customer who has that number."""
    return await desk.write(asking.ask, data, rules=desk.callback_rules, agent=agent)


@post("/callbacks/to-call", may="work")
async def callback_to_call(desk: TheDesk, agent: Rep, data: Wish) -> Callback:
    """Whom a rep calls who calls that number: who waits for a call there, else it is noted now."""
    return await desk.write(asking.to_call, data, rules=desk.callback_rules, agent=agent)


@post("/conversations/{conversation_id:int}/callbacks", may="work")
async def ask_callback_in(desk: TheDesk, agent: Rep, conversation_id: int, data: Wish) -> Callback:
    """Note that the customer of a conversation wants to be called."""
    return await desk.write(asking.ask, data, rules=desk.callback_rules, agent=agent, conversation_id=conversation_id)


@post("/callbacks/{callback_id:int}/move", status_code=HTTP_200_OK, may="work")
async def move_callback(desk: TheDesk, agent: Rep, callback_id: int, data: MoveBody) -> Callback:
    """Promise another time."""
    return await desk.write(callbacks.move, callback_id, data.at, until=data.until, agent=agent, rev=data.rev)


@post("/callbacks/{callback_id:int}/cancel", status_code=HTTP_200_OK, may="work")
async def cancel_callback(desk: TheDesk, agent: Rep, callback_id: int, data: CancelBody) -> Callback:
    """Nobody is to call any more."""
    return await desk.write(callbacks.cancel, callback_id, agent=agent, reason=data.reason)


@post("/callbacks/{callback_id:int}/call", may="work")
async def call(desk: TheDesk, agent: Rep, callback_id: int, data: CallBody) -> Call:
    """Call: for one rep of many. The attempt is stored before anything is dialled."""
    return await desk.calls.begin(
        agent, callback_id, dialer=data.dialer, early=data.early, even_if_unclear=data.even_if_unclear
    )


@post("/callbacks/{callback_id:int}/outcome", status_code=HTTP_200_OK, may="work")
async def call_outcome(desk: TheDesk, agent: Rep, callback_id: int, data: OutcomeBody) -> Callback:
    """What a call came to; it is hung up if it is not over. What follows is up to the rules."""
    return await desk.calls.outcome(
        agent, callback_id, data.outcome, reference=data.reference, words=data.words, again_at=data.again_at
    )


@get("/call", sync_to_thread=False)
def my_call(desk: TheDesk, agent: Rep) -> Call | None:
    """The call that the rep is on, or has to say the outcome of; or the last one, if that was settled without."""
    return desk.calls.of(agent)


@post("/calls/{reference:str}/hang-up", status_code=HTTP_200_OK, may="work")
async def hang_up(desk: TheDesk, agent: Rep, reference: str) -> Call:
    """Ask for the end of a call."""
    return await desk.calls.hang_up(agent, reference)


@post("/calls/{reference:str}/take", status_code=HTTP_200_OK, sync_to_thread=False, may="work")
def take_call(desk: TheDesk, agent: Rep, reference: str) -> PhoneOrder:
    """What the rep's machine is to dial; for the first that asks, and never again."""
    return desk.calls.take(agent, reference)


@post("/calls/{reference:str}/news", status_code=HTTP_200_OK, may="work")
async def tell_call(desk: TheDesk, agent: Rep, reference: str, data: PhoneNews) -> PhoneWish:
    """How a call stands that the rep's machine makes."""
    return await desk.calls.hear(agent, reference, data)


@get("/calls/{reference:str}/wish")
async def call_wish(desk: TheDesk, agent: Rep, reference: str, wait: Wait = 0.0) -> PhoneWish:
    """What is wanted of the rep's machine, as soon as something is."""
    return await desk.calls.wish(agent, reference, wait)


@get("/dialers")
async def dialers(desk: TheDesk, agent: Rep) -> list[DialerStatus]:
    """The ways to call, with what is wrong with each."""
    return await desk.dialers.statuses(agent.login)


HANDLERS = [
    open_callbacks,
    one_callback,
    callbacks_of,
    ask_callback,
    ask_callback_in,
    callback_to_call,
    move_callback,
    cancel_callback,
    call,
    call_outcome,
    my_call,
    hang_up,
    take_call,
    tell_call,
    call_wish,
    dialers,
]
