"""The `:` line: an action by its name and what it is told, completed, checked before it runs, and remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.strip import Strip

from desk.commandline import Choice, Command, CommandError, Completion, check, complete, parse, usage
from desk.fuzzy import ranked
from desk.keymap import BY_NAME, Context, lacking
from desk.times import parse_when
from screens.base import Overlay
from screens.desk import Desk
from screens.render import cells, fit, one_line, strip
from screens.times import full_stamp
from screens.values import Values
from screens.widgets.entry import Entry
from screens.widgets.hint import Hint
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line
from screens.widgets.rowlist import ListSource, RowList

OFFERED_AT_ONCE = 8
"""Rows of completions on the screen."""
NOTHING = Completion(0, 0, ())


class _Colon(Bar):
    def __init__(self, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="colon")
        self.text = ":"

    def bar_lines(self, width: int) -> Sequence[Line]:
        return [Line(((self.text, "accent"),))]


class CommandLine(Overlay[Command | None]):
    """Ends with what to do, or None. A line that cannot be carried out stays, to be mended."""

    default_context: Context = "command"

    def __init__(self, desk: Desk, context: Context, can: Callable[[str], bool], text: str = "") -> None:
        super().__init__(desk)
        self._from = context
        self._can = can
        self._actions = [
            action for action in desk.keymap.actions
            if context in action.contexts and " " not in action.name and action.name not in ("command", "command-here")
        ]  # fmt: skip
        self.values = Values(desk)
        self.source: ListSource[Choice] = ListSource()
        self.offers: RowList[Choice] = RowList(self.source, self._paint, self.inks, context="command")
        self.offers.can_focus = False
        self.colon = _Colon(self.inks)
        self.entry = Entry(id="command-entry")
        self.hint = Hint(self.inks, id="command-hint")
        self._completion = NOTHING
        self._base = ""
        """The line that is being completed, as it was typed."""
        self._at = -1
        """Which completion stands in the line; -1 if none."""
        self._put = text
        self._walked = -1
        """How many lines back the line on the screen was typed; -1 if it is typed now."""
        self._typed = text
        self._finding = False

    def compose(self) -> ComposeResult:
        with Vertical(id="command-box"):
            yield self.offers
            with Horizontal(id="command-row"):
                yield self.colon
                yield self.entry
            yield self.hint

    def on_mount(self) -> None:
        self._write(self._put)
        self.set_focus(self.entry)
        self.take_keys()
        self._look()
        self.start(self._load(), group="values", alone=True)

    def _write(self, line: str) -> None:
        """Put a line where it is typed; a space at its end stays."""
        self._put = one_line(line) + " " * line.endswith(" ")
        self.entry.value = self._put
        self.entry.cursor_position = len(self._put)

    async def _load(self) -> None:
        await self.values.load()
        if self._at < 0:
            self._look()

    # --- looking at the line ------------------------------------------------------------------------------

    def on_input_changed(self, event: Entry.Changed) -> None:
        event.stop()
        self._catch_up()
        if self._at < 0:
            self._look()
        else:
            self._tell()

    def _catch_up(self) -> None:
        """Look at what was typed. Keys come sooner than the news that the text before them changed."""
        if self.entry.value != self._put:
            self._at = self._walked = -1
            self._typed = self._put = self.entry.value
            self._look()

    def _look(self) -> None:
        """Offer what could stand at the cursor, and say what the line would do."""
        line = self.entry.value
        if self._finding:
            lines = [Choice(each) for each in reversed(self.desk.history().lines)]
            found = ranked(line, lines, lambda each: each, at_most=200) if line.strip() else lines[:200]
            self._completion = Completion(0, len(line), found)
        else:
            self._base = line
            self._completion = complete(line, self.entry.cursor_position, self._actions, self.values.choices)
            if self.values.missing:
                self.start(self._load(), group="values", alone=True)
        self._show()
        self._tell()

    def _show(self) -> None:
        """The choices, once something is typed that they could complete."""
        line = self.entry.value
        done = [choice.text for choice in self._completion.choices] == [line[self._completion.start :]]
        hidden = not self._finding and (not line.strip() or done)
        self.source.rows = [] if hidden else list(self._completion.choices)
        self.offers.cursor = self.offers.top = 0
        self.offers.display = bool(self.source.rows)
        self.offers.styles.height = min(len(self.source.rows), OFFERED_AT_ONCE)
        self.offers.repaint()

    def _tell(self, error: CommandError | None = None) -> None:
        if error is None:
            self.hint.tell(self._meaning())
            return
        column = 1 + cells(self.entry.value[: error.start])
        width = cells(self.entry.value[error.start : error.end])
        self.hint.tell(str(error), "bad", (column, column + width))

    def _meaning(self) -> str:
        line = self.entry.value
        if self._finding:
            return "a line typed before, by some of its letters; enter takes it"
        if not line.strip():
            return "an action, or a row's number · tab completes · ↑ ^r earlier lines · esc leaves"
        try:
            command = parse(line, self._actions)
        except CommandError as error:
            return str(error)
        action = BY_NAME[command.action]
        if action.argument == "time" and command.argument is not None:
            at = parse_when(command.argument, self.desk.clock.now())
            return f"→ {full_stamp(at)}" if at is not None else f"{command.argument} is past"
        return f"{usage(action)} — {action.help}"

    def _paint(self, row: Choice, width: int, inks: Inks, on: str) -> Strip:
        on = "cursor" if on and (self._at >= 0 or self._finding) else "bar"
        name = min(max(24, width // 3), width) if row.help else width - 2
        spans = ((" ", "bar"), (fit(row.text, name), "strong"), (fit(row.help, width - name - 2), "dim"), (" ", "bar"))
        return strip([(text, inks(ink, on)) for text, ink in spans], width, inks("text", on))

    # --- carrying it out ----------------------------------------------------------------------------------

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        if self._finding:
            row = self.offers.current
            self._end_finding(row.text if row is not None else self.entry.value)
            return
        line = self.entry.value
        if not line.strip():
            self.dismiss(None)
            return
        try:
            command = self._judged(line)
        except CommandError as error:
            self.source.rows = []
            self.offers.display = False
            self._tell(error)
            return
        self.desk.history().add(line)
        self.dismiss(command)

    def _judged(self, line: str) -> Command:
        """What the line means, if it can be done where it was typed. Raises CommandError."""
        command = parse(line, self._actions)
        check(command, self.values.choices)
        action = BY_NAME[command.action]
        start = len(line) - len(line.lstrip(" :"))
        end = start + len(line[start:].split()[0])
        if self._from not in action.contexts:
            raise CommandError(f"{action.name} does not work here, but in: {', '.join(action.contexts)}", start, end)
        if not self._can(action.name):
            raise CommandError(lacking(action), start, end)
        when = command.argument if action.argument == "time" else None
        if when is not None and parse_when(when, self.desk.clock.now()) is None:
            raise CommandError(f"{when} is past", command.start, command.end)
        return command

    def do_cancel(self) -> None:
        if self._finding:
            self._end_finding(self._typed)
        else:
            self.dismiss(None)

    # --- completing ---------------------------------------------------------------------------------------

    def do_complete(self) -> None:
        self._complete(1)

    def do_complete_back(self) -> None:
        self._complete(-1)

    def _complete(self, by: int) -> None:
        self._catch_up()
        choices = self._completion.choices
        if not choices:
            return
        if self._finding:
            self.offers.move_to((self.offers.cursor + by) % len(choices))
            return
        start = self._completion.start
        typed = self._base[start : self._completion.end]
        names = not self._base[:start].strip(" :")
        only = len(choices) == 1 or (names and sum(choice.text.startswith(typed) for choice in choices) == 1)
        self._at = (self._at + by) % len(choices) if self._at >= 0 or by > 0 else len(choices) - 1
        text = choices[self._at].text
        if names and text in BY_NAME and BY_NAME[text].argument != "none":
            text += " "
        rest = self._base[self._completion.end :]
        self._at = -1 if only else self._at
        self._write(self._base[:start] + text + rest)
        self.entry.cursor_position -= len(rest)
        if self._at >= 0:
            self.offers.display = True
            self.offers.move_to(self._at)
            self.offers.repaint()

    # --- lines typed before -------------------------------------------------------------------------------

    def do_earlier_line(self) -> None:
        self._walk(1)

    def do_later_line(self) -> None:
        self._walk(-1)

    def _walk(self, by: int) -> None:
        self._catch_up()
        if self._finding:
            self._complete(by * -1)
            return
        lines = [line for line in reversed(self.desk.history().lines) if line.startswith(self._typed)]
        at = self._walked + by
        if -1 <= at < len(lines):
            self._walked = at
            self._at = -1
            self._write(lines[at] if at >= 0 else self._typed)

    def do_find_line(self) -> None:
        if self._finding:
            self._complete(1)
            return
        self._finding = True
        self.colon.text = "?"
        self.colon.update()
        self._look()

    def _end_finding(self, line: str) -> None:
        self._finding = False
        self.colon.text = ":"
        self.colon.update()
        self._write(line)
        self._typed = line
        self._look()
