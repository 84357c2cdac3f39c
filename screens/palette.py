"""Find an action by a few letters: what can be done here, narrowed while typing."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip

from desk.commandline import usage
from desk.fuzzy import ranked
from desk.keymap import Action, Context
from screens.base import Overlay
from screens.desk import Desk
from screens.render import cells, fit, strip
from screens.widgets.bars import key_glyph
from screens.widgets.entry import Entry
from screens.widgets.ink import Inks
from screens.widgets.rowlist import ListSource, RowList

SHOWN_AT_MOST = 40


class Palette(Overlay[str | None]):
    """Ends with the name of an action, or None."""

    default_context: Context = "finder"

    def __init__(self, desk: Desk, context: Context, can: Callable[[str], bool]) -> None:
        super().__init__(desk)
        self._from = context
        here = [a for a in desk.keymap.here(context) if a.group != "Move" and a.name not in ("palette", "back")]
        self._actions = sorted(here, key=lambda action: not can(action.name))
        self.source: ListSource[Action] = ListSource(self._actions[:SHOWN_AT_MOST])
        self.list: RowList[Action] = RowList(
            self.source, self._paint, self.inks, context="finder", empty="no such action"
        )
        self.list.can_focus = False
        self.entry = Entry(placeholder="what do you want to do?")

    def compose(self) -> ComposeResult:
        with Vertical(id="palette-box"):
            yield self.entry
            yield self.list

    def on_mount(self) -> None:
        self.set_focus(self.entry)
        self.take_keys()

    def _paint(self, row: Action, width: int, inks: Inks, on: str) -> Strip:
        key = key_glyph(self.desk.keymap.key(row.name, self._from)) or ":"
        room = width - 28 - cells(key)
        on = "cursor" if on else ""
        spans = (
            ("▌" if on else " ", "accent"),
            (fit(usage(row), 24), "strong"),
            (fit(row.help, room), "dim"),
            (f" {key} ", "key"),
        )
        return strip([(text, inks(ink, on)) for text, ink in spans], width, inks("text", on))

    def on_input_changed(self, event: Entry.Changed) -> None:
        def texts(action: Action) -> tuple[str, ...]:
            return (action.name, action.help, action.group)

        self.source.rows = ranked(event.value, self._actions, texts, at_most=SHOWN_AT_MOST)
        self.list.cursor = self.list.top = 0
        self.list.repaint()

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        self._end(self.list.current)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self._end(self.list.current)

    def _end(self, row: Action | None) -> None:
        self.dismiss(row.name if row is not None else None)

    def do_cancel(self) -> None:
        self.dismiss(None)

    def do_next_choice(self) -> None:
        self.list.act("down")

    def do_previous_choice(self) -> None:
        self.list.act("up")

    def do_next_choices(self) -> None:
        self.list.act("page-down")

    def do_previous_choices(self) -> None:
        self.list.act("page-up")
