"""Undo, whatever was done: any acts, undos and redos of one rep, and as many undos, change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desk.clock import HOUR, SECOND
from desk.model import OPEN_CALLBACKS, Address, Agent, CustomerEdit, Delta, Identity, NewReply, Priority, State
from desk.service import (
    asking,
    callbacks,
    calls,
    customers,
    facts,
    inbox,
    macros,
    many,
    merging,
    outbox,
    undo,
)
from desk.service.asking import Wish
from desk.service.callbacks import Rules
from desk.service.errors import Invalid, Lost
from desk.service.journal import Group
from desk.service.many import Act
from desk.service.steps import Means
from desk.steps import Step, parse
from desk.store.base import Selection
from tests.service.test_undo import take_back
from tests.service.world import ACCOUNT, World, mail, new_world, often

STATES: list[State] = ["open", "waiting", "snoozed", "resolved", "spam"]
PRIORITIES: list[Priority] = ["low", "normal", "high", "urgent"]
PLACES = st.integers(0, 30)


def everything(world: World) -> dict[str, Any]:
    """All that undo has to bring back: everything that is visible but revisions and the trail of events."""
    store = world.store
    rows = store._db.reader
    conversations = [replace(world.conversation(id), rev=0) for (id,) in rows.execute("SELECT id FROM conversations")]
    people = [store.customers.get(id) for (id,) in rows.execute("SELECT id FROM customers")]
    messages = [replace(each, rule_detail=each.rule_detail) for each in world.all_messages()]
    shown = [each for each in conversations if each.state != "merged"]
    return {
        "conversations": shown,
        "messages": [each for each in messages if each.direction != "event"],
        "customers": [replace(each, rev=0) for each in people if each and each.merged_into is None],
        "participants": {each.id: store.conversations.participants(each.id) for each in shown},
        "addressed": {each.id: store.conversations.addressed(each.id) for each in shown},
        "callbacks": [replace(each, rev=0) for each in store.callbacks.page(OPEN_CALLBACKS)],
        "counts": store.conversations.counts(agent_id=world.ada.id),
        "found": [each.id for each in store.customers.search("exam", 100)],
    }


MEANS = Means(sender=lambda _: ACCOUNT, hold_ms=HOUR)
MANY = ["resolve", "claim", "assign ben", "snooze 3d", "queue Returns", "note many", "spam", "unread"]
MACROS = [
    ["reply Soon.", "tag +late", "snooze 3d"],
    ["claim", "priority urgent", "note look"],
    ["queue Orders", "tag -old +vip", "assign nobody", "resolve"],
    ["reopen", "read", "reply Again.", "resolve"],
]


class Acts:
    """Whatever a rep can do, chosen by numbers."""

    def __init__(self, world: World) -> None:
        self.world = world

    def conversation(self, number: int) -> int:
        page = self.world.store.views.page(Selection(view="all"), limit=100).items
        return page[number % len(page)].id

    def callback(self, number: int) -> int:
        found = self.world.store.callbacks.page((*OPEN_CALLBACKS, "done", "cancelled"))
        return found[number % len(found)].id

    def customer(self, number: int) -> int:
        return self.world.conversation(self.conversation(number)).customer_id

    def message(self, number: int) -> int:
        came = [each.id for each in self.world.all_messages() if each.direction == "in"]
        return came[number % len(came)]

    def act(self, agent: Agent, kind: str, one: int, two: int) -> None:
        """Refusals are fine: they change nothing."""
        self.world.clock.advance(SECOND)
        try:
            self._act(agent, kind, one, two)
        except (Lost, Invalid):
            return

    def _act(self, agent: Agent, kind: str, one: int, two: int) -> None:
        world, store, clock, id = self.world, self.world.store, self.world.clock, self.conversation(one)
        state = STATES[two % len(STATES)]
        match kind:
            case "claim":
                inbox.claim(store, clock, agent, id)
            case "assign":
                inbox.assign(store, clock, agent, id, [None, world.ada, world.ben][two % 3])
            case "state":
                inbox.set_state(
                    store, clock, agent, id, state, until=clock.now() + HOUR if state == "snoozed" else None
                )
            case "priority":
                inbox.set_priority(store, clock, agent, id, PRIORITIES[two % 4])
            case "queue":
                inbox.set_queue(store, clock, agent, id, [None, "Orders", "Returns"][two % 3])
            case "tag":
                inbox.tag(store, clock, agent, id, [["late", "vip"][two % 2]], ["old"])
            case "untag":
                inbox.tag(store, clock, agent, id, ["old"], [["late", "vip"][two % 2]])
            case "note":
                inbox.note(store, clock, agent, id, f"note {two}")
            case "split":
                inbox.split(store, clock, agent, self.message(two))
            case "move":
                inbox.move(store, clock, agent, [self.message(two)], id)
            case "reply":
                new = NewReply(body=f"answer {two}", resolve=two % 2 == 0)
                outbox.reply(store, clock, agent, id, new, account=ACCOUNT, hold_ms=HOUR)
            case "compose":
                new = NewReply(body="Hi", subject="Hi", to=(Address(email=f"new{two % 3}@example.org"),))
                outbox.compose(store, clock, agent, new, account=ACCOUNT, hold_ms=HOUR)
            case "ask":
                wish = Wish(number=f"+49 30 12345{two % 3}", reason="the bill")
                asking.ask(store, clock, wish, agent=agent, conversation_id=id if two % 2 else None, rules=Rules())
            case "move callback":
                callbacks.move(store, clock, self.callback(one), clock.now() + two * HOUR, agent=agent)
            case "cancel callback":
                callbacks.cancel(store, clock, self.callback(one), agent=agent)
            case "outcome":
                became = ("reached", "busy", "wrong-number", "cancelled")[two % 4]
                calls.outcome(store, clock, agent, self.callback(one), became, rules=Rules())
            case "many":
                self._to_many(agent, ["tag +sale", MANY[two % len(MANY)]], two)
            case "macro":
                macros.run(store, clock, agent, id, self._steps(MACROS[two % len(MACROS)]), MEANS, Group("macro"))
            case "undo":
                undo.undo(store, clock, agent)
            case "redo":
                undo.redo(store, clock, agent)
            case "macro on many":
                self._to_many(agent, MACROS[two % len(MACROS)], one)
            case _:
                self._to_customer(agent, kind, one, two)

    def _to_many(self, agent: Agent, said: Sequence[str], number: int) -> None:
        """To every second or third conversation, in portions of one."""
        ids = [row.id for row in self.world.store.views.page(Selection(view="all"), limit=100).items][:: 2 + number % 2]
        act = Act(agent=agent, ids=ids, todo=self._steps(said), means=MEANS, group=Group("many"))
        for place in range(len(ids)):
            taken, _ = many.portion(self.world.store, self.world.clock, act, place, 0.0)
            assert taken == 1

    @staticmethod
    def _steps(said: Sequence[str]) -> list[Step]:
        return [parse(each) for each in said]

    def _to_customer(self, agent: Agent, kind: str, one: int, two: int) -> None:
        store, clock, id = self.world.store, self.world.clock, self.customer(one)
        match kind:
            case "merge":
                merging.merge(store, clock, agent, self.conversation(one), [self.conversation(two)])
            case "merge customers":
                merging.merge_customers(store, clock, agent, id, [self.customer(two)])
            case "edit":
                change = CustomerEdit(
                    name=f"Name {two % 3}",
                    notes=f"note {two % 4}",
                    zone=["", "Europe/Berlin"][two % 2],
                    add_tags=(["vip", "press"][two % 2],),
                    remove_tags=(["vip", "press"][(two + 1) % 2],),
                    attributes={["a", "b"][two % 2]: [None, "1", "2"][two % 3]},
                )
                customers.edit(store, clock, agent, id, change)
            case "own":
                identity = Identity(kind="phone", value=f"+49301234{two % 3}")
                customers.edit(store, clock, agent, id, CustomerEdit(add=(identity,)))
            case "disown":
                customers.edit(store, clock, agent, id, CustomerEdit(remove=customers.get(store, id).identities[:1]))


KINDS = ["claim", "assign", "state", "priority", "queue", "tag", "untag", "note", "split", "move", "reply", "compose"]
KINDS += ["ask", "move callback", "cancel callback", "outcome"]
KINDS += ["many", "macro", "macro on many", "undo", "undo", "redo"]
KINDS += ["merge", "merge", "merge customers", "edit", "own", "disown"]
ACTS = st.tuples(st.sampled_from(KINDS), PLACES, PLACES)


def fill(world: World) -> None:
    """Three customers, four conversations, a thread with a third party, one answered."""
    first = world.one(mail("alice@example.com", id="a@x", name="Alice", cc=["carol@example.com"]))
    world.one(mail("carol@example.com", answers="a@x", id="c@x", name="Carol", salt="c"))
    world.one(mail("alice@example.com", answers="a@x", id="a2@x", body="hello?"))
    world.one(mail("bob@example.com", id="b@x", subject="kettle"))
    answered = world.one(mail("bob@example.com", id="b2@x", subject="toaster"))
    world.answered(answered.conversation_id)
    world.one(mail("dora@example.com", id="d@x", subject="Invoice"))
    inbox.tag(world.store, world.clock, world.ben, first.conversation_id, ["old"])
    wish = Wish(number="+49 30 7654321", at=world.clock.now() + HOUR)
    asking.ask(world.store, world.clock, wish, agent=world.ben, conversation_id=answered.conversation_id, rules=Rules())
    with world.store.write():
        world.store._db.writer.execute("DELETE FROM deeds")


@often(60)
@given(st.lists(ACTS, min_size=1, max_size=8))
def test_any_acts_of_one_rep_and_as_many_undos_change_nothing(acts: list[tuple[str, int, int]]) -> None:
    with new_world() as world:
        fill(world)
        before, doing = everything(world), Acts(world)
        for act in acts:
            doing.act(world.ada, *act)
        while True:
            try:
                undone = take_back(world)
            except Lost:
                break
            assert undone.left == (), undone
        after = everything(world)
        for what, expected in before.items():
            assert after[what] == expected, what


WHO = st.sampled_from(["ada", "ben"])


@often(60)
@given(st.lists(st.tuples(WHO, ACTS), min_size=2, max_size=10))
def test_the_undos_of_one_rep_leave_what_the_other_did(acts: list[tuple[str, tuple[str, int, int]]]) -> None:
    """Whatever Ben's deeds changed last has, after all of Ada's undos, the value he gave it."""
    with new_world() as world:
        fill(world)
        doing = Acts(world)
        for who, act in acts:
            doing.act(world.ada if who == "ada" else world.ben, *act)
        his = last_words(world, world.ben)
        mails = [each for each in world.all_messages() if each.direction == "in"]
        while True:
            try:
                take_back(world)
            except Lost:
                break
        here = {each.id for each in world.all_messages()}
        assert here >= {each.id for each in mails}
        present = facts.Present(world.store)
        for delta in his:
            withdrawn = delta.field == "place" and delta.id not in here
            if facts.kind(delta.field) not in facts.SILENT and not withdrawn:
                assert facts.same(delta.field, present.value(delta), delta.after), delta


def last_words(world: World, rep: Agent) -> list[Delta]:
    """The facts that the rep's deeds were the last to change, and that still are as they made them."""
    rows = world.store._db.reader.execute("SELECT agent_id, deltas FROM deeds ORDER BY id").fetchall()
    last: dict[tuple[str, int, str], tuple[int, Delta]] = {}
    for agent_id, deltas in rows:
        for delta in msgspec.json.decode(deltas, type=list[Delta]):
            last[delta.subject, delta.id, delta.field] = agent_id, delta
    present = facts.Present(world.store)
    theirs = [delta for agent_id, delta in last.values() if agent_id == rep.id]
    return [delta for delta in theirs if present.value(delta) == delta.after]
