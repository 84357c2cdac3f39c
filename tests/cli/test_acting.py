"""Commands that change something, against a real server: what they do, what they say, what they refuse."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from desk.clock import HOUR, MINUTE, SystemClock
from tests.cli.program import Program
from tests.servers.common import eventually
from tests.servers.desk import DeskServer


@pytest.fixture(scope="module")
def untouched(sample_server: DeskServer) -> list[int]:
    """Open conversations that nobody has and no test has taken yet."""
    items = Program(sample_server.home).ok("list", "--view", "unassigned", "--json").json()["items"]
    return [int(item["id"]) for item in items]


@pytest.fixture
def open_id(untouched: list[int]) -> int:
    """An open conversation that nobody has, for this test alone."""
    return untouched.pop()


def test_claim_has_one_winner(shop: Program, open_id: int) -> None:
    assert "is yours" in shop.ok("claim", str(open_id)).out
    shop.ok("claim", str(open_id))
    lost = shop("claim", str(open_id), "--agent", "zoe", "--json")
    assert (lost.code, lost.out) == (5, "")
    assert lost.problem()["code"] == "taken"
    assert lost.problem()["detail"] == {"agent": "mia"}
    assert shop("claim", "99999").code == 4


def test_next_is_taken_or_looked_at(own_shop: Program) -> None:
    look = own_shop.ok("next", "--look", "--json").json()
    assert own_shop.ok("next", "--look", "--json").json()["id"] == look["id"], "it is left where it is"
    taken = own_shop.ok("next", "--json").json()
    assert (taken["id"], taken["assignee_name"]) == (look["id"], "mia")
    other = own_shop.ok("next", "--skip", str(taken["id"]), "--json").json()
    assert other["id"] != taken["id"]


def test_assign(shop: Program, open_id: int) -> None:
    assert shop.ok("assign", str(open_id), "ada", "--json").json()["assignee_name"] == "Ada Lindqvist"
    assert shop.ok("assign", str(open_id), "--nobody", "--json").json()["assignee_id"] is None
    assert shop("assign", str(open_id), "ada", "--nobody").code == 2


def test_resolve_reopen_spam(shop: Program, open_id: int) -> None:
    for command, state in (("resolve", "resolved"), ("reopen", "open"), ("spam", "spam")):
        assert shop.ok(command, str(open_id), "--json").json()["state"] == state


def test_a_stale_revision_loses(shop: Program, open_id: int) -> None:
    rev = shop.ok("show", str(open_id), "--json").json()["conversation"]["rev"]
    shop.ok("resolve", str(open_id), "--rev", str(rev))
    lost = shop("reopen", str(open_id), "--rev", str(rev), "--json")
    assert lost.code == 5
    assert lost.problem()["code"] == "stale"


def test_snooze(shop: Program, open_id: int) -> None:
    snoozed = shop.ok("snooze", str(open_id), "2h", "--json").json()
    assert snoozed["state"] == "snoozed"
    assert abs(snoozed["snoozed_until"] - SystemClock().now() - 2 * HOUR) < MINUTE
    assert "in the past" in shop("snooze", str(open_id), "2001-01-01").err


def test_tags(shop: Program, open_id: int) -> None:
    before = shop.ok("show", str(open_id), "--json").json()["conversation"]["tags"]
    tagged = shop.ok("tag", str(open_id), "vip", "refund", "--json").json()
    assert tagged["tags"] == sorted([*before, "refund", "vip"])
    untagged = shop.ok("tag", str(open_id), "--remove", "vip", "--json").json()
    assert untagged["tags"] == sorted([*before, "refund"])


def test_notes_come_from_the_option_a_file_or_standard_input(shop: Program, open_id: int, tmp_path: object) -> None:
    file = shop.home.folder.parent / "note.txt"
    file.write_text("from a file: größer\n", "utf-8")
    shop.ok("note", str(open_id), "--body", "as an option")
    shop.ok("note", str(open_id), "--file", str(file))
    shop.ok("note", str(open_id), stdin="from standard input\nin two lines\n")
    messages = shop.ok("show", str(open_id), "--json").json()["messages"]
    notes = [message["body"] for message in messages if message["direction"] == "note"]
    assert notes == ["as an option", "from a file: größer", "from standard input\nin two lines"]


def test_an_empty_text_is_refused(shop: Program) -> None:
    ended = shop("note", "1", stdin="  \n")
    assert ended.code == 1
    assert "empty" in ended.err
    assert shop("note", "1", "--body", "x", "--file", "-").code == 2


def _runs(pid: int) -> bool:
    try:
        return "desk" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


def test_stop_and_start_again(own_shop: Program) -> None:
    own_shop.ok("note", "1", "--body", "before")
    pid = own_shop.ok("status", "--json").json()["pid"]
    assert own_shop.ok("stop", "--json").json() == {"stopped": True}
    assert not own_shop.home.socket.exists()
    eventually(lambda: not _runs(pid), 10, what="the server's process gone")
    stopped = own_shop("stop")
    assert stopped.code == 3
    try:
        assert "before" in own_shop.ok("show", "1").out
        assert own_shop("status").code == 0
    finally:
        own_shop("stop")


def test_who_acts_is_named_by_option_environment_settings_or_the_system(shop: Program) -> None:
    def acts(*options: str, **environment: str) -> str:
        noted = shop.ok("note", "1", "--body", "x", "--json", *options, **environment)
        return str(noted.json()["agent_name"])

    shop.home.settings.write_text('[desk]\nagent = "sue"\n')
    assert acts("--agent", "olga", DESK_AGENT="eve") == "olga"
    assert acts(DESK_AGENT="eve") == "eve"
    assert acts(DESK_AGENT="") == "sue"
    shop.home.settings.unlink()
    assert acts(DESK_AGENT="", LOGNAME="sam") == "sam"


def test_serve_runs_in_the_foreground_until_ctrl_c(own_shop: Program) -> None:
    own_shop.ok("stop")
    with subprocess.Popen(own_shop.command("serve"), stderr=subprocess.PIPE, env=own_shop.environment) as serving:
        eventually(lambda: own_shop("status").code == 0, 30, every=0.2, what="a server that answers")
        second = own_shop("serve")
        assert second.code == 1
        assert "already" in second.err
        assert own_shop.ok("status", "--json").json()["pid"] == serving.pid
        serving.send_signal(signal.SIGINT)
        _, err = serving.communicate(timeout=30)
        assert serving.returncode == 0
        assert b"Traceback" not in err
