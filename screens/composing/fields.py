"""The lines above the text: from where, to whom, about what. Edited where they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from screens.composing.people import fault
from screens.render import fit
from screens.widgets.entry import Entry
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line

FieldName = Literal["from", "to", "cc", "bcc", "subject", "file"]
FIELDS: tuple[FieldName, ...] = ("from", "to", "cc", "bcc", "subject", "file")
PEOPLE: tuple[FieldName, ...] = ("to", "cc", "bcc")
LABELS = {"from": "From", "to": "To", "cc": "Cc", "bcc": "Bcc", "subject": "Subject", "file": "Attach"}
LABEL = 9
"""Columns."""


class Label(Bar):
    """What a field is, and whether what stands in it will do."""

    def __init__(self, text: str, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, classes="part-label")
        self.text = text
        self.wrong = False

    def bar_lines(self, width: int) -> Sequence[Line]:
        return [Line(((" ", "text"), (fit(self.text, LABEL - 1), "bad" if self.wrong else "dim")))]


class Field(Horizontal):
    """One line: its label and what is typed."""

    def __init__(self, name: FieldName, inks: Callable[[], Inks]) -> None:
        super().__init__(classes="part")
        self.field: FieldName = name
        self.label = Label(LABELS[name], inks)
        self.entry = Entry(id=f"part-{name}")
        self.entry.moving = frozenset({"enter", "up", "down"})
        self.display = False

    def compose(self) -> ComposeResult:
        yield self.label
        yield self.entry

    @property
    def text(self) -> str:
        return self.entry.value

    def put(self, text: str) -> None:
        """Other text, and no word about it."""
        with self.prevent(Entry.Changed):
            self.entry.put(text)
        self.judge()

    def judge(self) -> str:
        """What is wrong with the text, as far as it tells."""
        wrong = fault(self.text) if self.field in PEOPLE else ""
        self.label.wrong = bool(wrong)
        self.label.update()
        return wrong


class Fields(Vertical):
    """All of them; those that are not needed are not shown."""

    def __init__(self, inks: Callable[[], Inks]) -> None:
        super().__init__(id="parts")
        self.fields: dict[FieldName, Field] = {name: Field(name, inks) for name in FIELDS}

    def compose(self) -> ComposeResult:
        yield from self.fields.values()

    def __getitem__(self, name: FieldName) -> Field:
        return self.fields[name]

    def show(self, names: Sequence[FieldName]) -> None:
        """Show these and no others."""
        for name, field in self.fields.items():
            field.display = name in names
        self.styles.height = max(len([name for name in names if name in self.fields]), 0)
        self.display = bool(names)

    def reveal(self, *names: FieldName) -> None:
        """Show these, too."""
        self.show([name for name, field in self.fields.items() if field.display or name in names])

    def hide(self, name: FieldName) -> None:
        self.show([each for each, field in self.fields.items() if field.display and each != name])

    @property
    def shown(self) -> list[Field]:
        return [field for field in self.fields.values() if field.display]

    def of(self, entry: object) -> Field | None:
        """The field that an entry belongs to."""
        return next((field for field in self.fields.values() if field.entry is entry), None)

    def faults(self) -> str:
        """What is wrong with the first that is."""
        return next((wrong for field in self.shown if (wrong := field.judge())), "")
