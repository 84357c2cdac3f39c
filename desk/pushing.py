"""Who gets what a queue hands out by itself.

Three ways, each without any chance in it: the same reps in the same state come to the same one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from desk.clock import Millis
from desk.model.staffing import Push


class Candidate(NamedTuple):
    """A rep who is there, may do it, and has room for it."""

    agent_id: int
    taken: float
    """How much of their room is occupied: 0 to 1."""
    idle_since: Millis
    """When they were given something last, were done with it, or came."""


def choose(way: Push, candidates: Collection[Candidate], last: int | None) -> int:
    """The rep who gets it; `last`: who got something of the queue last. Raises ValueError if there is nobody.

    `round-robin`: who comes after the last, by id. `least-busy`: of whose room least is occupied. `longest-idle`: of
    those who have nothing to do, else of all, who has been given nothing for longest.
    """
    if way == "least-busy":
        return min(candidates, key=lambda each: (each.taken, each.idle_since, each.agent_id)).agent_id
    if way == "longest-idle":
        return min(candidates, key=lambda each: (each.taken > 0, each.idle_since, each.agent_id)).agent_id
    return min(each.agent_id for each in _after(candidates, last) or candidates)


def _after(candidates: Collection[Candidate], last: int | None) -> list[Candidate]:
    return [each for each in candidates if last is not None and each.agent_id > last]
