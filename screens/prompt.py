"""One question at the bottom of the screen, with a hint that answers while it is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget

from desk.keymap import Context
from screens.render import cells, one_line, shorten
from screens.widgets.entry import Entry
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

Judge = Callable[[str], tuple[str, bool]]
"""What to say about what is typed, and whether it will do."""


Complete = Callable[[str], Sequence[str]]
"""What could stand there instead of what is typed, beginning with it."""


def anything(text: str) -> tuple[str, bool]:
    return "", True


class _Text(Bar):
    def __init__(self, inks: Callable[[], Inks], ink: str, id: str) -> None:
        super().__init__(inks, id=id)
        self.text = ""
        self.ink = ink

    def bar_lines(self, width: int) -> Sequence[Line]:
        return [Line(((" ", "text"), (shorten(self.text, width - 1), self.ink)))]


class Prompt(Horizontal):
    """Asks one thing at a time. Enter answers, escape does not."""

    context: Context = "prompt"

    def __init__(self, inks: Callable[[], Inks]) -> None:
        super().__init__(id="prompt")
        self._title = _Text(inks, "accent", "prompt-title")
        self._hint = _Text(inks, "dim", "prompt-hint")
        self.entry = Entry(id="prompt-entry")
        self.entry.ends_with_enter()
        self._judge: Judge = anything
        self._complete: Complete | None = None
        self._put = ""
        """What was completed last; as long as it stands there, the next completion follows."""
        self._offered: Sequence[str] = ()
        self._at = 0
        self._answer: asyncio.Future[str | None] | None = None
        self._before: Widget | None = None

    def compose(self) -> ComposeResult:
        yield self._title
        yield self.entry
        yield self._hint

    async def ask(
        self,
        title: str,
        value: str = "",
        judge: Judge = anything,
        *,
        placeholder: str = "",
        secret: bool = False,
        complete: Complete | None = None,
        asked: Callable[[], None] = lambda: None,
    ) -> str | None:
        """The answer, or None if there is none; `asked` is called when typing goes here. A `secret` is not shown.

        A question asked meanwhile replaces this one.
        """
        self._finish(None)
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._judge = judge
        self._complete, self._offered = complete, ()
        self._title.text = title
        self._title.styles.width = cells(title) + 3
        self._before = self.screen.focused
        self.entry.hint(placeholder)
        self.entry.password = secret
        self.entry.put(value)
        self._appear(True)
        self.screen.set_focus(self.entry)
        self._tell()
        asked()
        return await answer

    def _appear(self, asking: bool) -> None:
        """Stand in the place of the status line."""
        self.display = asking
        self.screen.query_one("#status").display = not asking

    @property
    def asking(self) -> bool:
        return self._answer is not None

    def _tell(self) -> None:
        said, good = self._judge(self.entry.value)
        said = self._could_be() or said
        self._hint.text, self._hint.ink = said, "dim" if good else "warn"
        self._title.update()
        self._hint.update()

    def _finish(self, answer: str | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)
            if self.entry.password:
                self.entry.put("")
            self._appear(False)
            if self._before is not None and self._before.is_attached:
                self.screen.set_focus(self._before, scroll_visible=False)
        self._answer = None

    def on_input_changed(self, event: Entry.Changed) -> None:
        event.stop()
        self._tell()

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        if self._judge(event.value)[1]:
            self._finish(event.value)
        self.screen.release_keys()  # type: ignore[attr-defined]

    def act(self, action: str, count: int | None = None) -> bool:
        if action in ("complete", "complete-back") and self._complete is not None:
            self._next(self._complete, 1 if action == "complete" else -1)
        elif action == "cancel":
            self._finish(None)
        else:
            return False
        return True

    @property
    def completes(self) -> bool:
        """Whether what is typed can be completed."""
        return self._complete is not None

    def _next(self, complete: Complete, by: int) -> None:
        """As far as all that could follow agree; then one after the other."""
        typed = self.entry.value
        if not self._offered or typed != self._put:
            self._offered, self._at = complete(typed), -1 if by > 0 else 0
            common = common_beginning(self._offered)
            if len(common) > len(typed) or not self._offered:
                put, self._offered = common or typed, self._offered if len(self._offered) > 1 else ()
                self._write(put)
                return
        self._at = (self._at + by) % len(self._offered)
        self._write(self._offered[self._at])

    def _write(self, text: str) -> None:
        self._put = text
        self.entry.put(text)
        self._tell()

    def _could_be(self) -> str:
        """The completions, as long as none of them is typed over."""
        if len(self._offered) < 2 or self.entry.value != self._put:
            return ""
        return " · ".join(one_line(each.rstrip("/").rpartition("/")[2]) for each in self._offered)


def common_beginning(texts: Sequence[str]) -> str:
    """What all of them begin with."""
    first, last = min(texts, default=""), max(texts, default="")
    return first[
        : next((n for n, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    ]
