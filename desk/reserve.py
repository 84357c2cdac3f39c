"""Who is kept free for a call.

A call takes all that a rep has room for, a chat only some of it. While reps take whatever fits, a chat always fits
again before the rep is done with the last one, and a call that is more urgent than it is never made. So for each call
that waits and is more urgent, the rep who is likely to be done first is given nothing more until the call fits.
docs/simulation.md tells what that does: of a hundred broken promises of calls and mails hardly ten are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from desk.clock import Millis


class Hand(NamedTuple):
    """A rep who has something to do, and is in no call."""

    agent_id: int
    taken: float
    """How much of their room it takes."""
    since: Millis
    """When they began with the oldest of it."""


def kept_free(agent_id: int, hands: Sequence[Hand], calls: int) -> bool:
    """Whether a rep is one of those who are kept free for so many calls: who has least to do, and has been at it
    for longest."""
    first = sorted(hands, key=lambda hand: (hand.taken, hand.since, hand.agent_id))[:calls]
    return any(hand.agent_id == agent_id for hand in first)
