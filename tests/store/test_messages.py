"""The contract of messages: what comes back, what they do to their conversation, and how they are found."""

from __future__ import annotations

import hashlib
import random

import pytest

from desk.clock import DAY, MINUTE
from desk.mail.packing import pack
from desk.model import Address, Attachment, Fold, Message, OutboxItem, Recipient
from desk.store.base import Store, StoreError
from tests.store.world import World


def sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def full(conversation: int, at: int) -> Message:
    return Message(
        conversation_id=conversation,
        account="support",
        direction="in",
        kind="bounce",
        sender=Address(email="mailer@example.org", name="Mailer"),
        to=(Address(email="a@example.org", name="A"),),
        cc=(Address(email="B@example.org"),),
        bcc=(Address(email="c@example.org"),),
        reply_to=(Address(email="d@example.org"),),
        subject="Returned — zurück",
        body="one\ntwo [1]\n> three",
        folds=(Fold(kind="quote", start=2, end=3),),
        links=("https://example.org/",),
        attachments=(
            Attachment(name="a.pdf", media_type="application/pdf", size=3, sha256="ab" * 32),
            Attachment(name="", media_type="image/png", size=4, sha256="cd" * 32, inline=True, content_id="x@y"),
        ),
        rfc_message_id="m1@example.org",
        in_reply_to="m0@example.org",
        references=("r@example.org", "m0@example.org"),
        rule="bounce",
        rule_detail="its report names m0",
        third_party=True,
        recipients=(Recipient(address="e@example.org", action="failed", status="5.1.1", diagnostic="no such"),),
        at=at,
        size=123,
    )


def test_a_message_comes_back_whole(world: World) -> None:
    store, conversation = world.store, world.conversation()
    given = full(conversation, world.now)
    with store.write():
        id = store.messages.add(given)
    found = store.messages.get(id)
    assert found is not None
    assert [a.message_id for a in found.attachments] == [id, id]
    assert all(a.id for a in found.attachments)
    plain = tuple(Attachment(**{**_fields(a), "id": 0, "message_id": 0}) for a in found.attachments)
    assert Message(**{**_fields(found), "id": 0, "attachments": plain}) == given
    row = world.row(conversation)
    assert (row.has_attachments, row.third_party, row.messages) == (True, True, 1)
    assert row.snippet == "one two [1] > three"
    assert store.conversations.addressed(conversation) == {"a@example.org", "b@example.org"}
    assert store.messages.get(999) is None


def _fields(struct: Message | Attachment) -> dict[str, object]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def test_a_message_needs_a_conversation(world: World) -> None:
    with pytest.raises(StoreError, match="conversation 999"):
        world.message(999)


def test_ids_are_in_order_of_time_even_when_mail_comes_late(world: World) -> None:
    conversation = world.conversation()
    instants = [world.now + random.Random(3).randrange(50) for _ in range(60)] + [0, 1 << 60, -5]
    ids = {world.message(conversation, at=at): at for at in instants}
    assert len(ids) == len(instants)
    clamped = [min(max(ids[id], 0), (1 << 43) - 1) for id in sorted(ids)]
    assert clamped == sorted(clamped)
    assert all(0 < id < 1 << 63 for id in ids)
    assert [m.id for m in world.store.messages.of_conversation(conversation, limit=100)] == sorted(ids)


def test_windows_of_a_conversation_are_oldest_first(world: World) -> None:
    conversation = world.conversation()
    ids = [world.message(conversation, at=world.now + n) for n in range(10)]
    window = world.store.messages.of_conversation

    def seen(**where: int) -> list[int]:
        return [ids.index(message.id) for message in window(conversation, **where)]

    assert seen(limit=3) == [7, 8, 9]
    assert seen(before=ids[7], limit=3) == [4, 5, 6]
    assert seen(after=ids[2], limit=3) == [3, 4, 5]
    assert seen(after=ids[2], before=ids[5]) == [3, 4]
    assert seen(after=ids[9]) == []
    assert window(999) == []


# --- what a message does to its conversation --------------------------------------------------------------


def test_a_customers_message_reopens_and_ours_answers(world: World) -> None:
    id, now = world.conversation(), world.now
    world.message(id, "First\n question", at=now)
    row = world.row(id)
    assert (row.state, row.waiting_since, row.snippet, row.last_direction) == ("open", now, "First question", "in")
    world.message(id, "More", at=now + 1)
    assert world.row(id).waiting_since == now
    world.message(id, "Answer", at=now + 2, direction="out")
    row = world.row(id)
    assert (row.state, row.waiting_since, row.snippet, row.last_at) == ("waiting", None, "Answer", now + 2)
    with world.store.write():
        world.store.conversations.set_state(id, "resolved", now + 3)
    world.message(id, "Thanks", at=now + 4)
    row = world.row(id)
    assert (row.state, row.waiting_since, row.messages) == ("open", now + 4, 4)


