"""The order of work: which conversation is the most urgent, whatever channel it came by.

What counts is the share of a promise that is left: working time left over working time promised. Half of a minute
that a chat was promised is as much as half of the eight hours of a mail. Shares that lie within one step of each other
count as equal, and what is worth more goes first; then the smaller share does. What nobody was promised anything about
follows after all of that, newest first.

A share is told in whole millionths, so that all who compare them agree: the store, which walks along indexes, the
terminal, and a simulation.
"""

from __future__ import annotations

from typing import NamedTuple

from desk.clock import SECOND, Millis

NOTICED: Millis = 30 * SECOND
"""What passes until somebody has seen what they took, and begins: nothing of a long promise, half of a chat's minute.
docs/simulation.md tells what it does for chats."""
WHOLE = 1_000_000
"""The share of a promise of which nothing has passed."""
STEP = WHOLE // 10
"""Shares that differ by less than this may be equal: what is worth more goes first among them."""

BEHIND = 1 << 62
"""The level of what is promised nothing."""

PRIORITIES = ("low", "normal", "high", "urgent")
TAGS_OF_VALUE = 15
"""As many tags can be told apart by what they are worth."""
WORTH = len(PRIORITIES) * (TAGS_OF_VALUE + 1)
"""Worths are from 0 to below this: the priority first, then the tag that is worth most."""


class Rank(NamedTuple):
    """A conversation's place; the smallest is the most urgent. Of equal ones the smaller id goes first."""

    level: int
    less: int
    """How much less it is worth than anything can be."""
    share: int


def share(left: Millis, promised: Millis) -> int:
    """What is left of a promise once somebody has noticed it, in millionths; negative once it cannot be kept any more.
    Working time, both."""
    return (left - NOTICED) * WHOLE // promised


def left_of(share: int, promised: Millis) -> Millis:
    """The least working time that is left while there is still such a share."""
    return NOTICED - (-share * promised // WHOLE)


def level(share: int) -> int:
    """What shares that count as equal have in common. It never falls as the share rises: whoever walks along an index
    relies on that."""
    return share // STEP


def rank(share: int, worth: int) -> Rank:
    """The place of what has such a share left, and is worth so much."""
    return Rank(level(share), WORTH - worth, share)


def worth(priority: str, tag: int = 0) -> int:
    """What a conversation is worth by its priority, and by the tag of it that is worth most, from 0."""
    return PRIORITIES.index(priority) * (TAGS_OF_VALUE + 1) + min(tag, TAGS_OF_VALUE)
