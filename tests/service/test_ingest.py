"""Ingest: nothing lost, nothing twice, whatever the order, the batches and the repetitions."""

from __future__ import annotations

import hashlib
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desk.clock import DAY, HOUR
from desk.mail.packing import pack, unpack
from desk.mail.parse import parse
from desk.mail.parsed import Parsed, Part, Refused, Source
from desk.service import autoreply, ingest, outbox, promises, quarantine
from desk.service.errors import Lost, NotFound
from tests.service.world import ACCOUNT, OPTIONS, OURS, SENT_FOLDER, World, mail, new_world, often, refused

# --- one mail ---------------------------------------------------------------------------------------------


def test_a_mail_becomes_a_message_with_all_it_carried(world: World) -> None:
    file = Part(name="invoice.pdf", media_type="application/pdf", data=b"%PDF-1.4 ...")
    parsed = mail(name="Alice A.", id="a@x", parts=[file])
    message = world.one(parsed)
    assert message.body == "Where is it?"
    assert message.sender is not None
    assert message.sender.name == "Alice A."
    [attachment] = message.attachments
    assert (attachment.name, attachment.size) == ("invoice.pdf", len(file.data))
    assert world.store.blobs.read(attachment.sha256) == file.data
    raw = world.store.messages.raw(message.id)
    assert raw is not None
    assert hashlib.sha256(raw).hexdigest() == parsed.sha256
    conversation = world.conversation(message.conversation_id)
    assert (conversation.customer_name, conversation.customer_address) == ("Alice A.", "alice@example.com")
    assert (conversation.state, conversation.account) == ("open", "support")
    [entry] = world.store.ledger.of_message(message.id)
    assert (entry.outcome, entry.rule, entry.sender) == ("stored", "new", "alice@example.com")


def test_real_bytes_from_the_real_parser(world: World) -> None:
    raw = (
        b"From: =?utf-8?q?J=C3=BCrgen?= <juergen@example.de>\r\nTo: support@shop.example\r\n"
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@example.de>\r\n"
        b"Date: Mon, 01 Dec 2025 10:00:00 +0100\r\n\r\nHallo!\r\n"
    )
    message = world.one(parse(raw))
    assert (message.subject, message.rfc_message_id) == ("Grüße", "1@example.de")
    assert message.at == 1_764_579_600_000
    assert world.store.messages.raw(message.id) == raw


@pytest.mark.parametrize(("given", "kept"), [(-5, 0), (1_000, 1_000), (10**15, None)])
def test_an_instant_lies_between_1970_and_now(world: World, given: int, kept: int | None) -> None:
    message = world.one(mail(date=given))
    assert message.at == (world.clock.now() if kept is None else kept)


def test_arrival_is_believed_before_the_date_field(world: World) -> None:
    message = world.one(mail(date=1_000), at=2_000)
    assert message.at == 2_000


def test_a_name_is_learnt_once(world: World) -> None:
    first = world.one(mail())
    world.one(mail(body="2", name="Alice"))
    assert world.conversation(first.conversation_id).customer_name == "Alice"
    world.one(mail(body="3", name="Somebody Else"))
    assert world.conversation(first.conversation_id).customer_name == "Alice"


def test_the_promise_runs_from_the_first_unanswered_message(world: World) -> None:
    first = world.one(mail())
    world.one(mail(body="hello?"))
    assert world.conversation(first.conversation_id).due_at == first.at + 8 * HOUR
    world.answered(first.conversation_id)
    assert world.conversation(first.conversation_id).due_at is None
    again = world.one(mail(body="thanks, but"))
    assert world.conversation(first.conversation_id).due_at == again.at + 8 * HOUR


def test_an_archive_promises_nothing(world: World) -> None:
    message = world.one(mail(), options=replace(OPTIONS, promised=False))
    assert world.conversation(message.conversation_id).due_at is None


def test_a_vacation_notice_reopens_nothing(world: World) -> None:
    first = world.one(mail(id="a@x"))
    world.answered(first.conversation_id)
    world.one(mail(answers="a@x", subject="Out of office", kind="auto", auto="auto-replied"))
    conversation = world.conversation(first.conversation_id)
    assert (conversation.state, conversation.due_at) == ("waiting", None)


