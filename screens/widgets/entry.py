"""Where people type. These widgets paint their text raw, so what is pasted or put in passes the gate first.

A key may move the focus, tab for one, or open something. Textual gives each key to whatever has the focus when the
key arrives, which is before the keys typed ahead of it were read: a quick `a tab b` would put the b beside the a. So
what is typed after a key that means something waits with it, and goes to whatever has the focus, or is being opened,
once the key has been carried out.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.strip import Strip
from textual.widgets import Input, TextArea
from textual.widgets.text_area import Edit, EditResult, Selection

from desk.answers.template import OPEN, unsettled
from screens.render import cells, fit, one_line, typed
from screens.widgets.lines import WholeLines

_JOINERS = re.compile("[\u200c\u200d\ufe0e\ufe0f]")
_UNSEEN = "\u034f"
"""What is painted for characters that join others: nothing, in no column, as they take none."""

Assistant = Callable[[str], Awaitable[bool]]
"""Sees each key that is not text before the widget does; True if that was all that was to be done with it."""


class _Typing:
    """What both widgets do with keys."""

    assistant: Assistant | None = None
    moving: frozenset[str] = frozenset()
    """Keys that may move the focus besides those of the keymap."""
    _behind: list[events.Key] | None = None
    """What was typed after a key that may move the focus,"""
    _opening: events.Key | None = None
    """which is this one."""

    def _forward_event(self: Any, event: events.Event) -> None:
        if isinstance(event, events.Key):
            if self._behind is not None:
                self._behind.append(event)
                return
            if getattr(self.screen, "holding", False):
                self.screen.take_key(event)
                return
            if self._may_move(event.key):
                self._behind, self._opening = [], event
        super()._forward_event(event)  # type: ignore[misc]

    def _may_move(self: Any, key: str) -> bool:
        if key in self.moving:
            return True
        screen = self.screen
        desk = getattr(screen, "desk", None)
        return desk is not None and desk.keymap.find(screen.context, key) is not None

    async def _take(self: Any, event: events.Key) -> None:
        try:
            await self._carry_out(event)
        finally:
            if self._behind is not None and event is self._opening:
                self._pass_on()

    def _pass_on(self: Any) -> None:
        behind, self._behind, self._opening = self._behind, None, None
        target = self.screen.focused or self
        for key in behind:
            if getattr(self.screen, "holding", False):
                self.screen.take_key(key)
            else:
                target._forward_event(events.Key(key.key, key.character))

    async def _carry_out(self: Any, event: events.Key) -> None:
        """Carry out a key that is not text at once: as the assistant, the keymap or the widget has it.

        Textual would do so only after the key had bubbled up to the app, when letters typed after it are in the text
        already: a quick `backspace x` would delete the x.
        """
        screen = self.screen
        take = getattr(screen, "take_key", None)
        if take is not None and getattr(screen, "holding", False):
            take(event)
            return
        if event.is_printable and not event.key.startswith("alt+"):
            return
        if event.is_printable:
            event.prevent_default()
        if self.assistant is not None and await self.assistant(event.key):
            event.stop()
            event.prevent_default()
            return
        if take is not None and screen.desk.keymap.find(screen.context, event.key):
            take(event)
            return
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return
        if take is not None:
            take(event)

    def on_unmount(self) -> None:
        self._behind = None


class Entry(_Typing, WholeLines, Input):
    """One line of typing. Keys that it does not need go on to the screen."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        password: bool = False,
        select_on_focus: bool = False,
        id: str | None = None,
    ) -> None:
        """With `select_on_focus`, what is typed first replaces what stands there."""
        super().__init__(
            one_line(value),
            placeholder=one_line(placeholder),
            password=password,
            id=id,
            select_on_focus=select_on_focus,
            compact=True,
        )
        self.cursor_blink = False

    def ends_with_enter(self) -> None:
        """What is typed after enter is for what comes then: it waits until the screen has taken the answer."""
        self.moving = frozenset(("enter",))
        self.assistant = self._end

    async def _end(self, key: str) -> bool:
        if key == "enter":
            self.screen.hold_keys()  # type: ignore[attr-defined]
        return False

    def render_line(self, y: int) -> Strip:
        """As Textual does; while nobody types, text is shown from its beginning and ends in an ellipsis at the edge."""
        width = self.size.width
        if y or self.has_focus or self.password or cells(self.value) <= width:
            return super().render_line(y)
        return Strip([Segment(fit(one_line(self.value), width), self.rich_style)], width)

    def hint(self, text: str) -> None:
        """What stands there, faintly, while nothing is typed."""
        self.placeholder = one_line(text)

    def put(self, text: str) -> None:
        """Replace what stands there; the cursor goes to the end."""
        self.value = one_line(text)
        self.cursor_position = len(self.value)
        if self.select_on_focus and self.has_focus:
            self.action_select_all()

    async def _on_key(self, event: events.Key) -> None:
        await self._take(event)

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        selection = self.selection
        self.replace(one_line(event.text), *sorted((selection.start, selection.end)))


