"""The client's part for views and conversations."""

from __future__ import annotations

from collections.abc import Sequence

from desk.client.connection import Connection
from desk.clock import Millis
from desk.model import (
    Conversation,
    Doing,
    Message,
    Page,
    Presence,
    Priority,
    Queue,
    SearchPage,
    State,
    Tag,
    View,
    ViewInfo,
)


class ConversationCalls(Connection):
    """What `desk.client.Client` can do with conversations."""

    async def views(self) -> list[ViewInfo]:
        """All views with how many conversations each holds now: built-in ones, channels, queues, saved ones."""
        return await self._get("/views", list[ViewInfo])

    async def conversations(
        self, view: View = "open", q: str = "", *, offset: int = 0, limit: int = 100
    ) -> Page[Conversation]:
        """A window of a view in its order, filtered by `q`. `offset` counts from the top.

        Refused with `bad-query` (detail: `start` and `end`, columns from 0) if `q` makes no sense. With a filter
        `total` may be as far as it was worth counting; then `exact` is False.
        """
        return await self._get("/conversations", Page[Conversation], view=view, q=q or None, offset=offset, limit=limit)

    async def counts(self) -> dict[str, int]:
        """How many conversations each view holds."""
        return await self._get("/counts", dict[str, int])

    async def position(self, view: View, conversation_id: int, q: str = "") -> int | None:
        """Where a conversation stands in a filtered view, None if it is not in it."""
        return await self._get(
            f"/conversations/{conversation_id}/position",
            int | None,  # type: ignore[arg-type]
            view=view,
            q=q or None,
        )

    async def search(self, query: str, *, before: int | None = None, limit: int = 50) -> SearchPage:
        """Conversations with a message that matches, newest first. Refused with `bad-query`, as `conversations`."""
        return await self._get("/search", SearchPage, q=query, before=before, limit=limit)

    async def conversation(self, id: int) -> Conversation:
        """One conversation. Refused with `not-found`."""
        return await self._get(f"/conversations/{id}", Conversation)

    async def conversations_by_id(self, ids: list[int]) -> list[Conversation]:
        """Those that exist, in the order asked for."""
        return await self._get("/conversations/many", list[Conversation], ids=",".join(map(str, ids)))

    async def mark_read(self, conversation_id: int, message_id: int | None = None) -> Conversation:
        """The rep has seen it up to that message; what came since stays unread. Safe to repeat."""
        return await self._post(f"/conversations/{conversation_id}/read", Conversation, {"message_id": message_id})

    async def seen(self, conversation_id: int) -> int | None:
        """The newest message that was there when the rep read it last; None if that is not known."""
        return await self._get(f"/conversations/{conversation_id}/seen", int | None)  # type: ignore[arg-type]

    async def mark_unread(self, conversation_id: int) -> Conversation:
        """The rep wants to come back to it. Safe to repeat."""
        return await self._post(f"/conversations/{conversation_id}/unread", Conversation)

    async def claim(self, conversation_id: int) -> Conversation:
        """Make it mine. Refused with `taken` (detail: `agent`) when somebody was first. Safe to repeat."""
        return await self._post(f"/conversations/{conversation_id}/claim", Conversation)

    async def assign(self, conversation_id: int, agent: str | None) -> Conversation:
        """Give it to a rep by login, or to nobody."""
        return await self._post(f"/conversations/{conversation_id}/assign", Conversation, {"agent": agent})

    async def set_state(
        self, conversation_id: int, state: State, *, until: Millis | None = None, rev: int | None = None
    ) -> Conversation:
        """Resolve, reopen, snooze (`until`), mark as spam. Refused with `stale` if it moved on from `rev`."""
        return await self._post(
            f"/conversations/{conversation_id}/state", Conversation, {"state": state, "until": until, "rev": rev}
        )

    async def set_priority(self, conversation_id: int, priority: Priority) -> Conversation:
        """How urgent it is. Safe to repeat."""
        return await self._post(f"/conversations/{conversation_id}/priority", Conversation, {"priority": priority})

    async def set_queue(self, conversation_id: int, queue: str | None) -> Conversation:
        """Put it into the queue of that name, made if there is none; None takes it out of any. Safe to repeat."""
        return await self._post(f"/conversations/{conversation_id}/queue", Conversation, {"queue": queue})

    async def transfer(
        self, conversation_id: int, *, agent: str | None = None, queue: str | None = None, note: str = ""
    ) -> Conversation:
        """Hand it over to a rep, who is told, or to a queue, where it is nobody's; `note`: why, for reps only."""
        body = {"agent": agent, "queue": queue, "note": note}
        return await self._post(f"/conversations/{conversation_id}/transfer", Conversation, body)

    async def whisper(self, conversation_id: int, body: str) -> Message:
        """Write what only reps see to the one whose conversation it is, who is told at once."""
        return await self._post(f"/conversations/{conversation_id}/whisper", Message, {"body": body})

    async def whispers(self) -> list[Message]:
        """What was whispered to me in conversations that I have not looked at since, the newest first."""
        return await self._get("/whispers", list[Message])

    async def take_over(self, conversation_id: int) -> Conversation:
        """Make it mine, whoever has it. Safe to repeat."""
        return await self._post(f"/conversations/{conversation_id}/take-over", Conversation)

    async def tag(self, conversation_id: int, add: Sequence[str], remove: Sequence[str] = ()) -> Conversation:
        """Put tags on and take others off; new ones are made. Safe to repeat."""
        return await self._post(
            f"/conversations/{conversation_id}/tags", Conversation, {"add": list(add), "remove": list(remove)}
        )

    async def split(self, message_id: int) -> Conversation:
        """Take a message out of its conversation into a new one."""
        return await self._post(f"/messages/{message_id}/split", Conversation)

    async def merge(self, into: int, sources: list[int]) -> Conversation:
        """Put all that is in `sources` into one conversation; answers that one. Refused with `same`, `merged`."""
        return await self._post(f"/conversations/{into}/merge", Conversation, {"sources": sources})

    async def move(self, message_ids: list[int], conversation_id: int) -> Conversation:
        """Put customers' messages into another conversation."""
        return await self._post(f"/conversations/{conversation_id}/move", Conversation, {"messages": message_ids})

    async def show_presence(self, conversation_id: int, doing: Doing) -> list[Presence]:
        """Say that I am here: `viewing`, `listening` or `replying` every ten seconds, `gone` when I leave.

        Answers who is here. Others learn of it by a change of kind `presence` with my agent id and the conversation's.
        """
        body = {"conversation_id": conversation_id, "doing": doing}
        return await self._post("/presence", list[Presence], body)

    async def presence(self, conversation_id: int) -> list[Presence]:
        """Who is in a conversation, I too."""
        return await self._get(f"/conversations/{conversation_id}/presence", list[Presence])

    async def queues(self) -> list[Queue]:
        """The queues a conversation can stand in."""
        return await self._get("/queues", list[Queue])

    async def tags(self) -> list[Tag]:
        """All tags there are."""
        return await self._get("/tags", list[Tag])
