"""Chats as reps have them before them: how long visitors wait, which chats are theirs, how one stands."""

from __future__ import annotations

from desk.clock import Millis
from desk.model.visiting import ChatState
from desk.model.words import Model


class Wait(Model, frozen=True, kw_only=True):
    """How long one visitor waited, or waits, for a first answer."""

    began_at: Millis
    answered_at: Millis | None = None
    left_at: Millis | None = None
    """When they ended the chat, if nobody had answered."""
    agent_id: int | None = None
    """Who answered."""


class Talk(Model, frozen=True, kw_only=True):
    """A chat of a rep that is under way, in as many words as there is room for on a line of all of them."""

    conversation_id: int
    name: str
    """The customer's."""
    state: ChatState
    here: bool = False
    """Their browser follows it, or did a moment ago."""
    unread: int = 0
    """What they said that the rep has not read."""
    said_at: Millis | None = None
    """When they said something last."""
    waiting_since: Millis | None = None
    """The first of what they said that is not answered."""
    due_at: Millis | None = None
    """When the promise to answer that ends."""


class ChatNow(Model, frozen=True, kw_only=True):
    """How the chat of a conversation stands, as its reps may know it."""

    state: ChatState
    here: bool = False
    """The visitor's browser follows it, or did a moment ago: what is said is read there."""
    left_at: Millis | None = None
    """Since when it does not; None if that is not known any more."""
    email: str = ""
    """Where the visitor asked to be written to; nothing proves that it is theirs."""
    mails: bool = False
    """An answer goes out as mail, for the visitor is not there to read it, or wrote one themself."""
    place: int = 0
    """Among those who wait for their first answer on that site, from 1; 0 if they do not wait."""
    waiting: int = 0
    """How many wait there."""
    minutes: int | None = None
    """What the visitor is told of how long it will take (see `Glance.minutes`)."""
