"""What reps know of customers, what there was with them, and who may be the same person."""

from __future__ import annotations

import time
from typing import Any

import pytest
from msgspec.structs import replace

from desk.clock import MINUTE
from desk.model import Customer, CustomerEdit, Identity
from desk.service import customers, inbox, undo
from desk.service.errors import Invalid, Lost, NotFound
from tests.service.world import World, mail


def alice(world: World) -> Customer:
    return customers.get(world.store, world.conversation(world.one(mail(name="Alice")).conversation_id).customer_id)


def edit(world: World, id: int, **change: Any) -> Customer:
    return customers.edit(world.store, world.clock, world.ada, id, CustomerEdit(**change))


def phone(value: str) -> Identity:
    return Identity(kind="phone", value=value)


def test_everything_can_be_edited_and_taken_back(world: World) -> None:
    before = alice(world)
    after = edit(
        world,
        before.id,
        rev=before.rev,
        name=" Alice  B. ",
        notes="likes\x00 tea",
        zone="Europe/Berlin",
        language="de-AT",
        add_tags=("vip", "press"),
        attributes={"size": "M", "plan": "gold"},
        add=(phone("+49 (0) 30 / 123-45"), Identity(kind="email", value="Alice@Private.example")),
    )
    assert (after.name, after.notes, after.zone, after.language) == (
        "Alice B.",
        "likes\u2400 tea",
        "Europe/Berlin",
        "de-AT",
    )
    assert (after.tags, after.attributes) == (("press", "vip"), {"size": "M", "plan": "gold"})
    assert [each.value for each in after.identities] == ["alice@example.com", "alice@private.example", "+493012345"]
    [row] = world.store.conversations.of_customer(before.id)
    assert row.customer_name == "Alice B."
    less = edit(
        world,
        before.id,
        remove_tags=("vip",),
        attributes={"size": None},
        address="alice@private.example",
        remove=(phone("+49 30 12345"),),
    )
    assert (less.tags, less.attributes, less.address) == (("press",), {"plan": "gold"}, "alice@private.example")
    assert undo.undo(world.store, world.clock, world.ada).label == "changes to Alice B."
    assert replace(customers.get(world.store, before.id), rev=after.rev) == after
    undo.undo(world.store, world.clock, world.ada)
    assert replace(customers.get(world.store, before.id), rev=before.rev) == before
    [row] = world.store.conversations.of_customer(before.id)
    assert row.customer_name == "Alice"
    assert world.store.customers.search("private.example") == []
    with pytest.raises(NotFound):
        customers.get(world.store, 4_711)


def test_edits_are_against_a_rev(world: World) -> None:
    customer = alice(world)
    edit(world, customer.id, rev=customer.rev, notes="tea")
    with pytest.raises(Lost) as stale:
        edit(world, customer.id, rev=customer.rev, notes="coffee")
    assert stale.value.code == "stale"


@pytest.mark.parametrize(
    "change",
    [
        {"name": " "},
        {"zone": "Mars/Olympus"},
        {"zone": "../etc/passwd"},
        {"language": "klingon!"},
        {"add_tags": ("",)},
        {"attributes": {"": "x"}},
        {"attributes": {"a:b": "x"}},
        {"add": (phone("call me"),)},
        {"add": (Identity(kind="email", value="nobody"),)},
        {"address": "else@example.com"},
        {"notes": "x" * 200_001},
    ],
)
def test_what_cannot_be(world: World, change: dict[str, Any]) -> None:
    customer = alice(world)
    with pytest.raises(Invalid):
        edit(world, customer.id, **change)
    assert customers.get(world.store, customer.id) == customer


def test_an_address_has_one_owner(world: World) -> None:
    customer = alice(world)
    world.one(mail("bob@example.com", name="Bob", subject="other"))
    with pytest.raises(Lost, match="belongs to Bob"):
        edit(world, customer.id, add=(Identity(kind="email", value="BOB@example.com"),))


def test_somebody_elses_note_survives_an_undo(world: World) -> None:
    customer = alice(world)
    edit(world, customer.id, notes="hers", attributes={"a": "1"})
    customers.edit(world.store, world.clock, world.ben, customer.id, CustomerEdit(notes="his", attributes={"b": "2"}))
    undone = undo.undo(world.store, world.clock, world.ada)
    assert [(left.what, left.who) for left in undone.left] == [("notes", "Ben")]
    now = customers.get(world.store, customer.id)
    assert (now.notes, now.attributes) == ("his", {"b": "2"})


def test_the_summary(world: World) -> None:
    first = world.one(mail(id="a@x"))
    world.clock.advance(5 * MINUTE)
    world.answered(first.conversation_id)
    second = world.one(mail(subject="Another", salt="2"))
    inbox.set_state(world.store, world.clock, world.ada, first.conversation_id, "resolved")
    summary = customers.summary(world.store, world.conversation(first.conversation_id).customer_id)
    assert summary.conversations == {"open": 1, "resolved": 1}
    assert (summary.messages_in, summary.messages_out, summary.last_in_at) == (2, 1, second.at)
    newest, oldest = summary.timeline
    assert (newest.conversation.id, newest.asked_at, newest.answer_ms) == (second.conversation_id, second.at, None)
    assert (oldest.conversation.state, oldest.answer_ms) == ("resolved", 5 * MINUTE + 1_000)


