"""`desk callbacks`, as a program."""

from __future__ import annotations

import pytest

from tests.cli.program import Program
from tests.servers.desk import DeskServer


@pytest.fixture
def own(desk_server: DeskServer) -> Program:
    return Program(desk_server.home)


def test_asked_moved_called_and_cancelled(own: Program) -> None:
    made = own.ok("callbacks", "ask", "030 123456", "--country", "de", "--reason", "the \x1b[2Jbill", "--json").json()
    id, number = str(made["id"]), made["number"]
    assert (number, made["country"], made["state"]) == ("+4930123456", "DE", "waiting")
    assert "\x1b" not in own.ok("callbacks", "list").out
    moved = own.ok("callbacks", "move", id, "9d", "--rev", str(made["rev"]), "--json").json()
    assert moved["due_at"] > made["due_at"]
    assert own("callbacks", "move", id, "8d", "--rev", str(made["rev"])).code == 5
    assert "busy; again at" in own.ok("callbacks", "outcome", id, "busy", "--words", "engaged").out
    assert "reached; done" in own.ok("callbacks", "outcome", id, "reached").out
    late = own("callbacks", "outcome", id, "busy", "--json")
    assert (late.code, late.problem()["code"]) == (5, "settled")
    assert own.ok("callbacks", "list", "--json").json() == []
    told = own.ok("callbacks", "list", "--conversation", str(made["conversation_id"]), "--json").json()
    assert [each["outcome"] for each in told[0]["attempts"]] == ["busy", "reached"]
    other = own.ok("callbacks", "ask", "+49 30 123456", "--at", "tomorrow 10:00", "--json").json()
    assert "is cancelled" in own.ok("callbacks", "cancel", str(other["id"])).out
    assert "undone" in own.ok("undo").out
    assert [each["id"] for each in own.ok("callbacks", "list", "--json").json()] == [other["id"]]


def test_what_cannot_be_called_is_told(own: Program) -> None:
    wrong = own("callbacks", "ask", "+49 1", "--json")
    assert (wrong.code, wrong.problem()["code"]) == (1, "number-too-short")
    assert own("callbacks", "ask", "030 123456", "--country", "DE", "--at", "yesterday").code == 2
    assert own("callbacks", "cancel", "99", "--json").problem()["code"] == "not-found"
    assert own("callbacks", "outcome", "1", "unknown").code == 2
