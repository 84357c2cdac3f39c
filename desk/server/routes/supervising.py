"""What supervisors do in a colleague's conversation."""

from __future__ import annotations

from litestar import get, post
from litestar.status_codes import HTTP_200_OK

from desk.model import Conversation, Message
from desk.server.routes.common import Rep, TheDesk
from desk.server.routes.conversations import NoteBody
from desk.service import supervising


@post("/conversations/{id:int}/whisper", status_code=HTTP_200_OK, may="supervise")
async def whisper(desk: TheDesk, agent: Rep, id: int, data: NoteBody) -> Message:
    """Write what only reps see to the one whose conversation it is; they are told at once."""
    return await desk.write(supervising.whisper, agent, id, data.body)


@get("/whispers")
async def whispers(desk: TheDesk, agent: Rep) -> list[Message]:
    """What was whispered to me in conversations that I have not looked at since, the newest first."""
    return await desk.threads.read(supervising.heard, desk.store, agent)


@post("/conversations/{id:int}/take-over", status_code=HTTP_200_OK, may="supervise")
async def take_over(desk: TheDesk, agent: Rep, id: int) -> Conversation:
    """Make it mine, whoever has it, and tell them."""
    return desk.marked(agent, await desk.write(supervising.take_over, agent, id))


HANDLERS = [whisper, whispers, take_over]
