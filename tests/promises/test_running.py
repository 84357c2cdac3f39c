"""What becomes of promises, against somebody with a stopwatch for each who looks at it every minute."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from desk.clock import HOUR, MINUTE, Millis
from desk.hours import DAYS, hours
from desk.model import Promise, PromiseKind
from desk.promises import Answer, Beside, Calendar, Call, Case, Course, Facts, Moment, Plan, Policy, course_of
from tests.promises.test_calendar import ms, slowly_open, wall
from tests.service.world import often

OFFICE = Calendar(hours=hours("Europe/Berlin", dict.fromkeys(DAYS[:5], "9:00-12:30, 13:30-17:00")))
NIGHTS = Calendar(hours=hours("Europe/Berlin", dict.fromkeys(DAYS, "0:00-6:00, 20:00-24:00")))
PLAN = Plan(
    policies=(
        Policy(name="pressing", priority=("urgent",), first=HOUR, next=HOUR, resolution=3 * HOUR, calendar="office"),
        Policy(name="slow", priority=("low",), first=9 * HOUR, resolution=20 * HOUR, pause=False),
        Policy(
            name="nightly", priority=("high",), first=4 * HOUR, next=2 * HOUR, resolution=9 * HOUR, calendar="nights"
        ),
        Policy(name="usual", first=3 * HOUR, next=5 * HOUR, resolution=8 * HOUR, calendar="office"),
    ),
    calendars={"office": OFFICE, "nights": NIGHTS},
)
NOON = "2026-06-15 12:00"


class Desk:
    """One conversation, and the promises of it."""

    def __init__(self, at: str = NOON, plan: Plan = PLAN) -> None:
        self.now = ms(at)
        self.plan = plan
        self.facts = Facts(id=1)
        self.answers: list[Answer] = []
        self.rows: list[Promise] = []
        self.due: Promise | None = None

    def answer(self, id: int, since: Millis) -> Answer | None:
        return next((each for each in self.answers if each.at >= since), None)

    def tell(self, *, arrival: bool = False, begin: bool = True, before: Plan | None = None) -> Course:
        moment = Moment(
            plan=self.plan, now=self.now, answer=self.answer, arrival=arrival, begin=begin, agent_id=7, before=before
        )
        course = course_of(self.facts, self.rows, moment)
        for row in course.changed:
            if row.id:
                self.rows = [row if each.id == row.id else each for each in self.rows]
            else:
                self.rows.append(replace(row, id=len(self.rows) + 1))
        self.due = course.due
        assert not course_of(self.facts, self.rows, replace(moment, before=None)).changed, "twice is once"
        return course

    def at(self, when: str) -> Desk:
        self.now = ms(when)
        return self

    def change(self, **facts: object) -> Desk:
        self.facts = replace(self.facts, **facts)
        self.tell()
        return self

    def wrote(self) -> Desk:
        waiting = self.facts.waiting_since or self.now
        self.facts = replace(self.facts, state="open", waiting_since=waiting, last_in_at=self.now)
        self.tell(arrival=True)
        return self

    def answered(self, state: str = "waiting", agent: int = 7) -> Desk:
        self.answers.append(Answer(self.now, agent))
        return self.change(state=state, waiting_since=None, last_out_at=self.now)

    def priority(self, name: str) -> Desk:
        return self.change(case=replace(self.facts.case, priority=name))

    def of(self, kind: PromiseKind) -> Promise:
        return [each for each in self.rows if each.kind == kind][-1]

    def told(self, kind: PromiseKind) -> tuple[str, str]:
        """How a promise stands, and until when it runs or when it ended."""
        row = self.of(kind)
        at = row.due_at if row.open else row.ended_at
        return row.state, wall(at) if at else ""


# --- by heart -----------------------------------------------------------------------------------------------


def test_an_answer_in_time_is_kept_by_who_gave_it() -> None:
    desk = Desk().wrote()
    assert desk.told("first") == ("running", "2026-06-15 16:00")
    desk.at("2026-06-15 15:59").answered(agent=3)
    assert desk.told("first") == ("kept", "2026-06-15 15:59")
    assert desk.of("first").agent_id == 3


def test_an_answer_too_late_is_broken_at_the_time_promised() -> None:
    desk = Desk().wrote().at("2026-06-15 16:01").answered()
    assert desk.told("first") == ("broken", "2026-06-15 16:01")
    assert desk.of("first").broken_at == ms("2026-06-15 16:00")


def test_after_the_first_answer_the_next_ones_are_promised() -> None:
    desk = Desk().wrote().at("2026-06-15 14:00").answered().at("2026-06-15 16:00").wrote()
    assert desk.told("next") == ("running", "2026-06-16 14:00")
    assert len(desk.rows) == 3


def test_resolving_waits_for_the_customer() -> None:
    desk = Desk().wrote().at("2026-06-15 14:30").answered()
    assert desk.told("resolution") == ("paused", "")
    assert desk.due is None
    desk.at("2026-06-22 10:00").wrote()
    assert desk.told("resolution") == ("running", "2026-06-23 09:30")  # an hour and a half of eight is spent
    desk.at("2026-06-22 17:00").change(state="resolved", waiting_since=None)
    assert desk.told("resolution") == ("kept", "2026-06-22 17:00")
    assert desk.of("resolution").agent_id == 7


def test_resolving_does_not_wait_where_the_policy_says_so() -> None:
    desk = Desk().priority("low").wrote().at("2026-06-15 14:30").answered()
    assert desk.told("resolution") == ("running", "2026-06-16 08:00")


def test_what_is_marked_as_waiting_without_an_answer_stands_still() -> None:
    desk = Desk("2026-06-15 10:00").wrote().at("2026-06-15 11:00").change(state="waiting")
    assert desk.told("first") == ("paused", "")
    desk.at("2026-06-16 09:00").change(state="open")
    assert desk.told("first") == ("running", "2026-06-16 11:00")


def test_a_snooze_stops_no_clock_while_the_customer_waits() -> None:
    desk = Desk("2026-06-15 10:00").wrote().change(state="snoozed")
    assert desk.told("first") == ("running", "2026-06-15 14:00")
    desk.at("2026-06-15 11:00").answered(state="snoozed")
    assert desk.told("resolution") == ("paused", "")


def test_closed_without_an_answer_is_nobodys_merit_and_too_late_all_the_same() -> None:
    early = Desk().wrote().at("2026-06-15 14:00").change(state="resolved", waiting_since=None)
    assert early.told("first") == ("void", "2026-06-15 14:00")
    late = Desk().wrote().at("2026-06-15 16:30").change(state="resolved", waiting_since=None)
    assert late.told("first") == ("broken", "2026-06-15 16:30")
    spam = Desk().wrote().at("2026-06-15 16:30").change(state="spam", waiting_since=None)
    assert [row.state for row in spam.rows] == ["void", "void"]


def test_what_is_taken_back_runs_on_as_if_nothing_had_been() -> None:
    desk = Desk("2026-06-15 10:00").wrote()
    rows = desk.rows
    waiting = desk.facts
    desk.at("2026-06-15 10:30").answered()
    desk.at("2026-06-15 10:31").answers.clear()
    desk.facts = waiting
    desk.tell()
    assert desk.of("first") == next(row for row in rows if row.kind == "first")
    assert desk.told("resolution") == ("running", "2026-06-16 11:01")  # the minute of waiting did not count


def test_reopened_by_a_rep_it_goes_on_and_by_the_customer_it_begins_anew() -> None:
    desk = Desk("2026-06-15 10:00").wrote().at("2026-06-15 12:00").answered(state="resolved")
    assert desk.told("resolution") == ("kept", "2026-06-15 12:00")
    desk.at("2026-06-16 09:00").change(state="open")
    assert desk.told("resolution") == ("running", "2026-06-16 16:00")  # two of eight hours are spent
    desk.at("2026-06-16 09:30").change(state="resolved")
    desk.at("2026-06-17 09:00").wrote()
    assert desk.told("resolution") == ("running", "2026-06-18 10:00")
    assert [row.state for row in desk.rows if row.kind == "resolution"] == ["kept", "running"]


def test_another_policy_counts_what_was_spent() -> None:
    desk = Desk("2026-06-15 10:00").wrote().at("2026-06-15 11:00").priority("high")
    assert desk.told("first") == ("running", "2026-06-15 23:00")  # one of four hours, at night
    desk.at("2026-06-15 21:00").priority("normal")
    assert desk.told("first") == ("running", "2026-06-16 10:00")  # two of three
    desk.priority("urgent")
    assert desk.told("first") == ("running", "2026-06-15 21:00")  # two of one: at once
    assert desk.of("first").policy == "pressing"


def test_what_was_broken_stays_so_whatever_policy_comes() -> None:
    desk = Desk("2026-06-15 10:00").wrote().at("2026-06-15 14:30").priority("low")
    assert desk.of("first").broken_at == ms("2026-06-15 14:00")
    assert desk.told("first") == ("running", "2026-06-15 20:00")  # three of nine hours are spent
    desk.at("2026-06-15 15:00").answered()
    assert desk.told("first")[0] == "broken"


def test_an_answer_from_elsewhere_that_is_learned_of_late_was_in_time() -> None:
    desk = Desk("2026-06-15 10:00").wrote()
    desk.at("2026-06-15 14:30").tell()
    assert desk.of("first").broken_at
    desk.answers.append(Answer(ms("2026-06-15 13:45")))
    desk.change(state="waiting", waiting_since=None, last_out_at=ms("2026-06-15 13:45"))
    assert desk.told("first") == ("kept", "2026-06-15 13:45")
    assert desk.of("first").broken_at is None


def test_no_promise_is_broken_from_the_beginning_unless_the_customer_has_just_written() -> None:
    old = Facts(id=1, waiting_since=ms("2026-06-01 10:00"), last_in_at=ms("2026-06-01 10:00"))
    desk = Desk()
    desk.facts = old
    assert not desk.tell(begin=False).changed
    assert not desk.tell().changed
    assert len(desk.tell(arrival=True).changed) == 2


def test_a_policy_edit_counts_from_now_on_and_a_new_calendar_too() -> None:
    desk = Desk("2026-06-15 10:00").wrote()
    longer = replace(OFFICE, hours=hours("Europe/Berlin", dict.fromkeys(DAYS, "9:00-21:00")))
    before, desk.plan = desk.plan, replace(PLAN, calendars={"office": longer, "nights": NIGHTS})
    desk.at("2026-06-15 12:00").tell(before=before)
    assert desk.told("first") == ("running", "2026-06-15 13:00")  # no lunch break any more
    assert desk.told("resolution") == ("running", "2026-06-15 18:00")
    before, desk.plan = desk.plan, Plan()
    desk.tell(before=before)
    assert [row.state for row in desk.rows] == ["void", "void"]


# --- one conversation and another -----------------------------------------------------------------------------


def beside(facts: Facts, rows: list[Promise]) -> Beside:
    return Beside.of([facts], rows)


def test_what_is_merged_takes_its_promise_along_and_gets_it_back() -> None:
    moment = Moment(plan=PLAN, now=ms("2026-06-15 11:00"))
    source = Facts(id=2, waiting_since=ms("2026-06-15 10:00"), last_in_at=ms("2026-06-15 10:00"))
    target = Facts(id=1, waiting_since=ms("2026-06-15 10:30"), last_in_at=ms("2026-06-15 10:30"))
    theirs = [replace(row, id=i) for i, row in enumerate(course_of(source, [], moment).changed, 1)]
    own = [replace(row, id=i) for i, row in enumerate(course_of(target, [], moment).changed, 5)]

    merged, whole = replace(source, state="merged"), replace(target, waiting_since=source.waiting_since)
    gone = course_of(merged, theirs, moment, beside(whole, own))
    here = course_of(whole, own, moment, beside(merged, theirs))
    assert [row.state for row in gone.changed] == ["void", "void"]
    assert here.due is not None
    assert here.due.due_at == ms("2026-06-15 14:00")
    assert [(row.id, row.state) for row in here.changed] == [(5, "void"), (0, "running")]

    rows = [
        replace(row, id=row.id or 9) for row in (*here.changed, *(each for each in own if each.kind == "resolution"))
    ]
    back = course_of(target, rows, moment, beside(source, list(gone.changed)))
    again = course_of(source, list(gone.changed), moment, beside(target, rows))
    assert {row.id: row.state for row in back.changed} == {5: "running", 9: "void"}
    assert [replace(row, since=0, spent=0) for row in again.changed] == [
        replace(row, since=0, spent=0) for row in theirs
    ]


def test_a_message_that_moves_takes_its_promise_along() -> None:
    moment = Moment(plan=PLAN, now=ms("2026-06-15 11:00"))
    facts = Facts(id=1, waiting_since=ms("2026-06-15 10:00"), last_in_at=ms("2026-06-15 10:00"))
    rows = [replace(row, id=i) for i, row in enumerate(course_of(facts, [], moment).changed, 1)]
    left, new = replace(facts, waiting_since=None), replace(facts, id=2, case=Case(priority="urgent"))
    after = course_of(new, [], moment, beside(left, rows))
    assert [(row.kind, row.policy, row.spent) for row in after.changed] == [
        ("first", "pressing", HOUR),
        ("resolution", "pressing", 0),
    ]
    assert [row.state for row in course_of(left, rows, moment, beside(new, [])).changed] == ["void"]


# --- callbacks ------------------------------------------------------------------------------------------------


def test_a_call_is_promised_for_its_time_and_kept_by_the_first_attempt() -> None:
    call = Call(
        id=4, asked_at=ms(NOON), promised_at=ms("2026-06-15 15:00"), due_at=ms("2026-06-15 15:00"), state="waiting"
    )
    desk = Desk().change(calls=(call,), state="waiting")
    assert desk.told("callback") == ("running", "2026-06-15 15:00")
    assert desk.due is not None
    tried = replace(call, due_at=ms("2026-06-15 15:25"), called_at=ms("2026-06-15 14:58"), agent_id=3)
    desk.at("2026-06-15 14:59").change(calls=(tried,))
    assert desk.told("callback") == ("kept", "2026-06-15 14:58")
    assert desk.of("callback").agent_id == 3
    assert desk.due.due_at == tried.due_at
    desk.change(calls=(call,))
    assert desk.told("callback") == ("running", "2026-06-15 15:00")
    desk.at("2026-06-15 15:10").change(calls=(replace(call, promised_at=ms("2026-06-15 17:00")),))
    assert desk.told("callback") == ("running", "2026-06-15 17:00")
    assert desk.of("callback").broken_at == ms("2026-06-15 15:00")
    desk.change(calls=(replace(call, state="cancelled"),))
    assert desk.told("callback")[0] == "broken"


# --- every minute ---------------------------------------------------------------------------------------------


class Watch(Struct):
    """Somebody's stopwatch: how long one promise has run."""

    kind: PromiseKind
    began: Millis
    spent: Millis = 0
    broken_at: Millis | None = None
    state: str = "running"


