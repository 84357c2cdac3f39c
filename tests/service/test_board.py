"""The board counts what a look through everything would, after any changes."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from desk.clock import MINUTE, Millis
from desk.definitions import DEFINITIONS
from desk.model import Standing
from desk.service.live.board import QUESTIONS, Board
from desk.service.live.metrics import ANSWERED_BY
from tests.service.world import often

NOW: Millis = 100 * MINUTE
instants = st.none() | st.integers(0, 200).map(lambda minutes: minutes * MINUTE)
standings = st.builds(
    Standing,
    id=st.integers(1, 12),
    state=st.sampled_from(("open", "waiting", "snoozed")),
    channel=st.sampled_from(("email", "chat")),
    queue_id=st.none() | st.integers(1, 2),
    agent_id=st.none() | st.integers(1, 2),
    waiting_since=instants,
    due_at=instants,
)


def plainly(what: str, row: Standing) -> bool:
    """The definitions of docs/metrics.md."""
    left = None if row.due_at is None else row.due_at - NOW
    if what.startswith("risk-"):
        return left is not None and 0 < left <= int(what.removeprefix("risk-")) * MINUTE
    return {
        "open": row.state == "open",
        "unassigned": row.state == "open" and row.agent_id is None,
        "waiting": row.waiting_since is not None,
        "broken": left is not None and left <= 0,
    }[what]


@given(steps=st.lists(st.tuples(st.lists(st.integers(1, 12), max_size=3), st.lists(standings, max_size=5)), max_size=8))
@often(150)
def test_counting_is_what_a_look_through_everything_says(steps: list[tuple[list[int], list[Standing]]]) -> None:
    board, rows = Board(), {}
    for gone, changed in steps:
        board.update(gone, changed)
        rows = {id: row for id, row in rows.items() if id not in gone} | {row.id: row for row in changed}
        for queue in (None, 0, 1, 2):
            here = [row for row in rows.values() if queue in (None, row.queue_id or 0)]
            for what in QUESTIONS:
                behind = board.behind(what, NOW, queue_id=queue)
                assert sorted(behind) == sorted(row.id for row in here if plainly(what, row))
            told = board.waiting(NOW, 50 * MINUTE, queue)
            waiting = [row for row in here if row.waiting_since is not None]
            assert told.open == sum(plainly("open", row) for row in here)
            assert told.risk_15 == sum(plainly("risk-15", row) for row in here)
            assert told.broken_today == sum(row.due_at is not None and 50 * MINUTE <= row.due_at <= NOW for row in here)
            assert told.waiting == Counter(row.channel for row in waiting)
            assert told.longest == min((row.waiting_since or 0 for row in waiting), default=None)
        for agent in (1, 2):
            theirs = [row for row in rows.values() if row.agent_id == agent and row.state == "open"]
            unanswered = sum(row.waiting_since is not None for row in theirs)
            assert board.has(agent) == (Counter(row.channel for row in theirs), unanswered)


def test_every_number_is_explained_and_every_explanation_is_a_number() -> None:
    without = {"longest", "first-answers-90", "occupancy", "self-service", "conversation", "theirs", "unanswered"}
    assert set(DEFINITIONS) - without == {*QUESTIONS, *ANSWERED_BY} - {"kept"}