# --- twice ------------------------------------------------------------------------------------------------


def test_the_same_external_id_is_seen_once(world: World) -> None:
    assert world.take(mail(), ids=["INBOX/1/1"]).new == 1
    assert world.take(mail(), ids=["INBOX/1/1"]).duplicate == 1
    assert world.store.messages.count() == 1
    assert len(world.store.ledger.page()) == 1


def test_a_new_uidvalidity_brings_the_same_bytes_again(world: World) -> None:
    mails = [mail(f"c{number}@example.com", subject=f"s{number}") for number in range(5)]
    world.take(*mails, ids=[f"INBOX/1/{number}" for number in range(5)])
    again = world.take(*mails, ids=[f"INBOX/2/{number}" for number in range(5)])
    assert (again.new, again.duplicate) == (0, 5)
    assert world.store.messages.count() == 5
    message_id = world.store.messages.by_sha256(mails[0].sha256)
    assert message_id is not None
    assert [entry.outcome for entry in world.store.ledger.of_message(message_id)] == ["stored", "duplicate"]


def test_twice_in_one_batch(world: World) -> None:
    result = world.take(mail(), mail(), mail(body="another"), ids=["a", "b", "c"])
    assert (result.new, result.duplicate) == (2, 1)
    result = world.take(mail(body="x"), mail(body="y"), ids=["d", "d"])
    assert (result.new, result.duplicate) == (1, 1)


def test_without_an_external_id_the_bytes_are_the_name(world: World) -> None:
    assert world.take(mail(), ids=[""]).new == 1
    assert world.take(mail(), ids=[""]).duplicate == 1
    assert len(world.store.ledger.page()) == 1


def test_the_same_mail_through_two_accounts_is_one_message(world: World) -> None:
    """Other Received fields, other bytes: told by Message-ID, sender, subject, body and files."""
    file = Part(name="a.txt", media_type="text/plain", data=b"a")
    first = world.one(mail(id="a@x", salt="support", parts=[file]))
    result = world.take(mail(id="a@x", salt="sales", parts=[file]), account="sales")
    assert (result.new, result.duplicate) == (0, 1)
    [_, entry] = world.store.ledger.of_message(first.id)
    assert entry.account == "sales"
    assert len(world.store.ledger.page()) == 2


def test_a_duplicate_in_other_bytes_keeps_them_once(world: World) -> None:
    world.take(mail(id="a@x", salt="support"))
    other = mail(id="a@x", salt="sales")
    for folder in ("sales", "archive"):
        world.take(other, account=folder)
    [again, kept, _] = world.store.ledger.page()
    assert (again.outcome, kept.outcome) == ("duplicate", "duplicate")
    assert world.store.ledger.kept_sha256s([other.sha256]) == {other.sha256: kept.id}
    assert world.store.ledger.raw(kept.id) == unpack(other.raw_packed)


@pytest.mark.parametrize(
    "other",
    [
        mail(id="a@x", salt="2", body="something else"),
        mail("bob@example.org", id="a@x", salt="2"),
        mail(id="a@x", salt="2", subject="else"),
        mail(id="a@x", salt="2", parts=[Part(name="a", media_type="text/plain", data=b"b")]),
        mail(id="b@x", salt="2"),
    ],
    ids=["body", "sender", "subject", "files", "message-id"],
)
def test_what_differs_is_kept(world: World, other: Parsed) -> None:
    world.take(mail(id="a@x"))
    assert world.take(other).new == 1


# --- our own mail, seen in a folder -----------------------------------------------------------------------


def test_our_own_mail_in_sent_is_no_new_message(world: World) -> None:
    first = world.one(mail())
    ours = world.answered(first.conversation_id)
    result = world.take(mail(OURS, id=ours.rfc_message_id, to=["alice@example.com"]), options=SENT_FOLDER)
    assert (result.new, result.duplicate) == (0, 1)


