"""Answers and the outbox: what goes out is exactly what was meant, and how sure we are is said."""

from __future__ import annotations

import hashlib

import pytest

from desk.clock import DAY, HOUR, SECOND
from desk.mail.packing import pack
from desk.model import Address, Message, NewReply, OutboxItem
from desk.service import drafts, inbox, outbox
from desk.service.errors import Invalid, Lost, NotFound
from desk.service.outbox import SenderAccount
from desk.service.tokens import Tokens
from tests.service.world import ACCOUNT, OURS, World, mail

ALICE = Address(email="alice@example.com")


def item(world: World, id: int) -> OutboxItem:
    found = world.store.outbox.get(id)
    assert found is not None
    return found


def reply(world: World, conversation_id: int, **more: object) -> OutboxItem:
    new = NewReply(body="Hello", **more)  # type: ignore[arg-type]
    return outbox.reply(world.store, world.clock, world.ada, conversation_id, new, account=ACCOUNT)


def prepare(world: World, work: outbox.Work) -> None:
    raw = work.item.rfc_message_id.encode()
    outbox.record_prepared(world.store, work.item, pack(raw), hashlib.sha256(raw).hexdigest(), len(raw))


def sending(world: World, *, prepared: bool = True) -> OutboxItem:
    """An item that is being sent just now."""
    first = world.one(mail(id="a@x"))
    held = world.answer(first.conversation_id)
    [work] = outbox.take_due(world.store, world.clock)
    assert work.item.id == held.id
    if prepared:
        prepare(world, work)
    return work.item


# --- what is made -----------------------------------------------------------------------------------------


def test_an_answer_carries_all_that_threads_it(world: World) -> None:
    first = world.one(mail(id="b@x", references=["root@x", "a@x"], answers="a@x", name="Alice"))
    queued = reply(world, first.conversation_id)
    message = world.message(queued.message_id)
    assert message.to == (Address(email="alice@example.com", name="Alice"),)
    assert message.sender == Address(email=OURS, name="The Shop")
    assert message.subject == "Re: My order"
    assert message.in_reply_to == "b@x"
    assert message.references == ("root@x", "a@x", "b@x")
    assert message.rfc_message_id.endswith("@shop.example")
    found = Tokens.of(world.store).find(message.rfc_message_id)
    assert found is not None
    assert found.conversation_id == first.conversation_id
    assert (message.outbox_state, message.agent_name, message.rule) == ("held", "Ada", "outbound")
    assert queued.hold_until == world.clock.now() + 10 * SECOND


def test_an_answer_moves_the_conversation(world: World) -> None:
    first = world.one(mail())
    drafts.save(world.store, world.clock, world.ada, first.conversation_id, NewReply(body="Hel"))
    reply(world, first.conversation_id)
    conversation = world.conversation(first.conversation_id)
    assert (conversation.state, conversation.assignee_name, conversation.due_at) == ("waiting", "Ada", None)
    assert world.store.drafts.get(world.ada.id, first.conversation_id) is None


def test_an_answer_may_resolve(world: World) -> None:
    first = world.one(mail())
    reply(world, first.conversation_id, resolve=True)
    assert world.conversation(first.conversation_id).state == "resolved"


def test_an_answer_does_not_take_a_conversation_from_its_owner(world: World) -> None:
    first = world.one(mail())
    inbox.claim(world.store, world.clock, world.ben, first.conversation_id)
    reply(world, first.conversation_id)
    assert world.conversation(first.conversation_id).assignee_name == "Ben"


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("My order", "Re: My order"),
        ("Re: My order", "Re: My order"),
        ("AW: Meine Bestellung", "AW: Meine Bestellung"),
        ("[list] My order", "Re: [list] My order"),
        ("Review: all good", "Re: Review: all good"),
        ("", "Re:"),
    ],
)
def test_an_answer_is_marked_as_one_once(world: World, subject: str, answer: str) -> None:
    first = world.one(mail(subject=subject))
    assert world.message(reply(world, first.conversation_id).message_id).subject == answer


def test_references_keep_the_root_and_the_nearest(world: World) -> None:
    chain = [f"{number}@x" for number in range(60)]
    first = world.one(mail(id="last@x", references=chain, answers=chain[-1]))
    references = world.message(reply(world, first.conversation_id).message_id).references
    assert len(references) == 20
    assert (references[0], references[-2:]) == ("0@x", ("59@x", "last@x"))


def test_without_references_the_in_reply_to_stands_in(world: World) -> None:
    """RFC 5322 section 3.6.4."""
    from msgspec.structs import replace

    first = world.one(replace(mail(id="b@x", answers="a@x"), references=()))
    assert world.message(reply(world, first.conversation_id).message_id).references == ("a@x", "b@x")