def test_a_customers_message_wakes_the_snoozed_but_not_spam(world: World) -> None:
    conversations = world.store.conversations
    snoozed, spam = world.conversation("a"), world.conversation("b")
    with world.store.write():
        conversations.set_state(snoozed, "snoozed", 1, snoozed_until=world.now + DAY)
        conversations.set_state(spam, "spam", 1)
    for id in (snoozed, spam):
        world.message(id, at=world.now + 1)
    assert (world.row(snoozed).state, world.row(snoozed).snoozed_until) == ("open", None)
    assert (world.row(spam).state, world.row(spam).waiting_since) == ("spam", None)


@pytest.mark.parametrize("direction", ["note", "event"])
def test_notes_and_events_leave_state_waiting_and_order_alone(world: World, direction: str) -> None:
    id = world.conversation()
    world.message(id, "Question", at=world.now)
    before = world.row(id)
    world.message(id, "Look at this", at=world.now + 5, direction=direction, sender=None)
    after = world.row(id)
    assert after.rev > before.rev
    assert (after.state, after.waiting_since, after.last_at, after.messages, after.snippet) == (
        "open",
        world.now,
        world.now,
        1,
        "Question",
    )


def test_automatic_mail_neither_reopens_nor_answers(world: World) -> None:
    id, now = world.conversation(), world.now
    world.message(id, at=now)
    world.message(id, "We got it", at=now + 1, direction="out", kind="auto")
    assert (world.row(id).state, world.row(id).waiting_since) == ("open", now)
    world.message(id, "Answer", at=now + 2, direction="out")
    world.message(id, "On holiday", at=now + 3, kind="auto")
    row = world.row(id)
    assert (row.state, row.waiting_since, row.messages, row.snippet) == ("waiting", None, 4, "On holiday")


def test_mail_that_comes_late_is_put_where_it_belongs(world: World) -> None:
    id, now = world.conversation(at=world.now), world.now
    world.message(id, "Newest answer", at=now, direction="out")
    world.message(id, "Old question", at=now - DAY)
    row = world.row(id)
    assert (row.state, row.waiting_since, row.snippet, row.last_at, row.messages) == (
        "waiting",
        None,
        "Newest answer",
        now,
        2,
    )
    world.message(id, "Newest question", at=now + DAY)
    world.message(id, "Answer between", at=now + DAY - MINUTE, direction="out")
    row = world.row(id)
    assert (row.state, row.waiting_since, row.snippet) == ("open", now + DAY, "Newest question")


def test_clocks_that_differ_never_hide_a_customers_message(world: World) -> None:
    id, now = world.conversation(), world.now
    world.message(id, at=now, direction="out")
    world.message(id, "Whole seconds only", at=now - 700)
    assert world.row(id).state == "open"


def test_inline_images_are_no_attachments_in_the_list(world: World) -> None:
    id = world.conversation()
    inline = Attachment(name="i.png", media_type="image/png", size=1, sha256="ab" * 32, inline=True)
    world.message(id, attachments=(inline,))
    assert not world.row(id).has_attachments


# --- bytes, ids and parents -------------------------------------------------------------------------------


def test_raw_bytes_come_back_as_they_came(world: World) -> None:
    store, conversation = world.store, world.conversation()
    raw = bytes(range(256)) * 40
    id = world.message(conversation, raw=raw)
    bare = world.message(conversation)
    assert store.messages.raw(id) == raw
    assert store.messages.raw(bare) is None
    assert store.messages.raw(999) is None
    assert store.messages.by_sha256(sha(raw)) == id
    assert store.messages.by_sha256("00" * 32) is None
    assert store.messages.by_sha256s([sha(raw), "00" * 32]) == {sha(raw): id}


def test_the_same_bytes_are_kept_once_and_belong_to_both(world: World) -> None:
    one, two = world.mail("x", raw=b"same"), world.mail("y", raw=b"same")
    assert world.store.messages.by_sha256(sha(b"same")) == one
    with world.store.write():
        assert world.store.messages.withdraw(one, world.now)
    assert world.store.messages.raw(two) == b"same"


def test_raw_bytes_can_be_set_later_and_replaced(world: World) -> None:
    store, id = world.store, world.mail("x", direction="out")
    for raw in (b"first", b"second", b"second"):
        with store.write():
            store.messages.set_raw(id, pack(raw), sha(raw), len(raw))
        assert store.messages.raw(id) == raw
    message = store.messages.get(id)
    assert message is not None
    assert message.size == 6
    assert store.messages.by_sha256(sha(b"first")) is None
    with pytest.raises(StoreError, match="999"), store.write():
        store.messages.set_raw(999, b"", sha(b""), 0)


