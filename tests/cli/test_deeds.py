"""`desk undo`, `redo`, `merge` and `bulk`."""

from __future__ import annotations

from tests.cli.program import Program


def ids(desk: Program) -> list[int]:
    return [row["id"] for row in desk.ok("list", "--json").json()["items"]]


def test_undo_and_redo(own_shop: Program) -> None:
    nothing = own_shop("undo", "--json")
    assert (nothing.code, nothing.problem()["code"]) == (5, "nothing-to-undo")
    id = ids(own_shop)[0]
    own_shop.ok("tag", str(id), "late")
    undone = own_shop.ok("undo", "--json").json()
    assert (undone["label"], undone["conversations"], undone["left"]) == (f"tags of #{id}", [id], [])
    assert own_shop.ok("redo").out == f"done again: tags of #{id}\n"
    assert own_shop.ok("undo").out == f"undone: tags of #{id}\n"
    own_shop.ok("spam", str(id))
    own_shop.ok("reopen", str(id), "--agent", "tom")
    told = f"not undone: #{id} marked as spam\ntom has changed the state of #{id} since; it stays"
    assert told in own_shop.ok("undo").out


def test_merge(own_shop: Program) -> None:
    into, one, other, *_ = ids(own_shop)
    merged = own_shop.ok("merge", str(into), str(one), str(other), "--json").json()
    assert merged["id"] == into
    gone = own_shop("claim", str(one), "--json")
    assert (gone.code, gone.problem()["code"], gone.problem()["detail"]) == (5, "merged", {"into": str(into)})
    own_shop.ok("undo")
    assert {one, other} <= set(ids(own_shop))
    customers = [own_shop.ok("show", str(id), "--json").json()["conversation"]["customer_id"] for id in (into, one)]
    assert "addresses" in own_shop.ok("merge", "--customers", *map(str, customers)).out
    own_shop.ok("undo")


def test_bulk(own_shop: Program) -> None:
    some = ids(own_shop)[:2]
    job = own_shop("bulk", "tag +sale", "priority high", "--id", str(some[0]), "--id", "4711", "--json")
    assert job.code == 1
    assert (job.json()["done"], job.json()["failed"], job.problem()["code"]) == (2, 1, "some-failed")
    said = own_shop.ok("bulk", "resolve", "--view", "open", "--query", "tag:sale").out
    assert said.startswith("resolve · 1 conversation: 1 of 1 done")
    assert own_shop("bulk", "resolve").code == 2
    assert own_shop("bulk", "resolv", "--view", "open").code == 1
    own_shop.ok("undo")
    own_shop.ok("undo")
    assert own_shop.ok("show", str(some[0]), "--json").json()["conversation"]["tags"] != ["sale"]
