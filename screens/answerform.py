"""Writing a canned answer: its lines, its text, and what its placeholders are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from desk.answers.model import Answer, NewAnswer
from desk.answers.template import placeholders
from desk.client import Refused
from desk.keymap import Action, Context
from screens.base import Overlay
from screens.composing.editing import EditorFailed, edit_outside
from screens.composing.fields import Label
from screens.desk import Desk
from screens.render import shorten, typed
from screens.sheet import SheetTitle
from screens.widgets.bars import StatusLine
from screens.widgets.entry import Editor, Entry
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

LINES = (
    ("title", "Title", ""),
    ("shortcut", "::", "one word; made from the title if empty"),
    ("language", "Language", "such as de or pt-BR; empty: for everybody"),
    ("folder", "Folder", "such as shipping; @ before it: only mine"),
)


class Names(Bar):
    """The placeholders that the text holds, or an example of one."""

    def __init__(self, form: AnswerForm, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="answer-names")
        self._form = form

    def bar_lines(self, width: int) -> Sequence[Line]:
        names = list(dict.fromkeys(each.name for each in placeholders(self._form.editor.text)))
        told = ", ".join(names) if names else "{customer.first_name|there}, {agent.name}, {date}"
        told = f"placeholders: {told}"
        return [Line(((" ", "text"), (shorten(told, width - 2), "accent" if names else "dim")))]


class AnswerForm(Overlay[Answer | None]):
    """Ends with the answer as it was kept, or None."""

    default_context: Context = "note"

    def __init__(self, desk: Desk, answer: Answer | None, folder: str = "") -> None:
        super().__init__(desk, id="answer-form")
        self._answer = answer
        self._folder = folder
        self.entries = {name: Entry(placeholder=hint) for name, _, hint in LINES}
        for entry in self.entries.values():
            entry.moving = frozenset({"enter", "up", "down"})
            entry.assistant = self._key
        self.editor = Editor(id="editor")
        self.names = Names(self, self.inks)

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, "New answer" if self._answer is None else f"Answer {self._answer.key}")
            for name, label, _ in LINES:
                with Horizontal(classes="part"):
                    yield Label(label, self.inks)
                    yield self.entries[name]
            yield self.editor
            yield self.names
            yield StatusLine(self.desk, self.inks)
            yield self.key_line()

    def on_mount(self) -> None:
        answer = self._answer
        self.entries["folder"].put(_folder(answer) if answer is not None else self._folder)
        if answer is not None:
            self.entries["title"].put(answer.title)
            self.entries["shortcut"].put(answer.shortcut)
            self.entries["language"].put(answer.language)
            self.entries["folder"].disabled = True
            self.editor.put(answer.body)
        self.set_focus(self.editor if answer is not None else self.entries["title"])
        self.take_keys()

    def on_text_area_changed(self) -> None:
        self.names.update()

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
        old = self._answer
        new = NewAnswer(
            title=texts["title"],
            body=typed(self.editor.text),
            shortcut=texts["shortcut"],
            language=texts["language"],
            tags=old.tags if old is not None else (),
            attachments=old.attachments if old is not None else (),
        )
        client = self.desk.client
        try:
            if old is not None:
                saved = await client.save_answer(new, key=old.key, rev=old.rev)
            else:
                mine = texts["folder"].startswith("@")
                saved = await client.save_answer(new, folder=texts["folder"].lstrip("@/ "), personal=mine)
        except Refused as error:
            if error.problem.code == "stale" and old is not None:
                self._answer = await client.answer(old.key)
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


def _folder(answer: Answer) -> str:
    return ("@" if answer.owner else "") + answer.folder