def test_our_own_mail_in_sent_settles_a_doubt(world: World) -> None:
    first = world.one(mail())
    item = world.answer(first.conversation_id)
    [work] = outbox.take_due(world.store, world.clock)
    outbox.record_prepared(world.store, work.item, pack(b"bytes"), hashlib.sha256(b"bytes").hexdigest(), 5)
    outbox.record_unknown(world.store, world.clock, item.id, "the connection broke")
    world.take(mail(OURS, id=item.rfc_message_id, to=["alice@example.com"]), options=SENT_FOLDER)
    settled = world.store.outbox.get(item.id)
    assert settled is not None
    assert settled.state == "sent"


def test_our_message_id_under_a_strangers_name_is_no_duplicate(world: World) -> None:
    first = world.one(mail())
    ours = world.answered(first.conversation_id)
    result = world.take(mail("mallory@evil.example", id=ours.rfc_message_id, body="please pay"))
    assert result.new == 1


def test_a_held_message_is_not_settled_by_a_folder(world: World) -> None:
    """Nobody can know the Message-ID of what never left; a mail that does changes nothing."""
    first = world.one(mail())
    item = world.answer(first.conversation_id)
    world.take(mail(OURS, id=item.rfc_message_id, to=["alice@example.com"]))
    held = world.store.outbox.get(item.id)
    assert held is not None
    assert held.state == "held"


# --- quarantine -------------------------------------------------------------------------------------------


def test_what_the_parser_refused_is_kept_and_shown(world: World) -> None:
    result = world.take(mail(), refused(), mail(body="next"))
    assert (result.new, result.quarantined) == (2, 1)
    [entry] = world.store.ledger.page(outcome="quarantined")
    assert entry.reason == "nested too deep"
    assert world.store.ledger.raw(entry.id) == b"bytes of: nested too deep"
    assert world.take(refused()).duplicate == 1


def test_a_replay_stores_what_can_be_read_now(world: World) -> None:
    world.take(refused())
    [entry] = world.store.ledger.page(outcome="quarantined")
    raw = world.store.ledger.raw(entry.id)
    assert raw is not None
    with pytest.raises(Lost) as still:
        quarantine.replay(world.store, world.clock, entry.id, refused())
    assert still.value.code == "still-quarantined"
    readable = replace(mail(), sha256=hashlib.sha256(raw).hexdigest(), raw_packed=pack(raw))
    replayed = quarantine.replay(world.store, world.clock, entry.id, readable, options=OPTIONS)
    assert replayed.outcome == "replayed"
    assert replayed.message_id is not None
    assert world.store.messages.raw(replayed.message_id) == raw
    assert world.message(replayed.message_id).at == entry.at
    with pytest.raises(Lost):
        quarantine.replay(world.store, world.clock, entry.id, readable)
    with pytest.raises(NotFound):
        quarantine.replay(world.store, world.clock, 4_711, readable)


def test_what_comes_again_and_can_be_read_now_leaves_the_quarantine(world: World) -> None:
    readable = mail()
    world.take(Refused(sha256=readable.sha256, size=1, raw_packed=readable.raw_packed, reason="an old parser"))
    assert world.take(readable).new == 1
    assert world.store.ledger.counts()["quarantined"] == 0
    assert world.store.ledger.counts()["replayed"] == 1


POISON = {
    "lone surrogate in the body": lambda: mail(body="\ud800"),
    "lone surrogate in a Message-ID": lambda: mail(id="\ud800@x"),
    "lone surrogate in the sender": lambda: mail("\ud800@x"),
    "no bytes": lambda: replace(mail(body="poison"), raw_packed=None),
    "a hash that is none": lambda: replace(mail(body="poison"), sha256="zz"),
    "a number beyond 64 bits": lambda: replace(mail(body="poison"), size=2**70),
    "a body that is none": lambda: replace(mail(body="poison"), body=7),
    "a part that is none": lambda: replace(mail(body="poison"), parts=("x",)),
}


NO_MAIL = ["no bytes", "a hash that is none", "a number beyond 64 bits"]