class Editor(_Typing, WholeLines, TextArea):
    """Several lines of typing. What is typed is kept as it is, joiners too; it is painted safely."""

    BINDINGS = [  # noqa: RUF012
        ("alt+b", "cursor_word_left", ""),
        ("alt+f", "cursor_word_right", ""),
        ("alt+d", "delete_word_right", ""),
        ("alt+less_than_sign", "to_start", ""),
        ("alt+greater_than_sign", "to_end", ""),
        ("ctrl+home", "to_start", ""),
        ("ctrl+end", "to_end", ""),
    ]

    edited: Callable[[], None] | None = None
    """Called as soon as the text has changed, before any key typed after."""
    gap_style: Style | None = None
    """How a placeholder is painted that nobody has settled."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, soft_wrap=True, tab_behavior="focus", compact=True, highlight_cursor_line=False)
        self.cursor_blink = False

    def put(self, text: str) -> None:
        """Replace what stands there; the cursor goes to the end."""
        self.load_text(typed(text))
        self.move_cursor(self.document.end)

    def write_over(self, text: str) -> None:
        """Replace all of it as typing would: it can be undone."""
        result = self.replace(typed(text), (0, 0), self.document.end)
        self.move_cursor(result.end_location)

    def edit(self, edit: Edit) -> EditResult:
        result = super().edit(edit)
        if self.edited is not None:
            self.edited()
        return result

    async def _on_key(self, event: events.Key) -> None:
        await self._take(event)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        result = self._replace_via_keyboard(typed(event.text), *self.selection)
        if result is not None:
            self.move_cursor(result.end_location)

    def action_to_start(self) -> None:
        self.move_cursor((0, 0))

    def action_to_end(self) -> None:
        self.move_cursor(self.document.end)

    def get_line(self, line_index: int) -> Text:
        text = self.document.get_line(line_index)
        if text.isascii():
            return Text(text, end="", no_wrap=True)
        line = Text(_JOINERS.sub(_UNSEEN, text), end="", no_wrap=True)
        if self.gap_style is not None:
            for gap in unsettled(text):
                line.stylize(self.gap_style, gap.start, gap.end)
        return line

    # --- placeholders that nobody has settled -------------------------------------------------------------

    @property
    def gaps(self) -> int:
        """How many there are."""
        return sum(1 for _ in self._gaps())

    def _gaps(self) -> Iterator[Selection]:
        for row, text in enumerate(self.document.lines):
            if OPEN in text:
                yield from (Selection((row, gap.start), (row, gap.end)) for gap in unsettled(text))

    def next_gap(self) -> bool:
        """Select the first one after the cursor, or else the first; False if there is none."""
        found = list(self._gaps())
        if not found:
            return False
        at = max(self.selection)
        self.selection = next((gap for gap in found if gap.start >= at), found[0])
        self.scroll_cursor_visible()
        return True
