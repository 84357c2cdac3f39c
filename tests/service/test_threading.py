"""Which conversation a mail belongs to: the order of evidence, and what is never believed."""

from __future__ import annotations

import pytest

from desk.clock import DAY
from desk.mail.parsed import Report
from desk.model import Address, Identity, Recipient
from desk.service.tokens import KEY_NAME, Tokens, message_id, plus_address
from tests.service.world import OURS, SENT_FOLDER, World, bounce, mail, new_world

# --- the token --------------------------------------------------------------------------------------------


def test_the_key_is_made_once(world: World) -> None:
    first = Tokens.of(world.store).make(7)
    key = world.store.meta.get(KEY_NAME)
    found = Tokens.of(world.store).find(message_id(first, "shop.example"))
    assert found is not None
    assert found.conversation_id == 7
    assert world.store.meta.get(KEY_NAME) == key
    assert key is not None
    assert len(bytes.fromhex(key)) == 32


@pytest.mark.parametrize("conversation", [1, 35, 36, 123_456_789, 2**62])
def test_a_token_survives_any_folding_of_case(conversation: int) -> None:
    tokens = Tokens(b"k" * 32)
    text = message_id(tokens.make(conversation), "shop.example").upper()
    found = tokens.find(text)
    assert found is not None
    assert found.conversation_id == conversation


def test_a_token_fits_a_local_part() -> None:
    """RFC 5321 section 4.5.3.1.1 allows 64 octets."""
    token = Tokens(b"k" * 32).make(36**6)
    assert len(plus_address("support@shop.example", token).partition("@")[0]) <= 64


def test_no_single_changed_character_is_believed() -> None:
    tokens = Tokens(b"k" * 32)
    token = tokens.make(42)
    for position, char in enumerate(token):
        if char == ".":
            continue
        other = "b" if char != "b" else "c"
        found = tokens.find(f"desk.{token[:position]}{other}{token[position + 1 :]}@x")
        assert found is None or found.conversation_id is None


def test_an_answer_with_our_token_joins(world: World) -> None:
    first = world.one(mail(id="a@x"))
    ours = world.answered(first.conversation_id)
    answer = world.one(mail(subject="something else", answers=ours.rfc_message_id, id="b@x"))
    assert (answer.conversation_id, answer.rule, answer.third_party) == (first.conversation_id, "token", False)
    assert "In-Reply-To" in answer.rule_detail


def test_a_token_works_without_the_stored_message(world: World) -> None:
    first = world.one(mail())
    token = message_id(Tokens.of(world.store).make(first.conversation_id), "shop.example")
    answer = world.one(mail(subject="else", answers=token))
    assert (answer.conversation_id, answer.rule) == (first.conversation_id, "token")


@pytest.mark.parametrize("field", ["to", "cc", "delivered_to"])
def test_a_token_in_the_reply_address_joins(world: World, field: str) -> None:
    first = world.one(mail())
    address = plus_address(OURS, Tokens.of(world.store).make(first.conversation_id))
    answer = world.one(mail(subject="else", **{field: (address,)}))  # type: ignore[arg-type]
    assert (answer.conversation_id, answer.rule) == (first.conversation_id, "token")


def test_a_forged_token_falls_through_and_is_said(world: World) -> None:
    first = world.one(mail(id="a@x"))
    forged = message_id(Tokens(b"another workspace's key, 32 bytes").make(first.conversation_id), "shop.example")
    stranger = world.one(mail("mallory@evil.example", subject="Re: My order", answers=forged))
    assert stranger.conversation_id != first.conversation_id
    assert stranger.rule == "new"
    assert "token that this workspace did not sign" in stranger.rule_detail


def test_a_forged_token_does_not_hide_better_evidence(world: World) -> None:
    first = world.one(mail(id="a@x"))
    forged = message_id(Tokens(b"foreign").make(99), "shop.example")
    answer = world.one(mail(subject="else", answers=forged, references=["a@x", forged]))
    assert (answer.conversation_id, answer.rule) == (first.conversation_id, "references")
    assert "did not sign" in answer.rule_detail


def test_a_token_of_a_conversation_that_is_gone_falls_through(world: World) -> None:
    token = message_id(Tokens.of(world.store).make(4_711), "shop.example")
    message = world.one(mail(answers=token))
    assert message.rule == "new"
    assert "is gone" in message.rule_detail


def test_a_stranger_with_our_token_is_a_marked_third_party(world: World) -> None:
    first = world.one(mail())
    ours = world.answered(first.conversation_id)
    stranger = world.one(mail("carol@else.example", answers=ours.rfc_message_id))
    assert stranger.conversation_id == first.conversation_id
    assert stranger.third_party
    assert world.conversation(first.conversation_id).third_party
    again = world.one(mail("carol@else.example", answers=ours.rfc_message_id, salt="2", body="me again"))
    assert again.third_party, "joining once does not make a participant"


