"""Choosing the colours: the screen behind has those of the theme the cursor is on."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip

from desk.fuzzy import ranked
from screens.comfort import Comforts, comforts_of
from screens.desk import Desk
from screens.finder import Finder
from screens.render import fit, strip
from screens.sheet import SheetTitle
from screens.themes import SHORT, TOLD, theme_name
from screens.widgets.ink import Inks


class ThemePicker(Finder[str, str]):
    """Ends with the name of a theme, or None: then the colours are what they were."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, self._paint, hint="type to find one; enter keeps it, esc goes back", moved=self._preview)
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

    def typed(self, text: str) -> None:
        if not text and len(self.source.rows) == len(self._all):
            return
        self.show(ranked(text, self._all, lambda name: (name, TOLD.get(name, "")), at_most=100))
        self._preview()

    def result(self, row: str) -> str:
        return row

    def end(self, result: str | None) -> None:
        self._comforts.previewing = False
        if result is None:
            self.app.theme = self._before
        super().end(result)