@pytest.mark.parametrize("what", [name for name in POISON if name not in NO_MAIL])
def test_a_poison_item_is_quarantined_and_the_rest_goes_on(world: World, what: str) -> None:
    items = [mail("c1@x", body="1"), POISON[what](), mail("c2@x", body="2")]
    result = world.take(*items, cursor=("INBOX", "9"))
    assert (result.new, result.quarantined, result.duplicate) == (2, 1, 0)
    [entry] = world.store.ledger.page(outcome="quarantined")
    assert entry.reason.startswith("could not be stored: ")
    assert world.store.cursors.get("support", "INBOX") == "9"
    assert world.take(*items, ids=["a", "b", "c"]).duplicate == 3


@pytest.mark.parametrize("what", NO_MAIL)
def test_what_is_no_mail_at_all_is_a_bug_that_is_heard_of(world: World, what: str) -> None:
    """The pool always delivers bytes, a hash and a size. Without them nothing could be kept: so the cursor stays."""
    with pytest.raises((TypeError, ValueError, sqlite3.Error, OverflowError)):
        world.take(mail("c1@x", body="1"), POISON[what](), cursor=("INBOX", "9"))
    assert world.store.cursors.get("support", "INBOX") is None


def test_a_full_disk_moves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(data: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(world.store.blobs, "put", full)
    carrying = mail(parts=[Part(name="a", media_type="text/plain", data=b"a")])
    with pytest.raises(OSError, match="No space"):
        world.take(mail(body="1"), carrying, cursor=("INBOX", "9"))
    assert world.store.messages.count() == 0
    assert world.store.cursors.get("support", "INBOX") is None


def test_an_empty_batch_moves_the_cursor(world: World) -> None:
    world.take(cursor=("INBOX", "7"))
    assert world.store.cursors.get("support", "INBOX") == "7"


# --- any order, any batches, any repetition ---------------------------------------------------------------

THREAD = [
    mail(id="1@a", subject="Question"),
    mail(id="2@a", references=["1@a"], answers="1@a", subject="Re: Question", body="2"),
    mail(OURS, id="3@us", references=["1@a", "2@a"], answers="2@a", to=["alice@example.com"], subject="Re: Question"),
    mail(id="4@a", references=["1@a", "2@a", "3@us"], answers="3@us", subject="AW: Question", body="4"),
    mail(id="5@a", references=["1@a"], answers="1@a", subject="else", body="5"),
]
CROWD = [
    *THREAD,
    mail("bob@example.org", id="1@b", subject="Question", body="b"),
    mail("mallory@evil.example", id="1@m", references=["1@a"], answers="1@a", subject="Re: Question", body="m"),
    mail(None, id="1@n", subject="Question", body="n"),
    refused("one"),
    refused("two"),
]


@often(25)
@given(st.data())
def test_the_same_messages_whatever_the_batches(data: st.DataObject) -> None:
    order = data.draw(st.lists(st.integers(0, len(CROWD) - 1), max_size=25)) + data.draw(
        st.permutations(range(len(CROWD)))
    )
    with new_world() as world:
        while order:
            size = data.draw(st.integers(1, len(order)))
            batch, order = order[:size], order[size:]
            items = [
                (Source(external_id=f"id-{number}", received_at=1_000 * number), CROWD[number]) for number in batch
            ]
            ingest.apply(world.store, world.clock, "support", items, options=SENT_FOLDER)
        stored = {message.rfc_message_id: message for message in world.all_messages()}
        assert sorted(stored) == sorted(one.message_id for one in CROWD if isinstance(one, Parsed))
        assert world.store.ledger.counts()["quarantined"] == 2
        assert len({stored[one.message_id].conversation_id for one in THREAD if isinstance(one, Parsed)}) == 1
        others = {stored[id].conversation_id for id in ("1@b", "1@m", "1@n", "1@a")}
        assert len(others) == 4


@st.composite
def two_party_trees(draw: st.DrawFn) -> list[Parsed]:
    """A thread of the customer and us, each message with the whole chain of its ancestors in References."""
    mails: list[Parsed] = []
    for number in range(draw(st.integers(2, 9))):
        parent = mails[draw(st.integers(0, number - 1))] if number else None
        chain = [*parent.references, parent.message_id] if parent else []
        ours = draw(st.booleans())
        mails.append(
            mail(
                OURS if ours else "alice@example.com",
                to=["alice@example.com" if ours else OURS],
                id=f"{number}@x",
                references=chain,
                answers=chain[-1] if chain else "",
                subject=f"subject {number}",
                body=str(number),
            )
        )
    return draw(st.permutations(mails))


@often(30)
@given(two_party_trees(), st.booleans())
def test_no_order_of_arrival_splits_a_two_party_thread(mails: list[Parsed], at_once: bool) -> None:
    with new_world() as world:
        for batch in [mails] if at_once else [[one] for one in mails]:
            world.take(*batch, options=SENT_FOLDER)
        messages = world.all_messages()
        assert len(messages) == len(mails)
        assert len({message.conversation_id for message in messages}) == 1
        assert not any(message.third_party for message in messages)


PEOPLE = ["alice@example.com", "bob@example.org", "mallory@evil.example", OURS]


@often(40)
@given(st.data())
def test_nobody_inherits_a_thread_silently(data: st.DataObject) -> None:
    """Whoever writes into a conversation unmarked began it, wrote in it before, or was written to by us."""
    with new_world() as world:
        known = ["unknown@x"]
        for number in range(data.draw(st.integers(2, 12))):
            if number and data.draw(st.integers(0, 3)) == 0:
                some = data.draw(st.sampled_from(world.all_messages()))
                if world.conversation(some.conversation_id).customer_address != OURS:
                    known.append(world.answered(some.conversation_id).rfc_message_id)
            id = data.draw(st.sampled_from([f"{number}@x", *known]))
            sender = data.draw(st.sampled_from(PEOPLE))
            world.clock.advance(data.draw(st.integers(0, 3)) * 10 * DAY)
            world.take(
                mail(
                    sender,
                    id=id,
                    references=data.draw(st.lists(st.sampled_from(known), max_size=3)),
                    to=data.draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2)),
                    cc=data.draw(st.lists(st.sampled_from(PEOPLE), max_size=1)),
                    subject=data.draw(st.sampled_from(["Question", "Re: Question", "Else"])),
                    body=str(number),
                )
            )
            known.append(id)
        believed: dict[int, set[str]] = {}
        for message in sorted(world.all_messages(), key=lambda message: message.at):
            assert message.sender is not None
            within = believed.get(message.conversation_id)
            recipients = {to.email for to in (*message.to, *message.cc)}
            if within is None:
                believed[message.conversation_id] = {message.sender.email} if message.direction == "in" else recipients
            elif message.direction == "out" and message.outbox_id:
                within |= recipients
            elif not message.third_party:
                assert message.direction == "in"
                assert message.sender.email in within


