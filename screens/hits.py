"""What a search found, as rows of the list."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from msgspec.structs import replace

from desk.client import Client, ClientError
from desk.model import Conversation, SearchPage

PAGE = 50


class Hits:
    """Conversations that match, newest first; the following page is fetched before the cursor reaches the end."""

    def __init__(
        self,
        query: str,
        first: SearchPage,
        client: Callable[[], Client],
        start: Callable[[Coroutine[Any, Any, None]], object],
        arrived: Callable[[], None],
        *,
        given: bool = False,
    ) -> None:
        """`given`: they were not searched for; `query` is what is said of them."""
        self.query = query
        self.given = given
        self._client = client
        self._start = start
        self._arrived = arrived
        self._rows: list[Conversation] = []
        self._next: int | None = None
        self._asking = False
        self._take(first)

    @property
    def total(self) -> int:
        return len(self._rows)

    @property
    def complete(self) -> bool:
        return self._next is None

    def row(self, index: int) -> Conversation | None:
        return self._rows[index] if 0 <= index < len(self._rows) else None

    def near(self, first: int, last: int, ahead: int) -> None:
        if self._next is not None and not self._asking and last + PAGE // 2 >= len(self._rows):
            self._asking = True
            self._start(self._more(self._next))

    async def _more(self, before: int) -> None:
        try:
            self._take(await self._client().search(self.query, before=before, limit=PAGE))
        except ClientError:
            return
        finally:
            self._asking = False
        self._arrived()

    def _take(self, page: SearchPage) -> None:
        known = {row.id for row in self._rows}
        for hit in page.hits:
            if hit.conversation.id not in known:
                self._rows.append(replace(hit.conversation, snippet=hit.excerpt or hit.conversation.snippet))
        self._next = page.next_before

    def put(self, conversation: Conversation) -> None:
        """Show a newer version of a hit."""
        for index, row in enumerate(self._rows):
            if row.id == conversation.id:
                self._rows[index] = replace(conversation, snippet=row.snippet)

    def index_of(self, conversation_id: int) -> int | None:
        return next((index for index, row in enumerate(self._rows) if row.id == conversation_id), None)
