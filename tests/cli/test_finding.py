"""`desk views`, `list --query`, `search` in the language, `read`."""

from __future__ import annotations

from tests.cli.program import Program


def test_views_are_listed(shop: Program) -> None:
    views = {view["name"]: view for view in shop.ok("views", "--json").json()}
    counts = shop.ok("counts", "--json").json()
    assert views["open"]["count"] == counts["open"] > 10
    assert any(name.startswith("queue:") for name in views)
    lines = shop.ok("views").out.splitlines()
    assert f"open\t{counts['open']}\t\tstate:open" in lines


def test_a_list_is_filtered(shop: Program) -> None:
    page = shop.ok("list", "--view", "all", "--query", "state:open -has:attachment", "--json").json()
    assert page["total"] == len(page["items"]) > 0
    assert {(item["state"], item["has_attachments"]) for item in page["items"]} == {("open", False)}
    queue = next(item["queue_name"] for item in page["items"] if item["queue_name"])
    items = shop.ok("list", "--view", f"queue:{queue}", "--json").json()["items"]
    assert {item["queue_name"] for item in items} == {queue}


def test_a_wrong_word_is_pointed_at(shop: Program) -> None:
    result = shop("list", "-q", "kettle is:onread")
    assert result.code == 2
    assert "did you mean is:unread?" in result.err
    assert "kettle is:onread\n          ^^^^^^" in result.err
    assert shop("search", "colour:red").code == 2


def test_search_takes_fields(shop: Program) -> None:
    hits = shop.ok("search", "state:open", "the", "--json").json()["hits"]
    assert hits
    assert {hit["conversation"]["state"] for hit in hits} == {"open"}


def test_an_unknown_view_is_not_found(shop: Program) -> None:
    result = shop("list", "--view", "unasigned")
    assert result.code == 4
    assert "did you mean unassigned?" in result.err


def test_reading_and_unreading(shop: Program) -> None:
    [first, *_] = shop.ok("list", "--json").json()["items"]
    id = str(first["id"])
    assert shop.ok("read", id, "--not", "--json").json()["unread"]
    assert first["id"] in [item["id"] for item in shop.ok("list", "-q", "is:unread", "--json").json()["items"]]
    assert "is read" in shop.ok("read", id).out