# --- acknowledgements -------------------------------------------------------------------------------------

ACKNOWLEDGE = replace(OPTIONS, acknowledgement=autoreply.Acknowledgement(sender=ACCOUNT, body="We have it."))


def test_acknowledgements_are_off_by_default(world: World) -> None:
    world.one(mail())
    assert world.store.outbox.counts() == {}


def test_an_acknowledgement_goes_out_once_and_answers_nothing(world: World) -> None:
    first = world.one(mail(id="a@x"), options=ACKNOWLEDGE)
    [item] = world.store.outbox.in_states(["held"])
    message = world.message(item.message_id)
    assert (message.kind, message.direction, message.in_reply_to) == ("auto", "out", "a@x")
    assert [to.email for to in message.to] == ["alice@example.com"]
    conversation = world.conversation(first.conversation_id)
    assert (conversation.state, conversation.due_at) == ("open", first.at + 8 * HOUR)
    world.one(mail(subject="another matter"), options=ACKNOWLEDGE)
    assert len(world.store.outbox.in_states(["held"])) == 1
    world.clock.advance(8 * DAY)
    world.one(mail(subject="a third matter"), options=ACKNOWLEDGE)
    assert len(world.store.outbox.in_states(["held"])) == 2


def test_an_answer_in_a_thread_is_not_acknowledged(world: World) -> None:
    world.one(mail(id="a@x"))
    world.one(mail(answers="a@x", body="2"), options=ACKNOWLEDGE)
    assert world.store.outbox.counts() == {}


