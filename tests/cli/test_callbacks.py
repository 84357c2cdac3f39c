"""`desk callbacks`, as a program."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.server.test_calls import PROGRAM
from tests.servers.common import eventually
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


def test_a_number_or_who_waits_in_a_conversation_is_called(new_desk: Callable[..., DeskServer], tmp_path: Path) -> None:
    told, missing = tmp_path / "told", "[dialers.broken]\ndialer = 'launch'\ncommand = ['/no/such', '{number}']\n"
    own = Program(new_desk(PROGRAM.format(python=sys.executable, file=told) + missing).start().home)
    made = own.ok("callbacks", "ask", "+49 30 123456", "--reason", "the bill", "--json").json()
    call = own.ok("call", "+49-30-123456", "--wait", "--json").json()
    assert (call["callback_id"], call["number"], call["shown"]) == (made["id"], "+4930123456", "+49 30 123456")
    assert (call["stage"], call["tells"], call["dialer"]) == ("dialling", False, "own")
    eventually(lambda: told.is_file() and told.read_text() == "+4930123456", what="the number handed over")
    assert own("call", "+49 30 654321", "--json").problem()["code"] == "on-a-call"
    assert own.ok("hang-up", "--json").json()["stage"] == "ended"
    assert "no answer" not in own.ok("callbacks", "outcome", str(made["id"]), "no-answer").err
    assert own("hang-up", "--json").problem()["code"] == "no-call"
    early = own.ok("callbacks", "move", str(made["id"]), "2h", "--json").json()
    lost = own("call", str(early["conversation_id"]), "--dialer", "broken", "--wait", "--json")
    assert (lost.code, lost.problem()["code"]) == (1, "not-called")
    assert "/no/such" in lost.problem()["message"]
    assert own("call", str(early["conversation_id"]), "--dialer", "none", "--json").problem()["code"] == "no-dialer"
    assert own("call", "999", "--json").code == 4
    assert own("call", "+49 1", "--json").problem()["code"] == "number-too-short"
