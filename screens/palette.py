"""Find an action by its words: what can be done here, narrowed while typing."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip

from desk.keymap import ACTIONS, Action, Context
from screens.base import DeskScreen
from screens.desk import Desk
from screens.render import cells, fit, strip
from screens.widgets.bars import key_glyph
from screens.widgets.entry import Entry
from screens.widgets.ink import Inks
from screens.widgets.rowlist import ListSource, RowList

SHOWN_AT_MOST = 40


class Palette(DeskScreen[str | None], ModalScreen[str | None]):
    """Ends with the name of an action, or None."""

    default_context: Context = "prompt"

    def __init__(self, desk: Desk, context: Context) -> None:
        super().__init__(desk, id="palette")
        self._actions = [action for action in ACTIONS if context in action.contexts and action.group != "Move"]
        self.source: ListSource[Action] = ListSource(self._actions)
        self.list: RowList[Action] = RowList(
            self.source, self._paint, self.inks, keymap=desk.keymap, context="prompt", empty="no such action"
        )
        self.list.can_focus = False
        self.entry = Entry(placeholder="what do you want to do?")

    def compose(self) -> ComposeResult:
        with Vertical(id="palette-box"):
            yield self.entry
            yield self.list

    def on_mount(self) -> None:
        self.entry.focus()

    def _paint(self, row: Action, width: int, inks: Inks, on: str) -> Strip:
        key = key_glyph(self.desk.keymap.keys(row.name)[0])
        name = row.name.replace("-", " ")
        room = width - 26 - cells(key)
        on = "cursor" if on else ""
        spans = (
            ("▌" if on else " ", "accent"),
            (fit(name, 22), "strong"),
            (fit(row.help, room), "dim"),
            (f" {key} ", "key"),
        )
        return strip([(text, inks(ink, on)) for text, ink in spans], width, inks("text", on))

    def on_input_changed(self, event: Entry.Changed) -> None:
        words = event.value.casefold().split()
        found = [a for a in self._actions if all(word in f"{a.name} {a.help} {a.group}".casefold() for word in words)]
        found.sort(key=lambda action: not (words and action.name.startswith(words[0])))
        self.source.rows = found[:SHOWN_AT_MOST]
        self.list.cursor = self.list.top = 0
        self.list.repaint()

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        row = self.list.current
        self.dismiss(row.name if row is not None else None)

    def perform(self, action: str) -> None:
        if action == "cancel":
            self.dismiss(None)

    def key_down(self) -> None:
        self.list.act("down")

    def key_up(self) -> None:
        self.list.act("up")
