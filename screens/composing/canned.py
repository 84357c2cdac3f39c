"""Canned answers while writing: `::` and a few letters, what each would say here, and one key to take it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.strip import Strip
from textual.widget import Widget

from desk.answers.model import AnswerHit, FilledAnswer, Place
from desk.answers.template import unsettled
from screens.composing.offers import Asked
from screens.desk import Desk
from screens.render import body, cells, fit, shorten, strip, wrap
from screens.widgets.ink import Inks
from screens.widgets.lines import BLANK, Line, LineView
from screens.widgets.rowlist import ListSource, RowList

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = 20
_TYPED = re.compile(r"(?:(?<=\s)|^)::([^\n]{0,40})$")


def asked(before: str) -> Asked | None:
    """What is looked for when the line before the cursor ends so; `::` begins it at the start of a word."""
    match = _TYPED.search(before)
    return Asked(match[1], match.start(), len(before)) if match else None


def missing(looked_for: str) -> str:
    """What to say if no answer has that."""
    return (
        f"no canned answer has {shorten(looked_for, 30)}" if looked_for.strip() else "there are no canned answers yet"
    )


def preview(text: str, width: int) -> list[Line]:
    """An answer as it would stand there; what nothing fills stands out."""
    return list(_preview(body(text), width))


def _preview(text: str, width: int) -> Iterator[Line]:
    for part in wrap(text, max(width - 3, 8)):
        spans: list[tuple[str, str]] = [("│ ", "rule")]
        at = 0
        for gap in unsettled(part):
            spans += [(part[at : gap.start], "text"), (part[gap.start : gap.end], "alarm")]
            at = gap.end
        yield Line((*spans, (part[at:], "text")))


class Preview(LineView):
    """The chosen answer."""

    def __init__(self, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="answer-preview")
        self.can_focus = False
        self.text = ""

    def put(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.layout_lines(self.size.width)

    def layout_lines(self, width: int) -> None:
        if width:
            self.show(preview(self.text, width), top=0)
        else:
            self.unlaid([BLANK])


class Canned(Horizontal):
    """The answers that fit what was typed, beside what the chosen one would say."""

    def __init__(self, desk: Desk, inks: Callable[[], Inks]) -> None:
        super().__init__(id="canned")
        self.desk = desk
        self.hits: ListSource[AnswerHit] = ListSource()
        self.list: RowList[AnswerHit] = RowList(
            self.hits, paint, inks, context="composer", moved=self._moved, id="canned-list"
        )
        self.list.can_focus = False
        self.preview = Preview(inks)
        self.display = False

    def compose(self) -> ComposeResult:
        yield self.list
        yield self.preview

    @property
    def open(self) -> bool:
        return bool(self.display)

    @property
    def chosen(self) -> AnswerHit | None:
        return self.list.current

    def show(self, hits: Sequence[AnswerHit]) -> None:
        """Show these, the first one chosen; without any, nothing."""
        self.hits.rows = list(hits)
        self._appear(bool(hits))
        self.list.settle(0, 0)

    def hide(self) -> None:
        self._appear(False)

    def _appear(self, open: bool) -> None:
        """Stand below the text or not; a low screen makes room for it."""
        if open != self.display:
            self.display = open
            if isinstance(self.parent, Widget):
                self.parent.set_class(open, "-choosing")

    def step(self, by: int) -> None:
        self.list.move_to((self.list.cursor + by) % max(len(self.hits.rows), 1))

    def _moved(self) -> None:
        hit = self.chosen
        self.preview.put(hit.body if hit is not None else "")

    async def find(self, text: str, place: Place) -> Sequence[AnswerHit]:
        """Raises ClientError."""
        return await self.desk.client.answers(text, place, limit=SHOWN)

    async def filled(self, hit: AnswerHit, place: Place) -> FilledAnswer:
        """The answer ready to stand in the text, its files uploaded. Raises ClientError."""
        return await self.desk.client.fill_answer(hit.answer.key, place)


def paint(row: AnswerHit, width: int, inks: Inks, on: str) -> Strip:
    """A row of what was found: its shortcut, its title, where it lies."""
    answer = row.answer
    ground = "cursor" if on else "bar"
    about = " ".join(
        filter(None, (answer.language, f"{row.uses}×" if row.uses else "", "+" * bool(answer.attachments)))
    )
    name = min(max(cells(answer.shortcut) + 4, 12), max(width // 3, 8))
    room = max(width - name - cells(about) - 3, 4)
    spans = (
        (" ", "bar"),
        (fit(f"::{answer.shortcut}", name), "key" if not on else "accent"),
        (" ", "bar"),
        (fit(answer.title, room), "strong"),
        (" " + shorten(about, max(width - name - room - 2, 0)), "dim"),
    )
    return strip([(text, inks(ink, ground)) for text, ink in spans], width, inks("text", ground))
