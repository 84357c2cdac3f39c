"""A shelf of documents: found, read, written, thrown away, brought back. Answers and articles stand on one each."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal

from screens.base import DeskScreen
from screens.composing.canned import Preview
from screens.composing.editing import EditorFailed, edit_outside
from screens.desk import Desk
from screens.listing import ListScreen
from screens.widgets.bars import TopBar, key_glyph

FOUND_AT_MOST = 200
WIDE = 100
"""Columns from which on what a document says stands beside the list."""


class Document(Protocol):
    """What stands on a shelf."""

    @property
    def body(self) -> str: ...

    @property
    def folder(self) -> str: ...


Kept = TypeVar("Kept", bound=Document)


class ShelfScreen(ListScreen[Kept], Generic[Kept]):
    """All documents, or those that a search found, beside what the chosen one says."""

    asks = ""
    """What a search goes by, in words."""

    def __init__(self, desk: Desk) -> None:
        self.preview = Preview(self.inks)
        super().__init__(desk)
        self.list.moved = self._moved
        self.q = ""
        self._asked = ""
        """Of which it was asked whether to throw it away."""
        self._gone: Kept | None = None
        """The one thrown away last."""

    # --- what the documents are ---------------------------------------------------------------------------

    def key(self, document: Kept) -> str:
        """What names it on the shelf for ever."""
        raise NotImplementedError

    def called(self, document: Kept) -> str:
        """What people call it."""
        raise NotImplementedError

    def form(self, document: Kept | None, folder: str) -> DeskScreen[Kept | None]:
        """Where one is written; a new one belongs to the folder."""
        raise NotImplementedError

    async def save(self, document: Kept, body: str, *, new: bool = False) -> Kept:
        """Keep it with this text; a `new` one was thrown away before. Raises ClientError."""
        raise NotImplementedError

    async def throw_away(self, document: Kept) -> None:
        """Take it off the shelf. Raises ClientError."""
        raise NotImplementedError

    # --- the list -----------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        self.top = TopBar(self.desk, self.inks, self.title_text)
        yield self.top
        with Horizontal(id="answers-box"):
            yield self.list
            yield self.preview
        yield self.status_line
        yield self.key_line()

    def on_resize(self) -> None:
        self.preview.display = self.app.size.width >= WIDE

    async def reload(self) -> None:
        await super().reload()
        found = f" — {len(self.source.rows):,} for {self.q}" if self.q else f" — {len(self.source.rows):,}"
        self.top.title = f"{self.title_text}{found}"
        self.top.update()
        self._moved()

    def same(self, row: Kept, other: Kept | None) -> bool:
        return other is not None and self.key(row) == self.key(other)

    def _moved(self) -> None:
        row = self.list.current
        self.preview.put(row.body if row is not None else "")
        self._tell()

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
            argument = await self.ask("find", self.q, self._look, placeholder=self.asks)
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
            self._write(row)

    def do_new_answer(self) -> None:
        row = self.list.current
        self._write(None, folder=row.folder if row is not None else "")

    def _write(self, document: Kept | None, folder: str = "") -> None:
        def closed(saved: Kept | None) -> None:
            if saved is not None:
                self.start(self._saved(saved))

        self.push_over(self.form(document, folder), closed)

    async def _saved(self, document: Kept) -> None:
        await self.reload()
        at = next((n for n, row in enumerate(self.source.rows) if self.same(row, document)), None)
        if at is not None:
            self.list.move_to(at)
        self.desk.say(f"kept as {self.called(document)}", "good")

    async def do_edit_answer_outside(self) -> None:
        row = self.list.current
        if row is None:
            return
        try:
            body = edit_outside(self.app, row.body, suffix=".md")
        except EditorFailed as error:
            self.desk.say(str(error), "bad")
            return
        if body != row.body:
            await self._saved(await self.save(row, body))

    # --- throwing away ------------------------------------------------------------------------------------

    async def do_delete_answer(self) -> None:
        row = self.list.current
        if row is None:
            return
        if self._asked != self.key(row):
            self._asked = self.key(row)
            self.desk.say(f"{self._key('delete-answer')} again throws {self.called(row)} away", "bad")
            return
        await self.throw_away(row)
        self._asked, self._gone = "", row
        await self.reload()
        self.desk.say(f"thrown away; {self._key('restore-answer')} brings it back", "good")

    async def do_restore_answer(self) -> None:
        gone, self._gone = self._gone, None
        if gone is not None:
            await self._saved(await self.save(gone, gone.body, new=True))

    def _key(self, action: str) -> str:
        return key_glyph(self.desk.keymap.key(action, self.default_context))
