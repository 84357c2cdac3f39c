"""Chats under way, as their reps see them."""

from __future__ import annotations

from litestar import get

from desk.model import ChatNow, Talk
from desk.server.routes.common import Rep, TheDesk, found


@get("/chats/mine")
async def my_chats(desk: TheDesk, agent: Rep) -> list[Talk]:
    """The chats under way that are the rep's own, in the order in which they began."""
    return await desk.talks.mine(agent)


@get("/conversations/{id:int}/chat")
async def chat_now(desk: TheDesk, agent: Rep, id: int) -> ChatNow:
    """How the chat of a conversation stands. 404 if it never was one."""
    return found(await desk.talks.now(id), "chat in conversation", id)


HANDLERS = [my_chats, chat_now]
