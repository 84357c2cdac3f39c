"""All settings on one screen: found by a few letters, changed in place, each with its help and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.strip import Strip

from desk.client import Refused
from desk.keymap import Context
from desk.settings.field import Field
from desk.settings.fields import KIND_OF, field_at
from desk.settings.judging import as_toml, typed, written
from desk.settings.places import join_path, split_path
from desk.settings.shown import SettingValue
from screens.base import DeskScreen
from screens.comfort import from_file
from screens.desk import Desk
from screens.feed import Dirty
from screens.finder import Choosing
from screens.render import fit, one_line, shorten, strip, wrap
from screens.widgets.bars import StatusLine, TopBar
from screens.widgets.entry import Entry
from screens.widgets.ink import Inks
from screens.widgets.lines import BLANK, Bar, Line
from screens.widgets.rowlist import ListSource, RowList

if TYPE_CHECKING:
    from screens.prompt import Judge

HELP_LINES = 4
GROUP_CELLS = 20
READABLE = 110
"""The most cells a line of help has."""
EXAMPLES = {
    "lines": "",
    "number": "a number",
    "duration": "such as 45s, 90m, 8h, 2d",
    "command": 'such as pass show mail/help, or ["pass", "show", "mail/help"]',
    "keys": "such as R, or: f5, g r",
    "query": "such as is:unread priority:urgent",
    "steps": "such as tag +late; snooze 3d",
    "toml": 'as in desk.toml: a text, ["a", "b"], { host = "…" }',
}


class Shown(Struct, frozen=True):
    """A setting as a row; only the first of its table names it."""

    path: str
    group: str
    name: str
    told: str
    line: int | None
    given: bool
    """desk.toml says it."""


class _Help(Bar):
    """What the setting under the cursor is for, and where it comes from."""

    def __init__(self, screen: SettingsScreen) -> None:
        super().__init__(screen.inks, id="setting-help")
        self._of = screen

    def bar_lines(self, width: int) -> Sequence[Line]:
        value = self._of.current
        if value is None:
            return [BLANK] * HELP_LINES
        lines = [Line((("─" * width, "rule"),))]
        told = list(wrap(one_line(f"{value.path} — {value.help}"), min(width - 2, READABLE)))
        lines += [Line(((f" {part}", "text"),)) for part in told[: HELP_LINES - 2]]
        lines += [BLANK] * (HELP_LINES - 1 - len(lines))
        return [*lines, Line(tuple(self._origin(value, width - 1)))]

    def _origin(self, value: SettingValue, room: int) -> Iterator[tuple[str, str]]:
        place = f"desk.toml:{value.line}" if value.line else "desk.toml"
        default = value.shown or (as_toml(value.default) if value.default not in (None, "") else "nothing")
        told = [place if value.source == "desk.toml" else "not in desk.toml", f"default: {default}"]
        if value.choices:
            told.append(" | ".join(value.choices) + (" | …" if value.others else ""))
        if value.effect != "now":
            told.append(f"counts for {value.effect}")
        yield " " + shorten(" · ".join(told), room), "dim"


class _Filter(Entry):
    context: Context = "finder"


class SettingsScreen(Choosing, DeskScreen[None]):
    """Enter changes what the cursor is on: switches turn, choices go round, everything else is typed and judged."""

    default_context: Context = "settings"

    def __init__(self, desk: Desk, words: str = "") -> None:
        super().__init__(desk, id="settings")
        self._values: dict[str, SettingValue] = {}
        self.source: ListSource[Shown] = ListSource()
        self.list: RowList[Shown] = RowList(
            self.source,
            self._paint,
            self.inks,
            context="settings",
            empty="no setting has these words",
            moved=self._moved,
        )
        self.choices = self.list
        self.entry = _Filter(words, placeholder="all settings; / finds some of them", id="setting-entry")
        self.help = _Help(self)

    def compose(self) -> ComposeResult:
        yield TopBar(self.desk, self.inks, "settings — what desk.toml says, and what it could")
        yield self.entry
        yield self.list
        yield self.help
        yield StatusLine(self.desk, self.inks)
        yield self.key_line()

    def on_mount(self) -> None:
        self.list.focus()
        self.start(self.reload())
        self.set_interval(1.0, self.update_bars)

    # --- the list -----------------------------------------------------------------------------------------

    @property
    def current(self) -> SettingValue | None:
        """The setting under the cursor."""
        row = self.list.current
        return self._values.get(row.path) if row is not None else None

    async def reload(self, at: str = "") -> None:
        """Ask again; the cursor stays on its setting, or goes to the one named."""
        self._values = {value.path: value for value in await self.desk.client.settings()}
        self._filter(at)

    async def absorb(self, dirty: Dirty) -> None:
        if dirty.touches("setting"):
            await self.reload()

    def _filter(self, at: str = "") -> None:
        current = at or (self.list.current.path if self.list.current else "")
        words = self.entry.value.lower().split()
        found = [value for value in self._values.values() if all(word in _haystack(value) for word in words)]
        rows = []
        group = ""
        for value in found:
            rows.append(_row(value, value.group if value.group != group else ""))
            group = value.group
        self.source.rows = rows
        paths = [row.path for row in rows]
        self.list.settle(paths.index(current) if current in paths else 0)
        self.list.repaint()
        self._moved()

    def _moved(self) -> None:
        if self.is_attached:
            self.help.update()
            self.update_bars()

    def _paint(self, row: Shown, width: int, inks: Inks, on: str) -> Strip:
        room = width - 1
        group = min(GROUP_CELLS, room // 4)
        name = min(28, room // 3)
        place = 14 if room >= 70 and row.line else 0
        spans = (
            ("▌" if on else " ", "accent"),
            (fit(row.group, group - 1) + " ", "name"),
            (fit(row.name, name - 1) + " ", "strong" if row.given else "text"),
            (fit(row.told, room - group - name - place), "good" if row.given else "dim"),
            (fit(f"desk.toml:{row.line}" if row.line else "", place), "dim"),
        )
        return strip([(text, inks(ink, on)) for text, ink in spans], width, inks("text", on))

    # --- finding ------------------------------------------------------------------------------------------

    def do_find_setting(self) -> None:
        self.set_focus(self.entry)
        self.release_keys()

    def on_input_changed(self, event: Entry.Changed) -> None:
        event.stop()
        if event.input is self.entry:
            self._filter()

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        if event.input is self.entry:
            event.stop()
            self.list.focus()

    def do_cancel(self) -> None:
        self.entry.put("")
        self.list.focus()

    def do_quit(self) -> None:
        self.dismiss()

    def do_back(self) -> None:
        if self.desk.hush():
            return
        if self.entry.value:
            self.entry.put("")
        else:
            self.dismiss()

    # --- changing -----------------------------------------------------------------------------------------

    def can(self, action: str) -> bool:
        value = self.current
        if action == "open":
            return value is not None
        if action == "unset-setting" and value is not None:
            return value.source == "desk.toml"
        return super().can(action)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.perform("open")

    def do_open(self) -> None:
        value = self.current
        if value is None:
            return
        if value.kind == "switch":
            self._change(value.path, not value.value)
        elif value.name == "theme":
            self._pick_theme(value)
        elif value.kind == "choice" and not value.others:
            self._change(value.path, _next(value.choices, value.value))
        elif value.kind == "lines":
            self._write_lines(value)
        else:
            self.open_for_typing(self._ask(value.path, self._field(value), written(value.value)))

    def _pick_theme(self, value: SettingValue) -> None:
        from screens.themepicker import ThemePicker

        def chosen(theme: str | None) -> None:
            if theme is not None:
                self._change(value.path, theme)

        self.push_over(ThemePicker(self.desk), chosen)

    def _write_lines(self, value: SettingValue) -> None:
        from screens.textbox import TextBox

        def written_down(text: str | None) -> None:
            if text is not None:
                self._change(value.path, text)

        self.push_over(TextBox(self.desk, value.path, str(value.value or "")), written_down)

    async def _ask(self, path: str, field: Field | None, text: str) -> None:
        """Have a value typed until it will do; what the server refuses stays there to be mended."""
        refused: dict[str, str] = {}
        name = split_path(path)[-1]
        while True:
            answer = await self.ask(
                name, text, _judge(field, name, refused), placeholder=EXAMPLES.get(_kind(field), "")
            )
            if answer is None:
                return
            self.hold_keys()
            try:
                await self._set(path, typed(field, answer))
            except Refused as error:
                text = answer
                refused[answer] = from_file(error.problem.message.split("\n")[0])
            else:
                return

    def _change(self, path: str, value: Any) -> None:
        """Set it; keys pressed meanwhile are for what is set then."""
        self.open_for_typing(self._set(path, value))

    async def _set(self, path: str, value: Any) -> None:
        changed = await self.desk.client.set_setting(path, value)
        one = next((each for each in changed if each.path == path), None)
        line = f" (desk.toml:{one.line})" if one is not None and one.line else ""
        self.desk.say(f"{path} = {as_toml(value)}{line}", "good")
        await self.reload(path)
        self.release_keys()

    def do_unset_setting(self, argument: str | None = None) -> None:
        path = (argument or (self.current.path if self.current is not None else "")).strip()
        if path:
            self.open_for_typing(self._unset(path))

    async def _unset(self, path: str) -> None:
        try:
            await self.desk.client.unset_setting(path)
        except Refused as error:
            table = join_path(split_path(path)[:-1])
            hint = f"; :unset-setting {table} takes all of it out" if path.count(".") > 1 else ""
            self.desk.say(from_file(error.problem.message.split("\n")[0]) + hint, "bad")
            return
        self.desk.say(f"{path} is no longer in desk.toml", "good")
        await self.reload()
        self.release_keys()

    async def do_new_setting(self, argument: str | None = None) -> None:
        path = argument or await self.ask("setting", "", _is_path, placeholder="such as views.late, macros.late.steps")
        if path:
            known = self._values.get(path.strip())
            field = self._field(known) if known else self._field_of(path)
            await self._ask(path.strip(), field, written(known.value) if known else "")

    def _field(self, value: SettingValue) -> Field | None:
        return self._field_of(value.path) or Field(path="value", kind=value.kind, help=value.help)

    def _field_of(self, path: str) -> Field | None:
        parts = split_path(path.strip())
        key, kind = KIND_OF.get(parts[0], ("", ""))
        known = self._values.get(join_path((*parts[:2], key))) if key else None
        return field_at(parts, str(known.value) if known is not None else kind)


def _row(value: SettingValue, group: str) -> Shown:
    told = written(value.value) or value.shown or "–"
    return Shown(value.path, group, value.name, told, value.line, value.source == "desk.toml")


def _haystack(value: SettingValue) -> str:
    return f"{value.path} {value.help} {written(value.value)}".lower()


def _next(choices: Sequence[str], value: object) -> str:
    at = choices.index(value) if value in choices else -1
    return choices[(at + 1) % len(choices)]


def _kind(field: Field | None) -> str:
    return field.kind if field is not None else "toml"


def _judge(field: Field | None, name: str, refused: dict[str, str]) -> Judge:
    def judge(text: str) -> tuple[str, bool]:
        if text in refused:
            return refused[text], False
        try:
            typed(replace(field, path=name.replace(".", " ")) if field is not None else None, text)
        except ValueError as error:
            return str(error), False
        return "enter writes it into desk.toml", True

    return judge


def _is_path(text: str) -> tuple[str, bool]:
    try:
        parts = split_path(text.strip())
    except ValueError:
        return 'a name with dots, such as views.late or accounts."a.b".queue', False
    if len(parts) < 2:
        return f"{parts[0]} is a table; go on with a dot and a key", False
    return "", True