def test_an_answer_answers_whom_it_is_written_to(world: World) -> None:
    first = world.one(mail(id="a@x", cc=["carol@example.com"]))
    world.one(mail("carol@example.com", id="c@x", answers="a@x"))
    to_alice = world.message(reply(world, first.conversation_id).message_id)
    assert (to_alice.to[0].email, to_alice.in_reply_to) == ("alice@example.com", "a@x")
    to_carol = world.message(reply(world, first.conversation_id, to=(Address(email="carol@example.com"),)).message_id)
    assert to_carol.in_reply_to == "c@x"


def test_a_form_in_our_name_is_answered_to_who_filled_it_in(world: World) -> None:
    form = world.one(mail(OURS, to=[OURS], reply_to=(ALICE,)))
    assert world.message(reply(world, form.conversation_id).message_id).to == (ALICE,)


def test_a_reply_address_may_carry_the_token(world: World) -> None:
    first = world.one(mail())
    account = SenderAccount(name="support", address=OURS, plus_token=True, domain="mail.shop.example")
    new = NewReply(body="Hello")
    queued = outbox.reply(world.store, world.clock, world.ada, first.conversation_id, new, account=account)
    [reply_to] = world.message(queued.message_id).reply_to
    assert queued.rfc_message_id.endswith("@mail.shop.example")
    answer = world.one(mail(subject="else", to=[reply_to.email]))
    assert answer.conversation_id == first.conversation_id


def test_a_quote_names_what_it_quotes(world: World) -> None:
    first = world.one(mail())
    world.answered(first.conversation_id, quote=True)
    [sent] = world.store.outbox.in_states(["sent"])
    assert sent.quoted_id == first.id


def test_attachments_are_named_and_checked(world: World) -> None:
    first = world.one(mail())
    sha256 = world.store.blobs.put(b"%PDF")
    queued = reply(world, first.conversation_id, attachments=(f"{sha256}:invoice.pdf",))
    [attachment] = world.message(queued.message_id).attachments
    assert (attachment.name, attachment.media_type, attachment.size) == ("invoice.pdf", "application/pdf", 4)
    for bad in ("invoice.pdf", f"{sha256[:-1]}:x", f"{'0' * 64}:x", f"{sha256}:a\r\nBcc: b"):
        with pytest.raises(Invalid):
            reply(world, first.conversation_id, attachments=(bad,))


# --- what is refused --------------------------------------------------------------------------------------

BAD_HEADERS = ["x\r\nBcc: all@example.com", "x\ny", "x\ry", "x\0y", "x\x1b[2J", "x\x7f", "x\x85y", "x\u2028y"]


@pytest.mark.parametrize("bad", BAD_HEADERS)
def test_no_header_takes_a_control_character(world: World, bad: str) -> None:
    first = world.one(mail())
    for more in (
        {"subject": bad},
        {"to": (Address(email="a@example.com", name=bad),)},
        {"cc": (Address(email=f"{bad}@example.com"),)},
        {"bcc": (Address(email=f"a@{bad}"),)},
    ):
        with pytest.raises(Invalid):
            reply(world, first.conversation_id, **more)
    assert world.store.messages.count() == 1


@pytest.mark.parametrize(
    "bad",
    ["", "@", "a@", "@b", "a b@c", "a@b c", "a@b,c@d", "<a@b>", "a@-b", "a@b-", "a@b..c", "a" * 65 + "@b", "a@b@c d"],
)
def test_what_is_no_address_is_refused(world: World, bad: str) -> None:
    first = world.one(mail())
    with pytest.raises(Invalid) as refusal:
        reply(world, first.conversation_id, to=(Address(email=bad),))
    assert refusal.value.code == "bad-address"


@pytest.mark.parametrize(
    "good", ["a@localhost", "a.b+c@example.com", "o'neil@example.ie", "jürgen@müller.example", "a..b@docomo.example"]
)
def test_addresses_in_use_are_taken(world: World, good: str) -> None:
    first = world.one(mail())
    assert world.message(reply(world, first.conversation_id, to=(Address(email=good),)).message_id).to[0].email == good


def test_nothing_and_nobody_is_refused(world: World) -> None:
    first = world.one(mail())
    nobody = world.one(mail(None))
    for conversation_id, new in (
        (first.conversation_id, NewReply(body="  \n")),
        (nobody.conversation_id, NewReply(body="Hello")),
    ):
        with pytest.raises(Invalid):
            outbox.reply(world.store, world.clock, world.ada, conversation_id, new, account=ACCOUNT)
    with pytest.raises(NotFound):
        reply(world, 4_711)


