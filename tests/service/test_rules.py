"""Rules act on what customers write, in the transaction that brings it; each is told, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.clock import DAY, MINUTE
from desk.query import parse
from desk.rules.words import Rule
from desk.service import chats, inbox, outbox, planned, rules, undo
from desk.service.errors import Lost
from desk.service.ingest import IngestOptions
from desk.store.base import Arrival, Selection, StoreError
from tests.service.world import ACCOUNT, OURS, World, mail, new_world, often, refused

OLD = IngestOptions(own=frozenset({OURS}), own_proven=True, promised=False)


def rule(name: str, when: str, *do: str, **more: Any) -> Rule:
    return Rule(name=name, when=when, do=do, **more)


def keep(world: World, *given: Rule) -> None:
    rules.keep(world.store, world.clock, given)


REFUNDS = rule("refunds", "subject:refund or money", "queue Returns", "tag +refund", "priority high")


def test_a_rule_deals_with_a_new_conversation_and_tells_of_it(world: World) -> None:
    keep(world, REFUNDS)
    id = world.one(mail(subject="Hello", body="I want my money back.")).conversation_id
    row = world.conversation(id)
    assert (row.queue_name, row.tags, row.priority, row.state) == ("Returns", ("refund",), "high", "open")
    assert world.events(id) == [
        "rule refunds: queue none → Returns, priority normal → high, tags +refund; because money"
    ]
    other = world.one(mail("bob@example.com", subject="Where is it?")).conversation_id
    assert world.conversation(other).queue_name is None
    assert world.events(other) == []


def test_it_is_committed_with_the_message_or_not_at_all(world: World) -> None:
    keep(world, REFUNDS)
    seen: list[tuple[str | None, ...]] = []
    store = world.store
    store.changes.on_commit(
        lambda _: seen.append(tuple(row.queue_name for row in store.views.page(Selection(view="all")).items))
    )
    world.one(mail(subject="Refund"))
    assert seen == [("Returns",)]


def test_rules_are_asked_in_their_order_and_stop_when_one_says_so(world: World) -> None:
    keep(
        world,
        rule("spam", "from:casino", "spam", stop=True),
        rule("all", "", "tag +seen"),
        rule("rest", "queue:none tag:seen", "queue General"),
    )
    lost = world.one(mail("x@casino.example", subject="Win")).conversation_id
    kept = world.one(mail(subject="Hello")).conversation_id
    assert (world.conversation(lost).state, world.conversation(lost).tags) == ("spam", ())
    assert (world.conversation(kept).queue_name, world.conversation(kept).tags) == ("General", ("seen",))


def test_a_rule_of_new_conversations_is_asked_once_a_rule_of_messages_each_time(world: World) -> None:
    keep(world, rule("new", "urgent", "tag +new"), rule("each", "urgent", "priority urgent", on="message"))
    id = world.one(mail(id="a@x", body="No hurry")).conversation_id
    assert world.conversation(id).tags == ()
    world.one(mail(id="b@x", answers="a@x", body="Now it is urgent"))
    row = world.conversation(id)
    assert (row.priority, row.tags) == ("urgent", ())
    world.one(mail(id="c@x", answers="b@x", body="Still urgent"))
    assert len(world.events(id)) == 1


def test_words_are_looked_for_in_the_message_at_hand_only(world: World) -> None:
    keep(world, rule("thanks", "thanks -(broken or refund)", "resolve", on="message"))
    id = world.one(mail(id="a@x", body="It is broken")).conversation_id
    world.one(mail(id="b@x", answers="a@x", body="Works again, thanks"))
    assert world.conversation(id).state == "resolved"


def test_a_batch_of_several_mails_of_one_conversation(world: World) -> None:
    keep(world, rule("hello", "", "note welcome @ada"), rule("each", "again", "tag +again", on="message"))
    world.clock.advance(1_000)
    world.take(
        mail(id="a@x"), mail(id="b@x", answers="a@x", body="again"), refused(), mail("b@example.com", subject="B")
    )
    page = world.store.views.page(Selection(view="all")).items
    assert sorted((row.tags, row.messages) for row in page) == [((), 1), (("again",), 2)]
    for row in page:
        messages = world.store.messages.of_conversation(row.id)
        assert [each.body for each in messages if each.direction == "note"] == ["welcome @ada"]
    assert world.store.reads.counts(world.ada.id)[1] == 2


def test_chats_and_whatever_else_comes_in_go_the_same_way(world: World) -> None:
    keep(world, rule("chat", "channel:chat parcel", "queue Parcels", "assign ben"))
    visitor = chats.arrive(world.store, world.clock, "site").visitor
    chats.say(world.store, world.clock, visitor, "c1", "where is my parcel?")
    [row] = world.store.views.page(Selection(view="all")).items
    assert (row.channel, row.queue_name, row.assignee_id) == ("chat", "Parcels", world.ben.id)


def test_old_mail_mail_of_ours_and_rules_switched_off_change_nothing(world: World) -> None:
    keep(world, REFUNDS, rule("off", "", "tag +off", enabled=False))
    old = world.one(mail(subject="Refund"), options=OLD).conversation_id
    ours = world.one(mail(OURS, subject="refund of yours", to=("bob@example.com",))).conversation_id
    assert [world.conversation(id).queue_name for id in (old, ours)] == [None, None]
    keep(world)
    after = world.one(mail("eve@example.com", subject="Refund")).conversation_id
    assert world.conversation(after).tags == ()


def test_machines_mail_is_no_word_of_a_customer_who_writes_again(world: World) -> None:
    keep(world, rule("each", "", "priority urgent", on="message"))
    id = world.answered(world.one(mail(id="a@x")).conversation_id).conversation_id
    inbox.set_priority(world.store, world.clock, world.ada, id, "low")
    world.one(mail(id="v@x", answers="a@x", body="I am away", kind="auto", auto="auto-replied"))
    assert world.conversation(id).priority == "low"


def test_a_rep_has_the_last_word(world: World) -> None:
    keep(world, rule("each", "", "queue Returns", "tag +each", on="message"))
    id = world.one(mail(id="a@x")).conversation_id
    inbox.set_queue(world.store, world.clock, world.ada, id, "Billing")
    inbox.tag(world.store, world.clock, world.ada, id, remove=["each"])
    world.one(mail(id="b@x", answers="a@x"))
    assert (world.conversation(id).queue_name, world.conversation(id).tags) == ("Billing", ())


def test_what_it_did_is_taken_back_and_not_done_again(world: World) -> None:
    keep(world, rule("refunds", "refund", "queue Returns", "tag +refund", on="message"))
    id = world.one(mail(id="a@x", body="refund")).conversation_id
    [decision] = planned.decisions(world.store, id)
    assert (decision.name, decision.undone_at) == ("rule refunds", None)
    assert decision.words == "queue none → Returns, tags +refund; because refund"
    with pytest.raises(Lost):
        undo.undo(world.store, world.clock, world.ada)
    inbox.tag(world.store, world.clock, world.ben, id, add=["vip"])
    world.clock.advance(2 * MINUTE)
    undone = planned.take_back(world.store, world.clock, world.ada, id)
    assert undone.left == ()
    row = world.conversation(id)
    assert (row.queue_name, row.tags) == (None, ("vip",))
    assert world.events(id)[-1].startswith("undone: rule refunds: ")
    with pytest.raises(Lost):
        planned.take_back(world.store, world.clock, world.ada, id)
    world.one(mail(id="b@x", answers="a@x", body="refund!"))
    assert world.conversation(id).queue_name is None


def test_a_rule_that_fails_leaves_the_message_and_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(world, rule("bad", "", "queue A"), rule("gone", "", "assign nobodyknows"), rule("good", "", "tag +good"))
    monkeypatch.setattr(world.store.queues, "ensure", _fails)
    id = world.one(mail()).conversation_id
    assert (world.conversation(id).queue_name, world.conversation(id).tags) == (None, ("good",))
    assert world.events(id)[0] == "rule gone: nothing done; there is no rep nobodyknows; because every conversation"


def _fails(name: str) -> int:
    raise StoreError("no queue today")


def test_rules_are_tried_on_what_came_in_without_changing_anything(world: World) -> None:
    ids = [
        world.one(mail(f"c{n}@example.com", subject="Refund" if n % 2 else "Hello")).conversation_id for n in range(6)
    ]
    inbox.set_queue(world.store, world.clock, world.ada, ids[1], "Returns")
    inbox.tag(world.store, world.clock, world.ada, ids[1], ["refund"])
    inbox.set_priority(world.store, world.clock, world.ada, ids[1], "high")
    before = world.store.changes.last()
    stop = rule("stop", "subject:hello", "spam", stop=True)
    off = rule("off", "subject:refund", "tag +x", stop=True, enabled=False)
    every = rule("every", "", "tag +every")
    trials = rules.tried(world.store, world.clock, [REFUNDS, stop, off, every], world.clock.now() - 7 * DAY)
    assert [(each.name, each.asked, each.fits, each.changes) for each in trials] == [
        ("refunds", 6, 3, 2), ("stop", 6, 3, 3), ("off", 3, 3, 3), ("every", 3, 3, 3),
    ]  # fmt: skip
    newest = trials[0].examples[0]
    assert (newest.conversation_id, newest.because) == (ids[5], "subject:refund")
    assert newest.words == "queue none → Returns, priority normal → high, tags +refund"
    assert world.store.changes.last() == before
    assert [each.acted for each in rules.listed(world.store, [REFUNDS])] == [0]


def test_a_message_that_is_moved_or_split_is_not_new(world: World) -> None:
    first = world.one(mail(id="a@x", body="one"))
    second = world.one(mail(id="b@x", answers="a@x", body="refund, please"))
    keep(world, rule("refunds", "refund", "tag +refund", on="message"))
    new = inbox.split(world.store, world.clock, world.ada, second.id)
    inbox.move(world.store, world.clock, world.ada, [second.id], first.conversation_id)
    assert world.conversation(new.id).tags == world.conversation(first.conversation_id).tags == ()


def test_answers_of_ours_go_out_as_ever(world: World) -> None:
    keep(world, rule("each", "", "tag +each", on="message"))
    id = world.one(mail(id="a@x")).conversation_id
    answer = world.answered(id)
    assert (answer.direction, world.conversation(id).state) == ("out", "waiting")
    assert outbox.take_due(world.store, world.clock, accounts=[ACCOUNT.name]) == []


def test_nothing_is_looked_for_without_rules(world: World) -> None:
    statements: list[str] = []
    world.store._db._writer.set_trace_callback(statements.append)
    world.one(mail())
    world.store._db._writer.set_trace_callback(None)
    assert [each for each in statements if "NOT EXISTS (SELECT 1 FROM messages e" in each] == []


_WORDS = ("refund", "kettle", "late", "money", "thanks")
_TERMS = st.sampled_from(
    [*_WORDS, "ref*", '"late money"', "subject:refund", "from:bob", "from:alice", "queue:none", "tag:vip",
     "has:attachment", "channel:email", "state:open", "to:support"]
)  # fmt: skip
_QUERIES = st.recursive(
    _TERMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} or {two[1]})"),
        inner.map(lambda one: f"-({one})"),
    ),
    max_leaves=5,
)
_MAILS = st.lists(
    st.tuples(
        st.sampled_from(("alice@example.com", "bob@example.com")),
        st.lists(st.sampled_from(_WORDS), min_size=1, max_size=2).map(" ".join),
        st.lists(st.sampled_from(_WORDS), max_size=4).map(" ".join),
    ),
    min_size=1,
    max_size=5,
)


@often(25)
@given(_MAILS, st.lists(_QUERIES, min_size=1, max_size=4))
def test_what_fits_inside_the_transaction_fits_after_it(mails: list[tuple[str, str, str]], queries: list[str]) -> None:
    with new_world() as world:
        routing, read = world.store.routing, [parse(query, now=world.clock.now()) for query in queries]
        ids: list[int] = []
        inside: list[set[int]] = []

        def heed(arrivals: Sequence[Arrival]) -> None:
            ids.extend(each.message_id for each in arrivals)
            inside.extend(routing.holding(query, ids) for query in read)

        routing.heed(heed)
        world.take(*(mail(who, subject=s, body=b, salt=str(n)) for n, (who, s, b) in enumerate(mails)))
        assert inside == [routing.holding(query, ids) for query in read]
        assert [set(ids) - found for found in inside] == [
            routing.holding(parse(f"-({query})", now=world.clock.now()), ids) for query in queries
        ]
        for query, found in zip(read, inside, strict=True):
            page = world.store.search.matching(query, limit=100)
            if page.hits:  # of each conversation the newest; nothing but absent words finds nothing there
                assert {hit.message_id for hit in page.hits} <= found