# --- duplicates -------------------------------------------------------------------------------------------


def person(world: World, name: str, *addresses: str) -> int:
    kinds = [Identity(kind="email" if "@" in each else "phone", value=each) for each in addresses]
    with world.store.write():
        return world.store.customers.create(name, kinds, world.clock.now())


def test_duplicates_have_reasons(world: World) -> None:
    ada = person(world, "Ada Byron", "ada@acme.example", "+493012345678")
    same_phone = person(world, "Somebody", "x@other.example", "0049 30 12345678")
    same_box = person(world, "", "ada+shop@acme.example")
    same_name_and_domain = person(world, "Byron, Ada", "byron@acme.example")
    same_name = person(world, "ada byron", "ada@elsewhere.example")
    similar = person(world, "Ada Byrom", "a@third.example")
    from_address = person(world, "", "ada.byron@fourth.example")
    person(world, "Bob Byron", "bob@fifth.example")
    person(world, "Zoe", "zoe@acme.example")
    found = {each.customer.id: each.reasons for each in customers.duplicates(world.store, ada)}
    assert found[same_phone] == ("the same phone number, 0049 30 12345678",)
    assert found[same_box] == ("ada+shop@acme.example and ada@acme.example are one mailbox",)
    assert found[same_name_and_domain] == ("the same name, both at acme.example",)
    assert found[same_name] == ("the same name",)
    assert found[similar] == ("similar names",)
    assert found[from_address] == ("the same name",)
    assert len(found) == 6
    scores = [each.score for each in customers.duplicates(world.store, ada)]
    assert scores == sorted(scores, reverse=True)


def test_gmail_ignores_dots_and_free_mail_is_no_company(world: World) -> None:
    one = person(world, "Cy", "c.y.smith@gmail.com")
    other = person(world, "Someone", "cysmith@googlemail.com")
    assert [each.customer.id for each in customers.duplicates(world.store, one)] == [other]
    a, b = person(world, "Max Meier", "m@gmx.de"), person(world, "Max Meier", "mm@gmx.de")
    [likeness] = customers.duplicates(world.store, a)
    assert (likeness.customer.id, likeness.reasons) == (b, ("the same name",))


def test_search_and_duplicates_are_fast_among_many(world: World) -> None:
    given = ["Ada", "Bob", "Carol", "Dora", "Emil", "Frida", "Georg", "Hanna", "Ivan", "Jana"]
    with world.store.write():
        for n in range(20_000):
            name = f"{given[n % 10]} Name{n % 3_000:04}"
            box = Identity(kind="email", value=f"user{n}@company{n % 500}.example")
            world.store.customers.create(name, [box], n)
    took = []
    for work in (
        lambda: world.store.customers.search("name1234"),
        lambda: world.store.customers.search("user12345@"),
        lambda: world.store.customers.search("qx"),
        lambda: world.store.customers.search("ha name29"),
        lambda: customers.duplicates(world.store, 12_345),
    ):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    assert max(took) < 0.5, took
    assert len(world.store.customers.search("name1234")) == 7
    assert world.store.customers.search("qx") == []


def test_somebody_who_has_not_written_yet(world: World) -> None:
    mail_of = Identity(kind="email", value=" New@Person.example")
    given = CustomerEdit(
        name=" Nell New ", add=(mail_of, phone("+49 30 1")), notes="met at the fair", add_tags=("fair",)
    )
    made = customers.create(world.store, world.clock, world.ada, given)
    assert (made.name, made.address, made.notes, made.tags) == (
        "Nell New",
        "new@person.example",
        "met at the fair",
        ("fair",),
    )
    assert [each.value for each in made.identities] == ["new@person.example", "+49301"]
    assert [each.id for each in customers.find(world.store, "nell")] == [made.id]
    assert customers.find(world.store, " ")[0].id == made.id
    with pytest.raises(Lost) as taken:
        customers.create(world.store, world.clock, world.ada, CustomerEdit(name="Other", add=(mail_of,)))
    assert taken.value.detail == {"customer": str(made.id)}
    with pytest.raises(Invalid):
        customers.create(world.store, world.clock, world.ada, CustomerEdit(notes="nobody"))
    undone = undo.undo(world.store, world.clock, world.ada)
    assert undone.label == "new customer Nell New"
    assert customers.find(world.store, "nell") == []
    assert made.id not in {each.id for each in customers.find(world.store, "")}
    again = customers.create(world.store, world.clock, world.ada, CustomerEdit(add=(mail_of,)))
    assert (again.name, again.address) == ("", "new@person.example")


def test_a_timeline_comes_in_windows(world: World) -> None:
    customer = alice(world)
    for number in range(4):
        world.one(mail(subject=f"matter {number}"))
    whole = customers.summary(world.store, customer.id).timeline
    assert len(whole) == 5
    windows = [customers.timeline(world.store, customer.id, offset, 2) for offset in (0, 2, 4, 6)]
    assert tuple(chapter for window in windows for chapter in window) == whole
    assert [len(window) for window in windows] == [2, 2, 1, 0]
