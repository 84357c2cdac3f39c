"""Visitors of sites, and what is said between them and us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from desk.clock import Millis
from desk.model import Channel, Chat, ChatState, Line, Talk, Visitor, Wait


class Visitors(Protocol):
    def create(self, account: str, token_sha256: str, at: Millis, *, language: str = "", vouched: str = "") -> int:
        """`token_sha256`: of the secret that the browser shows from now on; the secret itself is nowhere kept."""
        ...

    def find(self, account: str, token_sha256: str) -> Visitor | None: ...
    def get(self, id: int) -> Visitor | None: ...
    def update(
        self,
        id: int,
        *,
        name: str | None = None,
        email: str | None = None,
        told: Mapping[str, str] | None = None,
        customer_id: int | None = None,
    ) -> bool:
        """Set what is not None. False if there is none."""
        ...

    def seen(self, id: int, at: Millis) -> None: ...
    def vouched(self, account: str, id: str) -> Visitor | None:
        """Whom the shop calls so."""
        ...

    def open_session(self, visitor_id: int, token_sha256: str, expires_at: Millis) -> None:
        """A secret by which one browser shows itself as somebody the shop vouches for; again: it is good for longer."""
        ...

    def of_session(self, account: str, token_sha256: str, at: Millis) -> Visitor | None:
        """Whose secret that is, if it is good at that instant."""
        ...

    def close_session(self, token_sha256: str) -> bool: ...
    def forget_sessions(self, before: Millis, limit: int) -> int:
        """Drop those that were good until before."""
        ...

    def drop(self, id: int) -> bool:
        """Forget one who has no chat and never asked to be called; False if they have, or did."""
        ...

    def prune(self, before: Millis, refused_since: Millis, limit: int) -> int:
        """Drop those not seen since `before` who never wrote, nor asked to be called, and all that is known of them;
        but nobody who said no to an invitation since `refused_since`. At most so many at once; how many it was."""
        ...


class Chats(Protocol):
    def begin(self, chat: Chat) -> None: ...
    def newest_of(self, visitor_id: int) -> Chat | None: ...
    def within(self, conversation_id: int) -> Chat | None:
        """The newest of those that are in a conversation now: begun there, or merged into it."""
        ...

    def advance(self, conversation_id: int, expect: Sequence[ChatState], state: ChatState, at: Millis) -> bool:
        """One conditional statement; False if it is in none of the expected states."""
        ...

    def leave(self, conversation_id: int, at: Millis) -> bool:
        """The visitor is gone before the first answer. False if that was known, or somebody has answered."""
        ...

    def come_back(self, conversation_id: int) -> bool:
        """They are not gone after all. False if that was known, or somebody has answered."""
        ...

    def mark(self, conversation_id: int, *, delivered: int = 0, read: int = 0) -> bool:
        """Raise the marks; what is read is delivered. False if they stood there, or higher, before."""
        ...

    def rate(self, conversation_id: int, rating: int, comment: str) -> bool: ...
    def waiting(self, account: str, limit: int = 1_000) -> list[tuple[int, int]]:
        """`(conversation, visitor)` of those of a site in which no rep has said anything yet, the oldest first."""
        ...

    def unanswered(self, since: Millis, limit: int = 10_000) -> list[int]:
        """Visitors of all sites who wait for a first answer and have not left, of chats that began since."""
        ...

    def waits(self, account: str, since: Millis, limit: int) -> list[Wait]:
        """How long visitors of a site waited: those answered, or gone, since an instant, and who still waits."""
        ...

    def of_agent(self, agent_id: int, limit: int = 50) -> list[tuple[Chat, Talk]]:
        """The chats under way that are a rep's, in the order in which they began. Who is here is not known here."""
        ...

    def turn(self, conversation_id: int, was: Channel, to: Channel, address: str = "") -> bool:
        """The customer goes on by another way, one conditional statement; `address`: where they are reached by it."""
        ...

    def occupying(self, since: Millis) -> list[tuple[int, int | None]]:
        """Conversations with a chat under way in which something was said since, and whose they are."""
        ...

    def hand_over(self, conversation_id: int, visitor_id: int, where: int) -> None:
        """A chat, with all that was said in it, becomes another visitor's; what they have of it is to be told anew.

        `where`: the conversation that it is in now.
        """
        ...

    # --- what is said -------------------------------------------------------------------------------------

    def add_line(self, visitor_id: int, message_id: int, client_id: str = "") -> int:
        """Give a message its place in what the visitor sees, and answer it."""
        ...

    def line_of(self, visitor_id: int, client_id: str) -> int | None:
        """The message that the visitor's browser calls so."""
        ...

    def attention(self, visitor_id: int, conversation_id: int) -> tuple[str, int]:
        """Who of us said something to them last, and up to which of their lines any rep has read."""
        ...

    def lines(self, visitor_id: int, after: int = 0, limit: int = 200) -> list[Line]:
        """In order; those whose message was taken away are left out."""
        ...
