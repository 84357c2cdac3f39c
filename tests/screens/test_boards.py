"""The pages of policies and of rules, as lines."""

from __future__ import annotations

import pytest

from desk.clock import DAY, HOUR
from desk.model import AutomationInfo, Judged, LearningReport, PolicyInfo, PromiseBoard, PromiseTally, RuleInfo
from screens.boards import policy_lines, rule_lines
from screens.widgets.lines import Line

NOW = 1_790_000_000_000
GOLD = PolicyInfo(name="gold", when=("tag vip",), first=HOUR, resolution=2 * DAY, calendar="berlin")


def text(lines: list[Line]) -> str:
    return "\n".join("".join(part for part, _ in line.spans) for line in lines)


def board(kept: int, broken: int) -> PromiseBoard:
    tallies = [
        PromiseTally(policy=name, kind="first", running=3, late=1, kept=kept, broken=broken) for name in ("gold", "old")
    ]
    return PromiseBoard(since=0, policies=(GOLD, PolicyInfo(name="", next=HOUR, pause=False)), tallies=tuple(tallies))


def test_policies_with_what_runs_and_what_became_of_them() -> None:
    said = text(policy_lines(board(5, 1), board(20, 2), 200))
    assert "gold — tag vip" in said
    assert "first answer in 1h, resolution in 2d; working time of berlin; stands still while" in said
    assert "3 run, 1 late, 0 paused · 7 days: 5 kept, 1 broken · 30 days: 20 kept, 2 broken" in said
    assert "[promises] — everybody" in said
    assert "old — in desk.toml no longer" in said


def test_rules_automations_and_what_was_learned() -> None:
    rules = [RuleInfo(name="refunds", on="new", when="refund", do=("queue Returns",), stop=True, acted=4)]
    automations = [AutomationInfo(name="silent", on="last", after=7 * DAY, do=("resolve",), enabled=False)]
    labels = (
        Judged(kind="queue", name="Returns", examples=80, threshold=0.8, said=20, right=19, there=25, earned=True),
        Judged(kind="tag", name="rare", examples=5, threshold=1.1),
    )
    report = LearningReport(state="ready", at=NOW, examples=500, judged_on=100, queues=True, labels=labels)
    said = text(rule_lines(rules, automations, report, NOW, 200))
    assert "refunds — acted 4 times in 7 days" in said
    assert "→ queue Returns · stop" in said
    assert "silent — off, only tried" in said
    assert "last 7d later: everything" in said
    assert "queue Returns — 19 of 20 right, 95%, from 80% sure: counts" in said
    assert "tag rare — never said: does not count below 90%" in said
    assert "nothing yet" in text(rule_lines([], [], LearningReport(), NOW, 80))


@pytest.mark.parametrize("width", [40, 80])
def test_nothing_is_wider_than_the_screen(width: int) -> None:
    lines = policy_lines(board(5, 1), board(20, 2), width)
    assert max(sum(len(part) for part, _ in line.spans) for line in lines) <= width
