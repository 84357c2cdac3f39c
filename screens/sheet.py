"""A sheet of lines over the screen: the keys, why a message is here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from desk.keymap import ACTIONS, Context, Keymap
from screens.base import DeskScreen
from screens.desk import Desk
from screens.render import fit, shorten
from screens.widgets.bars import key_glyph
from screens.widgets.ink import Inks
from screens.widgets.lines import BLANK, Bar, Line, LineView

Lines = Callable[[int], Sequence[Line]]


class SheetTitle(Bar):
    """The title line of what stands over a screen."""

    def __init__(self, inks: Callable[[], Inks], title: str) -> None:
        super().__init__(inks, id="sheet-title")
        self._title = title

    def bar_lines(self, width: int) -> Sequence[Line]:
        return [Line(((" ", "bar"), (shorten(self._title, width - 2), "strong")), on="bar")]


class _SheetView(LineView):
    context: Context = "sheet"

    def __init__(self, inks: Callable[[], Inks], make: Lines) -> None:
        super().__init__(inks, id="sheet-lines")
        self._make = make

    def layout_lines(self, width: int) -> None:
        self.show(self._make(width))


class Sheet(DeskScreen[None], ModalScreen[None]):
    """Lines to read; any of the keys that go back closes it."""

    default_context: Context = "sheet"

    def __init__(self, desk: Desk, title: str, make: Lines) -> None:
        super().__init__(desk, id="sheet")
        self._title = title
        self._make = make

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, self._title)
            yield _SheetView(self.inks, self._make)

    def on_mount(self) -> None:
        self.query_one(_SheetView).focus()

    def do_back(self) -> None:
        self.dismiss()

    def do_quit(self) -> None:
        self.dismiss()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss()


def help_lines(keymap: Keymap, context: Context) -> Lines:
    """All actions in their groups; those that work where the rep came from stand out."""

    def make(width: int) -> list[Line]:
        lines: list[Line] = []
        for group in dict.fromkeys(action.group for action in ACTIONS):
            lines.append(Line(((f" {group}", "accent"),)))
            for action in ACTIONS:
                keys = keymap.keys(action.name)
                if action.group != group or not keys:
                    continue
                here = context in action.contexts
                shown = fit(" ".join(key_glyph(key) for key in keys), 12)
                where = "" if here else f"({', '.join(action.contexts[:3])})"
                text = shorten(action.help, width - 18)
                lines.append(
                    Line(
                        (
                            ("   ", "text"),
                            (shown, "key" if here else "dim"),
                            (" " + text, "text" if here else "dim"),
                            ("  " + shorten(where, width - 19 - len(text)), "dim"),
                        )
                    )
                )
            lines.append(BLANK)
        return lines

    return make
