"""Promises as rows: given, led on by what reps do, kept or broken, and taken back."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from desk.clock import DAY, HOUR, MINUTE, ManualClock, Millis
from desk.hours import Hours, Period, Slot
from desk.model import CalendarInfo, CustomerEdit, Promise
from desk.promises import Calendar, Plan, Policy
from desk.service import asking, customers, inbox, keeping, merging, promises, undo, views
from desk.service.asking import Wish
from desk.service.callbacks import Rules
from tests.service.world import OPTIONS, World, mail

PLAN = Plan(
    policies=(
        Policy(name="gold", customer=("gold",), first=HOUR, resolution=DAY),
        Policy(name="pressing", tag=("fire",), first=2 * HOUR, resolution=4 * HOUR),
        Policy(name="workshop", queue=("Workshop",), first=3 * HOUR),
    ),
    plain={"email": 8 * HOUR},
)


@pytest.fixture(autouse=True)
def planned(world: World) -> None:
    promises.keep(world.store, world.clock, PLAN)


def asked(world: World, **more: object) -> int:
    return world.one(mail(**more)).conversation_id  # type: ignore[arg-type]


def rows(world: World, id: int) -> list[tuple[str, str, str]]:
    return [(each.kind, each.policy, each.state) for each in world.store.promises.of([id])]


def last(world: World, id: int) -> Promise:
    return world.store.promises.of([id])[-1]


def left(world: World, id: int) -> Millis | None:
    due = world.conversation(id).due_at
    return None if due is None else due - world.clock.now()


def test_who_answers_in_time_kept_the_promise_and_it_is_told(world: World) -> None:
    id = asked(world)
    assert left(world, id) == 8 * HOUR
    world.answered(id)
    assert rows(world, id) == [("first", "", "kept")]
    assert last(world, id).agent_id == world.ada.id
    [tally] = keeping.board(world.store, world.clock, 0).tallies
    assert (tally.kept, tally.broken, tally.running) == (1, 0, 0)


def test_an_answer_that_is_taken_back_was_never_given(world: World) -> None:
    id = asked(world)
    before = world.store.promises.of([id])
    world.answer(id)
    assert world.conversation(id).due_at is None
    undo.undo(world.store, world.clock, world.ada)
    assert world.store.promises.of([id]) == before
    assert world.conversation(id).due_at == before[0].due_at


def test_a_tag_gives_another_policy_and_undo_the_first_one(world: World) -> None:
    id = asked(world)
    world.clock.advance(HOUR)
    inbox.tag(world.store, world.clock, world.ada, id, add=["Fire"])
    assert rows(world, id) == [("first", "pressing", "running"), ("resolution", "pressing", "running")]
    assert left(world, id) == HOUR
    undo.undo(world.store, world.clock, world.ada)
    assert left(world, id) == 7 * HOUR
    assert rows(world, id) == [("first", "", "running"), ("resolution", "pressing", "void")]
    inbox.set_queue(world.store, world.clock, world.ada, id, "Workshop")
    assert left(world, id) == 2 * HOUR


def test_a_customer_who_becomes_somebody_else_is_promised_something_else(world: World) -> None:
    id = asked(world)
    customer = world.conversation(id).customer_id
    customers.edit(world.store, world.clock, world.ada, customer, CustomerEdit(add_tags=("gold",)))
    assert left(world, id) == HOUR
    undo.undo(world.store, world.clock, world.ada)
    assert left(world, id) == 8 * HOUR


def test_who_resolved_kept_the_promise_to(world: World) -> None:
    id = asked(world)
    inbox.tag(world.store, world.clock, world.ada, id, add=["fire"])
    world.answered(id)
    assert rows(world, id)[1] == ("resolution", "pressing", "paused")
    world.clock.advance(5 * HOUR)
    inbox.set_state(world.store, world.clock, world.ben, id, "resolved")
    assert rows(world, id)[1] == ("resolution", "pressing", "kept")
    assert last(world, id).agent_id == world.ben.id


def test_that_a_time_has_passed_is_recorded_once_and_stays(world: World) -> None:
    id = asked(world)
    due = world.conversation(id).due_at
    assert promises.mark_broken(world.store, world.clock) == 0
    world.clock.advance(8 * HOUR + 1)
    assert [each.conversation_id for each in world.store.promises.overdue(world.clock.now())] == [id]
    seq = world.store.changes.last()
    assert promises.mark_broken(world.store, world.clock) == 1
    assert [(each.kind, each.id) for each in world.store.changes.since(seq)] == [("conversation", id)]
    assert promises.mark_broken(world.store, world.clock) == 0
    assert [each.broken_at for each in world.store.promises.broken(0, world.clock.now())] == [due]
    promises.keep(world.store, world.clock, replace(PLAN, plain={"email": DAY}))
    assert left(world, id) == 16 * HOUR - 1
    world.answered(id)
    assert rows(world, id) == [("first", "", "broken")]


def found(world: World, q: str) -> list[int]:
    selection = views.select({}, world.ada, "all", q, now=world.clock.now())
    return [row.id for row in world.store.views.page(selection).items]


def test_lists_are_filtered_by_what_is_promised(world: World) -> None:
    id, other = asked(world), asked(world, subject="Another", sender="bob@example.com")
    inbox.tag(world.store, world.clock, world.ada, id, add=["fire"])
    assert sorted(found(world, "is:due")) == [id, other]
    assert found(world, "policy:Pressing") == [id]
    assert found(world, "policy:[promises]") == [other]
    assert found(world, "is:late") == []
    world.clock.advance(left(world, id) or 0)
    assert found(world, "is:late") == []
    world.clock.advance(1)
    assert found(world, "is:late") == [id]
    promises.mark_broken(world.store, world.clock)
    assert found(world, "is:late -is:mine") == [id]
    inbox.tag(world.store, world.clock, world.ada, id, remove=["fire"])
    assert found(world, "is:late") == [id], "what is broken stays so"
    world.answered(id)
    assert found(world, "is:late or policy:pressing") == []
    assert found(world, "is:due") == [other]


def test_what_was_one_customer_s_is_found_by_who_they_turned_out_to_be(world: World) -> None:
    id, other = asked(world), asked(world, subject="Another", sender="bob@home.example")
    ada, bob = (world.conversation(each).customer_id for each in (id, other))
    customers.edit(world.store, world.clock, world.ada, bob, CustomerEdit(add_tags=("Gold",), language="pt-BR"))
    assert found(world, "customer:gold language:pt") == [other]
    merging.merge_customers(world.store, world.clock, world.ada, ada, [bob])
    assert sorted(found(world, "customer:GOLD policy:gold")) == [id, other]
    assert found(world, "customer:@HOME.example") == found(world, "customer:bob@home.example") == [other]
    undo.undo(world.store, world.clock, world.ada)
    assert found(world, "customer:gold") == [other]


def test_an_edit_reaches_what_runs(world: World) -> None:
    id, other = asked(world), asked(world, subject="Another", sender="bob@example.com")
    world.clock.advance(HOUR)
    assert promises.keep(world.store, world.clock, replace(PLAN, plain={"email": 2 * HOUR})) == 2
    assert (left(world, id), left(world, other)) == (HOUR - 1_000, HOUR)
    assert promises.keep(world.store, world.clock, replace(PLAN, plain={"email": 2 * HOUR})) == 0
    assert promises.keep(world.store, world.clock, replace(PLAN, plain={})) == 2
    assert left(world, id) is None


def test_a_merge_takes_the_older_promise_and_undo_gives_both_back(world: World) -> None:
    old = asked(world)
    world.clock.advance(HOUR)
    new = asked(world, subject="Again")
    before = world.store.promises.of([old, new])
    merging.merge(world.store, world.clock, world.ada, new, [old])
    assert left(world, new) == 7 * HOUR - 1_000
    assert [each.state for each in world.store.promises.of([old])] == ["void"]
    undo.undo(world.store, world.clock, world.ada)
    assert [each for each in world.store.promises.of([old, new]) if each.open] == before
    assert (left(world, old), left(world, new)) == (7 * HOUR - 1_000, 8 * HOUR)


def test_a_message_that_is_split_out_takes_its_promise_along(world: World) -> None:
    first = world.one(mail(id="a@x"))
    world.clock.advance(HOUR)
    world.one(mail(id="b@x", answers="a@x", body="And something else"))
    new = inbox.split(world.store, world.clock, world.ada, first.id).id
    assert left(world, new) == 7 * HOUR - 1_000
    assert left(world, first.conversation_id) == 8 * HOUR


def test_old_mail_is_promised_nothing_whatever_is_done_to_it_later(world: World) -> None:
    id = world.one(mail(), options=replace(OPTIONS, promised=False), at=world.clock.now() - 30 * DAY).conversation_id
    inbox.tag(world.store, world.clock, world.ada, id, add=["fire"])
    inbox.set_queue(world.store, world.clock, world.ada, id, "Workshop")
    assert rows(world, id) == []
    assert left(world, id) is None


def test_a_call_is_promised_and_kept_by_who_calls(world: World) -> None:
    at = world.clock.now() + HOUR
    wish = Wish(number="+49 30 123456", at=at)
    callback = asking.ask(world.store, world.clock, wish, rules=Rules(), agent=world.ada)
    id = callback.conversation_id
    assert rows(world, id) == [("callback", "", "running")]
    assert last(world, id).due_at == at
    world.clock.advance(HOUR + MINUTE)
    promises.mark_broken(world.store, world.clock)
    inbox.set_state(world.store, world.clock, world.ada, id, "resolved")
    assert rows(world, id) == [("callback", "", "broken")]
    assert world.store.promises.ended(0, world.clock.now() + 1, kinds=["callback"]) == [last(world, id)]


BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> Millis:
    return round(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp() * 1000)


def stands(world: World, text: str) -> CalendarInfo:
    names = {"office": {"2026-12-25": "Christmas", "2026-12-26": "Christmas", "2027-01-01": "New Year"}}
    [told] = keeping.calendars(world.store, ManualClock(at(text)), names)
    return told


def test_a_calendar_tells_how_it_stands(world: World) -> None:
    hours = Hours(
        zone="Europe/Berlin",
        week=((Period(9 * 60, 750), Period(810, 17 * 60)),) * 5 + ((),) * 2,
        closed=frozenset({"12-25", "2026-12-26", "2027-01-01", "2026-12-31", "2026-11-02"}),
    )
    shut = (Slot(at("2026-12-23 15:00"), at("2026-12-23 18:00")),)
    promises.keep(world.store, world.clock, replace(PLAN, calendars={"office": Calendar(hours=hours, shut=shut)}))
    told = stands(world, "2026-12-23 10:00")
    assert told.today == ("9:00-12:30", "13:30-15:00")
    assert (told.open, told.until) == (True, at("2026-12-23 12:30"))
    assert [(each.first, each.last, each.name) for each in told.holidays] == [
        ("2026-12-25", "2026-12-26", "Christmas"),
        ("2026-12-31", "2026-12-31", ""),
        ("2027-01-01", "2027-01-01", "New Year"),
    ]
    later = stands(world, "2026-12-23 16:00")
    assert (later.open, later.until) == (False, at("2026-12-24 09:00"))
    closed = stands(world, "2026-12-26 10:00")
    assert (closed.today, closed.open, closed.until) == ((), False, at("2026-12-28 09:00"))


def test_a_calendar_without_end_is_open_and_one_without_hours_is_not(world: World) -> None:
    never = Calendar(hours=Hours(week=((),) * 7))
    plan = replace(PLAN, calendars={"always": Calendar(), "never": never})
    promises.keep(world.store, world.clock, plan)
    always, closed = keeping.calendars(world.store, world.clock, {})
    assert (always.today, always.open, always.until) == (("0:00-24:00",), True, None)
    assert (closed.today, closed.open, closed.until) == ((), False, None)
