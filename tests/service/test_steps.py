"""Steps in words: understood, told back, done, and refused with what to write instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.clock import DAY
from desk.service import inbox
from desk.service.errors import Invalid, NotFound, ServiceError
from desk.service.steps import Means, run
from desk.steps import Assign, Reply, SetQueue, StepError, Tag, parse, render
from tests.service.world import ACCOUNT, World, mail

SAID = [
    "resolve",
    "reopen",
    "spam",
    "claim",
    "read",
    "unread",
    "tag +refund -old",
    'tag +"late delivery" +vip -"a, \\"b\\""',
    "assign me",
    "assign nobody",
    "assign ada",
    "snooze 3d",
    "snooze tomorrow 9:00",
    "priority high",
    "queue Late Returns",
    "queue none",
    "transfer ben",
    "transfer ben Please call\nher",
    'transfer queue:"Late Returns" it\'s "odd',
    "note call back\non Monday",
    "reply ::late",
    "reply Thanks,\n\nwe look into it.",
]


@pytest.mark.parametrize("text", SAID)
def test_what_is_understood_is_told_back(text: str) -> None:
    assert render(parse(text)) == text


def test_there_is_more_than_one_way_to_say_it() -> None:
    assert parse("  TAG refund,#vip -#old ") == Tag(add=("refund", "vip"), remove=("old",))
    assert parse('tag "late delivery", -#"old one"') == Tag(add=("late delivery",), remove=("old one",))
    assert parse("assign @ben") == Assign("ben")
    assert parse("queue   Late   Returns") == SetQueue("Late Returns")
    assert parse("reply\nHello") == Reply(text="Hello")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "one of resolve"),
        ("resolv", "did you mean resolve"),
        ("resolve now", "stands alone"),
        ("snooze", "write snooze 3d"),
        ("snooze soonish", "tomorrow"),
        ("tag", "write tag"),
        ("tag + -", "write tag"),
        ("tag +refund -", "- has no tag"),
        ('tag +"late', "quote is not closed"),
        ("assign", "assign me"),
        ("priority high!", "low|normal|high|urgent"),
        ("queue", "queue NAME"),
        ("note  ", "note TEXT"),
        ("reply", "reply ::SHORTCUT"),
        ("reply ::", "reply ::SHORTCUT"),
        ("reply ::late thanks", "one word"),
    ],
)
def test_what_is_not_understood_says_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(StepError) as error:
        parse(text)
    assert hint in str(error.value)


@given(st.one_of(st.text(), st.sampled_from(SAID).flatmap(lambda said: st.text().map(lambda more: f"{said}{more}"))))
def test_whatever_is_understood_is_told_back_as_itself(text: str) -> None:
    try:
        step = parse(text)
    except StepError:
        return
    assert parse(render(step)) == step


def test_steps_are_done(world: World) -> None:
    id = world.one(mail()).conversation_id

    def do(text: str) -> object:
        return run(world.store, world.clock, world.ada, id, parse(text))

    do("tag +refund +old")
    do("tag -old")
    do('tag +"late delivery"')
    do("priority urgent")
    do("queue Returns")
    do("assign BEN")
    conversation = world.conversation(id)
    assert (conversation.tags, conversation.priority, conversation.queue_name) == (
        ("late delivery", "refund"),
        "urgent",
        "Returns",
    )
    assert conversation.assignee_name == "Ben"
    do("assign nobody")
    do("claim")
    do("note look at this")
    do("read")
    do("unread")
    assert world.conversation(id).assignee_name == "Ada"
    do("snooze 3d")
    assert world.conversation(id).snoozed_until == world.clock.now() + 3 * DAY
    for said, state in (("reopen", "open"), ("resolve", "resolved"), ("spam", "spam")):
        do(said)
        assert world.conversation(id).state == state


def test_what_stands_in_the_way_is_told(world: World) -> None:
    id = world.one(mail()).conversation_id
    inbox.claim(world.store, world.clock, world.ben, id)
    for said, kind in (("claim", ServiceError), ("assign nobody-known", NotFound), ("reply Hello", Invalid)):
        with pytest.raises(kind):
            run(world.store, world.clock, world.ada, id, parse(said))
    with pytest.raises(NotFound):
        run(world.store, world.clock, world.ada, 4_711, parse("resolve"))


def test_a_reply_goes_to_the_outbox(world: World) -> None:
    id = world.one(mail()).conversation_id
    means = Means(sender=lambda _: ACCOUNT)
    run(world.store, world.clock, world.ada, id, parse("reply On its way."), means)
    (item,) = world.store.outbox.in_states(("held",))
    assert item.content is not None
    assert (item.conversation_id, item.content.body) == (id, "On its way.")
