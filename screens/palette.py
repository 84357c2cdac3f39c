"""Find an action by a few letters: what can be done here, narrowed while typing."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip

from desk.commandline import usage
from desk.fuzzy import ranked
from desk.keymap import Action, Context
from screens.desk import Desk
from screens.finder import Finder
from screens.render import cells, fit, strip
from screens.widgets.bars import key_glyph
from screens.widgets.ink import Inks

SHOWN_AT_MOST = 40


class Palette(Finder[Action, str]):
    """Ends with the name of an action, or None."""

    def __init__(self, desk: Desk, context: Context, can: Callable[[str], bool]) -> None:

        here = [a for a in desk.keymap.here(context) if a.group != "Move" and a.name not in ("palette", "back")]
        self._actions = sorted(here, key=lambda action: not can(action.name))
        self._from = context
        super().__init__(
            desk,
            self._paint,
            hint="what do you want to do?",
            empty="no such action",
            rows=self._actions[:SHOWN_AT_MOST],
        )

    def compose(self) -> ComposeResult:
        with Vertical(id="palette-box"):
            yield self.entry
            yield self.list

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

    def typed(self, text: str) -> None:
        def texts(action: Action) -> tuple[str, ...]:
            return (action.name, action.help, action.group)

        self.show(ranked(text, self._actions, texts, at_most=SHOWN_AT_MOST))

    def result(self, row: Action) -> str:
        return row.name
