"""What queues that push have for a rep."""

from __future__ import annotations

from litestar import get, post
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from desk.model import Conversation, OffersNow
from desk.server.routes.common import Rep, TheDesk
from desk.service import offers


@get("/offers")
async def my_offers(desk: TheDesk, agent: Rep) -> OffersNow:
    """What is offered to me now, and what went back while I was not there, until I have seen that."""
    return await desk.threads.read(offers.of, desk.store, agent)


@post("/conversations/{id:int}/offer/accept", status_code=HTTP_200_OK, may="work")
async def accept_offer(desk: TheDesk, agent: Rep, id: int) -> Conversation:
    """Make mine what is offered to me; again is fine. 409 `taken` or `no-offer`."""
    return desk.marked(agent, await desk.write(offers.accept, agent, id))


@post("/conversations/{id:int}/offer/decline", status_code=HTTP_204_NO_CONTENT, may="work")
async def decline_offer(desk: TheDesk, agent: Rep, id: int) -> None:
    """Leave to others what is offered to me. 409 `no-offer`."""
    await desk.write(offers.decline, agent, id)


@post("/offers/seen", status_code=HTTP_204_NO_CONTENT, may="work")
async def see_returned(desk: TheDesk, agent: Rep) -> None:
    """I have seen what went back while I was not there."""
    await desk.write(offers.see_returned, agent)


HANDLERS = [my_offers, accept_offer, decline_offer, see_returned]
