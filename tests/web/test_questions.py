"""What is asked before a chat: as it is set up, as it is answered, and where the answers stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from connectors.base import Account
from connectors.sites import Refused
from connectors.webchat.questions import Question, checked
from connectors.webchat.settings import parse
from tests.servers.desk import DeskServer
from tests.web.visitors import SITE, address_of, browser

ASK = """
[[accounts.site.ask]]
name = "who"
kind = "name"

[[accounts.site.ask]]
name = "mail"
kind = "email"
required = true

[[accounts.site.ask]]
name = "topic"
kind = "select"
label = { en = "What is it about?", de = "Worum geht es?" }
choices = ["An order", "A bicycle"]
required = true

[[accounts.site.ask]]
name = "order number"
"""


def questions(*given: dict[str, Any]) -> list[Question]:
    return msgspec.convert(list(given), list[Question])


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({"name": ""}, "is no name"),
        ({"name": "a", "kind": "select"}, "write choices"),
        ({"name": "a", "choices": ["b"]}, "write choices"),
        ({"name": "a", "kind": "colour"}, "ask[0].kind"),
        ({"name": "a", "must": True}, "must"),
        ({"name": "a"}, ""),
    ],
)
def test_what_is_wrong_with_a_question_is_told(question: dict[str, Any], told: str) -> None:
    options = {"key": "shop", "origins": ["https://shop.example"], "ask": [question]}
    problems = parse(Account(name="site", options=options))[1]
    assert bool(problems) == bool(told)
    assert told in "".join(problems)


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [("email", "nobody", "bad-address"), ("phone", "call me", "bad-number"), ("select", "Else", "bad-choice"),
     ("text", "x" * 201, "too-long"), ("text", " ", "required")],
)  # fmt: skip
def test_an_answer_that_is_none_is_told(kind: str, value: str, code: str) -> None:
    asked = questions({"name": "q", "kind": kind, "required": True, "choices": ["One"] if kind == "select" else []})
    with pytest.raises(Refused) as refused:
        checked(asked, {"q": value, "another": "x"})
    assert (refused.value.code, refused.value.field) == (code, "q")


async def test_answers_come_first_and_stand_beside_the_conversation(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(SITE.replace("[accounts.support]", f"{ASK}\n[accounts.support]")).start()
    async with browser(await address_of(server)) as ada, server.client() as client:
        await ada.visit()
        early = await ada.ask("messages", {"id": "1", "text": "Hello"})
        assert (early.status_code, early.json()["field"]) == (422, "ask")
        assert (await ada.send("a.txt", b"Hello")).status_code == 422
        wrong = await ada.ask("told", {"answers": {"mail": "ada@example.com"}})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "topic")
        answers = {"who": "Ada", "mail": "ada@example.com", "topic": "An order", "order number": "77\x1b"}
        known = await ada.done("told", {"answers": answers})
        assert known == {
            "name": "Ada", "email": "ada@example.com", "told": {"topic": "An order", "order number": "77␛"},
        }  # fmt: skip
        await ada.say("Hello")
        [row] = (await client.conversations("channel:chat")).items
        first, second = await client.messages(row.id)
        assert (first.direction, first.body) == (
            "event", "asked before the chat, they said topic: An order · order number: 77␛",
        )  # fmt: skip
        assert second.body == "Hello"
        assert row.customer_id is not None
        customer = await client.customer(row.customer_id)
        assert customer.attributes["topic, as they say"] == "An order"
        assert customer.attributes["e-mail, as they say"] == "ada@example.com"
        assert [each.kind for each in customer.identities] == ["visitor"]
        assert (await ada.visit()).said == ["Hello"]
