"""`desk list`, `show`, `search`, `counts`, `save`, `status`, `schema` against a real server with the sample shop."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from desk.cli.commands import desk as program
from tests.cli.program import Program
from tests.servers.desk import DeskServer


def of_subject(shop: Program, subject: str) -> int:
    items = shop.ok("list", "--view", "all", "--json", "--limit", "1000").json()["items"]
    (found,) = [item["id"] for item in items if subject in item["subject"]]
    return int(found)


class TestList:
    def test_lines_are_tab_separated_and_whole(self, shop: Program) -> None:
        lines = shop.ok("list").out.splitlines()
        page = shop.ok("list", "--json").json()
        assert len(lines) == len(page["items"]) == page["total"]
        for line, item in zip(lines, page["items"], strict=True):
            fields = line.split("\t")
            assert (int(fields[0]), fields[1], fields[3]) == (item["id"], item["state"], item["subject"])

    def test_views_agree_with_counts(self, shop: Program) -> None:
        counts = shop.ok("counts", "--json").json()
        assert counts["open"] > 10
        for view in ("mine", "waiting", "snoozed", "resolved", "spam", "all"):
            assert len(shop.ok("list", "--view", view).out.splitlines()) == counts[view]

    def test_a_window(self, shop: Program) -> None:
        whole = shop.ok("list", "--view", "all").out.splitlines()
        assert shop.ok("list", "--view", "all", "--offset", "3", "--limit", "4").out.splitlines() == whole[3:7]

    def test_options_stand_before_or_after_the_command(self, shop: Program) -> None:
        after = shop.ok("list", "--json").out
        assert shop.ok("--json", "list").out == after
        assert shop.ok("--workspace", str(shop.home.folder), "list", "--json", DESK_WORKSPACE="/nowhere").out == after

    def test_mine_is_the_named_reps(self, shop: Program) -> None:
        assert shop.ok("list", "--view", "mine", "--agent", "nobody-yet").out == ""
        assert {
            item["assignee_name"]
            for item in shop.ok("list", "--view", "mine", "--agent", "ada", "--json").json()["items"]
        } == {"Ada Lindqvist"}

    def test_a_reader_that_goes_away_is_no_error(self, shop: Program) -> None:
        writer = subprocess.Popen(
            shop.command("list", "--view", "all"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**shop.environment, "PYTHONUNBUFFERED": "1"},
        )
        assert writer.stdout is not None
        writer.stdout.close()
        _, err = writer.communicate(timeout=60)
        assert err == b""
        assert writer.returncode == 141


class TestShow:
    def test_the_whole_thread(self, shop: Program) -> None:
        id = of_subject(shop, "Cargo bike")
        text = shop.ok("show", str(id)).out
        assert text.startswith("Cargo bike: can the colour still be changed?\n")
        assert text.index("is painted on the 9th") < text.index("does the box get the same colour")
        assert "Ada Lindqvist" in text
        assert "[quote: " in text

    def test_unfolded(self, shop: Program) -> None:
        id = of_subject(shop, "Cargo bike")
        assert "> yes: the frame is painted" in shop.ok("show", str(id), "--full").out
        assert "> yes: the frame is painted" not in shop.ok("show", str(id)).out

    def test_json_has_conversation_and_messages(self, shop: Program) -> None:
        id = of_subject(shop, "Rear wheel clicks")
        shown = shop.ok("show", str(id), "--json").json()
        assert set(shown) == {"conversation", "messages"}
        assert [message["direction"] for message in shown["messages"] if message["direction"] != "event"] == [
            "in",
            "out",
            "in",
            "note",
            "in",
        ]

    def test_a_window_of_a_long_thread(self, shop: Program) -> None:
        id = of_subject(shop, "Rear wheel clicks")
        messages = shop.ok("show", str(id), "--json").json()["messages"]
        last = shop.ok("show", str(id), "--json", "--limit", "1").json()["messages"]
        assert last == messages[-1:]
        before = shop.ok("show", str(id), "--json", "--before", str(last[0]["id"])).json()["messages"]
        assert before == messages[:-1]

    def test_unknown(self, shop: Program) -> None:
        ended = shop("show", "99999")
        assert (ended.code, ended.out) == (4, "")
        assert "there is no conversation 99999" in ended.err
        problem = shop("show", "99999", "--json").problem()
        assert problem["code"] == "not-found"


class TestSearch:
    @pytest.mark.parametrize(
        ("query", "subject"),
        [
            (["derailleur"], "Rear wheel clicks"),
            (["charniere"], "Vélo pliant"),
            (['"carbon seat post"'], "child seat"),
            (["Fernández", "parc*"], "casco"),
            (["ハンドル", "税関"], "関税"),
            (["spokes.png"], "Rear wheel clicks"),
        ],
    )
    def test_words_people_and_files(self, shop: Program, query: list[str], subject: str) -> None:
        hits = shop.ok("search", "--json", *query).json()["hits"]
        assert any(subject in hit["conversation"]["subject"] for hit in hits)

    def test_nothing_found_is_no_error(self, shop: Program) -> None:
        assert shop.ok("search", "xyzzyplugh").out == ""

    def test_pages(self, shop: Program) -> None:
        first = shop.ok("search", "--json", "--limit", "2", "hello").json()
        assert len(first["hits"]) == 2
        second = shop.ok("search", "--json", "--limit", "2", "--before", str(first["next_before"]), "hello").json()
        ids = [hit["conversation"]["id"] for page in (first, second) for hit in page["hits"]]
        assert len(set(ids)) == 4


class TestSave:
    def test_attachments(self, shop: Program, tmp_path: Path) -> None:
        id = of_subject(shop, "Rear wheel clicks")
        messages = shop.ok("show", str(id), "--json").json()["messages"]
        (message,) = [message["id"] for message in messages if message["attachments"]]
        (written,) = shop.ok("save", str(message), "--to", str(tmp_path / "new"), "--json").json()
        assert Path(written["path"]).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        assert "spokes-1.png" in shop.ok("save", str(message), "--to", str(tmp_path / "new")).out

    def test_raw_bytes(self, shop: Program, tmp_path: Path) -> None:
        id = of_subject(shop, "Rear wheel clicks")
        first = shop.ok("show", str(id), "--json").json()["messages"][0]
        shop.ok("save", str(first["id"]), "--raw", "--to", str(tmp_path))
        raw = (tmp_path / f"message-{first['id']}.eml").read_bytes()
        assert len(raw) == first["size"]
        assert first["rfc_message_id"].encode() in raw

    def test_where_nothing_can_be_written(self, shop: Program, tmp_path: Path) -> None:
        id = of_subject(shop, "Rear wheel clicks")
        first = shop.ok("show", str(id), "--json").json()["messages"][0]
        (tmp_path / "file").write_text("in the way")
        ended = shop("save", str(first["id"]), "--raw", "--to", str(tmp_path / "file" / "below"))
        assert ended.code == 1
        assert "cannot be written" in ended.err


class TestTheServer:
    def test_status(self, shop: Program, sample_server: DeskServer) -> None:
        status = shop.ok("status", "--json").json()
        assert status["pid"] == sample_server.pid
        assert status["quarantined"] == 1
        text = shop.ok("status").out
        assert f"process {sample_server.pid}" in text
        assert str(shop.home.folder) in text

    def test_status_starts_nothing(self, shop: Program, tmp_path: Path) -> None:
        ended = shop("status", "--workspace", str(tmp_path / "elsewhere"))
        assert ended.code == 3
        assert "no server runs" in ended.err
        assert not (tmp_path / "elsewhere").exists()

    def test_schema_is_openapi(self, shop: Program) -> None:
        document = shop.ok("schema").json()
        assert document["openapi"].startswith("3.")
        assert "/api/v1/conversations" in document["paths"]

    def test_ledger(self, shop: Program) -> None:
        (entry,) = shop.ok("ledger", "--outcome", "quarantined", "--json").json()
        assert entry["reason"]
        assert entry["reason"] in shop.ok("ledger", "--outcome", "quarantined").out
        stored = shop.ok("ledger", "--outcome", "stored", "--json", "--limit", "3").json()
        assert [one["outcome"] for one in stored] == ["stored"] * 3
        (way,) = shop.ok("ledger", "--message", str(stored[0]["message_id"]), "--json").json()
        assert way == stored[0]

    def test_outbox(self, shop: Program) -> None:
        (failed,) = shop.ok("outbox", "--state", "failed", "--json").json()
        assert "mailbox full" in failed["error"]
        assert "mailbox full" in shop.ok("outbox", "--state", "failed").out


class TestUsage:
    @pytest.mark.parametrize(
        "arguments",
        [
            ["nonsense"],
            ["list", "--limit", "0"],
            ["show"],
            ["show", "zero"],
            ["show", "0"],
            ["search"],
            ["snooze", "1", "whenever"],
            ["assign", "1"],
            ["tag", "1"],
            ["outbox", "undo"],
            ["ledger", "replay"],
            ["import", "/does/not/exist"],
        ],
    )
    def test_mistakes_end_with_2(self, shop: Program, arguments: list[str]) -> None:
        ended = shop(*arguments)
        assert (ended.code, ended.out) == (2, "")
        assert "Usage: desk" in ended.err or "Error" in ended.err

    def test_every_command_explains_itself(self) -> None:
        runner = CliRunner()
        listed = runner.invoke(program, ["--help"]).output.split("Commands:")[1].split("\n")
        summaries = dict(line.split(None, 1) for line in listed if line.strip())
        assert len(summaries) > 20
        for name, summary in summaries.items():
            text = runner.invoke(program, [name, "--help"]).output
            assert summary.strip() in text
            below = re.findall(r"^  ([a-z-]+)", text.partition("Commands:")[2], re.M)
            for part in [[name, each] for each in below] or [[name]]:
                assert "--json" in runner.invoke(program, [*part, "--help"]).output, part

    def test_the_terminal_needs_a_terminal(self, shop: Program) -> None:
        ended = shop()
        assert ended.code == 2
        assert "needs a terminal" in ended.err

    @pytest.mark.parametrize("line", [["bogus", "--json"], ["--json", "list", "--limit", "x"], ["show", "--json"]])
    def test_with_json_a_line_that_makes_no_sense_is_told_as_json_too(self, shop: Program, line: list[str]) -> None:
        ended = shop(*line)
        assert (ended.code, ended.out) == (2, "")
        problem = ended.problem()
        assert list(problem) == ["code", "message", "hint", "detail"]
        assert problem["code"] == "usage"
        assert problem["hint"].startswith("Usage: desk")

    def test_version(self, shop: Program) -> None:
        assert shop.ok("--version").out.startswith("desk 0.")
