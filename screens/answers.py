"""The canned answers: found, read, written, thrown away, brought in and out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from textual.app import ComposeResult
from textual.containers import Horizontal

from desk.answers import packing
from desk.answers.errors import AnswerError
from desk.answers.model import Answer, AnswerHit, NewAnswer
from desk.client import Unreachable
from desk.documents.finding import Finding
from desk.keymap import Context
from screens.answerform import AnswerForm
from screens.composing.canned import Preview
from screens.composing.editing import EditorFailed, edit_outside
from screens.desk import Desk
from screens.listing import ListScreen, Spans
from screens.render import fit, one_line
from screens.widgets.bars import TopBar, key_glyph

FOUND_AT_MOST = 200
WIDE = 100
LOOK_SECONDS = 3.0
"""How often it is looked whether files were edited elsewhere, while they are on the screen."""


class Known(Struct, frozen=True):
    """An answer, and how often it was used if that is known."""

    answer: Answer
    uses: int = 0


class AnswersScreen(ListScreen[Known]):
    """All answers, or those that a search found, beside what the chosen one says."""

    title_text = "answers"
    empty_text = "no answers yet"
    default_context: Context = "answers"
    kinds = ("answer",)

    def __init__(self, desk: Desk) -> None:
        self.preview = Preview(self.inks)
        super().__init__(desk)
        self.list.moved = self._moved
        self.q = ""
        self._uses: Mapping[str, int] = {}
        self._asked = ""
        self._wrong: Sequence[Finding] = ()
        self._gone: Answer | None = None
        """The one thrown away last."""

    def compose(self) -> ComposeResult:
        self.top = TopBar(self.desk, self.inks, self.title_text)
        yield self.top
        with Horizontal(id="answers-box"):
            yield self.list
            yield self.preview
        yield self.status_line
        yield self.key_line()

    def on_mount(self) -> None:
        super().on_mount()
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

    def about(self, row: Known) -> str:
        if not self._wrong:
            return ""
        first, *more = self._wrong
        return one_line(str(first)) + (f" (and {len(more)} more)" if more else "")

    def on_resize(self) -> None:
        self.preview.display = self.app.size.width >= WIDE

    async def fetch(self) -> list[Known]:
        client = self.desk.client
        if self.q:
            return [_known(hit) for hit in await client.answers(self.q, limit=FOUND_AT_MOST)]
        every, used = await asyncio.gather(client.all_answers(), client.answers("", limit=FOUND_AT_MOST))
        self._uses = {hit.answer.key: hit.uses for hit in used}
        return [Known(answer, self._uses.get(answer.key, 0)) for answer in every]

    async def reload(self) -> None:
        await super().reload()
        found = f" — {len(self.source.rows):,} for {self.q}" if self.q else f" — {len(self.source.rows):,}"
        self.top.title = f"{self.title_text}{found}"
        self.top.update()
        self._moved()

    def _moved(self) -> None:
        row = self.list.current
        self.preview.put(row.answer.body if row is not None else "")
        self._tell()

    def spans(self, row: Known, width: int) -> Spans:
        answer = row.answer
        name = max(12, width // 5)
        room = max(width - name - 34, 8)
        where = f"@{answer.owner}" if answer.owner else "everybody"
        return (
            (fit(f"::{answer.shortcut}", name) + " ", "key"),
            (fit(answer.title, room) + " ", "text"),
            (fit(answer.folder, 10) + " ", "dim"),
            (fit(answer.language, 6), "dim"),
            (fit(where, 10), "note" if answer.owner else "dim"),
            (fit(f"{row.uses}×" if row.uses else "", 5, right=True), "dim"),
        )

    def can(self, action: str) -> bool:
        if action in ("edit-answer", "edit-answer-outside", "delete-answer"):
            return self.list.current is not None
        if action == "restore-answer":
            return self._gone is not None
        if action == "back":
            return True
        return super().can(action)

    def do_back(self) -> None:
        if self.desk.hush():
            return
        if self.q:
            self.q = ""
            self.start(self.reload())
        else:
            self.dismiss(None)

    # --- finding ------------------------------------------------------------------------------------------

    async def do_find_answer(self, argument: str | None = None) -> None:
        if argument is None:
            before = self.q
            argument = await self.ask("find", self.q, self._look, placeholder="shortcut, title or text")
            if argument is None:
                argument = before
        self.q = argument.strip()
        await self.reload()

    def _look(self, text: str) -> tuple[str, bool]:
        """Show what is found while it is typed."""
        if text.strip() != self.q:
            self.q = text.strip()
            self.start(self.reload(), group="find", alone=True)
        return f"{len(self.source.rows):,} found" if self.q else "", True

    # --- writing ------------------------------------------------------------------------------------------

    def do_open(self) -> None:
        self.do_edit_answer()

    def do_edit_answer(self) -> None:
        row = self.list.current
        if row is not None:
            self._form(row.answer)

    def do_new_answer(self) -> None:
        row = self.list.current
        self._form(None, folder=row.answer.folder if row is not None else "")

    def _form(self, answer: Answer | None, folder: str = "") -> None:
        def closed(saved: Answer | None) -> None:
            if saved is not None:
                self.start(self._saved(saved))

        self.push_over(AnswerForm(self.desk, answer, folder), closed)

    async def _saved(self, answer: Answer) -> None:
        await self.reload()
        at = next((n for n, row in enumerate(self.source.rows) if row.answer.key == answer.key), None)
        if at is not None:
            self.list.move_to(at)
        self.desk.say(f"kept as ::{answer.shortcut}", "good")

    async def do_edit_answer_outside(self) -> None:
        row = self.list.current
        if row is None:
            return
        answer = row.answer
        try:
            body = edit_outside(self.app, answer.body, suffix=".md")
        except EditorFailed as error:
            self.desk.say(str(error), "bad")
            return
        if body != answer.body:
            new = _without_place(answer, body)
            await self._saved(await self.desk.client.save_answer(new, key=answer.key, rev=answer.rev))

    # --- throwing away ------------------------------------------------------------------------------------

    async def do_delete_answer(self) -> None:
        row = self.list.current
        if row is None:
            return
        answer, keymap = row.answer, self.desk.keymap
        if self._asked != answer.key:
            self._asked = answer.key
            self.desk.say(
                f"{key_glyph(keymap.key('delete-answer', 'answers'))} again throws ::{answer.shortcut} away", "bad"
            )
            return
        await self.desk.client.delete_answer(answer.key, answer.rev)
        self._asked, self._gone = "", answer
        await self.reload()
        self.desk.say(f"thrown away; {key_glyph(keymap.key('restore-answer', 'answers'))} brings it back", "good")

    async def do_restore_answer(self) -> None:
        answer, self._gone = self._gone, None
        if answer is not None:
            new = _without_place(answer, answer.body)
            await self._saved(await self.desk.client.save_answer(new, key=answer.key))

    # --- in and out ---------------------------------------------------------------------------------------

    async def do_import_answers(self, argument: str) -> None:
        await bring_in(self.desk, argument)
        await self.reload()


def _known(hit: AnswerHit) -> Known:
    return Known(hit.answer, hit.uses)


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