def test_a_third_party_we_write_to_takes_part(world: World) -> None:
    first = world.one(mail())
    ours = world.answered(first.conversation_id)
    world.one(mail("carol@else.example", answers=ours.rfc_message_id, id="c@x"))
    to_carol = world.answered(first.conversation_id, to=(Address(email="Carol@Else.example"),))
    later = world.one(mail("carol@else.example", answers=to_carol.rfc_message_id))
    assert not later.third_party


def test_a_token_replayed_by_the_customer_of_another_conversation_is_marked(world: World) -> None:
    alice = world.one(mail(id="a@x"))
    ours = world.answered(alice.conversation_id)
    bob = world.one(mail("bob@example.org", subject="Refund", id="b@x"))
    replay = world.one(mail("bob@example.org", subject="Refund", answers=ours.rfc_message_id))
    assert replay.conversation_id == alice.conversation_id != bob.conversation_id
    assert replay.third_party


def test_a_token_follows_a_message_that_was_moved(world: World) -> None:
    first = world.one(mail(id="a@x"))
    other = world.one(mail(subject="Another matter", id="b@x"))
    ours = world.answered(first.conversation_id)
    with world.store.write():
        world.store.messages.move([ours.id], other.conversation_id, rule="moved", detail="", at=world.clock.now())
    answer = world.one(mail(answers=ours.rfc_message_id))
    assert answer.conversation_id == other.conversation_id


# --- references -------------------------------------------------------------------------------------------


def test_a_reference_from_a_participant_joins(world: World) -> None:
    first = world.one(mail(id="a@x"))
    second = world.one(mail("Alice@Example.com", subject="totally different", answers="a@x"))
    assert (second.conversation_id, second.rule, second.third_party) == (first.conversation_id, "references", False)
    assert "<a@x>" in second.rule_detail


def test_a_reference_from_a_stranger_begins_a_conversation_and_says_why(world: World) -> None:
    first = world.one(mail(id="a@x"))
    stranger = world.one(mail("mallory@evil.example", subject="Re: My order", answers="a@x"))
    assert stranger.conversation_id != first.conversation_id
    assert stranger.rule == "new"
    assert f"refers to conversation {first.conversation_id}" in stranger.rule_detail
    assert "mallory@evil.example is a stranger" in stranger.rule_detail


def test_a_display_name_is_no_identity(world: World) -> None:
    first = world.one(mail(id="a@x"))
    forged = world.one(mail("mallory@evil.example", name="alice@example.com", answers="a@x", subject="Re: My order"))
    assert forged.conversation_id != first.conversation_id


def test_reply_to_is_no_identity(world: World) -> None:
    first = world.one(mail(id="a@x"))
    forged = world.one(mail("mallory@evil.example", answers="a@x", reply_to=(Address(email="alice@example.com"),)))
    assert forged.conversation_id != first.conversation_id
    assert world.conversation(forged.conversation_id).customer_address == "mallory@evil.example"


def test_who_was_addressed_joins_marked(world: World) -> None:
    first = world.one(mail(id="a@x", cc=["carol@example.com"]))
    carol = world.one(mail("carol@example.com", answers="a@x"))
    assert carol.conversation_id == first.conversation_id
    assert carol.third_party


def test_an_answer_to_what_another_program_sent_for_us_joins_marked(world: World) -> None:
    sent = world.one(mail(OURS, to=["bob@example.org"], id="ours@x", subject="Offer"), options=SENT_FOLDER)
    assert sent.direction == "out"
    bob = world.one(mail("bob@example.org", answers="ours@x"))
    assert (bob.conversation_id, bob.third_party) == (sent.conversation_id, False)
    forwarded = world.one(mail("colleague@example.org", answers="ours@x"))
    assert (forwarded.conversation_id, forwarded.third_party) == (sent.conversation_id, True)


def test_the_parent_may_come_late(world: World) -> None:
    child = world.one(mail(id="b@x", answers="a@x", subject="Re: x"))
    parent = world.one(mail(id="a@x", subject="y"), at=world.clock.now() - DAY)
    assert parent.conversation_id == child.conversation_id
    assert "came earlier" in parent.rule_detail


def test_a_late_parent_of_a_stranger_stays_apart(world: World) -> None:
    child = world.one(mail(id="b@x", answers="a@x", subject="Re: x"))
    parent = world.one(mail("mallory@evil.example", id="a@x", subject="x"))
    assert parent.conversation_id != child.conversation_id
    assert f"conversation {child.conversation_id} refers to it" in parent.rule_detail


