"""How much more the reps who are there can take on, all channels together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct, field

from desk.clock import MINUTE, Clock, Millis
from desk.model import Channel
from desk.model.staffing import Capacity
from desk.store.base import Store

CHANNELS: Sequence[Channel] = ("email", "chat", "callback")
LIVELY: Millis = 10 * MINUTE
"""A chat in which nobody said anything for longer occupies nobody."""


class Load(Struct, frozen=True, kw_only=True):
    """What occupies reps at this moment."""

    chats: Counter[int | None]
    """By rep; None: they wait for anybody."""
    mails: Counter[int]
    """Being written, by rep."""
    calls: Counter[int]
    offers: Counter[tuple[int, Channel]] = field(default_factory=Counter)
    """What is kept for a rep until they take it, by rep and channel."""


def load(store: Store, clock: Clock, writing: Iterable[tuple[int, int]]) -> Load:
    """`writing`: reps, and the conversations in which they are writing an answer."""
    chats = store.chats.occupying(clock.now() - LIVELY)
    talking = {conversation_id for conversation_id, _ in chats}
    offered = {each.conversation_id: each.agent_id for each in store.offers.open()}
    rows = store.conversations.many([*offered]) if offered else []
    return Load(
        chats=Counter(agent_id for id, agent_id in chats if agent_id is not None or id not in offered),
        mails=Counter(agent_id for agent_id, conversation_id in writing if conversation_id not in talking),
        calls=Counter(each.attempts[-1].agent_id for each in store.callbacks.page(("calling",), limit=1_000)),
        offers=Counter((offered[row.id], row.channel) for row in rows if row.assignee_id is None),
    )


def room(capacity: Capacity, attending: Collection[int], load: Load, *, asked: int = 0) -> bool:
    """Whether one more chat would be answered: some rep who is there has room beside what waits for anybody.

    `asked`: how many visitors may say yes to an invitation at any moment.
    """
    left = sum(max(0.0, capacity.at_once - taken(capacity, load, agent_id)) for agent_id in attending)
    return left > 0 and left >= capacity.chat * (load.chats[None] + asked + 1)


def fits(capacity: Capacity, load: Load, agent_id: int, channel: Channel) -> bool:
    """Whether a rep has room for one more of a channel."""
    return taken(capacity, load, agent_id) + weight(capacity, channel) <= capacity.at_once


def with_room(capacity: Capacity, load: Load, agent_id: int) -> set[Channel]:
    """The channels of which a rep has room for one more."""
    used = taken(capacity, load, agent_id)
    return {channel for channel in CHANNELS if used + weight(capacity, channel) <= capacity.at_once}


def weight(capacity: Capacity, channel: Channel) -> float:
    """How much room one of a channel takes."""
    return {"email": capacity.email, "chat": capacity.chat, "callback": capacity.call}[channel]


def taken(capacity: Capacity, load: Load, agent_id: int) -> float:
    """How much of what a rep does at once is occupied."""
    return (
        capacity.chat * (load.chats[agent_id] + load.offers[agent_id, "chat"])
        + capacity.email * (load.mails[agent_id] + load.offers[agent_id, "email"])
        + capacity.call * (load.calls[agent_id] + load.offers[agent_id, "callback"])
    )