class Slowly:
    """What has been promised, minute by minute: nothing is foreseen and nothing calculated."""

    def __init__(self) -> None:
        self.watches: list[Watch] = []
        self.priority = "normal"
        self.waits: Millis | None = None
        self.turn = "open"
        self.answered_once = False

    @property
    def policy(self) -> Policy:
        policy = PLAN.policy(Case(priority=self.priority))  # type: ignore[arg-type]
        assert policy is not None
        return policy

    def runs(self, kind: PromiseKind) -> Watch | None:
        return next((each for each in self.watches if each.kind == kind and each.state == "running"), None)

    def minute(self, at: Millis) -> None:
        for watch in self.watches:
            promised = self.policy.promised(watch.kind)
            if watch.state != "running" or promised is None:
                continue
            if self.turn == "waiting" and self.policy.pause:
                continue
            if watch.spent >= promised and watch.broken_at is None:
                watch.broken_at = at
            if slowly_open(PLAN.calendars.get(self.policy.calendar, Calendar()), at):
                watch.spent += MINUTE

    def act(self, deed: str, at: Millis) -> None:
        match deed:
            case "writes":
                if self.waits is None:
                    self.waits = at
                    kind: PromiseKind = "next" if self.answered_once else "first"
                    if self.policy.promised(kind) is not None:
                        self.watches.append(Watch(kind, at))
                if self.runs("resolution") is None:
                    self.watches.append(Watch("resolution", at))
                self.turn = "open"
            case "answer":
                self.answered_once, self.waits, self.turn = True, None, "waiting"
                self.end("first", "next")
            case "resolve":
                self.end("resolution")
                self.end("first", "next", answered=False)
                self.waits, self.turn = None, "resolved"
            case _:
                self.priority = deed
                for kind in ("first", "next"):
                    if self.policy.promised(kind) is None:
                        self.end(kind, answered=False)

    def end(self, *kinds: PromiseKind, answered: bool = True) -> None:
        for kind in kinds:
            if (watch := self.runs(kind)) is not None:
                watch.state = "broken" if watch.broken_at is not None else "kept" if answered else "void"


DEEDS = st.sampled_from(["writes", "writes", "answer", "answer", "resolve", "urgent", "high", "normal"])


@often(80)
@given(
    st.sampled_from(["2026-03-27 08:00", "2026-10-23 15:00", "2026-06-15 11:00"]),
    st.lists(st.tuples(st.integers(1, 300), DEEDS), max_size=12),
)
def test_stands_as_the_stopwatches_say(begun: str, deeds: list[tuple[int, str]]) -> None:
    desk, slowly = Desk(begun), Slowly()
    slowly.act("writes", desk.now)
    desk.wrote()
    for minutes, deed in deeds:
        for _ in range(minutes):
            slowly.minute(desk.now)
            desk.now += MINUTE
        if desk.facts.state == "resolved" and deed in ("answer", "resolve"):
            continue
        match deed:
            case "writes":
                desk.wrote()
            case "answer":
                desk.answered()
            case "resolve":
                desk.change(state="resolved", waiting_since=None)
            case _:
                desk.priority(deed)
        slowly.act(deed, desk.now)
    told = [(each.kind, each.began_at, "running" if each.open else each.state) for each in desk.rows]
    assert sorted(told) == sorted((each.kind, each.began, each.state) for each in slowly.watches)