def test_an_address_given_twice_counts_once(world: World) -> None:
    first = world.one(mail())
    twice = (ALICE, Address(email="Alice@Example.com"))
    message = world.message(reply(world, first.conversation_id, to=twice, cc=twice).message_id)
    assert (message.to, message.cc) == ((ALICE,), ())


# --- a stale send -----------------------------------------------------------------------------------------


def test_a_newer_message_of_the_customer_stops_the_send(world: World) -> None:
    first = world.one(mail())
    second = world.one(mail(body="never mind"))
    with pytest.raises(Lost) as moved:
        reply(world, first.conversation_id, seen_message_id=first.id)
    detail = {"message": str(second.id), "messages": str(second.id), "who": "alice@example.com"}
    assert (moved.value.code, moved.value.detail) == ("moved-on", detail)
    reply(world, first.conversation_id, seen_message_id=second.id)


def test_another_reps_answer_stops_the_send_but_ones_own_does_not(world: World) -> None:
    first = world.one(mail())
    world.answered(first.conversation_id)
    reply(world, first.conversation_id, seen_message_id=first.id)
    with pytest.raises(Lost, match="Ada answered meanwhile"):
        outbox.reply(
            world.store,
            world.clock,
            world.ben,
            first.conversation_id,
            NewReply(body="Hi", seen_message_id=first.id),
            account=ACCOUNT,
        )


def test_notes_events_and_vacation_notices_stop_nothing(world: World) -> None:
    first = world.one(mail(id="a@x"))
    inbox.note(world.store, world.clock, world.ben, first.conversation_id, "careful")
    world.one(mail(answers="a@x", kind="auto", auto="auto-replied", body="away"))
    reply(world, first.conversation_id, seen_message_id=first.id)


# --- taking back ------------------------------------------------------------------------------------------


def test_undo_makes_it_a_draft_again(world: World) -> None:
    first = world.one(mail())
    due = world.conversation(first.conversation_id).due_at
    content = NewReply(body="Hello", quote=True, resolve=True, cc=(Address(email="carol@example.com"),))
    queued = outbox.reply(world.store, world.clock, world.ada, first.conversation_id, content, account=ACCOUNT)
    draft = outbox.undo(world.store, world.clock, queued.id)
    assert (draft.agent_id, draft.conversation_id) == (world.ada.id, first.conversation_id)
    assert (draft.content.body, draft.content.quote, draft.content.resolve) == ("Hello", True, True)
    assert draft.content.cc == content.cc
    assert item(world, queued.id).state == "cancelled"
    assert world.store.messages.get(queued.message_id) is None
    conversation = world.conversation(first.conversation_id)
    assert (conversation.state, conversation.due_at, conversation.messages) == ("open", due, 1)
    assert not world.store.search.find("Hello").hits


def test_undo_keeps_what_was_written_since(world: World) -> None:
    first = world.one(mail())
    queued = reply(world, first.conversation_id)
    drafts.save(world.store, world.clock, world.ada, first.conversation_id, NewReply(body="And another thing"))
    assert outbox.undo(world.store, world.clock, queued.id).content.body == "Hello\n\nAnd another thing"


@pytest.mark.parametrize("again", ["taken", "undone"])
def test_undo_comes_too_late(world: World, again: str) -> None:
    first = world.one(mail())
    queued = reply(world, first.conversation_id)
    if again == "taken":
        world.clock.advance(10 * SECOND)
        outbox.take_due(world.store, world.clock)
    else:
        outbox.undo(world.store, world.clock, queued.id)
    with pytest.raises(Lost) as late:
        outbox.undo(world.store, world.clock, queued.id)
    assert late.value.code == "too-late"
    with pytest.raises(NotFound):
        outbox.undo(world.store, world.clock, 4_711)


def test_what_was_taken_back_made_nobody_a_participant(world: World) -> None:
    first = world.one(mail())
    queued = reply(world, first.conversation_id, to=(Address(email="wrong@example.org"),))
    outbox.undo(world.store, world.clock, queued.id)
    assert world.store.conversations.participants(first.conversation_id) == {"alice@example.com"}


# --- sending ----------------------------------------------------------------------------------------------


def test_nothing_leaves_within_the_undo_window(world: World) -> None:
    first = world.one(mail())
    queued = reply(world, first.conversation_id)
    assert outbox.take_due(world.store, world.clock) == []
    world.clock.advance(10 * SECOND)
    assert [work.item.id for work in outbox.take_due(world.store, world.clock)] == [queued.id]
    assert outbox.take_due(world.store, world.clock) == []


