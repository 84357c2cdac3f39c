"""Which conversations a deed is about: the one under the cursor, a few in a row, or all that were selected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypedDict

from msgspec import Struct

from desk.model import Conversation, View

if TYPE_CHECKING:
    from screens.widgets.rowlist import Source


class Named(TypedDict, total=False):
    """Conversations by their ids, or as a view and a query, without some."""

    ids: Sequence[int]
    view: View
    q: str
    without: Sequence[int]


class Targets(Struct, frozen=True, kw_only=True):
    """True if there are any. `rows` are those of them that are at hand, the one that decides what a switch means first.

    They are named by `ids`, or by a view and a query, `without` some.
    """

    rows: tuple[Conversation, ...] = ()
    count: int = 0
    ids: tuple[int, ...] | None = None
    view: View = ""
    q: str = ""
    without: tuple[int, ...] = ()
    selected: bool = False
    """The rep selected them, and did not just stand on them."""

    @classmethod
    def of(cls, rows: Sequence[Conversation]) -> Targets:
        """Conversations that are at hand."""
        return cls(rows=tuple(rows), count=len(rows), ids=tuple(row.id for row in rows))

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Conversation]:
        return iter(self.rows)

    def named(self) -> Named:
        """How the server is told of them."""
        if self.ids is not None:
            return Named(ids=self.ids)
        return Named(view=self.view, q=self.q, without=self.without)

    @property
    def one(self) -> Conversation | None:
        """The conversation, if it is only one."""
        return self.rows[0] if self.count == 1 and self.rows else None

    @property
    def first(self) -> Conversation | None:
        """One of them, as an example of what they are like."""
        return self.rows[0] if self.rows else None


NOBODY = Targets()


def in_a_row(source: Source[Conversation], first: int, count: int) -> Targets | None:
    """So many conversations of a list, or as many as there are; None if not all of them are here yet."""
    rows = [source.row(index) for index in range(first, min(first + count, source.total))]
    there = [row for row in rows if row is not None]
    return Targets.of(there) if len(there) == len(rows) else None
