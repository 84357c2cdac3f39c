"""The line below a line that is typed: what it means, or what is wrong with which word of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from screens.render import cells, fit, shorten
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

ROOM_TO_TELL = 30
"""Columns that are worth telling what is wrong in, beside the marks below the word."""


class Hint(Bar):
    """`text`, in `ink`; with marks below the columns `under` if a word is at fault."""

    def __init__(self, inks: Callable[[], Inks], *, id: str) -> None:
        super().__init__(inks, id=id)
        self.text = ""
        self.ink = "dim"
        self.under: tuple[int, int] | None = None
        """The columns of the word at fault."""

    def tell(self, text: str, ink: str = "dim", under: tuple[int, int] | None = None) -> None:
        """Say something else."""
        self.text, self.ink, self.under = text, ink, under
        self.update()

    def bar_lines(self, width: int) -> Sequence[Line]:
        if self.under is None:
            return [Line(((" " + shorten(self.text, width - 2), self.ink),), on="bar")]
        start, end = self.under
        marks = "^" * max(end - start, 1)
        if cells(self.text) + 2 <= start and end + 2 + cells(self.text) > width:
            told = ((fit(self.text, start - 1, right=True) + " ", self.ink), (marks, self.ink), ("", "bar"))
        elif end + ROOM_TO_TELL <= width:
            told = ((" " * start, "bar"), (marks, self.ink), (" " + shorten(self.text, width - end - 2), self.ink))
        else:
            told = ((" ", "bar"), (shorten(self.text, width - 2), self.ink), ("", "bar"))
        return [Line(told, on="bar")]
