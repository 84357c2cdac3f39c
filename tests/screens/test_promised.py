"""What is promised, in the head of a conversation and on a key; by a real server, under a policy of `desk.toml`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desk.clock import DAY, HOUR, MINUTE, Millis, SystemClock
from desk.model import Promise
from screens.promised import history, in_the_head, running
from screens.times import stamp
from screens.widgets.lines import text_of
from tests.screens.conftest import filled, shows, terminal
from tests.servers.desk import DeskServer

NOW: Millis = 1_790_000_000_000
POLICIES = """
[policies.rush]
priority = ["urgent"]
first = "40d"
next = "40d"
[policies.gold]
channel = ["email"]
first = "50d"
next = "50d"
"""
FIRST = Promise(
    id=1, conversation_id=7, kind="first", policy="gold", promised=4 * HOUR, began_at=NOW - HOUR, due_at=NOW + 3 * HOUR
)
PAUSED = Promise(
    id=2, conversation_id=7, kind="resolution", promised=DAY, began_at=NOW - HOUR, spent=HOUR, state="paused"
)
BROKEN = Promise(
    id=3,
    conversation_id=7,
    kind="next",
    promised=HOUR,
    began_at=NOW - DAY,
    due_at=NOW - 23 * HOUR,
    broken_at=NOW - 23 * HOUR,
    state="broken",
    ended_at=NOW - 20 * HOUR,
    agent_id=5,
)


def told(promise: Promise, now: Millis = NOW) -> str:
    return "".join(text for text, _ in in_the_head(promise, now))


def test_a_promise_to_call_at_a_time_is_told_to_the_second() -> None:
    asked = Promise(
        id=4, conversation_id=7, kind="callback", promised=10 * MINUTE + 815, began_at=NOW, due_at=NOW + HOUR
    )
    assert "   10m from " in "".join(map(text_of, history([asked], {}, NOW, 80)))


def test_the_head_names_what_runs_out_first() -> None:
    assert running([PAUSED, BROKEN, FIRST]) is FIRST
    assert running([BROKEN]) is None
    assert told(FIRST) == f" · first answer by {stamp(NOW + 3 * HOUR, NOW)} · policy gold"
    [(_, ink), _] = in_the_head(FIRST, NOW + 5 * HOUR)
    assert ink == "bad", "it is late"
    assert running([PAUSED, BROKEN]) is PAUSED
    assert told(PAUSED) == " · resolution paused, 23h left"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_what_became_of_each_and_by_whom(width: int) -> None:
    lines = history([BROKEN, PAUSED, FIRST], {5: "Ada"}, NOW, width)
    assert max(sum(len(text) for text, _ in line.spans) for line in lines) <= width
    text = "\n".join("".join(part for part, _ in line.spans) for line in lines)
    assert text.index("first answer") < text.index("resolution") < text.index("next answer")
    assert {each for each in ("4h from", "paused", "answered by Ada", "broken") if each not in text} == set()
    assert "nothing was ever promised" in history([], {}, NOW, width)[1].spans[0][0]


async def test_a_conversation_says_by_when_as_that_changes(new_desk: Callable[..., DeskServer]) -> None:
    server = filled(new_desk(POLICIES), SystemClock())
    async with terminal(server, size=(80, 24)) as (app, pilot), server.client("mia") as client:
        await pilot.press("enter")
        await shows(app, "answer by ", "policy ")
        row = app.inbox.conversation.conversation
        assert row is not None
        other = "gold" if row.priority == "urgent" else "rush"
        await client.set_priority(row.id, "normal" if other == "gold" else "urgent")
        await shows(app, f"policy {other}")
        await pilot.press("g", "t")
        await shows(app, "What was promised", f"policy {other}", "0d from ")