def test_two_answers_to_a_message_nobody_saw_belong_together(world: World) -> None:
    one = world.one(mail(id="b@x", answers="lost@x", subject="one"))
    two = world.one(mail(id="c@x", answers="lost@x", subject="two"))
    assert one.conversation_id == two.conversation_id


def test_all_of_it_within_one_batch(world: World) -> None:
    messages = world.receive(
        mail(id="c@x", references=["a@x", "b@x"], answers="b@x", subject="3"),
        mail(id="a@x", subject="1"),
        mail("mallory@evil.example", id="m@x", answers="a@x", subject="4"),
        mail(id="b@x", answers="a@x", subject="2"),
    )
    one, two, stranger, three = (message.conversation_id for message in messages)
    assert one == two == three != stranger


# --- the subject ------------------------------------------------------------------------------------------


def test_a_participant_joins_by_subject(world: World) -> None:
    first = world.one(mail(subject="My order"))
    second = world.one(mail(subject="AW: Re: my ORDER", body="more"))
    assert (second.conversation_id, second.rule) == (first.conversation_id, "subject")


def test_a_stranger_never_joins_by_subject(world: World) -> None:
    first = world.one(mail(subject="My order"))
    hijack = world.one(mail("mallory@evil.example", subject="Re: My order"))
    assert hijack.conversation_id != first.conversation_id


def test_who_was_only_addressed_does_not_join_by_subject(world: World) -> None:
    first = world.one(mail(subject="My order", cc=["carol@example.com"]))
    carol = world.one(mail("carol@example.com", subject="Re: My order"))
    assert carol.conversation_id != first.conversation_id


@pytest.mark.parametrize(("days", "joins"), [(0, True), (29, True), (31, False)])
def test_a_subject_counts_for_thirty_days(world: World, days: int, joins: bool) -> None:
    first = world.one(mail())
    world.clock.advance(days * DAY)
    assert (world.one(mail(body="again")).conversation_id == first.conversation_id) is joins


def test_an_old_mail_does_not_join_a_young_conversation_by_subject(world: World) -> None:
    first = world.one(mail())
    old = world.one(mail(body="old"), at=world.clock.now() - 90 * DAY)
    assert old.conversation_id != first.conversation_id


def test_a_subject_counts_within_one_account(world: World) -> None:
    first = world.one(mail())
    assert world.one(mail(body="2"), account="sales").conversation_id != first.conversation_id


@pytest.mark.parametrize("subject", ["", "Re:", "   "])
def test_no_subject_ties_nothing(world: World, subject: str) -> None:
    first = world.one(mail(subject=subject))
    assert world.one(mail(subject=subject, body="2")).conversation_id != first.conversation_id


# --- our own addresses ------------------------------------------------------------------------------------


def test_mail_from_ourselves_to_others_went_out(world: World) -> None:
    first = world.one(mail(id="a@x"))
    ours = world.one(mail(OURS, to=["alice@example.com"], answers="a@x", id="o@x"), options=SENT_FOLDER)
    assert (ours.direction, ours.conversation_id, ours.third_party) == ("out", first.conversation_id, False)
    assert world.conversation(first.conversation_id).state == "waiting"


def test_a_form_that_writes_in_our_name_to_us_came_in(world: World) -> None:
    form = world.one(mail(OURS, to=[OURS], subject="Contact form"))
    assert form.direction == "in"
    assert world.conversation(form.conversation_id).state == "open"


def test_an_unproven_from_of_ours_joins_only_marked(world: World) -> None:
    first = world.one(mail(id="a@x"))
    claim = world.one(mail(OURS, to=["alice@example.com", "mallory@evil.example"], answers="a@x"))
    assert claim.third_party
    assert "did not go out through Desk" in claim.rule_detail
    assert "mallory@evil.example" not in world.store.conversations.participants(first.conversation_id)


def test_an_unproven_from_of_ours_joins_nothing_by_subject(world: World) -> None:
    first = world.one(mail())
    claim = world.one(mail(OURS, to=["alice@example.com"], subject="Re: My order"))
    assert claim.conversation_id != first.conversation_id


def test_mail_without_a_sender_is_nobody(world: World) -> None:
    first = world.one(mail(None, subject="x", id="a@x"))
    second = world.one(mail(None, subject="x", answers="a@x"))
    assert first.conversation_id != second.conversation_id
    assert world.conversation(first.conversation_id).customer_name == "Unknown sender"
    assert (
        world.conversation(first.conversation_id).customer_id == world.conversation(second.conversation_id).customer_id
    )


# --- bounces ----------------------------------------------------------------------------------------------

