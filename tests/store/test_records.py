"""The contract of everything else: outbox, drafts, ledger, changes, cursors, blobs."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from desk.clock import ManualClock
from desk.mail.packing import pack
from desk.model import Draft, LedgerEntry, NewReply, OutboxItem
from desk.store.base import Store, StoreError
from tests.store.conftest import Opener
from tests.store.world import World


def sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


@contextmanager
def failing(store: Store) -> Iterator[None]:
    """A transaction whose end never comes."""

    with suppress(_Stop), store.write():
        yield
        raise _Stop


class _Stop(Exception):
    pass


# --- outbox -----------------------------------------------------------------------------------------------


def put(world: World, rfc_id: str = "out@x", **more: object) -> OutboxItem:
    conversation = world.conversation()
    message = world.message(conversation, direction="out")
    item = OutboxItem(message_id=message, conversation_id=conversation, account="support", rfc_message_id=rfc_id)
    with world.store.write():
        id = world.store.outbox.add(replace(item, **more))
    kept = world.store.outbox.get(id)
    assert kept is not None
    return kept


def test_an_outbox_item_comes_back_whole(world: World) -> None:
    content = NewReply(body="Hello", attachments=("ab:x",), seen_message_id=4)
    item = put(world, content=content, quoted_id=7, hold_until=5, next_attempt_at=6, filing="pending")
    assert (item.content, item.quoted_id, item.hold_until, item.next_attempt_at) == (content, 7, 5, 6)
    assert (item.state, item.filing, item.created_at, item.rev) == ("held", "pending", world.now, 1)
    outbox = world.store.outbox
    assert outbox.of_message(item.message_id) == item
    assert outbox.by_rfc_id("out@x") == item
    assert outbox.by_rfc_ids(["out@x", "none@x"]) == [item]
    assert outbox.get(999) is outbox.of_message(999) is outbox.by_rfc_id("none") is None
    message = world.store.messages.get(item.message_id)
    assert message is not None
    assert (message.outbox_id, message.outbox_state) == (item.id, "held")
    with pytest.raises(StoreError, match="out@x"):
        put(world, "out@x")


def test_advancing_needs_an_expected_state(world: World) -> None:
    outbox, item = world.store.outbox, put(world)
    with world.store.write():
        assert outbox.advance(item.id, ["held"], "sending", 10, count_attempt=True)
        assert not outbox.advance(item.id, ["held"], "cancelled", 11)
        assert outbox.advance(item.id, ["sending", "unknown"], "held", 12, error="busy", next_attempt_at=99)
        assert not outbox.advance(999, ["held"], "sending", 12)
    again = outbox.get(item.id)
    assert again is not None
    assert (again.state, again.attempts, again.error, again.next_attempt_at, again.updated_at, again.rev) == (
        "held",
        1,
        "busy",
        99,
        12,
        3,
    )
    assert outbox.counts() == {"held": 1}
    assert [found.id for found in outbox.in_states(["held", "failed"])] == [item.id]
    assert outbox.in_states(["sent"]) == []


def test_one_of_undo_and_send_wins(world: World) -> None:
    outbox, item = world.store.outbox, put(world)
    won: list[str] = []
    start = threading.Barrier(2)

    def advance(state: str) -> None:
        start.wait()
        with world.store.write():
            if outbox.advance(item.id, ["held"], state, 1):  # type: ignore[arg-type]
                won.append(state)

    threads = [threading.Thread(target=advance, args=(state,)) for state in ("sending", "cancelled")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = outbox.get(item.id)
    assert kept is not None
    assert won == [kept.state]


def test_due_waits_for_undo_and_back_off(world: World) -> None:
    outbox = world.store.outbox
    assert outbox.next_due_at() is None
    late = put(world, "a@x", hold_until=50, next_attempt_at=10)
    backed_off = put(world, "b@x", hold_until=10, next_attempt_at=40)
    put(world, "c@x", state="sent")
    assert outbox.next_due_at() == outbox.next_due_at("support") == 40
    assert outbox.next_due_at("sales") is None
    assert outbox.due(39) == []
    assert [item.id for item in outbox.due(50)] == [backed_off.id, late.id]
    assert [item.id for item in outbox.due(50, limit=1)] == [backed_off.id]


def test_filing_is_a_job_of_its_own(world: World) -> None:
    outbox = world.store.outbox
    held = put(world, "a@x", filing="pending")
    sent = put(world, "b@x", state="sent", filing="pending")
    assert [item.id for item in outbox.filing_due(0)] == [sent.id]
    with world.store.write():
        outbox.set_filing(sent.id, "pending", 5, error="no such folder", next_at=60)
    assert outbox.filing_due(59) == []
    [again] = outbox.filing_due(60)
    assert (again.filing_attempts, again.filing_error, again.state) == (1, "no such folder", "sent")
    with world.store.write():
        outbox.set_filing(sent.id, "done", 61)
    assert outbox.filing_due(99) == []
    assert held.filing == "pending"


# --- drafts -----------------------------------------------------------------------------------------------


def test_a_draft_is_one_a_rep_and_conversation(world: World) -> None:
    drafts = world.store.drafts
    first = Draft(agent_id=1, conversation_id=5, content=NewReply(body="He"), updated_at=10)
    with world.store.write():
        assert drafts.save(first) == replace(first, rev=1)
        second = drafts.save(replace(first, content=NewReply(body="Hello"), updated_at=20))
        drafts.save(Draft(agent_id=1, conversation_id=0, content=NewReply(subject="New")))
        drafts.save(Draft(agent_id=2, conversation_id=5, content=NewReply()))
    assert (second.rev, second.content.body) == (2, "Hello")
    assert drafts.get(1, 5) == second
    assert drafts.get(1, 6) is None
    assert [draft.conversation_id for draft in drafts.of_agent(1)] == [0, 5]
    seq = world.store.changes.last()
    with world.store.write():
        assert drafts.delete(1, 5)
        assert not drafts.delete(1, 5)
    assert drafts.get(1, 5) is None
    assert drafts.get(2, 5) is not None
    assert [change.conversation_id for change in world.store.changes.since(seq)] == [5]


# --- ledger -----------------------------------------------------------------------------------------------


def entry(external_id: str, **more: object) -> LedgerEntry:
    return replace(LedgerEntry(at=1, account="support", external_id=external_id, outcome="stored"), **more)


def test_the_ledger_keeps_what_came_in(world: World) -> None:
    ledger, message = world.store.ledger, world.mail("x", raw=b"its bytes")
    given = entry("INBOX/1/2", message_id=message, conversation_id=1, rule="new", subject="S", sender="a@x", size=9)
    with world.store.write():
        id = ledger.add(given)
        assert ledger.add(entry("INBOX/1/2", outcome="duplicate")) == id
        dup = ledger.add(entry("INBOX/1/3", outcome="duplicate", message_id=message))
    assert ledger.get(id) == replace(given, id=id)
    assert ledger.get(999) is None
    assert ledger.raw(id) == b"its bytes"
    assert ledger.raw(999) is None
    assert [found.id for found in ledger.of_message(message)] == [id, dup]
    assert ledger.seen("support", ["INBOX/1/2", "INBOX/9/9"]) == {"INBOX/1/2"}
    assert ledger.seen("sales", ["INBOX/1/2"]) == set()
    assert ledger.counts() == {"stored": 1, "duplicate": 1, "quarantined": 0, "replayed": 0, "refusal": 0}


def test_the_ledger_is_read_newest_first(store: Store) -> None:
    with store.write():
        ids = [store.ledger.add(entry(f"#{n}", outcome="duplicate" if n % 2 else "stored")) for n in range(6)]
    assert [found.id for found in store.ledger.page(limit=2)] == [ids[5], ids[4]]
    assert [found.id for found in store.ledger.page(before=ids[4])] == ids[3::-1]
    assert [found.id for found in store.ledger.page(outcome="stored")] == [ids[4], ids[2], ids[0]]
    assert [found.id for found in store.ledger.page(outcome="stored", before=ids[4], limit=1)] == [ids[2]]


def test_the_quarantine_keeps_bytes_until_they_are_understood(world: World) -> None:
    ledger = world.store.ledger
    with world.store.write():
        id = ledger.add(
            entry("bad", outcome="quarantined", reason="too deep"), raw_packed=pack(b"bomb"), sha256=sha(b"bomb")
        )
    assert ledger.raw(id) == b"bomb"
    assert ledger.kept_sha256s([sha(b"bomb")]) == {sha(b"bomb"): id}
    assert ledger.kept_sha256s([sha(b"bomb"), sha(b"other")]) == {sha(b"bomb"): id}
    message = world.mail("understood", raw=b"bomb")
    with world.store.write():
        assert ledger.resolve_quarantine(id, message_id=message, conversation_id=1, at=2)
        assert not ledger.resolve_quarantine(id, message_id=message, conversation_id=1, at=2)
    resolved = ledger.get(id)
    assert resolved is not None
    assert (resolved.outcome, resolved.message_id) == ("replayed", message)
    assert ledger.kept_sha256s([sha(b"bomb")]) == {}
    assert ledger.raw(id) == b"bomb"
    assert ledger.counts()["quarantined"] == 0


# --- changes ----------------------------------------------------------------------------------------------


def test_changes_are_one_a_thing_and_transaction(world: World) -> None:
    store, id = world.store, world.conversation()
    seq = store.changes.last()
    with store.write():
        store.conversations.set_priority(id, "low", 1)
        store.conversations.set_priority(id, "high", 1)
        store.changes.note("account", 3)
    first, second = store.changes.since(seq)
    assert (first.kind, first.id, first.conversation_id, first.at) == ("conversation", id, id, world.now)
    assert (second.kind, second.id, second.conversation_id) == ("account", 3, None)
    assert seq < first.seq < second.seq == store.changes.last()
    assert store.changes.since(seq, limit=1) == [first]


def test_old_changes_are_forgotten_a_portion_at_a_time(world: World) -> None:
    store = world.store
    for number in range(20):
        with store.write():
            store.changes.note("account", number)
    last = store.changes.last()
    assert store.changes.whole_after(0)
    assert store.changes.whole_after(last)
    assert not store.changes.whole_after(last + 1)

    def forget(keep: int, limit: int) -> int:
        with store.write():
            return store.changes.forget(keep, limit)

    before = len(store.changes.since(0))
    assert forget(5, 7) == 7
    assert len(store.changes.since(0)) == before - 7
    assert forget(5, 1000) == before - 12
    assert [change.id for change in store.changes.since(0)] == list(range(15, 20))
    assert forget(5, 1000) == 0
    assert not store.changes.whole_after(last - 6)
    assert store.changes.whole_after(last - 5), "what it asks for is all there"
    assert forget(0, 1000) == 4
    assert store.changes.last() == last, "numbers go on from the newest"
    with store.write():
        store.changes.note("account", 99)
    assert store.changes.since(last)[0].seq == last + 1


def test_callbacks_hear_of_commits_only(world: World) -> None:
    store, heard = world.store, list[int]()
    store.changes.on_commit(lambda _: 1 // 0)
    store.changes.on_commit(heard.append)
    id = world.conversation(customer=world.customer())
    heard.clear()
    with store.write(), store.write():
        store.conversations.set_priority(id, "low", 1)
        assert heard == []
    assert heard == [store.changes.last()]
    with store.write():
        pass
    with failing(store):
        store.conversations.set_priority(id, "high", 1)
    assert len(heard) == 1


def test_a_callback_may_write(world: World) -> None:
    store, id = world.store, world.conversation()

    def once(seq: int) -> None:
        if store.meta.get("heard") is None:
            with store.write():
                store.meta.set("heard", str(seq))
                store.changes.note("job", 1)

    store.changes.on_commit(once)
    with store.write():
        store.conversations.set_priority(id, "low", 1)
    assert store.meta.get("heard")


# --- transactions -----------------------------------------------------------------------------------------


def test_a_transaction_that_fails_leaves_nothing(world: World) -> None:
    store, id = world.store, world.conversation()
    seq = store.changes.last()
    with failing(store):
        world.message(id, "gone", raw=b"gone")
        store.cursors.set("support", "INBOX", "1")
    assert store.messages.count() == 0
    assert store.search.find("gone").hits == ()
    assert store.cursors.get("support", "INBOX") is None
    assert store.changes.last() == seq
    assert store.check() == []


def test_an_inner_block_that_fails_undoes_only_itself(world: World) -> None:
    store, id = world.store, world.conversation()
    with store.write():
        kept = world.message(id, "kept one", rfc_message_id="a@x")
        with failing(store):
            gone = world.message(id, "gone two", in_reply_to="z@x")
            assert [hit.message_id for hit in store.search.find("gone").hits] == [gone]
        later = world.message(id, "later three")
    assert [message.id for message in store.messages.of_conversation(id)] == [kept, later]
    assert store.search.find("gone").hits == ()
    assert [hit.message_id for hit in store.search.find("one").hits] == [kept]
    assert [hit.message_id for hit in store.search.find("three").hits] == [later]
    assert store.messages.awaiting(["z@x"]) == []
    assert store.check() == []


def test_others_see_a_transaction_only_when_it_is_done(world: World) -> None:
    store, seen = world.store, list[int]()
    with store.write():
        world.mail("x")
        reader = threading.Thread(target=lambda: seen.append(store.messages.count()))
        reader.start()
        reader.join()
    assert seen == [0]
    assert store.messages.count() == 1


def test_writing_outside_a_transaction_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="transaction"):
        store.meta.set("a", "b")


# --- values and blobs -------------------------------------------------------------------------------------


def test_cursors_and_meta(store: Store) -> None:
    with store.write():
        store.cursors.set("a", "INBOX", "1")
        store.cursors.set("a", "INBOX", "2")
        store.cursors.set("a", "Archive", "x")
        store.cursors.set("b", "INBOX", "9")
        store.meta.set("welcome", "seen")
        store.meta.set("welcome", "twice")
    assert store.cursors.get("a", "INBOX") == "2"
    assert store.cursors.get("a", "none") is None
    assert store.cursors.all("a") == {"INBOX": "2", "Archive": "x"}
    assert store.meta.get("welcome") == "twice"
    assert store.meta.get("none") is None


def test_blobs_are_kept_by_content(store: Store) -> None:
    id = store.blobs.put(b"picture")
    assert id == sha(b"picture")
    assert store.blobs.put(b"picture") == id
    assert store.blobs.read(id) == b"picture"
    path = store.blobs.path(id)
    assert path is not None
    assert path.read_bytes() == b"picture"
    assert store.blobs.put(b"") == sha(b"")
    for unknown in ("00" * 32, "../../etc/passwd", "", "AB" * 32):
        assert store.blobs.path(unknown) is None
        assert store.blobs.read(unknown) is None


def test_everything_is_there_after_reopening(make_store: Opener, tmp_path: Path, clock: ManualClock) -> None:
    store = make_store(tmp_path / "w", clock)
    id = World(store, clock).mail("durable", raw=b"bytes")
    seq = store.changes.last()
    store.close()
    again = make_store(tmp_path / "w", clock)
    try:
        assert again.messages.raw(id) == b"bytes"
        assert again.changes.last() == seq
        assert again.search.find("durable").hits[0].message_id == id
        assert again.check() == []
    finally:
        again.close()


def test_a_closed_store_says_so(make_store: Opener, tmp_path: Path, clock: ManualClock) -> None:
    store = make_store(tmp_path, clock)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"), store.write():
        pass
