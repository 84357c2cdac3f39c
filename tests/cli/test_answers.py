"""`desk answers` and `desk macro`, as programs."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.servers.desk import DeskServer
from tests.servers.shop import fill_with_sample

SETTINGS = """\
[accounts.larkspur]
address = "hello@larkspur-cycles.example"
name = "Larkspur Cycles"

[macros.thanks]
help = "Thank and close"
steps = ["reply ::thanks", "resolve"]
"""


@pytest.fixture
def own(desk_server: DeskServer) -> Program:
    return Program(desk_server.home)


def test_writing_finding_moving_removing(own: Program, tmp_path: Path) -> None:
    form = tmp_path / "form.pdf"
    form.write_bytes(b"%PDF")
    made = own.ok(
        "answers", "new", "Late parcel", "--shortcut", "late", "--folder", "shipping", "--attach", str(form), "--json",
        stdin="Hello {customer.first_name|there}",
    ).json()  # fmt: skip
    assert (made["key"], made["attachments"]) == ("shipping/late-parcel", ["late-parcel.files/form.pdf"])
    assert "type ::mine" in own.ok("answers", "new", "Mine", "--personal", "--body", "x").out
    assert own("answers", "new", "Late parcel", "--folder", "shipping", "--body", "x").code == 5
    assert [hit["answer"]["key"] for hit in own.ok("answers", "search", "lat", "--json").json()] == [made["key"]]
    assert own.ok("answers", "list").out.split("\n")[0].split("\t")[0] == "::late"
    assert "Hello {customer.first_name|there}" in own.ok("answers", "show", "::late").out
    assert own.ok("answers", "mv", "::late", "late", "--json").json()["attachments"] == [
        "shipping/late-parcel.files/form.pdf"
    ]
    own.ok("answers", "rm", "late")
    gone = own("answers", "show", "late", "--json")
    assert (gone.code, gone.problem()["code"]) == (4, "not-found")


def test_in_and_out(own: Program, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.md").write_text("Hello")
    (tmp_path / "in" / "bad.md").write_text("+++\n")
    ended = own("answers", "import", str(tmp_path / "in"))
    assert (ended.code, ended.out) == (1, "1 new\n")
    assert "bad.md:1:" in ended.err
    theirs = tmp_path / "theirs.json"
    theirs.write_text(json.dumps([{"short_code": "hi", "content": "Hi {{contact.name}}"}]))
    assert own.ok("answers", "import", str(theirs), "--json").json()["new"] == ["hi.md"]
    assert "1 there already" in own.ok("answers", "import", str(theirs)).out
    own.ok("answers", "export", str(tmp_path / "out.zip"))
    assert zipfile.ZipFile(tmp_path / "out.zip").namelist() == ["a.md", "hi.md"]
    assert own("answers", "export", str(tmp_path / "out.zip")).code == 1


def test_editing_and_checking(own: Program, tmp_path: Path) -> None:
    own.ok("answers", "new", "Late", "--body", "Hello")
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf '+++\\ntitle = 7\\n+++\\nHello' > \"$1\"\n")
    editor.chmod(0o700)
    ended = own("answers", "edit", "::late", EDITOR=str(editor), VISUAL=str(editor))
    assert (ended.code, "late.md:2:" in ended.err) == (1, True)
    checked = own("answers", "check", "--json")
    assert (checked.code, json.loads(checked.out)[0]["line"]) == (1, 2)
    editor.write_text("#!/bin/sh\nprintf 'Hello again' > \"$1\"\n")
    own.ok("answers", "edit", "late", EDITOR=str(editor), VISUAL=str(editor))
    assert own.ok("answers", "check").out == "nothing is wrong\n"


def test_answers_and_macros_on_a_conversation(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(SETTINGS)
    fill_with_sample(server.home)
    (server.home.answers).mkdir(exist_ok=True)
    (server.home.answers / "thanks.md").write_text("Thanks, {customer.first_name}!")
    (server.home.answers / "thanks.de.md").write_text("Danke!")
    (server.home.answers / "gap.md").write_text("Your {customer.frame_number}")
    shop = Program(server.start().home)
    first, second, third = (str(item["id"]) for item in shop.ok("list", "--json").json()["items"][:3])
    assert shop.ok("answers", "show", "::thanks").out.endswith("Thanks, {customer.first_name}!\n")
    assert shop.ok("answers", "show", "::thanks", "--for", first).out.startswith("Thanks, ")
    item = shop.ok("reply", first, "--answer", "::thanks", "--json").json()
    assert item["content"]["answers"] == ["thanks"]
    refused = shop("reply", second, "--answer", "gap", "--json")
    assert (refused.code, refused.problem()["code"]) == (1, "unsettled")
    assert shop.ok("macro").out.startswith("thanks\tThank and close\t")
    assert "a reply from hello@" in shop.ok("macro", "thanks", second, "--preview").out
    assert shop.ok("show", second, "--json").json()["conversation"]["state"] == "open"
    ended = shop("macro", "thanks", second, third, "99999")
    assert ended.code == 4, "the preview does not know it"
    assert shop.ok("macro", "thanks", second, third).out == f"#{second} done\n#{third} done\n"
    assert shop.ok("show", second, "--json").json()["conversation"]["state"] == "resolved"
    plan = shop.ok("macro", "thanks", "--view", "open", "-q", "tag:safety", "--preview", "--json").json()
    assert plan["total"] == len(plan["previews"]) > 0
    job = shop.ok("macro", "thanks", "--view", "open", "-q", "tag:safety", "--json").json()
    assert (job["done"], job["failed"], job["state"]) == (plan["total"], 0, "done")
    assert shop("macro", "thanks", first, "--view", "open").code == 2
