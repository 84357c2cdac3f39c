"""Chats: what visitors say comes in once, what we say is theirs at once, and nobody sees what is not theirs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.clock import HOUR, MINUTE
from desk.model import Address, NewReply, OutboxItem, Visitor
from desk.query import parse
from desk.service import chats, inbox, merging, outbox, promises
from desk.service.errors import Invalid, Lost
from desk.store.base import Selection
from tests.service.world import ACCOUNT, World, mail, new_world, often


def arrive(world: World) -> Visitor:
    return chats.arrive(world.store, world.clock, "site", language="en").visitor


def say(world: World, visitor: Visitor, text: str, id: str = "") -> chats.Said:
    world.clock.advance(1_000)
    return chats.say(world.store, world.clock, visitor, id or f"id of {text}", text)


def answer(world: World, conversation_id: int, body: str, **more: object) -> OutboxItem:
    world.clock.advance(1_000)
    new = NewReply(body=body, **more)  # type: ignore[arg-type]
    return outbox.reply(world.store, world.clock, world.ada, conversation_id, new, account=ACCOUNT)


def seen(world: World, visitor: Visitor, after: int = 0) -> list[tuple[int, str]]:
    return [(each.seq, each.message.body) for each in world.store.chats.lines(visitor.id, after)]


def test_a_chat_is_a_conversation_like_any_other(world: World) -> None:
    promises.keep(world.store, world.clock, {"email": HOUR, "chat": MINUTE})
    ada = arrive(world)
    said = say(world, ada, "Does this helmet fit a child?\nShe is six.")
    row = world.conversation(said.conversation_id)
    assert (row.channel, row.state, row.subject, row.unread) == (
        "chat", "open", "Does this helmet fit a child?", False,
    )  # fmt: skip
    assert row.due_at == world.clock.now() + MINUTE
    again = say(world, ada, "Hello?")
    assert again.conversation_id == said.conversation_id
    assert world.store.ledger.of_message(again.message_id)[0].outcome == "stored"


def test_what_the_browser_repeats_is_there_once(world: World) -> None:
    ada = arrive(world)
    first = say(world, ada, "Hello", "1")
    again = say(world, ada, "Hello", "1")
    assert (again.message_id, again.again) == (first.message_id, True)
    assert seen(world, ada) == [(1, "Hello")]
    assert world.conversation(first.conversation_id).messages == 1


def test_an_answer_is_the_visitors_at_once_and_is_marked_as_they_have_it(world: World) -> None:
    ada = arrive(world)
    said = say(world, ada, "Hello")
    item = answer(world, said.conversation_id, "Hi, how can I help?")
    assert item.state == "sent"
    assert seen(world, ada, 1) == [(2, "Hi, how can I help?")]
    row = world.conversation(said.conversation_id)
    assert (row.state, row.assignee_id, row.due_at) == ("waiting", world.ada.id, None)
    chats.mark(world.store, world.clock, ada, delivered=2)
    assert world.message(item.message_id).outbox_state == "delivered"
    chats.mark(world.store, world.clock, ada, read=2)
    assert world.message(item.message_id).outbox_state == "read"
    chats.mark(world.store, world.clock, ada, delivered=2)
    assert world.message(item.message_id).outbox_state == "read"


def test_what_was_said_in_a_chat_cannot_be_taken_back(world: World) -> None:
    said = say(world, arrive(world), "Hello")
    item = answer(world, said.conversation_id, "Hi")
    with pytest.raises(Lost):
        outbox.undo(world.store, world.clock, item.id)
    assert world.message(item.message_id).body == "Hi"


def test_no_mail_program_takes_what_was_said_in_a_chat(world: World) -> None:
    said = say(world, arrive(world), "Hello")
    answer(world, said.conversation_id, "Hi")
    world.clock.advance(HOUR)
    assert outbox.take_due(world.store, world.clock) == []


def test_a_named_recipient_gets_mail(world: World) -> None:
    ada = arrive(world)
    said = say(world, ada, "Hello")
    item = answer(world, said.conversation_id, "As asked", to=(Address(email="ada@example.org"),), subject="Your order")
    assert item.state == "held"
    assert seen(world, ada) == [(1, "Hello")]


def test_a_stale_answer_is_stopped_in_a_chat_too(world: World) -> None:
    ada = arrive(world)
    first = say(world, ada, "Hello")
    say(world, ada, "It is about order 7")
    with pytest.raises(Lost, match="wrote meanwhile"):
        answer(world, first.conversation_id, "Hi", seen_message_id=first.message_id)


def test_after_the_end_another_chat_begins_with_the_same_customer(world: World) -> None:
    ada = arrive(world)
    first = say(world, ada, "Hello")
    assert chats.end(world.store, world.clock, ada) is not None
    assert chats.end(world.store, world.clock, ada) is None
    second = say(world, ada, "Me again")
    assert second.conversation_id != first.conversation_id
    customers = {world.conversation(each.conversation_id).customer_id for each in (first, second)}
    assert len(customers) == 1
    assert [body for _, body in seen(world, ada)] == ["Hello", "Me again"]


def test_nobody_becomes_somebody_by_typing_their_address(world: World) -> None:
    theirs = world.one(mail("alice@example.com"))
    mallory = arrive(world)
    chats.introduce(world.store, world.clock, mallory, name="Alice", email="alice@example.com")
    said = say(world, mallory, "Where is my order?")
    row = world.conversation(said.conversation_id)
    assert row.customer_id != world.conversation(theirs.conversation_id).customer_id
    customer = world.store.customers.get(row.customer_id)
    assert customer is not None
    assert customer.attributes["e-mail, as they say"] == "alice@example.com"
    assert [identity.kind for identity in customer.identities] == ["visitor"]


def test_who_introduces_themself_later_has_a_name_then(world: World) -> None:
    ada = arrive(world)
    said = say(world, ada, "Hello")
    chats.introduce(world.store, world.clock, ada, email="ada@example.org")
    customer = world.store.customers.get(world.conversation(said.conversation_id).customer_id)
    assert customer is not None
    assert customer.attributes == {"e-mail, as they say": "ada@example.org"}


@pytest.mark.parametrize("address", ["ada", "ada@", "@x", "a@b@c", f"{'a' * 260}@x.example"])
def test_what_is_no_address_is_refused(world: World, address: str) -> None:
    with pytest.raises(Invalid):
        chats.introduce(world.store, world.clock, arrive(world), email=address)


@pytest.mark.parametrize(("id", "text"), [("", "x"), ("x" * 65, "x"), ("1", "  \n"), ("1", "x" * 8_001)])
def test_what_says_nothing_or_too_much_is_refused(world: World, id: str, text: str) -> None:
    with pytest.raises(Invalid):
        chats.say(world.store, world.clock, arrive(world), id, text)


def test_what_comes_from_the_web_passes_the_gate(world: World) -> None:
    ada = arrive(world)
    chats.introduce(world.store, world.clock, ada, name="A\x1b]52;c;x\x07da\u202e")
    said = say(world, ada, "\x1b[2Jhello\x9b31m\u202eolleh")
    message = world.message(said.message_id)
    for text in (
        message.body,
        message.sender.name if message.sender else "",
        world.conversation(said.conversation_id).subject,
    ):
        assert not set(text) & {"\x1b", "\x9b", "\x07", "\u202e"}


def test_only_what_was_said_to_a_visitor_is_shown_to_them(world: World) -> None:
    ada, ben = arrive(world), arrive(world)
    first, second = say(world, ada, "I am Ada"), say(world, ben, "I am Ben")
    merging.merge(world.store, world.clock, world.ada, first.conversation_id, [second.conversation_id])
    inbox.note(world.store, world.clock, world.ada, first.conversation_id, "They share a flat.")
    say(world, ben, "Still Ben")
    assert world.conversation(first.conversation_id).messages == 3
    assert [body for _, body in seen(world, ada)] == ["I am Ada"]
    assert [body for _, body in seen(world, ben)] == ["I am Ben", "Still Ben"]
    answer(world, first.conversation_id, "Hello Ben")
    assert [body for _, body in seen(world, ben, 2)] == ["Hello Ben"]
    assert [body for _, body in seen(world, ada, 1)] == []


def test_a_rating_is_told_once(world: World) -> None:
    ada = arrive(world)
    said = say(world, ada, "Hello")
    for _ in range(2):
        chat = chats.rate(world.store, world.clock, ada, 4, "kind\nand quick")
    assert (chat.rating, chat.comment) == (4, "kind\nand quick")
    events = [m.body for m in world.store.messages.of_conversation(said.conversation_id) if m.direction == "event"]
    assert len(events) == 1
    with pytest.raises(Invalid):
        chats.rate(world.store, world.clock, ada, 6)


def test_a_rating_is_found_where_its_chat_went(world: World) -> None:
    ada, ben = arrive(world), arrive(world)
    first, second = say(world, ada, "I am Ada"), say(world, ben, "I am Ben")
    chats.rate(world.store, world.clock, ben, 2)

    def rated(q: str) -> list[int]:
        query = parse(q, now=world.clock.now())
        ids = world.store.views.ids(Selection(view="all", query=query))
        assert world.store.routing.matching(query, [first.conversation_id, *ids]) == {*ids}
        return ids

    assert (rated("rating:2"), rated("rating:>2")) == ([second.conversation_id], [])
    merging.merge(world.store, world.clock, world.ada, first.conversation_id, [second.conversation_id])
    assert rated("rating:<3") == [first.conversation_id]


def test_a_secret_is_known_on_its_site_only(world: World) -> None:
    arrival = chats.arrive(world.store, world.clock, "site")
    assert chats.known(world.store, "site", arrival.token) == arrival.visitor
    assert chats.known(world.store, "another", arrival.token) is None
    assert chats.known(world.store, "site", arrival.token[:-1]) is None
    assert chats.known(world.store, "site", "") is None


STEP = st.one_of(
    st.tuples(st.just("say"), st.integers(0, 1), st.integers(0, 4)),
    st.tuples(st.just("answer"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("end"), st.integers(0, 1), st.just(0)),
)


@often(60)
@given(st.lists(STEP, max_size=25))
def test_each_visitor_has_all_of_theirs_in_order_and_nothing_else(steps: list[tuple[str, int, int]]) -> None:
    with new_world() as world:
        visitors = [arrive(world), arrive(world)]
        wanted: list[list[str]] = [[], []]
        posted: set[tuple[int, int]] = set()
        for number, (what, who, id) in enumerate(steps):
            if what == "say":
                chats.say(world.store, world.clock, visitors[who], f"{id}", f"{who} says {id}")
                if (who, id) not in posted:
                    wanted[who].append(f"{who} says {id}")
                posted.add((who, id))
            elif what == "end":
                chats.end(world.store, world.clock, visitors[who])
            else:
                chat = world.store.chats.newest_of(visitors[who].id)
                if chat is None or chat.state == "ended":
                    continue
                answer(world, chat.conversation_id, f"answer {number}")
                wanted[who].append(f"answer {number}")
        for visitor, said in zip(visitors, wanted, strict=True):
            assert seen(world, visitor) == list(enumerate(said, 1))
