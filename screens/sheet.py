"""A sheet of lines over the screen: the keys, why a message is here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from desk.commandline import usage
from desk.fuzzy import ranked
from desk.keymap import Action, Context, Keymap
from screens.base import Overlay
from screens.desk import Desk
from screens.finder import Choosing
from screens.render import cells, fit, shorten
from screens.widgets.bars import key_glyph
from screens.widgets.entry import Entry
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


class SheetLines(LineView):
    """The lines themselves, laid out anew for every width."""

    context: Context = "sheet"

    def __init__(self, inks: Callable[[], Inks], make: Lines) -> None:
        super().__init__(inks, id="sheet-lines")
        self.make = make

    def layout_lines(self, width: int) -> None:
        self.show(self.make(width))


class Sheet(Overlay[None]):
    """Lines to read; any of the keys that go back closes it."""

    default_context: Context = "sheet"

    def __init__(self, desk: Desk, title: str, make: Lines) -> None:
        super().__init__(desk)
        self._title = title
        self._make = make

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, self._title)
            yield SheetLines(self.inks, self._make)

    def on_mount(self) -> None:
        self.set_focus(self.query_one(SheetLines))
        self.take_keys()

    def do_back(self) -> None:
        self.dismiss()

    def do_quit(self) -> None:
        self.dismiss()

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss()


class KeySheet(Choosing, Sheet):
    """All keys; typing narrows them to what is meant."""

    default_context: Context = "finder"

    def __init__(self, desk: Desk, context: Context, text: str = "") -> None:
        super().__init__(desk, "All keys", self._lines)
        self._from = context
        self.entry = Entry(text, placeholder="type to find a key; esc closes", id="sheet-entry")

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet-box"):
            yield SheetTitle(self.inks, self._title)
            yield self.entry
            yield SheetLines(self.inks, self._make)

    def on_mount(self) -> None:
        self.choices = view = self.query_one(SheetLines)
        view.can_focus = False
        self.entry.cursor_position = len(self.entry.value)
        self.set_focus(self.entry)
        self.take_keys()

    def _lines(self, width: int) -> Sequence[Line]:
        return key_lines(self.desk.keymap, self._from, self.entry.value, width)

    def on_input_changed(self, event: Entry.Changed) -> None:
        view = self.query_one(SheetLines)
        view.show(self._lines(view.size.width), top=0)

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        self.dismiss()

    def do_cancel(self) -> None:
        self.dismiss()


def key_lines(keymap: Keymap, context: Context, typed: str, width: int) -> list[Line]:
    """The actions in their groups, those that are meant by what is typed; what works in the context stands out."""

    def texts(action: Action) -> tuple[str, ...]:
        return (action.name, action.help, action.group, *keymap.keys(action.name, context))

    meant = {action.name for action in ranked(typed, keymap.actions, texts, at_most=len(keymap.actions))}
    lines: list[Line] = []
    for group in dict.fromkeys(action.group for action in keymap.actions):
        of_group = [action for action in keymap.actions if action.group == group and action.name in meant]
        if of_group:
            lines.append(Line(((f" {group}", "accent"),)))
            lines += [_key_line(keymap, context, action, width) for action in of_group]
            lines.append(BLANK)
    return lines or [BLANK, Line((("  no key and no action is called that", "dim"),))]


def _key_line(keymap: Keymap, context: Context, action: Action, width: int) -> Line:
    here = context in action.contexts
    keys = " ".join(key_glyph(key) for key in keymap.keys(action.name, context))
    name = usage(action)
    wide = width >= 70
    room = width - 3 - 11 - (26 if wide else 1)
    text = shorten(action.help, room)
    where = "" if here else f"({', '.join(action.contexts[:3])})"
    return Line(
        (
            ("   ", "text"),
            (fit(keys or ":", 11), "key" if here else "dim"),
            (" " + fit(name, 24) + " " if wide else " ", "strong" if here else "dim"),
            (text, "text" if here else "dim"),
            ("  " + shorten(where, room - cells(text) - 2), "dim"),
        )
    )
