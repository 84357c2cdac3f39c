"""`desk simulate`, as a program."""

from __future__ import annotations

import pytest

from tests.cli.program import Program

SMALL = ("--reps", "2", "--weeks", "2", "--days", "1", "--jobs", "1")


def test_the_model_answers_in_json_with_intervals(desk: Program) -> None:
    told = desk.ok("simulate", *SMALL, "--json").json()
    assert [each["policy"] for each in told][:4] == ["urgency", "channels", "round-robin", "longest-waiting"]
    [first, *_] = told
    assert (first["service"], first["reps"], first["days"], first["seeds"]) == (False, 2, 1, [1, 2])
    assert first["summary"]["weeks"] == 2
    assert first["summary"]["kept"]["chat"].keys() == {"mean", "off"}
    assert first == desk.ok("simulate", *SMALL, "--policy", "urgency", "--json").json()[0], "the same seeds, the same"


def test_desk_itself_is_worked_with(desk: Program) -> None:
    [told] = desk.ok("simulate", *SMALL[:2], "--weeks", "1", "--policy", "urgency", "--service", "--json").json()
    assert (told["service"], told["days"]) == (True, 1)
    assert told["summary"]["kept"]["email"]["mean"] > 0.5
    assert desk.ok("list", "--json").json()["items"] == [], "in a workspace of its own"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (("--policy", "push"), "add --service"),
        (("--policy", "fairness"), "urgency"),
        (("--load", "7"), "0.05<=x<=1.5"),
        (("--times", "fax=times.txt"), "write chat or callback or email"),
    ],
)
def test_what_cannot_be_is_refused(desk: Program, wrong: tuple[str, ...], says: str) -> None:
    ended = desk("simulate", *wrong)
    assert (ended.code, says in ended.err) == (2, True)


def test_times_that_are_not_there_are_told(desk: Program) -> None:
    ended = desk("simulate", *SMALL, "--times", "email=nowhere.mbox", "--json")
    assert (ended.code, ended.problem()["code"]) == (4, "unreadable")
    assert "nowhere.mbox: no such file or folder" in ended.problem()["message"]
    assert "two peaks" in ended.problem()["hint"]