def test_only_the_named_accounts_are_taken(world: World) -> None:
    first = world.one(mail())
    world.answer(first.conversation_id)
    assert outbox.take_due(world.store, world.clock, accounts=["sales"]) == []
    assert len(outbox.take_due(world.store, world.clock, accounts=["support"])) == 1


def test_a_temporary_error_waits_longer_each_time_and_ends(world: World) -> None:
    being_sent = sending(world)
    waits = []
    while True:
        after = outbox.record_temporary(world.store, world.clock, being_sent.id, "451 try later")
        if after.state == "failed":
            break
        assert (after.state, after.error) == ("held", "451 try later")
        waits.append(after.next_attempt_at - world.clock.now())
        assert outbox.take_due(world.store, world.clock) == []
        world.clock.advance(waits[-1])
        [work] = outbox.take_due(world.store, world.clock)
        assert work.prepared == being_sent.rfc_message_id.encode(), "the same bytes each time"
    assert 25 * SECOND < waits[0] < 35 * SECOND
    assert max(waits) <= 4 * HOUR * 1.15
    assert 4 * DAY < sum(waits) < 6 * DAY
    assert "given up" in after.error
    assert world.conversation(being_sent.conversation_id).state == "open"
    assert any("could not be sent" in said for said in world.events(being_sent.conversation_id))


def test_a_permanent_error_brings_the_conversation_back(world: World) -> None:
    being_sent = sending(world)
    assert world.conversation(being_sent.conversation_id).state == "waiting"
    failed = outbox.record_permanent(world.store, world.clock, being_sent.id, "550 no\r\nsuch user")
    assert (failed.state, failed.error) == ("failed", "550 no such user")
    assert world.conversation(being_sent.conversation_id).state == "open"


def test_refused_recipients_are_said(world: World) -> None:
    being_sent = sending(world)
    sent = outbox.record_sent(world.store, world.clock, being_sent.id, refused={"b@x": "550 no"})
    assert (sent.state, sent.error) == ("sent", "b@x was refused: 550 no")


def test_a_failed_item_can_be_tried_again(world: World) -> None:
    being_sent = sending(world)
    outbox.record_permanent(world.store, world.clock, being_sent.id, "550 no")
    again = outbox.retry(world.store, world.clock, world.ben, being_sent.id)
    assert (again.state, again.rfc_message_id) == ("held", being_sent.rfc_message_id)
    assert len(outbox.take_due(world.store, world.clock)) == 1
    outbox.record_sent(world.store, world.clock, being_sent.id)
    with pytest.raises(Lost):
        outbox.retry(world.store, world.clock, world.ben, being_sent.id)


# --- doubt ------------------------------------------------------------------------------------------------


def test_a_crash_while_sending_leaves_a_doubt(world: World) -> None:
    being_sent = sending(world)
    [doubtful] = outbox.recover(world.store, world.clock)
    assert (doubtful.id, doubtful.state) == (being_sent.id, "unknown")
    assert outbox.take_due(world.store, world.clock) == []


def test_a_crash_before_there_were_bytes_leaves_none(world: World) -> None:
    being_sent = sending(world, prepared=False)
    assert outbox.recover(world.store, world.clock) == []
    assert item(world, being_sent.id).state == "held"
    assert len(outbox.take_due(world.store, world.clock)) == 1


def test_proof_settles_a_doubt(world: World) -> None:
    being_sent = sending(world)
    outbox.recover(world.store, world.clock)
    settled = outbox.reconcile(world.store, world.clock, being_sent.id, True)
    assert (settled.state, settled.filing) == ("sent", "done")


@pytest.mark.parametrize("answer", [False, None])
def test_without_proof_a_doubt_stays_and_is_shown_once(world: World, answer: bool | None) -> None:
    being_sent = sending(world)
    outbox.recover(world.store, world.clock)
    for _ in range(3):
        assert outbox.reconcile(world.store, world.clock, being_sent.id, answer).state == "unknown"
    assert world.conversation(being_sent.conversation_id).state == "open"
    told = [said for said in world.events(being_sent.conversation_id) if "not certain" in said]
    assert len(told) == 1
    with pytest.raises(Invalid) as refusal:
        outbox.retry(world.store, world.clock, world.ada, being_sent.id)
    assert refusal.value.code == "may-arrive-twice"
    assert outbox.retry(world.store, world.clock, world.ada, being_sent.id, even_if_unknown=True).state == "held"


