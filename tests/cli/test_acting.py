"""Commands that change something, against a real server: what they do, what they say, what they refuse."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from desk.clock import HOUR, MINUTE, SystemClock
from tests.cli.program import Program
from tests.servers.common import eventually


@pytest.fixture
def open_id(own_shop: Program) -> int:
    """An open conversation that nobody has."""
    items = own_shop.ok("list", "--view", "unassigned", "--json").json()["items"]
    return int(items[0]["id"])


def test_claim_has_one_winner(own_shop: Program, open_id: int) -> None:
    assert "is yours" in own_shop.ok("claim", str(open_id)).out
    own_shop.ok("claim", str(open_id))
    lost = own_shop("claim", str(open_id), "--agent", "zoe", "--json")
    assert (lost.code, lost.out) == (5, "")
    assert lost.problem()["code"] == "taken"
    assert lost.problem()["detail"] == {"agent": "mia"}
    assert own_shop("claim", "99999").code == 4


def test_assign(own_shop: Program, open_id: int) -> None:
    assert own_shop.ok("assign", str(open_id), "ada", "--json").json()["assignee_name"] == "Ada Lindqvist"
    assert own_shop.ok("assign", str(open_id), "--nobody", "--json").json()["assignee_id"] is None
    assert own_shop("assign", str(open_id), "ada", "--nobody").code == 2


def test_resolve_reopen_spam(own_shop: Program, open_id: int) -> None:
    for command, state in (("resolve", "resolved"), ("reopen", "open"), ("spam", "spam")):
        assert own_shop.ok(command, str(open_id), "--json").json()["state"] == state


def test_a_stale_revision_loses(own_shop: Program, open_id: int) -> None:
    rev = own_shop.ok("show", str(open_id), "--json").json()["conversation"]["rev"]
    own_shop.ok("resolve", str(open_id), "--rev", str(rev))
    lost = own_shop("reopen", str(open_id), "--rev", str(rev), "--json")
    assert lost.code == 5
    assert lost.problem()["code"] == "stale"


def test_snooze(own_shop: Program, open_id: int) -> None:
    snoozed = own_shop.ok("snooze", str(open_id), "2h", "--json").json()
    assert snoozed["state"] == "snoozed"
    assert abs(snoozed["snoozed_until"] - SystemClock().now() - 2 * HOUR) < MINUTE
    assert "in the past" in own_shop("snooze", str(open_id), "2001-01-01").err


def test_tags(own_shop: Program, open_id: int) -> None:
    before = own_shop.ok("show", str(open_id), "--json").json()["conversation"]["tags"]
    tagged = own_shop.ok("tag", str(open_id), "vip", "refund", "--json").json()
    assert tagged["tags"] == sorted([*before, "refund", "vip"])
    untagged = own_shop.ok("tag", str(open_id), "--remove", "vip", "--json").json()
    assert untagged["tags"] == sorted([*before, "refund"])


def test_notes_come_from_the_option_a_file_or_standard_input(own_shop: Program, open_id: int, tmp_path: object) -> None:
    file = own_shop.home.folder.parent / "note.txt"
    file.write_text("from a file: größer\n", "utf-8")
    own_shop.ok("note", str(open_id), "--body", "as an option")
    own_shop.ok("note", str(open_id), "--file", str(file))
    own_shop.ok("note", str(open_id), stdin="from standard input\nin two lines\n")
    messages = own_shop.ok("show", str(open_id), "--json").json()["messages"]
    notes = [message["body"] for message in messages if message["direction"] == "note"]
    assert notes == ["as an option", "from a file: größer", "from standard input\nin two lines"]


def test_an_empty_text_is_refused(own_shop: Program, open_id: int) -> None:
    ended = own_shop("note", str(open_id), stdin="  \n")
    assert ended.code == 1
    assert "empty" in ended.err
    assert own_shop("note", str(open_id), "--body", "x", "--file", "-").code == 2


def test_a_terminal_is_told_what_a_script_reads(own_shop: Program, open_id: int) -> None:
    own_shop.ok("claim", str(open_id))
    assert str(open_id) in [line.split("\t")[0] for line in own_shop.ok("list", "--view", "mine").out.splitlines()]


def _runs(pid: int) -> bool:
    try:
        return "desk" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


def test_stop_and_start_again(own_shop: Program, open_id: int) -> None:
    own_shop.ok("note", str(open_id), "--body", "before")
    pid = own_shop.ok("status", "--json").json()["pid"]
    assert own_shop.ok("stop", "--json").json() == {"stopped": True}
    assert not own_shop.home.socket.exists()
    eventually(lambda: not _runs(pid), 10, what="the server's process gone")
    stopped = own_shop("stop")
    assert stopped.code == 3
    try:
        assert "before" in own_shop.ok("show", str(open_id)).out
        assert own_shop("status").code == 0
    finally:
        own_shop("stop")


def test_who_acts_is_named_by_option_environment_settings_or_the_system(own_shop: Program, open_id: int) -> None:
    def acts(*options: str, **environment: str) -> str:
        noted = own_shop.ok("note", str(open_id), "--body", "x", "--json", *options, **environment)
        return str(noted.json()["agent_name"])

    own_shop.home.settings.write_text('[desk]\nagent = "sue"\n')
    assert acts("--agent", "olga", DESK_AGENT="eve") == "olga"
    assert acts(DESK_AGENT="eve") == "eve"
    assert acts(DESK_AGENT="") == "sue"
    own_shop.home.settings.unlink()
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
