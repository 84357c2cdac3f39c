"""Rows that are asked for a page at a time, as the cursor comes near the end of those that are here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

from desk.client import ClientError

Row = TypeVar("Row")

AHEAD = 50
"""Rows from the end from which on the next page is asked for."""
KEPT_AT_MOST = 1_000
"""Rows that are asked for anew after a change; what was further down comes again when the cursor does."""


class Growing(Generic[Row]):
    """A `Source` for a `RowList`. `after` answers the rows behind one, the first for None, and whether that is all."""

    def __init__(
        self,
        after: Callable[[Row | None], Awaitable[tuple[list[Row], bool]]],
        start: Callable[[Coroutine[Any, Any, None]], object],
        arrived: Callable[[], None],
    ) -> None:
        self._after = after
        self._start = start
        self._arrived = arrived
        self.rows: list[Row] = []
        self.complete = True
        self._asking = False
        self._generation = 0

    @property
    def total(self) -> int:
        return len(self.rows)

    def row(self, index: int) -> Row | None:
        return self.rows[index] if 0 <= index < len(self.rows) else None

    def near(self, first: int, last: int, ahead: int) -> None:
        if not self.complete and not self._asking and last + AHEAD >= len(self.rows):
            self._asking = True
            self._start(self._more())

    async def _more(self) -> None:
        generation = self._generation
        try:
            rows, complete = await self._after(self.rows[-1] if self.rows else None)
        except ClientError:
            return
        finally:
            self._asking = False
        if generation == self._generation:
            self.rows = [*self.rows, *rows]
            self.complete = complete
            self._arrived()

    async def reload(self, replacing: Callable[[], None] = lambda: None, *, anew: bool = False) -> None:
        """Ask again for what is here, from the top; `replacing` is called just before. Raises ClientError.

        `anew`: for the first page only, as what was here is of no interest any more.
        """
        self._generation += 1
        generation = self._generation
        wanted = 0 if anew else min(len(self.rows), KEPT_AT_MOST)
        rows, complete = await self._after(None)
        while not complete and len(rows) < wanted:
            more, complete = await self._after(rows[-1])
            rows = [*rows, *more]
        if generation == self._generation:
            replacing()
            self.rows, self.complete = rows, complete
