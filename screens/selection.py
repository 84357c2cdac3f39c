"""What the rep selected: conversations one by one, or all of a view and filter but a few."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desk.model import Conversation, View
from screens.targets import NOBODY, Targets

SHOWN_AT_MOST = 8
"""Conversations of a selection of everything that stand for the rest."""


class Selection:
    """True if there is one."""

    def __init__(self) -> None:
        self._rows: dict[int, Conversation | None] = {}
        self._of: tuple[View, str] | None = None
        """All of this view and filter, but `_without`."""
        self._without: set[int] = set()
        self._total = 0
        self.exact = True
        self.last: int | None = None
        """The conversation that was selected last: where a range begins."""

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def count(self) -> int:
        return max(self._total - len(self._without), 0) if self._of is not None else len(self._rows)

    @property
    def everything(self) -> bool:
        """Whether it is all of a view and filter, also what is not on the screen."""
        return self._of is not None

    def holds(self, id: int) -> bool:
        return id not in self._without if self._of is not None else id in self._rows

    def toggle(self, row: Conversation) -> None:
        """Select a conversation, or do not."""
        self.last = row.id
        if self._of is not None:
            self._without ^= {row.id}
        elif row.id in self._rows:
            del self._rows[row.id]
        else:
            self._rows[row.id] = row

    def add(self, rows: Iterable[Conversation]) -> None:
        """Select these, too."""
        for row in rows:
            self.last = row.id
            self._without.discard(row.id)
            if self._of is None:
                self._rows[row.id] = row

    def take_all(self, view: View, q: str, total: int, *, exact: bool = True) -> None:
        """Select whatever a view and filter hold when it comes to acting."""
        self.clear()
        self._of, self._total, self.exact = (view, q), total, exact

    def counted(self, view: View, q: str, total: int, *, exact: bool = True) -> None:
        """A view and filter hold so many now."""
        if self._of == (view, q):
            self._total, self.exact = total, exact

    def keep(self, ids: Sequence[int]) -> None:
        """Only these: the rest is done."""
        rows = {id: self._rows.get(id) for id in ids}
        self.clear()
        self._rows = rows

    def clear(self) -> bool:
        """Select nothing; whether anything was."""
        had = bool(self)
        self._rows, self._of, self._total, self.exact, self.last = {}, None, 0, True, None
        self._without = set()
        return had

    def targets(self, near: Iterable[Conversation]) -> Targets:
        """What a deed is about; `near` are rows at hand, of which those that are selected stand for the others."""
        if not self:
            return NOBODY
        if self._of is None:
            rows = tuple(row for row in self._rows.values() if row is not None)
            return Targets(rows=rows, count=len(self._rows), ids=tuple(self._rows), selected=True)
        view, q = self._of
        rows = tuple(row for row in near if self.holds(row.id))[:SHOWN_AT_MOST]
        without = tuple(self._without)
        return Targets(rows=rows, count=self.count, view=view, q=q, without=without, selected=True)
