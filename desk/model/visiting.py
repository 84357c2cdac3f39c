"""Visitors of a site, and their chats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from desk.clock import Millis
from desk.model.conversations import Message
from desk.model.words import Model

ChatState = Literal["waiting", "active", "ended"]
"""`waiting`: no rep has said anything yet. `active`: one has. `ended`: who says something begins another."""


class Visitor(Model, frozen=True, kw_only=True):
    """A browser that talks to us. What it says of itself is not proven by its saying so."""

    id: int = 0
    account: str
    """The site's."""
    name: str = ""
    email: str = ""
    """Where they ask to be written to; it makes them nobody's customer."""
    language: str = ""
    told: Mapping[str, str] = {}
    """What else they said of themselves when they were asked, by what it is called."""
    customer_id: int | None = None
    vouched: str = ""
    """Who they are to the shop, by the shop's own word (see `desk.service.vouching`); empty if it does not vouch."""
    first_seen_at: Millis = 0
    last_seen_at: Millis = 0


class Chat(Model, frozen=True, kw_only=True):
    """A conversation that a visitor follows on the site."""

    conversation_id: int
    """Where it began; merging may have taken it elsewhere, see `Chats.within`."""
    visitor_id: int
    account: str
    state: ChatState = "waiting"
    began_at: Millis = 0
    answered_at: Millis | None = None
    ended_at: Millis | None = None
    left_at: Millis | None = None
    """Since when their browser follows it no more, if nobody had answered by then and they have not come back."""
    delivered: int = 0
    """Up to which of their lines the visitor's browser has them."""
    read: int = 0
    """Up to which of them the visitor has had them before their eyes."""
    rating: int | None = None
    """1 (bad) to 5 (good)."""
    comment: str = ""


class Glance(Model, frozen=True, kw_only=True):
    """How a visitor's chat stands at this moment, in what they may know of it."""

    state: ChatState | Literal["none"] = "none"
    attended: bool = False
    """Somebody is there who may answer."""
    ahead: int = 0
    """How many have waited longer, while nobody has answered yet. Those who left are not counted."""
    minutes: int | None = None
    """About how long until somebody answers, rounded up; 61 for all that is longer. None: nobody can tell."""
    rep: str = ""
    """Who answered last."""
    typing: bool = False
    """A rep is writing an answer."""
    delivered: int = 0
    read: int = 0
    seen: int = 0
    """Up to which of their lines a rep has them."""
    rating: int | None = None


class Line(Model, frozen=True, kw_only=True):
    """A message as its visitor has it."""

    seq: int
    """Its place among all that was said between us and this visitor, from 1, without gaps."""
    client_id: str = ""
    """What the visitor's browser calls it; empty for ours."""
    message: Message
