"""How long somebody on a site will wait for a first answer: from how the chats before them fared, and who is there.

Nothing is promised that was not measured. While somebody waits, an answer is given every so often: that pace, the time
during which anybody waited divided by the answers given in it, is the same whether they waited one after the other or
all at once. Who is the third waits for three answers. Whoever still waits, or gave up, makes the pace slower, and so
does it if fewer reps are there now than gave those answers; more of them promise nothing that was not seen yet.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from desk.clock import HOUR, MINUTE, Millis
from desk.model import Wait

MEASURED_OVER: Millis = 2 * HOUR
"""What is longer ago says nothing about now."""
MEASURED_AT_MOST = 50
"""Chats, the newest ones."""
ANSWERS_AT_LEAST = 3
"""Fewer are no measure."""
TOLD = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60)
"""Minutes that are told: the longer, the rougher."""
LONGER = 61
"""Minutes that stand for all that is longer than can be told."""


def expected(waits: Sequence[Wait], *, ahead: int, reps: int, now: Millis) -> Millis | None:
    """How long until somebody answers whom so many wait before, with so many reps there; None if nobody can tell."""
    recent = [wait for wait in waits if _until(wait, now) > now - MEASURED_OVER]
    answered = [wait for wait in recent if wait.answered_at is not None]
    if reps < 1 or len(answered) < ANSWERS_AT_LEAST:
        return None
    waited = _covered((max(wait.began_at, now - MEASURED_OVER), _until(wait, now)) for wait in recent)
    answering = len({wait.agent_id for wait in answered})
    return round((ahead + 1) * waited / len(answered) * max(1.0, answering / reps))


def _until(wait: Wait, now: Millis) -> Millis:
    return wait.answered_at or wait.left_at or now


def _covered(spans: Iterable[tuple[Millis, Millis]]) -> Millis:
    """How much time lies in at least one of these."""
    total = end = 0
    for began, ended in sorted(spans):
        total += max(ended - max(began, end), 0)
        end = max(end, ended)
    return total


def in_minutes(wait: Millis | None) -> int | None:
    """As it is told: whole minutes, rounded up to one of `TOLD`; `LONGER` if it is longer than all of them."""
    if wait is None:
        return None
    index = bisect_left(TOLD, wait / MINUTE)
    return TOLD[index] if index < len(TOLD) else LONGER
