"""What was learned of where conversations belong."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK

from desk.model import Guess, LearningReport
from desk.server.routes.common import TheDesk

Wait = Annotated[float, Parameter(ge=0, le=60, description="Seconds to wait for what runs to be done.")]


@get("/learning")
async def learning(desk: TheDesk, wait: Wait = 0.0) -> LearningReport:
    """What was learned, what it is worth by label, and whether it is being learned anew."""
    return await desk.learning.wait(wait)


@post("/learning", status_code=HTTP_200_OK, may="configure")
async def learn(desk: TheDesk) -> LearningReport:
    """Learn from what reps have sorted, in a process of its own. 409 `learning` while that goes on."""
    return desk.learning.start()


@get("/conversations/{id:int}/guesses")
async def guesses(desk: TheDesk, id: int) -> list[Guess]:
    """Queue and tags that it may want, the likeliest first; nothing before anything was learned."""
    return await desk.threads.read(desk.learning.guesses, id)


HANDLERS = [learning, learn, guesses]
