"""What is next for a rep."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct

from desk.model import Conversation
from desk.server.routes.common import Rep, TheDesk, numbers


class NextBody(Struct, forbid_unknown_fields=True):
    skip: list[int] = []
    """Conversations that were next already, and were passed over."""


@post("/next", status_code=HTTP_200_OK, may="work")
async def take_next(desk: TheDesk, agent: Rep, data: NextBody) -> list[Conversation]:
    """Make the most urgent conversation mine that I may and can do, and tell it; none if there is none.
    409 `away` for who is away."""
    found = await desk.taking.next(agent, data.skip)
    return [] if found is None else [found]


@get("/next")
async def look_next(
    desk: TheDesk, agent: Rep, skip: Annotated[str, Parameter(description="With commas between.")] = ""
) -> list[Conversation]:
    """What `POST` would make mine now; it is left where it is."""
    found = await desk.taking.look(agent, numbers(skip) if skip else [])
    return [] if found is None else [desk.marked(agent, found)]


HANDLERS = [take_next, look_next]
