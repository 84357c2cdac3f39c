"""The part of a conversation that a terminal holds: messages that follow each other, and no more than fit in there."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from desk.model import Message

FIRST = 20
"""Messages asked for when a conversation is opened."""
MORE = 40
"""Messages asked for when the reader comes near one of the ends that are here."""
KEPT = 120
"""Messages held at most. What is far from the reader is let go, and asked for again when they come back."""


class Stretch(Struct, frozen=True):
    """Messages, oldest first; `begins` and `ends` tell whether the conversation does so with them."""

    messages: tuple[Message, ...] = ()
    begins: bool = True
    ends: bool = True

    @property
    def first(self) -> int:
        """The id of the oldest message, 0 if there is none."""
        return self.messages[0].id if self.messages else 0

    @property
    def last(self) -> int:
        """The id of the newest message, 0 if there is none."""
        return self.messages[-1].id if self.messages else 0

    def with_older(self, more: Sequence[Message], asked: int) -> Stretch:
        """With those before it, of which `asked` were asked for."""
        messages = (*more, *self.messages)
        return Stretch(messages[:KEPT], begins=len(more) < asked, ends=self.ends and len(messages) <= KEPT)

    def with_newer(self, more: Sequence[Message], asked: int) -> Stretch:
        """With those after it, of which `asked` were asked for."""
        messages = (*self.messages, *more)
        return Stretch(messages[-KEPT:], begins=self.begins and len(messages) <= KEPT, ends=len(more) < asked)


def newest(messages: Sequence[Message], asked: int) -> Stretch:
    """The end of a conversation, when so many messages were asked for."""
    return Stretch(tuple(messages), begins=len(messages) < asked)


def following(messages: Sequence[Message], asked: int, *, begins: bool) -> Stretch:
    """What comes after some message, when so many were asked for."""
    return Stretch(tuple(messages), begins=begins, ends=len(messages) < asked)
