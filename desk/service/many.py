"""Acts on many conversations, a portion at a time: each conversation gets all of it or nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice

from msgspec import Struct

from desk.clock import Clock
from desk.model import Agent, BulkFailure
from desk.service import macros
from desk.service.errors import ServiceError
from desk.service.journal import Group, together
from desk.service.steps import Means
from desk.steps import Step
from desk.store.base import Store


class Act(Struct, frozen=True, kw_only=True):
    """What a rep does to many."""

    agent: Agent
    ids: Sequence[int]
    todo: Sequence[Step]
    means: Means
    group: Group
    """What one undo takes back."""
    seen_message_id: int | None = None
    """The newest message there was when the rep looked; an answer is refused where somebody wrote since."""


def portion(store: Store, clock: Clock, act: Act, place: int, seconds: float) -> tuple[int, list[BulkFailure]]:
    """Go on at `place` for about so long, in one transaction, and one conversation at least.

    Returns how many were taken, and those of them that were left as they are.
    """
    until, taken = time.monotonic() + seconds, 0
    failures: list[BulkFailure] = []
    with together(act.group), store.write():
        for id in islice(act.ids, place, None):
            try:
                macros.run(
                    store, clock, act.agent, id, act.todo, act.means, act.group, seen_message_id=act.seen_message_id
                )
            except ServiceError as error:
                failures.append(BulkFailure(conversation_id=id, code=error.code, message=error.message))
            taken += 1
            if time.monotonic() >= until:
                break
    return taken, failures
