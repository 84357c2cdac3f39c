"""Choosing the colours: the screen behind has those of the theme the cursor is on."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip

from desk.fuzzy import ranked
from desk.keymap import Context
from screens.base import Overlay
from screens.comfort import Comforts, comforts_of
from screens.desk import Desk
from screens.render import fit, strip
from screens.sheet import SheetTitle
from screens.themes import SHORT, TOLD, theme_name
from screens.widgets.entry import Entry
from screens.widgets.ink import Inks
from screens.widgets.rowlist import ListSource, RowList


class ThemePicker(Overlay[str | None]):
    """Ends with the name of a theme, or None: then the colours are what they were."""

    default_context: Context = "finder"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, id="theme-picker")
        self.source: ListSource[str] = ListSource()
        self.list: RowList[str] = RowList(self.source, self._paint, self.inks, context="finder", moved=self._preview)
        self.list.can_focus = False
        self.entry = Entry(placeholder="type to find one; enter keeps it, esc goes back", id="sheet-entry")
        self._all: list[str] = []
        self._before = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, "Theme")
            yield self.entry
            yield self.list

    def on_mount(self) -> None:
        others = sorted(name for name in self.app.available_themes if not name.startswith(("desk-", "ansi-")))
        self._all = [*SHORT, *others]
        self._before = self.app.theme
        self._comforts.previewing = True
        self.source.rows = list(self._all)
        worn = next((name for name in self._all if theme_name(name) == self._before), self._all[0])
        self.list.settle(self._all.index(worn))
        self.set_focus(self.entry)
        self.take_keys()

    @property
    def _comforts(self) -> Comforts:
        return comforts_of(self.app)

    def _paint(self, row: str, width: int, inks: Inks, on: str) -> Strip:
        on = "cursor" if on else ""
        spans = (("▌" if on else " ", "accent"), (fit(row, 20), "strong"), (fit(TOLD.get(row, ""), width - 22), "dim"))
        return strip([(text, inks(ink, on)) for text, ink in spans], width, inks("text", on))

    def _preview(self) -> None:
        row = self.list.current
        if row is not None and self.is_attached and self._before:
            self._comforts.wear(row)

    def on_input_changed(self, event: Entry.Changed) -> None:
        event.stop()
        if not event.value and len(self.source.rows) == len(self._all):
            return
        self.source.rows = ranked(event.value, self._all, lambda name: (name, TOLD.get(name, "")), at_most=100)
        self.list.cursor = self.list.top = 0
        self.list.repaint()
        self._preview()

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        self._end(self.list.current)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self._end(self.list.current)

    def do_cancel(self) -> None:
        self._end(None)

    def _end(self, theme: str | None) -> None:
        self._comforts.previewing = False
        if theme is None:
            self.app.theme = self._before
        self.dismiss(theme)

    def do_next_choice(self) -> None:
        self.list.act("down")

    def do_previous_choice(self) -> None:
        self.list.act("up")

    def do_next_choices(self) -> None:
        self.list.act("page-down")

    def do_previous_choices(self) -> None:
        self.list.act("page-up")
