"""`desk articles`, as a program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.servers.desk import DeskServer


@pytest.fixture
def own(desk_server: DeskServer) -> Program:
    return Program(desk_server.home)


def test_writing_finding_moving_removing(own: Program) -> None:
    made = own.ok(
        "articles", "new", "Cancel an order", "--folder", "orders", "--page", "/checkout*", "--tag", "orders",
        "--question", "I ordered by mistake", "--json", stdin="Write **soon**.",
    ).json()  # fmt: skip
    assert (made["slug"], made["pages"]) == ("orders/cancel-an-order", ["/checkout*"])
    assert "as a draft" in own.ok("articles", "new", "Soon", "--draft", "--body", "x").out
    assert own("articles", "new", "Cancel an order", "--folder", "orders", "--body", "x").code == 5
    assert [hit["article"]["slug"] for hit in own.ok("articles", "find", "mistak", "--json").json()] == [made["slug"]]
    assert own.ok("articles", "suggest", "https://shop.example/checkout/pay").out.startswith("orders/cancel-an-order\t")
    assert own.ok("articles", "list").out.split("\n")[0].split("\t")[:2] == ["soon", "Soon"]
    assert "asked  I ordered by mistake" in own.ok("articles", "show", "orders/cancel-an-order.md").out
    own.ok("articles", "mv", "orders/cancel-an-order", "cancel")
    own.ok("articles", "rm", "cancel")
    gone = own("articles", "show", "cancel", "--json")
    assert (gone.code, gone.problem()["code"]) == (4, "not-found")
    assert "in vain" in own.ok("articles", "gaps").out


def test_editing_and_checking(own: Program, tmp_path: Path) -> None:
    own.ok("articles", "new", "Late", "--body", "Hello")
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf '+++\\ntitle = 7\\n+++\\nHello' > \"$1\"\n")
    editor.chmod(0o700)
    ended = own("articles", "edit", "late", EDITOR=str(editor), VISUAL=str(editor))
    assert (ended.code, "late.md:2:" in ended.err) == (1, True)
    checked = own("articles", "check", "--json")
    assert (checked.code, json.loads(checked.out)[0]["line"]) == (1, 2)
    assert own.ok("articles", "find", "late", "--json").json()[0]["article"]["body"] == "Hello"
    editor.write_text("#!/bin/sh\nprintf '[x](gone.md)' > \"$1\"\n")
    ended = own("articles", "edit", "late", EDITOR=str(editor), VISUAL=str(editor))
    assert "late.md:1: the link to gone.md leads to no article" in ended.err
    editor.write_text("#!/bin/sh\nprintf 'Hello again' > \"$1\"\n")
    own.ok("articles", "edit", "late", EDITOR=str(editor), VISUAL=str(editor))
    assert own.ok("articles", "check").out == "nothing is wrong\n"
