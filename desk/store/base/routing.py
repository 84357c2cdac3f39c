"""What rules and automations go by: what came in, what it matches, and what they have done already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from desk.clock import Millis
from desk.model import MessageKind
from desk.query import Query
from desk.rules.words import Moment


class Arrival(Struct, frozen=True, kw_only=True):
    """A customer's message that is new."""

    message_id: int
    conversation_id: int
    first: bool = False
    """It began its conversation."""
    kind: MessageKind = "message"


class Sorted(Struct, frozen=True, kw_only=True):
    """A conversation with what it began with, and where it is now."""

    conversation_id: int
    subject: str
    body: str
    """The beginning of its first message."""
    queue: str = ""
    tags: tuple[str, ...] = ()


Heed = Callable[[Sequence[Arrival]], None]


class Routing(Protocol):
    def heed(self, heed: Heed | None) -> None:
        """Call this at the end of each transaction in which customers wrote, inside it, with their messages in the
        order of time; what it changes is committed with them. Old mail (`Happenings.pass_over`) is none of it.

        None: nobody asks, and nothing is looked for. What is raised undoes the transaction."""
        ...

    def arrivals(self, since: Millis, limit: int) -> list[Arrival]:
        """The newest messages of customers since then, oldest first; old mail among them."""
        ...

    def holding(self, query: Query, message_ids: Sequence[int]) -> set[int]:
        """Those of the messages that match: words are looked for in the message, fields are its conversation's."""
        ...

    def sorted(self, limit: int, *, apart_from: str = "") -> list[Sorted]:
        """The newest conversations that came from customers and are in a queue or have tags, oldest first; spam, and
        those in which something named `apart_from` has acted, are left out."""
        ...

    def due(
        self,
        query: Query,
        on: Moment,
        after: Millis,
        *,
        since: Millis,
        until: Millis,
        tag: str = "",
        name: str = "",
        limit: int = 200,
    ) -> list[tuple[int, Millis]]:
        """Conversations that match and for which `after` the moment is later than `since` and not after `until`, with
        the moment, earliest first.

        `tag`: which one it is about that got a tag. `name`: leave out those in which that has acted, unless the
        customer has written since."""
        ...

    def matching(self, query: Query, conversation_ids: Sequence[int]) -> set[int]:
        """Those of the conversations that match, its words wherever they stand in one."""
        ...

    def acted(self, name: str, conversation_ids: Sequence[int]) -> Mapping[int, Millis]:
        """In which of the conversations something of that name has acted, and when last."""
        ...

    def note(self, name: str, conversation_id: int, at: Millis) -> None:
        """It acted there, or was told not to."""
        ...
