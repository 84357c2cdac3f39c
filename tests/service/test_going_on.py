"""A chat whose visitor left goes on by mail and comes back, as one conversation; nobody sees what is not theirs."""

from __future__ import annotations

from msgspec.structs import replace

from desk.clock import HOUR, MINUTE
from desk.model import NewReply, OutboxItem, Visitor
from desk.service import chats, going_on, outbox, promises, undo
from tests.service.test_chats import arrive, say, seen
from tests.service.world import ACCOUNT, World, mail

MAILBOX = replace(ACCOUNT, goes_on=True)


def ada_with_address(world: World, address: str = "ada@x.example") -> Visitor:
    return chats.introduce(world.store, world.clock, arrive(world), name="Ada", email=address)


def answer(world: World, conversation_id: int, body: str, *, here: bool, account: object = MAILBOX) -> OutboxItem:
    world.clock.advance(1_000)
    return outbox.reply(
        world.store,
        world.clock,
        world.ada,
        conversation_id,
        NewReply(body=body),
        account=account,  # type: ignore[arg-type]
        here=lambda visitor_id: here,
    )


def leave(world: World) -> None:
    world.clock.advance(HOUR)
    world.send_all()


def test_who_is_there_is_answered_there(world: World) -> None:
    ada = ada_with_address(world)
    id = say(world, ada, "Hello").conversation_id
    assert answer(world, id, "Hi", here=True).state == "sent"
    assert [text for _, text in seen(world, ada)] == ["Hello", "Hi"]


def test_who_has_left_gets_a_mail_and_finds_it_on_the_site_once_it_is_out(world: World) -> None:
    ada = ada_with_address(world)
    id = say(world, ada, "Hello").conversation_id
    item = answer(world, id, "Hi", here=False)
    message = world.message(item.message_id)
    assert (item.state, item.account, [each.email for each in message.to]) == ("held", "support", ["ada@x.example"])
    assert "Hello" not in message.body
    assert [text for _, text in seen(world, ada)] == ["Hello"], "it can still be taken back"
    leave(world)
    assert [text for _, text in seen(world, ada)] == ["Hello", "Hi"]
    assert chats.glance(world.store, ada)[1].state == "active"
    chats.mark(world.store, world.clock, ada, read=2)
    assert world.message(item.message_id).outbox_state == "read"


def test_what_was_taken_back_is_a_draft_for_the_chat_again(world: World) -> None:
    ada = ada_with_address(world)
    id = say(world, ada, "Hello").conversation_id
    item = answer(world, id, "Hi", here=False)
    draft = undo.undo_send(world.store, world.clock, item.id)
    assert (draft.content.body, draft.content.to, draft.content.on_site) == ("Hi", (), False)
    leave(world)
    assert [text for _, text in seen(world, ada)] == ["Hello"]


def test_nothing_goes_by_mail_without_an_address_or_a_mailbox_for_it(world: World) -> None:
    bob, ada = arrive(world), ada_with_address(world)
    for visitor, account in ((bob, MAILBOX), (ada, ACCOUNT), (ada, replace(MAILBOX, address=""))):
        id = say(world, visitor, "Hello", f"{account.goes_on} {account.address} {visitor.id}").conversation_id
        assert answer(world, id, "Hi", here=False, account=account).state == "sent"


def test_a_mail_that_answers_joins_the_chat_and_is_answered_by_mail(world: World) -> None:
    promises.keep(world.store, world.clock, {"email": HOUR, "chat": MINUTE})
    ada = ada_with_address(world)
    id = say(world, ada, "Hello").conversation_id
    item = answer(world, id, "Hi", here=False)
    leave(world)
    came = world.one(mail("ada@x.example", subject="Re: Hello", body="Private", answers=item.rfc_message_id))
    row = world.conversation(id)
    assert (came.conversation_id, came.rule, came.third_party) == (id, "token", False)
    assert (row.channel, row.customer_address, row.due_at) == ("email", "ada@x.example", world.clock.now() + HOUR)
    reply = answer(world, id, "For you alone", here=True)
    assert [each.email for each in world.message(reply.message_id).to] == ["ada@x.example"]
    assert world.message(reply.message_id).in_reply_to == came.rfc_message_id
    leave(world)
    assert [text for _, text in seen(world, ada)] == ["Hello", "Hi"], "whoever typed the address sees none of that"


def test_who_comes_back_goes_on_in_the_same_conversation(world: World) -> None:
    ada = ada_with_address(world)
    id = say(world, ada, "Hello").conversation_id
    item = answer(world, id, "Hi", here=False)
    leave(world)
    world.one(mail("ada@x.example", subject="Re: Hello", body="By mail", answers=item.rfc_message_id))
    assert say(world, ada, "Back again").conversation_id == id
    assert world.conversation(id).channel == "chat"
    answer(world, id, "Welcome", here=True)
    assert [text for _, text in seen(world, ada)] == ["Hello", "Hi", "Back again", "Welcome"]


def test_what_a_stranger_or_a_machine_mails_turns_nothing(world: World) -> None:
    ada = ada_with_address(world)
    id = say(world, ada, "Hello").conversation_id
    item = answer(world, id, "Hi", here=False)
    leave(world)
    world.one(mail("ada@x.example", subject="Away", answers=item.rfc_message_id, kind="auto", auto="auto-replied"))
    world.one(mail("eve@evil.example", subject="Re: Hello", answers=item.rfc_message_id, salt="2"))
    assert world.conversation(id).channel == "chat"


def test_who_ended_the_chat_is_answered_by_mail(world: World) -> None:
    ada = ada_with_address(world)
    id = say(world, ada, "Hello").conversation_id
    chats.end(world.store, world.clock, ada)
    assert answer(world, id, "Hi", here=True).state == "held"
    leave(world)
    assert [text for _, text in seen(world, ada)] == ["Hello", "Hi"]


def test_how_it_stands_is_told(world: World) -> None:
    first, ada = arrive(world), ada_with_address(world)
    say(world, first, "First")
    id = say(world, ada, "Second").conversation_id

    def now(*here: Visitor) -> tuple[int, int, bool, bool]:
        found = going_on.now(world.store, id, lambda visitor: visitor in [each.id for each in here])
        assert found is not None
        return found[1].place, found[1].waiting, found[1].here, found[1].mails

    assert now(first, ada) == (2, 2, True, False)
    assert now(ada) == (1, 1, True, False), "who left stands before nobody"
    assert now(first) == (2, 2, False, True)
    assert going_on.now(world.store, 999, chats.everybody) is None
