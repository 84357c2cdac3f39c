"""The client's part for canned answers."""

from __future__ import annotations

from typing import Any

import msgspec

from desk.answers.model import (
    Answer,
    AnswerFile,
    AnswerHit,
    AnswerImport,
    FilledAnswer,
    NewAnswer,
    Place,
)
from desk.client.connection import Connection
from desk.documents.finding import Finding


class AnswerCalls(Connection):
    """What `desk.client.Client` can do with canned answers."""

    async def answers(self, q: str = "", place: Place | None = None, *, limit: int = 20) -> list[AnswerHit]:
        """The answers that fit, best first, filled for the conversation; without words those that are used most."""
        named = {"conversation_id": place} if isinstance(place, int) else msgspec.to_builtins(place) or {}
        return await self._get("/answers", list[AnswerHit], q=q, limit=limit, **named)

    async def all_answers(self) -> list[Answer]:
        """Everything this rep may use, by folder and title."""
        return await self._get("/answers/all", list[Answer])

    async def answer(self, key: str) -> Answer:
        """One answer as its file says now."""
        return await self._get("/answers/one", Answer, key=key)

    async def fill_answer(self, key: str, place: Place) -> FilledAnswer:
        """An answer ready to stand in a reply: its `key` and `attachments` belong into the `NewReply`.

        `key` may be `::shortcut`: the one in the customer's language.
        """
        return await self._post("/answers/fill", FilledAnswer, {"key": key, **_for(place)})

    async def fill_text(self, text: str, place: Place) -> FilledAnswer:
        """Any text with placeholders, filled for a conversation."""
        return await self._post("/answers/fill", FilledAnswer, {"text": text, **_for(place)})

    async def save_answer(
        self, answer: NewAnswer, *, key: str = "", folder: str = "", personal: bool = False, rev: str = ""
    ) -> Answer:
        """Write an answer; without a key it gets one of `folder` and title. Attachments may be `sha256:name` of blobs.

        `rev`: the one seen, empty for a new answer. Refused with `stale` if the file has changed since, `exists`.
        """
        body = {"answer": answer, "key": key, "folder": folder, "personal": personal, "rev": rev}
        return await self._send_as("PUT", "/answers/one", Answer, body)

    async def delete_answer(self, key: str, rev: str) -> None:
        """Refused with `stale` if the file has changed since `rev`."""
        await self._send("DELETE", "/answers/one", params={"key": key, "rev": rev})

    async def move_answer(self, key: str, to: str, rev: str) -> Answer:
        """Give an answer another key: another folder, another name, `@login/` before it or not."""
        return await self._post("/answers/move", Answer, {"key": key, "to": to, "rev": rev})

    async def answer_findings(self) -> list[Finding]:
        """What is wrong with the files."""
        return await self._get("/answers/findings", list[Finding])

    async def import_answers(
        self, files: list[AnswerFile], *, replace: bool = False, personal: bool = False
    ) -> AnswerImport:
        """Take files in; what is there and different stays, unless `replace`. Safe to repeat."""
        body = {"files": files, "replace": replace, "personal": personal}
        return await self._post("/answers/import", AnswerImport, body, timeout=60.0)

    async def export_answers(self) -> list[AnswerFile]:
        """All answers this rep may use, as files, with what they attach."""
        return await self._get("/answers/export", list[AnswerFile], timeout=60.0)


def _for(place: Place) -> dict[str, Any]:
    return {"conversation_id": place} if isinstance(place, int) else {"beginning": place}