def test_old_mail_is_not_acknowledged(world: World) -> None:
    world.one(mail(), at=world.clock.now() - 2 * DAY, options=ACKNOWLEDGE)
    assert world.store.outbox.counts() == {}


@pytest.mark.parametrize(
    "machine",
    [
        mail(auto="auto-generated"),
        mail(auto="bulk"),
        mail(auto="list"),
        mail(kind="auto", auto="auto-replied"),
        mail(kind="bounce"),
        mail("mailer-daemon@x.example"),
        mail("no-reply@x.example"),
        mail("owner-list@x.example"),
        mail("list-request@x.example"),
        mail(OURS),
        mail(None),
        mail(to=["somebody@else.example"]),
    ],
)
def test_no_machine_and_nobody_else_is_answered(machine: Parsed) -> None:
    assert not autoreply.may_answer(machine, {OURS}, last_answer=None, now=0)
    assert autoreply.why_not(machine, {OURS})


def test_a_person_may_be_answered() -> None:
    assert autoreply.may_answer(mail(), {OURS}, last_answer=None, now=0)
    assert not autoreply.may_answer(mail(), {OURS}, last_answer=0, now=7 * DAY - 1)
    assert autoreply.may_answer(mail(), {OURS}, last_answer=0, now=7 * DAY)


def test_what_is_promised_is_what_was_said_last(world: World) -> None:
    first = world.one(mail())
    assert world.conversation(first.conversation_id).due_at == first.at + 8 * HOUR
    promises.keep(world.store, world.clock, {"email": 2 * HOUR})
    second = world.one(mail("bob@example.com"))
    assert world.conversation(second.conversation_id).due_at == second.at + 2 * HOUR
    promises.keep(world.store, world.clock, {})
    assert world.conversation(world.one(mail("eve@example.com")).conversation_id).due_at is None


def test_what_cannot_be_sent_is_owed_as_long_as_is_promised(world: World) -> None:
    promises.keep(world.store, world.clock, {"email": 2 * HOUR})
    asked = world.one(mail())
    item = world.answer(asked.conversation_id, send_at=world.clock.now() + 3 * HOUR)
    assert item.state == "held"
    again = world.one(mail(body="And?", salt="2"))
    world.clock.advance(3 * HOUR)
    assert outbox.take_due(world.store, world.clock) == []
    assert world.conversation(asked.conversation_id).due_at in (asked.at + 2 * HOUR, again.at + 2 * HOUR)


def test_an_old_mail_does_not_end_a_promise_that_runs(world: World) -> None:
    asked = world.one(mail(id="a@x"))
    older = mail(body="Hello?", id="b@x", answers="a@x", salt="2")
    world.take(older, options=replace(OPTIONS, promised=False), at=asked.at - 5 * HOUR)
    assert world.conversation(asked.conversation_id).due_at is not None


def test_an_answer_stands_below_what_it_answers(world: World) -> None:
    """IMAP's INTERNALDATE is cut to whole seconds, so an answer may seem older than the question."""
    now = world.clock.now()
    first = world.one(mail(id="a@x"), at=now - 400)
    answer = world.one(mail(id="b@x", answers="a@x", salt="2"), at=now - 1000)
    assert answer.conversation_id == first.conversation_id
    assert answer.at == first.at + 1
    assert answer.id > first.id


def test_an_old_answer_stays_old(world: World) -> None:
    now = world.clock.now()
    first = world.one(mail(id="a@x"), at=now)
    answer = world.one(mail(id="b@x", answers="a@x", salt="2"), at=now - DAY)
    assert answer.at == now - DAY
    assert answer.conversation_id == first.conversation_id
