"""What a transaction writes together is what it would have written step by step, for whoever looks in between too."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desk.clock import HOUR, ManualClock
from desk.mail.packing import pack
from desk.model import Address, Attachment, Identity, LedgerEntry, Message
from desk.store.base import Store, StoreError
from tests.store.conftest import Opener
from tests.store.world import World

ADA = Identity(kind="email", value="ada@example.org", name="Ada")
BYTES = "a" * 64


@st.composite
def mail(draw: st.DrawFn) -> Message:
    file = Attachment(name="bill.pdf", media_type="application/pdf", size=1, sha256=BYTES, inline=draw(st.booleans()))
    return Message(
        conversation_id=draw(st.integers(0, 1)),
        at=draw(st.integers(0, 5)) * HOUR // 2,
        direction=draw(st.sampled_from(["in", "in", "out", "note", "event"])),
        kind=draw(st.sampled_from(["message", "message", "auto"])),
        body=draw(st.sampled_from(["one", "two", "three"])),
        third_party=draw(st.booleans()),
        attachments=(file,) if draw(st.booleans()) else (),
        rfc_message_id=draw(st.sampled_from(["", "a@x", "b@x"])),
        references=draw(st.sampled_from([(), ("a@x",), ("b@x", "c@x")])),
        to=(Address(email="Shop@Example.org"),) if draw(st.booleans()) else (),
    )


def fill(
    store: Store, person: Identity, mails: list[Message], each: AbstractContextManager[None] | None
) -> list[object]:
    """Two conversations and their mail; `each` None: a transaction a mail. Returns all there is to see."""
    step = store.write if each is None else nullcontext
    with each or nullcontext():
        with step():
            ada = store.customers.create("Ada", [person], 1)
            ids = [
                store.conversations.create(subject=subject, channel="email", account="a", customer_id=ada, at=0)
                for subject in ("kettle", "toaster")
            ]
        for message in mails:
            with step():
                id = ids[message.conversation_id]
                added = store.messages.add(replace(message, conversation_id=id), raw_packed=pack(b"x"), sha256=BYTES)
                store.ledger.add(LedgerEntry(at=1, account="a", external_id=f"{added}", outcome="stored"))
                store.conversations.add_participants(id, ["Ada@example.org"])
    return list(seen(store, ids))


def seen(store: Store, ids: list[int]) -> Iterator[object]:
    yield store.conversations.many(ids)
    yield store.conversations.counts()
    yield store.ledger.counts()
    yield [store.messages.of_conversation(id) for id in ids]
    yield [(store.conversations.participants(id), store.conversations.addressed(id)) for id in ids]
    yield sorted(store.messages.awaiting(["a@x", "b@x", "c@x"]))
    yield [hit.message_id for hit in store.search.find("one").hits]
    yield store.messages.by_sha256(BYTES)


def test_one_transaction_or_many(make_store: Opener, tmp_path: Path) -> None:
    clock = ManualClock()
    together, apart = make_store(tmp_path / "together", clock), make_store(tmp_path / "apart", clock)
    numbers = itertools.count()

    @settings(max_examples=25, deadline=None)
    @given(mails=st.lists(mail(), max_size=8))
    def same(mails: list[Message]) -> None:
        ada = replace(ADA, value=f"ada{next(numbers)}@example.org")
        assert fill(together, ada, mails, together.write()) == fill(apart, ada, mails, None)

    try:
        same()
        assert together.check() == [line.replace("apart", "together") for line in apart.check()]
    finally:
        together.close()
        apart.close()


def test_a_transaction_reads_what_it_wrote(store: Store, world: World) -> None:
    with store.write():
        ada = store.customers.create("Ada", [ADA], 1)
        assert store.customers.find("email", "ADA@example.org") == ada
        assert world.person(ada).identities == (ADA,)
        with pytest.raises(StoreError, match="another customer has one of ada@"):
            store.customers.create("Other", [ADA], 1)
        id = store.conversations.create(subject="Kettle", channel="email", account="a", customer_id=ada, at=5)
        store.conversations.add_participants(id, ["ada@example.org"])
        assert store.conversations.participants(id) == {"ada@example.org"}
        assert world.row(id).customer_name == "Ada"
        assert store.conversations.of_subjects("a", ["kettle"], 0) == [("kettle", id, 5, 5)]
        message = store.messages.add(Message(conversation_id=id, at=9, direction="in", body="It leaks."))
        assert world.row(id).last_at == 9
        assert store.conversations.claim(id, store.agents.ensure("bo").id, 1)
        later = store.messages.add(Message(conversation_id=id, at=9, direction="in", body="Still."))
        assert later == message + 1
        assert world.row(id).assignee_name == "bo"
        assert world.row(id).messages == 2
        store.conversations.set_due(id, 77)
        assert world.row(id).due_at == 77
        entry = LedgerEntry(at=1, account="a", external_id="1", outcome="stored", message_id=message)
        assert store.ledger.seen("a", ["1"]) == set()
        first = store.ledger.add(entry)
        assert store.ledger.add(entry) == first
        assert store.ledger.seen("a", ["1"]) == {"1"}
        assert [each.id for each in store.ledger.of_message(message)] == [first]


class Change(Exception):
    """Somebody changes their mind."""


def add_all_sorts(store: Store, conversation: int) -> None:
    gone = store.messages.add(Message(conversation_id=conversation, at=1, direction="in", body="gone"))
    store.customers.create("Eve", [replace(ADA, value="eve@example.org")], 1)
    store.ledger.add(LedgerEntry(at=1, account="a", external_id="gone", outcome="stored", message_id=gone))
    raise Change


def test_what_an_inner_block_put_off_is_undone_with_it(store: Store, world: World) -> None:
    id = world.conversation()
    with store.write():
        kept = store.messages.add(Message(conversation_id=id, at=1, direction="in", body="kept"))
        with suppress(Change), store.write():
            add_all_sorts(store, id)
        assert store.customers.find("email", "eve@example.org") is None
        assert store.ledger.seen("a", ["gone"]) == set()
        after = store.messages.add(Message(conversation_id=id, at=1, direction="in", body="after"))
    assert [message.id for message in store.messages.of_conversation(id)] == [kept, after]
    assert world.row(id).messages == 2
    assert not store.search.find("gone").hits
    assert store.check() == []


def test_nothing_of_a_transaction_that_failed_stays(store: Store, world: World) -> None:
    id = world.conversation()
    before = world.row(id)
    with suppress(Change), store.write():
        add_all_sorts(store, id)
    assert world.row(id) == before
    assert store.customers.find("email", "eve@example.org") is None
    with store.write():
        assert store.customers.find("email", "eve@example.org") is None
        assert store.ledger.seen("a", ["gone"]) == set()


def test_many_messages_of_one_transaction_with_the_same_bytes(store: Store, world: World) -> None:
    id, raw = world.conversation(), b"Subject: twice\n\n"
    sha256 = hashlib.sha256(raw).hexdigest()
    with store.write():
        ids = [
            store.messages.add(Message(conversation_id=id, at=at, direction="in"), raw_packed=pack(raw), sha256=sha256)
            for at in range(40)
        ]
    assert {store.messages.raw(each) for each in ids} == {raw}
    assert store.messages.by_sha256(sha256) == ids[0]
    with store.write():
        assert store.messages.withdraw(ids[0], 1)
    assert store.messages.raw(ids[1]) == raw


def test_ids_of_expected_instants_are_those_that_are_free(store: Store, world: World) -> None:
    id = world.conversation()
    there = world.message(id, at=7)
    with store.write():
        store.messages.expect([7, 8, -1])
        assert store.messages.add(Message(conversation_id=id, at=7, direction="note")) == there + 1
        assert store.messages.add(Message(conversation_id=id, at=-1, direction="note")) == 1
        assert store.messages.add(Message(conversation_id=id, at=8, direction="note")) > there + 2
