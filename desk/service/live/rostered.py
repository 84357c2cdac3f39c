"""The next hours of each queue: whom it takes, beside who is to be there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import hypot

from desk.clock import HOUR, Millis
from desk.model import Need, StaffHour
from desk.roster import Turn, present

Works = Callable[[str, int], bool]
"""Whether the rep of a login works in a queue."""


def beside(
    needs: Sequence[Need], queues: Mapping[int, str], turns: Sequence[Turn] | None, works: Works
) -> list[StaffHour]:
    """Of every hour that anything is told of, each queue. `turns` None: there is no roster.

    A rep who works in several queues is told in each: whom they are short of must not be added up.
    """
    hours = sorted({each.at for each in needs})
    here = sorted({each.queue_id for each in needs}, key=lambda id: (id == 0, queues.get(id, "").casefold()))
    together: dict[tuple[Millis, int], list[Need]] = {}
    for each in needs:
        together.setdefault((each.at, each.queue_id), []).append(each)
    return [
        _hour(
            at, id, queues.get(id, ""), [each for each in needs if (each.at, each.queue_id) == (at, id)], turns, works
        )
        for at in hours
        for id in here
    ]


def _hour(
    at: Millis, queue_id: int, queue: str, needs: Sequence[Need], turns: Sequence[Turn] | None, works: Works
) -> StaffHour:
    likely = sum(each.likely for each in needs)
    there = present(_for(turns, queue_id, queue, works), at, at + HOUR) if turns is not None else None
    return StaffHour(
        at=at,
        queue_id=queue_id,
        queue=queue,
        likely=likely,
        low=max(likely - hypot(*(each.likely - each.low for each in needs)), 0.0),
        high=likely + hypot(*(each.high - each.likely for each in needs)),
        people=sum(each.people for each in needs),
        people_high=sum(each.people_high for each in needs),
        rostered=None if there is None else round(sum(there.values()) / HOUR, 2),
        reps=tuple(sorted(there or ())),
        channels=tuple(needs),
    )


def _for(turns: Iterable[Turn], queue_id: int, queue: str, works: Works) -> list[Turn]:
    """Who is to be there in a queue: what is in none is everybody's."""
    return [
        turn
        for turn in turns
        if (not turn.queues or queue.casefold() in turn.queues) and (not queue_id or works(turn.login, queue_id))
    ]


def available(queues: Collection[int], logins: Collection[str], works: Works) -> dict[int, int]:
    """How many of those who are available work in each queue; 0: all of them."""
    return {0: len(logins), **{id: sum(works(login, id) for login in logins) for id in queues}}