def test_messages_are_found_by_their_rfc_id(world: World) -> None:
    store, conversation = world.store, world.conversation()
    one = world.message(conversation, rfc_message_id="1@x", at=world.now)
    two = world.message(conversation, rfc_message_id="2@x", at=world.now + 1)
    world.message(conversation)
    assert store.messages.by_rfc_ids(["2@x", "1@x", "3@x", ""]) == [
        ("1@x", one, conversation),
        ("2@x", two, conversation),
    ]
    assert store.messages.by_rfc_ids([]) == []
    assert len(store.messages.by_rfc_ids([f"{n}@x" for n in range(2_000)])) == 2


def test_a_parent_that_comes_late_finds_its_children(world: World) -> None:
    store, conversation = world.store, world.conversation()
    here = world.message(conversation, rfc_message_id="here@x")
    child = world.message(conversation, in_reply_to="late@x", references=("gone@x", "here@x", "late@x"))
    assert here
    assert store.messages.awaiting(["late@x", "here@x"]) == [("late@x", child, conversation)]
    assert store.messages.awaiting(["gone@x", "late@x"]) == [
        ("gone@x", child, conversation),
        ("late@x", child, conversation),
    ]
    with store.write():
        store.messages.add(Message(conversation_id=conversation, direction="in", at=1, rfc_message_id="late@x"))
        assert store.messages.awaiting(["late@x"]) == [("late@x", child, conversation)]
    assert store.messages.awaiting(["late@x"]) == []
    assert store.messages.awaiting(["gone@x"]) == [("gone@x", child, conversation)]


def test_directions_and_count(world: World) -> None:
    conversation = world.conversation()
    one, two = world.message(conversation), world.message(conversation, direction="note")
    assert world.store.messages.directions([one, two, 999]) == {one: "in", two: "note"}
    assert world.store.messages.count() == 2


# --- moving and withdrawing -------------------------------------------------------------------------------


def test_moving_brings_both_conversations_up_to_date(world: World) -> None:
    store, old, new, now = world.store, world.conversation("old"), world.conversation("new"), world.now
    world.message(old, "stays", at=now, to=(Address(email="s@x"),))
    file = Attachment(name="a", media_type="text/plain", size=1, sha256="ab" * 32)
    goes = world.message(old, "goes", at=now + 5, third_party=True, to=(Address(email="G@x"),), attachments=(file,))
    seq = store.changes.last()
    with store.write():
        store.messages.move([goes, 999], new, rule="moved", detail="split by ann", at=now + 9)
    left, joined = world.row(old), world.row(new)
    assert (left.messages, left.snippet, left.last_at, left.third_party, left.has_attachments) == (
        1,
        "stays",
        now,
        False,
        False,
    )
    assert (joined.messages, joined.snippet, joined.last_at, joined.third_party, joined.has_attachments) == (
        1,
        "goes",
        now + 5,
        True,
        True,
    )
    assert joined.waiting_since == now + 5
    assert store.conversations.addressed(old) == {"s@x"}
    assert store.conversations.addressed(new) == {"g@x"}
    moved = store.messages.get(goes)
    assert moved is not None
    assert (moved.conversation_id, moved.rule, moved.rule_detail) == (new, "moved", "split by ann")
    assert {("conversation", old), ("conversation", new), ("message", goes)} <= world.changed(seq)
    [hit] = store.search.find("goes").hits
    assert hit.conversation.id == new
    with pytest.raises(StoreError, match="999"), store.write():
        store.messages.move([goes], 999, rule="moved", detail="", at=1)


@pytest.mark.parametrize("state", ["waiting", "resolved"])
def test_withdrawing_an_answer_makes_the_customer_wait_again(world: World, state: str) -> None:
    store, id, now = world.store, world.conversation(), world.now
    world.message(id, "question", at=now)
    answer = world.message(id, "hasty answer", at=now + 9, direction="out", raw=b"hasty")
    with store.write():
        item = store.outbox.add(
            OutboxItem(message_id=answer, conversation_id=id, account="support", rfc_message_id="out@x")
        )
        if state == "resolved":
            store.conversations.set_state(id, "resolved", now + 10)
    assert world.row(id).state == state
    with store.write():
        assert store.messages.withdraw(answer, now + 11)
        assert not store.messages.withdraw(answer, now + 11)
    row = world.row(id)
    assert (row.state, row.waiting_since, row.messages, row.snippet) == ("open", now, 1, "question")
    assert store.messages.get(answer) is None
    assert store.search.find("hasty").hits == ()
    assert store.outbox.get(item) is not None
    assert world.message(id, at=now + 9) != answer
    assert store.check() == []


def test_what_is_written_in_a_transaction_is_read_in_it(store: Store, world: World) -> None:
    conversation = world.conversation()
    with store.write():
        id = store.messages.add(
            Message(conversation_id=conversation, direction="in", body="fresh", rfc_message_id="f@x", at=world.now)
        )
        assert store.messages.get(id)
        assert store.messages.by_rfc_ids(["f@x"])
        assert [hit.message_id for hit in store.search.find("fresh").hits] == [id]
        assert store.messages.withdraw(id, world.now)
        assert store.search.find("fresh").hits == ()
    assert store.check() == []
