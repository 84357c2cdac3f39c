"""The contract of agents, queues, tags and customers."""

from __future__ import annotations

import pytest

from desk.clock import ManualClock
from desk.model import Identity
from desk.store.base import Store, StoreError
from tests.store.world import World


def test_agents_are_made_once(store: Store, clock: ManualClock) -> None:
    with store.write():
        ann = store.agents.ensure("ann", "Ann")
        assert store.agents.ensure("ann") == ann
        ben = store.agents.ensure("ben")
    assert (ann.name, ann.created_at, ben.name) == ("Ann", clock.now(), "ben")
    assert store.agents.get(ann.id) == ann
    assert store.agents.get(999) is None
    assert store.agents.all() == [ann, ben]


@pytest.mark.parametrize("kind", ["tags", "queues"])
def test_names_are_unique_without_case(store: Store, kind: str) -> None:
    names = store.tags if kind == "tags" else store.queues
    with store.write():
        id = names.ensure("Größe")
        assert names.ensure("GRÖSSE") == id
        other = names.ensure("Billing")
    assert [(name.id, name.name) for name in names.all()] == [(other, "Billing"), (id, "Größe")]
    with pytest.raises(StoreError), store.write():
        names.ensure("  ")


def test_customers_are_found_by_any_identity(store: Store) -> None:
    with store.write():
        id = store.customers.create("Ada", [Identity(kind="email", value="Ada@X.org", name="Ada")], 5)
        assert store.customers.add_identity(id, Identity(kind="phone", value="+4930123"))
        assert store.customers.add_identity(id, Identity(kind="phone", value="+4930123"))
        other = store.customers.create("Bob", [Identity(kind="email", value="bob@x.org")], 6)
        assert not store.customers.add_identity(other, Identity(kind="email", value="ADA@x.org "))
    assert store.customers.find("email", "aDa@x.ORG") == id
    assert store.customers.find("phone", "+4930123") == id
    assert store.customers.find("email", "+4930123") is None
    ada = store.customers.get(id)
    assert ada is not None
    assert ada.identities == (
        Identity(kind="email", value="ada@x.org", name="Ada"),
        Identity(kind="phone", value="+4930123"),
    )
    assert (ada.name, ada.first_seen_at, ada.attributes) == ("Ada", 5, {})
    assert store.customers.get(999) is None


def test_a_customer_cannot_be_made_with_a_taken_identity(store: Store) -> None:
    with store.write():
        store.customers.create("Ada", [Identity(kind="email", value="ada@x.org")], 5)
        with pytest.raises(StoreError, match=r"ada@x\.org"):
            store.customers.create("Eve", [Identity(kind="email", value="ada@x.org")], 6)
    assert [customer.name for customer in store.customers.search("e")] == []


def test_customers_are_edited_against_their_rev(world: World) -> None:
    store, id = world.store, world.customer()
    conversation = world.conversation(customer=id)
    rev = world.person(id).rev
    with store.write():
        assert store.customers.update(id, rev=rev, name="Ada Lovelace")
        assert not store.customers.update(id, rev=rev, notes="late")
        assert store.customers.update(id, rev=rev + 1, notes="likes tea")
        assert not store.customers.update(999, rev=1, notes="x")
    person = world.person(id)
    assert (person.name, person.notes, person.rev) == ("Ada Lovelace", "likes tea", rev + 2)
    assert world.row(conversation).customer_name == "Ada Lovelace"


def test_customers_are_searched_by_name_and_address(world: World) -> None:
    ada, bob = world.customer(), world.customer("Bob Müller", "bob@shop.example")
    with world.store.write():
        world.store.customers.add_identity(bob, Identity(kind="phone", value="+49 30 1"))
        world.store.customers.update(bob, rev=2, name="Robert Müller")
    search = world.store.customers.search
    assert [customer.id for customer in search("byron")] == [ada]
    assert [customer.id for customer in search("MÜLLER shop.ex")] == [bob]
    assert [customer.id for customer in search("+49 30")] == [bob]
    assert [customer.id for customer in search("example")] == [bob, ada]
    assert len(search("example", limit=1)) == 1
    assert search("bob müller") != []
    assert search("%") == search("") == search("_") == []
