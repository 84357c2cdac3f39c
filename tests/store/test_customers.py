"""The contract of customers as they are edited, merged and told apart, and of what there was with one of them."""

from __future__ import annotations

from desk.likeness import keys
from desk.model import Identity
from desk.store.base import Store
from tests.store.world import World


def test_what_is_set_is_set_and_the_rest_stays(world: World) -> None:
    id, store = world.customer(), world.store
    conversation = world.conversation(customer=id)
    before = world.person(id)
    with store.write():
        assert store.customers.update(
            id, rev=before.rev, notes="vip", tags=("b", "a"), attributes={"size": "M"}, zone="Europe/Berlin"
        )
        assert not store.customers.update(id, rev=before.rev, name="Late")
        assert store.customers.update(id, rev=before.rev + 1, name="Ada King", language="de", first_seen_at=3)
    after = world.person(id)
    assert (after.notes, after.tags, after.attributes) == ("vip", ("b", "a"), {"size": "M"})
    assert (after.zone, after.language, after.first_seen_at) == ("Europe/Berlin", "de", 3)
    assert (after.name, world.row(conversation).customer_name) == ("Ada King", "Ada King")
    assert [each.id for each in store.customers.search("king")] == [id]
    assert store.customers.search("byron") == []


def test_what_customers_are_told_apart_by_is_known(world: World) -> None:
    store = world.store
    assert (store.customers.tags(), store.customers.languages()) == ([], [])
    given = ((("VIP", "gold"), "de"), (("vip",), "pt-BR"), (("gold",), "de"), ((), ""))
    with store.write():
        for number, (tags, language) in enumerate(given):
            id = store.customers.create("", [Identity(kind="email", value=f"{number}@x.example")], 1)
            assert store.customers.update(id, rev=1, tags=tags, language=language)
    assert store.customers.tags() == ["gold", "VIP", "vip"]
    assert store.customers.languages() == ["de", "pt-BR"]


def test_an_address_that_goes_gives_its_place_to_another(world: World) -> None:
    id, store = world.customer(), world.store
    work = Identity(kind="email", value="work@example.org")
    with store.write():
        store.customers.add_identity(id, work)
        assert store.customers.remove_identity(id, Identity(kind="email", value="ADA@example.org"))
        assert not store.customers.remove_identity(id, Identity(kind="email", value="ada@example.org"))
    assert (world.person(id).address, world.person(id).identities) == ("work@example.org", (work,))
    assert store.customers.find("email", "ada@example.org") is None
    assert (store.customers.search("ada@ex"), [each.id for each in store.customers.search("work@")]) == ([], [id])
    with store.write():
        assert store.customers.remove_identity(id, work)
    assert world.person(id).address == ""


def test_who_is_another_is_found_by_nothing(world: World) -> None:
    ada, ben, store = world.customer(), world.customer("Ada Byron", "ada@work.example"), world.store
    key = sorted(keys("Ada Byron", ()))
    assert set(store.customers.sharing(key)) == {ada, ben}
    with store.write():
        store.customers.set_merged(ben, ada)
    assert world.person(ben).merged_into == ada
    assert ([each.id for each in store.customers.search("byron")], store.customers.sharing(key)) == ([ada], [ada])
    with store.write():
        store.customers.set_merged(ben, None)
    assert {each.id for each in store.customers.search("byron")} == {ada, ben}
    assert set(store.customers.sharing(key)) == {ada, ben}


def test_a_customer_is_found_in_the_transaction_that_makes_them(store: Store) -> None:
    with store.write():
        id = store.customers.create("Zoë Ångström", [Identity(kind="email", value="zoe@x.example")], 1)
        assert [each.id for each in store.customers.search("ngstr")] == [id]
    for text in ("zoe angstrom", "ANGSTROM zo", "x.exam", "zo"):
        assert [each.id for each in store.customers.search(text)] == [id], text
    assert store.customers.search("nobody") == []
    assert store.customers.names([id, 99]) == {id: ("Zoë Ångström", "zoe@x.example")}


def test_history_counts_what_there_was(world: World) -> None:
    id, other = world.customer(), world.customer("Ben", "ben@example.org")
    first, second = world.conversation(customer=id, at=1), world.conversation(customer=id, at=2)
    gone, theirs = world.conversation(customer=id), world.conversation(customer=other)
    world.message(first, at=10)
    world.message(first, at=30, direction="out")
    world.message(second, at=20, kind="auto")
    world.message(second, at=40, direction="note")
    world.message(theirs, at=50)
    with world.store.write():
        world.store.placing.set_state(gone, "merged", None, first)
        world.store.conversations.set_state(second, "resolved", 60)
    history = world.store.history
    assert history.states(id) == {world.row(first).state: 1, "resolved": 1}
    assert history.mails(id) == {"in": (2, 20), "out": (1, 30)}
    assert history.mails(99) == {}
    assert history.turns([first, second]) == [(first, "in", 10), (first, "out", 30)]
    assert history.turns([]) == []
    assert history.conversations(id, 0, 10) == [first, second]
    assert history.conversations(id, 1, 10) == [second]
    assert history.newest(10) == [other, id]
    assert history.newest(10, before=other) == [id]
    assert history.newest(10, before=id) == []
    with world.store.write():
        world.store.customers.set_merged(other, id)
    assert history.newest(10) == [id]


def test_those_found_are_paged(world: World) -> None:
    ids = [world.customer(f"Ada {n} Byron", f"ada{n}@example.org") for n in range(25)]
    for text in ("ada", "byron ada", "ad", "a by"):
        paged: list[int] = []
        while found := world.store.customers.search(text, 10, before=paged[-1] if paged else None):
            paged += [each.id for each in found]
        assert paged == ids[::-1], text