FAILED = Recipient(address="alice@example.com", action="failed", status="5.1.1", diagnostic="550 no such user")


def test_a_bounce_finds_the_message_that_bounced(world: World) -> None:
    first = world.one(mail())
    ours = world.answered(first.conversation_id)
    report = world.one(bounce(report=Report(original_message_id=ours.rfc_message_id, recipients=(FAILED,))))
    assert (report.conversation_id, report.rule, report.kind) == (first.conversation_id, "bounce", "bounce")
    item = world.store.outbox.of_message(ours.id)
    assert item is not None
    assert item.state == "bounced"
    assert "550 no such user" in item.error
    assert world.conversation(first.conversation_id).state == "open"


def test_a_report_of_delay_marks_nothing(world: World) -> None:
    first = world.one(mail())
    ours = world.answered(first.conversation_id)
    delayed = Recipient(address="alice@example.com", action="delayed", status="4.4.1")
    world.one(bounce(report=Report(original_message_id=ours.rfc_message_id, recipients=(delayed,))))
    item = world.store.outbox.of_message(ours.id)
    assert item is not None
    assert item.state == "sent"


def test_a_report_of_success_says_delivered(world: World) -> None:
    first = world.one(mail())
    ours = world.answered(first.conversation_id)
    delivered = Recipient(address="alice@example.com", action="delivered", status="2.0.0")
    world.one(bounce(report=Report(original_message_id=ours.rfc_message_id, recipients=(delivered,))))
    item = world.store.outbox.of_message(ours.id)
    assert item is not None
    assert item.state == "delivered"


def test_a_bounce_that_names_no_message_goes_by_recipient_and_is_marked(world: World) -> None:
    first = world.one(mail())
    world.answered(first.conversation_id)
    report = world.one(bounce(report=Report(recipients=(FAILED,))))
    assert (report.conversation_id, report.rule, report.third_party) == (first.conversation_id, "bounce", True)


def test_a_bounce_of_what_a_customer_wrote_goes_nowhere_near(world: World) -> None:
    first = world.one(mail(id="a@x"))
    report = world.one(bounce("a@x"))
    assert report.conversation_id != first.conversation_id


def test_a_bounce_does_not_make_the_mail_server_a_participant(world: World) -> None:
    first = world.one(mail())
    ours = world.answered(first.conversation_id)
    world.one(bounce(ours.rfc_message_id))
    assert "mailer-daemon@mx.example" not in world.store.conversations.participants(first.conversation_id)


def test_a_bounce_nobody_can_place_is_a_conversation(world: World) -> None:
    report = world.one(bounce("unknown@x"))
    assert report.rule == "new"


def test_worlds_have_different_keys() -> None:
    with new_world() as one, new_world() as other:
        token = message_id(Tokens.of(one.store).make(1), "shop.example")
        found = Tokens.of(other.store).find(token)
        assert found is not None
        assert found.conversation_id is None


# --- one person, many addresses; one address, many people --------------------------------------------------


def test_a_second_address_that_a_rep_noted_takes_part(world: World) -> None:
    first = world.one(mail(id="a@x"))
    customer_id = world.conversation(first.conversation_id).customer_id
    with world.store.write():
        world.store.customers.add_identity(customer_id, Identity(kind="email", value="alice@private.example"))
    second = world.one(mail("Alice@Private.example", answers="a@x", subject="else"))
    assert (second.conversation_id, second.third_party) == (first.conversation_id, False)


@pytest.mark.parametrize(
    "more",
    [
        {"sender": OURS, "to": [OURS]},
        {"sender": "mailer@forms.example"},
        {"sender": "mailer@forms.example", "reply_to": ()},
    ],
    ids=["in our name", "with Reply-To", "marked as automatic"],
)
def test_a_form_keeps_people_apart(world: World, more: dict[str, object]) -> None:
    """All its mails have one sender and one subject, whoever filled it in."""
    auto = "auto-generated" if "reply_to" in more else ""
    seen = []
    for person in ("bob@example.org", "carol@example.com"):
        fields = {"reply_to": (Address(email=person),), **more}
        seen.append(world.one(mail(subject="Contact form", body=person, auto=auto, **fields)).conversation_id)  # type: ignore[arg-type]
    assert len(set(seen)) == 2


def test_our_address_with_a_token_is_still_ours(world: World) -> None:
    """A form on our site that answers to the reply address came in; it is not mail from us to others."""
    first = world.one(mail())
    address = plus_address(OURS, Tokens.of(world.store).make(first.conversation_id))
    form = world.one(mail(OURS, to=[address]))
    assert (form.direction, form.conversation_id, form.third_party) == ("in", first.conversation_id, True)
