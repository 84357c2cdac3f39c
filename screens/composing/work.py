"""What there is to write, and what it begins with."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from desk.model import Conversation, NewReply

Kind = Literal["reply", "chat", "forward", "note", "new"]
"""`chat`: an answer that a visitor of the site reads there, at once."""


class Work(Struct, frozen=True, kw_only=True):
    """Something to write: what it begins with, unless it was begun before."""

    kind: Kind
    conversation: Conversation | None = None
    content: NewReply = NewReply()
    seen: int | None = None
    """The newest message the rep had on the screen."""
    sizes: dict[str, int] = {}
    """Bytes of attachments, by their hash, as far as they are known."""

    @property
    def place(self) -> int:
        """The conversation a draft lies under, 0 if it is yet to begin."""
        return self.conversation.id if self.conversation is not None else 0
