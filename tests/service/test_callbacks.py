"""Callbacks: promised in the one order of urgency, called by one rep at a time, never again by themselves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from desk.clock import DAY, HOUR, MINUTE, Millis
from desk.hours import hours
from desk.model import Agent, Callback, Outcome, Visitor
from desk.service import asking, callbacks, calls, chats, inbox, promises, undo
from desk.service.asking import Wish
from desk.service.callbacks import Rules
from desk.service.errors import Invalid, Lost, Taken
from desk.settings.calling import callbacks_of
from desk.store.base import Selection
from tests.service.world import World, mail

RULES = Rules(country="DE")
NUMBER = "+4930123456"


def visitor(world: World) -> Visitor:
    return chats.arrive(world.store, world.clock, "site", language="de").visitor


def asked(world: World, number: str = "030 123456", who: Visitor | None = None, **more: object) -> Callback:
    wish = Wish(number=number, **{"reason": "my order", **more})  # type: ignore[arg-type]
    return asking.ask(world.store, world.clock, wish, visitor=who or visitor(world), rules=RULES)


def noted(world: World, **more: object) -> Callback:
    wish = Wish(number=NUMBER, reason="the bill")
    return asking.ask(world.store, world.clock, wish, agent=world.ada, rules=RULES, **more)  # type: ignore[arg-type]


def taken(world: World, callback: Callback, agent: Agent | None = None, **more: bool) -> Callback:
    return calls.take(world.store, world.clock, agent or world.ada, callback.id, **more)


def ended(world: World, callback: Callback, outcome: Outcome, **more: object) -> Callback:
    reference = callbacks.get(world.store, callback.id).attempts[-1].reference
    return calls.end(world.store, world.clock, reference, outcome, rules=RULES, agent=world.ada, **more)  # type: ignore[arg-type]


def due(world: World, callback: Callback) -> Millis | None:
    return world.conversation(callback.conversation_id).due_at


# --- asking -----------------------------------------------------------------------------------------------


def test_a_visitor_is_promised_a_call_in_the_order_of_all_promises(world: World) -> None:
    callback = asked(world)
    assert (callback.number, callback.country, callback.language) == (NUMBER, "DE", "de")
    row = world.conversation(callback.conversation_id)
    assert (row.channel, row.subject, row.state, row.due_at) == ("callback", "my order", "open", callback.due_at)
    assert callback.promised_at == world.clock.now() + 10 * MINUTE
    world.one(mail())
    page = world.store.views.page(Selection(view="open"))
    assert [each.channel for each in page.items] == ["callback", "email"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "number-missing"),
        ("hello", "number-wrong"),
        ("123", "number-too-short"),
        ("+49 30 123456789012345", "number-too-long"),
        ("+999 123456", "number-wrong"),
        ("0900 1234567", "number-costly"),
        ("030 123456\x1b]0;pwned\x07", "number-wrong"),
    ],
)
def test_a_number_that_cannot_be_called_is_refused(world: World, number: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(world, number)
    assert refused.value.code == code
    assert world.store.conversations.counts()["all"] == 0


def test_only_countries_that_are_called_can_be_asked_for(world: World) -> None:
    rules = Rules(country="DE", countries=frozenset({"DE", "AT"}))
    wish = Wish(number="+1 202 555 0123")
    with pytest.raises(Invalid, match="country"):
        asking.ask(world.store, world.clock, wish, visitor=visitor(world), rules=rules)
    assert asking.ask(world.store, world.clock, wish, agent=world.ada, rules=rules).country == "US"


def test_what_is_said_is_harmless(world: World) -> None:
    callback = asked(world, reason="\x1b]0;pwned\x07 [b]hi[/b]\u202e\n\nnext" + "x" * 900)
    row = world.conversation(callback.conversation_id)
    assert not any(c in callback.reason + row.subject for c in "\x1b\x07\u202e\n")
    assert len(callback.reason) == asking.REASON_AT_MOST
    assert len(row.subject) <= asking.SUBJECT_AT_MOST


def test_who_asks_again_is_told_of_the_first(world: World) -> None:
    who = visitor(world)
    first = asked(world, who=who)
    with pytest.raises(Lost) as refused:
        asked(world, "+49 30 123456", who=who)
    assert (refused.value.code, refused.value.detail["callback"]) == ("asked", str(first.id))
    assert world.store.conversations.counts()["all"] == 1
    assert asked(world, "+49 30 123457", who=who).id != first.id
    callbacks.cancel(world.store, world.clock, first.id)
    assert asked(world, who=who).id != first.id


def test_many_who_ask_at_once_get_one(world: World) -> None:
    who = visitor(world)

    def ask(_: int) -> bool:
        try:
            asked(world, who=who)
        except Lost:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(16))) == 1


def test_a_call_asked_for_in_a_chat_stands_in_it_and_ends_no_answer(world: World) -> None:
    who = visitor(world)
    said = chats.say(world.store, world.clock, who, "1", "Hello?")
    callback = asked(world, who=who, at=world.clock.now() + HOUR)
    assert callback.conversation_id == said.conversation_id
    row = world.conversation(said.conversation_id)
    assert (row.channel, row.due_at) == ("chat", row.waiting_since + MINUTE if row.waiting_since else 0)
    with world.store.write():
        world.store.placing.set_waiting(row.id, None)
        promises.refresh(world.store, [row.id])
    assert due(world, callback) == callback.due_at


def test_a_rep_notes_a_callback_for_who_is_known_by_the_number(world: World) -> None:
    first, second = noted(world), noted(world)
    assert first.conversation_id != second.conversation_id
    rows = [world.conversation(each.conversation_id) for each in (first, second)]
    assert rows[0].customer_id == rows[1].customer_id
    assert first.agent_id == world.ada.id
    undo.undo(world.store, world.clock, world.ada)
    assert callbacks.get(world.store, second.id).state == "cancelled"
    assert inbox.get(world.store, second.conversation_id).state == "merged"


def test_of_two_reps_who_note_the_same_call_one_does(world: World) -> None:
    id = world.one(mail()).conversation_id
    first = noted(world, conversation_id=id)
    with pytest.raises(Lost, match="promised here already") as refused:
        noted(world, conversation_id=id)
    assert refused.value.detail["callback"] == str(first.id)
    callbacks.cancel(world.store, world.clock, first.id, agent=world.ada)
    assert noted(world, conversation_id=id).open


def test_a_callback_in_a_mail_s_conversation_runs_though_it_was_answered(world: World) -> None:
    message = world.one(mail())
    callback = noted(world, conversation_id=message.conversation_id)
    assert due(world, callback) == callback.due_at
    world.answered(message.conversation_id)
    assert world.conversation(message.conversation_id).state == "waiting"
    assert due(world, callback) == callback.due_at


# --- how soon ---------------------------------------------------------------------------------------------


def test_as_soon_as_possible_is_after_those_before(world: World) -> None:
    now = world.clock.now()
    promised = [asked(world, f"+49 30 12345{n}").promised_at - now for n in range(4)]
    assert promised == [10 * MINUTE, 15 * MINUTE, 20 * MINUTE, 25 * MINUTE]
    assert [world.store.callbacks.ahead(now + each) for each in promised] == [1, 2, 3, 4]
    two = Rules(lines=2)
    assert callbacks.soon(world.store, now, two) == now + 10 * MINUTE


def test_calls_that_last_longer_are_reckoned_with(world: World) -> None:
    first = asked(world)
    taken(world, first)
    world.clock.advance(20 * MINUTE)
    ended(world, first, "reached")
    now = world.clock.now()
    assert [asked(world, f"+49 30 12345{n}").promised_at - now for n in range(2)] == [10 * MINUTE, 30 * MINUTE]


def test_who_waits_longer_than_promised_is_told_so(world: World) -> None:
    first, second = asked(world), asked(world, "+49 30 123457")
    now = world.clock.now()
    assert callbacks.expected(world.store, first, now, RULES) == first.due_at
    late = now + 32 * MINUTE
    told = [callbacks.expected(world.store, each, late, RULES) for each in (first, second)]
    assert [each - now for each in told] == [35 * MINUTE, 40 * MINUTE]


def test_nothing_is_promised_while_nobody_is_there(world: World) -> None:
    saturday = world.clock.now() + 2 * DAY
    rules = Rules(country="DE", hours=hours("UTC", {"saturday": "0:00-24:00"}))
    callback = asking.ask(world.store, world.clock, Wish(number=NUMBER), visitor=visitor(world), rules=rules)
    assert callback.promised_at == saturday


def test_times_to_choose_are_those_when_somebody_is_there(world: World) -> None:
    rules = Rules(country="DE", hours=hours("Europe/Berlin", {"friday": "9:00-10:00"}), per_slot=1)
    nine = world.clock.now() + DAY + 8 * HOUR  # the first of January 2026 is a Thursday
    offered = callbacks.offer(world.store, world.clock.now(), rules)
    assert (offered.at, offered.ahead) == (nine, 0)
    assert [(each.start, each.end) for each in offered.slots] == [
        (nine, nine + 30 * MINUTE),
        (nine + 30 * MINUTE, nine + HOUR),
    ]


def test_a_slot_has_room_for_so_many(world: World) -> None:
    rules, at = Rules(country="DE", per_slot=2), world.clock.now() + HOUR

    def ask(n: int) -> bool:
        try:
            wish = Wish(number=f"+49 30 12345{n}", at=at)
            asking.ask(world.store, world.clock, wish, visitor=visitor(world), rules=rules)
        except Lost:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(6))) == 2
    assert at not in [each.start for each in callbacks.offer(world.store, world.clock.now(), rules).slots]
    late = asked(world)
    with pytest.raises(Lost, match="not free"):
        callbacks.move(world.store, world.clock, late.id, at, rules=rules)
    with pytest.raises(Lost, match="not free"):
        callbacks.move(world.store, world.clock, late.id, at + MINUTE, rules=rules)


# --- moving and cancelling ---------------------------------------------------------------------------------


def test_the_customer_moves_and_cancels(world: World) -> None:
    callback = asked(world)
    at = world.clock.now() + DAY
    moved = callbacks.move(world.store, world.clock, callback.id, at)
    assert (moved.due_at, moved.promised_at, moved.until) == (at, at, at + 30 * MINUTE)
    assert due(world, callback) == at
    cancelled = callbacks.cancel(world.store, world.clock, callback.id, reason="no longer needed")
    assert cancelled.state == "cancelled"
    assert due(world, callback) is None
    assert callbacks.cancel(world.store, world.clock, callback.id).rev == cancelled.rev
    assert [said.split(" to 2")[0] for said in world.events(callback.conversation_id)][1:] == [
        "callback moved",
        "callback cancelled: no longer needed by the customer",
    ]
    with pytest.raises(Lost, match="cancelled"):
        callbacks.move(world.store, world.clock, callback.id, at)


def test_no_time_but_one_to_come_can_be_promised(world: World) -> None:
    callback = asked(world)
    for at in (world.clock.now() - HOUR, world.clock.now() + 400 * DAY):
        with pytest.raises(Invalid):
            callbacks.move(world.store, world.clock, callback.id, at)


def test_who_looked_at_an_older_state_changes_nothing(world: World) -> None:
    callback = asked(world)
    at = world.clock.now() + DAY
    callbacks.move(world.store, world.clock, callback.id, at, rev=callback.rev)
    with pytest.raises(Lost):
        callbacks.move(world.store, world.clock, callback.id, at + HOUR, rev=callback.rev)


def test_a_rep_takes_back_what_they_did_with_it(world: World) -> None:
    callback = asked(world)
    at = world.clock.now() + DAY
    callbacks.move(world.store, world.clock, callback.id, at, agent=world.ada)
    callbacks.cancel(world.store, world.clock, callback.id, agent=world.ada)
    assert undo.undo(world.store, world.clock, world.ada).label == f"end of the callback of #{callback.conversation_id}"
    assert callbacks.get(world.store, callback.id).state == "waiting"
    assert due(world, callback) == at
    undo.undo(world.store, world.clock, world.ada)
    assert due(world, callback) == callback.due_at
    undo.redo(world.store, world.clock, world.ada)
    assert due(world, callback) == at


# --- calling ----------------------------------------------------------------------------------------------


def test_one_of_many_takes_it(world: World) -> None:
    callback = asked(world)
    reps = [world.ada, world.ben]

    def take(n: int) -> str:
        try:
            return taken(world, callback, reps[n % 2]).attempts[-1].reference
        except Lost:
            return ""

    with ThreadPoolExecutor(8) as pool:
        won = [reference for reference in pool.map(take, range(24)) if reference]
    assert len(won) == 1
    found = callbacks.get(world.store, callback.id)
    assert [each.reference for each in found.attempts] == won
    assert world.conversation(callback.conversation_id).assignee_id == found.attempts[0].agent_id


def test_who_comes_second_is_told_who_calls(world: World) -> None:
    callback = asked(world)
    taken(world, callback)
    with pytest.raises(Taken, match="Ada"):
        taken(world, callback, world.ben)
    with pytest.raises(Lost, match="Ada is calling"):
        taken(world, callback)
    with pytest.raises(Lost, match="Ada is calling"):
        callbacks.cancel(world.store, world.clock, callback.id)


def test_a_later_time_that_was_chosen_is_kept(world: World) -> None:
    callback = asked(world, at=world.clock.now() + HOUR)
    with pytest.raises(Lost) as refused:
        taken(world, callback)
    assert refused.value.code == "too-early"
    assert taken(world, callback, early=True).state == "calling"


def test_how_early_somebody_may_be_called_is_a_setting(world: World) -> None:
    callback = asked(world, at=world.clock.now() + HOUR)
    world.clock.advance(48 * MINUTE)
    with pytest.raises(Lost, match="asked to be called"):
        taken(world, callback)
    calls.keep_lead(world.store, world.clock, 12 * MINUTE)
    assert taken(world, callback).state == "calling"
    with pytest.raises(ValueError, match="at most 15m"):
        callbacks_of({"lead": "16m"})


@pytest.mark.parametrize(
    ("outcome", "later"), [("no-answer", 30 * MINUTE), ("busy", 5 * MINUTE), ("voicemail", 2 * HOUR)]
)
def test_an_outcome_sets_the_next_attempt(world: World, outcome: Outcome, later: Millis) -> None:
    callback = asked(world)
    taken(world, callback)
    again = ended(world, callback, outcome, words="said \x1b[31m")
    assert (again.state, again.due_at, again.outcome) == ("waiting", world.clock.now() + later, outcome)
    assert again.promised_at == callback.promised_at
    row = world.conversation(callback.conversation_id)
    assert (row.due_at, row.assignee_id) == (again.due_at, None)
    assert "\x1b" not in world.events(callback.conversation_id)[-1]


def test_after_some_attempts_nobody_calls_any_more(world: World) -> None:
    callback = asked(world)
    for _ in range(3):
        taken(world, callback)
        callback = ended(world, callback, "no-answer")
    assert (callback.state, due(world, callback)) == ("done", None)
    assert world.events(callback.conversation_id)[-1] == "call: no answer; given up after 3 attempts"


def test_what_was_no_attempt_is_not_counted(world: World) -> None:
    callback = asked(world)
    for outcome in ("failed", "cancelled", "failed", "failed"):
        taken(world, callback)
        now = ended(world, callback, outcome)  # type: ignore[arg-type]
        assert (now.state, now.due_at) == ("waiting", callback.due_at)


def test_who_was_reached_waits_no_longer(world: World) -> None:
    callback = asked(world)
    taken(world, callback)
    done = ended(world, callback, "reached")
    row = world.conversation(callback.conversation_id)
    assert (done.state, row.due_at, row.waiting_since, row.assignee_id) == ("done", None, None, world.ada.id)
    with pytest.raises(Lost, match="has ended: reached"):
        ended(world, callback, "busy")


def test_a_rep_takes_back_an_outcome_and_says_another(world: World) -> None:
    callback = asked(world)
    taken(world, callback)
    ended(world, callback, "busy")
    assert undo.undo(world.store, world.clock, world.ada).nothing is False
    again = callbacks.get(world.store, callback.id)
    assert (again.state, again.outcome) == ("unclear", "unknown"), "whoever called says what it came to"
    assert undo.redo(world.store, world.clock, world.ada).nothing is False
    assert callbacks.get(world.store, callback.id).outcome == "busy"
    undo.undo(world.store, world.clock, world.ada)
    row = world.conversation(callback.conversation_id)
    assert (row.assignee_id, row.due_at) == (world.ada.id, callback.due_at)
    assert ended(world, callback, "reached").state == "done"


def test_taking_back_what_became_of_a_call_made_by_other_means_leaves_no_call(world: World) -> None:
    callback = asked(world)
    for outcome in ("busy", "reached"):
        calls.outcome(world.store, world.clock, world.ada, callback.id, outcome, rules=RULES)  # type: ignore[arg-type]
    done = callbacks.get(world.store, callback.id)
    for left in (["busy"], []):
        assert undo.undo(world.store, world.clock, world.ada).nothing is False
        again = callbacks.get(world.store, callback.id)
        assert (again.state, [each.outcome for each in again.attempts]) == ("waiting", left)
    row = world.conversation(callback.conversation_id)
    assert (again.due_at, row.due_at, row.assignee_id) == (callback.due_at, callback.due_at, None)
    for _ in range(2):
        undo.redo(world.store, world.clock, world.ada)
    again = callbacks.get(world.store, callback.id)
    assert [replace(each, id=0) for each in again.attempts] == [replace(each, id=0) for each in done.attempts]
    assert again.state == "done"


def test_an_outcome_after_which_somebody_called_again_stays(world: World) -> None:
    callback = asked(world)
    taken(world, callback)
    ended(world, callback, "busy")
    taken(world, callback, world.ben)
    assert undo.undo(world.store, world.clock, world.ada).nothing
    assert callbacks.get(world.store, callback.id).state == "calling"


def test_what_nobody_knows_the_end_of_is_not_called_again_by_itself(world: World) -> None:
    callback = asked(world)
    reference = taken(world, callback).attempts[-1].reference
    assert [each.id for each in calls.under_way(world.store)] == [callback.id]
    lost = calls.lose(world.store, world.clock, reference, "the server ended")
    assert (lost.state, lost.outcome, lost.due_at) == ("unclear", "unknown", world.clock.now())
    assert calls.under_way(world.store) == []
    with pytest.raises(Lost) as refused:
        taken(world, callback)
    assert refused.value.code == "unclear"
    assert ended(world, callback, "no-answer").state == "waiting"


def test_a_rep_may_call_though_it_may_have_rung(world: World) -> None:
    callback = asked(world)
    calls.lose(world.store, world.clock, taken(world, callback).attempts[-1].reference)
    again = taken(world, callback, even_if_unclear=True)
    assert [each.outcome for each in again.attempts] == ["unknown", None]
    first = again.attempts[0].reference
    late = calls.end(world.store, world.clock, first, "reached", rules=RULES)
    assert (late.state, late.attempts[0].outcome) == ("calling", "reached")


def test_a_rep_says_what_became_of_a_call_they_made_by_themselves(world: World) -> None:
    callback = asked(world)
    done = calls.outcome(world.store, world.clock, world.ada, callback.id, "reached", words="all is well", rules=RULES)
    assert (done.state, done.outcome, done.attempts[0].words) == ("done", "reached", "all is well")
    with pytest.raises(Lost, match="done"):
        calls.outcome(world.store, world.clock, world.ada, callback.id, "busy", rules=RULES)


# --- the conversation it stands in --------------------------------------------------------------------------


def test_who_closes_the_matter_ends_the_callback_and_takes_both_back(world: World) -> None:
    callback = asked(world)
    inbox.set_state(world.store, world.clock, world.ada, callback.conversation_id, "resolved")
    assert callbacks.get(world.store, callback.id).state == "cancelled"
    undo.undo(world.store, world.clock, world.ada)
    assert callbacks.get(world.store, callback.id).state == "waiting"
    assert due(world, callback) == callback.due_at
    message = world.one(mail())
    other = noted(world, conversation_id=message.conversation_id)
    world.answer(message.conversation_id, resolve=True)
    assert callbacks.get(world.store, other.id).state == "cancelled"
    undo.undo(world.store, world.clock, world.ada)
    assert callbacks.get(world.store, other.id).state == "waiting"


def test_a_call_under_way_when_the_matter_is_closed_is_the_last(world: World) -> None:
    callback = asked(world)
    taken(world, callback)
    inbox.set_state(world.store, world.clock, world.ada, callback.conversation_id, "resolved")
    assert callbacks.get(world.store, callback.id).state == "calling"
    assert ended(world, callback, "busy").state == "done"


def test_shortly_before_a_call_is_due_its_conversation_is_open(world: World) -> None:
    message = world.one(mail())
    callback = noted(world, conversation_id=message.conversation_id)
    callbacks.move(world.store, world.clock, callback.id, world.clock.now() + HOUR, agent=world.ada)
    world.answered(message.conversation_id)
    assert callbacks.hidden(world.store, world.clock.now()) == []
    world.clock.advance(50 * MINUTE)
    assert callbacks.show_due(world.store, world.clock) == [message.conversation_id]
    row = world.conversation(message.conversation_id)
    assert (row.state, row.due_at) == ("open", callbacks.get(world.store, callback.id).due_at)
    assert callbacks.show_due(world.store, world.clock) == []


# --- the customer's link -----------------------------------------------------------------------------------


def test_a_link_leads_to_one_callback_and_none_is_guessed(world: World) -> None:
    first, second = asked(world), asked(world, "+49 30 123457")
    token = callbacks.link(world.store, first.id)
    assert callbacks.linked(world.store, token) == first
    assert callbacks.link(world.store, second.id) != token
    seal = token.partition(".")[2]
    for guess in (
        "",
        ".",
        "1",
        token[:-1],
        token.upper(),
        f"{second.id:x}.{seal}",
        f"0{token}",
        f"{first.id:x}.é" + "a" * 31,
    ):
        assert callbacks.linked(world.store, guess) is None
