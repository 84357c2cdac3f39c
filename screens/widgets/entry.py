"""Where people type. These widgets paint their text raw, so what is pasted or put in passes the gate first."""

from __future__ import annotations

from textual import events
from textual.widget import Widget
from textual.widgets import Input, TextArea

from screens.render import body, one_line


async def _own_key(widget: Widget, event: events.Key) -> None:
    """Carry out a widget's own key at once, or else what the key means on its screen.

    Textual does so only after a key has bubbled up to the app, when letters typed after it are in the text already:
    a quick `backspace x` would delete the x.
    """
    if event.is_printable:
        return
    for binding in widget._bindings.key_to_bindings.get(event.key, ()):
        if await widget.app.run_action(binding.action, widget):
            event.stop()
            event.prevent_default()
            return
    take = getattr(widget.screen, "take_key", None)
    if take is not None:
        take(event)


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

    async def _on_key(self, event: events.Key) -> None:
        await _own_key(self, event)

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

    async def _on_key(self, event: events.Key) -> None:
        await _own_key(self, event)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        result = self._replace_via_keyboard(body(event.text), *self.selection)
        if result is not None:
            self.move_cursor(result.end_location)
