"""Writing a document: its lines above, its text below. Canned answers and help articles are written so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from desk.client import Refused
from desk.keymap import Action, Context
from screens.base import Overlay
from screens.composing.editing import EditorFailed, edit_outside
from screens.composing.fields import Label
from screens.desk import Desk
from screens.render import typed
from screens.sheet import SheetTitle
from screens.widgets.bars import StatusLine
from screens.widgets.entry import Editor, Entry

D = TypeVar("D")

Lines = Sequence[tuple[str, str, str]]
"""Of each line above the text: its name, its label, what is shown while it is empty."""


class DocumentForm(Overlay[D | None], Generic[D]):
    """Ends with the document as it was kept, or None."""

    default_context: Context = "note"
    lines: Lines = ()

    def __init__(self, desk: Desk, document: D | None) -> None:
        super().__init__(desk, id="answer-form")
        self.document = document
        self.entries = {name: Entry(placeholder=hint) for name, _, hint in self.lines}
        for entry in self.entries.values():
            entry.moving = frozenset({"enter", "up", "down"})
            entry.assistant = self._key
        self.editor = Editor(id="editor")

    # --- what each kind says ------------------------------------------------------------------------------

    def heading(self) -> str:
        """What stands above it all."""
        raise NotImplementedError

    def values(self) -> Mapping[str, str]:
        """What stands in the lines at first; `body` is the text."""
        raise NotImplementedError

    def below(self) -> Sequence[Widget]:
        """What stands under the text."""
        return ()

    async def keep(self, texts: Mapping[str, str], body: str) -> D:
        """Keep what is written. Raises Refused."""
        raise NotImplementedError

    async def again(self, document: D) -> D:
        """The document as it is now. Raises Refused."""
        raise NotImplementedError

    # --- how it looks -------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, self.heading())
            for name, label, _ in self.lines:
                with Horizontal(classes="part"):
                    yield Label(label, self.inks)
                    yield self.entries[name]
            yield self.editor
            yield from self.below()
            yield StatusLine(self.desk, self.inks)
            yield self.key_line()

    def on_mount(self) -> None:
        for name, value in self.values().items():
            if name == "body":
                self.editor.put(value)
            else:
                self.entries[name].put(value)
        self.entries["folder"].disabled = self.document is not None
        self.set_focus(self.editor if self.document is not None else self.entries["title"])
        self.take_keys()

    def word(self, action: Action) -> str:
        return {"send": "keep", "leave": "leave"}.get(action.name, action.label)

    def can(self, action: str) -> bool:
        return action not in ("send-next", "discard", "command-here", "palette") and super().can(action)

    # --- moving about -------------------------------------------------------------------------------------

    async def _key(self, key: str) -> bool:
        if key in ("enter", "down", "up"):
            self._move(-1 if key == "up" else 1)
            return True
        return False

    def do_next_part(self) -> None:
        self._move(1)

    def do_previous_part(self) -> None:
        self._move(-1)

    def _move(self, by: int) -> None:
        parts = [*(entry for entry in self.entries.values() if not entry.disabled), self.editor]
        at = next((index for index, part in enumerate(parts) if part.has_focus), 0)
        self.set_focus(parts[(at + by) % len(parts)], scroll_visible=False)

    # --- keeping ------------------------------------------------------------------------------------------

    async def do_send(self) -> None:
        """Keep it; what the server has against it is told, and everything stays as typed."""
        texts = {name: entry.value.strip() for name, entry in self.entries.items()}
        old = self.document
        try:
            saved = await self.keep(texts, typed(self.editor.text))
        except Refused as error:
            if error.problem.code == "stale" and old is not None:
                self.document = await self.again(old)
                self.desk.say("somebody changed the file meanwhile: the same key again keeps yours instead", "bad")
                return
            raise
        self.dismiss(saved)

    def do_leave(self) -> None:
        self.dismiss(None)

    async def do_editor(self) -> None:
        try:
            body = edit_outside(self.app, self.editor.text, suffix=".md")
        except EditorFailed as error:
            self.desk.say(str(error), "bad")
            return
        if body != self.editor.text:
            self.editor.write_over(body)
