"""The client's part for visitors of sites."""

from __future__ import annotations

from urllib.parse import quote

from desk.client.connection import Connection
from desk.model import Invitation, InvitationCounts, Trail, VisitorNow


class VisitorCalls(Connection):
    """What `desk.client.Client` can do with visitors of sites.

    Changes of kind `visitor` tell that there is news of one: `id` is the visitor's, `conversation_id` that of their
    newest chat, if they ever began one.
    """

    async def visitors_now(self, limit: int = 1000) -> list[VisitorNow]:
        """Who is on the sites at this moment and agreed to be seen, whoever came last first."""
        return await self._get("/visitors/now", list[VisitorNow], limit=limit)

    async def visitor_now(self, id: int) -> VisitorNow:
        """One of them. Refused with `not-found` if they are not there."""
        return await self._get(f"/visitors/{id}/now", VisitorNow)

    async def visitor_trail(self, id: int, *, limit: int = 100, before: int | None = None) -> Trail:
        """Where a visitor was, the newest first; `before`: the id of the oldest step that is known."""
        return await self._get(f"/visitors/{id}/trail", Trail, limit=limit, before=before)

    async def trail(self, conversation_id: int, *, limit: int = 100, before: int | None = None) -> Trail:
        """The same of the visitor who follows a conversation; an empty one if nobody does."""
        return await self._get(f"/conversations/{conversation_id}/trail", Trail, limit=limit, before=before)

    async def invite(self, visitor_id: int, text: str = "") -> Invitation:
        """Ask a visitor whether they would like to chat; without a text, with what `[visitors]` says.

        Refused with `not-found` if they are not there, `chatting`, `invited` (in this visit), or `declined` (they said
        no within the last 30 days).
        """
        return await self._post(f"/visitors/{visitor_id}/invite", Invitation, {"text": text})

    async def renew_identity(self, account: str) -> tuple[str, str]:
        """Make a new secret by which the shop of a site vouches for its customers: the secret, and where it is kept."""
        made = await self._post(f"/accounts/{quote(account, safe='')}/identity", dict[str, str])
        return made["secret"], made["kept"]

    async def invitations(self, days: int = 30) -> list[InvitationCounts]:
        """What became of invitations, by rule; those by hand last, with an empty name."""
        return await self._get("/invitations", list[InvitationCounts], days=days)
