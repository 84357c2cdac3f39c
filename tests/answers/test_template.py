"""Placeholders: filled once, never twice, and visible when nothing fills them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.answers.facts import Facts, first_name, known
from desk.answers.template import escape, fill, placeholders, unsettled

NOW = int(datetime(2026, 2, 3, 14, 5, tzinfo=UTC).timestamp() * 1000)
FACTS = Facts(
    now=NOW,
    customer_name="Byron, Ada",
    customer_email="ada@example.org",
    attributes={"order": "4711", "Order Number": "12", "empty": " "},
    agent_name="Ben Okri",
    subject="Broken kettle",
    conversation_id=7,
    account_name="The Shop",
    account_address="help@shop.example",
    zone=UTC,
)
DOCUMENT = Path(__file__).parents[2] / "docs" / "answers.md"
HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from("{}⟦⟧|>\n\x1b customer.name")))


def filled(text: str, facts: Facts = FACTS) -> str:
    return fill(text, facts.lookup).text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Hello {customer.first_name|there},", "Hello Ada,"),
        ("{customer.name} {customer.email}", "Byron, Ada ada@example.org"),
        ("{customer.order} { customer.order_number }", "4711 12"),
        ("{customer.size|unknown size}", "unknown size"),
        ("{customer.empty|-}{customer.size|}", "-"),
        ("{agent.name}, {agent.first_name}", "Ben Okri, Ben"),
        ("#{conversation.id} {conversation.subject}", "#7 Broken kettle"),
        ("{account.name} <{account.address}>", "The Shop <help@shop.example>"),
        ("{date} {date+3d} {date-1w} {time} {time+2h}", "3 February 2026 6 February 2026 27 January 2026 14:05 16:05"),
        ("{{customer.name}} {{ }} {{{customer.order}}}", "{customer.name} { } {4711}"),
        ("a { lone } brace { }", "a ⟦lone⟧ brace { }"),
        ("{\n}", "{\n}"),
    ],
)
def test_filling(text: str, meant: str) -> None:
    assert filled(text) == meant


def test_what_cannot_be_filled_stays_visible_and_is_told() -> None:
    done = fill("Order {customer.size} of {costumer.name}.", FACTS.lookup)
    assert done.text == "Order ⟦customer.size⟧ of ⟦costumer.name⟧."
    assert [(gap.name, gap.why) for gap in done.gaps] == [("customer.size", "empty"), ("costumer.name", "unknown")]
    assert [done.text[gap.start : gap.end] for gap in done.gaps] == ["⟦customer.size⟧", "⟦costumer.name⟧"]
    assert [(gap.name, gap.start, gap.end) for gap in unsettled(done.text)] == [
        (gap.name, gap.start, gap.end) for gap in done.gaps
    ]


def test_only_our_own_words_can_be_unsettled() -> None:
    assert unsettled("{customer.name} and {x} are a customer's own braces") == []
    assert unsettled("> you wrote ⟦order⟧\n>⟦order⟧") == []
    assert unsettled("the semantics ⟦ P ⟧ of a program, ⟦⟧") == []
    assert [gap.name for gap in unsettled("> quoted\nand ⟦order⟧")] == ["order"]


def test_dates_follow_the_language() -> None:
    german = Facts(now=NOW, language="de-AT", zone=UTC)
    assert filled("{date} {time}", german) == "3. Februar 2026 14:05"
    assert filled("{date}", Facts(now=NOW, language="en-US", zone=UTC)) == "February 3, 2026"
    assert filled("{date}", Facts(now=NOW, language="xx-nowhere", zone=UTC)) == "3 February 2026"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ada Byron", "Ada"),
        ("Byron, Ada", "Ada"),
        ("Dr. Ada Byron", "Ada"),
        ("Frau Prof. Ada Byron", "Ada"),
        ("Dr.", "Dr."),
        ("李小龍", "李小龍"),
        ("Byron,", "Byron"),
        ("", ""),
    ],
)
def test_first_names(name: str, first: str) -> None:
    assert first_name(name) == first


def test_every_documented_placeholder_is_known() -> None:
    _, _, after = DOCUMENT.read_text("utf-8").partition("| placeholder |")
    documented = re.findall(r"`\{([^}|]+)\}`", after.split("\n\n")[0])
    assert len(documented) >= 12
    assert all(known(name) for name in documented)
    assert not known("costumer.name")


@given(HOSTILE, HOSTILE, st.dictionaries(HOSTILE, HOSTILE, max_size=3))
def test_values_never_become_placeholders_or_marks(name: str, subject: str, attributes: dict[str, str]) -> None:
    facts = Facts(now=NOW, customer_name=name, subject=subject, attributes=attributes, zone=UTC)
    template = "<{customer.name|-}> <{conversation.subject|-}> <{customer.x|-}>"
    done = fill(template, facts.lookup)
    assert done.gaps == ()
    assert unsettled(done.text) == [] or done.text.startswith(">")
    assert fill(f"{{{{{name}}}}}", facts.lookup).text.startswith("{")


@given(HOSTILE)
def test_gaps_are_where_the_marks_are(text: str) -> None:
    done = fill(text, FACTS.lookup)
    for gap in done.gaps:
        assert done.text[gap.start : gap.end] == f"⟦{gap.name}⟧"
    if not any(mark in text for mark in "⟦⟧>"):
        assert [(gap.start, gap.end) for gap in unsettled(done.text)] == [(gap.start, gap.end) for gap in done.gaps]


@given(HOSTILE)
def test_escaped_text_comes_out_as_it_was(text: str) -> None:
    assert filled(escape(text)) == text
    assert list(placeholders(escape(text))) == []


@given(st.text(st.characters(exclude_characters="{}")))
def test_text_without_braces_is_left_alone(text: str) -> None:
    assert filled(text) == text