def test_reconcile_touches_only_doubts(world: World) -> None:
    being_sent = sending(world)
    assert outbox.reconcile(world.store, world.clock, being_sent.id, True).state == "sending"
    outbox.record_permanent(world.store, world.clock, being_sent.id, "no")
    assert outbox.reconcile(world.store, world.clock, being_sent.id, True).state == "failed"


# --- the copy in Sent -------------------------------------------------------------------------------------


def test_filing_is_a_job_of_its_own(world: World) -> None:
    being_sent = sending(world)
    sent = outbox.record_sent(world.store, world.clock, being_sent.id, file_copy=True)
    assert sent.filing == "pending"
    for attempt in range(1, outbox.FILINGS_AT_MOST):
        failed = outbox.record_filing_failed(world.store, world.clock, sent.id, "no such folder")
        assert (failed.state, failed.filing, failed.filing_attempts) == ("sent", "pending", attempt)
        assert world.store.outbox.filing_due(world.clock.now()) == []
        world.clock.advance(5 * HOUR)
        assert [due.id for due in world.store.outbox.filing_due(world.clock.now())] == [sent.id]
    last = outbox.record_filing_failed(world.store, world.clock, sent.id, "no such folder")
    assert (last.state, last.filing) == ("sent", "failed")


def test_a_copy_is_filed_once(world: World) -> None:
    being_sent = sending(world)
    outbox.record_sent(world.store, world.clock, being_sent.id, file_copy=True)
    outbox.record_filed(world.store, world.clock, being_sent.id)
    assert world.store.outbox.filing_due(world.clock.now()) == []


# --- writing first ----------------------------------------------------------------------------------------


def test_a_conversation_can_begin_with_us(world: World) -> None:
    drafts.save(world.store, world.clock, world.ada, 0, NewReply(body="Dear"))
    new = NewReply(body="Dear Bob", subject="Your order", to=(Address(email="bob@example.org", name="Bob"),))
    queued = outbox.compose(world.store, world.clock, world.ada, new, account=ACCOUNT, now=True)
    conversation = world.conversation(queued.conversation_id)
    assert (conversation.subject, conversation.customer_name, conversation.state) == ("Your order", "Bob", "waiting")
    message = world.message(queued.message_id)
    assert (message.subject, message.in_reply_to, message.references) == ("Your order", "", ())
    assert world.store.drafts.get(world.ada.id, 0) is None
    world.send_all()
    answer: Message = world.one(mail("bob@example.org", answers=message.rfc_message_id, subject="Re: Your order"))
    assert (answer.conversation_id, answer.third_party) == (conversation.id, False)


def test_a_beginning_needs_a_subject_and_somebody(world: World) -> None:
    for new in (
        NewReply(body="x", to=(ALICE,)),
        NewReply(body="x", subject="s"),
        NewReply(body="x", subject="s", cc=(ALICE,)),
    ):
        with pytest.raises(Invalid):
            outbox.compose(world.store, world.clock, world.ada, new, account=ACCOUNT)
    assert world.store.conversations.counts()["all"] == 0


def test_a_failed_answer_is_due_at_once_until_it_is_sent_again(world: World) -> None:
    being_sent = sending(world)
    outbox.record_permanent(world.store, world.clock, being_sent.id, "550 no")
    assert world.conversation(being_sent.conversation_id).due_at == world.clock.now()
    outbox.retry(world.store, world.clock, world.ada, being_sent.id)
    assert world.conversation(being_sent.conversation_id).due_at is None


def test_the_customer_gets_what_was_written_and_the_terminal_what_may_be_shown(world: World) -> None:
    first = world.one(mail())
    item = world.answer(
        first.conversation_id, body="می\u200cخواهم 👨\u200d👩\u200d👧\r\nESC\x1b[2J\u202e!", subject="\u200cسلام"
    )
    [work] = outbox.take_due(world.store, world.clock)
    assert work.message.body == "می\u200cخواهم 👨\u200d👩\u200d👧\nESC[2J\u202e!"
    assert work.message.subject == "\u200cسلام"
    shown = world.message(item.message_id)
    assert not set("\u200c\u202e\x1b") & set(shown.body + shown.subject)


def test_a_token_that_does_not_fit_is_left_out(world: World) -> None:
    first = world.one(mail())
    account = SenderAccount(name="support", address=f"{'s' * 40}@shop.example", plus_token=True)
    queued = outbox.reply(
        world.store, world.clock, world.ada, first.conversation_id, NewReply(body="Hi"), account=account
    )
    assert world.message(queued.message_id).reply_to == ()
