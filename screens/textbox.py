"""A text of several lines, written in a box over the screen: a signature, an automatic answer."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from desk.keymap import Context
from desk.text import clean
from screens.base import Overlay
from screens.desk import Desk
from screens.sheet import SheetTitle
from screens.widgets.bars import StatusLine
from screens.widgets.entry import Editor


class TextBox(Overlay[str | None]):
    """Ends with the text, or None if it was left as it was."""

    default_context: Context = "note"

    def __init__(self, desk: Desk, title: str, text: str) -> None:
        super().__init__(desk, id="text-box")
        self._title = title
        self._text = text
        self.editor = Editor(id="editor")

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, self._title)
            yield self.editor
            yield StatusLine(self.desk, self.inks)
            yield self.key_line()

    def on_mount(self) -> None:
        self.editor.put(self._text)
        self.set_focus(self.editor)
        self.take_keys()

    def do_send(self) -> None:
        self.dismiss(clean(self.editor.text))

    def do_leave(self) -> None:
        self.dismiss(None)
