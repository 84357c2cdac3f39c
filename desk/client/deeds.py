"""The client's part for deeds on many conversations, macros, and taking back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from desk.answers.model import MacroPlan, MacroPreview, MacroResult
from desk.client.connection import Connection
from desk.model import BulkJob, Undone
from desk.steps import Macro


class DeedCalls(Connection):
    """What `desk.client.Client` can do to many at once, and take back."""

    async def undo(self) -> Undone:
        """Take back my newest deed of the last half hour; again, for the one before. Refused with `nothing-to-undo`.

        What somebody changed since stays: `left` says what, who, and why. An answer within its undo window is a deed.
        """
        return await self._post("/undo", Undone, timeout=120.0)

    async def redo(self) -> Undone:
        """Do again what I undid last. Refused with `nothing-to-redo`."""
        return await self._post("/redo", Undone, timeout=120.0)

    async def bulk(
        self,
        steps: Sequence[str] = (),
        *,
        macro: str = "",
        ids: Sequence[int] | None = None,
        view: str | None = None,
        q: str = "",
        without: Sequence[int] = (),
        seen_message_id: int | None = None,
    ) -> BulkJob:
        """Do steps, such as `tag +refund`, or a macro, to these conversations, or to all of a view that match a query.

        `without`: conversations of the view that are left as they are. `seen_message_id`: an answer is refused where
        somebody wrote since that message.

        One `undo` takes all of it back. Follow it with `bulk_job`, or by changes of kind `job`.
        """
        many = _many(ids, view, q, without)
        body = {"steps": list(steps), "macro": macro, "seen_message_id": seen_message_id, **many}
        return await self._post("/bulk", BulkJob, body, timeout=60.0)

    async def bulk_job(self, id: int, *, wait: float = 0.0) -> BulkJob:
        """Progress; with `wait`, answer when it changed or after that many seconds."""
        return await self._get(f"/bulk/{id}", BulkJob, wait=wait, timeout=wait + 10.0)

    async def cancel_bulk(self, id: int) -> BulkJob:
        """Ask it to end; what is done stays."""
        return await self._post(f"/bulk/{id}/cancel", BulkJob)

    # --- macros -------------------------------------------------------------------------------------------

    async def macros(self) -> list[Macro]:
        """Those of `desk.toml`, in its order."""
        return await self._get("/macros", list[Macro])

    async def preview_macro(self, name: str, ids: list[int]) -> list[MacroPreview]:
        """What each step would do to each conversation. Nothing is changed."""
        return await self._post("/macros/preview", list[MacroPreview], {"name": name, "ids": ids}, timeout=60.0)

    async def plan_macro(
        self,
        name: str,
        *,
        ids: Sequence[int] | None = None,
        view: str | None = None,
        q: str = "",
        without: Sequence[int] = (),
    ) -> MacroPlan:
        """What it would do to these conversations, or to all of a view that match a query: `bulk` does it."""
        body = {"macro": name, **_many(ids, view, q, without)}
        return await self._post("/macros/plan", MacroPlan, body, timeout=60.0)

    async def run_macro(self, name: str, ids: list[int], seen: Mapping[int, int] | None = None) -> list[MacroResult]:
        """Do it to each conversation, wholly or not at all; one that was refused does not stop the others.

        `seen`: conversation to its preview's `seen_message_id`; a reply is refused there if there is a newer message.
        """
        body = {"name": name, "ids": ids, "seen": dict(seen or {})}
        return await self._post("/macros/run", list[MacroResult], body, timeout=120.0)


def _many(ids: Sequence[int] | None, view: str | None, q: str, without: Sequence[int]) -> dict[str, Any]:
    return {"ids": None if ids is None else list(ids), "view": view, "q": q, "without": list(without)}
