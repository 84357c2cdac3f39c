"""Where people type. These widgets paint their text raw, so what is pasted or put in passes the gate first."""

from __future__ import annotations

from textual import events
from textual.widgets import Input, TextArea

from screens.render import body, one_line


class Entry(Input):
    """One line of typing. Keys that it does not need go on to the screen."""

    def __init__(
        self, value: str = "", *, placeholder: str = "", password: bool = False, id: str | None = None
    ) -> None:
        super().__init__(
            one_line(value),
            placeholder=one_line(placeholder),
            password=password,
            id=id,
            select_on_focus=False,
            compact=True,
        )
        self.cursor_blink = False

    def hint(self, text: str) -> None:
        """What stands there, faintly, while nothing is typed."""
        self.placeholder = one_line(text)

    def put(self, text: str) -> None:
        """Replace what stands there; the cursor goes to the end."""
        self.value = one_line(text)
        self.cursor_position = len(self.value)

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        selection = self.selection
        self.replace(one_line(event.text), *sorted((selection.start, selection.end)))


class Editor(TextArea):
    """Several lines of typing."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, soft_wrap=True, tab_behavior="focus", compact=True, highlight_cursor_line=False)
        self.cursor_blink = False

    def put(self, text: str) -> None:
        """Replace what stands there; the cursor goes to the end."""
        self.load_text(body(text))
        self.move_cursor(self.document.end)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        result = self._replace_via_keyboard(body(event.text), *self.selection)
        if result is not None:
            self.move_cursor(result.end_location)
