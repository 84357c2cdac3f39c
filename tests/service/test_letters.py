"""Mail of automations: sent once, personalised, within limits, to nobody who does not want it; and why not."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Account, Outgoing
from connectors.mailing.compose import prepare
from desk.answers.template import fill
from desk.clock import DAY, HOUR, MINUTE, Clock
from desk.hours import hours
from desk.mail.parse import parse
from desk.mail.parsed import Parsed
from desk.model import Agent, AutoMail, Conversation, Customer, CustomerEdit, NewReply
from desk.promises import Calendar, WorkingClock
from desk.rules.limits import MailLimits
from desk.rules.words import MOMENTS, Automation
from desk.service import answers, automations, customers, inbox, letters, mailing, outbox, refusals
from desk.service.admitting import Means
from desk.service.errors import Lost, NotFound
from desk.steps import Reply
from desk.store.base import Store
from desk.text import fold_address
from tests.service.world import ACCOUNT, OPTIONS, OURS, World, bounce, mail, new_world, often
from tests.store.opening import store_in

SITE = "https://chat.shop.example/larkspur/mail/"
CANNED = {"follow-up": "Dear {customer.first_name},\n\nis all well with {conversation.subject}?\n\n{account.name}"}
FOLLOW_UP = Automation(name="follow-up", on="resolved", after=3 * DAY, send="follow-up", do=("tag +asked",))
BARE = Automation(name="bare", on="created", text="Hello!")


def means(**more: Any) -> Means:
    return Means(**{"write": _write, "sender": lambda _: ACCOUNT, "site": lambda _: SITE, "own": {OURS}, **more})


def _write(store: Store, clock: Clock, agent: Agent, conversation: Conversation, step: Reply) -> NewReply:
    if step.shortcut and step.shortcut not in CANNED:
        raise NotFound("answer", f"::{step.shortcut}")
    known = answers.facts(store, clock, agent, conversation, account=ACCOUNT)
    return NewReply(body=fill(CANNED.get(step.shortcut, step.text), known.lookup).text)


def limited(**more: Any) -> Means:
    return means(limits=MailLimits(**more))


PLENTY = limited(per_customer=100)


def sweep(world: World, *given: Automation, after: int = 0, using: Means | None = None) -> None:
    world.clock.advance(after)
    using = using or means()
    automations.keep(world.store, world.clock, given)
    while automations.sweep(world.store, world.clock, given, using):
        pass
    named = {each.name: each for each in given}
    while letters.sweep(world.store, world.clock, named, using):
        pass


def the_mail(world: World, id: int, automation: str = "follow-up") -> AutoMail:
    found = world.store.auto_mails.of(automation, id)
    assert found is not None
    return found


def resolved(world: World, sender: str = "alice@example.com", **more: Any) -> int:
    id = world.one(mail(sender, **{"name": "Alice Byron", "id": f"{sender}-1", **more})).conversation_id
    inbox.set_state(world.store, world.clock, world.ada, id, "resolved")
    return id


def customer(world: World, id: int) -> Customer:
    found = world.store.customers.get(world.conversation(id).customer_id)
    assert found is not None
    return found


def sent(world: World) -> list[tuple[str, bytes]]:
    """To whom what goes out now, as it goes over the wire."""
    found = []
    for work in outbox.take_due(world.store, world.clock):
        account = Account(name="support", address=OURS, display_name="The Shop")
        wire = prepare(Outgoing(message=work.message, quoted=work.quoted, unsubscribe=work.unsubscribe), account)
        found.append((*wire.recipients, wire.raw))
        outbox.record_sent(world.store, world.clock, work.item.id)
    return found  # type: ignore[return-value]


def auto_answer(raw: bytes) -> Parsed:
    found = parse(raw)
    assert isinstance(found, Parsed)
    return found


# --- one mail ---------------------------------------------------------------------------------------------


def test_a_follow_up_goes_once_in_its_thread_with_how_it_is_refused(world: World) -> None:
    sweep(world, FOLLOW_UP)
    id = resolved(world)
    sweep(world, FOLLOW_UP, after=3 * DAY - MINUTE)
    assert sent(world) == []
    sweep(world, FOLLOW_UP, after=2 * MINUTE)
    assert world.conversation(id).tags == ("asked",)
    [(to, raw)] = sent(world)
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert (to, str(parsed["To"]), str(parsed["From"])) == (
        "alice@example.com",
        "Alice Byron <alice@example.com>",
        f"The Shop <{OURS}>",
    )
    assert str(parsed["Auto-Submitted"]) == "auto-generated"
    assert str(parsed["In-Reply-To"]) == "<alice@example.com-1>"
    assert str(parsed["Subject"]) == "Re: My order"
    assert parsed["Precedence"] is None
    links = [each.strip(" <>\r\n") for each in str(parsed["List-Unsubscribe"]).split(",")]
    assert [urlsplit(each).scheme for each in links] == ["https", "mailto"]
    assert str(parsed["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    part = parsed.get_body(("plain",))
    assert part is not None
    body = part.get_content().replace("\r\n", "\n")
    assert body.startswith("Dear Alice,\n\nis all well with My order?")
    assert f"To get no more mail of this kind: {links[0]}" in body
    assert auto_answer(raw).auto == "auto-generated"
    assert world.conversation(id).state == "resolved"
    inbox.set_state(world.store, world.clock, world.ada, id, "open")
    inbox.set_state(world.store, world.clock, world.ada, id, "resolved")
    sweep(world, FOLLOW_UP, after=30 * DAY)
    assert sent(world) == []
    assert the_mail(world, id).state == "queued"


def test_the_customer_who_writes_first_is_not_asked(world: World) -> None:
    sweep(world, FOLLOW_UP)
    id = resolved(world)
    sweep(world, FOLLOW_UP, after=DAY)
    world.one(mail(id="b@x", answers="alice@example.com-1", body="Thanks!"))
    inbox.set_state(world.store, world.clock, world.ada, id, "resolved")
    sweep(world, FOLLOW_UP, after=2 * DAY + HOUR)
    assert sent(world) == []
    sweep(world, FOLLOW_UP, after=DAY)
    assert len(sent(world)) == 1, "three days after it was resolved again"


def test_who_writes_while_it_waits_for_its_hour_is_not_written_to(world: World) -> None:
    late = Automation(name="late", on="resolved", after=HOUR, send="follow-up", at="9:30", during="hours")
    week = hours("Europe/Berlin", dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "9:00-17:00"))
    using = means(hours=week, calendars={"hours": WorkingClock(Calendar(hours=week))})
    sweep(world, late, using=using)
    ids = [resolved(world, f"c{n}@example.com") for n in range(2)]
    sweep(world, late, after=2 * HOUR, using=using)
    due = the_mail(world, ids[0], "late").due_at
    assert week.open_at(due)
    assert due > world.clock.now()
    world.one(mail("c1@example.com", id="b@x", answers="c1@example.com-1", body="One more thing"))
    sweep(world, late, after=due - world.clock.now() + MINUTE, using=using)
    assert [to for to, _ in sent(world)] == ["c0@example.com"]
    assert (the_mail(world, ids[1], "late").state, the_mail(world, ids[1], "late").why) == (
        "dropped",
        "the customer wrote first",
    )


def test_what_is_missing_is_never_sent_but_told_and_goes_once_it_is_there(world: World) -> None:
    sweep(world, FOLLOW_UP)
    id, other = resolved(world, name=""), resolved(world, "bob@example.com", name="")
    sweep(world, FOLLOW_UP, after=3 * DAY)
    assert sent(world) == []
    kept = the_mail(world, id)
    assert (kept.state, kept.why) == ("held", "nothing fills customer.first_name")
    assert "its mail waits" in world.events(id)[-1]
    told = len(world.events(id))
    customers.edit(world.store, world.clock, world.ada, customer(world, id).id, CustomerEdit(name="Alice Byron"))
    sweep(world, FOLLOW_UP, after=HOUR)
    assert [to for to, _ in sent(world)] == ["alice@example.com"]
    sweep(world, FOLLOW_UP, after=2 * DAY)
    assert the_mail(world, other).state == "dropped"
    assert "it would be too late" in the_mail(world, other).why
    assert len([each for each in world.events(id) if "its mail waits" in each]) == 1
    assert len(world.events(id)) == told + 1


def test_an_answer_that_is_not_there_and_a_mailbox_that_is_not_hold_it(world: World) -> None:
    lacking = Automation(name="lacking", on="created", send="nosuch")
    sweep(world, lacking)
    id = world.one(mail()).conversation_id
    sweep(world, lacking, after=MINUTE)
    assert the_mail(world, id, "lacking").why == "there is no answer ::nosuch"
    assert sent(world) == []


# --- to whom never ----------------------------------------------------------------------------------------


def test_neither_machines_nor_ourselves_nor_addresses_that_are_not_theirs(world: World) -> None:
    sweep(world, BARE)
    machine = mail("eve@x.example", id="b@x", kind="auto", auto="auto-replied")
    came = [mail("no-reply@x.example", id="a@x"), machine, mail(None, id="c@x")]
    ids = [world.one(each).conversation_id for each in came]
    sweep(world, BARE, after=MINUTE, using=PLENTY)
    assert sent(world) == []
    mails = [the_mail(world, id, "bare") for id in ids]
    assert {each.state for each in mails} == {"dropped"}
    assert [each.why for each in mails] == [
        "no-reply@x.example is a machine's address",
        "what came last was written by no person",
        "'no-sender' is no e-mail address",
    ]


def test_an_address_whose_mail_came_back_gets_none_until_its_owner_writes(world: World) -> None:
    sweep(world, BARE, FOLLOW_UP)
    id = resolved(world)
    sweep(world, BARE, FOLLOW_UP, after=MINUTE, using=PLENTY)
    [(_, raw)] = sent(world)
    our_id = str(email.message_from_bytes(raw)["Message-ID"]).strip("<>")
    world.one(bounce(our_id))
    sweep(world, BARE, FOLLOW_UP, after=4 * DAY, using=PLENTY)
    assert sent(world) == []
    assert "came back" in the_mail(world, id).why
    other = world.one(mail("alice@example.com", id="z@x", subject="Something else", name="Alice")).conversation_id
    sweep(world, BARE, FOLLOW_UP, after=MINUTE, using=PLENTY)
    assert len(sent(world)) == 1
    assert the_mail(world, other, "bare").state == "queued"


@pytest.mark.parametrize(
    "field",
    ["List-Id: <news.x.example>", "Precedence: bulk", "Auto-Submitted: auto-generated", "List-Unsubscribe: <x>"],
)
def test_lists_and_what_other_desks_send_by_themselves_get_none(world: World, field: str) -> None:
    sweep(world, BARE)
    raw = f"From: eve@x.example\r\nTo: {OURS}\r\nSubject: News\r\nMessage-ID: <n@x>\r\n{field}\r\n\r\nRead this\r\n"
    id = world.one(auto_answer(raw.encode())).conversation_id
    sweep(world, BARE, after=MINUTE)
    assert (the_mail(world, id, "bare").state, sent(world)) == ("dropped", [])
    assert "written by no person" in the_mail(world, id, "bare").why


def test_every_moment_can_be_waited_for(world: World) -> None:
    given = [Automation(name=on, on=on, tag="x" if on == "tagged" else "", text="Hello!") for on in MOMENTS]
    sweep(world, *given, using=PLENTY)
    id = world.one(mail(id="a@x")).conversation_id
    world.answered(id)
    inbox.set_state(world.store, world.clock, world.ada, id, "resolved")
    inbox.tag(world.store, world.clock, world.ada, id, ["x"])
    sweep(world, *given, after=MINUTE, using=PLENTY)
    mails = world.store.auto_mails.page(("queued",))
    assert {"resolved", "answered", "tagged", "last", "created"} <= {each.automation for each in mails}


def test_an_answer_of_a_machine_to_it_sets_off_nothing(world: World) -> None:
    last = Automation(name="last", on="last", after=HOUR, text="Anything else?")
    sweep(world, last, BARE, using=PLENTY)
    world.one(mail(id="a@x"))
    for turn in range(4):
        sweep(world, last, BARE, after=2 * HOUR, using=PLENTY)
        for number, (_, raw) in enumerate(sent(world)):
            ours = str(email.message_from_bytes(raw)["Message-ID"]).strip("<>")
            auto = mail(id=f"auto{turn}-{number}@x", answers=ours, kind="auto", auto="auto-replied", body="I am away")
            world.one(auto)
    assert len([each for each in world.all_messages() if each.direction == "out"]) <= 2


# --- refusals ---------------------------------------------------------------------------------------------


def refused_by_mail(raw: bytes) -> Parsed:
    """What a mail program sends to the address in List-Unsubscribe."""
    links = str(email.message_from_bytes(raw, policy=email.policy.default)["List-Unsubscribe"]).split(",")
    to = urlsplit(links[-1].strip(" <>\r\n"))
    assert to.path == OURS
    return mail(subject=parse_qs(to.query)["subject"][0], body="", id="stop@x")


def test_a_mail_to_the_address_of_the_list_is_a_refusal_and_no_conversation(world: World) -> None:
    sweep(world, BARE, using=PLENTY)
    id = world.one(mail(id="a@x")).conversation_id
    sweep(world, BARE, after=MINUTE, using=PLENTY)
    [(_, raw)] = sent(world)
    before = len(world.all_messages())
    stop = refused_by_mail(raw)
    assert world.take(stop).refusals == 1
    assert world.take(stop).duplicate == 1, "in another folder"
    assert [each.outcome for each in world.store.ledger.page(limit=2)] == ["duplicate", "refusal"]
    assert len(world.all_messages()) == before + 1
    assert "wants no automatic mail any more, by mail" in world.events(id)[-1]
    found = customers.summary(world.store, world.conversation(id).customer_id, 1).refusals
    assert [(each.address, each.source) for each in found] == [("alice@example.com", "mail")]
    other = world.one(mail(id="b@x", subject="Another matter")).conversation_id
    assert other != id
    sweep(world, BARE, after=MINUTE, using=PLENTY)
    assert sent(world) == []
    assert "wants no automatic mail" in the_mail(world, other, "bare").why
    world.answered(other)
    assert [each.direction for each in world.store.messages.of_conversation(other)].count("out") == 1


def test_a_forged_refusal_is_an_ordinary_mail(world: World) -> None:
    forged = mail(subject=f"unsubscribe 1.{'a' * 32}")
    assert world.take(forged).new == 1
    assert world.store.refusals.standing() == []


def test_reps_note_refusals_and_take_them_back_and_each_word_is_kept(world: World) -> None:
    world.one(mail())
    for refuses in (True, True, False, False, True):
        refusals.by_rep(world.store, world.clock, world.ada, "Alice@Example.com", refuses=refuses)
        world.clock.advance(MINUTE)
    said = world.store.refusals.of("alice@example.com")
    assert [(each.refuses, each.agent_name, each.source) for each in said] == [
        (True, "Ada", "rep"),
        (False, "Ada", "rep"),
        (True, "Ada", "rep"),
    ]
    assert [each.address for each in world.store.refusals.standing()] == ["alice@example.com"]


def test_links_are_of_one_mail_and_open_nothing_else(world: World) -> None:
    sweep(world, BARE)
    world.one(mail())
    sweep(world, BARE, after=MINUTE)
    [(_, raw)] = sent(world)
    link = str(email.message_from_bytes(raw, policy=email.policy.default)["List-Unsubscribe"]).split(",")[0]
    token = link.strip(" <>\r\n").removeprefix(SITE)
    assert refusals.linked(world.store, token) is not None
    for wrong in ("", "1", token[:-1] + ("a" if token[-1] != "a" else "b"), "2" + token[1:], token + "a", "1.\n"):
        assert refusals.linked(world.store, wrong) is None
    assert refusals.by_link(world.store, world.clock, token, refuses=True, source="one-click") is not None
    assert refusals.standing(world.store, "alice@example.com") is not None
    refusals.by_link(world.store, world.clock, token, refuses=False, source="page")
    assert refusals.standing(world.store, "alice@example.com") is None


# --- limits -----------------------------------------------------------------------------------------------


def test_one_customer_gets_one_in_a_week_and_what_would_be_late_never_goes(world: World) -> None:
    other = Automation(name="other", on="created", after=HOUR, text="Again!")
    short = Automation(name="short", on="created", after=6 * DAY, text="And again!")
    sweep(world, BARE, other, short)
    id = world.one(mail()).conversation_id
    sweep(world, BARE, other, short, after=MINUTE)
    sweep(world, BARE, other, short, after=HOUR)
    assert len(sent(world)) == 1
    assert "1 in 7 days to a customer; it would be too late" in the_mail(world, id, "other").why
    sweep(world, BARE, other, short, after=6 * DAY)
    kept = the_mail(world, id, "short")
    assert (kept.state, kept.why) == ("held", "the limit is 1 in 7 days to a customer")
    sweep(world, BARE, other, short, after=DAY)
    assert len(sent(world)) == 1
    assert the_mail(world, id, "short").state == "queued"


def test_a_mailbox_sends_so_many_an_hour_and_the_rest_later(world: World) -> None:
    using = limited(per_hour=2, lapse=DAY)
    sweep(world, BARE, using=using)
    world.clock.advance(1_000)
    world.take(*(mail(f"c{number}@example.com", salt=f"{number}", id=f"{number}@x") for number in range(5)))
    gone = []
    for _ in range(4):
        sweep(world, BARE, after=MINUTE, using=using)
        gone.append(len(sent(world)))
        world.clock.advance(HOUR)
    assert gone == [2, 2, 1, 0]
    assert automations.listed(world.store, world.clock, [BARE])[0].mails == {
        "queued": 5,
        "answered": 0,
        "refused": 0,
    }


def test_what_lies_in_the_outbox_counts_until_it_is_gone(world: World) -> None:
    using = limited(per_hour=2, lapse=30 * DAY)
    sweep(world, BARE, using=using)
    world.clock.advance(1_000)
    world.take(*(mail(f"c{number}@example.com", salt=f"{number}", id=f"{number}@x") for number in range(5)))
    for _ in range(5):
        sweep(world, BARE, after=2 * HOUR, using=using)
    assert len(world.store.outbox.in_states(("held",))) == 2, "the mail server does not answer"


def test_no_mail_at_all(world: World) -> None:
    using = limited(per_day=0)
    sweep(world, BARE, using=using)
    id = world.one(mail()).conversation_id
    sweep(world, BARE, after=MINUTE, using=using)
    assert the_mail(world, id, "bare").state == "dropped"


@often(12)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.booleans()), min_size=5, max_size=20),
    st.integers(1, 3),
    st.integers(1, 2),
)
def test_never_more_than_the_limit_in_any_window(
    steps: list[tuple[int, int, bool]], an_hour: int, a_customer: int
) -> None:
    """Customers write, time passes, the mail server answers at times: whatever goes, goes within the limits."""
    gone: list[tuple[int, str]] = []
    limits = MailLimits(per_hour=an_hour, per_day=5, per_customer=a_customer, customer_days=2, lapse=5 * DAY)
    using = means(limits=limits)
    with new_world() as world:
        sweep(world, BARE, using=using)
        for number, (who, pause, answers) in enumerate(steps):
            world.one(mail(f"c{who}@example.com", subject=f"S{number}", salt=str(number), id=f"{number}@x"))
            sweep(world, BARE, after=pause * 17 * MINUTE if pause < 8 else pause * 5 * HOUR, using=using)
            if answers:
                gone += [(world.clock.now(), to) for to, _ in sent(world)]
    for at, to in gone:
        assert sum(at - HOUR < when <= at for when, _ in gone) <= an_hour
        assert sum(at - DAY < when <= at for when, _ in gone) <= 5
        assert sum(at - 2 * DAY < when <= at and whom == to for when, whom in gone) <= a_customer


# --- crashes ----------------------------------------------------------------------------------------------


def test_a_crash_between_keeping_and_sending_costs_nothing_and_doubles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep(world, BARE)
    id = world.one(mail()).conversation_id
    automations.sweep(world.store, world.clock, [BARE], means())
    assert the_mail(world, id, "bare").state == "planned", "kept, and the machine stops here"
    world.store.close()
    world.store = store_in(world.folder, world.clock)
    with monkeypatch.context() as patched:
        patched.setattr(mailing, "enqueue", _stops)
        sweep(world, BARE, after=MINUTE)
    assert world.store.outbox.in_states(("held",)) == []
    assert the_mail(world, id, "bare").why.startswith("it failed")
    sweep(world, BARE, after=HOUR)
    [item] = world.store.outbox.in_states(("held",))
    world.store.close()
    world.store = store_in(world.folder, world.clock)
    outbox.recover(world.store, world.clock)
    sweep(world, BARE, after=MINUTE)
    [(to, raw)] = sent(world)
    assert to == "alice@example.com"
    assert item.rfc_message_id.encode() in raw
    sweep(world, BARE, after=DAY)
    assert sent(world) == []


def _stops(*_: object, **__: object) -> None:
    raise OSError("the machine stops")


def test_a_rep_drops_what_waits_and_only_that(world: World) -> None:
    late = Automation(name="late", on="created", text="Hi", at="23:59")
    sweep(world, late)
    id = world.one(mail()).conversation_id
    sweep(world, late, after=MINUTE)
    kept = the_mail(world, id, "late")
    assert letters.drop(world.store, world.clock, world.ada, kept.id).state == "dropped"
    assert world.events(id)[-1] == "automation late: its mail is not sent: Ada says so"
    with pytest.raises(Lost):
        letters.drop(world.store, world.clock, world.ada, kept.id)
    with pytest.raises(NotFound):
        letters.drop(world.store, world.clock, world.ada, 99)
    sweep(world, late, after=2 * DAY)
    assert sent(world) == []


# --- tried ------------------------------------------------------------------------------------------------


def test_a_trial_tells_each_mail_of_the_past_week_and_what_would_have_kept_it_back(world: World) -> None:
    off = Automation(name="off", on="created", after=HOUR, text="Hello {customer.first_name}!", enabled=False)
    alice = world.one(mail(id="a@x", name="Alice Byron")).conversation_id
    world.one(mail(id="b@x", subject="Second", name="Alice Byron"))
    nameless = world.one(mail("bob@example.com", id="c@x")).conversation_id
    quick = world.one(mail("eve@example.com", id="d@x", name="Eve Adams")).conversation_id
    refuser = world.one(mail("joe@example.com", id="e@x", name="Joe Doe")).conversation_id
    refusals.by_rep(world.store, world.clock, world.ada, "joe@example.com", refuses=True)
    world.clock.advance(30 * MINUTE)
    world.one(mail("eve@example.com", id="f@x", answers="d@x", body="Never mind"))
    world.clock.advance(2 * DAY)
    before = world.store.changes.last()
    [trial] = automations.tried(world.store, world.clock, [off], world.clock.now() - 7 * DAY, means())
    assert (trial.fits, trial.mails, trial.kept_back) == (5, 1, 4)
    by_id: Mapping[int, Any] = {each.conversation_id: each for each in trial.examples}
    assert (by_id[alice].words, by_id[alice].held) == ("mail to alice@example.com: Re: My order", "")
    assert by_id[nameless].held == "nothing fills customer.first_name"
    assert by_id[quick].held == "the customer wrote first"
    assert "wants no automatic mail" in by_id[refuser].held
    [second] = [each for each in trial.examples if each.subject == "Second"]
    assert "1 in 7 days to a customer" in second.held
    assert world.store.changes.last() == before
    assert world.store.auto_mails.page(("planned", "held", "queued", "dropped")) == []


def test_a_trial_lets_later_mail_go_later(world: World) -> None:
    off = Automation(name="off", on="created", text="Hello!", enabled=False)
    world.clock.advance(1_000)
    world.take(*(mail(f"c{number}@example.com", salt=f"{number}", id=f"{number}@x") for number in range(4)))
    start = world.clock.now()
    world.clock.advance(DAY)
    using = limited(per_hour=2)
    [trial] = automations.tried(world.store, world.clock, [off], start - DAY, using)
    assert [each.at - start for each in reversed(trial.examples)] == [0, 0, HOUR, HOUR]
    assert [bool(each.held) for each in reversed(trial.examples)] == [False, False, True, True]
    assert (trial.mails, trial.kept_back) == (4, 0)


# --- moments ----------------------------------------------------------------------------------------------


def test_it_is_sent_after_a_tag_was_set_and_not_after_another(world: World) -> None:
    shipped = Automation(name="shipped", on="tagged", tag="Shipped", after=HOUR, text="It is on its way.")
    sweep(world, shipped)
    id = world.one(mail()).conversation_id
    inbox.tag(world.store, world.clock, world.ada, id, ["vip"])
    sweep(world, shipped, after=2 * HOUR)
    inbox.tag(world.store, world.clock, world.ada, id, ["shipped"])
    sweep(world, shipped, after=HOUR - MINUTE)
    assert sent(world) == []
    sweep(world, shipped, after=2 * MINUTE)
    assert [fold_address(to) for to, _ in sent(world)] == ["alice@example.com"]


def test_nothing_is_sent_without_what_it_takes_or_when_it_is_taken_back(world: World) -> None:
    automations.keep(world.store, world.clock, [BARE])
    id = world.one(mail()).conversation_id
    world.clock.advance(MINUTE)
    assert automations.sweep(world.store, world.clock, [BARE]) == 0
    sweep(world, BARE)
    assert the_mail(world, id, "bare").state == "queued"
    off = Automation(name="bare", on="created", text="Hello!", after=HOUR, enabled=False)
    late = Automation(name="late", on="created", text="Hi", at="23:59")
    sweep(world, late)
    other = world.one(mail("bob@example.com", id="o@x")).conversation_id
    sweep(world, late, after=MINUTE)
    sweep(world, off, after=2 * DAY)
    assert the_mail(world, other, "late").state == "dropped"
    assert OPTIONS.promised
