"""The canned answers: found, read, written, thrown away, brought in and out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from desk.answers import packing
from desk.answers.errors import AnswerError
from desk.answers.model import Answer, NewAnswer
from desk.client import Unreachable
from desk.documents.finding import Finding
from desk.keymap import Context
from screens.answerform import AnswerForm
from screens.desk import Desk
from screens.listing import Spans
from screens.render import fit, one_line
from screens.shelf import FOUND_AT_MOST, ShelfScreen

LOOK_SECONDS = 3.0
"""How often it is looked whether files were edited elsewhere, while they are on the screen."""


class AnswersScreen(ShelfScreen[Answer]):
    """The canned answers, with how often they were used, and what is wrong in their files."""

    title_text = "answers"
    empty_text = "no answers yet"
    asks = "shortcut, title or text"
    default_context: Context = "answers"
    kinds = ("answer",)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._uses: Mapping[str, int] = {}
        self._wrong: Sequence[Finding] = ()

    def key(self, document: Answer) -> str:
        return document.key

    def called(self, document: Answer) -> str:
        return f"::{document.shortcut}"

    def form(self, document: Answer | None, folder: str) -> AnswerForm:
        return AnswerForm(self.desk, document, folder)

    async def save(self, document: Answer, body: str, *, new: bool = False) -> Answer:
        rev = "" if new else document.rev
        return await self.desk.client.save_answer(_without_place(document, body), key=document.key, rev=rev)

    async def throw_away(self, document: Answer) -> None:
        await self.desk.client.delete_answer(document.key, document.rev)

    def on_mount(self) -> None:
        self._look_at_files()
        self.set_interval(LOOK_SECONDS, self._look_at_files)

    def _look_at_files(self) -> None:
        """Files may be edited elsewhere at any time; what changed comes by the feed."""
        self.start(self._find_faults(), group="files", alone=True)

    async def _find_faults(self) -> None:
        try:
            self._wrong = await self.desk.client.answer_findings()
        except Unreachable:
            return
        self._tell()

    def about(self, row: Answer) -> str:
        if not self._wrong:
            return ""
        first, *more = self._wrong
        return one_line(str(first)) + (f" (and {len(more)} more)" if more else "")

    async def fetch(self) -> list[Answer]:
        client = self.desk.client
        every = [] if self.q else await client.all_answers()
        hits = await client.answers(self.q, limit=FOUND_AT_MOST)
        self._uses = {hit.answer.key: hit.uses for hit in hits}
        return every or [hit.answer for hit in hits]

    def spans(self, row: Answer, width: int) -> Spans:
        uses = self._uses.get(row.key, 0)
        name = max(12, width // 5)
        room = max(width - name - 34, 8)
        where = f"@{row.owner}" if row.owner else "everybody"
        return (
            (fit(f"::{row.shortcut}", name) + " ", "key"),
            (fit(row.title, room) + " ", "text"),
            (fit(row.folder, 10) + " ", "dim"),
            (fit(row.language, 6), "dim"),
            (fit(where, 10), "note" if row.owner else "dim"),
            (fit(f"{uses}×" if uses else "", 5, right=True), "dim"),
        )

    # --- in and out ---------------------------------------------------------------------------------------

    async def do_import_answers(self, argument: str) -> None:
        await bring_in(self.desk, argument)
        await self.reload()


def _without_place(answer: Answer, body: str) -> NewAnswer:
    """What a person writes of an answer, with this text."""
    return NewAnswer(
        title=answer.title,
        body=body,
        shortcut=answer.shortcut,
        language=answer.language,
        tags=answer.tags,
        attachments=answer.attachments,
    )


async def bring_in(desk: Desk, words: str) -> None:
    """Import answers from a folder, a zip file or JSON, and tell what became of them. Raises ClientError."""
    path = Path(words.strip()).expanduser()
    try:
        files = await asyncio.to_thread(packing.read, path)
    except (AnswerError, OSError) as error:
        desk.say(_said(error, path), "bad")
        return
    done = await desk.client.import_answers(files)
    told = [f"{len(done.new)} new", *([f"{len(done.same)} there already"] if done.same else [])]
    told += [f"{len(done.kept)} different ones left as they are"] if done.kept else []
    told += [str(done.findings[0])] if done.findings else []
    desk.say(f"answers: {', '.join(told)}", "bad" if done.findings else "good")


async def take_out(desk: Desk, words: str) -> None:
    """Write all answers into a folder, a zip file or JSON. Raises ClientError."""
    path = Path(words.strip()).expanduser()
    files = await desk.client.export_answers()
    try:
        await asyncio.to_thread(packing.write, path, files)
    except (AnswerError, OSError) as error:
        desk.say(_said(error, path), "bad")
        return
    desk.say(f"{len(files)} files written to {one_line(str(path))}", "good")


def _said(error: Exception, path: Path) -> str:
    if isinstance(error, OSError):
        return f"{one_line(str(path))}: {error.strerror or error}"
    return str(error)
